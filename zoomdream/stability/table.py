"""A film's measures as text for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from zoomdream.stability.result import Colors, Segment, Stability

_GROUPS = (("", 8), ("", 6), ("", 6), ("E_warp x1000", 14), ("", 8), ("", 6), ("sharpness", 14), ("mean color", 26))
_HEADINGS = ("", "frames", "nE", "output", "source", "strength", "trend", "output", "source", "output", "source")
_WIDTHS = (8, 6, 6, 6, 7, 8, 6, 6, 7, 12, 13)
_LEGEND = """\
nE: 0 the dream is carried along the motion, 1 it is a new one in each frame; blind to blur and strength.
E_warp: changes that the source's motion does not explain; low for a blurred film, too. Compare the source's.
strength: mean |output - source| of 255. trend: strength at the end (last fifth) over the beginning (second fifth).
sharpness: variance of the Laplacian. mean color: red, green, blue of 255."""


def format_table(result: Stability) -> str:
    """Rows for every second, then for every shot and the whole, with the warnings above and a legend below."""
    width, height = result.size
    lines = [
        f"{result.output} against {result.source}: {_count(len(result), 'frame')} of {width}x{height} "
        f"at {float(result.fps):g} fps, flow {result.method}",
        *(f"warning: {warning}" for warning in result.warnings),
    ]
    if result.cuts:
        at = ", ".join(_time(cut / float(result.fps)) for cut in result.cuts)
        lines.append(f"{_count(len(result.cuts), 'pair')} across a cut left out, at {at}")
    rule = "-" * (sum(_WIDTHS) + len(_WIDTHS) - 1)
    lines += ["", _line([text for text, _ in _GROUPS], [size for _, size in _GROUPS]), _line(_HEADINGS, _WIDTHS), rule]
    lines += [_line(_cells(second, trend=False), _WIDTHS) for second in result.per_second()]
    parts = result.summary() if result.cuts else result.summary()[-1:]
    lines += [rule, *(_line(_cells(part, trend=True), _WIDTHS) for part in parts), "", _LEGEND]
    return "\n".join(lines)


def _cells(row: Segment, *, trend: bool) -> list[str]:
    return [
        row.name,
        str(row.frames),
        _number(row.normalized_error, 2),
        _number(row.warping_error * 1000, 2),
        _number(row.source_warping_error * 1000, 2),
        _number(row.strength, 1),
        _number(row.trend, 2) if trend else "",
        _number(row.sharpness, 0),
        _number(row.source_sharpness, 0),
        _colors(row.color),
        _colors(row.source_color),
    ]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = [f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)]
    return " ".join([f"{first.strip():{widths[0]}}", *others]).rstrip()


def _number(value: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def _colors(color: Colors) -> str:
    return " ".join(f"{value:3.0f}" for value in color)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _time(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:05.2f}"
