"""Checks a preset's text while it is typed: errors at their lines, warnings, and the values that the form shows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from zoomdream.errors import ZoomdreamError
from zoomdream.presets.documents.text_positions import line_start
from zoomdream.presets.documents.yaml_document import Data
from zoomdream.studio.editing.loading import NAME, load_text
from zoomdream.studio.editing.names import check_names
from zoomdream.studio.editing.quick_reading import read_document
from zoomdream.studio.workspace import Workspace

FORM = (
    "source",
    "seed",
    "network",
    "networks",
    "bpm",
    "loop",
    "canvas.size",
    "canvas.fps",
    "canvas.duration",
    "canvas.start",
    "dream.layers",
    "dream.octaves",
    "dream.octave_scale",
    "dream.steps",
    "dream.step_size",
    "dream.jitter",
    "dream.objective",
    "dream.smoothing",
    "dream.natural_color",
    "dream.headroom",
    "dream.source_pull",
    "dream.schedule",
    "focus.calm",
    "focus.by",
    "focus.at",
    "focus.radius",
    "focus.rim",
    "camera.zoom",
    "camera.rotate",
    "camera.yaw",
    "camera.pitch",
    "camera.tilt",
    "camera.fov",
    "camera.pan",
    "camera.symmetry",
    "camera.shake",
    "camera.border",
    "color.palette",
    "color.coherence",
    "color.texture",
    "carry.strength",
    "carry.steps",
    "carry.cuts",
    "audio.file",
)
"""The keys that the form shows, in their order."""

_PLACE = re.compile(rf"{NAME}:(\d+)(?::(\d+))?: (.*)", re.DOTALL)
_KEY = re.compile(r"([a-z_]+(?:\.[^\s.:]+)*)(?=:| is | has )")


@dataclass(frozen=True)
class Mistake:
    """Something wrong in a text."""

    line: int
    """From 1; 1 where it is about the whole."""
    column: int
    """From 1."""
    message: str
    path: str = ""
    """The key that it is about, with dots; empty where there is none."""


@dataclass(frozen=True)
class Check:
    """What is to be said of a text."""

    errors: tuple[Mistake, ...] = ()
    warnings: tuple[str, ...] = ()
    form: dict[str, Any] = field(default_factory=dict)
    """The values of `FORM` as they are written, or None."""
    milliseconds: float = 0.0

    def facts(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def check_text(text: str, workspace: Workspace) -> Check:
    """Check a text as the command line does, without its source and its network's weights."""
    began = time.perf_counter()
    errors: tuple[Mistake, ...] = ()
    warnings: tuple[str, ...] = ()
    document = None
    try:
        document = read_document(text, NAME)
        preset = load_text(text, workspace, document)
        document = preset.document
        clock = preset.clock()
        check_names(preset)
        preset.timeline(clock, measure=False)
        warnings = tuple(preset.keyframe_warnings(clock))
    except ZoomdreamError as error:
        errors = tuple(mistakes(str(error), text))
    form = {} if document is None else {key: _plain(document.value(tuple(key.split(".")))) for key in FORM}
    return Check(errors, warnings, form, round((time.perf_counter() - began) * 1000, 2))


def mistakes(message: str, text: str) -> Iterable[Mistake]:
    """The mistakes in an error's message, whose lines begin with `preset:LINE:COLUMN:`."""
    for part in re.split(rf"\n(?={NAME}:\d)", message):
        place = _PLACE.fullmatch(part)
        if place is None:
            yield Mistake(1, 1, part.removeprefix(f"{NAME}: "))
            continue
        line, sentence = int(place[1]), place[3]
        key = _KEY.match(sentence)
        yield Mistake(line, int(place[2] or _first_column(text, line)), sentence, key[1] if key else "")


def _first_column(text: str, line: int) -> int:
    row = text[line_start(text, line) :].split("\n", 1)[0]
    return len(row) - len(row.lstrip()) + 1


def _plain(value: Data) -> Data:
    """A value as JSON holds it: there is no infinity, and keys are texts."""
    if isinstance(value, float) and not abs(value) < float("inf"):
        return str(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value
