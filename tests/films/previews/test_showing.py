"""Previews from Python, and what a notebook shows of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import zoomdream
from tests.support.films import ZoomPreset, prepared, video_film
from zoomdream.errors import OutputExistsError
from zoomdream.media import probe

PNG = b"\x89PNG"


def in_notebook(value: object, kind: str) -> Any:
    """What a notebook shows of a value: it asks for such a method by its name."""
    return getattr(value, f"_repr_{kind}_")()


def test_a_draft_plays_in_a_notebook(tmp_path: Path) -> None:
    preset = zoomdream.load_preset("neon", ["canvas.duration=3f", "dream.octaves=1", "dream.steps=1"])
    made = zoomdream.preview(preset, tmp_path / "p.mp4", device="cpu")
    assert probe(made.path).size == (512, 288)
    shown = in_notebook(made, "html")
    assert shown.startswith("<video controls")
    assert "data:video/mp4;base64,AAAA" in shown


def test_a_motion_preview_by_a_presets_name(tmp_path: Path, clip: Path) -> None:
    preset = zoomdream.load_preset("street-animals", source=clip)
    reports: list[zoomdream.Progress] = []
    made = zoomdream.preview(preset, tmp_path / "m.mp4", motion=True, on_progress=reports.append)
    assert probe(made.path).frames == len(reports) == 4
    with pytest.raises(OutputExistsError):
        zoomdream.preview(preset, tmp_path / "m.mp4", motion=True)


def test_curves_are_drawn_in_a_notebook(tmp_path: Path) -> None:
    drawn = zoomdream.curves("quickstart")
    assert drawn.curves.mix.names == ("fire6", "fire8")
    assert in_notebook(drawn, "png").startswith(PNG)
    drawn.save(tmp_path / "c.png")
    assert (tmp_path / "c.png").read_bytes().startswith(PNG)
    with pytest.raises(OutputExistsError):
        drawn.save(tmp_path / "c.png")


def test_a_frame_at_a_moment(preset: ZoomPreset) -> None:
    made = zoomdream.preview_frame(prepared(preset()), "end", run_up=1)
    assert (made.index, made.how) == (5, "stand-in")
    assert in_notebook(made, "png").startswith(PNG)


def test_a_film_says_in_a_notebook_what_it_is(preset: ZoomPreset, clip: Path) -> None:
    shown = in_notebook(prepared(preset(canvas="{size: 96x64, fps: 24, duration: 6f, start: 1s}")), "html")
    assert shown.startswith('<img src="data:image/png;base64,')
    assert "96x64, 6 frames at 24 per second" in shown
    assert "canvas.start: no effect" in shown
    assert "<img" not in in_notebook(video_film(clip), "html")
