"""Decoded frames: colors as the tags say, what is transparent over a background, fields deinterlaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support.clips import ffmpeg, pattern, plain, read_film
from tests.support.colors import (
    PATCHES,
    TO_BT2020,
    TO_P3,
    Floats,
    hlg_signal,
    patch_colors,
    patch_film,
    pq_signal,
    srgb_signal,
    to_linear,
)
from zoomdream.media import probe
from zoomdream.media.decoding import decoding
from zoomdream.media.ffmpeg import has_decoder, has_filter

LIGHT = to_linear(PATCHES)
WIDE = LIGHT @ TO_BT2020.T


def tagged(matrix: str, primaries: str, transfer: str, color_range: str = "tv") -> str:
    """A filter that sets a frame's color tags."""
    return f"setparams=colorspace={matrix}:color_primaries={primaries}:color_trc={transfer}:range={color_range}"


def to_yuv(matrix: str, primaries: str, transfer: str, form: str, color_range: str = "tv") -> str:
    """Filters from R'G'B' to Y'CbCr with tags. swscale's name for bt2020nc is bt2020."""
    scale = f"scale=out_color_matrix={matrix.removesuffix('nc')}:out_range={color_range}:flags=accurate_rnd"
    return f"{scale}+full_chroma_int,format={form},{tagged(matrix, primaries, transfer, color_range)}"


FFV1 = ("-c:v", "ffv1")
HDR_TAGS = ("-color_primaries", "bt2020", "-colorspace", "bt2020nc")
X265_HLG = "log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
PHONE = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", 6, "-x265-params", X265_HLG, *HDR_TAGS)


@pytest.mark.parametrize(
    ("name", "signal", "filters", "options"),
    [
        (
            "hlg.mov",
            hlg_signal(WIDE),
            to_yuv("bt2020nc", "bt2020", "arib-std-b67", "yuv420p10le"),
            (*PHONE, "-color_trc", "arib-std-b67", "-tag:v", "hvc1"),
        ),
        ("hlg.mkv", hlg_signal(WIDE), to_yuv("bt2020nc", "bt2020", "arib-std-b67", "yuv422p10le"), FFV1),
        ("pq.mkv", pq_signal(WIDE), to_yuv("bt2020nc", "bt2020", "smpte2084", "yuv420p10le"), FFV1),
        ("full.mkv", pq_signal(WIDE), to_yuv("bt2020nc", "bt2020", "smpte2084", "yuv444p12le", "pc"), FFV1),
        ("rgb.mkv", pq_signal(WIDE), "format=gbrp12le," + tagged("gbr", "bt2020", "smpte2084", "pc"), FFV1),
        ("no_matrix.mkv", pq_signal(WIDE), to_yuv("bt2020nc", "bt2020", "smpte2084", "yuv444p10le"), FFV1),
        ("sdr.mkv", srgb_signal(WIDE), to_yuv("bt2020nc", "bt2020", "bt2020-10", "yuv420p10le"), FFV1),
        ("p3.mkv", srgb_signal(LIGHT @ TO_P3.T), to_yuv("bt709", "smpte432", "bt709", "yuv422p10le"), FFV1),
        (
            "p3.mp4",
            srgb_signal(LIGHT @ TO_P3.T),
            to_yuv("bt709", "smpte432", "bt709", "yuv420p"),
            (
                "-c:v",
                "libx264",
                "-crf",
                2,
                "-color_primaries",
                "smpte432",
                "-colorspace",
                "bt709",
                "-color_trc",
                "bt709",
            ),
        ),
        ("linear.mkv", LIGHT, "format=gbrp16le," + tagged("gbr", "bt709", "linear", "pc"), FFV1),
    ],
)
def test_colors_of_hdr_and_wide_gamuts(
    tmp_path: Path, name: str, signal: Floats, filters: str, options: Sequence[object]
) -> None:
    if name == "no_matrix.mkv":
        filters += ",setparams=colorspace=unknown"
    path = patch_film(tmp_path / name, signal, filters, *options)
    error = np.abs(patch_colors(read_film(path)[1]) - PATCHES)
    assert error.mean() < 1.5
    assert error.max() < 5
    (warning,) = decoding(probe(path)).warnings
    assert warning.startswith(f"{name} ")
    assert ("reference white stays white" in warning) == name.startswith(("hlg", "pq", "full", "rgb", "no_matrix"))


