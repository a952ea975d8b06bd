"""A sound's features and beats as a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoomdream.images.plots import save_figure
from zoomdream.schedule.music.analysis import FEATURES
from zoomdream.schedule.music.audio_features import ON_BEAT, AudioFeatures, FloatArray
from zoomdream.schedule.music.spectra import FRAME_RATE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLORS = {
    "rms": "#374151",
    "bass": "#b91c1c",
    "mid": "#15803d",
    "treble": "#1d4ed8",
    "onset": "#7e22ce",
    "centroid": "#b45309",
}
_BEAT = "#9ca3af"
_COLUMNS = 1400  # of the picture: of more values than that the mean and the highest of each column are drawn
_MOST_VALUES = 2_000_000
_MOST_LINES = 250  # upright lines for beats: more would hide what they stand beside
_IN_MINUTES = 90.0  # seconds: the times of longer sounds have minutes


def save_chart(features: AudioFeatures, path: Path, *, overwrite: bool = True) -> None:
    """Write a PNG with every feature over time, and the beats as upright lines.

    Raises as `images.plots.save_figure` does.
    """
    save_figure(_figure(features), path, overwrite=overwrite)


def _figure(features: AudioFeatures) -> Figure:
    # The figure itself and not pyplot, which holds on to every figure and may look for a display.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14, 10), dpi=110, layout="constrained")
    panels = figure.subplots(len(FEATURES) + 1, 1, sharex=True, height_ratios=[*[3] * len(FEATURES), 1])
    beats = features.beats if len(features.beats) <= _MOST_LINES else features.beats[:0]
    for name, panel in zip((*FEATURES, ON_BEAT), panels, strict=True):
        _draw(panel, features, name)
        panel.set_ylabel(name.replace("_", " "), rotation=0, ha="right", va="center")
        panel.set_ylim(0, 1.04)
        panel.set_yticks([0, 1])
        panel.spines[["top", "right"]].set_visible(False)
        for beat in beats:
            panel.axvline(beat, color=_BEAT, linewidth=0.8, zorder=0)
    panels[-1].set_xlim(0, features.seconds)
    panels[-1].set_xlabel("seconds")
    if features.seconds > _IN_MINUTES:
        panels[-1].xaxis.set_major_formatter(lambda at, _: f"{int(at // 60)}:{at % 60:02.0f}")
        panels[-1].set_xlabel("minutes")
    figure.align_ylabels()
    figure.suptitle(_title(features, has_lines=len(beats) > 0))
    return figure


def _draw(panel: Axes, features: AudioFeatures, name: str) -> None:
    count = int(np.clip(2 * FRAME_RATE * features.seconds, 2, _MOST_VALUES))
    times = np.linspace(0, features.seconds, count, endpoint=False)
    values, color = features.column(name, times), _COLORS.get(name, _BEAT)
    if name == "centroid":
        panel.plot(*_columns(times, values, np.mean), color=color, linewidth=1)
        return
    width = count // _COLUMNS
    panel.fill_between(*_columns(times, values, np.max), color=color, alpha=0.35 if width > 8 else 0.85, linewidth=0)
    if width > 8:
        panel.fill_between(*_columns(times, values, np.mean), color=color, alpha=0.85, linewidth=0)


def _columns(times: FloatArray, values: FloatArray, of: Callable[..., Any]) -> tuple[FloatArray, FloatArray]:
    """Values, one a column of the picture."""
    width = max(1, len(times) // _COLUMNS)
    count = len(times) // width * width
    return times[:count:width], of(values[:count].reshape(-1, width), axis=1)


def _title(features: AudioFeatures, *, has_lines: bool) -> str:
    length = f"{features.seconds:.1f} s"
    if features.bpm is None:
        return f"{features.name}   {length}   no beats"
    tempo = f"{features.bpm:.1f} beats a minute, {'given' if features.grid else 'found'}"
    lines = " (upright lines)" if has_lines else ""
    return f"{features.name}   {length}   {tempo}   {len(features.beats)} beats{lines}"
