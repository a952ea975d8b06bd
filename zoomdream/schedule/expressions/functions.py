"""The functions of expressions: NumPy over all frames at once, elementwise, without state.

Every argument and every result is a float64 array, or a number that stands for all frames.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

Value = Any
"""A float64 or bool array, or a NumPy scalar."""

ANY_NUMBER = 1000
_WHOLE = 2.0**53  # up to here every whole number is a float


@dataclass(frozen=True)
class Function:
    """A function of expressions."""

    call: Callable[..., Value]
    """Takes the variables and then the arguments."""

    least: int
    """The fewest arguments."""

    most: int
    """The most arguments; `ANY_NUMBER`: as many as there are."""

    variables: tuple[str, ...] = ()
    """What it takes from the film, beside its arguments."""

    cost: int = 1
    """How many of an expression's `MOST_NODES` it counts for, by the time that it takes."""

    is_choice: bool = False
    """Whether its first argument is a condition, and what it does not choose does not count."""


# -- waves: from 0 to 1, `period` long --------------------------------------------------------------------------------


def _wave(shape: Callable[[Value], Value]) -> Function:
    """`wave(period)` and `wave(period, phase)` over the time in seconds, `wave(x, period, phase)` over anything."""

    def call(time: Value, *arguments: Value) -> Value:
        x, period, phase = (arguments if len(arguments) == 3 else (time, *arguments, 0.0))[:3]
        return shape(np.mod(x / period + phase, 1.0))

    return Function(call, 1, 3, ("time",))


_WAVES: Mapping[str, Function] = {
    "saw": _wave(lambda part: part),
    "tri": _wave(lambda part: 1 - np.abs(2 * part - 1)),
    "square": _wave(lambda part: np.where(np.isnan(part), part, np.less(part, 0.5))),
    "pulse": _wave(lambda part: np.where(np.isnan(part), part, np.less(part, 0.1))),
}


# -- chance: the same numbers for the same seed -----------------------------------------------------------------------


def _uniform(whole: Value, seed: Value, stream: Value) -> Value:
    """For each whole number another one from 0 to below 1, which neighbours say nothing about (SplitMix64)."""
    number = _bits(whole) * np.uint64(0x9E3779B97F4A7C15)
    number = number ^ (_bits(seed) * np.uint64(0xD1B54A32D192ED03)) ^ (_bits(stream) * np.uint64(0x8CB92BA72F3D8DD7))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        number ^= number >> np.uint64(shift)
        number *= np.uint64(factor)
    number ^= number >> np.uint64(31)
    return (number >> np.uint64(11)) / _WHOLE


def _bits(number: Value) -> NDArray[np.uint64]:
    whole = np.floor(np.atleast_1d(np.asarray(number, float)))
    usable = np.abs(whole) < _WHOLE
    if not usable.all():
        whole = np.where(usable, whole, 0)
    bits: NDArray[np.uint64] = whole.astype(np.int64).view(np.uint64)
    return bits


def _random(seed: Value, n: Value, stream: Value = 0.0) -> Value:
    return np.where(np.isfinite(n), _uniform(n, seed, stream), np.nan)


def _noise(seed: Value, x: Value, stream: Value = 0.0) -> Value:
    """Value noise: a random number from -1 to 1 at each whole x, and quintic curves between them."""
    before = np.floor(x)
    part = x - before
    share = part * part * part * (part * (part * 6 - 15) + 10)
    first, second = (2 * _uniform(whole, seed, stream) - 1 for whole in (before, before + 1))
    return first + (second - first) * share


# -- the two languages ------------------------------------------------------------------------------------------------


def _smoothstep(low: Value, high: Value, x: Value) -> Value:
    part = np.clip((x - low) / (high - low), 0.0, 1.0)
    return part * part * (3 - 2 * part)


def _all(pick: Callable[[Value, Value], Value], *values: Value) -> Value:
    return reduce(pick, values)


