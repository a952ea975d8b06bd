"""The working folder is removed: a film with full names needs none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import QUIET, zoomdream
from tests.support.faults import at_frame, contents, rendered

Whole = dict[str, list[bytes]]


@pytest.fixture
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own that is the working folder, and may be removed."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_removed_before_the_start(working_folder: Path, presets: Path, tmp_path: Path, whole: Whole) -> None:
    working_folder.rmdir()
    result = zoomdream("render", presets / "zoom.yaml", "-o", tmp_path / "a.mp4", *QUIET)
    assert result.exit_code == 0, result.output
    assert contents(tmp_path / "a.mp4") == whole["zoom"]


def test_names_in_it_are_mistakes(working_folder: Path, presets: Path, tmp_path: Path) -> None:
    working_folder.rmdir()
    for arguments in (
        ["zoom.yaml", "-o", tmp_path / "a.mp4"],
        [presets / "zoom.yaml", "-o", "a.mp4"],
        [presets / "zoom.yaml", "--input", "photo.jpg", "-o", tmp_path / "a.mp4"],
    ):
        result = zoomdream("render", *arguments, *QUIET)
        assert result.exit_code == 2, result.output
        assert result.stderr.startswith("error: ")
        assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_removed_midway(working_folder: Path, presets: Path, tmp_path: Path, whole: Whole) -> None:
    assert rendered(presets / "zoom.yaml", tmp_path / "a.mp4", at_frame(10, working_folder.rmdir)).code == 0
    assert contents(tmp_path / "a.mp4") == whole["zoom"]
