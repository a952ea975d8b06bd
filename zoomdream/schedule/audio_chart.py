"""A sound's features and beats as a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoomdream.images.plots import save_figure
from zoomdream.schedule.audio_features import ON_BEAT, AudioFeatures, FloatArray
from zoomdream.schedule.music.analysis import FEATURES

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
_COLUMNS = 1400  # of the picture: more values than that are drawn as the highest and lowest of each column
_MOST_LINES = 250  # upright lines for beats; of more, every second, fourth and so on is drawn


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
    step = _line_step(len(features.beats))
    for name, panel in zip(FEATURES, panels, strict=False):
        _draw(panel, features, name)
    _draw(panels[-1], features, ON_BEAT)
    for panel in panels:
        panel.set_ylim(0, 1.04)
        panel.set_yticks([0, 1])
        panel.spines[["top", "right"]].set_visible(False)
        for beat in features.beats[::step]:
            panel.axvline(beat, color=_BEAT, linewidth=0.8, zorder=0)
    panels[-1].set_xlim(0, features.seconds)
    panels[-1].set_xlabel("seconds")
    figure.align_ylabels()
    figure.suptitle(_title(features, step))
    return figure


def _draw(panel: Axes, features: AudioFeatures, name: str) -> None:
    times = np.linspace(0, features.seconds, 8 * _COLUMNS, endpoint=False)
    times = times[:: max(1, int(len(times) / max(1.0, features.seconds * 200)))]  # a short sound needs fewer
    values, color = features.column(name, times), _COLORS.get(name, _BEAT)
    if name == "centroid":
        panel.plot(*_reduced(times, values, np.mean), color=color, linewidth=1)
    else:
        panel.fill_between(*_reduced(times, values, np.max), color=color, alpha=0.85, linewidth=0)
    panel.set_ylabel(name.replace("_", " "), rotation=0, ha="right", va="center")


def _reduced(times: FloatArray, values: FloatArray, of: Callable[..., Any]) -> tuple[FloatArray, FloatArray]:
    """Values, one a column of the picture."""
    width = max(1, len(times) // _COLUMNS)
    count = len(times) // width * width
    return times[:count:width], of(values[:count].reshape(-1, width), axis=1)


def _line_step(beats: int) -> int:
    step = 1
    while beats / step > _MOST_LINES:
        step *= 2
    return step


def _title(features: AudioFeatures, step: int) -> str:
    length = f"{features.seconds:.1f} s"
    if features.bpm is None:
        return f"{features.name}   {length}   no beats"
    kind = "given" if features.grid else "found"
    drawn = "" if step == 1 else f" (every {step}th is drawn)" if step > 2 else " (every second is drawn)"
    tempo = f"{features.bpm:.1f} beats a minute, {kind}"
    return f"{features.name}   {length}   {tempo}   {len(features.beats)} beats{drawn}"
