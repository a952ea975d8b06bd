"""Vectors of channels: what is known beforehand is complete, and what is not is measured."""

from __future__ import annotations

import numpy as np
import pytest

from zoomdream.dreaming.feature_visualization import visualize
from zoomdream.errors import UnknownNameError
from zoomdream.networks import describe_layers, load_network
from zoomdream.networks.features.channel_likeness import CHANNELS_FOLDER, channel_vectors
from zoomdream.networks.features.channel_responses import dead_leaves
from zoomdream.networks.features.vectors import DIMENSIONS, vectors_of
from zoomdream.settings import VisualizeSettings

KNOWN = {file.stem: file for file in CHANNELS_FOLDER.glob("*.npz")}


def test_the_network_in_the_box_is_known() -> None:
    assert "squeezenet1_1" in KNOWN


@pytest.mark.parametrize("name", KNOWN)
def test_each_vector_is_of_a_channel_and_most_channels_dream(name: str) -> None:
    layers = {layer.label: layer for layer in describe_layers(name)}
    with np.load(KNOWN[name]) as file:
        for label in file.files:
            vectors = channel_vectors(name, label)
            assert vectors.shape == (layers[label].channels, DIMENSIONS)
            lengths = np.linalg.norm(vectors.astype(float), axis=1)
            assert np.all((lengths == 0) | (abs(lengths - 127) < 3))
            assert np.count_nonzero(lengths) > 0.5 * len(lengths)


def test_a_layer_has_one_answer_under_all_its_names() -> None:
    assert np.array_equal(channel_vectors("squeezenet1_1", "features.11"), channel_vectors("squeezenet1_1", "fire8"))


def test_channels_that_answer_alike_are_alike() -> None:
    rng = np.random.default_rng(0)
    kinds = rng.random((5, 400)) ** 8
    responses = np.repeat(kinds, 3, axis=0) * rng.uniform(0.5, 2, (15, 1)) + 1e-3 * rng.random((15, 400))
    vectors = vectors_of(responses.astype(np.float32), np.arange(15) != 7).astype(float) / 127
    likeness = vectors @ vectors.T
    same = np.equal.outer(np.arange(15) // 3, np.arange(15) // 3) & (np.arange(15) != 7) & (np.arange(15) != 7)[:, None]
    assert likeness[same].min() > 0.9
    assert likeness[~same].max() < 0.2
    assert not vectors[7].any()


def test_dead_leaves_are_pictures_that_are_always_the_same() -> None:
    picture = dead_leaves(3, 64)
    assert picture.shape == (64, 64, 3)
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert picture.std() > 0.1
    assert np.array_equal(picture, dead_leaves(3, 64))
    assert not np.array_equal(picture, dead_leaves(4, 64))


def test_what_is_not_known_is_measured() -> None:
    vectors = channel_vectors("squeezenet1_1", "fire4.squeeze")
    assert vectors.shape == (32, DIMENSIONS)
    assert np.count_nonzero(vectors.any(axis=1)) > 16


def test_a_layer_that_is_not_there() -> None:
    with pytest.raises(UnknownNameError, match="has no layer 'fire88'; did you mean fire8"):
        channel_vectors("squeezenet1_1", "fire88")
    with pytest.raises(UnknownNameError, match="there is no network 'squeezenet'"):
        channel_vectors("squeezenet", "fire8")


def test_what_is_alike_answers_to_the_same_dreams() -> None:
    network, vectors = load_network("squeezenet1_1"), channel_vectors("squeezenet1_1", "fire8").astype(float)
    pairs = [(24, 39), (496, 339), (289, 338), (24, 33), (50, 21), (338, 33)]  # three alike, three unlike
    channels = sorted({channel for pair in pairs for channel in pair})
    settings = VisualizeSettings(size=96, steps=12, batch=6)
    dreams = visualize(network, [f"fire8:{channel}" for channel in channels], settings)
    answers = [network.activations(dream, ["fire8"])["fire8"].mean((0, 2, 3)).sqrt().numpy() for dream in dreams]
    found = np.corrcoef(answers - np.mean(answers, axis=0))
    known = [vectors[a] @ vectors[b] for a, b in pairs]
    seen = [found[channels.index(a), channels.index(b)] for a, b in pairs]
    assert min(known[:3]) > max(known[3:])
    assert min(seen[:3]) > max(seen[3:])
