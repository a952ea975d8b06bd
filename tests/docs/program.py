"""What the program says of itself: its commands, and the schema of a preset."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.testing import CliRunner

from zoomdream.cli.app import app

JsonObject = dict[str, Any]


def program_commands() -> dict[str, TyperCommand]:
    """The program's commands, `presets list` and so on."""

    def walk(group: TyperGroup, prefix: str) -> Iterator[tuple[str, TyperCommand]]:
        for name, command in group.commands.items():
            if isinstance(command, TyperGroup):
                yield from walk(command, f"{prefix}{name} ")
            else:
                assert isinstance(command, TyperCommand)
                yield f"{prefix}{name}", command

    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return dict(walk(group, ""))


def options_of(name: str) -> list[TyperOption]:
    """A command's options."""
    return [option for option in program_commands()[name].params if isinstance(option, TyperOption)]


def preset_schema() -> JsonObject:
    """The JSON schema of a preset, as `zoomdream presets schema` prints it."""
    schema: JsonObject = json.loads(CliRunner().invoke(app, ["presets", "schema"]).stdout)
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
