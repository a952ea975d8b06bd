"""Warnings about a film, collected before it is rendered."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.support.films import ZoomPreset, planned, prepared
from zoomdream.films.preparation import prepare
from zoomdream.films.warnings import span_warnings
from zoomdream.images.pictures.saving import save_image
from zoomdream.presets.loading import load_preset_text


def test_octaves_too_small_for_the_layer_are_left_out_and_said(preset: ZoomPreset) -> None:
    film = prepared(preset(dream="{layers: {fire9: 1}, octaves: 6, octave_scale: 2}"))
    assert len(film.warnings) == 1
    assert "octaves are left out" in film.warnings[0]
    assert "fire9" in film.warnings[0]
    assert prepared(preset()).warnings == ()


def test_pictures_of_another_size_are_told(photos: Path, tmp_path: Path) -> None:
    save_image(torch.ones(1, 3, 50, 50), tmp_path / "mask.png")
    layers = f"[{{guide: chelsea.png, layer: fire5, mask: {tmp_path}/mask.png}}, {{layer: fire4}}]"
    assert planned(photos, layers).warnings == ("mask mask.png is 50x50 and is read at 128x96",)
    (warning,) = planned(photos, '{"guide:fire5:coffee.png": 1}').warnings
    assert warning == "guide coffee.png is 600x400 and is read at 512x341"


def test_settings_that_only_a_video_uses_give_a_warning_over_a_photo(photos: Path) -> None:
    text = (
        "zoomdream: 1\nsource: rocket.jpg\ncanvas: {size: 64x48, fps: 10, duration: 1f}\n"
        "dream: {layers: {fire3: 1}, octaves: 1}\n"
    )
    plain = prepare(load_preset_text(text, base=photos), device="cpu")
    assert not plain.warnings
    changes = ["canvas.start=2s", "canvas.times=clip", "carry.strength=0.5"]
    film = prepare(load_preset_text(text, base=photos, changes=changes), device="cpu")
    named = "canvas.start, canvas.times, carry"
    assert film.warnings == (f"{named}: no effect: only films over a video use it",)


@pytest.mark.parametrize(("symmetry", "told"), [("1", 0), ("{0s: 1, end: 4}", 1)])
def test_a_mirror_beside_a_kaleidoscope_is_told(preset: ZoomPreset, symmetry: str, told: int) -> None:
    warnings = prepared(preset(camera=f"{{mirror: top-bottom, symmetry: {symmetry}}}")).warnings
    named = "camera.mirror: no effect where camera.symmetry is over 1, which has mirrors of its own"
    assert list(warnings) == [named] * told


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ("{0s: {fire3: 1}, 1s: {fire5: 1}, 1100ms: {fire5: 2}}", "dream.layers: the film ends before 1100ms"),
        ("{sweep: [fire2, fire3, fire5], hold: 600ms}", "dream.layers: the film ends before fire5"),
        ("{0s: {fire3: 1}, end: {fire5: 1}}", None),
    ],
)
def test_what_comes_after_the_end_is_told(photos: Path, layers: str, told: str | None) -> None:
    film = planned(photos, layers, "{size: 128x96, fps: 10, duration: 10f}")
    assert [warning for warning in film.warnings if "ends before" in warning] == ([told] if told else [])


@pytest.mark.parametrize(
    ("span", "finished", "told"),
    [
        (range(0, 9), 0, []),
        (range(5, 9), 5, []),
        (range(5, 9), 3, ["frames 3 to 4 are dreamed too, since each frame starts from the one before"]),
        (range(1, 9), 0, ["frame 0 is dreamed too, since each frame starts from the one before"]),
        (range(100, 120), 0, ["frames 0 to 99 are dreamed too, since each frame starts from the one before"]),
    ],
)
def test_frames_before_a_range_are_dreamed_too(span: range, finished: int, told: list[str]) -> None:
    assert span_warnings(span, finished) == told
