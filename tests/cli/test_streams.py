"""Commands whose stdout and stderr are closed, full, broken or stopped: real streams, and processes of their own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer

from tests.support.commands import ZOOMDREAM
from tests.support.forks import fork_zoomdream, wait
from zoomdream.cli.streams import StdoutError, open_closed_descriptors, protect_streams
from zoomdream.media import probe

pytestmark = pytest.mark.system


def gone() -> int:
    """The writing end of a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def full() -> int:
    """A file on a full disk."""
    return os.open("/dev/full", os.O_WRONLY)


def unwritable() -> int:
    """A file that is open for reading only."""
    return os.open("/dev/null", os.O_RDONLY)


LOST: list[Callable[[], int] | None] = [None, gone, full, unwritable]
"""Streams that take nothing; None: closed."""


Stream = Callable[[], int] | int | None
"""What makes a descriptor, a descriptor, or None for a closed one."""


@contextmanager
def opened(*wanted: Stream) -> Iterator[list[int | None]]:
    """Descriptors for a command's streams; those made here are closed again."""
    numbers = [stream() if callable(stream) else stream for stream in wanted]
    try:
        yield numbers
    finally:
        for number, stream in zip(numbers, wanted, strict=True):
            if number is not None and callable(stream):
                os.close(number)


def run(arguments: list[str], *, stdout: Stream, stderr: Stream) -> int:
    """The exit code of a command with these streams."""
    with opened(stdout, stderr) as (out, err):
        return wait(fork_zoomdream(arguments, stdout=out, stderr=err))


def run_from_the_start(
    arguments: list[str], *, stdout: Stream, stderr: Stream, environment: dict[str, str] | None = None
) -> int:
    """The same in a process in which Python itself starts with these streams."""
    with opened(stdout, stderr) as streams:

        def connect() -> None:  # in the child, after what `subprocess` does with its streams
            for number, stream in zip((1, 2), streams, strict=True):
                if stream is None:
                    os.close(number)
                else:
                    os.dup2(stream, number)

        kept = tuple(stream for stream in streams if stream is not None)
        command = [*ZOOMDREAM, *arguments]
        done = subprocess.run(command, env=environment, preexec_fn=connect, pass_fds=kept, check=False, timeout=120)
        return done.returncode


def bare_environment() -> dict[str, str]:
    """What the program needs to be found: no HOME, no TERM."""
    return {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "OMP_NUM_THREADS") if name in os.environ}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
