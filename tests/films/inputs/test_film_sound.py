"""A film hears the sound that its preset names, or its video's own, where it is laid under the film."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.clips import FAST, X264, ffmpeg, fill, pattern
from tests.support.films import ZoomPreset, prepared, video_film, video_preset
from tests.support.flash_and_beep import flash_and_beep, instants
from tests.support.sounds import click_track, rattle, sound_file
from zoomdream.encoding import Sound, open_film
from zoomdream.errors import PresetError, SettingError, SourceError
from zoomdream.films.inputs.film_sound import film_sound
from zoomdream.films.inputs.source import load_source
from zoomdream.media import probe
from zoomdream.media.sound_samples import open_sound, read_samples
from zoomdream.presets.preset import Preset
from zoomdream.runtime import choose_device
from zoomdream.schedule.music.audio_features import AudioFeatures

RATE = 48000
BEATS = [0.2, 0.45, 0.7, 0.95, 1.2, 1.45, 1.7]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of clicks at 240 a minute."""
    return sound_file(tmp_path_factory.mktemp("song") / "song.flac", click_track(BEATS, 2))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, song: Path) -> Path:
    """A video of two seconds with that sound."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", "-i", song, *X264, "-c:a", "aac", path)
    return path


def hears(preset: Preset) -> AudioFeatures | None:
    return film_sound(preset, load_source(preset, choose_device("cpu")))


def loud_times(features: AudioFeatures) -> NDArray[np.float64]:
    """When it becomes loud, in seconds of the film."""
    times = np.arange(0, 2, 0.001)
    is_loud = features.column("onset", times) > 0.6
    return times[1:][is_loud[1:] & ~is_loud[:-1]]


def test_a_film_from_a_photo_hears_the_named_file_from_its_beginning(preset: ZoomPreset, song: Path) -> None:
    features = hears(preset(audio=f"{{file: {song}}}"))
    assert features is not None
    assert features.name == "song.flac"
    assert loud_times(features) == pytest.approx(BEATS, abs=0.015)


def test_a_film_over_a_video_hears_the_videos_own_sound_from_where_it_begins(clip: Path) -> None:
    features = hears(video_preset(clip))
    assert features is not None
    assert loud_times(features) == pytest.approx(BEATS, abs=0.015)
    later = hears(video_preset(clip, canvas="{start: 15f}"))
    assert later is not None
    assert loud_times(later) == pytest.approx([beat - 0.6 for beat in BEATS if beat > 0.6], abs=0.015)


def test_a_film_over_a_video_hears_the_named_file_from_its_beginning(clip: Path, song: Path) -> None:
    features = hears(video_preset(clip, canvas="{start: 15f}", audio=f"{{file: {song}}}"))
    assert features is not None
    assert loud_times(features) == pytest.approx(BEATS, abs=0.015)


def test_without_a_sound_there_is_none(preset: ZoomPreset, tmp_path: Path) -> None:
    assert hears(preset()) is None
    silent = pattern(tmp_path / "a.mp4", seconds=0.4)
    assert hears(video_preset(silent)) is None
    assert video_film(silent, audio="{track: 1}").warnings == (
        "audio: no effect, since it names no file and the source has no sound",
    )


# --- the film's own sound ---


def test_the_named_file_is_the_films_sound(preset: ZoomPreset, song: Path, tmp_path: Path) -> None:
    other = sound_file(tmp_path / "other.wav", rattle(0.5, 1))
    film = prepared(preset(audio=f"{{file: {song}, track: 1}}"))
    assert film.sound == Sound(song, track=1)
    film = prepared(preset(audio=f"{{file: {song}, track: 1}}", output=f"{{audio: {other}}}"))
    assert film.sound == Sound(other)
    assert {song, other} <= set(film.inputs)


def test_the_output_may_say_otherwise(preset: ZoomPreset, song: Path) -> None:
    audio = f"{{file: {song}, track: 2}}"
    assert (preset(audio=audio).audio, preset(audio=audio).audio_track) == (song, 2)
    assert preset(audio=audio, output="{audio_track: 1}").audio_track == 1
    for output in ("{audio: none}", "{audio: source}"):
        other = preset(audio=audio, output=output)
        assert (other.music, other.audio, other.audio_track) == (song, None, None)
    assert (preset().music, preset().audio, preset().audio_track) == (None, None, None)


def test_a_preset_without_a_song_has_the_sound_that_it_had(clip: Path) -> None:
    film = video_film(clip, canvas="{duration: 2f}")
    assert film.sound is not None
    assert (film.sound.path, film.sound.track) == (clip, None)
    assert film.warnings == ()


def lag(film: NDArray[np.float32], source: NDArray[np.float32]) -> int:
    """How many samples later the film's sound is."""
    count = min(len(film), len(source))
    size = 1 << (2 * count).bit_length()
    product = np.fft.rfft(film[:count], size) * np.conj(np.fft.rfft(source[:count], size))
    best = int(np.argmax(np.fft.irfft(product, size)))
    return best - size if best > size // 2 else best


