"""sheet, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from PIL import Image

from tests.support.commands import QUIET, zoomdream


def test_a_layers_channels(tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    options = ("--layer", "fire3", "--channels", "3,17,31", "--cell", "96", "--steps", "2", "--progress", "json")
    result = zoomdream("sheet", "squeezenet1_1", "-o", out, *options)
    assert result.exit_code == 0, result.output
    records = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    assert records[-1]["step"] == records[-1]["steps"] == 3 * 2
    width, height = Image.open(out).size
    assert 3 * 96 < width < 4 * 96
    assert 96 < height < 3 * 96


def test_a_photo_at_every_layer(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    options = ("--image", photos / "coffee.png", "--cell", "160", "--steps", "1", "--layers", "fire3,fire5,fire8")
    result = zoomdream("sheet", "squeezenet1_1", "-o", out, *options, "--columns", "2", "--progress", "json")
    assert result.exit_code == 0, result.output
    records = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    assert records[-1]["step"] == records[-1]["steps"] == len(records)
    assert {record["now"].split(",")[0] for record in records} == {"fire3", "fire5", "fire8"}
    width, height = Image.open(out).size
    assert 2 * 160 < width < 3 * 160
    assert 2 * 107 < height < 4 * 107


def test_weights_of_more_classes_have_more_classes_on_a_sheet(photos: Path, tmp_path: Path) -> None:
    from zoomdream.networks.architectures.architecture import build, build_random

    network = "shufflenet_v2_x0_5"
    state = build_random(network, 1).state_dict()
    wide = build(network, classes=1200).state_dict()
    for key in list(state)[-2:]:
        state[key] = torch.randn(wide[key].shape) * 0.05
    torch.save(state, tmp_path / "many.pth")
    quick = ("--layers", "class:1100", "--weights", tmp_path / "many.pth", "--cell", "64", "--steps", "1", *QUIET)
    result = zoomdream("sheet", network, "--image", photos / "coffee.png", "-o", tmp_path / "a.png", *quick)
    assert result.exit_code == 0, result.output
