"""The engine of worker processes, with workers that speak its protocol and render nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.clips import children
from tests.support.farm import fake_worker
from zoomdream.errors import SourceError, WorkerError
from zoomdream.farm.division import VISIBLE_GPUS, Division
from zoomdream.farm.engine import MOST_ATTEMPTS, Event, Outcome
from zoomdream.farm.processes import ProcessEngine
from zoomdream.farm.tasks import RenderTask
from zoomdream.interruption import Interrupted, request

pytestmark = pytest.mark.usefixtures("nothing_left")

SOUND = """
progress(1)
say("warning", text="a warning of " + task["id"])
progress(4)
say("done", frames=4)
"""
ENDS_ONCE = """
if not os.path.exists(task["output"]):
    open(task["output"], "w").close()
    progress(2)
    os.kill(os.getpid(), signal.SIGKILL)
say("warning", text="retry" if retry else "first")
progress(4, before=2)
say("done", frames=4)
"""


class Run:
    """A run of the engine with such workers, and what it told of."""

    def __init__(self, folder: Path, script: str, workers: int = 2, gpus: tuple[str, ...] = ()) -> None:
        self._folder = folder
        self._engine = ProcessEngine(Division(workers, 1, gpus=gpus), fake_worker(folder / "worker.py", script))
        self.events: list[Event] = []

    def tasks(self, names: str) -> list[RenderTask]:
        """A task for each letter."""
        return [RenderTask(name, "quickstart", str(self._folder / name)) for name in names]

    def __call__(self, names: str) -> list[Outcome]:
        """Do tasks of such names."""
        return self._engine.run(self.tasks(names), self.on_event)

    def on_event(self, event: Event) -> None:
        """What the engine calls."""
        self.events.append(event)

    def told(self, *kinds: str) -> list[tuple[str, str]]:
        """Events of these kinds: the task and the text."""
        return [(event.task.id, event.text) for event in self.events if event.kind in kinds]


def test_outcomes_are_in_the_order_of_the_tasks(tmp_path: Path) -> None:
    run = Run(tmp_path, SOUND)
    outcomes = run("abcde")
    assert [outcome.task.id for outcome in outcomes] == list("abcde")
    assert {(outcome.error, outcome.attempts, outcome.frames) for outcome in outcomes} == {(None, 1, 4)}
    for name in "abcde":
        kinds = [event.kind for event in run.events if event.task.id == name]
        assert kinds == ["started", "progress", "warning", "progress", "done"]
    assert sorted(run.told("warning")) == [(name, f"a warning of {name}") for name in "abcde"]


def test_workers_stay_from_task_to_task(tmp_path: Path) -> None:
    run = Run(tmp_path, 'say("warning", text=str(os.getpid()))\nsay("done", frames=1)')
    run("abcdefgh")
    assert len({text for _, text in run.told("warning")}) <= 2


def test_there_are_no_more_workers_than_tasks(tmp_path: Path) -> None:
    counts, others = [], len(psutil.Process().children())
    run = Run(tmp_path, SOUND, workers=8)
    run.on_event = lambda event: counts.append(len(psutil.Process().children()) - others)  # type: ignore[method-assign]
    run("ab")
    assert max(counts) <= 2


def test_no_task_is_no_work(tmp_path: Path) -> None:
    assert Run(tmp_path, SOUND)("") == []


def test_a_task_that_fails_is_not_tried_again_and_the_others_go_on(tmp_path: Path) -> None:
    error = {"kind": "SourceError", "message": "no photo", "notes": ["kept"], "attributes": {}, "trace": ""}
    run = Run(tmp_path, f'say("failed", error={error}) if task["id"] == "b" else say("done", frames=4)')
    outcomes = run("abc")
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    assert outcomes[1].error is not None
    assert isinstance(outcomes[1].error.exception, SourceError)
    assert (outcomes[1].attempts, outcomes[1].frames) == (1, 0)


def test_a_worker_that_is_killed_is_replaced(tmp_path: Path) -> None:
    run = Run(tmp_path, ENDS_ONCE)
    outcomes = run("abc")
    assert [(outcome.error, outcome.attempts) for outcome in outcomes] == [(None, 2)] * 3
    reason = "its worker was ended by signal 9 (SIGKILL)"
    assert sorted(run.told("lost")) == [(name, reason) for name in "abc"]
    assert sorted(run.told("warning")) == [(name, "retry") for name in "abc"]


def test_a_task_that_kills_its_workers_is_given_up(tmp_path: Path) -> None:
    end = 'print("the stack is full", file=sys.stderr)\n    os._exit(7)'
    run = Run(tmp_path, f'if task["id"] == "b":\n    {end}\nsay("done", frames=4)')
    outcomes = run("abc")
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    error = outcomes[1].error
    assert error is not None
    assert isinstance(error.exception, WorkerError)
    assert str(error.exception).endswith("the last one ended with exit status 7: the stack is full")
    assert outcomes[1].attempts == MOST_ATTEMPTS
    assert len(run.told("lost")) == MOST_ATTEMPTS - 1


def test_a_task_whose_workers_finish_frames_before_they_end_is_not_given_up(tmp_path: Path) -> None:
    script = """
