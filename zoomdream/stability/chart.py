"""A film's measures over time as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.images.plots import check_plot as check_plot
from zoomdream.images.plots import save_figure
from zoomdream.stability.result import Series, Stability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_OUTPUT, _SOURCE, _CUT = "#c2410c", "#6b7280", "#9ca3af"
_CHANNELS = ("#dc2626", "#16a34a", "#2563eb")


def save_plot(result: Stability, path: Path, *, overwrite: bool = True) -> None:
    """Write a PNG with each measure over time, the source's beside the output's, and the cuts as upright lines.

    Raises as `images.plots.save_figure` does.
    """
    save_figure(_figure(result), path, overwrite=overwrite)


def _figure(result: Stability) -> Figure:
    # The figure itself and not pyplot, which holds on to every figure and may look for a display.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 11), dpi=110, layout="constrained")
    error, warping, strength, sharpness, color = panels = figure.subplots(5, 1, sharex=True)
    _draw(error, result, "nE\n(0 carried, 1 unrelated)", result.normalized_error)
    _draw(warping, result, "warping error\n(x 1000)", result.warping_error * 1000, result.source_warping_error * 1000)
    _draw(strength, result, "strength\n(mean |output - source|)", result.strength)
    _draw(sharpness, result, "sharpness\n(variance of Laplacian)", result.sharpness, result.source_sharpness)
    _draw_colors(color, result)
    error.set_ylim(0, max(1.0, error.get_ylim()[1]))
    color.set_xlabel("seconds")
    color.set_xlim(0, max(float(result.times[-1]), 1 / float(result.fps)))
    for panel in panels:
        panel.grid(alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
        for cut in result.cuts:
            panel.axvline(cut / float(result.fps), color=_CUT, linewidth=1, linestyle="--", zorder=0)
    figure.align_ylabels()
    cuts = "   (dashed: cuts)" if result.cuts else ""
    figure.suptitle(f"{Path(result.output).name} against {Path(result.source).name}, flow {result.method}{cuts}")
    return figure


def _draw(panel: Axes, result: Stability, label: str, output: Series, source: Series | None = None) -> None:
    if source is not None:
        panel.plot(result.times, source, color=_SOURCE, linewidth=1.2, label="source")
    panel.plot(result.times, output, color=_OUTPUT, linewidth=1.5, label="output")
    panel.set_ylabel(label)
    panel.set_ylim(bottom=0)
    if source is not None:
        panel.legend(loc="lower right", bbox_to_anchor=(1, 0.96), ncols=2, frameon=False, borderpad=0)


def _draw_colors(panel: Axes, result: Stability) -> None:
    for channel, color in enumerate(_CHANNELS):
        panel.plot(result.times, result.source_color[:, channel], color=color, linewidth=1.2, linestyle=":")
        panel.plot(result.times, result.color[:, channel], color=color, linewidth=1.5)
    panel.set_ylabel("mean R, G, B\n(dotted: source)")
