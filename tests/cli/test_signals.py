"""Signals to a command: real ones, sent at moments that its own lines tell."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TextIO

import pytest

from tests.support.commands import ZOOMDREAM
from tests.support.forks import ForkedProcess, fork_zoomdream, wait

pytestmark = pytest.mark.system

SIGNALS = [
    (signal.SIGINT, 130, "interrupted"),
    (signal.SIGTERM, 143, "terminated"),
    (signal.SIGHUP, 129, "hung up"),
    (signal.SIGQUIT, 131, "quit"),
]


def start(*arguments: str) -> subprocess.Popen[str]:
    """A process of its own, with its stderr in a pipe, that ignores no signal, as one under nohup would."""

    def heed() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    return subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, preexec_fn=heed)


def long_render(preset: Path, tmp_path: Path) -> list[str]:
    """The arguments of a command that would render for minutes."""
    return ["render", str(preset), "-o", str(tmp_path / "a.mp4"), "--progress", "json", "--duration", "10:00"]


def wait_for_frame(errors: IO[str]) -> None:
    """Until the first frame is done: warnings and the estimate come before."""
    assert any(line.startswith("{") for line in iter(errors.readline, ""))


@contextmanager
def forked_render(
    preset: Path, tmp_path: Path, *, ignored: Iterable[int] = ()
) -> Iterator[tuple[ForkedProcess, TextIO]]:
    """A long render that has done its first frame, and its stderr."""
    reader, writer = os.pipe()
    null = os.open(os.devnull, os.O_WRONLY)
    process = fork_zoomdream(long_render(preset, tmp_path), stdout=null, stderr=writer, ignored=ignored)
    os.close(null)
    os.close(writer)
    try:
        with os.fdopen(reader) as errors:
            wait_for_frame(errors)
            yield process, errors
    finally:
        process.kill()
        process.join()


def send(process: ForkedProcess, number: int) -> None:
    assert process.pid is not None
    os.kill(process.pid, number)


@pytest.mark.parametrize(("number", "code", "word"), SIGNALS)
def test_a_signal_ends_a_render_cleanly(preset: Path, tmp_path: Path, number: int, code: int, word: str) -> None:
    with forked_render(preset, tmp_path) as (process, stderr):
        send(process, number)
        assert wait(process) == code
        errors = stderr.read()
    kept = rf"{word}: \d+ of \d+ frames are kept in .*a\.mp4\.journal; to go on: zoomdream render .*"
    assert re.fullmatch(kept, errors.splitlines()[-1])
    assert "Traceback" not in errors
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4.journal", "film.yaml"]


def test_many_signals_are_one(preset: Path, tmp_path: Path) -> None:
    """Whatever comes after the first: while files are closed, while the line is written, while Python exits."""
    with start(*ZOOMDREAM, *long_render(preset, tmp_path)) as process:
        assert process.stderr is not None
        wait_for_frame(process.stderr)
        process.send_signal(signal.SIGINT)  # the lower number: of two that wait, Python handles it first
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.002)
        errors = process.stderr.read()
    assert process.returncode == 130, errors
    # Not always the last line: of what its modules say while it takes itself apart, Python may write "lost sys.stderr".
    assert "interrupted: " in errors
    assert "frames are kept" in errors or "nothing was written" in errors
    assert "Traceback" not in errors
    assert "Exception" not in errors
    assert {p.name for p in tmp_path.iterdir()} <= {"film.yaml", "a.mp4.journal"}


def test_a_signal_during_the_imports_shows_no_traceback() -> None:
    code = (
        "import sys\n"
        "from zoomdream.__main__ import main\n"
        "class Finder:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'zoomdream.cli.commands.films':\n"
        "            import os, signal\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "sys.argv = ['zoomdream', '--version']\n"
        "main()\n"
    )
    with start(sys.executable, "-c", code) as process:
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "interrupted\n")


def test_a_signal_while_python_exits_does_not_change_the_exit_code() -> None:
    code = (
        "import atexit, os, signal, sys, weakref\n"
        "from zoomdream.__main__ import main\n"
        "class Last:\n"
        "    pass\n"
        "last = Last()\n"
        "{when}\n"
        "sys.argv = ['zoomdream', 'render', 'none.yaml']\n"
        "main()\n"
    )
    kill = "os.kill(os.getpid(), signal.SIGINT)"
    for when in (f"atexit.register(lambda: {kill})", f"weakref.finalize(last, lambda: {kill}).atexit = False"):
        with start(sys.executable, "-c", code.format(when=when)) as process:
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 2
        assert errors.startswith("error: ")
        assert errors.count("\n") == 1


def test_a_signal_that_is_ignored_stays_so(preset: Path, tmp_path: Path) -> None:
    """SIGHUP under nohup, SIGINT in a shell's background job."""
    with forked_render(preset, tmp_path, ignored=(signal.SIGHUP, signal.SIGINT)) as (process, stderr):
        send(process, signal.SIGHUP)
        send(process, signal.SIGINT)
        for _ in range(3):
            assert '"frame"' in stderr.readline()  # it goes on
        send(process, signal.SIGTERM)
        assert wait(process) == 143


