"""Addresses at which no Ray cluster is, and machines on which there is no Ray: told at once."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from zoomdream.errors import ClusterError, UsageError
from zoomdream.farm.ray import connection as ray_connection
from zoomdream.farm.ray.connection import full_address
from zoomdream.farm.ray.engine import ray_engine
from zoomdream.farm.ray.worker import check, greet, versions
from zoomdream.farm.tasks import RenderTask


@pytest.fixture
def listener() -> Iterator[str]:
    """The address of a port that takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def task(tmp_path: Path) -> RenderTask:
    return RenderTask("a", "quickstart", str(tmp_path / "a.mp4"))


@pytest.mark.parametrize(
    ("said", "full"),
    [
        ("ray", "ray"),
        ("ray://head", "ray://head:10001"),
        ("ray://head:7", "ray://head:7"),
        ("10.0.0.1", "10.0.0.1:6379"),
        ("[::1]:6379", "[::1]:6379"),
    ],
)
def test_an_address_may_leave_the_port_out(said: str, full: str) -> None:
    assert full_address(said) == full


@pytest.mark.parametrize("said", ["", "ray://", "http://head:80", "head:99999", "head:", "a b", "head:1/x"])
def test_what_is_no_address_is_refused(said: str) -> None:
    with pytest.raises(UsageError, match="is no address of a Ray cluster: ray, ray://HOST:PORT or HOST:PORT"):
        ray_engine(said)


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_a_port_where_nobody_listens_is_told(scheme: str, listener: str, task: RenderTask) -> None:
    host = listener.split(":")[0]
    with socket.create_server((host, 0)) as other:
        free = other.getsockname()[1]
    with pytest.raises(ClusterError, match=rf"no Ray cluster is at {scheme}{host}:{free}"):
        ray_engine(f"{scheme}{host}:{free}").run([task])
    assert list(Path(task.output).parent.iterdir()) == []


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_a_port_that_says_nothing_is_told(
    scheme: str, listener: str, task: RenderTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_connection, "ANSWER_TIMEOUT", 0.3)
    with pytest.raises(ClusterError, match=f"{scheme}{listener} gives no answer within 0.3 s"):
        ray_engine(f"{scheme}{listener}").run([task])


def test_a_web_server_is_told(task: RenderTask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_not_found, args=(server,))
        thread.start()
        place = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(ClusterError, match=f"{place} answers, and is no Ray cluster"):
            ray_engine(place).run([task])
        thread.join()


def answer_not_found(server: socket.socket) -> None:
    """Answer one request by HTTP/2 with the status 404, which is number 13 of HPACK's static table."""
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as requests:
        connection.sendall(bytes.fromhex("000000 04 00 00000000"))  # settings
        requests.read(24)  # the client's preface
        kind = None
        while kind != 1:  # a request's header
            head = requests.read(9)
            kind = head[3]
            requests.read(int.from_bytes(head[:3]))
        connection.sendall(bytes.fromhex("000001 01 05 00000001 8d"))
        while requests.read(1):
            pass


def test_a_cluster_is_tried_before_the_tasks_are_prepared(listener: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_connection, "ANSWER_TIMEOUT", 0.3)
    with pytest.raises(ClusterError, match=f"{listener} gives no answer"), ray_engine(listener).started():
        pass


def test_where_ray_is_missing_the_extra_is_named(task: RenderTask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r"Ray is not installed here .*pip install 'zoomdream\[ray\]'"):
        ray_engine("ray").run([task])


def test_no_tasks_need_no_cluster() -> None:
    assert ray_engine("ray://nowhere:1").run([]) == []


def test_a_machine_compares_versions_and_looks_for_files(tmp_path: Path) -> None:
    proof, there = tmp_path / "proof", tmp_path / "film.yaml"
    proof.write_text("content")
    there.write_text("")
    asked: dict[str, object] = {"versions": versions(), "proofs": [[str(proof), "content"]], "inputs": [str(there)]}
    assert check(asked) is None
    assert json.loads(greet(json.dumps(asked)))["event"] == "ready"
    other = {**asked, "versions": {**versions(), "OpenCV": "3.4"}}
    assert f"OpenCV 3.4 there and {versions()['OpenCV']} here" in str(check(other))
    assert json.loads(greet(json.dumps(other)))["event"] == "refused"
    unlike = {**asked, "proofs": [[str(proof), "another content"]]}
    assert f"does not see the folder {tmp_path}" in str(check(unlike))
    gone = {**asked, "inputs": [os.fspath(tmp_path / "gone.yaml")]}
    assert f"does not see {tmp_path / 'gone.yaml'}" in str(check(gone))
