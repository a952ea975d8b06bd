"""Films from a picture that loop: no seam, the same bits after an interruption, and nothing else changed."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.films.test_journaling import interrupted
from tests.support.films import ZoomPreset, prepared, video_film
from zoomdream.errors import JournalError, PresetError, SettingError
from zoomdream.films.estimates.workload import workloads
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import first_zoom_state, frames, zoom_start
from zoomdream.films.identity import loop_digest
from zoomdream.films.playback.loops import Loop
from zoomdream.films.rendering import render
from zoomdream.films.states import ZoomState
from zoomdream.images.frame import Frame
from zoomdream.media import probe, read_frames
from zoomdream.motion.projection import motion, square
from zoomdream.progress import Progress

CANVAS = "{size: 96x64, fps: 12, duration: 24f}"
AMORTIZED = "{layers: {fire4: 1}, octaves: 2, steps: 2, step_size: 0.01, schedule: amortized}"
EVERY_FRAME = "{layers: {fire4: 1}, octaves: 2, steps: 1, step_size: 0.01}"
MOVING = "{zoom: 1.5, rotate: 20, pan: [0.1, 0], tilt: [3, 5], yaw: 4}"


def film_of(preset: ZoomPreset, loop: str = "true", dream: str = EVERY_FRAME, **changes: object) -> Film:
    return prepared(preset(canvas=CANVAS, dream=dream, loop=loop, **changes))


def seam(pictures: list[Frame]) -> float:
    """The difference from the last frame to the first one over the median of those between neighbours."""
    steps = [float((a - b).abs().mean()) for a, b in zip(pictures, [*pictures[1:], pictures[0]], strict=True)]
    return steps[-1] / float(np.median(steps[:-1]))


@pytest.mark.parametrize(("loop", "dream"), [("true", EVERY_FRAME), ("true", AMORTIZED), ("{run_in: 6f}", EVERY_FRAME)])
def test_the_seam_is_no_larger_than_a_step(preset: ZoomPreset, loop: str, dream: str) -> None:
    assert seam(list(frames(film_of(preset, loop, dream)))) < 1.5


def test_a_film_that_does_not_loop_has_a_seam(preset: ZoomPreset) -> None:
    assert seam(list(frames(film_of(preset, "false")))) > 1.5


def test_a_gif_and_a_webm_have_no_seam(preset: ZoomPreset, tmp_path: Path) -> None:
    film = film_of(preset, "{run_in: 4f}", AMORTIZED)
    for name in ("a.gif", "a.webm"):
        render(film, tmp_path / name)
        with read_frames(tmp_path / name) as read:
            pictures = [torch.from_numpy(frame.astype(np.float32)) for frame in read]
        assert len(pictures) == 24
        assert seam(pictures) < 1.5


def test_the_frames_before_the_fade_are_those_of_a_film_that_does_not_loop(preset: ZoomPreset) -> None:
    looping, plain = (list(frames(film_of(preset, loop))) for loop in ("{fade: 10f}", "false"))
    assert all(torch.equal(a, b) for a, b in zip(looping[:14], plain[:14], strict=True))
    assert not torch.equal(looping[14], plain[14])


def test_the_beginning_lies_where_the_camera_comes_to(preset: ZoomPreset) -> None:
    """The way to it, and every frame's step, undo one another."""
    film = film_of(preset, camera=MOVING)
    camera, count = film.camera, 24
    arrival = square(motion(film.timeline[count - 1].camera, 1 / 12, film.size))
    assert np.allclose(
        _scaled(camera.to_beginning(count - 1)), _scaled(np.linalg.inv(arrival) @ _pose(film, count - 1)), atol=1e-9
    )
    for index in range(count - 1, 12, -1):
        before = camera.to_beginning(index) @ np.linalg.inv(square(camera.step(index).matrix))
        assert np.allclose(_scaled(camera.to_beginning(index - 1)), _scaled(before), atol=1e-8)


def _pose(film: Film, index: int) -> np.ndarray:
    pose = film.camera.pose(index)
    assert pose is not None
    return pose


def _scaled(matrix: np.ndarray) -> np.ndarray:
    return np.asarray(matrix / matrix[2, 2])


