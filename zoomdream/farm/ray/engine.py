"""The engine of a Ray cluster: tasks that Ray's workers do, on whichever machine has room.

Ray places tasks and sees when a machine is gone; which task is tried again, and when, is this engine's, as it is of
processes. What travels are lines of JSON: frames stay on the storage that the machines share.
"""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from zoomdream.errors import ClusterError, WorkerError
from zoomdream.farm.engine import Attempts, Event, OnEvent, Outcome, TaskError, lost_error
from zoomdream.farm.ray.connection import connection, full_address
from zoomdream.farm.ray.machines import Machines, placement
from zoomdream.farm.ray.tasks import divided, inputs, loss_reason, needs, proofs
from zoomdream.farm.ray.worker import Inbox, versions, work
from zoomdream.farm.tasks import RenderTask
from zoomdream.interruption import deferred, pending
from zoomdream.progress import Progress
from zoomdream.runtime import processor_model

_LOOK = 0.2  # seconds between two looks whether a signal waits
_NEWS_TIMEOUT = 5.0  # seconds that the inbox has to answer
_PATIENCE, _PATIENCE_OF_RETRY = 15.0, 150.0  # seconds; a file server misses a machine that is gone after 90
_END_TIMEOUT = 20.0  # seconds that workers have which are not to finish their frame
_STRANDED = 60.0  # seconds without any machine


@dataclass(frozen=True)
class RayEngine:
    """An `engine.Engine` whose workers are processes of a Ray cluster."""

    address: str
    """`ray`: the cluster of the environment; else HOST:PORT or ray://HOST:PORT."""
    jobs: int | None = None
    """How many tasks are done at one time; None: as many as there is room for."""

    def started(self) -> AbstractContextManager[None]:
        """See `engine.Engine.started`: it connects, and Ray starts workers as there is work. Raises ClusterError."""
        return connection(self.address)

    def run(self, tasks: Sequence[RenderTask], on_event: OnEvent | None = None) -> list[Outcome]:
        """See `engine.Engine.run`.

        Where nobody says how many threads a task has, the cluster's processors are divided among the tasks. A task
        that may use any device gets a GPU where the cluster has some. Raises ClusterError, also where machines have
        other versions than this one, or do not see the tasks' files; OutputError where nothing can be written beside an
        output.
        """
        if not tasks:
            return []
        with deferred(), connection(self.address) as ray, proofs(tasks) as files:
            asked = {"versions": versions(), "proofs": files, "inputs": inputs(tasks)}
            return _Run(ray, self.jobs, tasks, asked, on_event or (lambda event: None)).run()


def ray_engine(address: str, jobs: int | None = None) -> RayEngine:
    """The engine of the cluster at an address. It connects when it runs. Raises UsageError for what is no address."""
    full_address(address)
    return RayEngine(address, jobs)


@dataclass
class _State:
    """How far a task is."""

    attempts: Attempts = field(default_factory=Attempts)
    start: float = 0.0
    kind: str | None = None
    """Of the machines that may do it; None: not known yet."""
    outcome: Outcome | None = None


@dataclass(frozen=True)
class _Running:
    """An attempt that Ray has."""

    position: int
    key: str
    machines: frozenset[str] | None
    """The nodes that it may be put on; None: any."""


