"""A video as the film sees it: its own frames, where the camera and the canvas put them, with motion and cuts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.support.clips import X264, children, ffmpeg, lossless, pattern, plain
from tests.support.measures import laplacian_variance
from zoomdream.errors import SourceError, UsageError
from zoomdream.films.camera_path import CameraPath
from zoomdream.films.footage import DEPTH, Footage, SourceFrame, size_read, source_frames
from zoomdream.images.frame import Frame, from_uint8, size_of, to_uint8
from zoomdream.images.pictures.loading import load_image
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.media import probe, read_frames
from zoomdream.media.display_size import display_size, open_clip, scaled_size
from zoomdream.motion.camera import warp
from zoomdream.motion.cuts import Shot, find_shots
from zoomdream.motion.projection import motion
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.timeline import Row, Timeline
from zoomdream.settings import CameraSettings, CarrySettings

SIZE = (96, 64)
CPU = torch.device("cpu")
Pixels = NDArray[np.uint8]


def rows(count: int, fps: Fraction = Fraction(10), **sections: Any) -> Timeline:
    return Timeline.steady(Clock(fps, count), {"fire4": 1.0}, **sections)


def whole(path: Path, size: tuple[int, int] | None = None, **options: Any) -> Footage:
    clip = open_clip(path, allow_truncated=options.get("allow_truncated", False))
    settings = {"fps": clip.fps, "first": 0, "frames": clip.frames} | options
    return Footage(clip, size or clip.size, **settings)


def read_all(footage: Footage, timeline: Timeline | list[Row] | None = None, flow: str = "medium") -> list[SourceFrame]:
    return list(source_frames(footage, rows(footage.frames, footage.fps) if timeline is None else timeline, flow, CPU))


@pytest.fixture(scope="module")
def picture(photos: Path) -> Pixels:
    """A photo wide enough to pan over."""
    return to_uint8(fit_frame(load_image(photos / "coffee.png"), (180, 64)))


@pytest.fixture(scope="module")
def panned(picture: Pixels) -> list[Pixels]:
    """A window that goes two pixels to the right each frame."""
    return [picture[:, 2 * i : 2 * i + 96] for i in range(10)]


@pytest.fixture(scope="module")
def other_shot(photos: Path) -> list[Pixels]:
    wide = to_uint8(fit_frame(load_image(photos / "astronaut.png"), (120, 64)))
    return [wide[:, i : i + 96] for i in range(6)]


def test_a_camera_that_stands_still_shows_the_clips_frames_to_the_bit(panned: list[Pixels], tmp_path: Path) -> None:
    result = read_all(whole(lossless(tmp_path / "a.mkv", panned)))
    assert len(result) == len(panned)
    for source_frame, pixels in zip(result, panned, strict=True):
        assert source_frame.frame.dtype == torch.float32
        assert source_frame.frame.shape == (1, 3, 64, 96)
        assert torch.equal(source_frame.frame, from_uint8(pixels))


def test_a_range_begins_and_ends_where_it_should(panned: list[Pixels], tmp_path: Path) -> None:
    part = whole(lossless(tmp_path / "a.mkv", panned), first=3, frames=4)
    result = read_all(part)
    assert [torch.equal(v.frame, from_uint8(p)) for v, p in zip(result, panned[3:7], strict=True)] == [True] * 4
    assert result[0].motion is None
    assert part.start == part.clip.start_time + Fraction(3, 25)


@pytest.mark.parametrize(("fps", "shown"), [(20, [0, 0, 1, 1, 2, 2, 3, 3]), (10, [0, 1, 2, 3]), (5, [0, 2])])
def test_another_rate_repeats_and_drops_frames(tmp_path: Path, fps: int, shown: list[int]) -> None:
    """A frame is shown from the tick nearest to its time, halves up: at half the rate 2 takes that of 1."""
    path = lossless(tmp_path / "a.mkv", [np.full((64, 96, 3), 40 * i, np.uint8) for i in range(4)], fps=10)
    result = read_all(whole(path, fps=Fraction(fps), frames=len(shown)))
    assert [to_uint8(source_frame.frame)[0, 0, 0] // 40 for source_frame in result] == shown
    assert [source_frame.motion is None for source_frame in result] == [True] + [False] * (len(shown) - 1)
    repeated = [source_frame for k, source_frame in enumerate(result) if k and shown[k] == shown[k - 1]]
    for source_frame in repeated:
        assert source_frame.motion is not None
        assert not source_frame.motion.backward.any()
        assert not source_frame.is_cut


def test_motion_leads_from_the_frame_before(panned: list[Pixels], tmp_path: Path) -> None:
    """The window goes right, so what is at x was at x + 2 one frame earlier."""
    result = read_all(whole(lossless(tmp_path / "a.mkv", panned)), flow="fine")
    assert result[0].motion is None
    assert not any(source_frame.is_cut for source_frame in result)
    for source_frame in result[1:]:
        assert source_frame.motion is not None
        assert source_frame.motion.backward.shape == (64, 96, 2)
        assert source_frame.motion.reliability.shape == (64, 96)
        assert np.median(source_frame.motion.backward, axis=(0, 1)) == pytest.approx((2, 0), abs=0.1)


def test_a_new_shot_is_a_cut_and_only_its_first_frame(
    panned: list[Pixels], other_shot: list[Pixels], tmp_path: Path
) -> None:
    path = lossless(tmp_path / "a.mkv", [*panned, *other_shot, *panned[:3]])
    assert [k for k, source_frame in enumerate(read_all(whole(path))) if source_frame.is_cut] == [10, 16]
    assert find_shots(path)[1] == [Shot(0, 10), Shot(10, 16), Shot(16, 19)]


def test_where_nothing_is_carried_no_motion_is_searched(panned: list[Pixels], tmp_path: Path) -> None:
    footage = whole(lossless(tmp_path / "a.mkv", panned[:4]))
    result = read_all(footage, rows(4, carry=CarrySettings(strength=0)))
    assert all(source_frame.motion is None and not source_frame.is_cut for source_frame in result)


@pytest.mark.parametrize(
    "camera",
    [
        CameraSettings(pan=(0.5, -0.25)),
        CameraSettings(zoom=2.0, center=(0.25, 0.75)),
        CameraSettings(zoom=1.5, rotate=30),
    ],
)
def test_the_camera_adds_up_over_frames_and_is_part_of_the_motion(
    camera: CameraSettings, picture: Pixels, tmp_path: Path
) -> None:
    """A clip that stands still, filmed by a camera that moves: frame k is the picture as seen after k / 10 seconds."""
    still = picture[:, 40:136]
    result = read_all(whole(lossless(tmp_path / "a.mkv", [still] * 5, fps=10)), rows(5, camera=camera), flow="fine")
    assert torch.equal(result[0].frame, from_uint8(still))
    y, x = np.mgrid[:64, :96]
    places = np.stack([x, y, np.ones_like(x)], axis=-1)
    for k, source_frame in enumerate(result[1:], start=1):
        expected = warp(from_uint8(still), motion(camera, k / 10, SIZE)).clamp(0, 1)
        assert (source_frame.frame - expected).abs().max() < 2e-3
        assert source_frame.motion is not None
        backward = (places @ motion(camera, 0.1, SIZE).T - places[..., :2])[12:-12, 12:-12]
        assert np.median(np.abs(source_frame.motion.backward[12:-12, 12:-12] - backward)) < 0.15


def test_a_camera_that_moves_at_one_frame_moves_the_next(picture: Pixels, tmp_path: Path) -> None:
    still = picture[:, 40:136]
    timeline = [
        Row(**{**vars(row), "camera": CameraSettings(pan=(10 / 96 * (row.index == 1), 0))}) for row in rows(4)
    ]  # at 1 frame per second: ten pixels at frame 1, and no further
    result = read_all(whole(lossless(tmp_path / "a.mkv", [still] * 4, fps=1)), timeline)
    first, second, third, fourth = (source_frame.frame for source_frame in result)
    assert torch.equal(first, second)
    assert (third[..., :80] - first[..., 10:90]).abs().max() < 1e-3
    assert torch.equal(third, fourth)


@pytest.mark.parametrize(("fit", "inner"), [("fill", (96, 72)), ("fit", (85, 64))])
def test_a_clip_of_another_shape_fills_or_fits(
    fit: Any, inner: tuple[int, int], picture: Pixels, tmp_path: Path
) -> None:
    path = lossless(tmp_path / "a.mkv", [picture[:48, :64]] * 2)
    footage = whole(path, SIZE, fit=fit)
    assert scaled_size(footage.clip, SIZE, fit) == inner
    with read_frames(path, size=inner) as frames:
        expected = fit_frame(from_uint8(next(frames)), SIZE, fit)
    for source_frame in read_all(footage):
        assert size_of(source_frame.frame) == SIZE
        assert torch.equal(source_frame.frame, expected)


@pytest.mark.parametrize("size", [(16, 16), (97, 65), (333, 17), (640, 360)])
@pytest.mark.parametrize("clip_size", ["64x48", "48x64", "66x22"])
def test_whatever_the_shapes_a_filled_canvas_is_covered(tmp_path: Path, size: tuple[int, int], clip_size: str) -> None:
    clip = probe(plain(tmp_path / "a.mp4", (200, 20, 20), *X264, size=clip_size))
    width, height = scaled_size(clip, size, "fill")
    assert width >= size[0]
    assert height >= size[1]
    assert width == size[0] or height == size[1]
    width, height = scaled_size(clip, size, "fit")
    assert width <= size[0]
    assert height <= size[1]


@pytest.mark.parametrize(
    ("aspect", "shown"), [("2/1", (96, 48)), ("1/2", (24, 48)), ("1", (48, 48)), ("81/80", (48, 48))]
)
def test_pixels_that_are_not_square(tmp_path: Path, aspect: str, shown: tuple[int, int]) -> None:
    """The left half red, the right half blue; the pixels' shape must change neither that nor cut anything off."""
    path = tmp_path / "a.mp4"
    halves = "color=red:s=48x48:r=10:d=0.3,drawbox=x=24:w=24:h=48:color=blue:t=fill"
    ffmpeg("-f", "lavfi", "-i", f"{halves},setsar={aspect}", *X264, path)
    assert display_size(probe(path)) == shown
    source = read_all(whole(path, shown))[0].frame
    assert size_of(source) == shown
    third = shown[0] // 3
    assert source[:, 0, :, :third].mean() > 0.9
    assert source[:, 2, :, -third:].mean() > 0.9
    assert source[:, 0, :, -third:].mean() < 0.1


