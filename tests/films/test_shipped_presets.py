"""Every preset that comes with zoomdream renders, small and for a few frames; those for video over a real clip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.clips import X264, ffmpeg
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import render
from zoomdream.media import probe
from zoomdream.networks import network_info
from zoomdream.presets.loading import load_preset
from zoomdream.presets.shipped import shipped_presets
from zoomdream.progress import Progress

FRAMES = 3
SMALL = ("canvas.size=80x64", f"canvas.duration={FRAMES}f", "dream.steps=1", "dream.octaves=2")
"""Small and quick; everything else is the preset's own: layers, schedules, camera, colors, carrying."""


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory, clips: Path) -> Path:
    """Five frames of a real street, from before a cut to after it."""
    path = tmp_path_factory.mktemp("clip") / "street.mp4"
    ffmpeg("-ss", 1.12, "-i", clips / "bikes.mp4", "-vf", "scale=80:64", "-frames:v", 5, *X264, path)
    return path


@pytest.mark.parametrize("name", shipped_presets())
def test_a_shipped_preset_renders(name: str, street: Path, tmp_path: Path) -> None:
    over_video = "--input" in shipped_presets()[name]
    preset = load_preset(name, SMALL, street if over_video else None)
    for network in preset.networks:
        if not network_info(network).present:
            pytest.skip(f"{network} comes with a package that is not installed")
    film = prepare(preset, device="cpu", precision="float32")
    reports: list[Progress] = []
    render(film, tmp_path / "film.mp4", on_progress=reports.append)
    assert (probe(tmp_path / "film.mp4").frames, probe(tmp_path / "film.mp4").size) == (FRAMES, (80, 64))
    assert [report.done for report in reports if report.done] == [1, 2, 3]  # a loop tells what it dreams before


def test_there_are_presets_of_both_kinds() -> None:
    over_video = ["--input" in description for description in shipped_presets().values()]
    assert (over_video.count(True), over_video.count(False)) == (6, 21)
