"""The machines of a Ray cluster: which there are, whether they fit this one, and of which kind each is."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from zoomdream.errors import ClusterError
from zoomdream.farm.engine import TaskError
from zoomdream.farm.ray.worker import greet
from zoomdream.interruption import waiting

_GREETING_TIMEOUT = 120.0  # seconds: a machine has to load Python and zoomdream from its disk
_LOOK = 2.0  # seconds between two looks at the machines
_ACCELERATOR = "accelerator_type:"  # how Ray calls the resource of a kind of GPU


@dataclass(frozen=True)
class Machine:
    """A machine, or rather a node: there may be several on one machine."""

    id: str
    """Ray's name for the node."""
    address: str
    cpus: int
    gpus: int
    accelerators: str = ""
    """The names of its GPUs, as Ray has them."""
    processor: str = ""
    """See `runtime.processor_model`."""

    @property
    def kind(self) -> str:
        """What decides how it rounds: the processor's model, and the GPU's."""
        return ", ".join(filter(None, (self.processor, self.accelerators)))

    def fits(self, cpus: int, gpus: int) -> bool:
        """Whether a task can run there that takes so much."""
        return self.cpus >= cpus and self.gpus >= gpus


class Machines:
    """All machines of a cluster that compute."""

    def __init__(self, ray: Any, asked: Mapping[str, Any]) -> None:
        """`asked`: what every machine is to be asked, see `ray.worker.check`."""
        self._ray, self._asked = ray, json.dumps(asked)
        self._known: dict[str, Machine] = {}
        self._asking: dict[Any, Machine] = {}
        self._alive: set[str] = set()
        self._last = 0.0
        self._greet = ray.remote(num_cpus=0, max_retries=0)(greet)

    def meet(self) -> None:
        """Wait until all machines that are there have been asked. Raises ClusterError where one does not fit."""
        self.look(force=True)
        deadline = time.monotonic() + _GREETING_TIMEOUT
        with waiting("the machines of the cluster"):
            while self._asking and time.monotonic() < deadline:
                self._ray.wait(list(self._asking), num_returns=len(self._asking), timeout=0.2)
                self._settle()

    def look(self, *, force: bool = False) -> None:
        """See which machines have come, and which are gone. Raises ClusterError where a new one does not fit."""
        if not force and time.monotonic() - self._last < _LOOK:
            return
        self._last = time.monotonic()
        nodes = [node for node in self._ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) >= 1]
        self._alive = {node["NodeID"] for node in nodes}
        strategy = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
        for node in nodes:
            machine = _machine(node)
            if machine.id not in self._known and machine not in self._asking.values():
                options = self._greet.options(scheduling_strategy=strategy(machine.id, soft=False))
                self._asking[options.remote(self._asked)] = machine
        self._settle()

    @property
    def all(self) -> list[Machine]:
        """Those that fit and are there."""
        return [machine for name, machine in self._known.items() if name in self._alive]

    @property
    def were_there(self) -> bool:
        """Whether there has been any."""
        return bool(self._known)

    @property
    def kinds(self) -> set[str]:
        """All kinds that have been seen."""
        return {machine.kind for machine in self._known.values()}

    def of_kind(self, kind: str | None) -> list[Machine]:
        """Those of a kind that are there; None: of any."""
        return [machine for machine in self.all if kind is None or machine.kind == kind]

    def _settle(self) -> None:
        """Read the answers that are there."""
        if not self._asking:
            return
        done, _ = self._ray.wait(list(self._asking), num_returns=len(self._asking), timeout=0)
        for ref in done:
            machine = self._asking.pop(ref)
            try:
                answer = json.loads(self._ray.get(ref))
            except self._ray.exceptions.RayTaskError as error:
                raise _no_zoomdream(machine, error) from error
            except self._ray.exceptions.RayError as error:
                if not _is_gone(self._ray, error):
                    raise _no_zoomdream(machine, error) from error
                continue  # it is asked again, if it is still there
            if answer["event"] == "refused":
                raise TaskError.from_values(answer["error"]).exception
            self._known[machine.id] = replace(machine, processor=answer["processor"])


def placement(machines: Sequence[Machine]) -> dict[str, str]:
    """The labels by which Ray puts a task on one of these machines."""
    return {"ray.io/node-id": f"in({','.join(machine.id for machine in machines)})"}


def largest(machines: Iterable[Machine]) -> tuple[int, int]:
    """The most processors and the most GPUs that one machine has."""
    machines = list(machines)
    return max((each.cpus for each in machines), default=0), max((each.gpus for each in machines), default=0)


def _machine(node: Mapping[str, Any]) -> Machine:
    resources = node["Resources"]
    gpus = sorted(name.removeprefix(_ACCELERATOR) for name in resources if name.startswith(_ACCELERATOR))
    return Machine(
        node["NodeID"],
        node["NodeManagerAddress"],
        int(resources.get("CPU", 0)),
        int(resources.get("GPU", 0)),
        ", ".join(gpus),
    )


def _no_zoomdream(machine: Machine, error: Exception) -> ClusterError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return ClusterError(
        f"the machine {machine.address} cannot run zoomdream ({lines[-1] if lines else type(error).__name__:.200}): "
        f"install the same version there as here"
    )


def _is_gone(ray: Any, error: Exception) -> bool:
    """Whether an error means that a machine, or a process on it, has ended."""
    kinds = ray.exceptions
    return isinstance(
        error, (kinds.WorkerCrashedError, kinds.NodeDiedError, kinds.LocalRayletDiedError, kinds.TaskUnschedulableError)
    )
