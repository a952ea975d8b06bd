"""What the program says of itself: its commands, and the schema of a preset."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from tests.support.commands import zoomdream
from zoomdream.cli.app import app

JsonObject = dict[str, Any]


def program_commands() -> dict[str, TyperCommand | TyperGroup]:
    """The program's commands, `presets list` and so on."""

    def walk(group: TyperGroup, prefix: str) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
        for name, command in group.commands.items():
            if isinstance(command, TyperGroup):
                if command.invoke_without_command:
                    yield f"{prefix}{name}", command
                yield from walk(command, f"{prefix}{name} ")
            else:
                assert isinstance(command, TyperCommand)
                yield f"{prefix}{name}", command

    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return dict(walk(group, ""))


@dataclass(frozen=True)
class Option:
    """A command's option, as its help shows it."""

    names: tuple[str, ...]
    """`--output`, `-o`."""
    choices: str
    """`auto|cpu|cuda|mps`; empty: it is no choice."""
    required: bool


def options_of(name: str) -> list[Option]:
    """A command's options, read from what `--help` prints."""
    text = zoomdream(*name.split(), "--help", COLUMNS="250").stdout
    rows = re.findall(r"^\W+(--[a-z-]+)(?: +(-[a-z]|--[a-z-]+))? +(.*)$", text, re.MULTILINE)
    assert rows, f"{name} --help lists no options"
    choices = [re.match(r"[<\[](\w+(?:\|\w+)+)[>\]]", rest) for _, _, rest in rows]
    return [
        Option((long, short) if short else (long,), choice[1] if choice else "", "[required]" in rest)
        for (long, short, rest), choice in zip(rows, choices, strict=True)
        if long != "--help"
    ]


@cache
def preset_schema() -> JsonObject:
    """The JSON schema of a preset, as `zoomdream presets schema` prints it."""
    schema: JsonObject = json.loads(zoomdream("presets", "schema").stdout)
    return schema


def section_schemas() -> dict[str, JsonObject]:
    """Each section of a preset, such as `dream`: key to schema."""
    schema = preset_schema()
    models = {name: _model(value) for name, value in schema["properties"].items()}
    return {name: schema["$defs"][model]["properties"] for name, model in models.items() if model in schema["$defs"]}


def _model(value: JsonObject) -> str:
    """The name of the model that a property refers to; empty: it is no section."""
    reference = next((each["$ref"] for each in (value, *value.get("allOf", ())) if "$ref" in each), "")
    return str(reference).rpartition("/")[2]
