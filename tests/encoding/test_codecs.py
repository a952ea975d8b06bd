"""Codecs: each writes the colors that were put in, at the quality and speed asked for."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from tests.support.clips import fill, noise, read_film, write_film
from zoomdream.media import probe
from zoomdream.media.ffmpeg import executable
from zoomdream.settings import OutputSettings

SIZE = (64, 48)
Codec = Literal["auto", "h264", "h265", "vp9", "gif", "png"]


COLORS = [(200, 60, 90), (30, 200, 30), (20, 30, 220), (128, 128, 128), (250, 240, 10), (0, 0, 0), (255, 255, 255)]


@pytest.mark.parametrize(
    ("name", "codec", "written"),
    [
        ("a.mp4", "auto", "h264"),
        ("a.mov", "auto", "h264"),
        ("a.MKV", "auto", "h264"),
        ("a.webm", "auto", "vp9"),
        ("a.mp4", "h265", "hevc"),
        ("a.mkv", "h265", "hevc"),
        ("a.mkv", "vp9", "vp9"),
    ],
)
def test_the_film_says_what_was_asked_for(
    tmp_path: Path, name: str, codec: Codec, written: str, nothing_left: None
) -> None:
    output = OutputSettings(codec=codec, crf=8, speed="ultrafast")  # near enough to lossless to judge the conversion
    write_film(tmp_path / name, [fill(color) for color in COLORS], fps=Fraction(30000, 1001), output=output)
    clip = probe(tmp_path / name)
    assert (clip.codec, clip.size, clip.frames, clip.fps) == (written, SIZE, 7, Fraction(30000, 1001))
    assert (clip.pixel_format, clip.color_matrix, clip.color_range) == ("yuv420p", "bt709", "tv")
    assert (clip.duration, clip.start_time, clip.variable_rate) == (7 * Fraction(1001, 30000), Fraction(0), False)
    for frame, color in zip(read_film(clip), COLORS, strict=True):
        assert np.abs(frame.astype(int) - color).max() <= 2


def test_all_color_tags_say_bt709_and_players_find_h265(tmp_path: Path) -> None:
    films: list[tuple[str, Codec, str]] = [
        ("a.mp4", "h264", "avc1"),
        ("b.mp4", "h265", "hvc1"),
        ("c.mov", "h265", "hvc1"),
    ]
    for name, codec, tag in films:
        write_film(tmp_path / name, [fill(COLORS[0])] * 3, output=OutputSettings(codec=codec, speed="ultrafast"))
        stderr = subprocess.run([executable(), "-i", tmp_path / name], capture_output=True, check=False).stderr.decode()
        assert (
            "yuv420p(tv, bt709, progressive)" in stderr
        )  # the name alone: matrix, primaries and transfer are the same
        assert tag in stderr


def test_crf_and_speed_reach_the_encoder(tmp_path: Path) -> None:
    sizes = {}
    for crf in (5, 18, None, 40):
        write_film(
            tmp_path / "a.mp4", noise(5, SIZE), output=OutputSettings(crf=crf, speed="ultrafast"), overwrite=True
        )
        sizes[crf] = (tmp_path / "a.mp4").stat().st_size
    assert sizes[5] > sizes[18] > sizes[40]
    assert sizes[None] == pytest.approx(sizes[18], rel=0.01)
    write_film(tmp_path / "b.mp4", noise(5, SIZE), output=OutputSettings(speed="slow"))
    assert b"subme=8" in (tmp_path / "b.mp4").read_bytes()  # x264's own record of its settings


def test_a_gif_shows_each_frame_in_its_own_colors(tmp_path: Path, nothing_left: None) -> None:
    # the palette of the first frame comes back: ffmpeg's encoder then took frame 4 for unchanged
    colors = [*COLORS[:4], COLORS[0], COLORS[0], COLORS[1]]
    write_film(tmp_path / "a.gif", [fill(color) for color in colors], fps=Fraction(20))
    clip = probe(tmp_path / "a.gif")
    assert (clip.frames, clip.fps, clip.size) == (7, Fraction(20), SIZE)
    for frame, color in zip(read_film(clip), colors, strict=True):
        assert np.abs(frame.astype(int) - color).max() <= 4


@pytest.mark.parametrize(("loop", "stored"), [(0, b"\x00\x00"), (1, None), (3, b"\x02\x00")])
def test_a_gif_plays_as_often_as_asked(tmp_path: Path, loop: int, stored: bytes | None) -> None:
    write_film(tmp_path / "a.gif", noise(2, (8, 8)), output=OutputSettings(loop=loop))
    _, extension, rest = (tmp_path / "a.gif").read_bytes().partition(b"NETSCAPE2.0\x03\x01")
    assert (rest[:2] if extension else None) == stored