class TestOfCommands:
    @pytest.mark.parametrize(
        ("progress", "stream"), [("bar", None), ("bar", gone), ("bar", full), ("plain", unwritable), ("json", gone)]
    )
    def test_a_render_goes_on_without_a_listener(
        self, preset: Path, tmp_path: Path, progress: str, stream: Callable[[], int] | None
    ) -> None:
        output = tmp_path / "a.mp4"
        command = ["render", str(preset), "-o", str(output), "--progress", progress]
        assert run(command, stdout=stream, stderr=stream) == 0
        assert probe(output).frames == 4

    def test_a_render_that_starts_without_streams_and_home_goes_on(self, preset: Path, tmp_path: Path) -> None:
        output = tmp_path / "a.mp4"
        command = ["render", str(preset), "-o", str(output)]
        assert run_from_the_start(command, stdout=None, stderr=None, environment=bare_environment()) == 0
        assert probe(output).frames == 4

    @pytest.mark.parametrize("stream", [None, gone])
    def test_a_picture_is_made_without_a_listener(
        self, photos: Path, tmp_path: Path, stream: Callable[[], int] | None
    ) -> None:
        output = tmp_path / "a.png"
        options = ["--size", "96x64", "--steps", "1", "--octaves", "1", "-o", str(output)]
        assert run(["dream", str(photos / "rocket.jpg"), *options], stdout=stream, stderr=stream) == 0
        assert output.stat().st_size > 0

    @pytest.mark.parametrize("stream", LOST)
    def test_a_mistake_has_its_exit_code_without_a_listener(
        self, tmp_path: Path, stream: Callable[[], int] | None
    ) -> None:
        output = str(tmp_path / "a.mp4")
        command = ["render", "quickstart", "-o", output, "--nonsense"]
        assert run_from_the_start(command, stdout=stream, stderr=stream) == 2

    @pytest.mark.parametrize("arguments", [["networks", "--json"], ["--version"]])
    @pytest.mark.parametrize("stream", LOST)
    def test_data_that_stdout_does_not_take_are_no_success(
        self, arguments: list[str], stream: Callable[[], int] | None
    ) -> None:
        reader, writer = os.pipe()
        code = run_from_the_start(arguments, stdout=stream, stderr=writer)
        os.close(writer)
        with os.fdopen(reader) as errors:
            lines = errors.read().splitlines()
        if stream is gone:  # it has read what it wanted
            assert (code, lines) == (0, [])
            return
        (line,) = lines
        assert code == 5
        assert line.startswith("error: ")
        assert "stdout" in line

    @pytest.mark.parametrize(
        ("arguments", "stream"),
        [(["--help"], None), (["--help"], gone), (["--help"], full), (["render", "--help"], full)],
    )
    def test_help_shows_no_traceback(self, arguments: list[str], stream: Callable[[], int] | None) -> None:
        reader, writer = os.pipe()
        assert run_from_the_start(arguments, stdout=stream, stderr=writer) == (0 if stream is gone else 5)
        os.close(writer)
        with os.fdopen(reader) as errors:
            assert "Traceback" not in errors.read()

    def test_a_listener_that_reads_nothing_holds_nothing_up(self, preset: Path, tmp_path: Path) -> None:
        """As a pager does that nobody scrolls, and a terminal after Ctrl-S."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        while True:
            try:
                os.write(writer, bytes(512))
            except BlockingIOError:
                break
        os.set_blocking(writer, True)
        output = tmp_path / "a.mp4"
        assert run(["render", str(preset), "-o", str(output), "--progress", "json"], stdout=None, stderr=writer) == 0
        assert probe(output).frames == 4
        os.close(reader)
        os.close(writer)

    @pytest.mark.parametrize(
        ("progress", "environment"), [("bar", {"TERM": "dumb", "COLUMNS": "1"}), ("auto", {"NO_COLOR": "1"})]
    )
    def test_a_bare_environment_is_enough(
        self, preset: Path, tmp_path: Path, progress: str, environment: dict[str, str]
    ) -> None:
        output, written = tmp_path / "a.mp4", tmp_path / "stdout"
        with written.open("w") as stdout, (tmp_path / "stderr").open("w") as stderr:
            process = fork_zoomdream(
                ["render", str(preset), "-o", str(output), "--progress", progress],
                stdout=stdout.fileno(),
                stderr=stderr.fileno(),
                environment=bare_environment() | environment,
            )
            assert wait(process) == 0, (tmp_path / "stderr").read_text()
        assert written.read_text() == ""
        assert probe(output).frames == 4


def in_child(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_closed_descriptors_are_not_given_to_the_next_file(tmp_path: Path) -> None:
    done = in_child(
        "import os\nfrom zoomdream.cli.streams import open_closed_descriptors\n"
        "os.close(0); os.close(2)\nopen_closed_descriptors()\n"
        f"print(os.open({str(tmp_path / 'film')!r}, os.O_WRONLY | os.O_CREAT) > 2, os.get_inheritable(2))"
    )
    assert done.stdout == "True True\n"


def test_open_descriptors_stay_as_they_are() -> None:
    before = [os.fstat(number) for number in (0, 1, 2)]
    open_closed_descriptors()
    assert [os.fstat(number) for number in (0, 1, 2)] == before


@pytest.fixture
def protected(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], int]:
    """Connects sys.stdout or sys.stderr with a descriptor, and protects both; returns a copy of the descriptor."""

    def protect(name: str, descriptor: int) -> int:
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO()))
        monkeypatch.setattr(sys, name, os.fdopen(descriptor, "w", closefd=False))
        protect_streams()
        return descriptor

    return protect


def test_what_is_written_arrives_at_once_and_whole(protected: Callable[[str, int], int]) -> None:
    for name in ("stdout", "stderr"):
        reader, writer = os.pipe()
        text = "Ölbaum " * 50_000
        parts: list[bytes] = []

        def read(reader: int = reader, parts: list[bytes] = parts) -> None:
            while part := os.read(reader, 1 << 16):
                parts.append(part)

        thread = threading.Thread(target=read)
        thread.start()
        protected(name, writer)
        getattr(sys, name).write(text)
        os.close(writer)
        thread.join()
        os.close(reader)
        assert b"".join(parts).decode() == text


def test_stdout_ends_a_command_whose_reader_has_gone(protected: Callable[[str, int], int]) -> None:
    protected("stdout", gone())
    with pytest.raises(typer.Exit) as caught:
        sys.stdout.write("data")
    assert caught.value.exit_code == 0


def test_stdout_says_that_it_is_closed_or_full(
    protected: Callable[[str, int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    protected("stdout", full())
    with pytest.raises(StdoutError, match="No space left"):
        sys.stdout.write("data")
    monkeypatch.setattr(sys, "stdout", None)
    protect_streams()
    with pytest.raises(StdoutError, match="closed"):
        sys.stdout.write("data")


def test_stderr_writes_again_once_there_is_space(tmp_path: Path, protected: Callable[[str, int], int]) -> None:
    """A disk may be full for a while only; a reader that has gone does not come back."""
    log = protected("stderr", full())
    sys.stderr.write("lost")
    os.dup2(os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT), log)
    sys.stderr.write("kept")
    assert (tmp_path / "log").read_text() == "kept"
