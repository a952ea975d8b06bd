"""Tracks as plain curves: their values are the timeline's, their keyframes are where the preset writes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.films import prepared
from tests.support.presets import load
from zoomdream.errors import PresetError
from zoomdream.films.previews.film_curves import FilmCurves, film_curves
from zoomdream.films.previews.outline import outline
from zoomdream.films.previews.track_curves import TrackCurve, points_of, track_curves
from zoomdream.films.previews.units import UNITS
from zoomdream.presets.loading import load_preset
from zoomdream.schedule.timeline import SECTIONS

HEAD = "zoomdream: 1\nsource: noise\ncanvas: {fps: 10, duration: 2s}\n"


def curve(camera: str, name: str = "zoom") -> TrackCurve:
    """The curve of a camera's track."""
    curves = track_curves(load(f"dream: {{layers: {{fire8: 1}}}}\ncamera: {{{camera}}}", HEAD))
    return next(each for each in curves if each.name == f"camera.{name}")


def test_every_number_that_may_move_has_a_unit() -> None:
    numbers = {
        f"{section}.{name}"
        for section, settings in SECTIONS.items()
        if section != "palette"  # computed from color.palette, which has colors and no numbers
        for name, field in settings.model_fields.items()
        if isinstance(field.default, int | float | tuple)
    }
    assert numbers == set(UNITS)


def test_a_curve_has_the_timelines_values() -> None:
    preset = load_preset("dive")
    timeline = preset.timeline(preset.clock())
    curves = {each.name: each for each in track_curves(preset)}
    np.testing.assert_array_equal(curves["camera.rotate"].values, timeline.values("camera.rotate", 0, 600))
    np.testing.assert_array_equal(curves["camera.tilt right"].values, timeline.values("camera.tilt", 0, 600)[:, 1])
    assert curves["camera.zoom"].values == (1.16,)
    assert not curves["camera.zoom"].moves


def test_keyframes_stand_where_the_preset_writes_them() -> None:
    by_time = curve("zoom: {1s: 2, 0: 1}")
    assert [(key.seconds, key.value, key.path) for key in by_time.keyframes] == [
        (0, 1, ("camera", "zoom", "0")),
        (1, 2, ("camera", "zoom", "1s")),
    ]
    listed = curve("pan: [{at: 0, value: [0, 1], ease: in-quad}, {at: end, value: [1, 2]}]", "pan down")
    assert [(key.value, key.ease, key.path[-1]) for key in listed.keyframes] == [
        (1, "in-quad", "0"),
        (2, "linear", "1"),
    ]
    assert (listed.component, listed.keyframes[1].seconds) == (1, 1.9)
    repeating = curve("zoom: {keyframes: {0s: 1, 500ms: 2}, loop: pingpong}")
    assert [key.path for key in repeating.keyframes] == [("camera", "zoom", "keyframes", t) for t in ("0s", "500ms")]
    assert repeating.form == "repeating"


def test_what_is_computed_is_not_to_be_edited() -> None:
    computed = curve('zoom: {expr: "1 + 0.1 * time"}')
    assert (computed.form, computed.editable, computed.keyframes) == ("formula", False, ())
    string = curve('zoom: "0:(1), 10:(2)"')
    assert [(key.seconds, key.value, key.editable) for key in string.keyframes] == [(0, 1, False), (1, 2, False)]
    mixed = curve('zoom: {0s: 1, 1s: {expr: "2"}}')
    assert [(key.value, key.editable) for key in mixed.keyframes] == [(1, True), (2, False)]
    assert mixed.editable


def test_a_numbers_bounds_are_the_settings() -> None:
    zoom, octaves = curve("zoom: 2"), film_curves(load("  octaves: {0s: 1, 1s: 3}")).tracks[0]
    assert (zoom.minimum, zoom.maximum) == (0.01, 100)
    assert set(octaves.values) == {1, 2, 3}
    assert curve("pan: [0, 0]", "pan right").minimum is None


def test_a_masks_numbers_are_tracks() -> None:
    circle = "{layer: fire8, mask: {circle: {0s: [0.2, 0.5, 0.1], 1s: [0.8, 0.5, 0.1]}, feather: 0.1}}"
    curves = {each.name: each for each in track_curves(load(f"dream: {{layers: [{circle}]}}", HEAD))}
    assert curves["mask circle x"].values[0] == 0.2
    assert curves["mask circle x"].keyframes[1].path[-2:] == ("circle", "1s")
    assert not curves["mask circle radius"].moves
    assert curves["mask circle feather"].values == (0.1,)