def test_the_last_frame_is_dreamed_from_the_beginning(preset: ZoomPreset) -> None:
    """All but its rim, which the beginning does not reach yet, and the share that the fade leaves."""
    film = film_of(preset, "{fade: 12f}")
    state = first_zoom_state(film)
    noise = torch.rand(film.source.shape) if isinstance(film.source, torch.Tensor) else None
    assert noise is not None
    start, momentum, _ = zoom_start(film, ZoomState(23, noise, state.palette, torch.ones_like(noise)))
    middle = (slice(None), slice(None), slice(8, -8), slice(8, -8))
    assert momentum is not None
    assert float(momentum[middle].max()) < 0.05
    far, near = ((start - picture)[middle].abs().mean() for picture in (noise, state.dreamed))
    assert near < 0.2 * far  # it is the source one step before it fills the frame


def test_what_lies_behind_the_camera_is_not_seen(preset: ZoomPreset) -> None:
    """A turn of 120 degrees: when the fade begins, the beginning lies in the camera's back."""
    film = film_of(preset, "{fade: 24f}", camera="{yaw: 60, zoom: 1.01}")
    start = torch.full((1, 3, 64, 96), 0.5)
    assert film.loop is not None
    for index in (1, 3, 20, 23):
        matrix = film.camera.to_beginning(index)
        mixed, _ = film.loop.draw_in(start, None, torch.ones_like(start), matrix, index, 24)
        assert torch.isfinite(mixed).all()
        assert torch.equal(mixed, start) == (index < 10), index


def test_the_share_grows_and_never_jumps() -> None:
    shares = [Loop(10).share(index, 40) for index in range(40)]
    assert shares[:30] == [0.0] * 30
    assert all(0 < b - a < 0.2 for a, b in pairwise(shares[29:]))
    assert 0.95 < shares[-1] < 1


def test_two_pictures_meet_where_each_has_a_half_and_along_the_edges(preset: ZoomPreset) -> None:
    film = film_of(preset, "{fade: 20f}")
    assert film.loop is not None
    start = torch.zeros((1, 3, 64, 96))

    def overlap(index: int) -> Frame | None:
        assert film.loop is not None
        return film.loop.overlap(start, film.camera.to_beginning(index), index, 24)

    assert overlap(3) is None
    for index in (8, 14, 20, 23):
        matrix, meeting = film.camera.to_beginning(index), overlap(index)
        share, _ = film.loop.draw_in(start, None, torch.ones_like(start), matrix, index, 24)
        assert meeting is not None
        assert meeting.shape == (1, 1, 64, 96)
        assert 0 <= float(meeting.min()) <= float(meeting.max()) <= 1
        assert (meeting[0, 0] >= 4 * (share * (1 - share))[0, 0] - 1e-5).all()
    last = overlap(23)  # the beginning nearly fills the frame: its edges lie along the frame's
    assert last is not None
    assert last[0, 0, 32, 48] < 0.15
    assert last[0, 0, 1, 48] > 0.8


def test_what_is_calm_is_dreamed_over_where_the_beginning_comes_in(preset: ZoomPreset) -> None:
    """All is calm here, so that nothing changes before the fade; in the fade what lies over one another is dreamed."""
    calm, bare = "{calm: 1, at: [0, 0], radius: 0.001}", "{calm: 0}"
    nothing = "{layers: {fire4: 1}, octaves: 1, steps: 1, step_size: 0.000001}"
    still, film, lively = (
        [all_frames[index] for index in (6, 18)]
        for dream, focus in ((nothing, bare), (EVERY_FRAME, calm), (EVERY_FRAME, bare))
        if (all_frames := list(frames(film_of(preset, "{fade: 12f}", dream, focus=focus))))
    )
    before, within = ((a - b).abs().mean() for a, b in zip(film, still, strict=True))
    assert before < 1e-3 < 0.1 * (lively[0] - still[0]).abs().mean()
    assert within > 0.1 * (lively[1] - still[1]).abs().mean()


@pytest.mark.parametrize(("loop", "stop"), [("true", 9), ("{run_in: 3f, fade: 6f}", 3)])
def test_it_goes_on_with_the_same_file(preset: ZoomPreset, tmp_path: Path, loop: str, stop: int) -> None:
    """Within the fade, and before it: what the film began with is read back."""

    def film() -> Film:
        camera = "{zoom: 1.3, border: mirror-tile, tilt: [2, 0]}"
        return prepared(preset(canvas=CANVAS.replace("24f", "12f"), dream=AMORTIZED, loop=loop, camera=camera))

    render(film(), tmp_path / "whole.gif")
    interrupted(film(), tmp_path / "a.gif", stop)
    render(film(), tmp_path / "a.gif")
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "whole.gif").read_bytes()


