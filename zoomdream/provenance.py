"""What made a picture or a film, in the words that its metadata carries."""

from __future__ import annotations

from zoomdream import __version__


def recipe(network: str, what: str, seed: int | None, *details: str) -> str:
    """`zoomdream 0.1.0: squeezenet1_1 fire8=1, seed 0, ...`; no seed where nothing is random, no empty details."""
    seeded = [] if seed is None else [f"seed {seed}"]
    return ", ".join([f"zoomdream {__version__}: {network} {what}", *seeded, *filter(None, details)])
