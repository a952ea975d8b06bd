"""Weights files that no network was saved in: refused in one sentence, without much memory or time."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.support.networks import random_state
from zoomdream.errors import WeightsError
from zoomdream.networks import blueprint, load_network
from zoomdream.networks.weights import read_weights


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("a quantized tensor", lambda weight: torch.quantize_per_tensor(weight, 0.1, 0, torch.qint8)),
        ("a sparse tensor", lambda weight: weight.to_sparse()),
        ("a tensor of complex numbers", lambda weight: weight.to(torch.complex64)),
        ("a tensor without data", lambda weight: weight.to("meta")),
        ("a nested tensor", lambda weight: torch.nested.nested_tensor([torch.zeros(3), torch.zeros(2)])),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_tensors_that_are_no_weights(tmp_path: Path, kind: str, change: Callable[[Tensor], Tensor]) -> None:
    state = random_state()
    state["features.0.weight"] = change(state["features.0.weight"])
    torch.save(state, tmp_path / "a.pth")
    with pytest.raises(WeightsError, match=rf"a.pth: 'features.0.weight' is {kind}: save"):
        load_network(weights=tmp_path / "a.pth")


@pytest.mark.parametrize("classes", [0, 10**9])
def test_numbers_of_classes_that_no_network_has(tmp_path: Path, classes: int) -> None:
    state = random_state()
    *_, weight, bias = state
    state[weight], state[bias] = state[weight][:1].expand(classes, -1, -1, -1), torch.zeros(1).expand(classes)
    torch.save(state, tmp_path / "a.pth")
    message = f"is for {classes} classes: a network has from 1 to 1000000"
    with pytest.raises(WeightsError, match=message):
        load_network(weights=tmp_path / "a.pth")
    with pytest.raises(WeightsError, match=message):
        blueprint("squeezenet1_1", tmp_path / "a.pth")


def test_an_archive_that_grows_without_end_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", bytes(20_000_000))
    with pytest.raises(WeightsError, match="would be 20 MB unpacked"):
        read_weights(path)


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices as Unix has them")
def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pth")
    (tmp_path / "folder.pth").mkdir()
    (tmp_path / "device.pth").symlink_to("/dev/zero")
    (tmp_path / "loop.pth").symlink_to(tmp_path / "loop.pth")
    for name in ("pipe.pth", "folder.pth", "device.pth", "loop.pth", "a\0b.pth"):
        with pytest.raises(WeightsError, match="there is no weights file"):
            read_weights(tmp_path / name)
    with pytest.raises(WeightsError, match="cannot be read: File name too long"):
        read_weights(tmp_path / f"{'x' * 5000}.pth")
