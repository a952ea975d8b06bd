"""What made a picture or a film, in the line that its metadata carries."""

from __future__ import annotations

from zoomdream import __version__


def provenance_line(network: str, what: str, seed: int | None, *details: str) -> str:
    """`zoomdream 0.1.0: squeezenet1_1 fire8=1, seed 0, ...`.

    `what` names the objectives. `seed` is None where nothing is random. Empty `details` are left out.
    """
    seeds = [] if seed is None else [f"seed {seed}"]
    return ", ".join([f"zoomdream {__version__}: {network} {what}", *seeds, *filter(None, details)])
