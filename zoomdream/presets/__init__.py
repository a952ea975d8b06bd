"""Presets: YAML files that describe films."""
