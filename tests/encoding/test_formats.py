"""Each format as other programs read it: size, rate, pixel format, depth, color tags, and the colors themselves."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.clips import write_film
from tests.support.other_readers import read_by_pillow, read_by_pyav, read_deep_png
from zoomdream.encoding.codecs import CODECS, film_depth, frame_bits
from zoomdream.encoding.containers import CONTAINERS
from zoomdream.settings import OutputSettings

SIZE = (64, 48)
NTSC = Fraction(30000, 1001)
BT709_LIMITED, BT709_RGB = (1, 1, 1, 1), (2, 1, 1, 0)
SRGB_FULL, UNTAGGED_LIMITED = (2, 1, 13, 1), (1, 2, 2, 2)
SRGB_RGB = (2, 1, 13, 0)

# file, codec, depth; then what another reader finds
VIDEOS: list[tuple[str, str, int | None, str, tuple[int, ...]]] = [
    ("a.mp4", "h264", None, "yuv420p", BT709_LIMITED),
    ("a.mp4", "h265", 10, "yuv420p10le", BT709_LIMITED),
    ("a.mkv", "h265", 10, "yuv420p10le", BT709_LIMITED),
    ("a.mov", "h265", 10, "yuv420p10le", BT709_LIMITED),
    ("a.mp4", "av1", None, "yuv420p", BT709_LIMITED),
    ("a.mkv", "av1", 10, "yuv420p10le", BT709_LIMITED),
    ("a.webm", "av1", 10, "yuv420p10le", BT709_LIMITED),
    ("a.webm", "auto", None, "yuv420p", BT709_LIMITED),
    ("a.mov", "prores", None, "yuv422p10le", BT709_LIMITED),
    ("a.mov", "prores4444", 10, "yuv444p12le", BT709_LIMITED),  # as FFmpeg reads any 4444
    ("a.mkv", "ffv1", None, "bgr0", BT709_RGB),
    ("a.mkv", "ffv1", 10, "gbrp10le", BT709_RGB),
    ("a.mkv", "ffv1", 16, "gbrp16le", BT709_RGB),
    ("a.apng", "auto", None, "rgb24", SRGB_RGB),
    ("a.apng", "auto", 16, "rgb48be", SRGB_RGB),
    ("a.avif", "auto", None, "yuv444p", SRGB_FULL),
    ("a.avif", "av1", 10, "yuv444p10le", SRGB_FULL),
    ("a.y4m", "auto", None, "yuv420p", UNTAGGED_LIMITED),
    ("a.y4m", "auto", 10, "yuv420p10le", UNTAGGED_LIMITED),
]
NAMES = {"h265": "hevc", "av1": "libdav1d", "avif": "libdav1d", "prores4444": "prores", "y4m": "rawvideo"}
PROFILES = {("h265", 10): "Main 10", ("prores", 10): "HQ", ("prores4444", 10): "4444"}


def settings(codec: str, depth: int | None = None, **more: Any) -> OutputSettings:
    values: dict[str, Any] = {"codec": codec, "depth": depth, "speed": "ultrafast", "crf": 4, **more}
    return OutputSettings(**values)


def patches(bits: int, count: int = 4, size: tuple[int, int] = SIZE) -> list[NDArray[Any]]:
    """Frames of twelve colors, which move on by one patch with each frame."""
    width, height = size
    colors = np.random.default_rng(5).integers(0, 2**bits, (3, 4, 3)).astype(np.uint8 if bits == 8 else np.uint16)
    picture = colors[np.arange(height) * 3 // height][:, np.arange(width) * 4 // width]
    return [np.roll(picture, 16 * index, 1) for index in range(count)]


def inside(frame: NDArray[Any]) -> NDArray[np.float64]:
    """The middles of the patches, where chroma of half the resolution is no other color's; in 0..255."""
    levels = 255 if frame.dtype != np.uint16 else 65535
    return frame[8::16, 8::16].astype(float) * 255 / levels


def assert_colors(read: list[NDArray[Any]], written: list[NDArray[Any]], tolerance: float) -> None:
    assert len(read) == len(written)
    for one, other in zip(read, written, strict=True):
        assert np.abs(inside(one) - inside(other)).max() <= tolerance


@pytest.mark.parametrize(("name", "codec", "depth", "pixel_format", "color"), VIDEOS)
def test_other_programs_read_what_was_written(
    tmp_path: Path,
    name: str,
    codec: str,
    depth: int | None,
    pixel_format: str,
    color: tuple[int, ...],
    nothing_left: None,
) -> None:
    output = settings(codec, depth, speed="medium" if codec == "av1" else "ultrafast")  # SVT-AV1's fastest are coarse
    frames = patches(frame_bits(output))
    tags = {"comment": "a recipe", "zoomdream_preset": '{"a": "=;#\\\\"}'}
    write_film(tmp_path / name, frames, fps=NTSC, output=output, metadata=tags)
    film = read_by_pyav(tmp_path / name)
    codec = {"auto": CONTAINERS[Path(name).suffix].codecs[0], "av1": codec}.get(codec, codec)
    assert film.codec == NAMES.get(codec, codec)
    assert film.profile == PROFILES.get((codec, film_depth(codec, output)), film.profile)
    assert (film.pixel_format, film.color) == (pixel_format, color)
    assert film.frames[0].shape == (48, 64, 3)
    assert film.fps == NTSC
    assert film.seconds == pytest.approx([index / NTSC for index in range(4)], abs=0.001)
    if codec == "y4m":  # which says no matrix: FFmpeg takes BT.601
        assert len(film.frames) == 4
    else:
        exact = codec == "apng" or (codec == "ffv1" and depth != 10)
        # PyAV's own conversion of 8 bits is up to 3 levels off
        assert_colors(film.frames, frames, 1e-9 if exact else 4 if frame_bits(output) == 8 else 2)
    if Path(name).suffix in (".mp4", ".mov", ".mkv", ".webm"):
        assert {key: film.tags[key] for key in tags} == tags


