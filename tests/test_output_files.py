from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zoomdream.cli.app import app
from zoomdream.errors import OutputError, OutputExistsError
from zoomdream.output_files import (
    PartFile,
    PartFolder,
    check_output_file,
    check_output_folder,
    refuse_overwriting,
    whole_file,
)
from zoomdream.output_lock import output_lock
from zoomdream.temporary_files import stale_files


def is_png(name: str) -> bool:
    return name.endswith(".png")


def test_an_input_is_known_by_any_of_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    photo = tmp_path / "photo.png"
    photo.touch()
    (tmp_path / "link.png").symlink_to(photo)
    for name in ("photo.png", "./a/../photo.png", str(photo), "link.png"):
        with pytest.raises(OutputError, match=r"would be written over .*photo.png, which is read"):
            refuse_overwriting(name, [tmp_path / "other.png", photo])
    refuse_overwriting("dream.png", [photo])
    (tmp_path / "loop.png").symlink_to("loop.png")
    refuse_overwriting("loop.png", [photo])


def test_a_free_name_may_be_written_and_the_check_leaves_nothing(tmp_path: Path) -> None:
    check_output_file(tmp_path / "a.png")
    check_output_folder(tmp_path / "frames", "0.png", is_png)
    check_output_folder(tmp_path, "0.png", is_png)
    assert list(tmp_path.iterdir()) == []


def test_what_exists_needs_leave(tmp_path: Path) -> None:
    for name in ("a.png", "dangling.png"):
        path = tmp_path / name
        path.symlink_to("nowhere") if name == "dangling.png" else path.write_text("mine")
        with pytest.raises(OutputExistsError, match=f"{name} exists$"):
            check_output_file(path)
        check_output_file(path, overwrite=True)
    with pytest.raises(OutputExistsError, match="is not empty"):
        check_output_folder(tmp_path, "0.png", is_png)
    check_output_folder(tmp_path, "0.png", is_png, overwrite=True)
    assert (tmp_path / "a.png").read_text() == "mine"


def test_places_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    for name, message in (
        ("none/a", "there is no folder .*none; create it"),
        ("file/a", "file is a file, not a folder"),
        ("x" * 256, "File name too long"),
        ("a\0b", "embedded null byte"),
    ):
        with pytest.raises(OutputError, match=message):
            check_output_file(tmp_path / name, overwrite=True)
        with pytest.raises(OutputError, match=message):
            check_output_folder(tmp_path / name, "0.png", is_png, overwrite=True)
    with pytest.raises(OutputError, match="is a folder: name a file in it"):
        check_output_file(tmp_path, overwrite=True)
    with pytest.raises(OutputError, match="pipe is not a regular file"):
        check_output_file(tmp_path / "pipe", overwrite=True)
    with pytest.raises(OutputError, match="file is a file, not a folder"):
        check_output_folder(tmp_path / "file", "0.png", is_png, overwrite=True)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OutputError, match=r"folder\.png is a folder where a file would be written"):
        check_output_folder(tmp_path, "0.png", is_png, overwrite=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="a cannot be written: Permission denied"):
        check_output_file(tmp_path / "a")


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a") as part:
        assert part.parent == tmp_path
        part.write_text("all")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").read_text() == "all"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_is_flushed_to_the_disk_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut the name must not stand for half a file."""
    fsync, flushed = os.fsync, list[tuple[int, bool]]()

    def record(descriptor: int) -> None:
        flushed.append((os.fstat(descriptor).st_ino, (tmp_path / "a").exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    with whole_file(tmp_path / "a") as part:
        part.write_text("all")
    assert flushed == [((tmp_path / "a").stat().st_ino, False), (tmp_path.stat().st_ino, True)]


def test_an_exception_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "a") as part:
        part.write_text("half" * (1 // 0))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]


def test_two_parts_of_one_file_are_two_files(tmp_path: Path) -> None:
    first, second = PartFile(tmp_path / "a"), PartFile(tmp_path / "a")
    first.path.write_text("first")
    second.path.write_text("second")
    first.commit()
    second.discard()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "first")]


@pytest.mark.parametrize("has_links", [True, False])
def test_without_leave_a_file_that_has_appeared_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    def no_links(*paths: Path) -> None:
        raise PermissionError("this file system has no hard links")

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    with whole_file(tmp_path / "new", overwrite=False) as part:
        part.write_text("all")
    assert (tmp_path / "new").read_text() == "all"
    part_file = PartFile(tmp_path / "a", overwrite=False)
    (tmp_path / "a").write_text("mine")
    with pytest.raises(OutputExistsError, match="a exists: another program has written it"):
        part_file.commit()
    part_file.discard()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "mine", "new": "all"}


