"""Deforum's schedules: keyframe strings of one film, from its settings or from the columns of a Parseq document."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

import numpy as np

from zoomdream.errors import SettingError
from zoomdream.presets.documents.yaml_document import Data
from zoomdream.presets.importing.findings import Draft, printable
from zoomdream.schedule.curve import Curve
from zoomdream.schedule.deforum_strings import DeforumTrack
from zoomdream.schedule.expressions.expression import Expression
from zoomdream.schedule.expressions.formulas import Bounds
from zoomdream.schedule.expressions.functions import CONVERSION
from zoomdream.schedule.expressions.variables import Variables

MOTIONS = (
    *("angle", "zoom", "translation_x", "translation_y", "translation_z"),
    *("rotation_3d_x", "rotation_3d_y", "rotation_3d_z"),
    *("perspective_flip_theta", "perspective_flip_phi", "perspective_flip_gamma"),
)
"""What Parseq has as positions, and Deforum takes as changes: the columns whose names end with `_delta`."""

_PARSEQ_NAMES = {"strength": "strength_schedule", "fov": "fov_schedule"}
_PLAIN = ("transform_center_x", "transform_center_y", "perspective_flip_fv", "strength", "fov")


@dataclass(frozen=True)
class Schedule:
    """One keyframe string on one film."""

    key: str
    """Deforum's name of the setting."""

    track: DeforumTrack
    """The string, as this program reads it."""

    curve: Curve
    """Its values."""

    note: str = ""
    """What is said about it."""

    @property
    def text(self) -> str:
        """The string."""
        return self.track.text

    @property
    def constant(self) -> float | None:
        """Its value where it never changes; None: it changes."""
        return self.first if self.curve.is_still(0, self.curve.frames) else None

    @property
    def first(self) -> float:
        """Its value at the first frame."""
        return float(self.curve.values(0, 1)[0, 0])

    @property
    def theirs(self) -> str:
        """Its key and its text."""
        return f'{self.key} "{self.text}"'


class Schedules:
    """All schedules of one film. What cannot be read is noted in `draft`."""

    def __init__(
        self,
        settings: Mapping[str, object],
        parseq: Mapping[str, str],
        variables: Variables,
        draft: Draft,
    ) -> None:
        self._texts: dict[str, object] = {**settings, **parseq}
        self._parseq, self._variables, self._draft = parseq, variables, draft
        self._known: dict[str, Schedule | None] = {}

    def get(self, *keys: str) -> Schedule | None:
        """The first of these that is there and can be read; versions of Deforum name some settings differently."""
        for key in keys:
            text = _string(self._texts.get(key))
            if text is not None and key not in self._known:
                self._known[key] = self._read(key, text)
            if text is not None:
                return self._known[key]
        return None

    def still(self, *keys: str, default: float) -> float:
        """One value for a setting that cannot change here: the first frame's, which is noted where it changes."""
        schedule = self.get(*keys)
        if schedule is None:
            return default
        if schedule.constant is None:
            self._draft.leave(schedule.theirs, f"it cannot change here: its first value counts, {schedule.first:g}")
        return schedule.first

    def entry(self, schedule: Schedule, expression: str, bounds: Bounds) -> tuple[Data, str]:
        """`{deforum: ..., expr: ...}`, and the comment beside it; values out of bounds are clamped.

        Raises SettingError where a value is not a number.
        """
        note = schedule.note or ("from Parseq" if schedule.key in self._parseq else "")
        try:
            self._check(schedule, expression, bounds)
        except SettingError:
            expression = f"clamp({expression}, {bounds.low:g}, {bounds.high:g})"
            self._check(schedule, expression, bounds)
            note = "; ".join(filter(None, [note, f"kept from {bounds.low:g} to {bounds.high:g}"]))
        said = f"{schedule.key}: {note}" if note else schedule.key
        return {"deforum": schedule.text, "expr": expression}, said

    def _check(self, schedule: Schedule, expression: str, bounds: Bounds) -> None:
        track = replace(schedule.track, conversion=Expression.parse(expression, CONVERSION))
        track.curve(self._variables.clock, self._variables).refuse_outside(bounds)

    def _read(self, key: str, text: str) -> Schedule | None:
        try:
            return self._schedule(key, text)
        except SettingError as error:
            reason, cut = error, _as_deforum_cuts(text)
        try:
            note = "of each keyframe only what Deforum reads, up to a second colon"
            return self._schedule(key, cut, note)
        except SettingError:
            self._draft.leave(f'{key} "{text}"', f"it cannot be read: {reason}")
            return None

    def _schedule(self, key: str, text: str, note: str = "") -> Schedule:
        track = DeforumTrack.parse(text)
        curve = track.curve(self._variables.clock, self._variables)
        curve.refuse_outside(Bounds())
        return Schedule(key, track, curve, note)


def _string(value: object) -> str | None:
    """A keyframe string; early versions have some settings as plain numbers."""
    if is_number(value):
        return f"0:({number_text(value)})"
    return value.strip() if isinstance(value, str) and value.strip() else None


def _as_deforum_cuts(text: str) -> str:
    """`0: 0: (1)` as Deforum reads it, which is `0: 0`."""
    return ",".join(":".join(entry.split(":")[:2]) for entry in text.split(","))


def number_text(value: float) -> str:
    """A number to its last bit in digits and a point: with an exponent it would be an expression to Deforum."""
    return str(np.format_float_positional(float(value), trim="-"))


def parseq_strings(frames: Sequence[Mapping[str, object]], *, with_deltas: bool) -> dict[str, str]:
    """Keyframe strings of a Parseq document's columns, by Deforum's keys."""
    names = set(frames[0]) if frames else set()
    strings: dict[str, str] = {}
    for name in (*MOTIONS, *_PLAIN):
        column = f"{name}_delta" if name in MOTIONS and with_deltas and f"{name}_delta" in names else name
        values = {frame["frame"]: value for frame in frames if is_number(value := frame.get(column))}
        if column in names and values:
            strings[_PARSEQ_NAMES.get(name, name)] = _string_of(values)  # type: ignore[arg-type]
    return strings


def _string_of(values: Mapping[int, float]) -> str:
    """A keyframe string with these values; of neighbours that are alike, only the first and the last are written."""
    placed = sorted(values.items())
    kept = [
        (frame, value)
        for index, (frame, value) in enumerate(placed)
        if not (0 < index < len(placed) - 1 and placed[index - 1][1] == value == placed[index + 1][1])
    ]
    if len({value for _, value in kept}) == 1:
        kept = kept[:1]
    return ", ".join(f"{frame}:({number_text(value)})" for frame, value in kept)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether this is a number within a float's range, and no bool."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def shown(key: str, value: object) -> str:
    """A setting that is no schedule, as it is shown."""
    return f"{key} {printable(word(value))}"


def word(value: object) -> str:
    """A JSON value as text; of one that holds others, what it is."""
    return "(a list)" if isinstance(value, list) else "(a mapping)" if isinstance(value, dict) else str(value)
