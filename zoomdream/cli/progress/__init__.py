"""How far jobs are, as bars, lines or JSON."""
