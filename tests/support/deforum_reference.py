"""Deforum's rules for keyframe strings, written down once more in plain steps over pandas and numexpr.

The rules are those of animation_key_frames.py in sd-webui-deforum (2024); shared terms are in docs/expressions.md.
"""

from __future__ import annotations

import re

import numexpr
import numpy as np
import pandas as pd

from zoomdream.schedule.easing import FloatArray

_NUMBER = re.compile(r"(?=.)[+-]?[0-9]*(\.[0-9]+)?")


def deforum_values(text: str, frames: int, seed: int) -> FloatArray:
    """A string's value at every frame."""
    names = {"max_f": frames - 1, "s": seed}
    written: dict[int, str] = {}
    for entry in text.split(","):
        key, expression = entry.split(":")
        written[_frame(key, names)] = expression.strip()
    series = pd.Series(np.full(frames, np.nan))
    value: str | None = None
    for frame in range(frames):
        value = written.get(frame, value)
        if value is None:
            continue
        if not _NUMBER.fullmatch(_bare(value)):
            series[frame] = float(numexpr.evaluate(value, local_dict={**names, "t": frame}))
        elif frame in written:
            series[frame] = float(_bare(value))
    series.iloc[0] = series[series.first_valid_index()]
    series.iloc[-1] = series[series.last_valid_index()]
    return np.asarray(series.interpolate(method="linear", limit_direction="both"), float)


def _frame(key: str, names: dict[str, int]) -> int:
    if _NUMBER.fullmatch(_bare(key.strip())):
        return int(_bare(key.strip()))
    return int(numexpr.evaluate(key.strip().strip("'\""), local_dict=names))


def _bare(text: str) -> str:
    return re.sub("['\"()]", "", text)