@pytest.mark.parametrize("crf", [None, 0])
def test_webp(tmp_path: Path, crf: int | None, nothing_left: None) -> None:
    frames = patches(8, 5)
    write_film(tmp_path / "a.webp", frames, fps=Fraction(24), output=settings("webp", crf=crf, loop=3))
    read, milliseconds, plays = read_by_pillow(tmp_path / "a.webp")
    assert_colors(read, frames, 3)
    assert plays == 3
    assert len(milliseconds) == 5
    assert sum(milliseconds[:3]) == 125
    assert set(milliseconds) <= {41, 42}


@pytest.mark.parametrize("loop", [0, 4])
@pytest.mark.parametrize("name", ["a.webp", "a.apng", "a.avif"])
def test_pictures_that_move_play_as_often_as_asked(tmp_path: Path, name: str, loop: int) -> None:
    write_film(tmp_path / name, patches(8, 2), fps=Fraction(50), output=settings("auto", loop=loop))
    read, milliseconds, plays = read_by_pillow(tmp_path / name)
    assert_colors(read, patches(8, 2), 3)
    assert milliseconds == [20, 20]
    if name != "a.avif":
        assert plays == loop


@pytest.mark.parametrize("name", ["frames/", "frames/%06d.png"])
def test_deep_pngs(tmp_path: Path, name: str, nothing_left: None) -> None:
    frames = patches(16, 2)
    write_film(f"{tmp_path}/{name}", frames, output=settings("auto", 16))
    for index, frame in enumerate(frames):
        assert np.array_equal(read_deep_png(tmp_path / "frames" / f"{index:06}.png"), frame)


@pytest.mark.parametrize(
    ("name", "codec", "depth", "size"),
    [
        ("a.mov", "prores", None, (64, 49)),
        ("a.mov", "prores4444", None, (65, 49)),
        ("a.mkv", "ffv1", 16, (65, 49)),
        ("a.apng", "auto", None, (65, 49)),
        ("a.avif", "auto", 10, (65, 49)),
        ("a.webp", "auto", None, (65, 49)),
        ("a.gif", "auto", None, (65, 49)),
        ("a.mp4", "av1", None, (16, 16)),
        ("a.mp4", "av1", 10, (16, 16)),
        ("a.avif", "auto", None, (16, 16)),
    ],
)
def test_odd_and_small_sizes(
    tmp_path: Path, name: str, codec: str, depth: int | None, size: tuple[int, int], nothing_left: None
) -> None:
    output = settings(codec, depth)
    frames = [np.full_like(frame, frame[0, 0]) for frame in patches(frame_bits(output), 2, size)]
    write_film(tmp_path / name, frames, output=output)
    read: list[NDArray[Any]] = (
        list(read_by_pillow(tmp_path / name)[0])
        if name.endswith((".webp", ".gif"))
        else list(read_by_pyav(tmp_path / name).frames)
    )
    assert read[0].shape == (size[1], size[0], 3)
    assert_colors(read, frames, 4)


@pytest.mark.parametrize(
    ("name", "codec", "depth", "levels"),
    [
        ("a.mp4", "h265", 10, 700),
        ("a.mkv", "av1", 10, 700),
        ("a.mov", "prores", None, 700),
        ("a.mov", "prores4444", None, 700),
        ("a.mkv", "ffv1", 10, 1000),
        ("a.mkv", "ffv1", 16, 2000),
        ("a.avif", "auto", 10, 700),
        ("a.apng", "auto", 16, 2000),
    ],
)
def test_a_slow_gradient_has_no_steps(tmp_path: Path, name: str, codec: str, depth: int | None, levels: int) -> None:
    """A ramp from black to white over 2048 pixels: 8 bits would show 256 bands."""
    ramp = np.broadcast_to(np.linspace(0, 65535, 2048).round().astype(np.uint16)[None, :, None], (64, 2048, 3))
    write_film(tmp_path / name, [ramp] * 2, output=settings(codec, depth, crf=None))
    row = read_by_pyav(tmp_path / name).frames[1][32, :, 1]
    assert len(np.unique(row)) > levels
    assert np.abs(np.diff(row)).max() < 0.6  # of 255
    assert np.abs(row - ramp[32, :, 1] / 257).max() < 1.1


def test_every_codec_has_a_setting_and_a_place() -> None:
    assert {"auto", *CODECS} == set(OutputSettings.model_fields["codec"].annotation.__args__)  # type: ignore[union-attr]
    assert {codec for container in CONTAINERS.values() for codec in container.codecs} == CODECS.keys() - {"png"}
    usual = {container.codecs[0] for container in CONTAINERS.values()}
    assert all(film_depth(codec, OutputSettings()) == 8 for codec in usual)  # as `frame_bits` takes for granted
