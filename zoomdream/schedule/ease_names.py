"""Names of eases: ours, those with numbers, and the spellings of CSS, manim and Blender."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from zoomdream.errors import SettingError, nearest
from zoomdream.schedule.easing import EASES, Ease, cubic_bezier, steps

EASE_PATTERN = r"^(cubic-bezier|steps)\([^()]*\)$"
"""Of the eases with numbers, for editors."""

_FUNCTION = re.compile(r"(cubic-?bezier|steps)\s*\((.*)", re.DOTALL)
_NUMBER = r"[+-]?(?:\d{1,6}(?:\.\d{0,9})?|\.\d{1,9})"
_JUMPS = ("start", "end", "both", "none")
_ALIASES: Mapping[str, str] = {
    "constant": "hold",  # Blender
    "step-end": "hold",  # CSS
    "step-start": "steps(1, start)",
    "bezier": "smooth",  # Blender's, whose handles are flat and a third long: the same curve
    "smoothstep": "smooth",
    "slow-into": "out-circ",  # manim
    # Blender's automatic easing: the curves that do not swing begin gently, those that do end so.
    **{name: f"in-{name}" for name in ("sine", "quad", "cubic", "quart", "quint", "expo", "circ")},
    **{name: f"out-{name}" for name in ("back", "bounce", "elastic")},
}


@lru_cache(maxsize=1024)
def ease_name(text: str) -> str:
    """The name that an ease has here: `in-out-sine` for `easeInOutSine`, `ease_in_out_sine`. Raises SettingError."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", text.strip())
    name = re.sub(r"[_\s]+(?=[a-z])", "-", spaced.lower()) if "(" not in spaced else spaced.lower().replace("_", "-")
    if function := _FUNCTION.fullmatch(name):
        return _with_numbers(text, function[1].replace("cubicbezier", "cubic-bezier"), function[2])
    name = _ALIASES.get(name, name)
    short = name.removeprefix("ease-")
    if name not in EASES and short not in EASES and not name.startswith("steps("):
        raise SettingError(f"{text!r} is no ease{nearest(name, [*EASES, 'cubic-bezier()', 'steps()'])}")
    return name if name in EASES or name.startswith("steps(") else short


@lru_cache(maxsize=1024)
def ease_of(name: str) -> Ease:
    """The curve of an ease. Raises SettingError for a name that is none."""
    if curve := EASES.get(name):
        return curve
    name = ease_name(name)
    if curve := EASES.get(name):
        return curve
    kind, _, arguments = name.rstrip(")").partition("(")
    parts = [part.strip() for part in arguments.split(",")]
    if kind == "steps":
        return steps(int(parts[0]), *parts[1:])
    x1, y1, x2, y2 = map(float, parts)
    return cubic_bezier(x1, y1, x2, y2)


def _with_numbers(text: str, kind: str, rest: str) -> str:
    if not rest.endswith(")"):
        raise SettingError(f"{text!r} ends at a comma: put it in quotes, such as 'cubic-bezier(0.4, 0, 0.2, 1)'")
    parts = [part.strip() for part in rest[:-1].split(",")]
    return (_bezier_name if kind == "cubic-bezier" else _steps_name)(text, parts)


def _bezier_name(text: str, parts: list[str]) -> str:
    if len(parts) != 4 or not all(re.fullmatch(_NUMBER, part) for part in parts):
        raise SettingError(
            f"{text!r} is no ease: cubic-bezier takes four numbers, such as cubic-bezier(0.4, 0, 0.2, 1)"
        )
    if not all(0 <= float(part) <= 1 for part in parts[::2]):
        raise SettingError(f"{text!r} is no ease: the first and the third number of cubic-bezier are from 0 to 1")
    if not all(abs(float(part)) <= 100 for part in parts):
        raise SettingError(f"{text!r} is no ease: the numbers of cubic-bezier are from -100 to 100")
    return f"cubic-bezier({', '.join(parts)})"


def _steps_name(text: str, parts: list[str]) -> str:
    count, jump = parts[0], parts[1].removeprefix("jump-") if len(parts) > 1 else "end"
    is_count = re.fullmatch(r"\d{1,5}", count) is not None and int(count) >= 1
    if not is_count or jump not in _JUMPS or len(parts) > 2 or (count == "1" and jump == "none"):
        raise SettingError(f"{text!r} is no ease: write steps(4), or steps(4, start) with start, end, both or none")
    return f"steps({int(count)})" if jump == "end" else f"steps({int(count)}, {jump})"
