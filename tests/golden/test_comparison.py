"""The comparison itself: it fails where it must, and shows why."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.golden.test_pictures import TOLERANCE, still
from tests.support.golden import FOLDER, Difference, GoldenPictures
from zoomdream.networks import Network


def test_a_still_fails_against_the_dream_of_another_seed(network: Network, photos: Path, tmp_path: Path) -> None:
    """`deliberately_wrong.png` is the same still with seed 6: no `--update-golden` writes it."""
    with pytest.raises(AssertionError, match="differs from deliberately_wrong") as failure:
        GoldenPictures(tmp_path).check("deliberately_wrong", [still(network, photos / "coffee.png")], TOLERANCE)
    path = Path(re.findall(r"difference x8: (\S+\.png)", str(failure.value))[0])
    assert path.parent == tmp_path
    picture = np.array(Image.open(path))
    expected = np.array(Image.open(FOLDER / "deliberately_wrong.png"))
    assert picture.shape == (3 * 64 + 2 * 4, 96, 3)
    assert np.array_equal(picture[:64], expected)
    levels = np.abs(picture[:64].astype(int) - picture[68:132])
    assert np.array_equal(picture[136:], np.clip(levels * 8, 0, 255))


def test_a_few_wrong_pixels_are_enough(tmp_path: Path) -> None:
    """The mean forgives a spot, the 99th percentile does not; and every frame counts, not their average."""
    plain = torch.full((1, 3, 20, 20), 0.5)
    spotted = plain.clone()
    spotted[..., :3, :3] = 0.7
    GoldenPictures(tmp_path, update=True, folder=tmp_path).check("plain", [plain, plain], TOLERANCE)
    pictures = GoldenPictures(tmp_path, folder=tmp_path)
    pictures.check("plain", [plain, plain], Difference(0, 0))
    with pytest.raises(AssertionError, match=r"frame 1 differs .* mean 1\.1\d, 99th percentile 5[01] "):
        pictures.check("plain", [plain, spotted], TOLERANCE)


def test_a_missing_or_misshapen_golden_fails(tmp_path: Path) -> None:
    pictures = GoldenPictures(tmp_path, folder=tmp_path)
    with pytest.raises(AssertionError, match="missing: write it with pytest --update-golden"):
        pictures.check("none", [torch.zeros(1, 3, 8, 8)], TOLERANCE)
    shutil.copy(FOLDER / "still.png", tmp_path / "still.png")
    with pytest.raises(AssertionError, match=r"another size: \(96, 64\)"):
        pictures.check("still", [torch.zeros(1, 3, 8, 8)], TOLERANCE)
