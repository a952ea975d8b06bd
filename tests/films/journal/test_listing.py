"""Unfinished films in a folder."""

from __future__ import annotations

import os
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.films.journal.test_folder import RECORD
from tests.films.journal.test_segments import write
from zoomdream.errors import OutputBusyError
from zoomdream.films.journal import journal_folder
from zoomdream.films.journal.folder import write_record
from zoomdream.films.journal.listing import list_journals, remove_journal
from zoomdream.output_lock import output_lock


def journal_of(folder: Path, *counts: int) -> None:
    write_record(folder, RECORD)
    for first, count in zip((0, *counts), counts, strict=False):
        write(folder, first, count)


def test_journals_beside_files_and_inside_of_folders_are_found(tmp_path: Path) -> None:
    journal_of(tmp_path / "b.mp4.journal", 4)
    (tmp_path / "a").mkdir()
    journal_of(tmp_path / "a" / ".zoomdream.journal", 2)
    (tmp_path / "mine.journal").mkdir()
    (tmp_path / "mine.journal" / "monday.txt").touch()
    listed = list_journals(tmp_path)
    assert [(each.output.name, each.journal.frames) for each in listed] == [("a", 2), ("b.mp4", 4)]
    assert not any(each.is_busy or each.is_finished for each in listed)
    assert [each.output.name for each in list_journals(tmp_path / "a")] == ["a"]


def test_a_finished_film_whose_frames_were_kept(tmp_path: Path) -> None:
    journal_of(tmp_path / "b.mp4.journal", 9)
    assert not list_journals(tmp_path)[0].is_finished  # killed before the film got its name
    (tmp_path / "b.mp4").touch()
    assert list_journals(tmp_path)[0].is_finished


def test_a_film_whose_name_is_too_long_for_its_journal(tmp_path: Path) -> None:
    output = tmp_path / f"{'a' * 250}.mp4"
    write_record(journal_folder(output), replace(RECORD, output=output.name))
    (listed,) = list_journals(tmp_path)
    assert listed.output == output


def test_a_film_that_was_renamed_with_its_journal(tmp_path: Path) -> None:
    write_record(tmp_path / "new.mp4.journal", replace(RECORD, output="old.mp4"))
    assert [each.output.name for each in list_journals(tmp_path)] == ["new.mp4"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="has no such permissions")
def test_folders_that_cannot_be_written_or_looked_into() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal_of(folder / "b.mp4.journal", 4)
        (folder / "secret").mkdir(mode=0)
        folder.chmod(0o555)
        child = os.fork()
        if not child:
            status = 1
            try:
                if os.geteuid() == 0:
                    os.setuid(65534)
                status = int([each.journal.frames for each in list_journals(folder)] != [4])
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        folder.chmod(0o755)
        (folder / "secret").chmod(0o755)


def test_what_is_in_use_is_said_and_not_removed(tmp_path: Path) -> None:
    journal_of(tmp_path / "b.mp4.journal", 4)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with output_lock(tmp_path / "b.mp4"):
            entered.set()
            leave.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        entered.wait()
        (listed,) = list_journals(tmp_path)
        assert listed.is_busy
        with pytest.raises(OutputBusyError):
            remove_journal(listed)
        assert listed.journal.path.exists()
    finally:
        leave.set()
        thread.join()
    remove_journal(list_journals(tmp_path)[0])
    assert list(tmp_path.iterdir()) == []
