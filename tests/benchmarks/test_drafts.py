"""The measures of drafts: similarity, features, and the table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import drafts
from zoomdream.images.frame import from_uint8
from zoomdream.images.pictures.loading import load_image
from zoomdream.networks import load_network


def test_similarity_is_one_for_equal_pictures_and_less_for_others(photos: Path) -> None:
    skimage = pytest.importorskip("skimage.metrics")
    one = load_image(photos / "coffee.png")[..., :96, :128].contiguous()
    noisy = (one + 0.1 * torch.randn(one.shape, generator=torch.Generator().manual_seed(0))).clamp(0, 1)
    assert drafts.ssim(one, one) == pytest.approx(1)
    grays = [np.array(Image.fromarray((frame[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)).convert("L"))
             for frame in (one, noisy)]  # fmt: skip
    theirs = skimage.structural_similarity(*grays, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    assert drafts.ssim(noisy, one) == pytest.approx(theirs, abs=0.02)


def test_features_tell_pictures_apart(photos: Path) -> None:
    features = drafts.Features(load_network(), 64)
    one = load_image(photos / "coffee.png")[..., :64, :64].contiguous()
    assert features.distance(one, one) == 0
    assert features.distance(from_uint8(np.zeros((64, 64, 3), np.uint8)), one) > 0.3


def test_the_table_and_the_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["canvas={size: 416x240, fps: 24, duration: 6f}", "dream.octaves=1", "dream.steps=1"]
    options = [word for change in small for word in ("--set", change)]
    sheet = tmp_path / "sheet.png"
    moments = ["--seconds", "0.1", "--moments", "1", "--later", "1", "--run-up", "2", "--width", "320"]
    drafts.main(["neon", *options, *moments, "--sheet", str(sheet), "--stand-ins"])
    row = capsys.readouterr().out.splitlines()[-1].split()
    assert row[0] == "neon"
    assert row[-1] in ("features", "SSIM", "none")
    assert 0 < float(row[1]) < 1
    assert Image.open(sheet).width > 3 * 310