@pytest.mark.skipif(os.name != "posix", reason="has no such permissions")
def test_permissions_are_those_of_a_file_that_is_opened_for_writing(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        for name in ("new", "private"):
            plain = tmp_path / f"plain_{name}"
            if name == "private":
                for path in (plain, tmp_path / name):
                    path.touch()
                    path.chmod(0o600)
            plain.write_text("")
            with whole_file(tmp_path / name) as part:
                part.write_text("")
            assert (tmp_path / name).stat().st_mode == plain.stat().st_mode
    finally:
        os.umask(before)


def test_a_new_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    part = PartFolder(tmp_path / "frames", is_png)
    (part.path / "0.png").write_text("all")
    assert not (tmp_path / "frames").exists()
    part.commit()
    part.discard()
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == ["frames", "frames/0.png"]


def test_a_folder_that_exists_keeps_its_other_files(tmp_path: Path) -> None:
    for name in ("0.png", "7.png", "notes.txt", "unfinished.part"):
        (tmp_path / name).write_text("old")
    part = PartFolder(tmp_path, is_png, overwrite=True)
    (part.path / "0.png").write_text("new")
    (part.path / "1.png").write_text("new")
    part.commit()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        **{"0.png": "new", "1.png": "new"},
        **{"notes.txt": "old", "unfinished.part": "old"},
    }


def test_files_that_cannot_all_be_moved_are_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = PartFolder(tmp_path, is_png)
    for name in ("0.png", "1.png"):
        (part.path / name).touch()
    link = os.link

    def fail_at_the_second(source: Path, target: Path) -> None:
        if target.name == "1.png":
            target.write_text("mine")
        link(source, target)

    monkeypatch.setattr(os, "link", fail_at_the_second)
    with pytest.raises(OutputExistsError, match=r"1\.png exists"):
        part.commit()
    part.discard()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("1.png", "mine")]


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


def old_and_new(folder: Path) -> tuple[dict[str, str], PartFolder]:
    """A folder with frames 0 to 3 and a note, and a part with frames 0, 1, 2 and 5 for it."""
    for name in ("0.png", "1.png", "2.png", "3.png", "note.txt"):
        (folder / name).write_text(f"old {name}")
    before = texts(folder)
    part = PartFolder(folder, is_png, overwrite=True)
    for name in ("0.png", "1.png", "2.png", "5.png"):
        (part.path / name).write_text(f"new {name}")
    return before, part


@pytest.mark.parametrize("has_links", [True, False])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("name", ["0.png", "2.png", "5.png", "3.png"])
def test_replaced_files_come_back_where_not_all_can_be_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: type[BaseException], has_links: bool
) -> None:
    before, part = old_and_new(tmp_path)
    rename, replace, failed = Path.rename, Path.replace, list[str]()

    def fail_once(self: Path, target: Path) -> Path:
        if name in (self.name, target.name) and not failed:
            failed.append(name)
            raise error
        return (rename if self.name == "3.png" else replace)(self, target)

    def no_links(*paths: Path) -> None:
        raise PermissionError("this file system has no hard links")

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(Path, "replace", fail_once)
    if name == "3.png":  # only the last step, which removes what no new frame replaces, uses it
        monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises(error):
        part.commit()
    assert failed == [name]
    assert texts(tmp_path) == before
    part.discard()
    assert {path.name for path in tmp_path.iterdir()} == set(before)