@pytest.mark.parametrize(
    ("matrix", "signal", "primaries", "transfer"),
    [
        ("ycgco", PATCHES / 255, "bt709", "bt709"),
        ("chroma-derived-nc", PATCHES / 255, "bt709", "bt709"),
        ("bt2020c", srgb_signal(WIDE), "bt2020", "bt2020-10"),
        ("ictcp", pq_signal(WIDE), "bt2020", "smpte2084"),
    ],
)
def test_matrices_that_the_scaler_does_not_know(
    tmp_path: Path, matrix: str, signal: Floats, primaries: str, transfer: str
) -> None:
    if not has_filter("zscale"):
        pytest.skip("this ffmpeg has no zscale")
    rgb = "format=gbrp16le," + tagged("gbr", primaries, transfer, "pc")
    filters = f"{rgb},zscale=matrix={matrix}:range=limited,format=yuv444p10le," + tagged(matrix, primaries, transfer)
    path = patch_film(tmp_path / "a.mkv", signal, filters, *FFV1)
    assert np.abs(patch_colors(read_film(path)[1]) - PATCHES).max() < 5


def test_a_matrix_that_nothing_can_undo_is_told(tmp_path: Path) -> None:
    path = plain(tmp_path / "a.mkv", (90, 90, 90), "-vf", "format=yuv444p,setparams=colorspace=smpte2085", *FFV1)
    (warning,) = decoding(probe(path)).warnings
    assert warning == "a.mkv has the color matrix smpte2085, which this ffmpeg cannot undo: its colors will be off"
    assert np.abs(read_film(path)[1].astype(int) - 90).max() < 4  # gray has no chroma that could be off


def test_dolby_vision_without_a_fallback_is_told(tmp_path: Path) -> None:
    clip = replace(probe(pattern(tmp_path / "a.mp4", seconds=0.2)), dolby_vision=5)
    (warning,) = decoding(clip).warnings
    assert warning.startswith("a.mp4 is Dolby Vision of profile 5")
    assert decoding(replace(clip, dolby_vision=8)).warnings == ()


BOX = np.s_[12:36, 16:48]
GREEN = (30, 200, 60)


def box_over_magenta(alpha: int = 255) -> NDArray[np.uint8]:
    """48x64 RGBA: a green box; around it magenta that is wholly transparent."""
    frame = np.full((48, 64, 4), (255, 0, 255, 0), np.uint8)
    frame[BOX] = (*GREEN, alpha)
    return frame


def alpha_film(path: Path, *options: object, alpha: int = 255) -> Path:
    """Three frames of `box_over_magenta`."""
    Image.fromarray(box_over_magenta(alpha)).save(path.with_suffix(".source.png"))
    ffmpeg("-loop", 1, "-r", 10, "-t", 0.3, "-i", path.with_suffix(".source.png"), *options, path)
    return path


ALPHA_FILMS: dict[str, tuple[object, ...]] = {
    "vp9.webm": ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-b:v", "1M", "-auto-alt-ref", 0, "-cpu-used", 8),
    "vp8.mkv": ("-c:v", "libvpx", "-pix_fmt", "yuva420p", "-b:v", "1M", "-auto-alt-ref", 0),
    "prores.mov": ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"),
    "png.mov": ("-c:v", "png"),
    "animation.mov": ("-c:v", "qtrle"),
    "ffv1.mkv": ("-c:v", "ffv1", "-pix_fmt", "yuva420p"),
    "ffv1_rgb.mkv": ("-c:v", "ffv1", "-pix_fmt", "bgra"),
    "utvideo.avi": ("-c:v", "utvideo", "-pix_fmt", "gbrap"),
    "a.gif": ("-vf", "split[a][b];[a]palettegen=reserve_transparent=1[p];[b][p]paletteuse"),
    "a.apng": ("-f", "apng", "-plays", 0),
}


