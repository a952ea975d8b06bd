"""Measurements that anyone can repeat: `python -m benchmarks.ascent`, `python -m benchmarks.film`."""

import zoomdream  # noqa: F401  sets the environment that PyTorch reads when it is imported
