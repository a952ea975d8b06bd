"""Texts of YAML as documents: characters, positions, and the place of each value."""
