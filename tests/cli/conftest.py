"""Shared by the tests of the commands."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch


@pytest.fixture
def preset(tmp_path: Path, photos: Path) -> Path:
    """A preset of four small frames, the only file in `tmp_path`."""
    path = tmp_path / "film.yaml"
    path.write_text(
        f"""zoomdream: 1
source: {photos / "rocket.jpg"}
canvas: {{size: 96x64, fps: 24, duration: 4f}}
dream: {{layers: {{fire4: 1}}, octaves: 2, steps: 1}}
camera: {{zoom: 1.5}}
"""
    )
    return path


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of shufflenet_v2_x0_5, whose own would have to be downloaded, as a file."""
    from zoomdream.networks.architectures.architecture import build_random

    path = tmp_path_factory.mktemp("weights") / "shufflenet.pth"
    torch.save(build_random("shufflenet_v2_x0_5", 1).state_dict(), path)
    return path
