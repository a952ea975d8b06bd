"""Variations of films: `seed=1..20`, `dream.layers=fire5,fire8` as changes of presets, and the outputs' names.

The values of one key are a list with commas, in which `A..B` is a range, and `A..B..STEP` one with a step. A comma in
brackets, braces or quotes belongs to its value. An objective alone stands for a mix of nothing else.
"""

from __future__ import annotations

import itertools
import json
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from zoomdream.errors import UsageError
from zoomdream.farm.storage import is_address

MOST_FILMS = 100_000
"""More variations are a typing error."""

LAYERS = "dream.layers"
"""The key whose values may be objectives alone."""

_RANGE = re.compile(r"(.+?)\.\.(.+?)(?:\.\.(.+))?")
_QUOTES = "\"'"
_CLOSING = {"[": "]", "{": "}", "(": ")", '"': '"', "'": "'"}
_NO_NAME = re.compile(r"[\x00-\x1f\x7f/\\]+")  # what no file's name has, here or on another system
_LONGEST_VALUE = 60  # characters of a value in a file's name


@dataclass(frozen=True)
class Axis:
    """A key of the preset, and its values one after the other."""

    key: str
    """Such as `dream.steps`."""
    values: tuple[str, ...]
    """In YAML."""


@dataclass(frozen=True)
class Variation:
    """A value for each of the keys that vary."""

    values: Mapping[str, str]

    @property
    def changes(self) -> tuple[str, ...]:
        """Assignments such as `dream.steps=6`."""
        return tuple(f"{key}={_in_preset(key, value)}" for key, value in self.values.items())

    @property
    def fields(self) -> dict[str, str]:
        """What may stand in braces in an output's name: each key's value, by its last part and by its full name."""
        by_key = {key: _in_name(value) for key, value in self.values.items()}
        lasts = [_last(key) for key in by_key]
        by_last = {_last(key): value for key, value in by_key.items() if lasts.count(_last(key)) == 1}
        return {**by_last, **by_key}


def parse_axis(text: str) -> Axis:
    """`seed=1..20`, `dream.layers=fire5,fire8` or `camera.zoom=1..1.5..0.1`. Raises UsageError."""
    key, equals, values = text.partition("=")
    key = key.strip()
    if not equals or not all(key.split(".")):
        raise UsageError(f"{text!r:.80} varies nothing: write KEY=VALUES, such as seed=1..20 or dream.steps=4,8")
    parts = [part.strip() for part in _split(values)]
    if not all(parts):
        raise UsageError(f"{text!r:.80} names no value between two commas: write {key}=A,B or {key}=1..20")
    found = tuple(itertools.chain.from_iterable(_range(part, text) for part in parts))
    twice = sorted({value for value in found if found.count(value) > 1}) if len(found) < 1000 else ()
    if twice:
        raise UsageError(f"{text!r:.80} has {twice[0]} twice: the two films would be the same")
    return Axis(key, found)


def variations(axes: Sequence[Axis], *, is_zipped: bool = False) -> list[Variation]:
    """Every combination of the values, the last key's changing first; or the first of all keys, the second of all, ...

    One variation without a value where there is no axis. Raises UsageError.
    """
    keys = [axis.key for axis in axes]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} varies twice: give all of its values at once, as in {twice}=A,B,C")
    lengths = [len(axis.values) for axis in axes]
    if is_zipped and len(set(lengths)) > 1:
        counts = ", ".join(f"{axis.key} has {len(axis.values)}" for axis in axes)
        raise UsageError(f"values that go together must be as many: {counts}")
    count = 1
    for length in [] if is_zipped else lengths:
        count *= length
    if count > MOST_FILMS:
        raise UsageError(f"{count} variations are more than {MOST_FILMS}: vary fewer keys, or let values go together")
    columns = [axis.values for axis in axes]
    rows = zip(*columns, strict=True) if is_zipped and axes else itertools.product(*columns)
    return [Variation(dict(zip(keys, row, strict=True))) for row in rows]


