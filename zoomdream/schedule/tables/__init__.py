"""Tracks as columns, and as rows of settings for each frame."""