SLOW_ALPHA_FILMS = ("animation.mov", "ffv1.mkv", "utvideo.avi")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW_ALPHA_FILMS)) for name in ALPHA_FILMS]
)
def test_what_is_transparent_is_black_or_the_background(tmp_path: Path, name: str) -> None:
    if name.startswith("vp") and not has_decoder("libvpx-vp9"):
        pytest.skip("this ffmpeg has no libvpx")
    path = alpha_film(tmp_path / name, *ALPHA_FILMS[name])
    clip = probe(path)
    assert clip.has_alpha
    outside = np.ones((48, 64), bool)
    outside[10:38, 14:50] = False
    for background in ((0, 0, 0), (255, 204, 0)):
        frame = read_film(clip, background=background)[1].astype(int)
        assert np.abs(frame[outside] - background).max() <= 2
        assert np.abs(frame[BOX][4:-4, 4:-4] - GREEN).max() <= 6
    assert decoding(clip).warnings == (f"what is transparent in {name} counts as black",)
    assert decoding(clip, background=(255, 204, 0)).warnings == (f"what is transparent in {name} counts as #ffcc00",)


def test_what_is_half_transparent_is_mixed(tmp_path: Path) -> None:
    path = alpha_film(tmp_path / "a.mov", "-c:v", "png", alpha=128)
    middle = np.array(GREEN) * 128 / 255
    assert np.abs(read_film(path)[0][24, 32] - middle).max() <= 1
    assert np.abs(read_film(path, background=(255, 255, 255))[0][24, 32] - (middle + 127)).max() <= 1


@pytest.mark.parametrize("background", [(0, 0, 0), (255, 255, 255)])
def test_hidden_colors_do_not_leak_into_edges(tmp_path: Path, background: tuple[int, int, int]) -> None:
    path = alpha_film(tmp_path / "a.mov", "-c:v", "png")
    frame = read_film(path, size=(160, 120), background=background)[0].astype(float)
    own, over = np.array(GREEN, float), np.array(background, float)
    share = (frame - over) @ (own - over) / np.square(own - over).sum()  # of the box's color in each pixel
    mixed = (share > 0.05) & (share < 0.95)
    assert mixed.sum() > 100
    line = over + share[..., None] * (own - over)
    assert np.abs(frame - line)[mixed].max() <= 12  # between the two but for ringing; magenta would add 100


def test_alpha_in_hdr(tmp_path: Path) -> None:
    alpha = "split[a][b];[b]format=gray16le,drawbox=w=iw/2:h=ih:c=black:t=fill,drawbox=x=iw/2:h=ih:c=white:t=fill[m]"
    filters = f"{alpha};[a]format=gbrp16le[c];[c][m]alphamerge,format=gbrap16le," + tagged("gbr", "bt2020", "smpte2084")
    path = patch_film(tmp_path / "a.mkv", pq_signal(WIDE), filters, "-c:v", "ffv1", "-pix_fmt", "gbrap12le")
    for background in ((0, 0, 0), (200, 100, 0)):
        colors = patch_colors(read_film(path, background=background)[0])
        assert np.abs(colors[:4] - background).max() <= 1
        assert np.abs(colors[4:] - PATCHES[4:]).max() <= 4


def test_a_fourth_byte_that_means_nothing_is_no_alpha(tmp_path: Path) -> None:
    path = alpha_film(tmp_path / "a.avi", "-c:v", "rawvideo", "-pix_fmt", "bgra")
    assert not probe(path).has_alpha
    assert tuple(read_film(path)[0][0, 0]) == (255, 0, 255)


def interlaced_film(path: Path, order: str, *options: object, form: str = "yuv420p", size: str = "64x48") -> Path:
    """Two seconds of 25 interlaced frames each, in which a white bar moves."""
    fields = f"color=c=gray:s={size}:r=50:d=2[a];color=c=white:s=12x{size.split('x')[1]}:r=50:d=2[b]"
    bar = f"{fields};[a][b]overlay=x=4+t*20:y=0,tinterlace=interleave_{order},setfield={order[0]}ff,format={form}"
    ffmpeg("-f", "lavfi", "-i", bar, "-r", 25, "-flags", "+ildct+ilme", *options, path)
    return path