def test_a_beat_of_one_frame_is_seen_in_a_long_film() -> None:
    frames = 1_000_000
    values = np.zeros(frames)
    values[777_777], values[-1] = 1, 0.5
    at, points = points_of(lambda start, stop: values[start:stop], frames)
    assert len(at) <= 1001
    assert points[at == 777_777] == 1
    assert (at[0], at[-1], points[-1]) == (0, frames - 1, 0.5)
    assert np.all(np.diff(at) > 0)


def mix(layers: str) -> FilmCurves:
    """The curves of a film with these layers."""
    return film_curves(load(f"dream: {{layers: {layers}}}", HEAD))


def test_shares_are_of_the_whole_dream() -> None:
    curves = mix("{0s: {fire5: 0.5}, 1s: {fire5: 1, fire8: -3}}").mix
    assert curves.names == ("fire5", "fire8")
    assert [share[0] for share in curves.shares] == [0.5, 0]
    assert [share[-1] for share in curves.shares] == [0.25, 0.75]
    assert curves.weights[1][-1] == -3
    assert [(key.seconds, key.weights, key.path[-1]) for key in curves.keyframes] == [
        (0, (0.5, 0), "0s"),
        (1, (1, -3), "1s"),
    ]
    assert mix("{fire5: 2}").mix.shares == ((1.0,),)
    assert mix("{sweep: [fire2, fire3], hold: 500ms}").mix.form == "sweep"


def test_a_walk_is_drawn_as_the_mix_that_it_is() -> None:
    curves = mix("{wander: {classes: whales, with: {fire6: 0.5}}, hold: 500ms, fade: 100ms}").mix
    assert (curves.form, curves.keyframes, curves.editable) == ("wander", (), False)
    assert curves.names[-1] == "fire6"
    assert all(name.startswith("class:") for name in curves.names[:-1])
    assert {weights[0] for weights in curves.weights[:-1]} == {0, 1}
    unknown = film_curves(
        load("network: googlenet\ndream: {layers: {wander: {channels: inception4c}, hold: 1s}}", HEAD)
    ).mix
    assert (unknown.names, unknown.weights) == (("inception4c",), ((1,),))
    assert set(curves.weights[-1]) == {0.5}


def test_the_outline_is_the_films(clips: Path) -> None:
    preset = load_preset("slow-trip", ["canvas.start=2s", "canvas.fps=20"], clips / "bikes.mp4")
    film, guess = prepared(preset), outline(preset)
    assert (guess.clock, guess.size) == (film.clock, film.size)


def test_a_photos_size_and_its_films(photos: Path) -> None:
    for name in ("rocket.jpg", "coffee.png"):
        preset = load_preset("neon", ["canvas={}"], photos / name)
        assert outline(preset).size == prepared(preset).size


def test_a_source_that_is_missing_is_a_warning(tmp_path: Path) -> None:
    preset = load_preset("slow-trip", ["canvas.duration=4s", "camera.zoom={follow: bass, from: 1, to: 2}"], "gone.mp4")
    curves = film_curves(preset)
    assert curves.seconds == 4
    assert len(curves.warnings) == 1
    assert "gone.mp4 is not there: taken for a film of 4 s" in curves.warnings[0]


def test_the_sound_is_the_films() -> None:
    sound = film_curves(load_preset("on-the-beat")).sound
    assert sound is not None
    assert sound.bpm == 120
    assert len(sound.beats) == 16
    assert max(sound.peaks) == pytest.approx(1, abs=0.01)
    assert film_curves(load_preset("on-the-beat"), sound=False).sound is None


def test_a_mistake_has_its_place() -> None:
    with pytest.raises(PresetError, match=r"film.yaml:5: camera\.zoom: .*same instant"):
        track_curves(load("dream: {layers: {fire8: 1}}\ncamera: {zoom: {0s: 1, 0f: 2}}", HEAD))


def test_curves_need_no_torch() -> None:
    code = (
        "import sys; from zoomdream.presets.loading import load_preset\n"
        "from zoomdream.films.previews.film_curves import film_curves\n"
        "film_curves(load_preset('on-the-beat')); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
