"""Real worker processes: what is left when they are killed, asked to end, or their parent is gone.

Each imports PyTorch, which takes seconds: one engine's run does for several tests.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.support.renders import zoom_preset
from zoomdream.farm.division import Division
from zoomdream.farm.engine import Event, Outcome
from zoomdream.farm.processes import WORKER, ProcessEngine
from zoomdream.farm.tasks import RenderTask
from zoomdream.farm.work import perform
from zoomdream.films.journal import find_journal, journal_folder
from zoomdream.output_lock import output_lock
from zoomdream.temporary_files import is_own_name, stale_files

pytestmark = pytest.mark.system

# A segment of a journal lasts seconds, and these films do not: here every frame is one.
AT_ONCE = "import zoomdream.films.journal.writer as w\nw.MIN_SECONDS, w.SHARE = 0.0, 1.0\n"
KEEPING_WORKER = (*WORKER[:-1], AT_ONCE + WORKER[-1])


@dataclass
class Killed:
    """A run of four films by one worker at a time, of which the second's was killed in the middle."""

    folder: Path
    tasks: list[RenderTask]
    outcomes: list[Outcome] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    workers: dict[str, int] = field(default_factory=dict)
    """The process that has finished each film."""


def running_worker() -> psutil.Process | None:
    """The worker that this process has started; None where there is none that runs."""
    for child in psutil.Process().children():
        with suppress(psutil.Error):  # it has ended
            if child.cmdline()[-1:] == [KEEPING_WORKER[-1]]:
                return child
    return None


