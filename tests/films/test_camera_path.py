"""Where a film's camera is: poses, shaking and mirrors over time, and films that are made with them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.support.films import ZoomPreset, prepared, video_film
from zoomdream.films.camera_path import CameraPath
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import dreamed_frames, frames
from zoomdream.films.states import state_from
from zoomdream.images.frame import Frame
from zoomdream.motion.projection import motion, square
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import Crossfade, Keyframe, Track
from zoomdream.settings import CameraSettings

SIZE = (640, 360)


def path(frames: int = 1001, fps: int = 30, seed: int = 5, **camera: object) -> CameraPath:
    mix = Crossfade.of((Time.parse(0), {"fire4": 1}, "linear"))
    return CameraPath(Timeline(Clock(Fraction(fps), frames), mix, {"camera": camera}), SIZE, seed)


def swinging(*values: tuple[float, ...]) -> Track:
    """Through these values, evenly over 1000 frames."""
    times = np.linspace(0, 1000, len(values)).round().astype(int)
    keys = zip(times, values, strict=True)
    return Track(tuple(Keyframe(Time.parse(f"{at}f"), value, "in-out-sine") for at, value in keys))


def whole_way(camera: CameraPath, first: int, last: int) -> np.ndarray:
    """All steps from one frame to another, multiplied."""
    at = np.eye(3)
    for index in range(first + 1, last + 1):
        at = at @ square(camera.step(index).matrix)
    return at / at[2, 2]


def test_a_camera_without_poses_takes_the_steps_of_its_rates() -> None:
    camera = path(zoom=1.3, rotate=20.0, yaw=4.0)
    assert np.array_equal(camera.step(7).matrix, motion(CameraSettings(zoom=1.3, rotate=20, yaw=4), 1 / 30, SIZE))
    assert path(zoom=1.3).step(0).stands_still


def test_a_pose_that_stands_still_moves_nothing() -> None:
    camera = path(tilt=(10, 5), shake=(0.0, 0.0))
    assert camera.step(1).stands_still
    assert not camera.step(0).stands_still  # the first frame is seen as the tilted camera sees it


def test_poses_do_not_drift_over_a_thousand_frames() -> None:
    """Tilt and shake come back to where they are, whatever the way; a last pose is seen in one step."""
    camera = path(tilt=swinging((0, 0), (20, -10), (-15, 30), (0, 0)), shake=(0.02, 3.0), shake_frequency=1.7)
    start, end = camera.pose(0), camera.pose(1000)
    assert start is None or np.allclose(start, np.eye(3))
    assert end is not None
    assert whole_way(camera, 0, 1000) == pytest.approx(end / end[2, 2], abs=1e-8)


def test_a_thousand_frames_of_turning_there_and_back_return() -> None:
    """By keyframes, so that no two steps are alike."""
    camera = path(yaw=swinging((0,), (40,), (0,), (-40,), (0,)), rotate=swinging((0,), (90,), (0,), (-90,), (0,)))
    yaws = path(yaw=swinging((0,), (40,), (0,), (-40,), (0,)))
    assert whole_way(yaws, 0, 1000) == pytest.approx(np.eye(3), abs=1e-8)
    assert abs(whole_way(camera, 0, 500) - np.eye(3)).max() > 1


def test_a_zoom_under_a_tilt_goes_to_its_vanishing_point() -> None:
    """What is zoomed about is the point that an untilted camera has in its middle."""
    camera = path(zoom=2.0, tilt=(10, 0))
    pose = camera.pose(0)
    assert pose is not None
    x, y, w = np.linalg.inv(pose) @ [319.5, 179.5, 1]
    step = square(camera.step(1).matrix) @ [x, y, w]
    assert step[:2] / step[2] == pytest.approx([x / w, y / w])
    assert y / w > 179.5 + 50  # below the middle


def test_a_shake_is_the_same_at_any_frame_rate() -> None:
    at_15, at_60 = (path(fps=fps, shake=(0.02, 2.0), shake_frequency=1.3) for fps in (15, 60))
    for index in (1, 10, 77):
        one, other = at_15.pose(index), at_60.pose(4 * index)
        assert one is not None
        assert other is not None
        assert one == pytest.approx(other, abs=1e-6)
    other_seed = path(fps=15, seed=6, shake=(0.02, 2.0), shake_frequency=1.3).pose(10)
    assert abs(np.asarray(at_15.pose(10)) - np.asarray(other_seed)).max() > 0.1


def test_a_frequency_that_changes_makes_no_jump() -> None:
    camera = path(shake=(0.02, 0.0), shake_frequency=swinging((0.5,), (4.0,), (0.5,)))
    shifts = np.array([np.asarray(camera.pose(index))[:2, 2] for index in range(1000)])
    assert np.abs(np.diff(shifts, axis=0)).max() < 0.02 * 640 * 8 * 4 / 30
    assert np.abs(shifts).max() <= 0.02 * 640


def test_mirrors_turn_with_the_rotation_alone() -> None:
    camera = path(symmetry=6, rotate=30.0, zoom=1.4, yaw=3.0)
    mirrors = camera.mirrors(45)
    assert mirrors is not None
    assert mirrors.view == pytest.approx(square(motion(CameraSettings(rotate=45), 1, SIZE)))
    assert path(symmetry=1).mirrors(3) is None
    one = path(mirror="left-right").mirrors(3)
    assert one is not None
    assert (one.count, one.first) == (1, 90)


DEPTH = (
    "{zoom: 0.7, yaw: 8, flip_phi: 5, tilt: {0f: [0, 4], 4f: [6, 0]}, shake: [0.03, 2], symmetry: 3,"
    " border: mirror-tile}"
)
AMORTIZED = "{layers: {fire4: 1}, octaves: 2, steps: 2, schedule: amortized}"


def goes_on_alike(film: Film) -> list[bool]:
    """From each of its states, as the disk gives it back."""
    whole = list(dreamed_frames(film))
    alike = []
    for number, (_, state) in enumerate(whole[:-1], 1):
        again = state_from(state.kind, state.index, state.tensors(), film.network.device)
        frame, _ = next(dreamed_frames(film, again))
        alike.append(torch.equal(frame, whole[number][0]))
    return alike


@pytest.mark.parametrize("border", ["mirror-tile", "wrap", "continue"])
def test_a_film_in_depth_goes_on_from_each_of_its_states(preset: ZoomPreset, border: str) -> None:
    film = prepared(preset(dream=AMORTIZED, camera=DEPTH.replace("mirror-tile", border)))
    assert goes_on_alike(film) == [True] * (len(film.timeline) - 1)


def test_a_video_film_in_depth_goes_on_from_each_of_its_states(clip: Path) -> None:
    film = video_film(clip, camera=DEPTH, dream=AMORTIZED)
    assert all(goes_on_alike(film))


def test_a_state_is_the_same_whatever_comes_after(preset: ZoomPreset) -> None:
    """So a film whose later keyframes are changed goes on from it."""
    one, other = (
        list(dreamed_frames(prepared(preset(camera=f"{{tilt: {{0f: [0, 0], 2f: [5, 0], 3f: {tilt}}}}}"))))
        for tilt in ("[5, 0]", "[-9, 20]")
    )
    ours, theirs = one[2][1].tensors(), other[2][1].tensors()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert not torch.equal(one[3][0], other[3][0])


def symmetrical(frame: Frame) -> float:
    return float((frame - frame.flip(-1)).abs().max())


def test_every_frame_of_a_film_in_mirrors_is_symmetrical(preset: ZoomPreset, clip: Path) -> None:
    photo = frames(prepared(preset(camera="{zoom: 1.3, symmetry: 2}")))
    video = frames(video_film(clip, camera="{mirror: left-right}"))
    assert all(symmetrical(frame) < 1e-4 for frame in photo)
    assert all(symmetrical(frame) < 1e-4 for frame in video)
    assert max(symmetrical(frame) for frame in frames(prepared(preset(camera="{zoom: 1.3}")))) > 0.1


def test_the_place_of_a_frame_tells_what_its_poses_depend_on() -> None:
    """A part of a film over a video is kept where all that decides its frames is the same: its rows, and this."""
    steady = path(shake=(0.02, 1.0), shake_frequency=2.0, rotate=9.0)
    assert steady.place(40) == path(shake=(0.02, 1.0), shake_frequency=2.0, rotate=9.0).place(40)
    earlier = Track((Keyframe(Time.parse("0f"), (1.0,)), Keyframe(Time.parse("1f"), (2.0,))))
    assert steady.place(40) != path(shake=(0.02, 1.0), shake_frequency=earlier, rotate=9.0).place(40)
    turned = Track((Keyframe(Time.parse("0f"), (8.0,)), Keyframe(Time.parse("1f"), (9.0,))))
    assert steady.place(40) != path(shake=(0.02, 1.0), shake_frequency=2.0, rotate=turned).place(40)
    tilted = Track((Keyframe(Time.parse("38f"), (0.0, 0.0)), Keyframe(Time.parse("39f"), (3.0, 0.0), "hold")))
    assert path(tilt=tilted).place(40) != path().place(40)
