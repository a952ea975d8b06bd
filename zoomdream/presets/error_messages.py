"""Turns the mistakes in a preset's values into sentences that say how to correct them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pydantic_core import ErrorDetails

from zoomdream.errors import nearest
from zoomdream.presets.documents.characters import visible_text
from zoomdream.presets.documents.yaml_document import Document, KeyPath
from zoomdream.schedule.deforum_strings import is_deforum

MOST_MISTAKES = 5
_LONGEST = 600  # characters of a sentence

SENTENCE = "sentence"
"""The type of a validation error whose message says everything, value included."""

_REASONS: Mapping[str, str] = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "string_pattern_mismatch": "must be a path",
    "string_too_short": "must not be empty",
    "dict_type": "must be a mix such as {{fire8: 1}}",
    "list_type": "must be a list, each entry begun with a dash",
    "tuple_type": "must be two numbers such as [0, 0]",
    "too_long": "must be two numbers such as [0, 0]",
    "too_short": "must have at least one entry",
}
_OTHER_FORMS: Mapping[str, str] = {
    "int_type": ", or keyframes such as {0s: 2, 6s: 4}",
    "float_type": ", or keyframes such as {0s: 1, 6s: 2}",
    "tuple_type": ", or keyframes such as {0s: [0, 0], 6s: [1, 0]}",
    "dict_type": ", a list of {at, mix}, or a sweep",
}
_MISSING: Mapping[str, str] = {
    "zoomdream": "begin the file with zoomdream: 1",
    "source": "name a photo, a video, or noise",
    "dream": "say what to amplify, such as dream: {layers: {fire8: 1}}",
    "layers": "say what to amplify, such as layers: {fire8: 1}",
    "layer": "name a layer, such as layer: fire8",
    "channel": "name a channel, such as channel: 17",
    "x": "say where, such as x: 0.5",
    "y": "say where, such as y: 0.5",
    "at": "a keyframe needs its time, such as at: 2s",
    "value": "a keyframe needs its value",
    "mix": "a keyframe needs its layers, such as mix: {fire8: 1}",
    "wander": "say through what, such as wander: {channels: fire8}",
    "sweep": "name the layers, such as sweep: [fire2, fire5, fire8]",
    "hold": "say how long each layer stays, such as hold: 5s",
    "1": "two numbers are needed, such as [0, 0]",
}


def validation_message(document: Document, errors: Sequence[ErrorDetails]) -> str:
    """One line for each mistake, in the file's order, five at most: place, key, value, what is allowed."""
    mistakes = [(document.where(_key_path(error)).line, _line(document, error)) for error in errors]
    mistakes.sort(key=lambda mistake: mistake[0])
    lines = list(dict.fromkeys(line for _, line in mistakes))
    more = [f"and {len(lines) - MOST_MISTAKES} more"] if len(lines) > MOST_MISTAKES else []
    return "\n".join(lines[:MOST_MISTAKES] + more)


def _line(document: Document, error: ErrorDetails) -> str:
    """A mistake and its place; where its key or value has a character that looks like another, that one first."""
    path, sentence = _key_path(error), _without_middle(_sentence(document, error))
    mark = document.where(path)
    column = error.get("ctx", {}).get("column", 0) if error["type"] == SENTENCE else 0
    if column and isinstance(error["input"], str):
        return f"{document.place_of_text(path, error['input'], column)}: {sentence}"
    for written in (*path[-1:], error["input"]):
        odd = document.odd_character(written, mark) if isinstance(written, str) else None
        if odd is not None:
            return f"{odd}; {visible_text(sentence)}"
    return f"{mark.label}: {sentence}"


def _without_middle(sentence: str) -> str:
    """A sentence that quotes a value of thousands of characters, cut to what can be read."""
    return sentence if len(sentence) <= _LONGEST else f"{sentence[: _LONGEST // 2]}...{sentence[-_LONGEST // 3 :]}"


def value_text(value: object) -> str:
    """A value as messages write it, at most 40 characters."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "empty" if not value else "a mapping" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:36]}...{text[-1]}"


def _key_path(error: ErrorDetails) -> KeyPath:
    """Where, without the union tags (`<times>`) and the `[key]` that pydantic puts in."""
    parts = [part for part in error["loc"] if part != "[key]"]
    return tuple(str(part) for part in parts if not (isinstance(part, str) and re.fullmatch(r"<\w+>", part)))


def _sentence(document: Document, error: ErrorDetails) -> str:
    path = _key_path(error)
    key, value, kind = ".".join(path), error["input"], error["type"]
    if is_deforum(path[-1]) and _value_at(document.data, path) is None:
        return f'{key}: a Deforum string goes in quotes: "0:(1), 60:(1.05)"'
    if ":" in path[-1] and _value_at(document.data, path) is None:
        name, _, rest = path[-1].rpartition(":")
        return f"{key}: a colon needs a space after it, '{name}: {rest}'"
    if error["loc"][-1] == "[key]":
        return f"{'.'.join(path[:-1])}: {_about_key(error)}"
    if kind == "missing":
        return f"{key} is missing: {_MISSING.get(path[-1], 'write it')}"
    if kind == SENTENCE and (value is not None or "no such key" in error["msg"]):
        return f"{key}: {error['ctx']['reason']}"
    if value is None:
        quotes = "; a color needs quotes: '#rrggbb'" if path[-1] == "background" else ""  # else # begins a comment
        return f"{key} has no value: give it one, or leave the line out{quotes}"
    return f"{key} is {value_text(value)}: it {_reason(error)}"


def _value_at(node: object, path: KeyPath) -> object:
    for part in path:
        children = dict(enumerate(node)) if isinstance(node, list) else node
        node = {str(key): child for key, child in children.items()}[part] if isinstance(children, dict) else None
    return node


def _about_key(error: ErrorDetails) -> str:
    if error["type"] == SENTENCE:
        return str(error["ctx"]["reason"])
    key = value_text(error["input"])
    if "direction" in map(str, error["loc"]):
        return f"the key {key} is no channel: write channels and factors such as {{17: 1, 31: -0.5}}"
    return f"the key {key} is no name: put it in quotes if it is one"


def _reason(error: ErrorDetails) -> str:
    kind, value = error["type"], error["input"]
    if kind == "literal_error":
        return _choice(value, re.findall(r"[^', ]+", error["ctx"]["expected"].replace(" or ", " ")))
    if kind in ("int_type", "float_type") and isinstance(value, str) and _is_number(value.replace(",", ".")):
        return f"{_REASONS[kind]}: write {value.replace(',', '.')}, without quotes"
    if isinstance(value, str) and re.fullmatch(r"\(.*\)", value):
        return f'{_REASONS.get(kind, "must be a number")}; a Deforum string goes in quotes: "0:(1), 60:(1.05)"'
    if kind == "dict_type" and isinstance(value, str):
        return f"must be a mix such as {{{value}: 1}}"
    reason = _REASONS.get(kind, error["msg"].replace("Input should", "should")).format(**error.get("ctx", {}))
    return reason + (_OTHER_FORMS.get(kind, "") if "<value>" in error["loc"][-2:] else "")


def _choice(value: object, choices: Sequence[str]) -> str:
    if not isinstance(value, str):
        return f"must be one of {', '.join(choices)}"
    return f"is no choice here{nearest(value, choices)}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
