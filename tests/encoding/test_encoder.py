"""Sound under a film: at the right time, as long as the film, copied where that can be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.clips import FAST, X264, ffmpeg, fill, pattern, tone, write_film
from zoomdream.encoding import Sound, open_film
from zoomdream.errors import EncodeError, FFmpegError, SourceError
from zoomdream.media import audio_codec, probe, read_tags
from zoomdream.output_lock import LOCK_NAME

RATE = 48000


# silent but for 20 ms at 1 s and at 2 s
CLICKS = f"aevalsrc=0.8*sin(6283*t)*lt(mod(t\\,1)\\,0.02)*gt(t\\,0.5):d=3:s={RATE}"


SOURCES = {
    "clip.mp4": ("-c:a", "aac"),
    "clip.mkv": ("-c:a", "libmp3lame"),
    "clip.ts": ("-c:a", "aac"),
    "opus.mkv": ("-c:a", "libopus"),
    "music.mp3": ("-vn",),
    "music.wav": ("-vn",),
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=3")
    for name, codec in SOURCES.items():
        ffmpeg(*picture, "-f", "lavfi", "-i", CLICKS, *(X264 if "-vn" not in codec else ()), *codec, folder / name)
    return folder


def write_with_sound(path: Path | str, sound: Sound, frames: int = 40) -> None:
    with open_film(path, (64, 48), Fraction(25), FAST, frames=frames, audio=sound) as film:
        for _ in range(frames):
            film.write(fill((9, 9, 9)))


def sound_samples(path: Path) -> NDArray[Any]:
    """Samples on the film's clock: gaps are filled with silence."""
    on_clock = ("-af", f"aresample={RATE}:async=1:first_pts=0", "-f", "s16le", "-ac", 1, "pipe:1")
    return np.frombuffer(ffmpeg("-copyts", "-i", path, "-map", "0:a:0", *on_clock), np.int16).astype(float)


def first_click(samples: NDArray[Any]) -> float:
    return np.argmax(np.abs(samples) > 3000) / RATE


@pytest.mark.parametrize(
    ("film", "start_frame"),
    [("film.mp4", 0), ("film.mp4", 15), ("film.mov", 15), ("film.mkv", 0), ("film.webm", 0), ("film.webm", 15)],
)
@pytest.mark.parametrize("source", SOURCES)
def test_sound_is_in_time(sources: Path, tmp_path: Path, source: str, film: str, start_frame: int) -> None:
    start = Fraction(start_frame, 25)
    if not source.startswith("music"):
        start += probe(sources / source).start_time
    write_with_sound(tmp_path / film, Sound(sources / source, start))
    samples = sound_samples(tmp_path / film)
    assert first_click(samples) == pytest.approx(1 - start_frame / 25, abs=0.003)
    assert len(samples) / RATE == pytest.approx(1.6, abs=0.03)
    clip = probe(tmp_path / film)
    assert (clip.frames, clip.fps, clip.start_time) == (40, Fraction(25), Fraction(0))


@pytest.mark.parametrize(
    ("source", "film", "codec"),
    [
        ("clip.mp4", "film.mp4", "aac"),
        ("clip.mp4", "film.webm", "opus"),
        ("clip.mkv", "film.mov", "mp3"),
        ("opus.mkv", "film.webm", "opus"),
        ("opus.mkv", "film.mov", "aac"),
        ("music.wav", "film.mp4", "aac"),
        ("music.wav", "film.mkv", "pcm_s16le"),
    ],
)
def test_codecs(sources: Path, tmp_path: Path, source: str, film: str, codec: str) -> None:
    write_with_sound(tmp_path / film, Sound(sources / source))
    assert audio_codec(tmp_path / film) == codec


def test_a_copy_is_a_copy(sources: Path, tmp_path: Path) -> None:
    write_with_sound(tmp_path / "a.mp4", Sound(sources / "clip.mp4"), frames=75)
    packets = [
        ffmpeg("-i", path, "-map", "0:a", "-c", "copy", "-f", "crc", "-")
        for path in (sources / "clip.mp4", tmp_path / "a.mp4")
    ]
    assert packets[0] == packets[1]


def test_duration_ends_the_sound_early(sources: Path, tmp_path: Path) -> None:
    write_with_sound(tmp_path / "a.mp4", Sound(sources / "music.wav", duration=Fraction(1, 2)))
    assert len(sound_samples(tmp_path / "a.mp4")) / RATE == pytest.approx(0.5, abs=0.03)
    assert probe(tmp_path / "a.mp4").frames == 40


