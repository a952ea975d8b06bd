"""A Ray cluster of several nodes on this machine, in processes of its own, with a token."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
_STORE = 80 * 2**20  # bytes: the least that Ray takes, nearly; nothing lies in it


@dataclass
class RayCluster:
    """A head with one processor, which lives as long as the cluster, and the nodes that tests add."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    """What another process needs to reach it."""
    address: str = ""
    client_address: str = ""
    """Of its client server."""
    added: int = 0
    """Nodes beside the head."""
    processes: list[psutil.Process] = field(default_factory=list)
    """All that have been seen of it."""

    def ask(self, command: str) -> str:
        """`node [RESOURCE]` adds a node of one processor; `kill` kills the newest node as if its power was cut."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer, "the cluster has ended"
        self.added += {"node": 1, "kill": -1}.get(command.split()[0], 0)
        self.see()
        return answer

    def see(self) -> list[psutil.Process]:
        """Remember its processes; returns those that run now."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        self.processes += [each for each in found if each not in self.processes]
        return found

    def workers(self) -> list[psutil.Process]:
        """The workers that are at a task."""
        return [each for each in self.see() if _title(each).startswith("ray::zoomdream")]


def _title(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


@contextmanager
def _alone() -> Iterator[None]:
    """One cluster at a time: the processes of a test run share the machine's few cores."""
    with Path(tempfile.gettempdir(), f"zoomdream-ray-{os.getuid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def ray_cluster() -> Iterator[RayCluster]:
    """A cluster, which is ended with all its processes.

    Its files lie in a folder with a short name: sockets are among them.
    """
    with _alone(), _cluster() as cluster:
        yield cluster


@contextmanager
def _cluster() -> Iterator[RayCluster]:
    folder = Path(tempfile.mkdtemp(prefix="zr", dir="/tmp"))
    (folder / "ray").mkdir()
    token = secrets.token_hex(24)
    environment = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": token}
    inner = {"HOME": str(folder), "RAY_TMPDIR": str(folder), "PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.ray_cluster"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=ROOT,
            env={**os.environ, **environment, **inner},
        )
    cluster = RayCluster(process, environment)
    try:
        cluster.address, cluster.client_address = cluster.ask("head").split()
        yield cluster
        cluster.see()
    finally:
        process.communicate()  # the end of its stdin
        _, alive = psutil.wait_procs(cluster.processes, timeout=10)
        for each in alive:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        shutil.rmtree(folder, ignore_errors=True)
    assert alive == []


def _main() -> None:
    from ray.cluster_utils import Cluster

    answers, cluster, nodes = os.fdopen(os.dup(1), "w"), None, []
    os.dup2(2, 1)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for line in sys.stdin:
        command, *resource = line.split()
        common: dict[str, Any] = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": _STORE}
        if command == "head":
            cluster = Cluster(initialize_head=True, head_node_args={"ray_client_server_port": port, **common})
        assert cluster is not None
        if command == "node":
            nodes.append(cluster.add_node(resources=dict.fromkeys(resource, 1), **common))
        elif command == "kill":
            cluster.remove_node(nodes.pop(), allow_graceful=False)
        host = cluster.address.rpartition(":")[0]
        answers.write(f"{cluster.address} ray://{host}:{port}\n")
        answers.flush()
    if cluster is not None:
        cluster.shutdown()  # type: ignore[no-untyped-call,unused-ignore]


if __name__ == "__main__":
    _main()
