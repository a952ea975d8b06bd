"""Frames: sizes, filters, files, color, contact sheets."""