def heard(path: Path, start: Fraction) -> NDArray[np.float32]:
    """The samples of a file from a time on, as the features see them."""
    samples = np.concatenate(list(read_samples(open_sound(path), RATE)))
    return samples[round(start * RATE) :]


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".mp4", ".mov"])
def test_what_is_heard_is_what_is_laid_under_the_film_to_the_sample(suffix: str, tmp_path: Path) -> None:
    bursts = sum(np.roll(np.pad(rattle(0.03, 100, seed), (0, 100_000)), 9000 * seed) for seed in range(9))
    sound = sound_file(tmp_path / "a.wav", np.asarray(bursts), rate=RATE)
    source, start = tmp_path / f"source{suffix}", Fraction(0)
    if suffix in (".mp4", ".mov"):
        ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=30000/1001:d=2", "-i", sound, *X264, source)
        start = probe(source).start_time + 11 / probe(source).fps
    else:
        ffmpeg("-i", sound, tmp_path / "copy.wav") if suffix == ".wav" else ffmpeg("-i", sound, source)
        source = tmp_path / "copy.wav" if suffix == ".wav" else source
    film = tmp_path / "film.mp4"
    with open_film(film, (64, 48), Fraction(25), FAST, frames=35, audio=Sound(source, start)) as writer:
        for _ in range(35):
            writer.write(fill((9, 9, 9)))
    assert lag(heard(film, probe(film).start_time), heard(source, start)) == 0


@pytest.mark.parametrize("first", [0, 7])
def test_a_flash_at_an_onset_comes_with_the_beep(first: int, tmp_path: Path) -> None:
    """A film over a video whose frames are white where the onset is strong, from its frame `first` on."""
    source = flash_and_beep(tmp_path / "source.mp4", *X264, "-c:a", "aac", at=1, seconds=2)
    features = hears(video_preset(source, canvas=f"{{start: {first}f}}"))
    assert features is not None
    count = 40 - first
    is_white = features.column("onset", np.arange(count) / 25, release=0.1) > 0.3
    sound = Sound(source, probe(source).start_time + Fraction(first, 25))
    with open_film(tmp_path / "film.mp4", (64, 48), Fraction(25), FAST, frames=count, audio=sound) as film:
        for white in is_white:
            film.write(fill((255, 255, 255) if white else (0, 0, 0)))
    seen = instants(tmp_path / "film.mp4")
    assert seen.beep == pytest.approx(1 - first / 25, abs=0.002)
    assert seen.flash == pytest.approx(seen.beep, abs=1 / 25)


# --- warnings and errors ---


def test_a_song_that_is_shorter_than_the_film_is_told(preset: ZoomPreset, song: Path) -> None:
    canvas = "{size: 96x64, fps: 10, duration: 35f}"
    film = prepared(preset(audio=f"{{file: {song}}}", canvas=canvas))
    assert film.warnings == ("song.flac ends 1.5 s before the film: silence follows, in which every feature is 0",)


def test_a_song_that_says_nothing_is_told(preset: ZoomPreset, tmp_path: Path) -> None:
    silent = sound_file(tmp_path / "silent.wav", np.zeros(44100))
    assert prepared(preset(audio=f"{{file: {silent}}}")).warnings == (
        "silent.wav is silent: what follows it stands still",
    )
    hum = sound_file(tmp_path / "hum.wav", np.sin(np.arange(44100) * 0.03))
    assert prepared(preset(audio=f"{{file: {hum}}}")).warnings == (
        "no beats were found in hum.wav: on_beat is 0, and beats need a tempo, as bpm",
    )


def test_a_song_that_cannot_be_used_is_an_error_with_its_key(preset: ZoomPreset, song: Path, tmp_path: Path) -> None:
    picture = pattern(tmp_path / "picture.mp4", seconds=0.2)
    with pytest.raises(SourceError, match=r"audio\.file: .*picture\.mp4 has no sound: name a file that has"):
        prepared(preset(audio=f"{{file: {picture}}}"))
    with pytest.raises(SourceError, match=r"audio\.file: .*none\.flac does not exist"):
        prepared(preset(audio=f"{{file: {tmp_path / 'none.flac'}}}"))
    with pytest.raises(SettingError, match=r"audio\.track: song\.flac has no sound track 2: it has 1"):
        prepared(preset(audio=f"{{file: {song}, track: 2}}"))


def test_tracks_hear_the_sound_when_they_ask_for_it(preset: ZoomPreset, song: Path, clip: Path) -> None:
    film = prepared(
        preset(audio=f"{{file: {song}}}", canvas="{duration: 2s, fps: 50}", camera='{rotate: {expr: "90 * onset"}}')
    )
    turns = film.timeline.values("camera.rotate", 0, 100)
    assert [at / 50 for at in np.flatnonzero((turns[1:] > 30) & (turns[:-1] <= 30)) + 1] == pytest.approx(
        BEATS, abs=0.03
    )
    own = prepared(video_preset(clip, camera="{zoom: {follow: on_beat, from: 1, to: 2}}"))
    assert np.ptp(own.timeline.values("camera.zoom", 0, 50)) > 0.5
    given = prepared(video_preset(clip, bpm="60", camera='{zoom: {expr: "1 + on_beat"}}'))
    zooms = given.timeline.values("camera.zoom", 0, 50)
    assert np.flatnonzero(zooms > 1.999).tolist() == [0, 25]


def test_a_track_that_hears_nothing_is_told(preset: ZoomPreset) -> None:
    with pytest.raises(PresetError, match=r"camera\.zoom: 'bass' needs a sound"):
        prepared(preset(camera="{zoom: {follow: bass, from: 1, to: 2}}"))
