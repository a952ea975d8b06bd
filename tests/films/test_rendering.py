"""Films as files: every frame, the sound, the tags, or nothing."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.support.clips import X264, children, ffmpeg, lossless, pattern, tone
from tests.support.films import (
    FOUR_KINDS,
    ZoomPreset,
    dreamed,
    equal_frames,
    planned,
    prepared,
    shot,
    shot_of,
    video_film,
    video_preset,
)
from zoomdream.errors import (
    OutputError,
    SourceError,
    UsageError,
)
from zoomdream.films.frame_loops import frames
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import frame_range, render
from zoomdream.images.frame import from_uint8, to_uint8
from zoomdream.images.pictures.loading import load_image
from zoomdream.images.pictures.saving import save_image
from zoomdream.media import probe, read_frames, read_tags
from zoomdream.presets.loading import load_preset_text
from zoomdream.progress import Progress


def test_the_files_stream_says_what_was_asked_for(preset: ZoomPreset, tmp_path: Path) -> None:
    render(prepared(preset()), tmp_path / "a.mp4")
    clip = probe(tmp_path / "a.mp4")
    assert clip.size == (96, 64)
    assert clip.fps == Fraction(24000, 1001)
    assert clip.frames == 6
    assert clip.codec == "h264"
    assert clip.pixel_format == "yuv420p"
    assert clip.color_matrix == "bt709"
    assert clip.color_range == "tv"
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_the_file_shows_the_frames(preset: ZoomPreset, tmp_path: Path) -> None:
    film = prepared(preset(output="{crf: 0}"))
    render(film, tmp_path / "a.mp4")
    with read_frames(tmp_path / "a.mp4") as read:
        for ours, theirs in zip(frames(film), read, strict=True):
            difference = to_uint8(ours).astype(int) - theirs
            assert np.abs(difference).mean() < 6  # 4:2:0 halves the color's resolution; dreams are full of fine color
            assert np.abs(difference.mean(axis=(0, 1))).max() < 1.5


def test_pngs_are_exact(preset: ZoomPreset, tmp_path: Path) -> None:
    film = prepared(preset())
    render(film, f"{tmp_path}/frames/")
    pictures = sorted((tmp_path / "frames").iterdir())
    assert len(pictures) == 6
    for ours, path in zip(frames(film), pictures, strict=True):
        assert np.array_equal(to_uint8(ours), to_uint8(load_image(path)))


def test_a_span_holds_the_same_frames_as_the_whole_film(preset: ZoomPreset, tmp_path: Path) -> None:
    film = prepared(preset())
    render(film, f"{tmp_path}/part/", span=range(2, 5))
    whole = [to_uint8(frame) for frame in frames(film)]
    part = [to_uint8(load_image(path)) for path in sorted((tmp_path / "part").iterdir())]
    assert len(part) == 3
    assert all(np.array_equal(a, b) for a, b in zip(whole[2:5], part, strict=True))


@pytest.mark.parametrize("span", [range(6, 7), range(3, 3), range(0, 9), range(4, 2)])
def test_a_span_outside_the_film_is_an_error(preset: ZoomPreset, span: range) -> None:
    with pytest.raises(UsageError, match="it has 6"):
        frame_range(span, len(prepared(preset()).timeline))


def test_the_film_carries_its_recipe(preset: ZoomPreset, photos: Path, tmp_path: Path) -> None:
    render(prepared(preset()), tmp_path / "a.mp4")
    again = load_preset_text(read_tags(tmp_path / "a.mp4")["zoomdream_preset"], base=photos)
    assert torch.equal(next(frames(prepared(again))), next(frames(prepared(preset()))))


def test_an_interrupt_leaves_finished_frames_and_nothing_else(preset: ZoomPreset, tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(prepared(preset()), tmp_path / "a.mp4", on_progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4.journal"]
    names = ["frames-00000000.zip", "journal.json", "state-00000003.safetensors"]
    assert sorted(path.name for path in (tmp_path / "a.mp4.journal").iterdir()) == names


def test_an_existing_film_is_kept_unless_told_otherwise(preset: ZoomPreset, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("dear to me")
    with pytest.raises(OutputError, match="exists"):
        render(prepared(preset()), tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_text() == "dear to me"
    render(prepared(preset()), tmp_path / "a.mp4", overwrite=True)
    assert probe(tmp_path / "a.mp4").frames == 6


def test_progress_counts_every_frame(preset: ZoomPreset, tmp_path: Path) -> None:
    reports: list[Progress] = []
    render(prepared(preset()), tmp_path / "a.mp4", on_progress=reports.append)
    assert [(report.done, report.total, report.unit) for report in reports] == [(n + 1, 6, "frame") for n in range(6)]
    assert {report.now for report in reports} == {"fire4"}
    assert reports[-1].detail == {"layers": {"fire4": 1.0}}


RATE = 48000


@pytest.fixture(scope="module")
def sounding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds at 25 frames per second, silent but for 20 ms at 1 s."""
    path = tmp_path_factory.mktemp("sound") / "sounding.mp4"
    click = f"aevalsrc=0.8*sin(6283*t)*between(t\\,1\\,1.02):d=2:s={RATE}"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=2")
    ffmpeg(*picture, "-f", "lavfi", "-i", click, *X264, "-c:a", "aac", path)
    return path