class _Run:
    """One run of an engine."""

    def __init__(
        self, ray: Any, jobs: int | None, tasks: Sequence[RenderTask], asked: dict[str, Any], on_event: OnEvent
    ) -> None:
        self._ray, self._jobs, self._asked, self._on_event = ray, jobs, asked, on_event
        self._machines = Machines(ray, asked)
        self._tasks = list(tasks)
        self._states = [_State() for _ in tasks]
        self._waiting = deque(range(len(tasks)))
        self._running: dict[Any, _Running] = {}
        self._keys: dict[str, int] = {}
        self._is_ending = False
        self._lonely_since: float | None = None

    def run(self) -> list[Outcome]:
        self._machines.meet()
        given, self._tasks = self._tasks, divided(self._tasks, self._machines.all)
        self._given = given
        ray = self._ray
        here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=True
        )
        inbox = ray.remote(num_cpus=0, max_restarts=-1)(Inbox)
        self._inbox = inbox.options(scheduling_strategy=here).remote()
        self._news = self._inbox.take.remote(1.0)
        self._work = ray.remote(max_retries=0)(work)
        self._bind_parts()
        try:
            while (self._waiting and not self._is_ending) or self._running:
                self._step()
        finally:
            self._end()
        return [state.outcome for state in self._states if state.outcome is not None]

    def _bind_parts(self) -> None:
        """The parts of a film are for machines like this one, which puts the film together. Raises ClusterError."""
        parts = [position for position, task in enumerate(self._tasks) if task.part is not None]
        machines = [each for each in self._machines.all if each.processor == processor_model()]
        for position in parts:
            if self._tasks[position].device == "cuda":
                continue  # the journal knows the GPU
            if not machines and self._machines.all:
                raise ClusterError(
                    f"the cluster's processors ({', '.join(sorted(self._machines.kinds))}) are others than this "
                    f"machine's ({processor_model()}), and the film's frames would not fit together: run the command "
                    f"on a machine of the cluster"
                )
            self._states[position].kind = machines[0].kind if machines else None

    def _step(self) -> None:
        """Give out what there is room for; wait for news, for an end, or for a signal that ends the run."""
        if pending() is not None and not self._is_ending:
            self._is_ending = True
            self._cancel(force=False)
        if not self._is_ending:
            self._machines.look()
            self._rescue()
            self._give()
        refs = [self._news, *self._running]
        done, _ = self._ray.wait(refs, num_returns=1, timeout=_LOOK)
        if not done:
            return
        done, _ = self._ray.wait(refs, num_returns=len(refs), timeout=0)
        self._read_news(is_last=any(ref in self._running for ref in done))
        for ref in done:
            if ref in self._running:
                self._on_end(ref, self._running.pop(ref))

    def _give(self) -> None:
        """Submit tasks. Where machines are of several kinds, no more than there is room for: the kind of a film is
        chosen when it begins."""
        held: list[int] = []
        while self._waiting and (self._jobs is None or len(self._running) < self._jobs):
            position = self._waiting.popleft()
            if not self._submit(position):
                held.append(position)
        self._waiting.extendleft(reversed(held))

    def _submit(self, position: int) -> bool:
        """Give a task to Ray. Returns whether there was room for it."""
        task, state = self._tasks[position], self._states[position]
        cpus, gpus = needs(task)
        machines = None
        if len(self._machines.kinds) > 1:
            kind = state.kind or self._free_kind(cpus, gpus)
            if kind is None:
                return False
            state.kind, machines = kind, self._machines.of_kind(kind)
            if not machines:
                return False  # `_rescue` sees to it
        state.start = state.start or time.monotonic()
        state.attempts.begin()
        key = f"{position}.{state.attempts.count}"
        asked = {
            **self._asked,
            "task": task.to_json(),
            "retry": state.attempts.is_begun,
            "processor": machines[0].processor if machines and not gpus else None,
            "cpus": cpus,
            "patience": _PATIENCE if state.attempts.count == 1 else _PATIENCE_OF_RETRY,
        }
        options = {"num_cpus": cpus, "name": f"zoomdream {self._given[position].id}"}
        options |= {"num_gpus": gpus} if gpus else {}
        options |= {"label_selector": placement(machines)} if machines else {}
        ref = self._work.options(**options).remote(json.dumps(asked), self._inbox, key)
        self._keys[key] = position
        self._running[ref] = _Running(position, key, frozenset(each.id for each in machines) if machines else None)
        return True

    def _free_kind(self, cpus: int, gpus: int) -> str | None:
        """The kind of machines with the most room for a task; None where none has any."""
        room = Counter({machine.kind: 0 for machine in self._machines.all})
        for machine in self._machines.all:
            if machine.fits(cpus, gpus):
                room[machine.kind] += machine.cpus
        for running in self._running.values():
            state = self._states[running.position]
            if state.kind is not None:
                room[state.kind] -= needs(self._tasks[running.position])[0]
        kind, most = room.most_common(1)[0] if room else (None, 0)
        return kind if most >= cpus else None

    def _rescue(self) -> None:
        """Tasks for machines that are gone: others of the kind take them, or they fail."""
        if not self._machines.were_there:
            return
        if not self._machines.all:
            self._lonely_since = self._lonely_since or time.monotonic()
            if time.monotonic() - self._lonely_since > _STRANDED:
                raise ClusterError("all machines of the cluster are gone: what is finished is kept")
            return
        self._lonely_since = None
        alive = {machine.id for machine in self._machines.all}
        for ref, running in list(self._running.items()):
            if running.machines is not None and not running.machines & alive:
                done, _ = self._ray.wait([ref], timeout=_LOOK)
                if not done:
                    self._ray.cancel(ref, force=False)  # its end comes as one that is lost
        for position in list(self._waiting):
            kind = self._states[position].kind
            if kind is not None and not self._machines.of_kind(kind):
                self._waiting.remove(position)
                error = WorkerError(
                    f"no machine of its kind is left in the cluster ({kind}), and frames of another kind would differ"
                )
                self._settle(position, TaskError.of(error))

    def _read_news(self, *, is_last: bool) -> None:
        """What workers have reported. `is_last`: one of them has ended, and its last words count."""
        kinds = self._ray.exceptions
        if is_last:
            self._inbox.flush.remote()
        lines: list[list[str]] = []
        try:
            lines = json.loads(self._ray.get(self._news, timeout=_NEWS_TIMEOUT if is_last else 0))
        except kinds.GetTimeoutError:
            return
        except kinds.RayActorError:
            pass  # Ray starts it anew, elsewhere; what was in it is lost, and frames are reported again and again
        self._news = self._inbox.take.remote(1.0)
        for key, line in lines:
            self._on_news(self._keys[key], key, json.loads(line))

    def _on_news(self, position: int, key: str, message: dict[str, Any]) -> None:
        task, state = self._given[position], self._states[position]
        if state.outcome is not None or key != f"{position}.{state.attempts.count}":
            return  # of a worker that was thought lost
        match message["event"]:
            case "started":
                self._on_event(Event(task, "started"))
            case "progress":
                progress = Progress(**message["progress"])
                state.attempts.note(progress)
                self._on_event(Event(task, "progress", progress))
            case "warning":
                self._on_event(Event(task, "warning", text=message["text"]))

    def _on_end(self, ref: Any, running: _Running) -> None:
        """An attempt has ended: with an answer, or without a word."""
        kinds = self._ray.exceptions
        try:
            answer = json.loads(self._ray.get(ref))
        except kinds.RayTaskError as error:
            self._settle(running.position, TaskError.of(error.cause if error.cause else error, str(error)))
        except kinds.RayError as error:
            if not self._is_ending:
                self._on_loss(running.position, loss_reason(kinds, error))
        else:
            self._on_answer(running.position, answer)

    def _on_answer(self, position: int, answer: dict[str, Any]) -> None:
        match answer["event"]:
            case "done":
                self._settle(position, None, answer["frames"])
            case "failed":
                self._settle(position, TaskError.from_values(answer["error"]))
            case "refused":
                raise TaskError.from_values(answer["error"]).exception
            case "elsewhere":
                self._states[position].attempts.count -= 1
                self._machines.meet()
                self._waiting.appendleft(position)

    def _on_loss(self, position: int, reason: str) -> None:
        if self._states[position].attempts.is_lost():
            self._settle(position, lost_error(reason))
            return
        self._machines.look(force=True)
        self._waiting.appendleft(position)
        self._on_event(Event(self._given[position], "lost", text=f"its worker {reason}"))

    def _settle(self, position: int, error: TaskError | None, frames: int = 0) -> None:
        task, state = self._given[position], self._states[position]
        start = state.start or time.monotonic()
        state.outcome = Outcome(task, error, state.attempts.count, time.monotonic() - start, frames)
        self._on_event(Event(task, "failed" if error else "done", error=error))

    def _cancel(self, *, force: bool) -> None:
        for ref in self._running:
            self._ray.cancel(ref, force=force)

    def _end(self) -> None:
        """Leave nothing running, whatever has happened."""
        if self._running:
            self._cancel(force=True)
            self._ray.wait(list(self._running), num_returns=len(self._running), timeout=_END_TIMEOUT)
        self._ray.kill(self._inbox)