def test_a_film_may_be_longer_than_its_sound(sources: Path, tmp_path: Path) -> None:
    write_with_sound(tmp_path / "a.mp4", Sound(sources / "clip.mp4", Fraction(5, 2)), frames=50)
    assert probe(tmp_path / "a.mp4").frames == 50
    assert len(sound_samples(tmp_path / "a.mp4")) / RATE == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("film", ["a.mp4", "a.webm"])
def test_a_start_behind_the_end_is_silence(sources: Path, tmp_path: Path, film: str) -> None:
    write_with_sound(tmp_path / film, Sound(sources / "clip.mp4", Fraction(9)))
    assert probe(tmp_path / film).frames == 40


def test_no_sound_is_no_error(tmp_path: Path) -> None:
    silent = pattern(tmp_path / "silent.mp4")
    write_with_sound(tmp_path / "a.mp4", Sound(silent))
    assert probe(tmp_path / "a.mp4").audio is None


def test_formats_without_sound_are_written_without_it(sources: Path, tmp_path: Path) -> None:
    sound = Sound(sources / "clip.mp4")
    write_with_sound(tmp_path / "a.gif", sound, frames=2)
    clip = probe(tmp_path / "a.gif")
    assert (clip.frames, clip.audio) == (2, None)
    write_with_sound(f"{tmp_path}/a/", sound, frames=2)
    assert sorted(path.suffix for path in (tmp_path / "a").iterdir()) == [".png", ".png"]


def test_sound_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.mp3 does not exist"):
        write_with_sound(tmp_path / "a.mp4", Sound(tmp_path / "none.mp3"))
    (tmp_path / "text.mp3").write_text("no sound" * 100)
    with pytest.raises(SourceError, match=r"text\.mp3 is not a sound or film file"):
        write_with_sound(tmp_path / "a.mp4", Sound(tmp_path / "text.mp3"))
    assert [path.name for path in tmp_path.iterdir()] == ["text.mp3"]


def test_awkward_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tone(tmp_path / "a.mp3").rename(tmp_path / "-i:x %d.mp3")
    write_with_sound("a.mp4", Sound("-i:x %d.mp3"))
    assert audio_codec("a.mp4") == "mp3"


def test_an_ffmpeg_that_does_not_start_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_left: None
) -> None:
    monkeypatch.setattr("zoomdream.media.ffmpeg.executable", lambda: "/none/ffmpeg")
    with pytest.raises(EncodeError, match=r"a\.mp4 could not be written: ffmpeg could not be started: No such file"):
        open_film(tmp_path / "a.mp4", (64, 48), Fraction(25), FAST, frames=1)
    assert list(tmp_path.iterdir()) == []


def test_the_check_of_a_film_that_is_killed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_left: None
) -> None:
    def killed(path: Path) -> int:
        raise FFmpegError("ffmpeg was ended by signal 9 (SIGKILL) while it read it")

    monkeypatch.setattr("zoomdream.encoding.encoder.count_frames", killed)
    with pytest.raises(EncodeError, match=r"a\.mp4 could not be checked: ffmpeg was ended by signal 9 \(SIGKILL\)"):
        write_film(tmp_path / "a.mp4", [fill((9, 9, 9))])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "frames/"])
def test_a_film_needs_no_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, nothing_left: None
) -> None:
    monkeypatch.setenv("TMPDIR", "/none")
    monkeypatch.setattr("tempfile.tempdir", "/none")
    write_film(f"{tmp_path}/{name}", [fill((9, 9, 9))], metadata={"comment": "x" * 100_000})
    if name == "a.mp4":
        assert read_tags(tmp_path / name)["comment"] == "x" * 100_000
    assert [path.name for path in tmp_path.iterdir()] == [name.strip("/")]


@pytest.mark.parametrize("name", ["a.mp4", "frames/"])
def test_temporary_files_may_lie_in_a_folder_of_their_own(tmp_path: Path, name: str, nothing_left: None) -> None:
    (tmp_path / "work").mkdir()
    with open_film(f"{tmp_path}/{name}", (64, 48), Fraction(25), FAST, frames=1, folder=tmp_path / "work") as film:
        film.write(fill((9, 9, 9)))
        outside = [path.name for path in tmp_path.iterdir() if not LOCK_NAME.fullmatch(path.name)]
        assert outside == ["work"]
        assert len(list((tmp_path / "work").iterdir())) == (1 if name == "frames/" else 2)  # the tags
    assert list((tmp_path / "work").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"work", name.strip("/")}
