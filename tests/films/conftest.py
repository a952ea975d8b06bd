"""Presets and clips that the tests of films share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.clips import lossless
from tests.support.films import ZoomPreset, shot
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset


@pytest.fixture
def preset(photos: Path) -> ZoomPreset:
    """A small zoom film's preset, with changes laid over it."""

    def zoom_preset(**changes: object) -> Preset:
        sections = {
            "source": str(photos / "rocket.jpg"),
            "canvas": "{size: 96x64, fps: 24000/1001, duration: 6f}",
            "dream": "{layers: {fire4: 1}, octaves: 2, steps: 1}",
            "camera": "{zoom: 1.5}",
            "color": "{coherence: 0.1}",
        } | changes
        return load_preset_text("zoomdream: 1\n" + "\n".join(f"{key}: {value}" for key, value in sections.items()))

    return zoom_preset


@pytest.fixture(scope="module")
def clip(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight frames of a pan at 24000/1001 per second."""
    return lossless(tmp_path_factory.mktemp("clip") / "clip.mkv", shot(photos, "coffee.png", 8), "24000/1001")