def film_task(folder: Path, name: str, **more: object) -> RenderTask:
    """A film of thirty frames."""
    preset = str(zoom_preset(folder / "film.yaml", 30))
    return RenderTask(name, preset, str(folder / f"{name}.mp4"), precision="float32", threads=1, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    folder = tmp_path_factory.mktemp("killed")
    names = ("first", "second", "third")
    missing = film_task(folder, "missing", source="/nowhere/photo.jpg")
    run = Killed(folder, [*(film_task(folder, name, changes=("seed=5",)) for name in names), missing])

    def on_event(event: Event) -> None:
        run.events.append(event)
        worker = running_worker()
        if worker is None:  # it was killed, and these are its last words
            return
        run.workers[event.task.id] = worker.pid
        is_first_time = not any(each.kind == "lost" for each in run.events)
        if event.task.id == "second" and event.progress and event.progress.done < 30 and is_first_time:
            journal = find_journal(journal_folder(Path(event.task.output)))
            if journal is not None and journal.frames:
                worker.kill()

    run.outcomes = ProcessEngine(Division(1, 1), KEEPING_WORKER).run(run.tasks, on_event)
    return run


def test_a_killed_worker_is_replaced_and_its_film_goes_on(killed: Killed) -> None:
    assert [outcome.attempts for outcome in killed.outcomes] == [1, 2, 1, 1]
    assert [outcome.error is None for outcome in killed.outcomes] == [True, True, True, False]
    lost = next(position for position, event in enumerate(killed.events) if event.kind == "lost")
    after = [event.progress for event in killed.events[lost:] if event.task.id == "second" and event.progress]
    kept = after[0].before
    assert kept > 0
    dreamed = [progress.done for progress in after if progress.done > progress.before]
    assert dreamed == list(range(kept + 1, 31)), "finished frames are not dreamed again"


def test_the_films_are_those_of_a_render(killed: Killed, tmp_path: Path) -> None:
    alone = film_task(tmp_path, "first", changes=("seed=5",))
    perform(alone)
    expected = Path(alone.output).read_bytes()
    assert [Path(task.output).read_bytes() == expected for task in killed.tasks[:3]] == [True] * 3


def test_one_process_makes_one_film_after_another(killed: Killed) -> None:
    assert killed.workers["first"] != killed.workers["second"]
    assert killed.workers["second"] == killed.workers["third"] == killed.workers["missing"]


def test_nothing_is_left(killed: Killed) -> None:
    assert sorted(path.name for path in killed.folder.iterdir()) == [
        *("film.yaml", "first.mp4", "second.mp4", "third.mp4")
    ]
    assert not [process for process in killed.workers.values() if psutil.pid_exists(process)]


def test_an_error_of_a_film_arrives(killed: Killed) -> None:
    error = killed.outcomes[3].error
    assert error is not None
    assert (error.kind, error.message.partition(":")[0]) == ("MissingSourceError", "/nowhere/photo.jpg")


@dataclass
class Worker:
    """A worker process that is asked directly."""

    process: subprocess.Popen[str]

    def ask(self, task: RenderTask) -> None:
        """Ask it to do a task."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"task": task.to_json(), "retry": False}) + "\n")
        self.process.stdin.flush()

    def wait_for(self, event: Callable[[dict[str, object]], object]) -> None:
        """Read its events up to the first of which this is true."""
        assert self.process.stdout is not None
        assert any(event(json.loads(line)) for line in self.process.stdout), "it has ended"


@contextmanager
def worker() -> Iterator[Worker]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(WORKER, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    with process:
        try:
            yield Worker(process)
        finally:
            process.kill()


def begin_long_film(found: Worker, folder: Path) -> Path:
    """Have it render a film that takes minutes, up to the third frame; its output."""
    task = film_task(folder, "long", changes=("canvas.duration=5:00",))
    found.ask(task)
    found.wait_for(lambda event: event["event"] == "progress" and event["progress"]["done"] >= 3)  # type: ignore[index]
    return Path(task.output)


def assert_kept(output: Path) -> None:
    """The frames are in a journal that is closed, and nothing else is left."""
    journal = find_journal(journal_folder(output))
    assert journal is not None
    assert journal.frames >= 3
    assert not output.exists()
    assert stale_files(output.parent) == []
    assert [path for path in journal_folder(output).iterdir() if is_own_name(path.name)] == []
    with output_lock(output):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("how", ["terminate", "close stdin", "terminate twice"])
def test_a_worker_that_is_asked_to_end_closes_its_journal(how: str, tmp_path: Path) -> None:
    with worker() as found:
        output = begin_long_film(found, tmp_path)
        for name in ("SIGINT", "SIGHUP", "SIGQUIT"):  # a terminal's, and the parent's to heed
            found.process.send_signal(getattr(signal, name))
        found.wait_for(lambda event: event["event"] == "progress")
        if how == "close stdin":
            assert found.process.stdin is not None
            found.process.stdin.close()
        else:
            found.process.terminate()
            if how == "terminate twice":
                found.process.terminate()
        assert found.process.wait(60) == 0
    assert_kept(output)


DRIVER = """
import sys
from zoomdream.farm.division import Division
from zoomdream.farm.processes import ProcessEngine
from zoomdream.farm.tasks import RenderTask

def tell(event):
    import psutil
    if event.progress and event.progress.done >= 3:
        print(*[child.pid for child in psutil.Process().children()], flush=True)

ProcessEngine(Division(1, 1)).run([RenderTask.from_json(sys.argv[1])], tell)
"""


@pytest.mark.slow
def test_no_worker_outlives_its_parent(tmp_path: Path) -> None:
    """A parent that is killed says nothing to anybody."""
    task = film_task(tmp_path, "long", changes=("canvas.duration=5:00",))
    arguments = [sys.executable, "-c", DRIVER, task.to_json()]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        (number,) = map(int, driver.stdout.readline().split())
        left = psutil.Process(number)
        driver.kill()
    psutil.wait_procs([left], timeout=60)
    assert not left.is_running()
    assert_kept(Path(task.output))


def test_what_libraries_print_is_no_event(tmp_path: Path) -> None:
    """stdout is the way of events, and nothing but events goes there."""
    code = (
        "import os, signal, sys\n"
        "from zoomdream.farm.worker_process import Channel\n"
        "signal.signal(signal.SIGUSR1, signal.SIG_IGN)\n"
        "channel = Channel()\n"
        "print('from Python', flush=True)\n"
        "os.system('echo from a child')\n"
        "channel.send('ready')\n"
        "channel.listen()\n"
        "assert sys.stdin.read() == ''\n"
        "for asked in channel.requests():\n"
        "    channel.send('done', frames=asked['frames'])\n"
        "    os._exit(0)\n"
    )
    asked = '{"frames": 3}\n'
    done = subprocess.run([sys.executable, "-c", code], input=asked, capture_output=True, text=True, check=True)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        *({"event": "ready"}, {"event": "done", "frames": 3})
    ]
    assert done.stderr.splitlines() == ["from Python", "from a child"]


def test_the_working_folder_is_no_place_for_modules(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('a stranger')")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        WORKER, cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert "stranger" not in done.stderr
    assert done.returncode == 0