def test_frames_of_another_loop_are_refused(preset: ZoomPreset, tmp_path: Path) -> None:
    interrupted(film_of(preset, "{fade: 10f, run_in: 2f}"), tmp_path / "a.gif", 20)
    with pytest.raises(JournalError, match="loop is with 2 frames before the first there and nothing here"):
        render(film_of(preset, "{fade: 10f}"), tmp_path / "a.gif")
    with pytest.raises(JournalError, match="differ"):
        render(film_of(preset, "{fade: 6f, run_in: 2f}"), tmp_path / "a.gif")


def test_a_digest_follows_the_camera_to_the_end(preset: ZoomPreset) -> None:
    film, other = film_of(preset), film_of(preset, camera="{zoom: {22f: 1.5, 23f: 2}}")
    assert loop_digest(film, 0, 12) == ""
    assert loop_digest(film, 10, 14) != loop_digest(other, 10, 14)
    assert loop_digest(film, 10, 14) == loop_digest(film_of(preset), 10, 14)
    assert loop_digest(film_of(preset, "false"), 10, 14) == ""


def test_what_is_dreamed_before_the_first_frame_is_counted(preset: ZoomPreset, tmp_path: Path) -> None:
    film, plain = film_of(preset, "{run_in: 6f}", AMORTIZED), film_of(preset, "true", AMORTIZED)
    (work,), (other,) = workloads(film, 24), workloads(plain, 24)
    assert work.frames == other.frames + 6
    assert work.steps == other.steps + 6 * 2
    reports: list[Progress] = []
    render(film, tmp_path / "a.gif", on_progress=reports.append)
    assert [report.done for report in reports] == [0] * 6 + list(range(1, 25))
    assert probe(tmp_path / "a.gif").frames == 24


def test_a_span_is_the_films_own(preset: ZoomPreset, tmp_path: Path) -> None:
    film = film_of(preset)
    render(film, f"{tmp_path}/whole/")
    render(film, f"{tmp_path}/part/", span=range(20, 24))
    whole, part = (sorted((tmp_path / name).iterdir()) for name in ("whole", "part"))
    assert [path.read_bytes() for path in whole[20:]] == [path.read_bytes() for path in part]


def test_a_film_over_a_video_is_refused(clip: Path) -> None:
    with pytest.raises(SettingError, match=r"preset:\d+: loop: a film over a video cannot loop.*output\.pingpong"):
        video_film(clip, loop="true")


@pytest.mark.parametrize(
    ("loop", "message"),
    [
        ("3", r"loop: 3 is not true or false.*output\.loop"),
        ("{fade: 0s}", "a fade of 0 would leave the seam"),
        ("{fades: 1s}", "did you mean fade"),
        ("{fade: 4b}", r"loop: '4b' is in beats, and there is no tempo"),
    ],
)
def test_mistakes(preset: ZoomPreset, loop: str, message: str) -> None:
    with pytest.raises((PresetError, SettingError), match=message):
        film_of(preset, loop)


def test_how_often_a_file_plays_is_another_key(preset: ZoomPreset) -> None:
    with pytest.raises(PresetError, match=r"output\.loop: this is how often a file plays.*loop: true at the top"):
        preset(output="{loop: true}")
    assert prepared(preset(output="{loop: 2}")).loop is None


def test_a_camera_that_jumps_at_the_seam_is_told(preset: ZoomPreset) -> None:
    long = "loop.fade: 9s is longer than the film, all of which draws its beginning in"
    assert long in film_of(preset, "{fade: 9s}").warnings

    def told(camera: str, loop: str = "true") -> list[str]:
        return [text for text in film_of(preset, loop, camera=camera).warnings if text.startswith("loop:")]

    assert told("{zoom: 1.5}") == []
    assert told('{zoom: {expr: "1.3 + 0.2 * sin(tau * frame / frames)"}}') == []
    assert "camera.zoom is not at the end" in told("{zoom: {0s: 1.1, 2s: 1.5}}")[0]
    assert "camera.zoom and camera.rotate are not" in told("{zoom: {0s: 1.1, 2s: 1.5}, rotate: {0s: 0, 2s: 40}}")[0]
    assert told("{zoom: {0s: 1.1, 2s: 1.5}}", "false") == []
    assert told("{zoom: 1.2, rotate: 60, symmetry: 3}") == []
    assert "turn by 20 degrees until the film's end" in told("{zoom: 1.2, rotate: 10, symmetry: 3}")[0]
    assert "camera.shake" in told("{shake: [0.01, 0]}")[0]
