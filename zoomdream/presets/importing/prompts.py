"""Prompts: words cannot be dreamed, but where they name one of the network's classes, that class can."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from zoomdream.errors import SettingError
from zoomdream.networks.descriptions import class_names
from zoomdream.presets.documents.yaml_document import Data, Scalar
from zoomdream.presets.importing.findings import Draft, Finding, printable
from zoomdream.schedule.expressions.expression import Expression
from zoomdream.schedule.expressions.formulas import FormulaColumn
from zoomdream.schedule.expressions.functions import DEFORUM
from zoomdream.schedule.expressions.variables import Variables

LAYERS = ("dream", "layers")
"""The preset's key."""

_PLAIN_MIX: dict[Scalar, Data] = {"fire6": 1, "fire8": 0.5}
_CLASS_MIX: dict[Scalar, Data] = {"fire8": 0.3}
_MOST = 500  # prompts that are looked at
_LONGEST = 5000  # characters of one
_NOT_WANTED = re.compile(r"-{2}neg\b.*|<[^<>]*>|`[^`]*`", re.DOTALL)


def write_prompts(prompts: object, variables: Variables, draft: Draft) -> None:
    """Write `dream.layers`: at each prompt the class that its words name, or a mix of layers where they name none."""
    placed = dict(_placed(prompts, variables))
    named = {frame: _class_in(text) for frame, text in placed.items()}
    if not any(named.values()):
        draft.data[LAYERS] = dict(_PLAIN_MIX)
        theirs = f'prompts "{next(iter(placed.values()))}"' if placed else "prompts"
        draft.leave(theirs, "words cannot be dreamed: layers are, here two to begin with")
        return
    keyframes: list[Data] = []
    mixes: list[dict[Scalar, Data]] = []
    for frame, text in sorted(placed.items()):
        name = named[frame]
        mix: dict[Scalar, Data] = {f"class:{name}": 1, **_CLASS_MIX} if name else dict(_PLAIN_MIX)
        how = f"it names the class {_label(name)}" if name else "it names no class: layers are dreamed"
        is_new = not mixes or mixes[-1] != mix
        theirs = printable(f'prompt {frame} "{text}"')
        draft.findings.append(Finding(theirs, LAYERS, how, printable(text) if is_new else ""))
        if is_new:
            keyframes.append({"at": f"{frame}f", "mix": mix, "ease": "hold"})
            mixes.append(mix)
    draft.data[LAYERS] = keyframes
    if len(mixes) == 1:
        draft.data[LAYERS] = mixes[0]


def _placed(prompts: object, variables: Variables) -> Iterator[tuple[int, str]]:
    """Prompts with their frames; early versions have a list, one for each film, of which the first counts."""
    if isinstance(prompts, str):
        try:
            prompts = json.loads(prompts)
        except (ValueError, RecursionError):
            prompts = [prompts]
    if isinstance(prompts, Sequence) and not isinstance(prompts, str):
        prompts = {"0": prompts[0]} if prompts else {}
    if not isinstance(prompts, Mapping):
        return
    for key, text in list(prompts.items())[:_MOST]:
        frame = _frame(str(key), variables)
        if frame is not None and frame < variables.clock.frames and isinstance(text, str):
            yield frame, text[:_LONGEST]


def _frame(key: str, variables: Variables) -> int | None:
    if re.fullmatch(r"\d{1,9}", key.strip()):
        return int(key)
    try:
        expression = Expression.parse(key.strip().strip("\"'"), DEFORUM)
        return max(int(FormulaColumn(expression, variables).values(0, 1)[0]), 0)
    except SettingError:
        return None


def _class_in(prompt: str) -> str | None:
    """The first class that a prompt's words name: its name, or its number where two have that name."""
    words = re.findall(r"[a-z0-9]+", _NOT_WANTED.sub(" ", prompt).lower())
    names, longest = _by_words()
    for start in range(len(words)):
        for length in range(min(longest, len(words) - start), 0, -1):
            found = names.get(tuple(words[start : start + length]))
            if found:
                return found
    return None


@cache
def _by_words() -> tuple[Mapping[tuple[str, ...], str], int]:
    """Classes by the words of their names, and how many words the longest has."""
    indices: dict[tuple[str, ...], list[int]] = defaultdict(list)
    names = class_names()
    for index, name in enumerate(names):
        indices[tuple(re.findall(r"[a-z0-9]+", name.lower()))].append(index)
    known = {words: names[found[0]] if len(found) == 1 else str(found[0]) for words, found in indices.items()}
    return known, max(map(len, known))


def _label(name: str) -> str:
    return f"{class_names()[int(name)]} ({name})" if name.isdecimal() else printable(name)
