"""Motion previews: the camera of the film over a grid, without torch; and drafts."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from zoomdream.errors import OutputExistsError
from zoomdream.films.camera_path import CameraPath
from zoomdream.films.inputs.film_size import smaller_size
from zoomdream.films.previews.draft import draft, draft_rate, draft_size
from zoomdream.films.previews.motion.frames import MotionPreview, motion_preview, with_grid
from zoomdream.films.previews.motion.job import MotionJob
from zoomdream.films.previews.motion.mirrors import mirrored_pixels
from zoomdream.films.previews.motion.sources import small_photo
from zoomdream.films.previews.motion.views import motion_views
from zoomdream.films.previews.outline import outline
from zoomdream.images.frame import from_uint8, to_uint8
from zoomdream.images.pictures.loading import read_picture
from zoomdream.media import probe, read_frames
from zoomdream.motion.mirrors import mirrored
from zoomdream.motion.projection import square
from zoomdream.presets.loading import load_preset
from zoomdream.presets.preset import Preset
from zoomdream.progress import Progress
from zoomdream.settings import DreamSettings


def motion_of(preset: Preset) -> MotionPreview:
    return motion_preview(outline(preset))


def test_what_is_seen_moves_as_the_films_camera_does() -> None:
    """From frame to frame, and where the source begins anew as well."""
    preset = load_preset("dive", ["canvas.fps=10"])
    film, size = outline(preset), (320, 180)
    timeline = preset.timeline(film.clock, film.variables)
    views, path = motion_views(film, timeline, size), CameraPath(timeline, size, preset.seed)
    anew = 0
    for before, view in pairwise(views):
        expected = before.matrix @ square(path.matrix(view.index))
        if before.before is None and view.before is not None:
            anew += 1
            np.testing.assert_allclose(view.before, expected / expected[2, 2], atol=1e-6)
        else:
            np.testing.assert_allclose(view.matrix, expected / expected[2, 2], atol=1e-6)
    assert anew >= 2


def test_an_endless_zoom_never_runs_out_of_picture() -> None:
    views = motion_of(load_preset("endless-zoom", ["canvas.duration=60s", "canvas.fps=15"])).views
    scales = [np.sqrt(np.linalg.det(view.matrix[:2, :2])) for view in views]
    assert min(scales) > 0.45
    assert all(0 <= view.share <= 1 for view in views)


def test_the_frame_in_a_second_is_the_zooms() -> None:
    view = motion_of(load_preset("neon", ["camera={zoom: 2}"])).views[0]
    assert view.ahead is not None
    assert np.sqrt(np.linalg.det(view.ahead[:2, :2])) == pytest.approx(0.5)


def test_a_videos_motion_is_its_frames_under_a_grid(clips: Path) -> None:
    preset = load_preset("street-animals", ["canvas.duration=1s", "canvas.start=2s"], clips / "bikes.mp4")
    preview = motion_of(preset)
    with preview.frames() as frames:
        drawn = list(frames)
    assert len(drawn) == preview.count == 13
    assert preview.fps == Fraction(25, 2)
    width, height = preview.size
    with read_frames(probe(clips / "bikes.mp4"), start=50, frames=1, size=(width, height)) as frames:
        source = with_grid(next(frames))
    assert np.abs(drawn[0][: height - 30].astype(int) - source[: height - 30]).mean() < 4
    assert np.abs(drawn[-1].astype(int) - drawn[0]).mean() > 2


def test_a_film_of_an_hour_has_a_lower_rate() -> None:
    preview = motion_of(load_preset("endless-zoom", ["canvas.duration=5:00"]))
    assert preview.count <= 1800
    assert float(preview.fps) >= 4


def test_a_small_photo_is_the_films_photo(photos: Path) -> None:
    for name in ("rocket.jpg", "coffee.png"):
        small = small_photo(photos / name, (160, 90), "fill")
        film = to_uint8(read_picture(photos / name, (160, 90)).frame)
        assert np.abs(small.astype(int) - film).mean() < 6
    assert small_photo(photos / "rocket.jpg", (160, 160), "fit").shape == (160, 160, 3)


@pytest.mark.parametrize("symmetry", [1, 5])
def test_small_mirrors_show_what_the_films_do(photos: Path, symmetry: int) -> None:
    preset = load_preset("kaleidoscope", [f"camera.symmetry={symmetry}", "camera.mirror=left-right"])
    path = CameraPath(preset.timeline(preset.clock()), (96, 64), 0)
    pixels = cv2.GaussianBlur(small_photo(photos / "coffee.png", (96, 64), "fill"), (0, 0), 2).astype(np.uint8)
    mirrors = path.mirrors(40)
    assert mirrors is not None
    exact = to_uint8(mirrored(from_uint8(pixels), mirrors))
    assert np.abs(mirrored_pixels(pixels, mirrors).astype(int) - exact).mean() < 1


def test_a_grid_leaves_the_picture_visible() -> None:
    picture = np.full((90, 160, 3), 200, np.uint8)
    drawn = with_grid(picture)
    assert np.median(drawn) == 164
    assert (drawn > 180).mean() > 0.03


def test_the_film_has_its_sound_and_its_length(tmp_path: Path) -> None:
    job = MotionJob(motion_of(load_preset("on-the-beat", ["canvas.duration=1s"])), tmp_path / "m.mp4")
    reports: list[Progress] = []
    job.check()
    clip = probe(job.run(reports.append))
    assert (clip.frames, clip.fps, clip.size, clip.audio) == (15, 15, (480, 270), "aac")
    assert [each.done for each in reports] == list(range(1, 16))
    with pytest.raises(OutputExistsError):
        job.check()


@pytest.mark.parametrize("source", ["sample:hills", "clip"])
def test_it_runs_backward_and_there_and_back_as_the_film_does(tmp_path: Path, clip: Path, source: str) -> None:
    name, own = ("neon", None) if source != "clip" else ("street-animals", clip)
    length = [] if own else ["canvas.duration=200ms"]

    def frames_of(*changes: str) -> list[np.ndarray]:
        path = tmp_path / "m.mkv"
        MotionJob(motion_of(load_preset(name, [*length, *changes], own)), path, overwrite=True).run()
        with read_frames(probe(path)) as frames:
            return [np.array(frame) for frame in frames]

    forward = frames_of()
    assert len(forward) > 2
    backward, both = frames_of("output.reverse=true"), frames_of("output.pingpong=true")
    assert len(both) == 2 * len(forward) - 2
    for shown, expected in ((backward, forward[::-1]), (both, forward + forward[-2:0:-1])):
        for frame, same, other in zip(shown, expected, expected[::-1], strict=True):
            assert np.array_equal(same, other) or distance(frame, same) < distance(frame, other)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference of two pictures, in levels."""
    return float(np.abs(one.astype(float) - other).mean())


