"""Measurements that anyone can repeat: `python -m benchmarks.ascent`, `python -m benchmarks.film`."""
