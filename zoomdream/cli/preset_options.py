"""Options that change a preset, and what they change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from zoomdream.presets.yaml_document import Change

ChangesOption = Annotated[list[str] | None, typer.Option("--set", help="Change a key: dream.steps=6. May be repeated.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check everything, say what would be done, stop.")]

BACKGROUND_HELP = "What is seen where the source is transparent: white, '#102030'."
FPS_HELP = "Frames per second, such as 30 or 24000/1001."
SEED_HELP = "Another seed, another dream."
SIZE_HELP = "Width and height in pixels, such as 640x360."


def preset_option(help_text: str, default: str = "the preset's", least: int | None = None) -> Any:
    """An option that replaces a key of the preset."""
    return typer.Option(help=help_text, show_default=default, min=least)


def option_changes(values: Mapping[str, object]) -> list[Change]:
    """The options that the user gave, as changes of preset keys; messages call each by its option."""
    from zoomdream.presets.yaml_document import Change

    names = {key: key.rpartition(".")[2].replace("_", "-") for key in values}
    return [Change(f"{k}={v}", f"--{names[k]} {v}") for k, v in values.items() if v is not None]


def set_changes(assignments: Iterable[str] | None) -> list[Change]:
    """The assignments of `--set`; messages call each by that option."""
    from zoomdream.presets.yaml_document import Change

    return [Change(assignment, f"--set {assignment}") for assignment in assignments or ()]
