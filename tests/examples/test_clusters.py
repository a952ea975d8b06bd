"""The Slurm script and the Kubernetes job: their commands are commands of zoomdream."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest
import typer
from ruamel.yaml import YAML

from zoomdream.cli.app import app

EXAMPLES = Path(__file__).parents[2] / "examples"


def parsed(words: list[str]) -> dict[str, object]:
    """What typer reads of a command, which is not run."""
    name, *arguments = words
    group = typer.main.get_command(app)
    command = group.get_command(None, name)  # type: ignore[attr-defined]
    return dict(command.make_context(name, arguments).params)


@pytest.fixture
def slurm(tmp_path: Path) -> Path:
    """A folder whose `zoomdream` prints its arguments."""
    program = tmp_path / "zoomdream"
    program.write_text('#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done\n')
    program.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    ("more", "name", "task"), [({"SLURM_ARRAY_TASK_ID": "3"}, "render", 3), ({"JOIN": "1"}, "join", None)]
)
def test_the_slurm_script(slurm: Path, more: dict[str, str], name: str, task: int | None) -> None:
    environment = os.environ | {"PATH": f"{slurm}:{os.environ['PATH']}", "INPUT": "a clip.mp4", "THREADS": "2"} | more
    result = subprocess.run(
        ["bash", EXAMPLES / "slurm-array.sh"], env=environment, check=True, capture_output=True, text=True
    )
    words = result.stdout.splitlines()
    assert words[:2] == [name, "street-animals"]
    given = parsed(words)
    assert (given["source"], given["threads"], given["output"]) == ("a clip.mp4", 2, "out.mp4")
    assert given.get("task") == task


def test_the_kubernetes_job() -> None:
    job = YAML(typ="safe").load(EXAMPLES / "ray-job.yaml")
    program, *words = shlex.split(job["spec"]["entrypoint"])
    given = parsed(words)
    assert program == "zoomdream"
    assert (given["on"], given["vary"], given["threads"]) == ("ray", ["seed=1..8"], 1)
    cluster = job["spec"]["rayClusterSpec"]
    assert cluster["authOptions"]["mode"] == "token"
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        (container,) = group["template"]["spec"]["containers"]
        assert [mount["name"] for mount in container["volumeMounts"]] == ["films"]
