"""Films of many codecs, containers, sounds, turns, alphas, fields and lengths."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.inputs.outcome import Film, check
from tests.inputs.pictures import BLACK, BLUE, GRAY, GREEN, PATCHES, RED, film, patches, sine, still, turned
from tests.support.clips import ffmpeg

YUV = ("-pix_fmt", "yuv420p")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", 4)
COLOR = Film()

CODECS: dict[str, tuple[str, tuple[object, ...], Film]] = {
    "h264 in mp4": ("a.mp4", (*X264, *YUV), COLOR),
    "h264 in mkv": ("a.mkv", (*X264, *YUV), COLOR),
    "h264 in mov": ("a.mov", (*X264, *YUV), COLOR),
    "h264 in ts": ("a.ts", (*X264, *YUV), COLOR),
    "h264 in avi": ("a.avi", (*X264, *YUV, "-bf", 2), COLOR),
    "h264 in flv": ("a.flv", (*X264, *YUV), COLOR),
    "h264 alone": ("a.h264", (*X264, *YUV), COLOR),
    "h264 4:4:4": ("a.mkv", (*X264, "-pix_fmt", "yuv444p"), COLOR),
    "h264 10 bit": ("a.mkv", (*X264, "-pix_fmt", "yuv420p10le"), COLOR),
    "h264 lossless RGB": ("a.mp4", ("-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", 0), COLOR),
    "hevc in mp4": ("a.mp4", ("-c:v", "libx265", "-x265-params", "log-level=0", "-crf", 4, *YUV), COLOR),
    "vp8 in webm": ("a.webm", ("-c:v", "libvpx", "-b:v", "4M", *YUV), COLOR),
    "vp9 in webm": ("a.webm", ("-c:v", "libvpx-vp9", "-b:v", "4M", *YUV), COLOR),
    "vp9 in mkv, 4:4:0": ("a.mkv", ("-c:v", "libvpx-vp9", "-b:v", "4M", "-pix_fmt", "yuv440p"), COLOR),
    "av1 in mp4": ("a.mp4", ("-c:v", "libsvtav1", "-crf", 8, "-svtav1-params", "lp=1", *YUV), COLOR),
    "av1 in webm, 10 bit": ("a.webm", ("-c:v", "libsvtav1", "-crf", 8, "-pix_fmt", "yuv420p10le"), COLOR),
    "mpeg2 in mpg": ("a.mpg", ("-c:v", "mpeg2video", "-q:v", 2, "-r", 25, *YUV), COLOR),
    "mpeg2 in ts": ("a.ts", ("-c:v", "mpeg2video", "-q:v", 2, "-r", 25, *YUV), COLOR),
    "mpeg4 in avi": ("a.avi", ("-c:v", "mpeg4", "-q:v", 2), COLOR),
    "h263 in 3gp": ("a.3gp", ("-c:v", "h263", "-q:v", 2, "-s", "128x96"), Film(size=(140, 96))),
    "mjpeg in avi": ("a.avi", ("-c:v", "mjpeg", "-q:v", 2, "-pix_fmt", "yuvj422p"), COLOR),
    "mjpeg in mov, full range": ("a.mov", ("-c:v", "mjpeg", "-q:v", 2, "-pix_fmt", "yuvj444p"), COLOR),
    "prores in mov": ("a.mov", ("-c:v", "prores_ks", "-profile:v", 3, "-pix_fmt", "yuv422p10le"), COLOR),
    "dnxhr in mov": ("a.mov", (
        *("-vf", "scale=256:128:out_color_matrix=bt709,format=yuv422p", "-colorspace", "bt709"),
        *("-c:v", "dnxhd", "-profile:v", "dnxhr_hq")), Film(size=(256, 128))),
    "ffv1 in mkv": ("a.mkv", ("-c:v", "ffv1", "-pix_fmt", "yuv422p"), COLOR),
    "ffv1 in avi, 16 bit gray": ("a.avi", ("-c:v", "ffv1", "-pix_fmt", "gray16le"), Film(corners=(  # luma of BT.601
        (81, 81, 81), (119, 119, 119), (70, 70, 70), GRAY))),
    "theora in ogv": ("a.ogv", ("-c:v", "libtheora", "-q:v", 10), COLOR),
    "wmv in asf": ("a.wmv", ("-c:v", "wmv2", "-q:v", 2), COLOR),
    "huffyuv in avi": ("a.avi", ("-c:v", "huffyuv", "-pix_fmt", "yuv422p"), COLOR),
    "raw in avi": ("a.avi", ("-c:v", "rawvideo", "-pix_fmt", "bgr24"), COLOR),
    "v210 in mov": ("a.mov", ("-c:v", "v210"), COLOR),
    "y4m": ("a.y4m", ("-pix_fmt", "yuv444p",), COLOR),
    "utvideo in mkv": ("a.mkv", ("-c:v", "utvideo", "-pix_fmt", "gbrp"), COLOR),
    "qtrle in mov": ("a.mov", ("-c:v", "qtrle", "-pix_fmt", "rgb24"), COLOR),
    "cinepak in avi": ("a.avi", ("-c:v", "cinepak",), Film(tolerance=16)),
    "gif": ("a.gif", (), Film(tolerance=8)),
    "apng": ("a.apng", ("-f", "apng"), COLOR),
    "animated webp": ("a.webp", ("-c:v", "libwebp_anim", "-lossless", 1), COLOR),
    "jpeg 2000 in mxf": ("a.mxf", ("-c:v", "libopenjpeg", "-pix_fmt", "yuv422p", "-r", 25), COLOR),
    "full range, tagged": ("a.mp4", (*X264, "-vf", "scale=out_range=pc", "-pix_fmt", "yuv420p", "-color_range", "pc"),
                           COLOR),
    "two frames a second": ("a.mp4", (*X264, *YUV, "-r", 2), Film(seconds=1)),
    "300 frames a second": ("a.mp4", (*X264, *YUV, "-r", 300), Film(seconds=0.1)),
}  # fmt: skip


RARE = {
    *("h264 in mov", "h264 in flv", "h264 alone", "h264 10 bit", "vp9 in mkv, 4:4:0", "av1 in webm, 10 bit"),
    *("mpeg2 in ts", "dnxhr in mov", "ffv1 in avi, 16 bit gray", "huffyuv in avi", "raw in avi", "v210 in mov", "y4m"),
    *("utvideo in mkv", "qtrle in mov", "cinepak in avi", "jpeg 2000 in mxf", "wmv in asf", "h263 in 3gp"),
    *("aac to mp4", "pcm to mp4", "pcm to mov", "vorbis to mp4", "ac3 5.1 to mp4", "pcm 2.1 to webm", "wma to mkv"),
    *("pcm 7.1(wide) to mp4", "adpcm to mov", "mp2 to mp4", "alac to webm", "8 kHz to mp4", "ffv1 yuva", "utvideo"),
    *("vp9 in mkv", "rgba64 in mov", "png in mov"),
}
"""Inputs whose kind is tried by another one too: `pytest -m slow` has them."""


def inputs(names: Iterable[str]) -> list[Any]:
    """Names of inputs as parameters of a test; the rare ones are slow."""
    return [pytest.param(name, marks=[pytest.mark.slow] if name in RARE else []) for name in names]


@pytest.mark.parametrize("name", inputs(CODECS))
def test_codecs_and_containers(name: str, tmp_path: Path) -> None:
    file, options, expected = CODECS[name]
    fps = options[options.index("-r") + 1] if "-r" in options else 10
    check(film(tmp_path / file, *options, fps=fps, seconds=expected.seconds), expected)


SOUNDS: dict[str, tuple[str, tuple[object, ...], str, Film]] = {
    "aac to mp4": ("a.mp4", ("-c:a", "aac"), sine(), Film(hertz=440)),
    "mp3 to webm": ("a.mkv", ("-c:a", "libmp3lame"), sine(), Film(hertz=440, suffix=".webm")),
    "pcm to mp4": ("a.mov", ("-c:a", "pcm_s24le"), sine(), Film(hertz=440)),
    "pcm to mov": ("a.mov", ("-c:a", "pcm_s16be"), sine(), Film(hertz=440, suffix=".mov")),
    "big pcm to mkv": ("a.mov", ("-c:a", "pcm_s32be"), sine(), Film(hertz=440, suffix=".mkv")),
    "opus to mov": ("a.webm", ("-c:v", "libvpx", "-c:a", "libopus"), sine(), Film(hertz=440, suffix=".mov")),
    "vorbis to mp4": ("a.mkv", ("-c:a", "libvorbis"), sine(), Film(hertz=440)),
    "flac 96 kHz to webm": ("a.mkv", ("-c:a", "flac"), sine(rate=96000), Film(hertz=440, suffix=".webm")),
    "ac3 5.1 to mp4": ("a.ts", ("-c:a", "ac3"), sine(layout="5.1(side)"), Film(hertz=440)),
    "flac 5.1(side) to webm": ("a.mkv", ("-c:a", "flac"), sine(layout="5.1(side)"), Film(hertz=440, suffix=".webm")),
    "pcm 4.0 to webm": ("a.mkv", ("-c:a", "pcm_s16le"), sine(layout="4.0"), Film(hertz=440, suffix=".webm")),
    "pcm 2.1 to webm": ("a.mkv", ("-c:a", "pcm_s16le"), sine(layout="2.1"), Film(hertz=440, suffix=".webm")),
    "pcm 7.1(wide) to mp4": ("a.mkv", ("-c:a", "pcm_s16le"), sine(layout="7.1(wide)"), Film(hertz=440)),
    "pcm hexadecagonal to mp4": ("a.mov", ("-c:a", "pcm_s16le"), sine(layout="hexadecagonal"), Film(hertz=440)),
    "wma to mkv": ("a.wmv", ("-c:v", "wmv2", "-c:a", "wmav2"), sine(), Film(hertz=440, suffix=".mkv")),
    "adpcm to mov": ("a.avi", ("-c:a", "adpcm_ms"), sine(), Film(hertz=440, suffix=".mov")),
    "mp2 to mp4": ("a.mpg", ("-c:v", "mpeg2video", "-c:a", "mp2"), sine(), Film(hertz=440)),
    "alac to webm": ("a.mov", ("-c:a", "alac"), sine(), Film(hertz=440, suffix=".webm")),
    "8 kHz to mp4": ("a.mov", ("-c:a", "pcm_mulaw"), sine(rate=8000), Film(hertz=440)),
    "truehd to mov": ("a.mkv", ("-c:a", "truehd", "-strict", -2), sine(layout="stereo"),
                      Film(hertz=440, suffix=".mov")),
    "sound into a gif": ("a.mp4", ("-c:a", "aac"), sine(), Film(suffix=".gif", tolerance=8, warns="sound")),
}  # fmt: skip


@pytest.mark.parametrize("name", inputs(SOUNDS))
def test_sounds(name: str, tmp_path: Path) -> None:
    file, options, sound, expected = SOUNDS[name]
    codec: tuple[object, ...] = () if "-c:v" in options else (*X264, *YUV)
    if file.endswith(".ts"):
        codec = ("-c:v", "mpeg2video", "-q:v", 2)
    check(film(tmp_path / file, *codec, *options, sound=sound, fps=25, seconds=0.8), _lasting(expected, 0.8))


def _lasting(expected: Film, seconds: float) -> Film:
    return Film(**{**vars(expected), "seconds": seconds})


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turns(degrees: int, suffix: str, tmp_path: Path) -> None:
    plain = film(tmp_path / f"plain{suffix}", *X264, *YUV)
    turn = tmp_path / f"turned{suffix}"
    ffmpeg("-display_rotation", degrees, "-i", plain, "-c", "copy", turn)
    size = (64, 48) if degrees == 180 else (48, 64)
    check(turn, Film(corners=turned(degrees), size=size))


@pytest.mark.parametrize("aspect", ["4/3", "1/2", "64/45"])
def test_pixel_shapes(aspect: str, tmp_path: Path) -> None:
    numerator, denominator = map(int, aspect.split("/"))
    width = 64 * numerator / denominator
    expected = (int(width) // 2 * 2, 48)
    check(film(tmp_path / "a.mkv", *X264, *YUV, filters=f"setsar={aspect}"), Film(size=expected))


HIDDEN = (255, 0, 255)
ALPHAS: dict[str, tuple[str, tuple[object, ...]]] = {
    "vp8": ("a.webm", ("-c:v", "libvpx", "-pix_fmt", "yuva420p", "-b:v", "4M", "-auto-alt-ref", 0)),
    "vp9": ("a.webm", ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-b:v", "4M")),
    "vp9 in mkv": ("a.mkv", ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-b:v", "4M")),
    "prores 4444": ("a.mov", ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")),
    "png in mov": ("a.mov", ("-c:v", "png", "-pix_fmt", "rgba")),
    "qtrle": ("a.mov", ("-c:v", "qtrle", "-pix_fmt", "argb")),
    "ffv1": ("a.mkv", ("-c:v", "ffv1", "-pix_fmt", "bgra")),
    "ffv1 yuva": ("a.mkv", ("-c:v", "ffv1", "-pix_fmt", "yuva444p")),
    "utvideo": ("a.avi", ("-c:v", "utvideo", "-pix_fmt", "gbrap")),
    "apng": ("a.apng", ("-f", "apng", "-pix_fmt", "rgba")),
    "rgba64 in mov": ("a.mov", ("-c:v", "png", "-pix_fmt", "rgba64be")),
}


@pytest.mark.parametrize("name", inputs(ALPHAS))
def test_alphas(name: str, tmp_path: Path) -> None:
    background = "#2850c8" if name in ("vp9", "prores 4444", "qtrle") else None
    file, options = ALPHAS[name]
    rgba = np.dstack([patches(), np.full((48, 64), 255, np.uint8)])
    rgba[:, :32] = (*HIDDEN, 0)
    Image.fromarray(rgba).save(tmp_path / "rgba.png")
    picture = ("-loop", 1, "-framerate", 10, "-t", 0.5, "-i", tmp_path / "rgba.png")
    ffmpeg(*picture, *options, tmp_path / file)
    behind = (40, 80, 200) if background else BLACK
    more = ("--background", background) if background else ()
    words = "transparent"
    check(tmp_path / file, Film(corners=(behind, GREEN, behind, GRAY), warns=words, options=more, tolerance=7))


def test_a_gif_with_transparent_pixels(tmp_path: Path) -> None:
    frames = []
    for shift in range(2):
        rgba = np.dstack([patches(), np.full((48, 64), 255, np.uint8)])
        rgba[:24, :32, 3] = 0
        rgba[20:28, 30 + shift] = 255
        frames.append(Image.fromarray(rgba))
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=250, disposal=2)
    check(tmp_path / "a.gif", Film(corners=(BLACK, GREEN, BLUE, GRAY), tolerance=10, warns="transparent"))


@pytest.mark.parametrize(
    ("file", "codec", "parity"),
    [
        ("a.mpg", ("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-q:v", 2), "tff"),
        ("a.ts", ("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-q:v", 2), "bff"),
        ("a.mkv", (*X264, "-flags", "+ildct+ilme", "-x264-params", "tff=1"), "tff"),
        ("a.mp4", (*X264, "-flags", "+ildct+ilme", "-x264-params", "bff=1"), "bff"),
    ],
)
@pytest.mark.parametrize("deinterlace", ["auto", "off"])
def test_fields(file: str, codec: tuple[object, ...], parity: str, deinterlace: str, tmp_path: Path) -> None:
    """A bar moves 240 pixels a second: where its fields are woven, rows differ from their neighbours."""
    fields = "interleave_top" if parity == "tff" else "interleave_bottom"
    moving = f"[0][1]overlay=x=4+t*240:y=0,tinterlace={fields},fieldorder={parity},format=yuv420p"
    sources = [
        ("-f", "lavfi", "-i", f"color=c={c}:s={s}:r=50:d=0.4") for c, s in (("gray", "96x48"), ("white", "16x48"))
    ]
    source = tmp_path / file
    ffmpeg(*sources[0], *sources[1], "-filter_complex", moving, "-r", 25, *codec, source)
    preset = tmp_path / "pass.yaml"
    from tests.inputs.outcome import PRESET, read
    from tests.support.commands import QUIET, zoomdream

    preset.write_text(PRESET)
    output = tmp_path / "out.mp4"
    result = zoomdream("render", preset, "--input", source, "-o", output, "--deinterlace", deinterlace, *QUIET)
    assert result.exit_code == 0, result.stderr
    pixels, seconds = read(output)
    assert seconds == pytest.approx(0.4, abs=0.05)
    rows = pixels[4:-4, :, 0].astype(float)
    comb = np.abs(rows[1:-1] - (rows[:-2] + rows[2:]) / 2).mean()
    assert ("is deinterlaced" in result.stderr) == (deinterlace == "auto")
    assert comb < 0.6 if deinterlace == "auto" else comb > 3


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_a_last_picture_that_stays(suffix: str, tmp_path: Path) -> None:
    first, last = still(tmp_path), tmp_path / "last.png"
    Image.fromarray(patches(corners=PATCHES[::-1])).save(last)
    (tmp_path / "list.txt").write_text(f"ffconcat version 1.0\nfile {first}\nduration 0.5\nfile {last}\nduration 1.5\n")
    slides = tmp_path / f"slides{suffix}"
    pictures = ("-f", "concat", "-safe", 0, "-i", tmp_path / "list.txt", "-f", "lavfi", "-i", sine())
    ffmpeg(*pictures, "-t", 2, "-fps_mode", "vfr", *X264, *YUV, "-bf", 0, "-c:a", "aac", slides)
    check(slides, Film(seconds=2, corners=PATCHES[::-1], hertz=440, options=("--fps", "10")))


@pytest.mark.parametrize(("suffix", "options"), [(".gif", {}), (".webp", {"lossless": True}), (".png", {})])
def test_an_animation_whose_last_picture_stays(suffix: str, options: dict[str, Any], tmp_path: Path) -> None:
    first, last = (Image.fromarray(patches(corners=corners)) for corners in (PATCHES, PATCHES[::-1]))
    path = tmp_path / f"a{suffix}"
    first.save(path, save_all=True, append_images=[last], duration=[100, 900], loop=0, **options)
    check(path, Film(seconds=1, corners=PATCHES[::-1], tolerance=8, options=("--fps", "10")))


def test_a_still_with_music(tmp_path: Path) -> None:
    source = tmp_path / "music.mp4"
    ffmpeg("-i", still(tmp_path), "-f", "lavfi", "-i", sine(), "-t", 2, *X264, *YUV, "-c:a", "aac", source)
    check(source, Film(seconds=2, hertz=440, options=("--fps", "10")))


def test_the_cover_of_a_film_is_no_picture_of_it(tmp_path: Path) -> None:
    plain = film(tmp_path / "plain.mp4", *X264, *YUV)
    cover = tmp_path / "cover.png"
    Image.new("RGB", (200, 200), RED).save(cover)
    covered = tmp_path / "covered.mp4"
    maps = ("-map", 1, "-map", 0, "-c", "copy", "-disposition:v:0", "attached_pic")
    ffmpeg("-i", plain, "-i", cover, *maps, covered)
    check(covered, Film())
