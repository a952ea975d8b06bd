"""The studio as a process: its address, its end, and what stands in its way."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tests.support.commands import ZOOMDREAM, zoomdream
from tests.support.studio import TOKEN
from zoomdream.studio.server import Address, serve
from zoomdream.studio.workspace import Workspace

ROOT = Path(__file__).parents[2]


@contextmanager
def running(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A studio's process, and its address; it is ended with the block."""
    command = [*ZOOMDREAM, "studio", str(folder), "--no-browser", "--port", "0", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def ask(url: str, **headers: str) -> tuple[int, Any]:
    """Status and JSON of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.skipif(sys.platform == "win32", reason="ends by a signal")
def test_it_serves_its_folder_without_torch_until_it_is_interrupted(workspace: Workspace) -> None:
    with running(workspace.folder, "--token", TOKEN) as (process, address):
        base = address.removesuffix(f"/?token={TOKEN}")
        assert base.startswith("http://127.0.0.1:")
        assert ask(f"{base}/api/workspace")[0] == 401
        status, listing = ask(f"{base}/api/workspace", Authorization=f"Bearer {TOKEN}")
        assert (status, listing["folder"]) == (200, str(workspace.folder))
        if sys.platform == "linux":
            assert "libtorch" not in Path(f"/proc/{process.pid}/maps").read_text()
        second = zoomdream("studio", workspace.folder, "--no-browser", "--port", "0")
        assert second.exit_code == 4
        assert f"a studio is open on {workspace.folder} already (process {process.pid})" in second.stderr
        other = workspace.folder.parent / "other"
        other.mkdir()
        port = base.rpartition(":")[2]
        taken = zoomdream("studio", other, "--no-browser", "--port", port)
        assert taken.exit_code == 4
        assert f"error: port {port} is taken by another program" in taken.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert "Traceback" not in str(process.stderr and process.stderr.read())
    assert [path.name for path in workspace.state.iterdir() if path.name.endswith(".lock")] == []


def test_its_answers_leave_at_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """asyncio switches Nagle's waiting off on sockets that are TCP by name: else each kept connection waits 40 ms."""
    served: list[socket.socket] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: served.extend(sockets))
    serve(workspace.folder, Address(port=0), open_browser=False)
    assert [each.proto for each in served] == [socket.IPPROTO_TCP]


def test_what_cannot_be_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cases = {
        (str(tmp_path / "none"),): "does not exist: name the folder",
        (str(tmp_path / "file"),): "is no folder: name the folder",
        (str(tmp_path), "--host", "0.0.0.0"): "--host 0.0.0.0 lets other machines in: choose with --token",
        (str(tmp_path), "--token", "short"): "the token must have at least 12",
        (str(tmp_path), "--host", "192.0.2.1", "--token", TOKEN): "the studio cannot listen at 192.0.2.1, port 8700",
        (str(tmp_path), "--port", "99999"): "99999",
    }
    for arguments, sentence in cases.items():
        result = zoomdream("studio", *arguments, "--no-browser")
        assert result.exit_code == 2, arguments
        assert sentence in " ".join(result.stderr.split()), arguments


@pytest.mark.skipif(os.name == "nt", reason="no permissions of this kind there")
@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        result = zoomdream("studio", tmp_path, "--no-browser")
    finally:
        tmp_path.chmod(0o700)
    assert result.exit_code == 4
    assert "the studio cannot write into" in result.stderr


def test_a_file_in_the_place_of_the_studios_own_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / ".zoomdream").touch()
    result = zoomdream("studio", tmp_path, "--no-browser")
    assert result.exit_code == 4
    assert f"the studio cannot write into {tmp_path}" in result.stderr


def test_without_the_extra_it_says_how_it_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.startswith(("zoomdream.studio", "uvicorn"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = zoomdream("studio", tmp_path, "--no-browser")
    assert result.exit_code == 2
    assert result.stderr == "error: the studio needs uvicorn, which is not installed: pip install 'zoomdream[studio]'\n"
