"""Commands that show a film before it is rendered, or what a finished one is."""
