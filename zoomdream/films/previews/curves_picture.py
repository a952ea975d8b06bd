"""A film's tracks, mix, sound and cuts over time as one picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from zoomdream.films.previews.film_curves import FilmCurves, SoundCurves
from zoomdream.films.previews.mix_curves import MixCurves
from zoomdream.films.previews.track_curves import TrackCurve
from zoomdream.images.plots import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MIX_COLORS = (
    "#4e79a7", "#f28e2b", "#76b7b2", "#e15759", "#b07aa1", "#edc948", "#59a14f", "#ff9da7", "#9c755f", "#86bcb6",
    "#a0cbe8", "#ffbe7d", "#d37295", "#8cd17d", "#d4a6c8",
)  # fmt: skip
_SECTION_COLORS = {"camera": "#1d4ed8", "dream": "#c2410c", "color": "#15803d", "carry": "#7e22ce", "focus": "#b45309"}
_SECOND = {"camera": "#0891b2", "dream": "#a16207", "color": "#4d7c0f", "carry": "#be185d", "focus": "#92400e"}
_BANDS = {"bass": "#b91c1c", "mid": "#15803d", "treble": "#1d4ed8"}
_WAVE, _BEAT, _CUT, _INK, _FAINT = "#475569", "#cbd5e1", "#dc2626", "#1f2937", "#6b7280"
_MOST_LINES = 250  # upright lines for beats: more would hide what they stand beside
_MOST_EASES = 40  # keyframes of a track beside which the ease is written
_IN_MINUTES = 90.0  # seconds: the times of longer films have minutes
_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM, _GAP, _LINE = 14.0, 2.35, 0.3, 0.75, 0.55, 0.22, 0.18  # inches
_LETTERS = 190  # of a line of text below
_TEXT_WIDTH = 0.0065  # of the film's length: what a letter of an ease takes
_LEAST_SHARE = 0.12  # of the mix: an area that is never wider has no room for its name

Panel = tuple[float, Callable[["Axes"], None]]
"""Its height in inches, and what draws it."""


def save_curves(
    curves: FilmCurves, path: Path, *, title: str = "", cuts: Sequence[float] | None = (), overwrite: bool = True
) -> None:
    """Write a PNG with all that moves in a film over its time.

    Args:
        curves: from `film_curves`.
        path: the PNG.
        title: what the film is called.
        cuts: where new shots of its video begin, in seconds; None: they were not looked for.
        overwrite: replace what is there.

    Raises as `images.plots.save_figure` does.
    """
    save_figure(draw_curves(curves, title=title, cuts=cuts), path, overwrite=overwrite)


def draw_curves(curves: FilmCurves, *, title: str = "", cuts: Sequence[float] | None = ()) -> Figure:
    """The same as a matplotlib figure."""
    # The figure itself and not pyplot, which holds on to every figure and may look for a display.
    from matplotlib.figure import Figure

    panels, steady = _panels(curves), _steady_text(curves)
    height = sum(each + _GAP for each, _ in panels) + _TOP + _BOTTOM + _LINE * len(steady)
    figure = Figure(figsize=(_WIDTH, height), dpi=110)
    top, axes = height - _TOP, None
    for each, draw in panels:
        box = (_LEFT / _WIDTH, (top - each) / height, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, each / height)
        axes = figure.add_axes(box, sharex=axes)
        _lines(axes, curves, cuts or ())
        draw(axes)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=_FAINT, labelsize=9, labelbottom=draw is panels[-1][1])
        top -= each + _GAP
    assert axes is not None
    _time_axis(axes, curves.seconds)
    figure.text(0.2 / _WIDTH, 1 - 0.25 / height, _title(curves, title, cuts), va="center", fontsize=13, color=_INK)
    for number, line in enumerate(reversed(steady)):
        figure.text(0.2 / _WIDTH, (0.12 + _LINE * number) / height, line, fontsize=9, color=_FAINT)
    return figure


def _panels(curves: FilmCurves) -> list[Panel]:
    panels: list[Panel] = [
        (2.3 if curves.mix.moves else 0.8, lambda panel: _draw_mix(panel, curves.mix, curves.seconds))
    ]
    for tracks in _settings(curves.moving):
        panels.append((1.35, lambda panel, tracks=tracks: _draw_track(panel, tracks, curves.seconds)))  # type: ignore[misc]
    if sound := curves.sound:
        panels.append((1.1, lambda panel: _draw_sound(panel, sound)))
        panels.append((1.1, lambda panel: _draw_bands(panel, sound)))
    return panels


def _settings(tracks: Sequence[TrackCurve]) -> list[list[TrackCurve]]:
    """The tracks, those of one setting together."""
    together = defaultdict(list)
    for track in tracks:
        together[track.path].append(track)
    return list(together.values())


# -- panels ------------------------------------------------------------------------------------------------------------


def _draw_mix(panel: Axes, mix: MixCurves, seconds: float) -> None:
    """Stacked areas, each with its name where it is widest."""
    times, shares = _whole(mix.times, seconds), [_whole_values(row, mix.times) for row in mix.shares]
    colors = [_MIX_COLORS[number % len(_MIX_COLORS)] for number in range(len(shares))]
    panel.stackplot(times, *shares, colors=colors, linewidth=0, alpha=0.9)
    bottom = np.zeros(len(times))
    unnamed = []
    for name, share, color in zip(mix.names, shares, colors, strict=True):
        widest = _widest(share)
        if share[widest] >= (_LEAST_SHARE if mix.moves else 3 * _LEAST_SHARE):
            at = times[widest] if mix.moves else seconds / 2
            at = min(max(at, seconds * 0.005 * len(name)), seconds * (1 - 0.005 * len(name)))
            text = panel.text(at, bottom[widest] + share[widest] / 2, name, ha="center", va="center", fontsize=10)
            text.set(color="white", fontweight="bold", zorder=6)
        elif share[widest]:
            unnamed.append((name, color))
        bottom = bottom + share
    if unnamed:
        handles = [_patch(color, name) for name, color in unnamed]
        panel.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=12, frameon=False, fontsize=9)
    panel.set_ylim(0, 1)
    panel.set_yticks([0, 1], ["0", "100 %"])
    _label(panel, "mix", "")
    for key in mix.keyframes:
        if key.seconds <= seconds:
            panel.plot([key.seconds], [1], marker="v", color=_INK, markersize=6, clip_on=False, zorder=5)
    _write_eases(panel, [(key.seconds, key.ease) for key in mix.keyframes], seconds, "white")


def _patch(color: str, label: str) -> object:
    from matplotlib.patches import Patch

    return Patch(color=color, label=label)


def _widest(share: np.ndarray) -> int:
    """Where an area's name is written: amid the stretch in which it is about as wide as it gets."""
    wide = np.flatnonzero(share >= 0.97 * share.max())
    breaks = np.flatnonzero(np.diff(wide) > 1)
    runs = np.split(wide, breaks + 1)
    longest = max(runs, key=len)
    return int(longest[len(longest) // 2])


def _draw_track(panel: Axes, tracks: Sequence[TrackCurve], seconds: float) -> None:
    section = tracks[0].path[0]
    for number, track in enumerate(tracks):
        color = (_SECTION_COLORS if number == 0 else _SECOND).get(section, _WAVE)
        panel.plot(track.times, track.values, color=color, linewidth=1.7, label=track.name.rpartition(" ")[2])
        keys = [key for key in track.keyframes if key.seconds <= seconds]
        panel.plot(
            [key.seconds for key in keys], [key.value for key in keys], "o", color=color, markersize=6,
            markeredgecolor="white", markeredgewidth=1, clip_on=False, zorder=5,
        )  # fmt: skip
    low, high = _range(tracks)
    panel.set_ylim(low, high)
    panel.grid(axis="y", alpha=0.25)
    if len(tracks) > 1:
        panel.legend(loc="lower right", bbox_to_anchor=(1, 0.94), ncols=4, frameon=False, fontsize=9, borderpad=0)
    _label(panel, tracks[0].name if len(tracks) == 1 else tracks[0].name.rpartition(" ")[0], tracks[0].unit)
    _write_eases(panel, [(key.seconds, key.ease) for key in tracks[0].keyframes], seconds, _FAINT)


def _range(tracks: Sequence[TrackCurve]) -> tuple[float, float]:
    """The lowest and the highest value that is shown, with some room around them."""
    values = [value for track in tracks for value in (*track.values, *(key.value for key in track.keyframes))]
    low, high = min(values), max(values)
    room = 0.14 * (high - low) or 0.1 * abs(high) or 0.1
    return low - room, high + room


def _draw_sound(panel: Axes, sound: SoundCurves) -> None:
    peaks = np.array(sound.peaks)
    panel.fill_between(sound.times, -peaks, peaks, color=_WAVE, linewidth=0, alpha=0.85)
    panel.set_ylim(-1.05, 1.05)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    _label(panel, "sound", sound.name)


def _draw_bands(panel: Axes, sound: SoundCurves) -> None:
    for name, color in _BANDS.items():
        panel.plot(sound.times, sound.features[name], color=color, linewidth=1.1, label=name)
    onsets = np.array(sound.features["onset"])
    panel.fill_between(sound.times, 0, onsets, color=_FAINT, alpha=0.35, linewidth=0, label="onset")
    panel.set_ylim(0, 1.04)
    panel.set_yticks([0, 1])
    panel.legend(loc="lower right", bbox_to_anchor=(1, 0.92), ncols=4, frameon=False, fontsize=9, borderpad=0)
    _label(panel, "features", "")


def _label(panel: Axes, name: str, unit: str) -> None:
    words = f"{name}\n" + (f"{unit}" if unit else "")
    panel.set_ylabel(words.strip(), rotation=0, ha="right", va="center", fontsize=10, color=_INK)
    panel.yaxis.set_label_coords(-0.62 / (_WIDTH - _LEFT - _RIGHT), 0.5)


def _write_eases(panel: Axes, keys: Sequence[tuple[float, str]], seconds: float, color: str) -> None:
    """The ease between two keyframes, where there is room for it."""
    if len(keys) > _MOST_EASES:
        return
    for (start, ease), (stop, _) in pairwise(sorted(keys)):
        if ease != "linear" and stop <= seconds and stop - start > _TEXT_WIDTH * seconds * len(ease):
            height = panel.get_xaxis_transform()
            panel.text((start + stop) / 2, 0.04, ease, transform=height, ha="center", fontsize=8, color=color, zorder=6)


# -- what all panels share ---------------------------------------------------------------------------------------------


def _lines(panel: Axes, curves: FilmCurves, cuts: Sequence[float]) -> None:
    beats = curves.sound.beats if curves.sound else ()
    for beat in beats if len(beats) <= _MOST_LINES else ():
        panel.axvline(beat, color=_BEAT, linewidth=0.8, zorder=0)
    for cut in cuts:
        panel.axvline(cut, color=_CUT, linewidth=1, linestyle="--", zorder=4)


def _time_axis(panel: Axes, seconds: float) -> None:
    panel.set_xlim(0, seconds)
    panel.set_xlabel("seconds", color=_FAINT, fontsize=9)
    if seconds > _IN_MINUTES:
        panel.xaxis.set_major_formatter(lambda at, _: f"{int(at // 60)}:{at % 60:02.0f}")
        panel.set_xlabel("minutes", color=_FAINT, fontsize=9)


def _whole(times: Sequence[float], seconds: float) -> np.ndarray:
    """Times up to the film's end, which is after its last frame's."""
    return np.array([*times, seconds])


def _whole_values(values: Sequence[float], times: Sequence[float]) -> np.ndarray:
    return np.array([*values, values[len(times) - 1]])


def _title(curves: FilmCurves, title: str, cuts: Sequence[float] | None) -> str:
    parts = [title, f"{curves.seconds:g} s", f"{curves.frames} frames at {curves.fps:g} per second"]
    if sound := curves.sound:
        many = "" if len(sound.beats) <= _MOST_LINES else ", too many for lines"
        parts.append(f"{sound.bpm:.1f} beats a minute (gray lines{many})" if sound.bpm else "no beats were found")
    if cuts:
        parts.append(f"{len(cuts)} cuts (red, dashed)" if len(cuts) > 1 else "1 cut (red, dashed)")
    return "     ".join(filter(None, parts))


def _steady_text(curves: FilmCurves) -> list[str]:
    """The settings that the preset writes and nothing moves, in lines."""
    moving = {track.path for track in curves.moving}
    steady: dict[str, list[str]] = defaultdict(list)
    for track in curves.tracks:
        if track.path not in moving:
            steady[".".join(track.path)].append(f"{track.values[0]:.4g}")
    words = ",   ".join(f"{name} {' '.join(values)}" for name, values in steady.items())
    return wrap(f"steady:   {words}", _LETTERS) if words else []
