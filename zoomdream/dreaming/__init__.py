"""Dreams one frame."""
