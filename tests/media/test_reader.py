"""Frames as `read_frames` gives them: the right ones, in the right colors, and all of them or an error."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Generator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.clips import X264, children, ffmpeg, pattern, plain, read_film
from zoomdream.errors import FFmpegError, SourceError, UsageError
from zoomdream.media import probe, read_frames
from zoomdream.prefetch import prefetch


def test_ranges_of_a_real_clip_are_exact_to_the_frame(clips: Path) -> None:
    clip = probe(clips / "bikes.mp4")
    whole = read_film(clip)
    assert len(whole) == clip.frames == 250
    assert whole[0].shape == (272, 640, 3)
    assert whole[0].dtype == np.uint8
    for start in [0, 1, 32, 33, 180, 249]:
        count = min(3, 250 - start)
        part = read_film(clip, start=start, frames=count)
        assert len(part) == count
        assert all(np.array_equal(a, b) for a, b in zip(part, whole[start:], strict=False)), start
    assert len(read_film(clip, start=240)) == 10


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        # open GOPs with many reordered frames: those that follow a key frame in the file need pictures before it
        (
            "mp4",
            ("-c:v", "libx264", "-bf", 16, "-x264-params", "keyint=24:open-gop=1:b-adapt=0", "-pix_fmt", "yuv420p"),
        ),
        pytest.param(
            "mkv",
            ("-c:v", "libx265", "-x265-params", "keyint=12:open-gop=1:log-level=error", "-pix_fmt", "yuv420p"),
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "webm",
            ("-c:v", "libvpx-vp9", "-g", 20, "-deadline", "realtime", "-cpu-used", 8),
            marks=pytest.mark.slow,
        ),
        ("avi", ("-c:v", "mpeg4", "-bf", 2, "-g", 12)),
        ("ts", X264),
        ("gif", ()),
    ],
)
def test_ranges_are_exact_in_every_container(tmp_path: Path, suffix: str, codec: tuple[object, ...]) -> None:
    path = pattern(tmp_path / f"a.{suffix}", *codec, "-an", seconds=9)
    clip = probe(path)
    whole = read_film(clip)
    assert len(whole) == clip.frames == 90
    assert len({frame.tobytes() for frame in whole}) == 90
    for start in range(1, 90, 17):
        assert np.array_equal(read_film(clip, start=start, frames=1)[0], whole[start]), start


def test_ranges_behind_an_edit_list(tmp_path: Path) -> None:
    pattern(tmp_path / "a.mp4", "-c:v", "libx264", "-g", 12, "-pix_fmt", "yuv420p", seconds=9)
    ffmpeg("-ss", "1.55", "-i", tmp_path / "a.mp4", "-c", "copy", tmp_path / "cut.mp4")
    clip = probe(tmp_path / "cut.mp4")
    whole = read_film(clip)
    assert len(whole) == clip.frames
    for start in [1, 33, 40, clip.frames - 1]:
        assert np.array_equal(read_film(clip, start=start, frames=1)[0], whole[start]), start


def test_variable_rate_is_made_constant(tmp_path: Path) -> None:
    path = pattern(tmp_path / "vfr.mp4", "-vf", "select='lt(n,30)+not(mod(n,3))'", "-fps_mode", "vfr", *X264, fps=30)
    constant = read_film(path)
    assert len(constant) == 88
    assert np.array_equal(constant[30], constant[31])
    assert constant[30] is not constant[31]
    constant[30][:] = 0
    assert constant[31].any()
    assert not np.array_equal(constant[32], constant[33])
    assert all(np.array_equal(a, b) for a, b in zip(read_film(path, start=60, frames=9), constant[60:], strict=False))
    assert len(read_film(path, fps=Fraction(10))) == 29


def test_another_rate_of_a_constant_clip(tmp_path: Path) -> None:
    path = pattern(tmp_path / "a.mp4", seconds=1)
    whole = read_film(path)
    assert [_index(frame, whole) for frame in read_film(path, fps=Fraction(5))] == [0, 2, 4, 6, 8]
    assert [_index(frame, whole) for frame in read_film(path, fps=Fraction(20), start=3, frames=4)] == [1, 2, 2, 3]


def _index(frame: NDArray[Any], frames: list[NDArray[Any]]) -> int:
    return next(index for index, other in enumerate(frames) if np.array_equal(frame, other))


def test_a_changed_frame_does_not_change_its_repetition(tmp_path: Path) -> None:
    path = pattern(tmp_path / "a.mp4", seconds=0.5)
    whole = read_film(path)
    with read_frames(path, fps=Fraction(30)) as frames:
        for number, frame in enumerate(frames):
            assert np.array_equal(frame, whole[number // 3])
            frame[:] = 0


@pytest.mark.parametrize("angle", [90, -90, 180])
def test_rotation_is_honoured(tmp_path: Path, angle: int) -> None:
    upright = pattern(tmp_path / "a.mp4", seconds=0.3)
    ffmpeg("-display_rotation", angle, "-i", upright, "-c", "copy", tmp_path / "r.mp4")
    turned = [np.rot90(frame, angle // 90) for frame in read_film(upright)]
    for frame, expected in zip(read_film(tmp_path / "r.mp4"), turned, strict=True):
        assert frame.shape == expected.shape
        # chroma is interpolated along the rows of the picture as it lies in the file: not to the level
        assert np.abs(frame.astype(int) - expected).mean() < 8


COLOR = (200, 60, 90)


_TO_YUV = "scale=out_color_matrix={matrix}:out_range={range}:flags=accurate_rnd+full_chroma_int,format={form}"


@pytest.mark.parametrize(
    ("size", "matrix", "color_range", "form", "tagged"),
    [
        ("64x48", "bt601", "tv", "yuv420p", False),
        ("64x720", "bt709", "tv", "yuv420p", False),
        ("64x718", "bt601", "tv", "yuv420p", False),
        ("64x48", "bt709", "tv", "yuv420p", True),
        ("64x48", "bt709", "pc", "yuv420p", True),
        ("64x720", "smpte170m", "tv", "yuv420p", True),
        ("64x48", "bt601", "pc", "yuvj420p", False),
        ("64x48", "bt709", "tv", "yuv420p10le", True),
        ("65x49", "bt601", "tv", "yuv444p", False),
    ],
)
def test_matrix_range_and_depth_are_honoured(
    tmp_path: Path, size: str, matrix: str, color_range: str, form: str, tagged: bool
) -> None:
    filters = _TO_YUV.format(matrix=matrix, range=color_range, form=form)
    if tagged:
        filters += f",setparams=colorspace={matrix}:range={color_range}"
    else:
        filters += f",setparams=colorspace=unknown:range={'pc' if color_range == 'pc' else 'unspecified'}"
    path = plain(
        tmp_path / "a.mp4", COLOR, "-vf", filters, "-c:v", "libx264", "-qp", 1, "-preset", "ultrafast", size=size
    )
    assert (probe(path).color_matrix is not None) == tagged
    frame = read_film(path)[2]
    assert frame.shape[:2] == tuple(int(side) for side in reversed(size.split("x")))
    assert np.abs(frame.astype(int) - COLOR).max() <= 2


def test_the_wrong_matrix_would_be_noticed(tmp_path: Path) -> None:
    filters = _TO_YUV.format(matrix="bt709", range="tv", form="yuv420p") + ",setparams=colorspace=unknown"
    path = plain(tmp_path / "a.mp4", COLOR, "-vf", filters, "-c:v", "libx264", "-qp", 1)
    assert np.abs(read_film(path)[2].astype(int) - COLOR).max() > 5


def test_scaling(tmp_path: Path) -> None:
    path = pattern(tmp_path / "a.mp4", seconds=0.3)
    assert {frame.shape for frame in read_film(path, size=(31, 17))} == {(17, 31, 3)}


def test_a_stream_that_changes_its_size_keeps_coming_in_the_first(tmp_path: Path) -> None:
    options = (*X264, "-g", 5)
    small = pattern(tmp_path / "a.ts", *options, seconds=1).read_bytes()
    large = pattern(tmp_path / "b.ts", *options, size="96x64", seconds=1).read_bytes()
    (tmp_path / "c.ts").write_bytes(small + large)
    frames = read_film(tmp_path / "c.ts", allow_truncated=True)
    assert len(frames) > 10
    assert {frame.shape for frame in frames} == {(48, 64, 3)}


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_film_cut_short(tmp_path: Path, suffix: str, nothing_left: None) -> None:
    whole = pattern(tmp_path / f"a.{suffix}", *X264, "-movflags", "+faststart", seconds=6).read_bytes()
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match=rf"cut\.{suffix}: \d+ of 60 frames could be read; the file is cut short"):
        read_film(cut)
    assert 20 < len(read_film(cut, allow_truncated=True)) < 40


def test_damage_that_loses_frames(tmp_path: Path, nothing_left: None) -> None:
    data = bytearray(
        pattern(tmp_path / "a.mp4", *X264, "-movflags", "+faststart", "-x264-params", "keyint=1").read_bytes()
    )
    half = len(data) // 2
    data[half : half + 6000] = bytes(6000)
    (tmp_path / "b.mp4").write_bytes(data)
    clip = probe(tmp_path / "b.mp4")
    assert clip.frames == clip.promised_frames == 30
    with pytest.raises(SourceError, match=r"b.mp4: \d+ of 30 frames could be read"):
        read_film(clip)
    kept = read_film(clip, allow_truncated=True)
    assert len(kept) == 30
    held = sum(np.array_equal(*pair) for pair in pairwise(kept))  # in the pattern no frame equals the one before
    assert 0 < held < 20


def test_a_film_that_is_gone_since_it_was_probed(tmp_path: Path, nothing_left: None) -> None:
    clip = probe(pattern(tmp_path / "a.mp4", seconds=0.3))
    clip.path.unlink()
    with pytest.raises(SourceError, match=r"a.mp4: 0 of 3 frames.*No such file"):
        read_film(clip)


@pytest.mark.skipif(sys.platform != "linux", reason="finds ffmpeg in /proc")
@pytest.mark.parametrize("allow_truncated", [False, True])
def test_a_clip_is_not_blamed_for_an_ffmpeg_that_was_killed(
    tmp_path: Path, allow_truncated: bool, nothing_left: None
) -> None:
    clip = probe(pattern(tmp_path / "a.mp4", size="640x480", seconds=6))
    with read_frames(clip, allow_truncated=allow_truncated) as frames:
        next(frames)
        os.kill(children()[0], signal.SIGKILL)
        with pytest.raises(FFmpegError, match=r"^ffmpeg was ended by signal 9 \(SIGKILL\) while it read a\.mp4$"):
            list(frames)


@pytest.mark.parametrize("allow_truncated", [False, True])
@pytest.mark.parametrize("how", ["longer", "rewritten", "replaced", "cut"])
def test_a_clip_that_changes_while_it_is_read(
    tmp_path: Path, how: str, allow_truncated: bool, nothing_left: None
) -> None:
    path = pattern(tmp_path / "a.mp4", *X264, "-movflags", "+faststart", size="640x480", seconds=6)
    with read_frames(path, allow_truncated=allow_truncated) as frames:
        next(frames)
        if how == "replaced":
            pattern(tmp_path / "b.mp4", seconds=1).replace(path)
        elif how == "rewritten":
            path.write_bytes(path.read_bytes())
            os.utime(path, ns=(1, 1))
        elif how == "cut":
            os.truncate(path, 1000)
        else:
            with path.open("ab") as file:
                file.write(b"more")
        what = "replaced by another file" if how == "replaced" else "changed"
        with pytest.raises(SourceError, match=rf"a\.mp4 was {what} while it was read: put the former file back"):
            list(frames)


def test_a_clip_that_is_only_moved_away_is_read_to_its_end(tmp_path: Path, nothing_left: None) -> None:
    path = pattern(tmp_path / "a.mp4", seconds=3)
    shutil.copy(path, tmp_path / "b.mp4")
    with read_frames(path) as frames:
        next(frames)
        path.unlink()
        assert len(list(frames)) == 29


@pytest.mark.skipif(sys.platform != "linux", reason="finds ffmpeg in /proc")
def test_a_stopped_ffmpeg_does_not_hold_up_the_end(tmp_path: Path, nothing_left: None) -> None:
    """The thread that reads ahead waits for it, and the caller for the thread."""
    path = pattern(tmp_path / "a.mp4", size="640x480", seconds=10)
    stopped, ended = threading.Event(), threading.Event()

    def read() -> Generator[NDArray[Any], None, None]:
        with read_frames(path) as frames:
            yield next(frames)
            os.kill(children()[0], signal.SIGSTOP)
            stopped.set()
            yield from frames

    ahead = prefetch(read(), 100)
    next(ahead)
    assert stopped.wait(10)

    def close() -> None:
        ahead.close()
        ended.set()

    closer = threading.Thread(target=close, daemon=True)
    closer.start()
    assert ended.wait(20)
    closer.join()


@pytest.mark.parametrize(
    "options", [{"start": -1}, {"start": 3}, {"frames": 0}, {"frames": 4}, {"start": 1, "frames": 3}, {"start": 9}]
)
def test_ranges_outside_of_the_clip(tmp_path: Path, options: dict[str, Any]) -> None:
    path = pattern(tmp_path / "a.mp4", seconds=0.3)
    with pytest.raises(UsageError, match="it has 3 frames, 0 to 2"):
        read_film(path, **options)


@pytest.mark.parametrize("options", [{"size": (0, 3)}, {"fps": Fraction(0)}])
def test_sizes_and_rates_that_cannot_be(tmp_path: Path, options: dict[str, Any]) -> None:
    path = pattern(tmp_path / "a.mp4", seconds=0.3)
    with pytest.raises(UsageError, match="must be above 0"):
        read_film(path, **options)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_leaving_early_ends_process_and_thread(tmp_path: Path, count: int, nothing_left: None) -> None:
    path = pattern(tmp_path / "a.mp4", size="640x480", seconds=5)
    with read_frames(path) as frames:
        for _ in range(count):
            next(frames)


def test_an_exception_ends_process_and_thread(tmp_path: Path, nothing_left: None) -> None:
    path = pattern(tmp_path / "a.mp4", size="640x480", seconds=5)
    with pytest.raises(ZeroDivisionError), read_frames(path) as frames:
        1 / (next(frames).size * 0)


def test_ffmpeg_is_killed_and_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pattern(tmp_path / "a.mp4", size="640x480", seconds=5)
    statuses, wait = [], subprocess.Popen.wait

    def record(self: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        statuses.append(wait(self, timeout))
        return statuses[-1]

    monkeypatch.setattr(subprocess.Popen, "wait", record)
    with read_frames(path) as frames:
        next(frames)
    assert statuses[-1] == -signal.SIGKILL


def test_memory_is_bounded(tmp_path: Path) -> None:
    """While the caller is busy, only a few frames are decoded; ffmpeg waits."""
    clip = probe(pattern(tmp_path / "a.mp4", size="640x480", seconds=10))
    tracemalloc.start()
    try:
        with read_frames(clip) as frames:
            next(frames)
            threading.Event().wait(1)
            used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    frame_bytes = 640 * 480 * 3
    assert 3 * frame_bytes < used < 20 * frame_bytes


@pytest.mark.parametrize(
    "name", ["-y.mp4", "a:b.mp4", "we ird.mp4", "%d.mp4", "\U0001f642.mp4", "concat:x.mp4", "a'b.mp4"]
)
def test_names(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern(tmp_path / "a.mp4", seconds=0.3).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert probe(name).frames == 3
    assert len(read_film(name)) == 3