def comb(frames: Sequence[NDArray[np.uint8]]) -> float:
    """How much rows differ from the mean of their neighbors, in levels."""
    rows = np.array(frames, float)[:, 2:-2]
    return float(np.abs(rows[:, 1:-1] - (rows[:, :-2] + rows[:, 2:]) / 2).mean())


X264: Any = ("-c:v", "libx264", "-crf", 8, "-preset", "ultrafast")


@pytest.mark.parametrize(
    ("name", "order", "options", "form"),
    [
        ("a.mpg", "top", ("-c:v", "mpeg2video", "-q:v", 2), "yuv420p"),
        pytest.param("b.ts", "bottom", ("-c:v", "mpeg2video", "-q:v", 2), "yuv422p", marks=pytest.mark.slow),
        ("a.mp4", "top", (*X264, "-x264opts", "tff=1"), "yuv420p"),
        ("b.mkv", "bottom", (*X264, "-x264opts", "bff=1"), "yuv420p"),
        ("a.avi", "top", ("-c:v", "mpeg4", "-q:v", 2), "yuv420p"),  # the header says nothing
        pytest.param("a.mov", "top", ("-c:v", "prores_ks"), "yuv422p10le", marks=pytest.mark.slow),
        pytest.param("raw.mov", "top", ("-c:v", "rawvideo"), "uyvy422", marks=pytest.mark.slow),
        ("rgb.mkv", "top", ("-c:v", "ffv1"), "bgr0"),
        (
            "jpeg.mov",
            "bottom",
            ("-c:v", "mjpeg", "-q:v", 2, "-flags", "-ildct-ilme"),
            "yuvj420p",
        ),  # the frames do not say
    ],
)
def test_fields_are_deinterlaced(tmp_path: Path, name: str, order: str, options: Sequence[object], form: str) -> None:
    clip = probe(interlaced_film(tmp_path / name, order, *options, form=form))
    assert clip.field_order == f"{order} first"
    whole, woven = read_film(clip), read_film(clip, deinterlace="off")
    assert len(whole) == len(woven) == clip.frames == 50
    assert comb(woven) > 1
    assert comb(whole) < 0.1
    assert decoding(clip).warnings == (f"{name} is interlaced ({order} first) and is deinterlaced",)
    (warning,) = decoding(clip, deinterlace="off").warnings
    assert "is not deinterlaced" in warning
    for start in (1, 40):  # the second behind a seek
        part = read_film(clip, start=start, frames=3)
        assert all(np.array_equal(a, b) for a, b in zip(part, whole[start : start + 3], strict=True))


@pytest.mark.parametrize("angle", [90, -90, 180])
def test_fields_of_a_turned_clip(tmp_path: Path, angle: int) -> None:
    upright = interlaced_film(tmp_path / "a.mp4", "top", *X264, "-x264opts", "tff=1")
    ffmpeg("-display_rotation", angle, "-i", upright, "-c", "copy", tmp_path / "turned.mp4")
    turned = np.array([np.rot90(frame, angle // 90) for frame in read_film(upright)[:5]], float)
    frames = np.array(read_film(tmp_path / "turned.mp4", frames=5), float)
    assert frames.shape == turned.shape
    assert np.abs(frames - turned).mean() < 0.5


def test_dv_says_in_its_frames_that_it_is_interlaced(tmp_path: Path) -> None:
    path = tmp_path / "a.dv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=720x576:r=25:d=0.12,format=yuv420p,setfield=bff", "-flags", "+ildct", path)
    assert probe(path).field_order == "bottom first"


def test_progressive_frames_pass_unchanged(tmp_path: Path) -> None:
    clip = probe(pattern(tmp_path / "a.mp4", seconds=0.5))
    assert clip.field_order == "progressive"
    assert decoding(clip) == decoding(clip, deinterlace="off")
    doubtful = replace(clip, field_order=None)  # the filter is there, and finds nothing to do
    assert decoding(doubtful) != decoding(doubtful, deinterlace="off")
    assert np.array_equal(read_film(doubtful), read_film(clip))