def default_template(axes: Iterable[Axis], presets: Sequence[str]) -> str:
    """The outputs' name where nobody gives one: `{preset}-{seed}.mp4`; numbered where two presets have one name."""
    stems = [Path(preset).stem for preset in presets]
    varied = [axis.key for axis in axes]
    lasts = [_last(key) for key in varied]
    names = [last if lasts.count(last) == 1 else key for last, key in zip(lasts, varied, strict=True)]
    number = ["index"] if len(set(stems)) < len(stems) else []
    return "-".join(f"{{{name}}}" for name in ("preset", *names, *number)) + ".mp4"


def output_name(template: str, preset: str, index: int, variation: Variation, width: int = 1) -> str:
    """The output of a film: the template with its values in place of the words in braces.

    Args:
        template: such as `out/{preset}-{seed}.mp4`. Words are `preset`, `index`, and the keys that vary; two braces
            are one.
        preset: the preset's file or name.
        index: the film's number among all, from 1.
        variation: the values of the keys that vary.
        width: the digits of the index.

    Raises UsageError for a word that is not known.
    """
    known = {"preset": _in_name(Path(preset).stem), "index": f"{index:0{width}d}", **variation.fields}
    result = []
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise UsageError(f"{template!r}: {error}: write braces in pairs, as in {{preset}}.mp4") from None
    for literal, word, form, conversion in parts:
        result.append(literal)
        if word is None:
            continue
        if word not in known or form or conversion:
            words = ", ".join(f"{{{name}}}" for name in known)
            raise UsageError(f"{template!r}: {{{word}}} stands for nothing: there are {words}")
        result.append(known[word])
    return "".join(result)


def refuse_collisions(names: Sequence[str], template: str) -> None:
    """Raise UsageError where two films would have the same output; a system may not tell capitals from small."""
    first: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        place = name if is_address(name) else str(Path(name).absolute())
        other = first.setdefault(place.casefold(), number)
        if other != number:
            raise UsageError(
                f"{template!r}: films {other} and {number} of {len(names)} would both be {name}: put {{preset}}, "
                f"{{index}} and the keys that vary into the name"
            )


def _split(text: str) -> list[str]:
    """At the commas outside of brackets and quotes."""
    parts: list[str] = []
    open_ones: list[str] = []
    start = 0
    for position, character in enumerate(text):
        if open_ones and character == open_ones[-1]:
            open_ones.pop()
        elif character in _CLOSING and not (open_ones and open_ones[-1] in _QUOTES):
            open_ones.append(_CLOSING[character])
        elif character == "," and not open_ones:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def _range(part: str, text: str) -> list[str]:
    """`1..4` as 1, 2, 3, 4; anything else as it is."""
    found = _RANGE.fullmatch(part)
    numbers = [_number(end) for end in found.groups("1")] if found else []
    first, last, step = numbers if len(numbers) == 3 else (None, None, None)
    if first is None or last is None:
        return [part]
    if step is None or step <= 0:
        raise UsageError(f"{text!r:.80}: the step of {part} must be a number above 0, as in 1..2..0.5")
    if last < first:
        raise UsageError(f"{text!r:.80}: {part} runs backwards: write {last}..{first}")
    count = int((last - first) / step) + 1
    if count > MOST_FILMS:
        raise UsageError(f"{text!r:.80}: {part} has {count} values: {MOST_FILMS} are the most")
    return [f"{first + step * number:f}" for number in range(count)]


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _in_preset(key: str, value: str) -> str:
    """A value as the preset has it: an objective alone, `fire5`, is the mix `{fire5: 1}`."""
    is_objective = key == LAYERS and value[0] not in "[{"
    return f"{{{json.dumps(value.strip(_QUOTES), ensure_ascii=False)}: 1}}" if is_objective else value


def _last(key: str) -> str:
    return key.rpartition(".")[2]


def _in_name(value: str) -> str:
    """A value as a part of a file's name."""
    plain = _NO_NAME.sub("_", value.strip().strip(_QUOTES).removesuffix("/"))
    return plain[:_LONGEST_VALUE].strip() or "_"
