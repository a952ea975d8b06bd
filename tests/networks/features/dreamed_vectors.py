"""Writes vectors of channels: `python -m tests.networks.features.dreamed_vectors squeezenet1_1 fire7 fire8`.

Each channel of each layer that is named is dreamed, which takes minutes for a layer; the vectors of others stay.
"""

from __future__ import annotations

import sys

import numpy as np
import torch

from zoomdream.dreaming.feature_visualization import visualize
from zoomdream.networks import Network, load_network
from zoomdream.networks.features.channel_likeness import CHANNELS_FOLDER
from zoomdream.networks.features.vectors import Vectors, vectors_of
from zoomdream.settings import VisualizeSettings

_SIDE = 96  # of a dream in pixels; more where the layer needs it
_STEPS = 40
_ROUSED = 2  # a channel dreams whose own dream rouses it so much more than the others' dreams do
_FAINT = 0.6  # of the usual contrast: a dream that is grayer is none to look at


def dreamed_vectors(network: Network, layer: str) -> Vectors:
    """Of a layer's channels, from what each answers to the dreams of all."""
    settings = VisualizeSettings(size=max(_SIDE, network.smallest_input([layer])), steps=_STEPS, batch=32)
    names = [f"{layer}:{channel}" for channel in range(network.layer(layer).channels)]
    answers, contrasts = [], []
    for dream in visualize(network, names, settings):
        with torch.no_grad():
            answers.append(network.activations(dream, [layer])[layer].clamp(min=0).mean((0, 2, 3)).numpy())
        contrasts.append(float(dream.std()))
    return vectors_of(np.stack(answers), _dreams(np.stack(answers), np.array(contrasts)))


def _dreams(answers: np.ndarray, contrasts: np.ndarray) -> np.ndarray:
    """Which channels dream, from channels x channels answers and a number for each dream."""
    own = answers.diagonal()
    return (own > _ROUSED * np.median(answers, axis=0)) & (contrasts > _FAINT * np.median(contrasts))


def main(name: str, *layers: str) -> None:
    """Write the vectors of a network's layers into its table."""
    network, file = load_network(name, device="cpu", dtype=torch.float32), CHANNELS_FOLDER / f"{name}.npz"
    tables: dict[str, Vectors] = {}
    if file.exists():
        with np.load(file) as content:
            tables = {label: content[label] for label in content.files}
    tables |= {network.layer(layer).label: dreamed_vectors(network, layer) for layer in layers}
    np.savez_compressed(file, **tables)  # type: ignore[arg-type]  # of numpy's stubs


if __name__ == "__main__":
    main(*sys.argv[1:])
