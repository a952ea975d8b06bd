"""Films as `open_film` leaves them: whole and as asked for, or not at all."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.clips import FAST, children, fill, noise, pattern, read_film, write_film
from zoomdream import interruption
from zoomdream.encoding import FilmWriter, open_film
from zoomdream.encoding.png_folder import PNGFolder
from zoomdream.errors import EncodeError, OutputBusyError, OutputExistsError, UsageError
from zoomdream.media import probe
from zoomdream.media.ffmpeg import KILL_TIMEOUT
from zoomdream.settings import OutputSettings
from zoomdream.temporary_files import stale_files

SIZE = (64, 48)
RED = (200, 60, 90)


@pytest.mark.parametrize(
    "name", ["-y.mp4", "a:b.mp4", "we ird.mp4", "%d.mp4", "\U0001f642.mp4", "concat:x.mp4", "a'b.mp4"]
)
def test_names(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_film(name, noise(2, SIZE))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert probe(name).frames == 2


def test_overwriting_happens_at_the_end(tmp_path: Path, nothing_left: None) -> None:
    path = pattern(tmp_path / "a.mp4", seconds=0.2)
    before = path.read_bytes()
    with open_film(path, SIZE, Fraction(25), FAST, frames=2, overwrite=True) as film:
        film.write(fill(RED))
        assert path.read_bytes() == before
        film.write(fill(RED))
    assert probe(path).frames == 2
    assert path.read_bytes() != before


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "frames/"])
def test_a_users_file_or_folder_with_the_name_of_a_part_stays(tmp_path: Path, name: str) -> None:
    part = tmp_path / f"{name.removesuffix('/')}.part"
    if name.endswith("/"):
        part.mkdir()
        (part / "000000.png").write_text("mine")
    else:
        part.write_text("mine")
    write_film(f"{tmp_path}/{name}", noise(2, SIZE))
    assert {path.name for path in tmp_path.iterdir()} == {part.name, name.removesuffix("/")}
    assert (part / "000000.png" if part.is_dir() else part).read_text() == "mine"


@pytest.mark.parametrize("name", ["a.mp4", "frames/"])
def test_while_a_film_is_written_nothing_has_its_name(tmp_path: Path, name: str, nothing_left: None) -> None:
    path = tmp_path / name
    with open_film(f"{tmp_path}/{name}", SIZE, Fraction(25), FAST, frames=2) as film:
        for frame in noise(2, SIZE):
            film.write(frame)
            assert not path.exists()
    assert path.exists()


@pytest.mark.parametrize("name", ["a.mp4", "frames/"])
def test_what_appears_under_its_name_meanwhile_is_not_replaced(tmp_path: Path, name: str, nothing_left: None) -> None:
    path = tmp_path / name
    film = open_film(f"{tmp_path}/{name}", SIZE, Fraction(25), FAST, frames=1)
    film.write(fill(RED))
    if name.endswith("/"):
        path.mkdir()
        path = path / "000000.png"
    path.write_text("mine")
    with pytest.raises(OutputExistsError):
        film.close()
    assert path.read_text() == "mine"
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="has no such permissions")
@pytest.mark.parametrize(("mask", "file_mode", "folder_mode"), [(0o022, 0o644, 0o755), (0o077, 0o600, 0o700)])
def test_permissions_are_those_of_any_new_file(tmp_path: Path, mask: int, file_mode: int, folder_mode: int) -> None:
    before = os.umask(mask)
    try:
        write_film(tmp_path / "a.mp4", noise(1, SIZE))
        write_film(f"{tmp_path}/frames/", noise(1, SIZE))
    finally:
        os.umask(before)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("a.mp4", "frames/000000.png", "frames")]
    assert modes == [file_mode, file_mode, folder_mode]


@pytest.mark.parametrize("name", ["x" * 251 + ".mp4", "x" * 255 + "/", "x" * 245 + "%06d.png"])
def test_names_may_be_as_long_as_names_can_be(tmp_path: Path, name: str, nothing_left: None) -> None:
    write_film(f"{tmp_path}/{name}", noise(1, SIZE))
    write_film(f"{tmp_path}/{name}", noise(1, SIZE), overwrite=True)
    assert max(len(path.name) for path in tmp_path.rglob("*")) == 255


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm", "a.gif", "frames/"])
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_exception_leaves_nothing(tmp_path: Path, name: str, error: type[BaseException], nothing_left: None) -> None:
    def fails(film: FilmWriter) -> None:
        for frame in noise(20, SIZE):
            film.write(frame)
        raise error

    with pytest.raises(error), open_film(f"{tmp_path}/{name}", SIZE, Fraction(25), FAST, frames=30) as film:
        fails(film)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mp4", "frames/"])
def test_too_few_frames_leave_nothing(tmp_path: Path, name: str, nothing_left: None) -> None:
    with pytest.raises(EncodeError, match="only 2 of 3 frames"):
        write_film(f"{tmp_path}/{name}", noise(2, SIZE), count=3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "frame", [np.zeros((48, 65, 3), np.uint8), np.zeros((48, 64, 3), np.float32), fill((0, 0, 0))[0]]
)
def test_frames_of_another_kind(tmp_path: Path, frame: NDArray[Any], nothing_left: None) -> None:
    with pytest.raises(UsageError, match=r"takes uint8 frames of shape \(48, 64, 3\)"):
        write_film(tmp_path / "a.mp4", [fill(RED), frame])


def test_one_frame_too_many(tmp_path: Path, nothing_left: None) -> None:
    with pytest.raises(UsageError, match="takes 2 frames; it is full"):
        write_film(tmp_path / "a.mp4", noise(3, SIZE), count=2)


def test_a_frame_may_be_changed_after_it_was_written(tmp_path: Path) -> None:
    frame = fill(RED)
    with open_film(tmp_path / "a.mp4", SIZE, Fraction(25), FAST, frames=5) as film:
        for _ in range(5):
            frame[:] = RED
            film.write(frame[:, ::-1])
            frame[:] = 0
    assert all(np.abs(frame.astype(int) - RED).max() <= 2 for frame in read_film(tmp_path / "a.mp4"))


def test_a_dead_encoder_is_reported_in_its_own_words(tmp_path: Path, nothing_left: None) -> None:
    with pytest.raises(EncodeError, match=r"a\.mp4 could not be written, ffmpeg says: .*[Ww]idth"):
        write_film(tmp_path / "a.mp4", noise(20, (32768, 2)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="finds the encoder in /proc")
def test_a_killed_encoder_is_noticed(tmp_path: Path, nothing_left: None) -> None:
    film = open_film(tmp_path / "a.mp4", SIZE, Fraction(25), FAST, frames=400)
    film.write(fill(RED))
    for child in children():
        os.kill(child, signal.SIGKILL)

    def go_on() -> None:
        with film:
            for frame in noise(399, SIZE):
                film.write(frame)

    with pytest.raises(EncodeError, match=r"a\.mp4 could not be written: ffmpeg was ended by signal 9 \(SIGKILL\)$"):
        go_on()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="finds the encoder in /proc")
@pytest.mark.parametrize("frames", [1, 400])
def test_a_stopped_encoder_can_be_seen_and_left(tmp_path: Path, frames: int, nothing_left: None) -> None:
    """It is waited for in `write` or, with one frame, in `close`; a signal ends that at once."""
    waits: list[str] = []

    def interrupt() -> None:
        before = None
        while (wait := interruption.current_wait()) is None or wait != before:
            before = wait
            over.wait(0.5)
        waits.append(wait.what)
        os.kill(os.getpid(), signal.SIGUSR1)

    def write_all(film: FilmWriter) -> None:
        with interruption.deferred(), film:
            for _ in range(frames):
                film.write(fill(RED, (640, 480)))

    over = threading.Event()
    former = signal.signal(signal.SIGUSR1, lambda number, frame: interruption.request(number))
    watcher = threading.Thread(target=interrupt)
    try:
        film = open_film(tmp_path / "a.mp4", (640, 480), Fraction(25), FAST, frames=frames)
        (encoder,) = children()
        os.kill(encoder, signal.SIGSTOP)
        watcher.start()
        with pytest.raises(interruption.Interrupted):
            write_all(film)
    finally:
        watcher.join()
        signal.signal(signal.SIGUSR1, former)
    assert waits == [f"ffmpeg to take a frame (process {encoder})"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="removes nothing that is open")
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "frames/"])
def test_an_output_folder_that_is_removed_meanwhile_is_named(tmp_path: Path, name: str, nothing_left: None) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    film = open_film(f"{folder}/{name}", SIZE, Fraction(25), FAST, frames=20)
    film.write(fill(RED))

    def go_on() -> None:
        with film:
            for frame in noise(19, SIZE):
                film.write(frame)

    shutil.rmtree(folder)
    with pytest.raises(EncodeError, match=r"could not be written: the folder .*folder.* was removed meanwhile$"):
        go_on()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "frames/"])
def test_a_limit_on_the_size_of_files(tmp_path: Path, name: str) -> None:
    script = (
        "import resource, sys; from tests.support.clips import noise, write_film\n"
        "from zoomdream.errors import EncodeError; from zoomdream.settings import OutputSettings\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "try: write_film(sys.argv[1], noise(60, (64, 48)), output=OutputSettings(crf=4, speed='ultrafast'))\n"
        "except EncodeError as error: print(error)\n"
    )
    command = [sys.executable, "-c", script, f"{tmp_path}/{name}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "could not be written: a file may not become that large here" in ended.stdout
    assert ended.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="has no such timer")
def test_a_second_interruption_leaves_no_thread_that_holds_up_the_end(tmp_path: Path) -> None:
    """A frame that is never written, as on a dead network disk: the first ends `close`, the second what follows."""
    script = (
        "import signal, sys, threading, time; from tests.support.clips import noise, write_film\n"
        "from zoomdream.encoding.png_folder import PNGFolder\n"
        "PNGFolder.put = lambda self, frame: threading.Event().wait()\n"
        "def interrupt(*_):\n"
        "    raise KeyboardInterrupt\n"
        "signal.signal(signal.SIGALRM, interrupt); signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)\n"
        "begin = time.monotonic()\n"
        "try: write_film(sys.argv[1], noise(1, (64, 48)))\n"
        "except KeyboardInterrupt:\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0); print('interrupted', time.monotonic() - begin)\n"
    )
    command = [sys.executable, "-c", script, f"{tmp_path}/frames/"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    word, seconds = ended.stdout.split()
    assert (word, ended.stderr) == ("interrupted", "")
    assert float(seconds) < KILL_TIMEOUT
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_no_open_files_left(tmp_path: Path) -> None:
    """At every number of open files that is too small there is one sentence, and nothing is left."""
    script = (
        "import os, resource, sys; from tests.support.clips import noise, write_film\n"
        "from zoomdream.errors import ZoomdreamError\n"
        "frames = noise(3, (64, 48)); write_film(sys.argv[1], frames, overwrite=True); os.unlink(sys.argv[1])\n"
        "used = len(os.listdir('/proc/self/fd')) - 1\n"
        "for limit in range(used, used + 16):\n"
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, 4096))\n"
        "    try: write_film(sys.argv[1], frames)\n"
        "    except ZoomdreamError as error: print(error)\n"
        "    else: break\n"
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))\n"
        "    assert os.listdir(os.path.dirname(sys.argv[1])) == [], limit\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "a.mp4")]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    sentences = ended.stdout.splitlines()
    assert len(sentences) > 3
    assert all("Too many open files" in sentence for sentence in sentences)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize("name", ["a.mp4", "frames/"])
@pytest.mark.parametrize("overwrite", [True, False])
def test_two_renders_into_one_output(tmp_path: Path, name: str, overwrite: bool, nothing_left: None) -> None:
    """The second is refused at once; when the first was killed, it is not in the way."""
    script = (
        "import sys; from fractions import Fraction; from tests.support.clips import FAST, noise\n"
        "from zoomdream.encoding import open_film\n"
        "with open_film(sys.argv[1], (64, 48), Fraction(25), FAST, frames=2, overwrite=True) as film:\n"
        "    film.write(noise(1, (64, 48))[0]); print('ready', flush=True); sys.stdin.readline()\n"
        "    film.write(noise(1, (64, 48))[0])\n"
    )
    output = f"{tmp_path}/{name}"
    for is_killed in (True, False):
        with subprocess.Popen(
            [sys.executable, "-c", script, output], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as first:
            assert first.stdout is not None
            assert first.stdout.readline() == "ready\n"
            with pytest.raises(
                OutputBusyError, match=rf"is being written by another zoomdream \(process {first.pid}\)"
            ):
                open_film(output, SIZE, Fraction(25), FAST, frames=1, overwrite=overwrite)
            if is_killed:
                first.kill()
                first.wait()
                write_film(output, noise(3, SIZE), overwrite=overwrite)
                shutil.rmtree(output) if name.endswith("/") else Path(output).unlink()
            else:
                first.communicate("go on\n")
        for left in stale_files(tmp_path):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    if name.endswith("/"):
        assert len(list(Path(output).iterdir())) == 2
    else:
        assert probe(output).frames == 2


def test_the_lock_is_free_after_every_end(tmp_path: Path, nothing_left: None) -> None:
    def other_thread() -> None:
        write_film(tmp_path / "a.mp4", noise(1, SIZE), overwrite=True)
        written.append(1)

    written: list[int] = []
    film = open_film(tmp_path / "a.mp4", SIZE, Fraction(25), FAST, frames=1)
    with pytest.raises(OutputBusyError):
        run_in_thread(other_thread)
    film.abort()
    film.abort()
    run_in_thread(other_thread)
    with pytest.raises(EncodeError):
        write_film(tmp_path / "a.mp4", noise(1, SIZE), count=2, overwrite=True)
    run_in_thread(other_thread)
    write_film(tmp_path / "a.mp4", noise(1, SIZE), overwrite=True)
    run_in_thread(other_thread)
    assert written == [1, 1, 1]


def run_in_thread(act: Callable[[], None]) -> None:
    """Run it in another thread, and raise what it raises."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(act).result()


