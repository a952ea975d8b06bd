"""Clips that change their size or their pixels' shape midway, and files with several video streams."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.clips import X264, ffmpeg, pattern, read_film
from zoomdream.media import probe
from zoomdream.media.clip_warnings import clip_warnings

MPEG2 = ("-c:v", "mpeg2video", "-q:v", 2, "-pix_fmt", "yuv420p")


def _joined(folder: Path, *parts: tuple[str, str, tuple[object, ...]]) -> Path:
    """A transport stream of white parts, each with a size, a pixel aspect and a codec: 40 frames, then 4 of each.

    ffmpeg takes a stream's size from its first seconds.
    """
    data = b""
    for number, (size, aspect, codec) in enumerate(parts):
        source = f"color=c=white:s={size}:r=5:d={0.8 if number else 8},setsar={aspect}"
        data += ffmpeg("-f", "lavfi", "-i", source, *codec, "-f", "mpegts", "-")
    (folder / "a.ts").write_bytes(data)
    return folder / "a.ts"


def _white(frame: NDArray[np.uint8]) -> tuple[int, int]:
    """Width and height of what is white in a frame, which must lie in its middle."""
    rows, columns = (np.flatnonzero((frame[..., 0] > 128).any(axis)) for axis in (1, 0))
    assert abs(rows[0] + rows[-1] - frame.shape[0] + 1) <= 1
    assert abs(columns[0] + columns[-1] - frame.shape[1] + 1) <= 1
    return len(columns), len(rows)


@pytest.mark.parametrize(
    ("second", "white"),
    [
        (("48x96", "1", X264), (24, 48)),
        (("128x48", "1", X264), (64, 24)),
        (("128x96", "1", X264), (64, 48)),
        (("64x48", "2", X264), (64, 24)),
        (("64x48", "1/2", X264), (32, 48)),
    ],
)
def test_each_part_keeps_its_shape(
    tmp_path: Path, second: tuple[str, str, tuple[object, ...]], white: tuple[int, int]
) -> None:
    clip = probe(_joined(tmp_path, ("64x48", "1", X264), second))
    assert clip.changes_shape
    assert "changes its size or its pixels' shape midway" in clip_warnings(clip)[-1]
    assert [_white(frame) for frame in read_film(clip)] == [(64, 48)] * 40 + [white] * 4


def test_television_that_changes_between_narrow_and_wide(tmp_path: Path) -> None:
    """Its pictures have the same number of pixels."""
    narrow, wide = ("64x48", "1", MPEG2), ("64x48", "4/3", MPEG2)
    clip = probe(_joined(tmp_path, narrow, wide, narrow))
    assert [_white(frame) for frame in read_film(clip)] == [(64, 48)] * 40 + [(64, 36)] * 4 + [(64, 48)] * 4


def test_vp9_that_changes_its_size(tmp_path: Path) -> None:
    for name, size in (("a", "64x48"), ("b", "64x24")):
        options = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", 8)
        ffmpeg("-f", "lavfi", "-i", f"color=c=white:s={size}:r=10:d=0.4", *options, tmp_path / f"{name}.webm")
    (tmp_path / "list").write_text("file a.webm\nfile b.webm\n")
    ffmpeg("-f", "concat", "-i", tmp_path / "list", "-c", "copy", tmp_path / "c.webm")
    clip = probe(tmp_path / "c.webm")
    assert clip.changes_shape
    assert [_white(frame) for frame in read_film(clip)] == [(64, 48)] * 4 + [(64, 24)] * 4


def test_a_clip_that_stays_as_it_is_does_not_warn(tmp_path: Path) -> None:
    clip = probe(pattern(tmp_path / "a.ts", *X264, "-g", 5, "-vf", "setsar=4/3", seconds=1))
    assert not clip.changes_shape
    assert clip_warnings(clip) == []


@pytest.mark.parametrize(
    ("default", "size", "words"), [(1, (96, 48), "the default one"), (None, (64, 48), "the first")]
)
def test_of_several_video_streams_the_default_one_is_read(
    tmp_path: Path, default: int | None, size: tuple[int, int], words: str
) -> None:
    sources = [f"testsrc2=s={width}x48:r=10:d=0.5" for width in (64, 96)]
    marks = [word for k in (0, 1) for word in (f"-disposition:v:{k}", "default" if k == default else "0")]
    inputs = [word for source in sources for word in ("-f", "lavfi", "-i", source)]
    path = tmp_path / "a.mkv"
    ffmpeg(*inputs, "-map", 0, "-map", 1, *X264, *marks, path)
    clip = probe(path)
    assert (clip.size, clip.video_streams, clip.stream) == (size, 2, default or 0)
    assert words in clip_warnings(clip)[0]
    assert {frame.shape for frame in read_film(clip)} == {(48, size[0], 3)}


def test_a_cover_is_no_video_stream(tmp_path: Path) -> None:
    pattern(tmp_path / "cover.png", "-frames:v", 1)
    film = pattern(tmp_path / "a.mp4", seconds=0.5, size="96x48")
    inputs = ("-i", tmp_path / "cover.png", "-i", film, "-map", 0, "-map", 1)
    ffmpeg(*inputs, "-c", "copy", "-disposition:v:0", "attached_pic", tmp_path / "b.mp4")
    clip = probe(tmp_path / "b.mp4")
    assert (clip.size, clip.video_streams) == ((96, 48), 1)
    assert len(read_film(clip)) == 5