def first_click(path: Path) -> float:
    on_clock = ("-af", f"aresample={RATE}:async=1:first_pts=0", "-f", "s16le", "-ac", 1, "pipe:1")
    samples = np.frombuffer(ffmpeg("-copyts", "-i", path, "-map", "0:a:0", *on_clock), np.int16).astype(float)
    return float(np.argmax(np.abs(samples) > 3000)) / RATE


def test_the_film_has_the_clips_size_rate_and_every_frame(clip: Path, tmp_path: Path) -> None:
    film = video_film(clip)
    render(film, tmp_path / "a.mp4")
    found = probe(tmp_path / "a.mp4")
    assert (found.size, found.fps, found.frames) == ((96, 64), Fraction(24000, 1001), 8)
    assert not found.variable_rate
    render(film, f"{tmp_path}/frames/")
    last = load_image(sorted((tmp_path / "frames").iterdir())[-1])
    *_, expected = frames(film)
    assert np.array_equal(to_uint8(last), to_uint8(expected))
    source = from_uint8(shot_of(clip)[-1])
    before = from_uint8(shot_of(clip)[-3])
    assert (last - source).abs().mean() < (last - before).abs().mean()


def test_a_clip_of_one_frame_is_a_film_of_one_frame(photos: Path, tmp_path: Path) -> None:
    """And its dream is the same as that of the picture alone."""
    pixels = shot(photos, "rocket.jpg", 1)
    one = lossless(tmp_path / "a.mkv", pixels)
    save_image(from_uint8(pixels[0]), tmp_path / "a.png")
    found = dreamed(one)
    assert len(found) == 1
    assert all(equal_frames(found, dreamed(tmp_path / "a.png", canvas="{duration: 1f}")))
    render(video_film(one), tmp_path / "a.mp4")
    assert probe(tmp_path / "a.mp4").frames == 1


def test_a_clip_cut_short_makes_a_whole_film_of_what_is_there(tmp_path: Path) -> None:
    content = pattern(tmp_path / "a.mp4", *X264, "-movflags", "+faststart", seconds=2).read_bytes()
    (tmp_path / "short.mp4").write_bytes(content[: len(content) // 2])
    with pytest.raises(SourceError, match="of 20 frames are there"):
        video_film(tmp_path / "short.mp4")
    film = prepare(video_preset(tmp_path / "short.mp4"), device="cpu", precision="float32", allow_truncated=True)
    render(film, tmp_path / "film.mp4")
    assert 5 < probe(tmp_path / "film.mp4").frames == film.clock.frames < 15


@pytest.mark.parametrize(
    ("canvas", "span", "at"), [("{}", None, 1.0), ("{start: 20f}", None, 0.2), ("{start: 10f}", (5, 30), 0.4)]
)
def test_the_clips_sound_is_in_step(
    sounding: Path, tmp_path: Path, canvas: str, span: tuple[int, int] | None, at: float
) -> None:
    film = video_film(sounding, canvas=canvas, dream="{layers: {fire4: 1}, steps: 0}", carry="{strength: 0}")
    render(film, tmp_path / "a.mp4", span=range(*span) if span else None)
    assert probe(tmp_path / "a.mp4").audio == "aac"
    assert first_click(tmp_path / "a.mp4") == pytest.approx(at, abs=0.005)


def test_no_sound_another_sound_and_a_sound_that_is_not_there(sounding: Path, tmp_path: Path) -> None:
    short = {"canvas": "{duration: 2f}"}
    render(video_film(sounding, **short, output="{audio: none}"), tmp_path / "silent.mp4")
    assert probe(tmp_path / "silent.mp4").audio is None
    song = tone(tmp_path / "song.mp3")
    render(video_film(sounding, **short, output=f"{{audio: {song}}}"), tmp_path / "song.mp4")
    assert probe(tmp_path / "song.mp4").audio == "mp3"
    with pytest.raises(SourceError, match=r"none\.mp3 does not exist"):
        video_film(sounding, **short, output=f"{{audio: {tmp_path / 'none.mp3'}}}")
    silent = pattern(tmp_path / "still.mp4", seconds=0.2)
    with pytest.raises(SourceError, match=r"still\.mp4 has no sound"):
        video_film(sounding, **short, output=f"{{audio: {silent}}}")


@pytest.mark.parametrize("name", ["-y.mp4", "a:b.mp4", "%d.mp4", "two  words.mp4", "🐟 'n' ü.mp4"])
def test_names_that_ffmpeg_would_misread(
    sounding: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(sounding.read_bytes())
    monkeypatch.chdir(tmp_path / "in")
    film = video_film(name, canvas="{duration: 2f}")
    monkeypatch.chdir(tmp_path)
    render(film, name)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["in", name])
    assert (probe(name).frames, probe(name).audio) == (2, "aac")


def test_an_interrupt_leaves_no_file_no_process_and_no_thread(sounding: Path, tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    film = video_film(sounding)
    next(frames(film))  # whatever PyTorch and OpenCV start for good is there now
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        render(film, tmp_path / "a.mp4", on_progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4.journal"]
    assert children() == []
    assert set(threading.enumerate()) == before


def test_the_recipe_with_its_pictures_is_kept_and_tags_name_every_kind(photos: Path, tmp_path: Path) -> None:
    film = planned(photos, FOUR_KINDS)
    render(film, tmp_path / "out.mp4", span=range(1))
    assert "fire4, fire6:17, class:espresso, cosine:fire5:chelsea.png" in read_tags(tmp_path / "out.mp4")["comment"]
