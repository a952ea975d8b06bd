"""zoomdream audio, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.clips import pattern
from tests.support.commands import zoomdream
from tests.support.sounds import click_track, sound_file

BEATS = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sound_file(tmp_path_factory.mktemp("song") / "song.flac", click_track(BEATS, 4))


def test_it_tells_length_tempo_and_beats(song: Path) -> None:
    result = zoomdream("audio", song)
    assert result.exit_code == 0, result.stderr
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert lines == {
        "file": str(song),
        "seconds": "4.000",
        "tempo": lines["tempo"],
        "beats": lines["beats"],
    }
    assert float(lines["tempo"].split()[0]) == pytest.approx(120, abs=0.3)
    assert lines["beats"].startswith("7, the first at 0.50")


def test_as_json(song: Path) -> None:
    facts = json.loads(zoomdream("audio", song, "--json").stdout)
    assert facts["beats"] == pytest.approx(BEATS, abs=0.01)
    assert (facts["seconds"], facts["bpm"]) == (4.0, pytest.approx(120, rel=2e-3))


def test_with_a_given_tempo(song: Path) -> None:
    facts = json.loads(zoomdream("audio", song, "--bpm", 60, "--beat-offset", "250ms", "--json").stdout)
    assert (facts["bpm"], facts["beats"]) == (60, [0.25, 1.25, 2.25, 3.25])


def test_a_sample() -> None:
    facts = json.loads(zoomdream("audio", "sample:groove", "--json").stdout)
    assert facts["bpm"] == pytest.approx(120, rel=2e-3)
    assert facts["beats"] == pytest.approx(np.arange(16) / 2, abs=0.02)


def test_a_plot_is_written_once(song: Path, tmp_path: Path) -> None:
    plot = tmp_path / "song.png"
    assert zoomdream("audio", song, "--plot", plot).exit_code == 0
    assert plot.read_bytes().startswith(b"\x89PNG")
    again = zoomdream("audio", song, "--plot", plot)
    assert (again.exit_code, "replace it with -y" in again.stderr) == (4, True)
    assert zoomdream("audio", song, "--plot", plot, "-y", "--bpm", 90).exit_code == 0
    assert zoomdream("audio", song, "--plot", tmp_path / "song.jpg").exit_code == 2
    assert zoomdream("audio", plot, "--plot", plot, "-y").exit_code == 4


def test_a_sound_without_beats_is_plotted_too(tmp_path: Path) -> None:
    silent = sound_file(tmp_path / "silent.wav", np.zeros(4000))
    result = zoomdream("audio", silent, "--plot", tmp_path / "silent.png")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[2:] == ["tempo              none was found", "beats              0"]


def test_mistakes(song: Path, tmp_path: Path) -> None:
    cases = {
        (tmp_path / "none.wav",): (3, "none.wav does not exist"),
        (pattern(tmp_path / "a.mp4", seconds=0.2),): (3, "a.mp4 has no sound: name a file that has"),
        ("sample:grove",): (2, "there is no sample sound 'grove'; did you mean groove?"),
        (song, "--track", 2): (2, "song.flac has no sound track 2: it has 1 (flac, mono"),
        (song, "--beat-offset", "1s"): (2, "--beat-offset 1s: it says when the first beat of --bpm is"),
        (song, "--bpm", 100, "--beat-offset", "3"): (2, "--beat-offset '3': '3' is not a time"),
        (song, "--bpm", 100, "--beat-offset", "3f"): (2, "--beat-offset '3f': a sound has no frames"),
        (song, "--bpm", 0): (2, "--bpm 0: it must be from 1 to 1000"),
    }
    for arguments, (code, words) in cases.items():
        result = zoomdream("audio", *arguments)
        assert (result.exit_code, words in result.stderr) == (code, True), result.stderr
