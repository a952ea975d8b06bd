"""A preset's text with comments that say where each value comes from, and its file."""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path

from zoomdream.errors import OutputError
from zoomdream.output_files import check_output_file, whole_file
from zoomdream.presets.documents.yaml_document import Data, KeyPath
from zoomdream.presets.importing.conversion import Conversion
from zoomdream.presets.importing.documents import read_foreign
from zoomdream.presets.importing.findings import Draft, Finding, printable
from zoomdream.presets.importing.prompts import LAYERS
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.recipe import json_text
from zoomdream.presets.sample_pictures import is_sample
from zoomdream.schedule.expressions.variables import Silence, Variables

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*|\d+x\d+|\d+f")
_NO_TEXT = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")  # to readers of older YAML, too
_ORDER = ("zoomdream", "source", "bpm", "canvas", "seed", "dream", "camera", "color", "audio", "output")
_WIDTH = 118


def import_preset(
    file: Path, output: Path, picture: str | Path | None = None, *, overwrite: bool = False
) -> list[Finding]:
    """Make a preset of another program's file; says what became of each of its settings.

    Args:
        file: a settings file of Deforum, or a document of Parseq.
        output: the preset.
        picture: a photo or a video to make the film from, relative to the working folder, `sample:NAME` or `noise`.

    Raises PresetError, OutputExistsError, OutputError.
    """
    check_output_file(output, overwrite=overwrite)
    if output.exists() and file.exists() and output.samefile(file):
        raise OutputError(f"{output} is the file that is imported: choose another name for the preset")
    text, draft = imported_text(file, _named(picture, output))
    try:
        with whole_file(output, overwrite=overwrite) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{output} cannot be written: {error.strerror}") from error
    return draft.findings


def imported_text(file: Path, picture: str | None = None) -> tuple[str, Draft]:
    """A preset's text, and what it was made from. It has been checked as any preset is. Raises PresetError."""
    draft = Conversion(read_foreign(file), Draft()).run(picture)
    text = preset_text_of(draft, file.name)
    preset = load_preset_text(text, str(file))
    clock = preset.clock()
    preset.timeline(clock, Variables(clock, sound=Silence()))
    return text, draft


def preset_text_of(draft: Draft, name: str) -> str:
    """YAML with a comment for each value, and a list of what has no counterpart. `name` is the foreign file's."""
    comments = {each.path: each.comment for each in draft.findings if each.path}
    prompts = [each.comment for each in draft.findings if each.path == LAYERS and each.comment]
    lines = [f"# Made from {printable(name)}.", "zoomdream: 1"]
    for section in _ORDER[1:]:
        paths = [path for path in draft.data if path[0] == section]
        if paths and len(paths[0]) > 1:
            lines += ["", f"{section}:"]
        for path in paths:
            value = draft.data[path]
            is_list = path == LAYERS and isinstance(value, list)
            lines += _keyframes(value, prompts) if is_list else _entry(path, value, comments.get(path, ""))
    left = [finding for finding in draft.findings if finding.path is None]
    if left:
        lines += ["", "# What has no counterpart here:"]
        lines += [line for each in left for line in _wrapped(f"{each.theirs}: {each.how}", "#   ", "#     ")]
    return "\n".join(lines) + "\n"


def _keyframes(keyframes: Data, comments: list[str]) -> list[str]:
    assert isinstance(keyframes, list)
    lines = [f"    - {_flow(keyframe)}" for keyframe in keyframes]
    return ["  layers:", *(f"{line}  # {comment}" for line, comment in zip(lines, comments, strict=True))]


def _entry(path: KeyPath, value: Data, comment: str) -> list[str]:
    indent = "  " * (len(path) - 1)
    line = f"{indent}{path[-1]}: {_flow(value)}"
    if not comment:
        return [line]
    behind = f"{line}  # {comment}"
    return [behind] if len(behind) <= _WIDTH else [*_wrapped(comment, f"{indent}# ", f"{indent}#   "), line]


def _wrapped(text: str, first: str, others: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)


def _flow(value: Data) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXT:
        return value
    return json_text(value)


def _named(picture: str | Path | None, output: Path) -> str | None:
    """A source as a preset is to name it that lies at `output`."""
    if picture is None or str(picture) == "noise" or is_sample(str(picture)):
        return None if picture is None else str(picture)
    return os.path.relpath(picture, output.absolute().parent)
