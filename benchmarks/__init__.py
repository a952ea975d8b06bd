"""Measurements that anyone can repeat: `python -m benchmarks.ascent`, `.film`, `.films`, `.planning`."""

import zoomdream  # noqa: F401  sets the environment that PyTorch reads when it is imported