WORK = """
import gc, os, signal, sys, threading
import typer
from zoomdream.cli.echo import echo
from zoomdream.cli.exit_codes import exit_with_code
from zoomdream.cli.signals import handle_signals, working
from zoomdream.interruption import Interrupted, deferred

def send(number):
    os.kill(os.getpid(), number)

handle_signals()
try:
    with exit_with_code(), working(echo):
        {body}
except typer.Exit as end:
    sys.exit(end.exit_code)
"""


def run_work(body: str) -> tuple[int, list[str]]:
    """The exit code and the lines of a process that does this inside of a command."""
    code = WORK.format(body=body.strip().replace("\n", "\n        "))
    with start(sys.executable, "-c", code) as process:
        _, errors = process.communicate(timeout=60)
    return process.returncode, errors.splitlines()


def test_a_frame_is_finished_first_and_the_user_is_told() -> None:
    code, lines = run_work("with deferred():\n    send(signal.SIGINT)\n    echo('finished')\necho('too far')")
    assert code == 130
    assert lines == [
        "finishing this frame; Ctrl-C again stops at once",
        "finished",
        "interrupted: nothing was written under the output's name",
    ]


def test_a_second_signal_does_not_wait_for_the_frame() -> None:
    body = "with deferred():\n    send(signal.SIGTERM)\n    send(signal.SIGINT)\n    echo('finished')"
    code, lines = run_work(body)
    assert code == 143
    assert lines == [
        "finishing this frame; a second signal stops at once",
        "terminated: nothing was written under the output's name",
    ]


def test_cleaning_up_is_not_interrupted() -> None:
    body = """
try:
    with deferred():
        send(signal.SIGINT)
finally:
    for _ in range(20):
        send(signal.SIGINT)
        send(signal.SIGTERM)
    echo('cleaned up')
"""
    code, lines = run_work(body)
    assert code == 130
    assert lines[1:] == ["cleaned up", "interrupted: nothing was written under the output's name"]


def test_cleaning_up_that_takes_long_is_ended_by_another_signal() -> None:
    body = """
import time
import zoomdream.cli.signals
zoomdream.cli.signals.PATIENCE = 0.05
try:
    send(signal.SIGTERM)
finally:
    while signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        time.sleep(0.001)  # nothing tells when the system's timer has put the handlers back
    send(signal.SIGINT)
    echo('cleaned up')
"""
    assert run_work(body) == (143, ["terminated"])


def test_an_interrupt_in_a_destructor_is_not_lost() -> None:
    """Python drops an exception there, and would show its traceback."""
    body = """
class Destroyed:
    def __del__(self):
        send(signal.SIGINT)
        for _ in range(1000):
            pass
Destroyed()
threading.Event().wait(60)
"""
    assert run_work(body) == (130, ["interrupted: nothing was written under the output's name"])


def test_what_a_job_says_of_what_is_kept_is_told() -> None:
    body = """
try:
    send(signal.SIGHUP)
except Interrupted as error:
    error.add_note('12 frames are kept; go on with: zoomdream render film.yaml')
    raise
"""
    assert run_work(body) == (129, ["hung up: 12 frames are kept; go on with: zoomdream render film.yaml"])
