"""Analyses are kept whole or not at all, and a damaged one is none."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.support.sounds import analysed, click_track
from zoomdream.runtime import CACHE
from zoomdream.schedule.music.analysis import Analysis
from zoomdream.schedule.music.store import analyses_folder, keep_analysis, read_analysis


@pytest.fixture
def analysis() -> Analysis:
    return analysed(click_track([0.5, 1.0, 1.5, 2.0, 2.5], 3))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "audio"


def test_what_is_kept_is_what_is_read(folder: Path, analysis: Analysis) -> None:
    assert read_analysis("a") is None
    keep_analysis("a", analysis)
    kept = read_analysis("a")
    assert kept is not None
    assert (kept.seconds, kept.bpm) == (analysis.seconds, analysis.bpm)
    np.testing.assert_array_equal(kept.beats, analysis.beats)
    assert kept.features.keys() == analysis.features.keys()
    for name, values in analysis.features.items():
        np.testing.assert_array_equal(kept.features[name], values)
    assert [path.name for path in folder.iterdir()] == ["a.npz"]


def test_a_sound_without_beats_is_kept_as_such(folder: Path) -> None:
    keep_analysis("a", analysed(np.zeros(44100, np.float32)))
    kept = read_analysis("a")
    assert kept is not None
    assert (kept.bpm, len(kept.beats)) == (None, 0)


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.97])
def test_one_that_is_cut_off_is_none(folder: Path, analysis: Analysis, share: float) -> None:
    keep_analysis("a", analysis)
    data = (folder / "a.npz").read_bytes()
    (folder / "a.npz").write_bytes(data[: round(share * len(data))])
    assert read_analysis("a") is None


def test_no_changed_byte_is_taken_for_the_sound(folder: Path, analysis: Analysis) -> None:
    keep_analysis("a", analysis)
    data = (folder / "a.npz").read_bytes()
    for at in range(0, len(data), len(data) // 60):
        (folder / "a.npz").write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        kept = read_analysis("a")
        if kept is not None:  # a byte that says nothing, such as a date
            np.testing.assert_array_equal(kept.features["rms"], analysis.features["rms"])
            np.testing.assert_array_equal(kept.beats, analysis.beats)


def test_another_programs_file_is_none(folder: Path, analysis: Analysis) -> None:
    folder.mkdir(parents=True)
    np.savez(folder / "a.npz", rms=np.zeros(3))
    assert read_analysis("a") is None
    strange = Analysis(1.0, {**analysis.features, "bass": np.full(2, np.nan, np.float32)}, None, np.zeros(0))
    keep_analysis("b", strange)
    assert read_analysis("b") is None


def test_a_folder_that_cannot_be_written_is_no_error(folder: Path, analysis: Analysis) -> None:
    folder.parent.parent.mkdir(exist_ok=True)
    folder.parent.write_text("a file where the folder would be")
    keep_analysis("a", analysis)
    assert read_analysis("a") is None


def test_the_oldest_are_removed_where_there_are_many(folder: Path, analysis: Analysis) -> None:
    folder.mkdir(parents=True)
    for number in range(205):
        (folder / f"{number}.npz").touch()
        os.utime(folder / f"{number}.npz", (number, number))
    keep_analysis("new", analysis)
    names = {path.stem for path in folder.iterdir()}
    assert len(names) == 200
    assert "new" in names
    assert "204" in names
    assert "5" not in names


def test_the_folder_is_the_systems_unless_another_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(CACHE)
    assert analyses_folder().parent.name == "zoomdream"
    monkeypatch.setenv(CACHE, str(tmp_path))
    assert analyses_folder() == tmp_path / "audio"