def test_old_files_that_cannot_be_put_back_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, part = old_and_new(tmp_path)
    replace = Path.replace

    def break_at_the_third(self: Path, target: Path) -> Path:
        if target.name == "2.png":
            monkeypatch.setattr(Path, "rename", fail)
            fail(self, target)
        return replace(self, target)

    def fail(self: Path, target: Path) -> Path:
        raise OSError("the disk has gone")

    monkeypatch.setattr(Path, "replace", break_at_the_third)
    with pytest.raises(OSError, match="the disk has gone"):
        part.commit()
    part.discard()
    kept = texts(part.path / "replaced")
    assert {name: text for name, text in kept.items() if name != "2.png"} == {
        "0.png": "old 0.png",
        "1.png": "old 1.png",
    }
    assert stale_files(tmp_path) == [part.path]


@pytest.mark.skipif(sys.platform == "win32", reason="has no kill -9")
@pytest.mark.parametrize("at", range(6))
def test_a_kill_while_files_are_moved_loses_none(tmp_path: Path, at: int) -> None:
    """Every name has its old or its new file, and what it does not have is in the temporary folder."""
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from tests.test_output_files import old_and_new\n"
        "_, part = old_and_new(Path(sys.argv[1]))\n"
        "steps, replace, rename = iter(range(int(sys.argv[2]))), Path.replace, Path.rename\n"
        "def step(act):\n"
        "    def stepped(self, target):\n"
        "        if next(steps, None) is None: os.kill(os.getpid(), signal.SIGKILL)\n"
        "        return act(self, target)\n"
        "    return stepped\n"
        "Path.replace, Path.rename = step(replace), step(rename)\n"
        "part.commit()\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path), str(at)], check=False)
    present = texts(tmp_path)
    if at == 5:  # as many steps as there are: nothing was killed
        assert (killed.returncode, stale_files(tmp_path)) == (0, [])
        assert present == {f"{number}.png": f"new {number}.png" for number in (0, 1, 2, 5)} | {
            "note.txt": "old note.txt"
        }
        return
    assert killed.returncode == -signal.SIGKILL
    (part,) = stale_files(tmp_path)
    waiting, replaced = texts(part), texts(part / "replaced")
    for number in range(4):
        assert present[f"{number}.png"] in (f"old {number}.png", f"new {number}.png")
        assert f"old {number}.png" in (present[f"{number}.png"], replaced.get(f"{number}.png"))
    for number in (0, 1, 2, 5):
        assert f"new {number}.png" in (present.get(f"{number}.png"), waiting.get(f"{number}.png"))


@pytest.fixture(params=["same disk", "other disk"])
def working_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder for temporary files that is not the output's."""
    other = Path("/dev/shm")
    if request.param == "same disk":
        (tmp_path / "work").mkdir()
        yield tmp_path / "work"
        return
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second disk")
    with tempfile.TemporaryDirectory(dir=other) as name:
        yield Path(name)


@pytest.mark.parametrize("overwrite", [True, False])
def test_parts_may_lie_elsewhere(working_folder: Path, tmp_path: Path, overwrite: bool) -> None:
    output = tmp_path / "output"
    output.mkdir()
    if overwrite:
        (output / "a").write_text("old")
    part = PartFile(output / "a", overwrite=overwrite, folder=working_folder)
    assert part.path.parent == working_folder
    part.path.write_text("new")
    part.commit()
    part.discard()
    assert texts(output) == {"a": "new"}
    assert list(working_folder.iterdir()) == []


@pytest.mark.parametrize("is_there", [True, False])
def test_folders_of_parts_may_lie_elsewhere(working_folder: Path, tmp_path: Path, is_there: bool) -> None:
    output = tmp_path / "output"
    if is_there:
        output.mkdir()
        for name in ("0.png", "7.png", "note.txt"):
            (output / name).write_text("old")
    part = PartFolder(output, is_png, overwrite=True, folder=working_folder)
    assert part.path.parent == working_folder
    for name in ("0.png", "1.png"):
        (part.path / name).write_text("new")
    part.commit()
    part.discard()
    assert texts(output) == {"0.png": "new", "1.png": "new"} | ({"note.txt": "old"} if is_there else {})
    assert [path.name for path in output.iterdir() if path.is_dir()] == []
    assert list(working_folder.iterdir()) == []


