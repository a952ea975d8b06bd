"""A journal's folder: what it holds, what it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.journal.test_segments import write
from zoomdream.errors import JournalError
from zoomdream.journal import JournalRecord, find_journal, journal_folder
from zoomdream.journal.journal import clear, write_record

RECORD = JournalRecord({"seed": 1, "size": "6x4"}, "out.mp4", 9, (6, 4), "24", "zoomdream render a.yaml", "/home/a")


def test_a_record_comes_back(tmp_path: Path) -> None:
    write_record(tmp_path / "a.journal", RECORD)
    found = find_journal(tmp_path / "a.journal")
    assert found is not None
    assert found.record == RECORD
    assert found.frames == 0
    assert found.bytes > 100


def test_it_lies_beside_a_file_and_inside_of_a_folder_that_exists(tmp_path: Path) -> None:
    assert journal_folder(tmp_path / "out.mp4") == tmp_path / "out.mp4.journal"
    assert journal_folder(tmp_path / "frames") == tmp_path / "frames.journal"
    (tmp_path / "frames").mkdir()
    assert journal_folder(tmp_path / "frames").parent == tmp_path / "frames"
    (tmp_path / "frames.journal").mkdir()  # begun before the folder was made
    assert journal_folder(tmp_path / "frames") == tmp_path / "frames.journal"


def test_no_journal_is_none(tmp_path: Path) -> None:
    assert find_journal(tmp_path / "a.journal") is None
    (tmp_path / "a.journal").mkdir()
    (tmp_path / "a.journal" / ".zoomdream-01234567.part").touch()  # killed before anything was written
    assert find_journal(tmp_path / "a.journal") is None


@pytest.mark.parametrize(
    "content", ["", "[]", "[1]", "{}", '{"zoomdream_journal": 2}', '{"zoomdream_journal": 1}', "\x00"]
)
def test_what_is_not_ours_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "journal.json").write_text(content)
    with pytest.raises(JournalError, match=r"move it|use the one"):
        find_journal(tmp_path)


def test_a_file_and_somebodys_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.journal").write_text("my diary")
    with pytest.raises(JournalError, match="no folder"):
        find_journal(tmp_path / "a.journal")
    (tmp_path / "b.journal").mkdir()
    (tmp_path / "b.journal" / "monday.txt").touch()
    with pytest.raises(JournalError, match="no journal of zoomdream"):
        find_journal(tmp_path / "b.journal")


def test_differences_name_the_thing_and_both_values(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    found = find_journal(tmp_path)
    assert found is not None
    assert found.differences({"seed": 1, "size": "6x4"}) == []
    assert found.differences({"seed": 2, "size": "6x4", "tile": 96}) == [
        "seed is 1 there and 2 here",
        "tile is nothing there and 96 here",
    ]


def test_frames_match_as_far_as_their_settings(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    for first in (0, 2, 4):
        write(tmp_path, first, 2)
    found = find_journal(tmp_path)
    assert found is not None
    assert found.matching(lambda first, stop: "rows") == 6
    assert found.matching(lambda first, stop: "rows" if stop <= 4 else "others") == 4
    assert found.matching(lambda first, stop: "others") == 0


def test_it_goes_on_from_the_last_state_that_is_whole(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    segments = [write(tmp_path, first, 2, {"start": torch.full((1, 3, 2, 2), first)}) for first in (0, 2, 4)]
    found = find_journal(tmp_path)
    assert found is not None
    whole, state = found.up_to(6, 1)
    assert whole.frames == 6
    assert state["start"].unique().item() == 4
    segments[2].state_path.unlink()
    assert found.up_to(6, 1)[0].frames == 4
    assert found.up_to(3, 1)[0].frames == 2
    assert found.up_to(6, 2) == (found.up_to(0, 1)[0], {})
    assert [int(frame[0, 0, 0]) for frame in found.read(1, 5)] == [1, 2, 3, 4]


def test_a_journal_of_another_format_is_left_alone(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    text = json.loads((tmp_path / "journal.json").read_text())
    (tmp_path / "journal.json").write_text(json.dumps(text | {"zoomdream_journal": 99}))
    with pytest.raises(JournalError, match="format 99"):
        find_journal(tmp_path)


def test_only_a_journals_own_files_are_removed(tmp_path: Path) -> None:
    write_record(tmp_path / "a.journal", RECORD)
    write(tmp_path / "a.journal", 0, 2)
    (tmp_path / "a.journal" / "notes.txt").write_text("mine")
    (tmp_path / "a.journal" / ".zoomdream-01234567.part").mkdir()
    found = find_journal(tmp_path / "a.journal")
    assert found is not None
    found.remove()
    assert [path.name for path in (tmp_path / "a.journal").iterdir()] == ["notes.txt"]


def test_a_name_as_long_as_names_can_be_has_a_journal(tmp_path: Path) -> None:
    folder = journal_folder(tmp_path / ("x" * 251 + ".mp4"))
    assert folder.parent == tmp_path
    folder.mkdir()
    assert folder != journal_folder(tmp_path / ("y" * 251 + ".mp4"))


def test_a_journal_that_is_removed_by_half_is_a_journal_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a.journal"
    write_record(folder, RECORD)
    write(folder, 0, 2)

    def fail(path: Path) -> None:
        raise PermissionError(path)

    with monkeypatch.context() as patch:
        patch.setattr("zoomdream.journal.journal.remove", fail)
        with pytest.raises(PermissionError):
            clear(folder)
    assert find_journal(folder) is not None
    clear(folder)
    assert list(tmp_path.iterdir()) == []
