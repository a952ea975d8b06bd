"""Presets in the studio: their files, their checks, and edits that keep what else stands in them."""
