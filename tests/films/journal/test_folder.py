"""A journal's folder: what it holds, what it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.films.journal.test_segments import write
from zoomdream.errors import JournalError
from zoomdream.films.journal import Journal, JournalRecord, find_journal, journal_folder
from zoomdream.films.journal.folder import clear, drop_frames, write_record

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


def opened(folder: Path) -> Journal:
    found = find_journal(folder)
    assert found is not None
    return found


def firsts(journal: Journal) -> list[int]:
    return [segment.first for segment in journal.segments]


def test_frames_are_usable_as_far_as_their_settings(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    for first in (0, 2, 4):
        write(tmp_path, first, 2)
    found = opened(tmp_path)
    assert found.usable(lambda first, stop: "rows", lambda first: "").frames == 6
    assert firsts(found.usable(lambda first, stop: "rows" if stop <= 4 else "others", lambda first: "")) == [0, 2]
    assert found.usable(lambda first, stop: "others", lambda first: "").frames == 0
    assert firsts(found.usable(lambda first, stop: "others" if first == 2 else "rows", lambda first: "")) == [0]


def test_parts_are_usable_where_they_begin_with_the_same(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    write(tmp_path, 0, 2)
    write(tmp_path, 2, 2, begins="camera 2")
    write(tmp_path, 4, 2)
    write(tmp_path, 8, 2, begins="camera 8")
    found = opened(tmp_path)
    assert found.frames == 8
    assert firsts(found.usable(lambda first, stop: "rows", "camera {}".format)) == [0, 2, 4, 8]
    assert firsts(found.usable(lambda first, stop: "rows" if first else "others", "camera {}".format)) == [2, 4, 8]
    assert firsts(found.usable(lambda first, stop: "rows", lambda first: f"camera {min(first, 2)}")) == [0, 2, 4]


def test_it_goes_on_from_states_that_are_whole(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    segments = [write(tmp_path, first, 2, {"start": torch.full((1, 3, 2, 2), first)}) for first in (0, 2, 4)]
    found = opened(tmp_path)
    assert firsts(found.with_states(9, 1)) == [0, 2, 4]
    assert firsts(found.with_states(9, 2)) == []
    segments[2].state_path.write_bytes(b"damaged")
    assert firsts(found.with_states(9, 1)) == [0, 2]
    assert firsts(found.with_states(6, 1)) == [0, 2, 4]  # the film ends there: nothing goes on from it
    write(tmp_path, 6, 2, begins="camera 6")
    assert firsts(opened(tmp_path).with_states(9, 1)) == [0, 2, 4, 6]
    assert [int(frame[0, 0, 0]) for frame in found.read(1, 5)] == [1, 2, 3, 4]


def test_frames_of_a_part_are_dropped_and_others_stay(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    useful, *_ = [write(tmp_path, first, 2, begins="camera") for first in (2, 4, 6)]
    write(tmp_path, 0, 2)
    (tmp_path / ".zoomdream-01234567.part").mkdir()  # another's, who is at it
    drop_frames(tmp_path, range(2, 6), useful.files)
    assert firsts(opened(tmp_path)) == [0, 2, 6]
    assert (
        sorted(path.name[:12] for path in tmp_path.iterdir() if path.name.startswith("state")) == ["state-000000"] * 3
    )
    assert (tmp_path / ".zoomdream-01234567.part").is_dir()


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
        patch.setattr("zoomdream.films.journal.folder.remove", fail)
        with pytest.raises(PermissionError):
            clear(folder)
    assert find_journal(folder) is not None
    clear(folder)
    assert list(tmp_path.iterdir()) == []
