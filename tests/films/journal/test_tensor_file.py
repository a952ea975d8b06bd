"""States are written piece by piece, as safetensors files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save

from zoomdream.films.journal.tensor_file import write_tensors


def test_the_file_is_the_one_that_safetensors_writes(tmp_path: Path) -> None:
    rng = torch.Generator().manual_seed(1)
    tensors = {
        "start": torch.rand(1, 3, 37, 51, generator=rng),
        "palette_mean": torch.rand(1, 3, 1, 1, generator=rng),
        "camera": torch.rand(3, 3, generator=rng, dtype=torch.float64),
        "dreamed": torch.rand(1, 3, 8, 5, generator=rng),
    }
    with (tmp_path / "state").open("wb") as file:
        digest = write_tensors(file, tensors)
    content = (tmp_path / "state").read_bytes()
    assert content == save(tensors)
    assert digest == hashlib.sha256(content).hexdigest()
    loaded = load_file(tmp_path / "state")
    assert all(torch.equal(loaded[name], tensor) for name, tensor in tensors.items())


def test_a_type_that_no_state_has_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "state").open("wb") as file, pytest.raises(KeyError):
        write_tensors(file, {"count": torch.ones(2, dtype=torch.int16)})
