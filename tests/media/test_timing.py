"""Time is what the timestamps say: where a clip begins, how long its last frame stays, what is lost, what jumps."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.clips import X264, ffmpeg, fill, pattern, read_film
from tests.support.flash_and_beep import film_of, flash_and_beep, instants
from tests.support.mpegts import without_beginning
from zoomdream.errors import SourceError, TruncatedError
from zoomdream.media import probe
from zoomdream.media.clip_warnings import clip_warnings
from zoomdream.media.display_size import open_clip

MPEG2 = ("-c:v", "mpeg2video", "-g", 25, "-bf", 2, "-pix_fmt", "yuv420p", "-c:a", "mp2")
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", 12, "-bf", 2, "-pix_fmt", "yuv420p", "-c:a", "aac")
OPEN_GOP = ("-x264-params", "keyint=50:min-keyint=50:open-gop=1:bframes=3:scenecut=0", "-pix_fmt", "yuv420p")


def _in_step(clip_path: Path, folder: Path, **options: object) -> float:
    """How much later the beep comes than the flash, in seconds, in a film of the clip."""
    clip = open_clip(clip_path, allow_truncated=bool(options.get("allow_truncated", False)))
    film = film_of(clip, folder / "film.mp4", **options)  # type: ignore[arg-type]
    found = instants(film)
    film.unlink()
    return found.beep - found.flash


def test_a_recording_that_begins_within_a_group_of_pictures(tmp_path: Path) -> None:
    path = without_beginning(flash_and_beep(tmp_path / "a.ts", *MPEG2), tmp_path / "cut.ts", 0.3)
    clip = probe(path)
    assert clip.undecodable_start > 1
    assert clip.fps == 25
    assert not clip.variable_rate
    frames = read_film(clip)
    assert len(frames) == clip.frames == clip.duration * 25
    assert f"{clip.undecodable_start} frames at the beginning cannot be decoded" in clip_warnings(clip)[0]
    assert abs(_in_step(path, tmp_path, allow_truncated=True)) < 0.04
    assert all(np.array_equal(a, b) for a, b in zip(read_film(clip, start=40, frames=3), frames[40:], strict=False))


def test_frames_that_refer_to_what_was_cut_off_are_left_out(tmp_path: Path) -> None:
    flash_and_beep(tmp_path / "a.mp4", "-c:v", "libx264", *OPEN_GOP, "-c:a", "aac", at=3, seconds=4)
    cut = tmp_path / "cut.mkv"
    ffmpeg("-ss", 2, "-i", tmp_path / "a.mp4", "-c", "copy", "-avoid_negative_ts", "make_zero", cut)
    clip = probe(cut)
    assert 0 < clip.undecodable_start <= 3
    assert len(read_film(clip)) == clip.frames
    assert abs(_in_step(cut, tmp_path)) < 0.04


def _slides(folder: Path, suffix: str) -> Path:
    for number, level in enumerate((60, 140, 220)):
        Image.fromarray(fill((level, level, level))).save(folder / f"{number}.png")
    lines = "".join(f"file {number}.png\nduration {length}\n" for number, length in enumerate((2, 2, 6)))
    (folder / "list").write_text("ffconcat version 1.0\n" + lines)
    path = folder / f"a.{suffix}"
    inputs = ("-f", "concat", "-safe", 0, "-i", folder / "list", "-f", "lavfi", "-i", "sine=d=10")
    ffmpeg(*inputs, "-fps_mode", "vfr", *X264, "-c:a", "aac", path)
    return path


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_the_last_slide_stays_as_long_as_the_sound(tmp_path: Path, suffix: str) -> None:
    clip = probe(_slides(tmp_path, suffix))
    assert round(clip.duration) == 10
    levels = [int(frame.mean().round(-1)) for frame in read_film(clip, fps=Fraction(1))]
    assert levels == [60, 60, 140, 140, 220, 220, 220, 220, 220, 220]


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
@pytest.mark.parametrize(("durations", "ticks"), [([100] * 3 + [1000], 13), ([100, 300, 100, 500], 10)])
def test_the_last_picture_of_an_animation_stays(tmp_path: Path, suffix: str, durations: list[int], ticks: int) -> None:
    pictures = [Image.fromarray(fill((50 * k, 0, 0))) for k in range(1, 5)]
    path = tmp_path / f"a.{suffix}"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=durations, loop=0)
    clip = probe(path)
    assert clip.duration == Fraction(sum(durations), 1000)
    assert clip.last_frame_seconds == Fraction(durations[-1], 1000)
    assert len(read_film(clip, fps=Fraction(10))) == ticks
    assert not clip.is_still


def test_one_picture_with_music_lasts_as_long_as_the_music(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.04", "-f", "lavfi", "-i", "sine=d=3", *X264, path)
    clip = probe(path)
    assert (clip.frames, round(clip.duration), clip.is_still) == (1, 3, False)
    assert len(read_film(clip)) == len(clip.source_indices()) == round(clip.duration * 25)


def test_sound_that_is_a_little_longer_does_not_hold_the_last_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-f", "lavfi", "-i", "sine=d=3", *X264, path)
    assert probe(path).duration == 1


@pytest.mark.parametrize("rate", ["1/2", "1", "2", "120", "240", "300"])
def test_slow_and_fast_clips(tmp_path: Path, rate: str) -> None:
    clip = probe(pattern(tmp_path / "a.mp4", *X264, size="32x32", fps=rate, seconds=4 if Fraction(rate) < 3 else 0.2))
    assert clip.fps == Fraction(rate)
    assert not clip.variable_rate
    assert len({frame.tobytes() for frame in read_film(clip)}) == clip.frames == clip.duration * Fraction(rate)


@pytest.mark.parametrize("suffix", ["ts", "mpg", "mp4"])
def test_sound_that_begins_after_the_picture_stays_there(tmp_path: Path, suffix: str) -> None:
    options = MPEG2 if suffix == "mpg" else H264
    whole = flash_and_beep(tmp_path / f"a.{suffix}", *options, at=1, seconds=2)
    late = tmp_path / f"late.{suffix}"
    ffmpeg("-i", whole, "-itsoffset", 0.5, "-i", whole, "-map", "0:v", "-map", "1:a", "-c", "copy", late)
    assert _in_step(late, tmp_path) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize(("suffix", "fps"), [("mp4", None), ("mkv", Fraction(30)), ("ts", None), ("mpg", None)])
def test_flash_and_beep_are_in_step_in_every_container(tmp_path: Path, suffix: str, fps: Fraction | None) -> None:
    path = flash_and_beep(tmp_path / f"a.{suffix}", *(MPEG2 if suffix == "mpg" else H264), at=1, seconds=1.5)
    assert abs(_in_step(path, tmp_path, first=20, fps=fps)) < 0.04


def test_flash_and_beep_behind_an_edit_list_and_across_a_gap(tmp_path: Path) -> None:
    whole = flash_and_beep(tmp_path / "a.mp4", *H264, at=1.4, seconds=2)
    ffmpeg("-ss", 0.5, "-i", whole, "-c", "copy", tmp_path / "cut.mp4")
    assert abs(_in_step(tmp_path / "cut.mp4", tmp_path)) < 0.04
    drop = "noise=amount=0:drop='between(pts*tb,0.5,0.9)'"
    ffmpeg("-i", whole, "-c", "copy", "-bsf:v", drop, tmp_path / "gap.mkv")
    assert probe(tmp_path / "gap.mkv").frames < 45
    assert abs(_in_step(tmp_path / "gap.mkv", tmp_path)) < 0.04


def test_a_clock_that_wraps_around(tmp_path: Path) -> None:
    path = flash_and_beep(tmp_path / "a.ts", *H264, "-output_ts_offset", 2**33 / 90000 - 1.5, at=1, seconds=2)
    clip = probe(path)
    assert (clip.frames, clip.duration, clip.is_continuous) == (50, 2, True)
    assert abs(_in_step(path, tmp_path)) < 0.04


def test_joined_recordings_follow_one_another(tmp_path: Path) -> None:
    first = pattern(tmp_path / "a.ts", *H264, fps=25, seconds=1)
    second = pattern(tmp_path / "b.ts", *H264, fps=25, seconds=1, size="64x48")
    (tmp_path / "c.ts").write_bytes(first.read_bytes() + second.read_bytes())
    clip = probe(tmp_path / "c.ts")
    assert (clip.frames, clip.duration, clip.variable_rate, clip.is_continuous) == (50, 2, False, False)
    frames, parts = read_film(clip), [*read_film(first), *read_film(second)]
    assert all(np.array_equal(a, b) for a, b in zip(frames, parts, strict=True))
    assert "its clock jumps" in clip_warnings(clip)[0]


def test_flash_and_beep_in_the_second_of_two_joined_recordings(tmp_path: Path) -> None:
    first = flash_and_beep(tmp_path / "a.ts", *MPEG2, at=9, seconds=2)
    second = flash_and_beep(tmp_path / "b.ts", *MPEG2, at=1, seconds=2)
    (tmp_path / "c.ts").write_bytes(first.read_bytes() + second.read_bytes())
    assert not probe(tmp_path / "c.ts").is_continuous
    assert abs(_in_step(tmp_path / "c.ts", tmp_path)) < 0.04
    assert abs(_in_step(tmp_path / "c.ts", tmp_path, first=30)) < 0.04


def test_lost_frames_in_the_middle_are_held_where_that_is_allowed(tmp_path: Path) -> None:
    """Frames of one color each: which one is shown can be read off."""
    path = tmp_path / "a.mp4"
    ramp = "color=c=black:s=64x48:r=10:d=2,geq=lum='16+10*N':cb=128:cr=128,format=yuv420p,noise=alls=4:allf=t"
    intra = ("-c:v", "libx264", "-x264-params", "keyint=1", "-movflags", "+faststart")
    ffmpeg("-f", "lavfi", "-i", ramp, *intra, path)
    whole = [int(frame.mean()) for frame in read_film(path)]
    data = bytearray(path.read_bytes())
    begin = len(data) // 2
    data[begin : begin + 2500] = bytes(2500)
    path.write_bytes(data)
    with pytest.raises(TruncatedError, match=r"a.mp4: \d+ of 20 frames could be read"):
        read_film(path)
    clip = open_clip(path, allow_truncated=True)
    assert clip.frames + clip.missing_frames == 20
    assert 0 < clip.missing_frames < 10
    shown = [int(frame.mean()) for frame in read_film(clip, allow_truncated=True)]
    assert len(shown) == 20
    lost = [number for number in range(20) if abs(shown[number] - whole[number]) > 3]
    assert clip.missing_frames <= len(lost) <= clip.missing_frames + 1  # one may come damaged
    assert shown[-1] == pytest.approx(whole[-1], abs=3)
    held = [int(frame.mean()) for frame in read_film(probe(path), allow_truncated=True)]
    assert held == shown
    assert "further on cannot be decoded" in clip_warnings(clip)[0]


def test_timestamps_that_lie_too_far_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    far = "setts=ts='if(eq(N,9),4000000000,TS)'"
    ffmpeg("-i", pattern(tmp_path / "b.mkv", *X264, "-g", 1, seconds=1), "-c", "copy", "-bsf:v", far, path)
    with pytest.raises(SourceError, match="by its timestamps"):
        probe(path)


def test_empty_packets_hold_the_frame_before(tmp_path: Path) -> None:
    gray = ("-f", "lavfi", "-i", "color=c=gray:s=64x48:r=25:d=1")
    ffmpeg(*gray, "-c:v", "libtheora", tmp_path / "still.ogv")
    clip = probe(tmp_path / "still.ogv")
    assert clip.frames < 10
    assert (clip.fps, clip.duration) == (25, 1)
    assert len(read_film(clip)) == 25
    raw = ("-c:v", "rawvideo", "-pix_fmt", "bgr24", "-vf", "select='not(eq(mod(n,5),3))'", "-fps_mode", "vfr")
    dropped = pattern(tmp_path / "dropped.avi", *raw, fps=25, seconds=1)
    clip = probe(dropped)
    assert (clip.frames, clip.fps, clip.duration) == (20, 25, 1)
    frames = read_film(clip)
    assert len(frames) == 25
    repeated = [index for index in range(1, 25) if np.array_equal(frames[index], frames[index - 1])]
    assert repeated == [3, 8, 13, 18, 23]


@pytest.mark.parametrize("suffix", ["mkv", "mov"])
def test_a_clip_whose_clock_begins_late_is_read_from_within(tmp_path: Path, suffix: str) -> None:
    pattern(tmp_path / "a.mkv", *X264, "-g", 10, fps=25, seconds=3)
    late = tmp_path / f"late.{suffix}"
    ffmpeg("-i", tmp_path / "a.mkv", "-c", "copy", "-output_ts_offset", 36000, late)
    frames = read_film(late)
    assert all(np.array_equal(a, b) for a, b in zip(read_film(late, start=60), frames[60:], strict=True))


def test_damage_that_makes_a_decoder_repeat_itself(tmp_path: Path) -> None:
    data = flash_and_beep(tmp_path / "a.ts", *X264, "-g", 50, "-bf", 2, "-c:a", "aac", seconds=6).read_bytes()
    lost = slice(len(data) * 3 // 10 // 188 * 188, len(data) * 6 // 10 // 188 * 188)
    (tmp_path / "b.ts").write_bytes(data[: lost.start] + data[lost.stop :])
    clip = open_clip(tmp_path / "b.ts", allow_truncated=True)
    assert clip.missing_frames
    assert len(read_film(clip, allow_truncated=True)) == len(clip.source_indices()) == 150
