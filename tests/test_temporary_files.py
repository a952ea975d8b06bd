"""Temporary files, and which of them a dead process has left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from zoomdream.output_files import PartFile, PartFolder
from zoomdream.output_lock import output_lock
from zoomdream.temporary_files import create_file, create_folder, is_own_name, stale_files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks nothing that is renamed while it is open")

LEAVE = (
    "import os, signal, sys; from pathlib import Path\n"
    "from zoomdream.output_files import PartFile, PartFolder; from zoomdream.output_lock import output_lock\n"
    "target = Path(sys.argv[1], 'out')\n"
    "with output_lock(target):\n"
    "    parts = PartFile(target), PartFolder(target, lambda name: True)\n"
    "    os.kill(os.getpid(), signal.SIGKILL)\n"
)


def test_what_a_killed_process_has_left_is_stale_and_nothing_else(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", LEAVE, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    left = sorted(tmp_path.iterdir())
    assert [path.suffix for path in left].count(".part") == 2
    assert len(left) == 3
    (tmp_path / "mine.part").touch()
    (tmp_path / ".zoomdream-00000000.part").symlink_to(left[0])
    (tmp_path / ".zoomdream-00000000.part.mp4").touch()
    with output_lock(tmp_path / "other"):
        file, folder = PartFile(tmp_path / "a"), PartFolder(tmp_path / "b", str.isdigit)
        assert stale_files(tmp_path) == left
        file.discard()
        folder.discard()
    assert stale_files(tmp_path) == left


def test_a_part_is_alive_until_it_is_released(tmp_path: Path) -> None:
    for create in (create_file, create_folder):
        temporary = create(tmp_path)
        assert is_own_name(temporary.path.name)
        assert stale_files(tmp_path) == []
        temporary.release()
        temporary.release()
        assert stale_files(tmp_path) == [temporary.path]
        temporary.path.rename(tmp_path / create.__name__)


def test_without_locks_nothing_is_called_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(descriptor: int, operation: int) -> None:
        raise OSError(95, os.strerror(95))

    monkeypatch.setattr("fcntl.flock", no_locks)
    create_file(tmp_path).release()
    assert stale_files(tmp_path) == []


def test_parts_hold_no_descriptor_after_their_end(tmp_path: Path) -> None:
    def held() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    before = held()
    for number in range(3):
        PartFile(tmp_path / f"{number}").commit()
        PartFile(tmp_path / "file").discard()
        PartFolder(tmp_path / f"folder{number}", str.isdigit).commit()
        PartFolder(tmp_path / "folder", str.isdigit).discard()
    assert held() == before
