"""`zoomdream jobs`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.films.journal.test_folder import RECORD
from tests.films.journal.test_segments import write
from tests.support.commands import zoomdream
from zoomdream.films.journal.folder import write_record


@pytest.fixture
def unfinished(tmp_path: Path) -> Path:
    """A folder with an unfinished film."""
    write_record(tmp_path / "out.mp4.journal", RECORD)
    write(tmp_path / "out.mp4.journal", 0, 3)
    return tmp_path


def test_it_says_how_far_and_how_to_go_on(unfinished: Path) -> None:
    result = zoomdream("jobs", unfinished)
    assert result.exit_code == 0
    assert "out.mp4: 3 of 9 frames (33%), 6x4, 10 MB" in result.stdout
    assert "to go on: cd /home/a && zoomdream render a.yaml" in result.stdout


def test_json(unfinished: Path) -> None:
    (job,) = json.loads(zoomdream("jobs", unfinished, "--json").stdout)
    assert (job["frames"], job["of"], job["busy"], job["finished"]) == (3, 9, False, False)
    assert job["command"] == "zoomdream render a.yaml"


def test_nothing_unfinished(tmp_path: Path) -> None:
    result = zoomdream("jobs", tmp_path)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "nothing is unfinished" in result.stderr
    assert json.loads(zoomdream("jobs", tmp_path, "--json").stdout) == []


def test_clean_removes_journals_and_what_killed_runs_have_left(unfinished: Path) -> None:
    (unfinished / ".zoomdream-01234567.part").write_text("x")
    (unfinished / "mine.txt").touch()
    assert ".zoomdream-01234567.part: left by a run that was killed" in zoomdream("jobs", unfinished).stdout
    result = zoomdream("jobs", unfinished, "--clean")
    assert result.exit_code == 0
    assert [path.name for path in unfinished.iterdir()] == ["mine.txt"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    result = zoomdream("jobs", tmp_path / "none")
    assert result.exit_code == 2
    assert "is no folder" in result.stderr
