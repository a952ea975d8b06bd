"""Reads the short forms of objectives. Needs no torch.

    fire8                        a layer, as `dream.objective` says; l2:fire8 and mean:fire8 say it themselves
    fire8:17                     a channel; fire8:3+17 two, fire8:0:8 those from 0 to 7
    fire8:17@center              one neuron of it; fire8:17@0.3/0.7 the one at x/y, in fractions of the frame
    class:espresso, class:967    a class of ImageNet
    guide:fire6:flowers.jpg      the features of another picture; cosine:... compares them by direction alone
    direction:fire8:17+31*-0.5   a direction in the space of a layer's channels; direction:fire8:vector.npy

Any of them may end in ` in mask.png`: the region where it works, white in a grayscale picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from zoomdream.errors import SettingError
from zoomdream.objectives.specs.spec import (
    ChannelSpec,
    ClassSpec,
    DirectionSpec,
    GuideSpec,
    LayerScore,
    LayerSpec,
    Match,
    NeuronSpec,
    Spec,
)

MOST_CHANNELS = 2**16  # far more than a layer of any network has


def parse(text: str) -> Spec:
    """The objective that a short form means. Raises SettingError."""
    body, mask = _without_mask(text.strip())
    spec = _parse(body)
    return replace(spec, mask=Path(mask)) if mask else spec


def with_files(text: str, change: Callable[[str], str]) -> str:
    """The same short form with `change(path)` for each of its files. Raises SettingError."""
    body, mask = _without_mask(text.strip())
    if _parse(body).files:
        kind, layer, file = body.split(":", 2)
        body = f"{kind}:{layer}:{change(file.strip())}"
    elif not mask:
        return text
    return f"{body} in {change(mask)}" if mask else body


def _without_mask(text: str) -> tuple[str, str]:
    """What stands before ` in mask.png`, and the mask's name; empty where there is none. Raises SettingError."""
    if text.endswith(" in"):
        raise SettingError(f"{text!r} names no mask after in: write {text} mask.png")
    # File names may hold " in ", and layers and classes do not: a mask's name begins at the first where it is the only
    # file, and at the last where there is another.
    split = text.rpartition if text.startswith(_WITH_FILES) else text.partition
    body, mask = (part.strip() for part in split(" in ")[::2])
    return (body, mask) if body else (text, "")


def _parse(text: str) -> Spec:
    kind, colon, rest = text.partition(":")
    if not text or (colon and not rest.strip()):
        raise SettingError(f"{text!r} is no objective: write a layer such as fire8, or one of {_FORMS}")
    if not colon and "@" in text:
        layer, _, place = text.partition("@")
        raise SettingError(f"{text!r} names no channel: a neuron is a channel at a place, as in {layer}:17@{place}")
    if not colon:
        return LayerSpec(text)
    return _KINDS[kind](rest.strip(), text) if kind in _KINDS else _channels(kind, rest, text)


def _channels(layer: str, rest: str, text: str) -> Spec:
    channels, at, place = rest.partition("@")
    if not layer.strip():
        raise SettingError(f"{text!r} names no layer before its channel: write fire8{text}")
    if not re.match(r"\s*[-\d]", channels):
        raise SettingError(
            f"{text!r} is no objective: {layer!r} is none of its kinds, {', '.join(_KINDS)}, and {rest.strip()!r} no "
            f"channel of a layer; write one of {_FORMS}"
        )
    indices = parse_channels(channels, text)
    if not at:
        return ChannelSpec(layer, indices)
    if len(indices) > 1:
        raise SettingError(f"{text!r} names {len(indices)} channels: a neuron belongs to one, as in {layer}:17@center")
    if place == "center":
        return NeuronSpec(layer, indices[0])
    x, slash, y = place.partition("/")
    if not slash:
        raise SettingError(f"{text!r} has no place after @: write @center, or x/y in fractions such as @0.3/0.7")
    return NeuronSpec(layer, indices[0], _number(x, text), _number(y, text))


def parse_channels(text: str, whole: str | None = None) -> tuple[int, ...]:
    """Channels from `17`, `0:8` (0 to 7), or several joined by + or a comma; each once, in order.

    Raises SettingError. `whole` is the objective that the text is a part of, which the message quotes.
    """
    channels: list[int] = []
    for part in re.split(r"[+,]", text):
        ends = re.fullmatch(r"\s*(\d{1,6})(?::(\d{1,6}))?\s*", part)
        if not ends or (ends[2] and int(ends[1]) >= int(ends[2])):
            raise SettingError(
                f"{whole or text!r}: {part!r} is no channel: write 17, or 0:8 for those from 0 to 7, or 3+17 for two"
                if whole
                else f"{text!r} is no list of channels: write 17, or 0:8 for those from 0 to 7, or 3,17 for two"
            )
        added = range(int(ends[1]), int(ends[2])) if ends[2] else [int(ends[1])]
        if len(channels) + len(added) > MOST_CHANNELS:
            raise SettingError(
                f"{(whole or text)!r:.60} names more than {MOST_CHANNELS} channels: no layer has as many"
            )
        channels += added
    return tuple(dict.fromkeys(channels))


def _class(rest: str, text: str) -> Spec:
    if rest.isdecimal() and len(rest) > 6:
        raise SettingError(f"{text!r:.60} is no class: write its name, or its index, such as class:967")
    return ClassSpec(int(rest) if rest.isdecimal() else rest)


def _of_layer(score: LayerScore) -> Callable[[str, str], Spec]:
    def read(rest: str, text: str) -> Spec:
        if ":" in rest:
            raise SettingError(f"{text!r}: {score} is of a whole layer; for channels write {rest} alone")
        return LayerSpec(rest, score)

    return read


def _guide(match: Match) -> Callable[[str, str], Spec]:
    def read(rest: str, text: str) -> Spec:
        layer, colon, picture = rest.partition(":")
        if not (layer and colon and picture):
            raise SettingError(f"{text!r} names no picture or no layer: write guide:fire6:flowers.jpg")
        return GuideSpec(layer, Path(picture), match)

    return read


def _direction(rest: str, text: str) -> Spec:
    layer, colon, vector = rest.partition(":")
    if not (layer and colon and vector):
        raise SettingError(f"{text!r} names no vector: write direction:fire8:17+31*-0.5 or direction:fire8:vector.npy")
    if vector.endswith(".npy"):
        return DirectionSpec(layer, Path(vector))
    return DirectionSpec(layer, tuple(_component(part, text) for part in vector.split("+")))


def _component(part: str, text: str) -> tuple[int, float]:
    channel, star, factor = part.partition("*")
    if not re.fullmatch(r"\s*\d{1,6}\s*", channel):
        raise SettingError(f"{text!r}: {part!r} is no channel and factor: write 31 or 31*-0.5")
    return int(channel), _number(factor, text) if star else 1.0


def _number(text: str, whole: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SettingError(f"{whole!r}: {text!r} is no number")
    return value


_KINDS: Mapping[str, Callable[[str, str], Spec]] = {
    "l2": _of_layer("l2"),
    "mean": _of_layer("mean"),
    "class": _class,
    "guide": _guide("dot"),
    "cosine": _guide("cosine"),
    "direction": _direction,
}

_WITH_FILES = ("guide:", "cosine:", "direction:")
_FORMS = "fire8:17, fire8:17@center, class:espresso, guide:fire6:flowers.jpg, direction:fire8:17+31*-0.5"
