"""Previews: what a film will be, seen before it is rendered."""
