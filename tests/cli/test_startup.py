"""What a command does not need is not loaded: PyTorch takes two seconds, its compiler three, torchvision one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TORCH = ("torch", "torchvision", "cv2")
COMPILER = ("torchvision", "torch._dynamo", "sympy", "triton", "matplotlib")


def loaded_by(*arguments: object, of: tuple[str, ...]) -> set[str]:
    """Which of these modules a command has loaded when it ends, successfully."""
    code = (
        "import sys, zoomdream.__main__\n"
        "try: zoomdream.__main__.main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print('LOADED', *(set({of!r}) & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "80"})
    return set(done.stdout.splitlines()[-1].removeprefix("LOADED").split())


@pytest.mark.parametrize(
    "command",
    [
        ("layers", "googlenet"),
        ("classes", "vgg16", "--find", "cat"),
        ("networks",),
        ("presets", "list"),
        ("presets", "schema"),
    ],
    ids=" ".join,
)
def test_questions_about_names_load_no_torch(command: tuple[str, ...]) -> None:
    assert loaded_by(*command, of=TORCH) == set()


@pytest.mark.parametrize("more", [(), ("--dry-run",)], ids=["render", "dry run"])
def test_a_film_by_the_network_in_the_box_loads_no_torchvision_and_no_compiler(
    more: tuple[str, ...], tmp_path: Path
) -> None:
    small = ("--size", "64x48", "--duration", "1f", "--set", "dream.steps=1")
    command = ("render", "quickstart", *small, "-o", tmp_path / "film.mp4", *more)
    assert loaded_by(*command, of=(*COMPILER, "torch")) == {"torch"}