def test_on_another_disk_too_nothing_is_replaced_without_leave(working_folder: Path, tmp_path: Path) -> None:
    part = PartFile(tmp_path / "a", overwrite=False, folder=working_folder)
    (tmp_path / "a").write_text("mine")
    with pytest.raises(OutputExistsError):
        part.commit()
    part.discard()
    assert texts(tmp_path) == {"a": "mine"}
    assert list(working_folder.iterdir()) == []


def test_what_a_killed_run_has_left_does_not_fill_a_folder(tmp_path: Path) -> None:
    left = PartFolder(tmp_path, is_png)
    with output_lock(tmp_path):
        assert len(list(tmp_path.iterdir())) == 2
        check_output_folder(tmp_path, "0.png", is_png)
    left.discard()


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("dream photo.png -o out.png", "out.png"),
        ("dream photo.png -o out.png --stages 1", "out.stages.png"),
        ("visualize fire8:17 -o out.png", "out.png"),
        ("sheet squeezenet1_1 --image photo.png -o out.png", "out.png"),
        ("saliency photo.png --layer fire8 -o out.png", "out.png"),
        ("stability clip.mp4 --source clip.mp4 --plot out.png", "out.png"),
    ],
)
def test_no_command_writes_what_another_is_writing(
    photos: Path, clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, output: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(photos / "coffee.png", "photo.png")
    shutil.copy(clips / "carphone_pristine.mp4", "clip.mp4")
    script = (
        "import sys; from zoomdream.output_lock import output_lock\nwith output_lock(sys.argv[1]): input('held\\n')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, output], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        before = sorted(tmp_path.iterdir())
        result = CliRunner().invoke(app, [*command.split(), "-y"])
        assert result.exit_code == 4, result.output
        assert f"{output} is being written by another zoomdream (process {holder.pid})" in result.output
        assert sorted(tmp_path.iterdir()) == before
        holder.communicate("\n")


def test_what_was_written_until_the_lock_was_free_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the check and the lock another run may end: its picture must not cost the whole work to be noticed."""
    from contextlib import contextmanager

    from zoomdream import output_lock as module

    lock = module.output_lock

    @contextmanager
    def locked_late(path: Path) -> Iterator[None]:
        path.write_text("mine")
        with lock(path):
            yield

    monkeypatch.setattr(module, "output_lock", locked_late)
    result = CliRunner().invoke(app, ["visualize", "fire8:17", "-o", str(tmp_path / "out.png")])
    assert result.exit_code == 4
    assert "out.png exists" in result.output.replace("\n", "")
    assert texts(tmp_path) == {"out.png": "mine"}


@pytest.mark.parametrize(
    "command",
    [
        "dream photo.png -o photo.png",
        "dream photo.png -o guide.png --layers guide:fire6:guide.png",
        "dream photo.png -o guide.png --layers fire8=1,fire5in",
        "dream photo.stages.png -o photo.png --stages 1",
        "visualize -o guide.png cosine:fire6:guide.png",
        "sheet squeezenet1_1 --image photo.png -o photo.png",
        "saliency photo.png --layer fire8 -o photo.png",
        "render quickstart --input clip.mp4 --duration 1f -o clip.mp4",
        "sweep photo.png -o %06d.png",
    ],
)
def test_no_command_writes_over_what_it_reads(
    photos: Path, clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [word.replace("fire5in", "fire5 in guide.png") for word in command.split()]
    for name in ("photo.png", "guide.png", "photo.stages.png", "000001.png"):
        shutil.copy(photos / "coffee.png", name)
    shutil.copy(clips / "carphone_pristine.mp4", "clip.mp4")
    if "sweep" in words:
        words[1] = "000001.png"
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    result = CliRunner().invoke(app, [*words, "-y"])
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert result.exit_code == 4, result.output
