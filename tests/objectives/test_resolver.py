"""Objectives found in a network, and what it does not have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from zoomdream.errors import SettingError, SourceError, UnknownNameError
from zoomdream.images.pictures.saving import save_image
from zoomdream.networks import LOGITS, Network, Tap
from zoomdream.objectives import DirectionSpec, LayerSpec, resolve
from zoomdream.objectives.terms import DirectionTerm


def test_guides_are_read_at_a_size_that_suits_with_a_warning(network: Network, photos: Path, tmp_path: Path) -> None:
    assert resolve(network, f"guide:fire6:{photos}/coffee.png").warnings == (
        "guide coffee.png is 600x400 and is read at 512x341",
    )
    save_image(torch.rand(1, 3, 8, 12), tmp_path / "tiny.png")
    (warning,) = resolve(network, f"guide:fire8:{tmp_path}/tiny.png").warnings
    assert warning.startswith("guide tiny.png is 12x8 and is read at ")
    save_image(torch.rand(1, 3, 1, 3000), tmp_path / "line.png")
    (warning,) = resolve(network, f"guide:fire8:{tmp_path}/line.png").warnings
    width, height = (int(side) for side in warning.rpartition(" ")[2].split("x"))
    assert width <= 512
    assert height == network.smallest_input(["fire8"])


def test_classes_by_index_by_name_and_wrong(network: Network) -> None:
    for name in ("espresso", "Espresso", 967, "967"):
        assert resolve(network, f"class:{name}").tap == Tap(LOGITS, before_relu=True)
        assert str(resolve(network, f"class:{name}").spec) == "class:967"
    assert str(resolve(network, "class:egyptian_cat").spec) == "class:285"
    with pytest.raises(UnknownNameError, match="did you mean espresso or espresso maker"):
        resolve(network, "class:expresso")
    with pytest.raises(SettingError, match=r"no class 1000: it has 1000, from 0 to 999"):
        resolve(network, "class:1000")
    assert str(resolve(network, "class:cardigan").spec) == "class:474"
    with pytest.raises(UnknownNameError, match=r"names 2 classes .* write 264 \(Cardigan\) or 474 \(cardigan\)"):
        resolve(network, "class:CARDIGAN")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("fire8:512", SettingError, "layer fire8 of squeezenet1_1 has no channel 512: it has 512, from 0 to 511"),
        ("fire8:9999@center", SettingError, "no channel 9999"),
        ("direction:fire8:512", SettingError, "no channel 512"),
        ("direction:fire8:3+3*-1", SettingError, "points nowhere"),
        ("guide:fire6:none.jpg", SourceError, "guide none.jpg: no such file"),
        ("fire8 in none.png", SourceError, "mask none.png: no such file"),
        ("direction:fire8:none.npy", SourceError, "direction none.npy: no such file"),
        ("fire99:3", UnknownNameError, "fire9"),
        ("fire8@center", SettingError, "names no channel: a neuron is a channel at a place, as in fire8:17@center"),
        ("nothing", UnknownNameError, "known: conv1, fire2, fire3, .* and .* more"),
        ("classifier.3:3@0.2/0.2", UnknownNameError, "is no map of features: its size does not follow the picture's"),
    ],
)
def test_what_a_network_does_not_have_is_named(network: Network, text: str, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        resolve(network, text)


def test_vectors_and_masks_that_make_no_sense(network: Network, tmp_path: Path) -> None:
    np.save(tmp_path / "short.npy", np.ones(3))
    with pytest.raises(SettingError, match=r"has shape \(3,\): layer fire8 .* each of its 512 channels"):
        resolve(network, f"direction:fire8:{tmp_path}/short.npy")
    np.save(tmp_path / "nan.npy", np.full(512, np.nan))
    with pytest.raises(SettingError, match="not finite"):
        resolve(network, f"direction:fire8:{tmp_path}/nan.npy")
    (tmp_path / "bad.npy").write_bytes(b"no array")
    with pytest.raises(SourceError, match="cannot be read as a NumPy array"):
        resolve(network, f"direction:fire8:{tmp_path}/bad.npy")
    save_image(torch.zeros(1, 3, 8, 8), tmp_path / "black.png")
    with pytest.raises(SettingError, match="black everywhere"):
        resolve(network, f"fire8 in {tmp_path}/black.png")


@pytest.mark.parametrize("scale", [1e308, 1e38, 1.0, 1e-40, 1e-308])
def test_a_directions_length_does_not_matter_however_large_or_small(
    network: Network, tmp_path: Path, scale: float
) -> None:
    numbers = np.random.default_rng(0).uniform(-1, 1, 512)
    np.save(tmp_path / "plain.npy", numbers)
    np.save(tmp_path / "scaled.npy", numbers * scale)
    plain, scaled = (resolve(network, f"direction:fire8:{tmp_path}/{name}.npy") for name in ("plain", "scaled"))
    assert isinstance(plain, DirectionTerm)
    assert isinstance(scaled, DirectionTerm)
    assert torch.allclose(plain.vector, scaled.vector, atol=1e-6)
    assert plain.vector.norm() == pytest.approx(1)


def test_a_directions_factors_may_be_as_large(network: Network) -> None:
    term = resolve(network, "direction:fire8:3*1e308+7*1e308")
    assert isinstance(term, DirectionTerm)
    assert term.vector[[3, 7]].tolist() == pytest.approx([0.5**0.5] * 2)
    with pytest.raises(SettingError, match="not finite: 1 of 1"):
        resolve(network, DirectionSpec(layer="fire8", vector=((3, float("nan")),)))


def test_a_direction_is_exactly_its_numbers_over_their_length(network: Network, tmp_path: Path) -> None:
    """In float32, as films have been rendered with it."""
    numbers = np.random.default_rng(0).normal(0, 300, 512)
    np.save(tmp_path / "a.npy", numbers)
    term = resolve(network, f"direction:fire8:{tmp_path}/a.npy")
    assert isinstance(term, DirectionTerm)
    exact = torch.from_numpy(numbers.astype(np.float32))
    assert torch.equal(term.vector, exact / exact.norm())


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_guide_and_a_mask_with_numbers_that_are_none_are_refused(
    network: Network, tmp_path: Path, value: float
) -> None:
    pixels = np.full((64, 64), 0.5, np.float32)
    pixels[3, 4] = value
    Image.fromarray(pixels).save(tmp_path / "a.tif")
    with pytest.raises(SourceError, match=r"guide .*a.tif.*: 1 of its 4096 pixels are NaN or infinite"):
        resolve(network, f"guide:fire5:{tmp_path}/a.tif")
    with pytest.raises(SourceError, match=r"mask .*a.tif.*: 1 of its 4096 pixels are NaN or infinite"):
        resolve(network, LayerSpec(layer="fire5", mask=tmp_path / "a.tif"))


def test_a_guides_features_that_overflow_are_refused(
    network: Network, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Network.activations

    def overflow(*arguments: Any, **named: Any) -> dict[str | Tap, torch.Tensor]:
        return {tap: values * float("inf") for tap, values in original(*arguments, **named).items()}

    monkeypatch.setattr(Network, "activations", overflow)
    with pytest.raises(SettingError, match=r"of the guide's .* activations are NaN or infinite"):
        resolve(network, f"guide:fire5:{photos}/coffee.png")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }",
            r"has shape \(1000000000000,\): layer",
        ),
        (
            "{'descr': '|O', 'fortran_order': False, 'shape': (512,), }",
            r"has shape \(512,\), and object for its numbers",
        ),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (512,), }", "cannot be read as a NumPy array"),
        ("(" * 3000, "cannot be read as a NumPy array"),
    ],
    ids=["huge", "objects", "short", "nested"],
)
def test_a_vectors_header_is_compared_before_anything_is_allocated(
    network: Network, tmp_path: Path, header: str, message: str
) -> None:
    text = header.encode() + b"\n"
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text)
    with pytest.raises((SourceError, SettingError), match=message):
        resolve(network, f"direction:fire8:{tmp_path}/a.npy")


def test_pipes_are_no_vectors_masks_or_guides(network: Network, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npy")
    for objective in ("direction:fire8:{}", "fire8 in {}", "guide:fire6:{}"):
        with pytest.raises(SourceError, match="is a pipe"):
            resolve(network, objective.format(tmp_path / "pipe.npy"))