place = task["output"] + ".count"
before = int(open(place).read()) if os.path.exists(place) else 0
if before < 6:
    open(place, "w").write(str(before + 1))
    progress(before + 1, before)
    os._exit(1)
say("done", frames=7)
"""
    (outcome,) = Run(tmp_path, script)("a")
    assert (outcome.error, outcome.attempts) == (None, 7)


def test_workers_that_do_not_start_end_the_run(tmp_path: Path) -> None:
    worker = tmp_path / "worker.py"
    command = (*fake_worker(worker, SOUND)[:-1], str(tmp_path / "missing.py"))
    engine = ProcessEngine(Division(2, 1), command)
    with pytest.raises(WorkerError, match=r"no worker process can be started: the last one ended .*missing\.py"):
        engine.run([RenderTask("a", "quickstart", "/out/a")])


def test_a_program_that_is_missing_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="no worker process can be started: No such file"):
        ProcessEngine(Division(1, 1), (str(tmp_path / "python"),)).run([RenderTask("a", "quickstart", "/out/a")])


def test_each_worker_sees_its_own_gpu(tmp_path: Path) -> None:
    script = f'say("warning", text=os.environ.get("{VISIBLE_GPUS}", "all"))\nsay("done", frames=1)'
    seen = Run(tmp_path, script, gpus=("3", "GPU-8f1"))
    seen("abcdef")
    assert {text for _, text in seen.told("warning")} <= {"3", "GPU-8f1"}
    lost = Run(tmp_path, ENDS_ONCE.replace('"retry" if retry else "first"', f'os.environ["{VISIBLE_GPUS}"]'), 1, ("5",))
    lost("xy")
    assert {text for _, text in lost.told("warning")} == {"5"}, "the one in its place has the same"


def test_an_error_of_the_caller_leaves_nothing_running(tmp_path: Path) -> None:
    run = Run(tmp_path, 'progress(1)\ntime.sleep(100)\nsay("done", frames=4)')

    def fail(event: Event) -> None:
        raise ZeroDivisionError

    run.on_event = fail  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        run("ab")
    assert children() == []


@pytest.fixture
def handled_signal() -> Iterator[None]:
    """SIGUSR2 is handled as the command line handles SIGTERM."""
    before = signal.signal(signal.SIGUSR2, lambda number, frame: request(signal.SIGTERM))
    yield
    signal.signal(signal.SIGUSR2, before)


@pytest.mark.usefixtures("handled_signal")
def test_a_signal_lets_workers_finish_their_frame(tmp_path: Path) -> None:
    """A worker ends when its stdin does: here, when it has said one more frame."""
    run = Run(tmp_path, "progress(1)\nsys.stdin.read()\nprogress(2)\nsys.exit()")

    def on_event(event: Event) -> None:
        run.events.append(event)
        if sum(event.kind == "progress" for event in run.events) == 2:
            os.kill(os.getpid(), signal.SIGUSR2)

    run.on_event = on_event  # type: ignore[method-assign]
    with pytest.raises(Interrupted) as caught:
        run("abcd")
    assert caught.value.number == signal.SIGTERM
    assert [event.progress.done for event in run.events if event.progress] == [1, 1, 2, 2]
    assert len(run.told("started")) == 2, "no task is begun after it"
    assert run.told("lost") == []


@pytest.mark.usefixtures("handled_signal")
def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    run = Run(tmp_path, "progress(1)\nsys.stdin.read()\nprogress(2)\ntime.sleep(100)", workers=1)

    def on_event(event: Event) -> None:
        if event.kind == "progress":
            os.kill(os.getpid(), signal.SIGUSR2)

    run.on_event = on_event  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        run("a")
