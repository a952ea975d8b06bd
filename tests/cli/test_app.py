"""The command line as a whole: its root, every command's help."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import typer

from tests.support.commands import zoomdream
from zoomdream import __version__
from zoomdream.cli.app import app


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, zoomdream.cli.app\n"
        "try: zoomdream.cli.app.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'torchvision', 'cv2', 'numpy', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "render" in done.stdout


def test_version() -> None:
    result = zoomdream("--version")
    assert result.exit_code == 0
    assert result.stdout == f"zoomdream {__version__}\n"


def commands() -> list[str]:
    group = typer.main.get_command(app)
    names = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        names += [f"{name} {child}" for child in command.commands] if hasattr(command, "commands") else [name]
    return names


def parameters(name: str) -> list[Any]:
    """The options and arguments of a command, as typer has them."""
    command: Any = typer.main.get_command(app)
    for part in name.split():
        command = command.commands[part]
    return list(command.make_context(name, [], resilient_parsing=True).command.params)


def test_every_command_is_listed_with_its_help() -> None:
    text = zoomdream("--help", COLUMNS="300").stdout
    assert len(commands()) == 30
    for name in commands():
        assert re.search(rf"^│ {name.split()[0]} +[A-Z]", text, re.MULTILINE), name


@pytest.mark.parametrize("name", commands())
def test_help_has_every_option_with_its_words_and_its_default(name: str) -> None:
    """Whatever rich takes for markup vanishes from help: [words in brackets] do."""
    rows = zoomdream(*name.split(), "--help", COLUMNS="300").stdout.splitlines()
    for parameter in parameters(name):
        label = parameter.name if parameter.param_type_name == "argument" else parameter.opts[-1]
        row = next(row for row in rows if re.match(rf"│[ *]+(-\w +)?{label}\b", row))
        assert parameter.help in row
        assert len(parameter.help) > 5
        if isinstance(parameter.show_default, str):
            assert f"[default: ({parameter.show_default})]" in row
        elif parameter.default not in (None, False, ""):
            assert f"[default: {parameter.default}]" in row
        if parameter.min is not None:
            assert f"{parameter.min}<=x" in row or f"x>={parameter.min}" in row


def test_an_option_without_a_default_does_something_only_where_it_is_used() -> None:
    """Every other option says what happens without it."""
    silent = {
        f"{name} {parameter.opts[-1]}"
        for name in commands()
        for parameter in parameters(name)
        if parameter.param_type_name == "option"
        and not parameter.required
        and parameter.default is None
        and not isinstance(parameter.show_default, str)
    }
    assert silent == {
        "render --set",
        "sweep --set",
        "frame --set",
        "preview --set",
        "curves --set",
        "batch --set",
        "batch --vary",
        "plan --set",
        "join --set",
        "dream --stages",
        "visualize --columns",
        "sheet --layer",
        "sheet --image",
        "stability --plot",
        "audio --plot",
    }
