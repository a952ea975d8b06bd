"""One process at a time writes an output, and a dead one does not block."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from zoomdream.errors import OutputBusyError, OutputError
from zoomdream.output_lock import LOCK_NAME, output_lock

HOLD = (
    "import sys; from zoomdream.output_lock import output_lock\n"
    "with output_lock(sys.argv[1]):\n"
    "    print('held', flush=True); sys.stdin.read()\n"
)


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the lock of `path` until its stdin is closed."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def locks(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if LOCK_NAME.fullmatch(path.name)]


def test_another_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with holder(path) as process:
        with pytest.raises(OutputBusyError) as refused, output_lock(path):
            pass
        assert str(refused.value) == (
            f"{path} is being written by another zoomdream (process {process.pid}): "
            "wait for it or choose another output"
        )
        with output_lock(tmp_path / "other.mp4"):
            pass
        process.communicate()
        with output_lock(path):
            assert [int(lock.read_text()) for lock in locks(tmp_path)] == [os.getpid()]
    assert list(tmp_path.iterdir()) == []


def test_a_lock_of_a_killed_process_does_not_block(tmp_path: Path) -> None:
    with holder(tmp_path / "out.mp4") as process:
        process.kill()
        process.wait()
        assert len(locks(tmp_path)) == 1
        with output_lock(tmp_path / "out.mp4"):
            assert [int(lock.read_text()) for lock in locks(tmp_path)] == [os.getpid()]
    assert list(tmp_path.iterdir()) == []


def test_one_thread_may_take_it_again_and_another_may_not(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    refused = []

    def try_it() -> None:
        try:
            with output_lock(path):
                pass
        except OutputBusyError as error:
            refused.append(str(error))

    with output_lock(path):
        with output_lock(path):
            pass
        assert len(locks(tmp_path)) == 1
        other = threading.Thread(target=try_it)
        other.start()
        other.join()
    assert refused == [f"{path} is being written by this process already: choose another output"]
    assert list(tmp_path.iterdir()) == []
    try_it()
    assert len(refused) == 1


def test_names_of_one_file_meet_in_one_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(folder)
    names: list[str | Path] = [
        "out.mp4",
        "./out.mp4",
        "inner/../out.mp4",
        folder / "out.mp4",
        tmp_path / "link" / "out.mp4",
    ]
    for name in names:
        with holder(folder / "out.mp4"), pytest.raises(OutputBusyError), output_lock(name):
            pass


def test_the_lock_lies_beside_a_file_and_in_a_folder(tmp_path: Path) -> None:
    with output_lock(tmp_path / "new"):
        assert len(locks(tmp_path)) == 1
    (tmp_path / "frames").mkdir()
    (tmp_path / "link").symlink_to("frames")
    with output_lock(tmp_path / "frames"):
        assert (len(locks(tmp_path)), len(locks(tmp_path / "frames"))) == (0, 1)
        with output_lock(tmp_path / "link"):
            assert len(locks(tmp_path / "frames")) == 1
    with output_lock("/none/out.mp4", folder=tmp_path), output_lock("/none/other/out.mp4", folder=tmp_path):
        assert len(locks(tmp_path)) == 2
    assert [path for path in tmp_path.rglob("*") if LOCK_NAME.fullmatch(path.name)] == []


def test_places_where_no_lock_can_be_made(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="none/out cannot be written: No such file"),
        output_lock(tmp_path / "none/out"),
    ):
        pass


def test_a_file_that_is_no_lock_stays(tmp_path: Path) -> None:
    with output_lock(tmp_path / "out.mp4"):
        (lock,) = locks(tmp_path)
    lock.write_text("my notes")
    with (
        pytest.raises(OutputError, match=r"\.lock is no lock of zoomdream.*rename it"),
        output_lock(tmp_path / "out.mp4"),
    ):
        pass
    assert lock.read_text() == "my notes"
    lock.unlink()
    (tmp_path / "notes").write_text("")
    lock.symlink_to("notes")
    with pytest.raises(OutputError, match="cannot be written"), output_lock(tmp_path / "out.mp4"):
        pass
    assert lock.is_symlink()
    lock.unlink()
    os.mkfifo(lock)
    with pytest.raises(OutputError, match="is no lock"), output_lock(tmp_path / "out.mp4"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="has another kind of locks")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_without_locks_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def no_locks(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", no_locks)
    with output_lock(tmp_path / "out.mp4"), output_lock(tmp_path / "out.mp4"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="removes nothing that is open")
def test_a_lock_file_that_is_removed_at_the_wrong_moment_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its former holder removes it after it was opened here: locked, it would exclude nobody."""
    import fcntl

    lock_file, removed = fcntl.flock, list[Path]()

    def remove_first(descriptor: int, operation: int) -> None:
        if not removed:
            removed.append(locks(tmp_path)[0])
            removed[0].unlink()
        lock_file(descriptor, operation)

    monkeypatch.setattr("fcntl.flock", remove_first)
    with output_lock(tmp_path / "out.mp4"):
        assert locks(tmp_path) == removed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="has no fork")
def test_a_forked_process_has_none_of_its_parents_locks(tmp_path: Path) -> None:
    with output_lock(tmp_path / "out.mp4"):
        child = os.fork()
        if not child:
            try:
                with output_lock(tmp_path / "out.mp4"):
                    os._exit(1)
            except OutputBusyError:
                os._exit(0)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        assert len(locks(tmp_path)) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="has no such permissions")
def test_a_lock_that_another_user_has_left_does_not_block() -> None:
    """It can be read but not written, and in a folder such as /tmp not removed either."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o1777)
        with output_lock(folder / "out.mp4"):
            (lock,) = locks(folder)
        lock.write_text("1\n")
        lock.chmod(0o444)
        child = os.fork()
        if not child:
            status = 1
            try:
                if os.geteuid() == 0:
                    os.setuid(65534)
                with output_lock(folder / "out.mp4"), pytest.raises(OutputBusyError), ThreadPoolExecutor(1) as thread:
                    thread.submit(output_lock(folder / "out.mp4").__enter__).result()
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0


def test_a_folder_that_is_removed_meanwhile_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with output_lock(tmp_path / "folder" / "out.mp4"):
        (tmp_path / "folder").rename(tmp_path / "moved")
    with output_lock(tmp_path / "moved" / "out.mp4"):
        assert len(locks(tmp_path / "moved")) == 1


def test_another_runs_lock_is_not_removed(tmp_path: Path) -> None:
    """Where a lock file was removed by hand, what has its name now is another's."""
    with output_lock(tmp_path / "out.mp4"):
        (lock,) = locks(tmp_path)
        lock.unlink()
        with holder(tmp_path / "out.mp4") as process:
            assert int(lock.read_text()) == process.pid
    assert lock.exists()
