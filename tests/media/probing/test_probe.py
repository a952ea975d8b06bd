"""Properties of films that `probe` reads, and files that it refuses."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from tests.support.clips import X264, ffmpeg, pattern, tone
from zoomdream.errors import SourceError
from zoomdream.media import audio_codec, probe

NTSC_FILM = Fraction(24000, 1001)

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><rect width="9" height="9"/></svg>'


@pytest.mark.parametrize(
    ("name", "size", "fps", "frames", "audio", "aspect"),
    [
        ("bikes.mp4", (640, 272), Fraction(25), 250, None, Fraction(1)),
        ("bigbuckbunny.mp4", (1280, 720), Fraction(25), 132, "aac", Fraction(1)),
        ("carphone_pristine.mp4", (176, 144), Fraction(30000, 1001), 120, None, Fraction(128, 117)),
    ],
)
def test_real_clips(
    clips: Path, name: str, size: tuple[int, int], fps: Fraction, frames: int, audio: str | None, aspect: Fraction
) -> None:
    clip = probe(clips / name)
    assert (clip.size, clip.fps, clip.frames, clip.audio, clip.sample_aspect) == (size, fps, frames, audio, aspect)
    assert clip.duration == frames / fps
    assert (clip.codec, clip.pixel_format, clip.bit_depth, clip.variable_rate) == ("h264", "yuv420p", 8, False)
    assert (clip.color_matrix, clip.color_range, clip.start_time, clip.is_still) == (None, None, Fraction(0), False)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm", "mov", "ts"])
@pytest.mark.parametrize("fps", [NTSC_FILM, Fraction(24), Fraction(30000, 1001), Fraction(12)])
def test_the_rate_is_exact_in_every_container(tmp_path: Path, suffix: str, fps: Fraction) -> None:
    codec = ("-c:v", "libvpx-vp9", "-cpu-used", 8, "-deadline", "realtime") if suffix == "webm" else X264
    path = pattern(tmp_path / f"a.{suffix}", *codec, size="32x32", fps=fps, seconds=2.5)
    clip = probe(path)
    assert clip.fps == fps
    assert not clip.variable_rate
    assert clip.duration == clip.frames / fps


def test_variable_rate(tmp_path: Path) -> None:
    select = "select='lt(n,30)+not(mod(n,3))'"
    path = pattern(tmp_path / "vfr.mp4", "-vf", select, "-fps_mode", "vfr", *X264, fps=30)
    clip = probe(path)
    assert clip.variable_rate
    assert clip.frames == 50  # 30 of the first second, every third of the next two
    assert clip.fps == 30
    assert clip.timestamps[30] * clip.time_base == 1
    indices = clip.source_indices()
    assert len(indices) == 88  # the last one, taken at 87/30 s, is shown for one tick
    assert list(indices[28:36]) == [28, 29, 30, 30, 30, 31, 31, 31]
    assert list(clip.source_indices(Fraction(10))) == [*range(1, 29, 3), *range(30, 49)]


def test_another_rate_repeats_and_drops_by_time(tmp_path: Path) -> None:
    clip = probe(pattern(tmp_path / "a.mp4", fps=10, seconds=1))
    assert list(clip.source_indices(Fraction(20))) == [k // 2 for k in range(20)]
    assert list(clip.source_indices(Fraction(5))) == [0, 2, 4, 6, 8]
    assert list(clip.source_indices(Fraction(10))) == list(range(10))


@pytest.mark.parametrize("rate", [5, 10, 20, 24, Fraction(30000, 1001), 60])
def test_frames_are_chosen_as_by_the_fps_filter(tmp_path: Path, rate: int | Fraction) -> None:
    """The slow twin: ffmpeg's own filter."""
    path = pattern(tmp_path / "vfr.mp4", "-vf", "select='lt(n,30)+not(mod(n,3))'", "-fps_mode", "vfr", *X264, fps=30)
    checksums = _checksums("-i", path, "-fps_mode", "passthrough")
    assert len(set(checksums)) == 50
    chosen = [checksums[index] for index in probe(path).source_indices(Fraction(rate))]
    assert chosen == _checksums("-i", path, "-vf", f"fps={rate}")


def _checksums(*arguments: object) -> list[str]:
    lines = ffmpeg(*arguments, "-f", "framecrc", "-").decode().splitlines()
    return [line.split(",")[5] for line in lines if not line.startswith("#")]


@pytest.mark.parametrize(
    ("angle", "size", "aspect"), [(90, (48, 64), "3/4"), (-90, (48, 64), "3/4"), (180, (64, 48), "4/3")]
)
def test_rotation_turns_size_and_pixel_aspect(tmp_path: Path, angle: int, size: tuple[int, int], aspect: str) -> None:
    upright = pattern(tmp_path / "a.mp4", "-vf", "setsar=4/3", *X264, seconds=0.5)
    ffmpeg("-display_rotation", angle, "-i", upright, "-c", "copy", tmp_path / "r.mp4")
    clip = probe(tmp_path / "r.mp4")
    assert clip.size == size
    assert clip.sample_aspect == Fraction(aspect)
    assert clip.rotation % 360 == angle % 360