@pytest.fixture
def cut_short(tmp_path: Path) -> Path:
    content = pattern(tmp_path / "whole.mp4", *X264, "-movflags", "+faststart", seconds=6).read_bytes()
    path = tmp_path / "short.mp4"
    path.write_bytes(content[: len(content) // 2])
    return path


def test_a_clip_cut_short_is_refused_unless_allowed(cut_short: Path) -> None:
    with pytest.raises(SourceError, match=r"short\.mp4: \d+ of 60 frames are there: the file is cut short"):
        open_clip(cut_short)
    with pytest.raises(SourceError, match="of 60"):
        find_shots(cut_short)
    footage = whole(cut_short, allow_truncated=True)
    assert 20 < footage.frames < 40
    assert len(read_all(footage)) == footage.frames


def test_a_clip_that_vanishes_is_an_error_where_it_is_read(tmp_path: Path) -> None:
    footage = whole(pattern(tmp_path / "a.mp4", seconds=0.5))
    footage.clip.path.unlink()
    with pytest.raises(SourceError, match=r"a\.mp4"):
        read_all(footage)


def test_an_unknown_flow_is_told_at_once(tmp_path: Path) -> None:
    footage = whole(pattern(tmp_path / "a.mp4", seconds=0.5))
    with pytest.raises(UsageError, match="medium"):
        source_frames(footage, rows(5), "fats", CPU)


def test_a_few_frames_are_read_ahead_and_the_file_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, closed = [], []

    @contextmanager
    def counted(*_: Any, **__: Any) -> Iterator[Iterator[Pixels]]:
        def endless() -> Iterator[Pixels]:
            for index in range(1000):
                read.append(index)
                yield np.zeros((48, 64, 3), np.uint8)

        try:
            yield endless()
        finally:
            closed.append(True)

    footage = whole(pattern(tmp_path / "a.mp4"))
    monkeypatch.setattr("zoomdream.films.footage.read_frames", counted)
    with closing(source_frames(footage, rows(1000), "fast", CPU)) as result:
        for done in range(1, 20):
            next(result)
            assert done <= len(read) <= done + DEPTH
    assert closed == [True]


def test_stopping_early_leaves_no_process_and_no_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with closing(source_frames(whole(pattern(tmp_path / "a.mp4")), rows(30), "fast", CPU)) as result:
        for _ in range(3):
            next(result)
    assert children() == []
    assert set(threading.enumerate()) == before


def test_frames_are_the_films_own_to_change(panned: list[Pixels], tmp_path: Path) -> None:
    """What a caller does to a view does not reach the next one's motion."""
    footage = whole(lossless(tmp_path / "a.mkv", panned[:6]))
    untouched = read_all(footage)
    spoiled: list[SourceFrame] = []
    for source_frame in source_frames(footage, rows(6), "medium", CPU):
        copy: Frame = source_frame.frame.clone()
        spoiled.append(SourceFrame(copy, source_frame.motion, source_frame.is_cut, source_frame.next_camera))
        source_frame.frame.zero_()
    for ours, theirs in zip(untouched, spoiled, strict=True):
        assert torch.equal(ours.frame, theirs.frame)
        assert (ours.motion is None) == (theirs.motion is None)
        if ours.motion and theirs.motion:
            assert np.array_equal(ours.motion.backward, theirs.motion.backward)


def zoomed_in(footage: Footage, zoom: float) -> tuple[list[SourceFrame], CameraPath]:
    """A video's frames through a camera that zooms in."""
    timeline = rows(footage.frames, footage.fps, camera=CameraSettings(zoom=zoom))
    path = CameraPath(timeline, footage.size, 0)
    return list(source_frames(footage, timeline, "medium", CPU, path=path)), path


def test_a_zoom_shows_the_pixels_that_the_video_has(photos: Path, tmp_path: Path) -> None:
    large = to_uint8(fit_frame(load_image(photos / "coffee.png"), (288, 192)))
    small = to_uint8(fit_frame(from_uint8(large), SIZE))
    of_large, of_small = (
        whole(lossless(tmp_path / f"{len(pixels)}.mkv", [pixels] * 6, 5), SIZE) for pixels in (large, small)
    )
    (sharp, path), (soft, _) = zoomed_in(of_large, 3.0), zoomed_in(of_small, 3.0)
    assert path.largest_zoom == pytest.approx(3)  # the last of six frames is a second after the first
    assert size_read(of_large, path) == (288, 192)
    assert size_read(of_small, path) == size_read(of_large, None) == SIZE
    assert size_of(sharp[-1].frame) == SIZE
    assert laplacian_variance(sharp[-1].frame) > 2 * laplacian_variance(soft[-1].frame)
    assert (sharp[-1].frame - soft[-1].frame).abs().mean() < 0.05  # the same place


def test_a_camera_that_does_not_enlarge_reads_the_films_size(photos: Path, tmp_path: Path) -> None:
    large = to_uint8(fit_frame(load_image(photos / "coffee.png"), (288, 192)))
    footage = whole(lossless(tmp_path / "a.mkv", [large] * 3, 5), SIZE)
    _, path = zoomed_in(footage, 0.8)
    assert size_read(footage, path) == SIZE