def test_a_source_that_is_missing_is_gray(tmp_path: Path) -> None:
    job = MotionJob(motion_of(load_preset("slow-trip", ["canvas.duration=300ms"], "gone.mp4")), tmp_path / "m.mp4")
    assert "gone.mp4 is not there" in job.warnings[0]
    assert probe(job.run()).frames == 5


def test_motion_needs_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys; from zoomdream.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as end: sys.exit(end.code or 'torch' in sys.modules)"
    )
    options = ["preview", "dive", "--motion", "--duration", "200ms", "-o", str(tmp_path / "m.mp4")]
    done = subprocess.run([sys.executable, "-c", code, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "3 frames of 480x270 at 15 per second (0.2 s), motion only" in done.stderr


def test_a_draft_is_small_and_has_the_films_frames(clips: Path) -> None:
    small = draft(load_preset("dive"))
    assert (small.canvas.size, small.canvas.fps) == ((512, 288), 30)
    assert small.clock().seconds == load_preset("dive").clock().seconds
    loop = draft(load_preset("endless-loop"))
    assert (loop.canvas.size, loop.canvas.fps) == ((256, 256), 16)
    film = draft(load_preset("street-animals", [], clips / "bikes.mp4"))
    assert film.canvas.fps is None
    assert film.canvas.size == (508, 216)
    assert draft(loop) == loop


@pytest.mark.parametrize(
    "change",
    ["camera.zoom={0f: 1, 30f: 2}", 'camera.zoom="0:(1), 30:(2)"', "camera.zoom={expr: '1 + frame / 100'}"],
)
def test_where_frames_are_counted_a_draft_has_the_films_rate(change: str) -> None:
    fast = ["canvas.fps=60"]
    assert draft(load_preset("neon", [*fast, change])).canvas.fps == 60
    assert draft(load_preset("neon", [*fast, "canvas.duration=60f"])).clock().seconds == 1


@pytest.mark.parametrize(
    ("fps", "rate"), [("30", "30"), ("24", "24"), ("48000/1001", "24000/1001"), ("60", "30"), ("8", "8"), ("120", "24")]
)
def test_a_drafts_rate_is_a_whole_part(fps: str, rate: str) -> None:
    assert draft_rate(Fraction(fps)) == Fraction(rate)


@pytest.mark.parametrize(
    ("size", "small"),
    [
        ((640, 360), (512, 288)),  # four fifths of each side
        ((480, 270), (384, 216)),
        ((400, 226), (382, 216)),  # no less than this
        ((1920, 1080), (512, 288)),  # no more than this
        ((640, 480), (440, 330)),
        ((384, 216), (384, 216)),
        ((16384, 16), (12288, 16)),  # no other has nearly its shape
    ],
)
def test_a_draft_has_the_films_shape(size: tuple[int, int], small: tuple[int, int]) -> None:
    assert draft_size(size) == small


def test_a_draft_keeps_the_coarsest_octave_and_two_of_several(clips: Path) -> None:
    def dreamed(name: str, *changes: str, source: Path | None = None) -> DreamSettings:
        preset = draft(load_preset(name, changes, source))
        film = outline(preset)
        adaptation = preset.canvas.adaptation(film.size, film.clock.fps, (film.size, film.clock.fps), is_video=False)
        return preset.timeline(film.clock, film.variables, adaptation)[0].dream

    four, three, one = dreamed("neon"), dreamed("spiral"), dreamed("neon", "dream.octaves=1")
    two = dreamed("spiral", "dream.octaves=2")
    assert (four.octaves, three.octaves, two.octaves, one.octaves) == (3, 2, 2, 1)
    assert 512 / four.octave_scale**2 == pytest.approx(640 / 1.4**3, abs=1)
    assert 384 / three.octave_scale == pytest.approx(480 / 1.4**2, abs=1)
    assert 384 / two.octave_scale == pytest.approx(480 / 1.4, abs=1)
    street = dreamed("street-animals", source=clips / "bikes.mp4")
    assert (street.octaves, street.step_size) == (2, 0.012)  # as the film's: the source stays as visible
    moving = draft(load_preset("spiral", ["dream.octaves={0s: 3, 5s: 4}"]))
    assert moving.document.value(("canvas", "authored")) == "480x480@30"


def test_a_smaller_size_keeps_the_shape() -> None:
    assert smaller_size((1920, 1080), 320 * 180) == (320, 180)
    assert smaller_size((100, 60), 320 * 180) == (100, 60)
    assert min(smaller_size((16384, 16), 1000)) == 16