def test_color_and_depth_as_tagged(tmp_path: Path) -> None:
    tags = ("-vf", "format=yuv420p10le,setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv")
    ten = probe(pattern(tmp_path / "ten.mp4", *tags, "-c:v", "libx264", "-preset", "ultrafast", seconds=0.5))
    assert (ten.pixel_format, ten.bit_depth, ten.color_matrix, ten.color_range) == ("yuv420p10le", 10, "bt709", "tv")
    full = ("-pix_fmt", "yuvj420p", "-color_range", "pc", "-c:v", "libx264", "-preset", "ultrafast")
    assert probe(pattern(tmp_path / "full.mp4", *full, seconds=0.5)).color_range == "pc"


def test_frames_that_an_edit_list_cuts_away_do_not_count(tmp_path: Path) -> None:
    whole = pattern(tmp_path / "a.mp4", "-c:v", "libx264", "-g", 12, "-pix_fmt", "yuv420p")
    ffmpeg("-ss", "1.55", "-i", whole, "-c", "copy", tmp_path / "cut.mp4")
    decoded = ffmpeg("-i", tmp_path / "cut.mp4", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-")
    assert probe(tmp_path / "cut.mp4").frames == len(decoded) // (64 * 48)
    assert probe(tmp_path / "cut.mp4").frames < 20


def test_a_photo_is_a_still(tmp_path: Path) -> None:
    assert probe(pattern(tmp_path / "a.png", "-frames:v", 1)).is_still
    assert not probe(pattern(tmp_path / "a.mp4", seconds=0.5)).is_still


def test_the_default_sound_counts(tmp_path: Path) -> None:
    sounds = ("-f", "lavfi", "-i", "sine=d=0.5", "-map", 0, "-map", 1, "-map", 1, *X264)
    codecs = ("-c:a:0", "flac", "-c:a:1", "aac", "-disposition:a:0", 0, "-disposition:a:1", "default")
    assert probe(pattern(tmp_path / "a.mkv", *sounds, *codecs, seconds=0.5)).audio == "aac"


def test_audio_codec(tmp_path: Path) -> None:
    assert audio_codec(tone(tmp_path / "a.mp3")) == "mp3"
    assert audio_codec(pattern(tmp_path / "a.mp4", seconds=0.5)) is None
    with pytest.raises(SourceError, match="does not exist"):
        audio_codec(tmp_path / "none.mp3")


def _covered(folder: Path) -> Path:
    pattern(folder / "cover.png", "-frames:v", 1)
    inputs = ("-i", tone(folder / "t.m4a"), "-i", folder / "cover.png", "-map", 0, "-map", 1)
    ffmpeg(*inputs, "-c", "copy", "-disposition:v:0", "attached_pic", folder / "a.m4a")
    return folder / "a.m4a"


def _written(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.mp4")
    return folder / "pipe.mp4"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "none.mp4", "none.mp4 does not exist"),
        (lambda folder: folder, "is a folder"),
        (lambda folder: _written(folder, "a.mp4", b""), "a.mp4 is empty"),
        (lambda folder: _written(folder, "a.mp4", b"no film at all" * 99), "not a film or picture"),
        (lambda folder: _written(folder, "a.txt", b"one line of text\n" * 99), "not a film or picture"),
        (lambda folder: _written(folder, "a.svg", SVG), r"not a film or picture that ffmpeg can decode \(codec svg\)"),
        (lambda folder: tone(folder / "a.wav"), "no moving picture, only audio"),
        (_covered, "no moving picture, only audio and a cover"),
        (_fifo, "not a regular file"),
    ],
)
def test_what_is_no_film(tmp_path: Path, make: Callable[[Path], Path], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        probe(make(tmp_path))


def test_a_film_whose_end_is_missing(tmp_path: Path) -> None:
    whole = pattern(tmp_path / "whole.mp4").read_bytes()
    with pytest.raises(SourceError, match=r"its end is missing.*moov atom not found"):
        probe(_written(tmp_path, "a.mp4", whole[: len(whole) // 2]))
    early_index = pattern(tmp_path / "b.mp4", *X264, "-movflags", "+faststart").read_bytes()
    clip = probe(_written(tmp_path, "c.mp4", early_index[: len(early_index) * 2 // 3]))
    assert clip.promised_frames == 30
    assert 5 < clip.frames < 25
    assert clip.fps == 10


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = pattern(tmp_path / "a.mp4", seconds=0.5)
    path.chmod(0)
    with pytest.raises(SourceError, match="Permission denied"):
        probe(path)


def test_an_animated_avif_is_its_animation_and_not_its_still_picture(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (32, 24), (60 * index, 0, 0)) for index in range(4)]
    pictures[0].save(tmp_path / "a.avif", save_all=True, append_images=pictures[1:], duration=100)
    clip = probe(tmp_path / "a.avif")
    assert (clip.frames, clip.fps, clip.video_streams) == (4, 10, 1)