def test_a_film_that_lacks_frames_is_no_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_left: None
) -> None:
    monkeypatch.setattr("zoomdream.encoding.encoder.count_frames", lambda path: 2)
    with pytest.raises(EncodeError, match="ffmpeg wrote 2 of 3 frames"):
        write_film(tmp_path / "a.mp4", noise(3, SIZE))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk can only be mounted by root")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs")
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm", "a.gif", "frames/"])
def test_a_full_disk(small_disk: Path, name: str, nothing_left: None) -> None:
    with pytest.raises(EncodeError, match=r"disk/(a\.\w+|frames) could not be written: the disk of .*disk is full"):
        write_film(f"{small_disk}/{name}", noise(60, SIZE), output=OutputSettings(crf=4, speed="ultrafast"))
    assert list(small_disk.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="finds the encoder in /proc")
def test_ctrl_c_in_a_terminal_ends_ffmpeg_after_us(tmp_path: Path) -> None:
    """The terminal sends SIGINT to the whole group: ffmpeg is not in it, and the script still reports its own end."""
    script = (
        "import sys, numpy as np; from fractions import Fraction\n"
        "from zoomdream.encoding import open_film; from zoomdream.settings import OutputSettings\n"
        "film = open_film(sys.argv[1], (64, 48), Fraction(25), OutputSettings(), frames=10)\n"
        "try:\n"
        "    with film:\n"
        "        film.write(np.zeros((48, 64, 3), np.uint8)); print('ready', flush=True)\n"
        "        sys.stdin.read()\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted', flush=True)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "a.mp4")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        encoders = children(process.pid)
        assert len(encoders) == 1
        assert os.getpgid(encoders[0]) != process.pid
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert process.wait(10) == 0
    assert list(tmp_path.iterdir()) == []
    assert not any(Path(f"/proc/{pid}").exists() for pid in encoders)


def test_encoding_runs_beside_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`write` comes back while the sink is still busy with the frame."""
    busy, go_on = threading.Event(), threading.Event()
    put = PNGFolder.put

    def slow(self: PNGFolder, frame: NDArray[np.uint8]) -> None:
        busy.set()
        assert go_on.wait(10)
        put(self, frame)

    monkeypatch.setattr(PNGFolder, "put", slow)
    with open_film(f"{tmp_path}/f/", SIZE, Fraction(25), FAST, frames=2) as film:
        film.write(fill(RED))
        film.write(fill(RED))
        assert busy.wait(10)
        go_on.set()
    assert len(list((tmp_path / "f").iterdir())) == 2
