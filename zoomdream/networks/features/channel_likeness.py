"""Which of a layer's channels dream alike: a vector for each, as close as their dreams are. Needs no torch where it is
known.

For some layers the vectors lie in `described/channels/`. They were found by dreaming: each channel's picture from
noise, and how strongly all channels of the layer answer to it; channels whose picture does not rouse them more than the
others' pictures, or is gray, dream nothing. `tests/networks/features/dreamed_vectors.py` writes them anew. For other
layers, and for the user's own weights, they are measured on pictures of dead leaves.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from zoomdream.networks.descriptions import FOLDER, describe_layers
from zoomdream.networks.features.vectors import Vectors
from zoomdream.networks.registry import network_info

CHANNELS_FOLDER = FOLDER / "channels"
"""Where the vectors lie: NAME.npz, in it an array for each layer."""


@lru_cache(maxsize=64)
def channel_vectors(network: str, layer: str, weights: Path | None = None) -> Vectors:
    """A vector for each channel of a layer: the cosine of two is how much their dreams are alike.

    `weights` is a file of the user's own. What is not known is measured: that loads the network on the CPU, and takes
    seconds. Raises UnknownNameError, and what `load_network` does.
    """
    known = known_vectors(network, layer, weights)
    if known is not None:
        return known
    from zoomdream.networks.features.channel_responses import measured_vectors

    return measured_vectors(network, layer, weights)


def known_vectors(network: str, layer: str, weights: Path | None = None) -> Vectors | None:
    """The vectors where they are known without a measurement. Raises UnknownNameError for the network."""
    name = network_info(network).name
    label = next((each.label for each in describe_layers(name) if layer in (each.label, each.name, *each.aliases)), "")
    return _tables(name).get(label) if weights is None else None


@lru_cache(maxsize=8)
def _tables(network: str) -> dict[str, Vectors]:
    path = CHANNELS_FOLDER / f"{network}.npz"
    if not path.is_file():
        return {}
    with np.load(path) as file:
        return {name: file[name] for name in file.files}
