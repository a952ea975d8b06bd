"""Masks of films that are drawn for each frame or move: from shapes, files, videos and what moves in the source."""