def _plain(*names: str) -> dict[str, Function]:
    """NumPy's functions of one argument."""
    return {name: Function(getattr(np, name), 1, 1) for name in names}


_CHOICE = Function(lambda condition, one, other: np.where(condition, one, other), 3, 3, is_choice=True)

FUNCTIONS: Mapping[str, Function] = {
    **_plain("sin", "cos", "tan", "abs", "floor", "ceil", "sign", "sqrt", "exp", "log"),
    "asin": Function(np.arcsin, 1, 1),
    "acos": Function(np.arccos, 1, 1),
    "atan": Function(np.arctan, 1, 1),
    "atan2": Function(np.arctan2, 2, 2),
    "round": Function(np.rint, 1, 1),
    "min": Function(partial(_all, np.minimum), 2, ANY_NUMBER),
    "max": Function(partial(_all, np.maximum), 2, ANY_NUMBER),
    "clamp": Function(lambda x, low, high: np.minimum(np.maximum(x, low), high), 3, 3),
    "lerp": Function(lambda one, other, share: one + (other - one) * share, 3, 3),
    "smoothstep": Function(_smoothstep, 3, 3),
    "mod": Function(np.mod, 2, 2),
    "pow": Function(np.power, 2, 2),
    **_WAVES,
    "noise": Function(_noise, 1, 2, ("seed",), cost=5),
    "random": Function(_random, 1, 2, ("seed",), cost=5),
    "if": _CHOICE,
}
"""Those of `{expr: ...}`."""

NUMEXPR_FUNCTIONS: Mapping[str, Function] = {
    **_plain("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh"),
    **_plain("arctanh", "exp", "expm1", "log", "log10", "log1p", "log2", "sqrt", "abs", "ceil", "floor", "trunc"),
    "sign": Function(np.sign, 1, 1),
    "round": Function(np.rint, 1, 1),
    "arctan2": Function(np.arctan2, 2, 2),
    "fmod": Function(np.fmod, 2, 2),
    "hypot": Function(np.hypot, 2, 2),
    "copysign": Function(np.copysign, 2, 2),
    "maximum": Function(np.maximum, 2, 2),
    "minimum": Function(np.minimum, 2, 2),
    "where": _CHOICE,
}
"""Those of Deforum's strings: numexpr's, of numbers."""


@dataclass(frozen=True, eq=False)
class Language:
    """The words of an expression."""

    name: str
    """What messages call it."""

    names: Mapping[str, str]
    """What may be written, and which of a film's `Variables` it is."""

    functions: Mapping[str, Function]


CONSTANT_NAMES = ("frames", "duration", "fps", "seed", "pi", "tau", "width", "height")
"""The same at every frame of a film."""

FRAME_NAMES = ("frame", "time", "progress", "beat", "bar")
"""Different from frame to frame."""

SOUND_NAMES = ("rms", "bass", "mid", "treble", "onset", "centroid", "on_beat")
"""Features of a film's sound."""

SOUND_ALIASES: Mapping[str, str] = {"low": "bass", "high": "treble"}

EXPRESSION = Language(
    "an expression",
    {name: name for name in (*FRAME_NAMES, *CONSTANT_NAMES, *SOUND_NAMES)} | dict(SOUND_ALIASES),
    FUNCTIONS,
)
"""`{expr: ...}`."""

CONVERSION = Language(
    "an expression",
    {**EXPRESSION.names, "value": "value", "next": "next"},
    FUNCTIONS,
)
"""`{deforum: ..., expr: ...}`: `value` is the string's value at a frame, `next` the one at the frame after it."""

DEFORUM = Language(
    "a Deforum string",
    {
        "t": "t",
        "s": "seed",
        "max_f": "max_f",
        **{name: name for name in SOUND_NAMES},
        **SOUND_ALIASES,
        "beat": "on_beat",
    },
    NUMEXPR_FUNCTIONS,
)
"""The values of Deforum's keyframe strings. `beat` is what users of audio call so there: a pulse at each beat."""
