"""What a command does not need is not loaded: PyTorch takes two seconds, its compiler three, torchvision one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

TORCH = ("torch", "torchvision", "cv2")
COMPILER = ("torchvision", "torch._dynamo", "sympy", "triton", "matplotlib")


def loaded_by(*commands: Sequence[object], of: tuple[str, ...]) -> list[set[str]]:
    """Which of these modules are loaded after each command of a process, all of which end successfully."""
    code = (
        "import sys, zoomdream.__main__\n"
        f"for arguments in {[[str(argument) for argument in command] for command in commands]!r}:\n"
        "    sys.argv[1:] = arguments\n"
        "    try: zoomdream.__main__.main()\n"
        "    except SystemExit as end: assert not end.code, end.code\n"
        f"    print('LOADED', *(set({of!r}) & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "80"})
    lines = [line for line in done.stdout.splitlines() if line.startswith("LOADED")]
    return [set(line.removeprefix("LOADED").split()) for line in lines]


def test_questions_about_names_load_no_torch() -> None:
    commands = [
        ("layers", "googlenet"),
        ("classes", "vgg16", "--find", "cat"),
        ("networks",),
        ("presets", "list"),
        ("presets", "schema"),
    ]
    assert loaded_by(*commands, of=TORCH) == [set()] * 5


def test_a_film_by_the_network_in_the_box_loads_no_torchvision_and_no_compiler(tmp_path: Path) -> None:
    small = ("--size", "64x48", "--duration", "1f", "--set", "dream.steps=1")
    command = ("render", "quickstart", *small, "-o", tmp_path / "film.mp4")
    assert loaded_by((*command, "--dry-run"), command, of=(*COMPILER, "torch")) == [{"torch"}] * 2
