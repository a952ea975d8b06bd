"""The features of a sound over a film's time: from files, from the cache, smoothed, counted in beats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.support.clips import ffmpeg
from tests.support.sounds import analysed, blocks, click_track, kick, put, rattle, seconds, sound_file
from zoomdream.errors import SettingError, SourceError, UnknownNameError
from zoomdream.runtime import CACHE
from zoomdream.schedule.music import audio_features as module
from zoomdream.schedule.music.analysis import analyse
from zoomdream.schedule.music.audio_features import AudioFeatures, audio_features, follow
from zoomdream.schedule.music.store import analyses_folder

BEATS = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]


@pytest.fixture(scope="module")
def clicks() -> AudioFeatures:
    """Four seconds with a click every half second, from 0.5 s on."""
    return AudioFeatures(analysed(click_track(BEATS, 4)), "clicks.flac")


def test_the_features_have_names(clicks: AudioFeatures) -> None:
    assert clicks.names == ("rms", "bass", "mid", "treble", "onset", "centroid", "on_beat")


def test_every_feature_is_from_0_to_1_and_0_outside_of_the_sound(clicks: AudioFeatures) -> None:
    times = np.linspace(-1, 6, 1000)
    for name in clicks.names:
        values = clicks.column(name, times)
        assert values.min() >= 0
        assert values.max() <= 1
        assert not values[(times < 0) | (times >= 4)].any(), name


def test_a_kick_drum_is_in_the_bass_and_a_hat_in_the_treble() -> None:
    mix = np.zeros(len(seconds(2)))
    put(mix, kick(), 0.5)
    put(mix, np.diff(rattle(0.05, 60), 2), 1.5)
    features = AudioFeatures(analysed(mix.astype(np.float32)))
    at = np.array([0.53, 1.51])
    bass, treble, low, high, centroid = (
        features.column(name, at) for name in ("bass", "treble", "low", "high", "centroid")
    )
    assert bass[0] > 0.9 > 0.2 > bass[1]
    assert treble[1] > 0.9 > 0.2 > treble[0]
    assert centroid[1] > centroid[0] + 0.5
    np.testing.assert_array_equal((bass, treble), (low, high))


def test_an_onset_shows_when_it_is_heard(clicks: AudioFeatures) -> None:
    times = np.arange(0, 4, 0.001)
    onset = clicks.column("onset", times)
    peaks = [
        times[(times > beat - 0.1) & (times < beat + 0.1)][
            int(np.argmax(onset[(times > beat - 0.1) & (times < beat + 0.1)]))
        ]
        for beat in BEATS
    ]
    assert peaks == pytest.approx(BEATS, abs=0.012)


def test_on_beat_is_1_at_a_beat_and_falls_to_0(clicks: AudioFeatures) -> None:
    beats = clicks.beats
    assert beats == pytest.approx(BEATS, abs=0.01)
    assert clicks.column("on_beat", beats) == pytest.approx(1)
    assert clicks.column("on_beat", beats + 0.125) == pytest.approx(0.5625, abs=0.02)
    assert clicks.column("on_beat", beats[1:] - 1e-3) == pytest.approx(0, abs=1e-3)
    assert not clicks.column("on_beat", np.array([0.2, 0.4])).any()


def test_beats_are_counted_between_and_beyond_them(clicks: AudioFeatures) -> None:
    times = np.array([0.0, 0.5, 0.75, 2.25, 3.5, 5.0])
    assert clicks.beats_at(times) == pytest.approx([-1, 0, 0.5, 3.5, 6, 9], abs=0.03)
    assert clicks.bpm == pytest.approx(120, rel=2e-3)


def test_a_film_that_begins_in_the_middle_counts_from_its_own_beginning(clicks: AudioFeatures) -> None:
    later = clicks.at(1.2)
    times = np.array([0.0, 0.3, 0.8, 2.5])
    np.testing.assert_allclose(later.column("rms", times), clicks.column("rms", times + 1.2))
    assert later.beats_at(times) == pytest.approx([-0.6, 0, 1, 4.4], abs=0.03)
    assert later.beats == pytest.approx([0.3, 0.8, 1.3, 1.8, 2.3], abs=0.01)
    assert later.seconds == pytest.approx(2.8)
    assert later.column("on_beat", times[:1]) == pytest.approx(clicks.column("on_beat", times[:1] + 1.2))


def test_given_beats_count_instead_of_those_that_are_found(clicks: AudioFeatures) -> None:
    given = clicks.with_beats(60, 0.25)
    assert given.bpm == 60
    np.testing.assert_allclose(given.beats, [0.25, 1.25, 2.25, 3.25])
    np.testing.assert_allclose(given.beats_at(np.array([0.0, 0.25, 1.75])), [-0.25, 0, 1.5])
    np.testing.assert_allclose(given.column("on_beat", np.array([0.25, 0.75, 2.25])), [1, 0.25, 1])
    # The grid is the film's, wherever in the sound the film begins.
    np.testing.assert_allclose(clicks.at(1.2).with_beats(60, 0.25).beats, [0.25, 1.25, 2.25])


def test_a_grid_goes_back_before_its_first_beat(clicks: AudioFeatures) -> None:
    np.testing.assert_allclose(clicks.with_beats(120, 1.2).beats[:3], [0.2, 0.7, 1.2])


def test_beats_of_a_sound_without_any(clicks: AudioFeatures) -> None:
    silent = AudioFeatures(analysed(np.zeros(44100, np.float32)), "hum.wav")
    times = np.array([0.0, 0.5])
    assert not silent.column("on_beat", times).any()
    with pytest.raises(SettingError, match=r"no beats were found in hum\.wav: give the tempo as bpm"):
        silent.beats_at(times)
    np.testing.assert_allclose(silent.with_beats(120).beats_at(times), [0, 1])


def test_an_unknown_feature_is_named_with_the_nearest(clicks: AudioFeatures) -> None:
    with pytest.raises(UnknownNameError, match=r"no feature 'basss'; did you mean bass"):
        clicks.column("basss", np.zeros(1))


# --- attack and release ---


def test_following_rises_and_falls_with_its_time_constants() -> None:
    steps = np.array([0.0] * 5 + [1.0] * 50 + [0.0] * 50)
    followed = follow(steps, 10, 20)
    assert followed[5 + 9] == pytest.approx(1 - np.exp(-1))  # 10 steps after the rise
    top = followed[54]
    assert followed[54 + 20] == pytest.approx(top * np.exp(-1))
    np.testing.assert_array_equal(follow(steps, 0, 0), steps)
    at_once = follow(steps, 0, 20)
    assert at_once[5] == 1
    assert at_once[55] == pytest.approx(np.exp(-1 / 20))


def test_a_column_is_the_same_whichever_times_are_asked_for_at_once(clicks: AudioFeatures) -> None:
    times = np.linspace(0, 4, 200)
    whole = clicks.column("bass", times, attack=0.02, release=0.2)
    parts = [clicks.column("bass", part, attack=0.02, release=0.2) for part in np.split(times, 4)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))
    assert (whole[100:] >= 0).all()
    assert clicks.column("on_beat", times, release=0.5).min() >= 0


def test_a_release_keeps_what_was_loud(clicks: AudioFeatures) -> None:
    after = np.array([0.8])
    assert clicks.column("rms", after)[0] < 0.02
    assert clicks.column("rms", after, release=0.3)[0] > 0.3


# --- files ---


def test_a_file_is_analysed_once_and_again_when_its_content_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    analyses = []

    def counted(samples: Iterator[object]) -> object:
        analyses.append(1)
        return analyse(samples)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "analyse", counted)
    first = audio_features(sound_file(tmp_path / "a.flac", click_track(BEATS, 4)))
    (tmp_path / "b.flac").write_bytes((tmp_path / "a.flac").read_bytes())
    second = audio_features(tmp_path / "b.flac")
    assert len(analyses) == 1
    assert second.name == "b.flac"
    times = np.linspace(0, 4, 100)
    for name in first.names:
        np.testing.assert_array_equal(first.column(name, times), second.column(name, times))
    audio_features(sound_file(tmp_path / "a.flac", click_track(BEATS[:4], 4)))
    assert len(analyses) == 2
    (kept,) = [
        path
        for path in analyses_folder().iterdir()
        if path.stat().st_mtime_ns == min(other.stat().st_mtime_ns for other in analyses_folder().iterdir())
    ]
    kept.write_bytes(kept.read_bytes()[:-100])
    again = audio_features(tmp_path / "b.flac")
    assert len(analyses) == 3
    np.testing.assert_array_equal(again.column("rms", times), first.column("rms", times))


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.m4a", "a.ogg", "a.opus", "a.mkv"])
def test_any_container_gives_the_same_beats(tmp_path: Path, name: str) -> None:
    features = audio_features(sound_file(tmp_path / name, click_track(BEATS, 4)))
    assert features.seconds == pytest.approx(4, abs=0.03)
    assert features.beats == pytest.approx(BEATS, abs=0.01)


def test_a_file_equals_its_samples(tmp_path: Path) -> None:
    samples = np.round(click_track(BEATS, 4) * 2**15) / 2**15
    of_file = audio_features(sound_file(tmp_path / "a.wav", samples)).analysis
    of_samples = analysed(samples.astype(np.float32))
    assert of_file.seconds == of_samples.seconds
    for name, values in of_samples.features.items():
        np.testing.assert_allclose(of_file.features[name], values, atol=1e-4)


Make = Callable[[Path], object]


def text(path: Path) -> None:
    path.write_text("no sound")


def picture(path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=5:d=0.4", "-f", "matroska", path)


def cut_off(path: Path) -> None:
    sound_file(path, rattle(1, 0), "-f", "ipod", "-c:a", "aac")
    path.write_bytes(path.read_bytes()[:8000])


def noise(path: Path) -> None:
    """An mp3 of which no packet can be decoded."""
    path.write_bytes(np.random.default_rng(0).bytes(20_000))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.touch(), "is empty"),
        (lambda path: path.mkdir(), "is a folder"),
        (text, "is not a sound or film file"),
        (picture, "has no sound: name a file that has"),
        (cut_off, "is not a sound or film file that ffmpeg can read"),
        (noise, "a.song"),
    ],
)
def test_a_file_without_sound_is_refused_in_a_sentence(make: Make, words: str, tmp_path: Path) -> None:
    make(tmp_path / "a.song")
    with pytest.raises(SourceError) as caught:
        audio_features(tmp_path / "a.song")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_damaged_file_gives_what_can_be_heard(tmp_path: Path) -> None:
    file = sound_file(tmp_path / "a.mp3", np.concatenate([click_track(BEATS, 4)] * 3))
    data = bytearray(file.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    file.write_bytes(data)
    features = audio_features(file)
    assert features.seconds == pytest.approx(12, abs=1)
    assert features.column("rms", np.array([0.505])) > 0.5


def test_a_track_is_chosen_by_its_number(tmp_path: Path) -> None:
    quiet, loud = tmp_path / "a.wav", tmp_path / "b.wav"
    sound_file(quiet, np.zeros(44100))
    sound_file(loud, click_track([0.5], 1))
    ffmpeg("-i", quiet, "-i", loud, "-map", "0", "-map", "1", tmp_path / "two.mkv")
    assert not audio_features(tmp_path / "two.mkv").analysis.features["rms"].any()
    assert audio_features(tmp_path / "two.mkv", 2).analysis.features["rms"].any()
    with pytest.raises(SettingError, match=r"two\.mkv has no sound track 3"):
        audio_features(tmp_path / "two.mkv", 3)


def test_blocks_do_not_matter_to_what_is_found() -> None:
    samples = click_track(BEATS, 4)
    one, many = analysed(samples, len(samples)), analyse(blocks(samples, 777))
    np.testing.assert_array_equal(one.beats, many.beats)
    for name, values in one.features.items():
        np.testing.assert_array_equal(values, many.features[name])
