"""A preset on other canvases: whether it looks alike at other rates and sizes, in numbers and as a picture.

    python -m benchmarks.canvases PRESET [--input FILE] [--fps 12,24,60] [--size 426x240,854x480,1920x1080]
                                  [--seconds 1.5] [--other PRESET] [--as-written] [--sheet FILE.png] [--threads N]

The first row is the preset as it is written. For each other canvas: the dream's strength in a second over the first
row's (mean |dreamed - start| of a frame, times the rate; the first third of the film is left out), and the distance of
feature statistics from the first row's, at one common size. Below them, for comparison: another seed and another
preset. `--as-written` adds each canvas with `authored: none`, where settings count as they are. The sheet shows each
film at the same four times.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from PIL import Image

from benchmarks.film_measures import Look, look_of, objectives_of, spread_layers
from benchmarks.machine import add_threads, describe
from zoomdream.dreaming.amortized import Amortized, dream_on
from zoomdream.films.frame_loops import frames
from zoomdream.films.preparation import prepare
from zoomdream.images.contact_sheet import Cell, draw_sheet, lay_out, scaled_to
from zoomdream.images.frame import Frame, to_uint8
from zoomdream.images.sampling.resample import resize
from zoomdream.presets.loading import load_preset

_MOMENTS = (0.25, 0.5, 0.75, 0.97)
"""Shares of the film at which frames are looked at."""
_COMMON = (426, 240)


@dataclass
class Run:
    """A film on one canvas."""

    label: str
    strength: float
    """Mean change of a channel value by dreaming, in a second."""
    look: Look
    shown: list[Frame]


def main() -> None:
    """Measure, and print a table."""
    options = _options()
    torch.set_num_threads(options.threads or torch.get_num_threads())
    print(describe())
    length = f"canvas.duration={options.seconds}s"
    runs = [_run("as written", options.preset, [length], options.input)]
    for change in [*(f"canvas.fps={fps}" for fps in options.fps), *(f"canvas.size={size}" for size in options.size)]:
        label = change.partition("=")[2]
        runs.append(_run(label, options.preset, [length, change], options.input))
        _print(runs[-1], runs[0])
        if options.as_written:
            settings = [length, change, "canvas.authored=none"]
            runs.append(_run(f"{label}, settings as written", options.preset, settings, options.input))
            _print(runs[-1], runs[0])
    for label, preset, changes in (("another seed", options.preset, ["seed=77"]), (options.other, options.other, [])):
        runs.append(_run(label, preset, [length, *changes], options.input))
        _print(runs[-1], runs[0])
    if options.sheet:
        _draw(runs, options.sheet, options.preset)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset")
    parser.add_argument("--input", type=Path)
    parser.add_argument("--fps", type=_listed, default=["12", "24", "60"])
    parser.add_argument("--size", type=_listed, default=["426x240", "854x480", "1920x1080"])
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--other", default="metamorphosis")
    parser.add_argument("--as-written", action="store_true")
    parser.add_argument("--sheet", type=Path)
    add_threads(parser)
    return parser.parse_args()


def _listed(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def _run(label: str, preset: str, changes: Sequence[str], source: Path | None) -> Run:
    film = prepare(load_preset(preset, changes, source))
    count = len(film.timeline)
    moments = sorted({min(count - 1, round(share * count)) for share in _MOMENTS})
    shown: list[Frame] = []
    with _strengths() as strengths:
        for index, frame in enumerate(frames(film)):
            if index in moments:
                shown.append(resize(frame, _COMMON).clamp(0, 1))
    layers = spread_layers(film.network, min(_COMMON))
    look = look_of(shown, objectives_of(film, moments), layers)
    rate = float(film.timeline.clock.fps)
    return Run(label, float(np.mean(strengths[count // 3 :])) * rate, look, shown)


@contextmanager
def _strengths() -> Iterator[list[float]]:
    """How much dreaming changes a channel value of each frame, on average."""
    strengths: list[float] = []

    def noted(start: Frame, *arguments: Any) -> Amortized:
        dreamed, momentum = dream_on(start, *arguments)
        strengths.append(float((dreamed - start).abs().mean()))
        return dreamed, momentum

    with patch("zoomdream.films.frame_loops.dream_on", noted):
        yield strengths


def _print(run: Run, first: Run) -> None:
    strength, distance = run.strength / first.strength, run.look.distance(first.look)
    print(f"{run.label:32} strength {strength:5.2f}   distance {distance:6.3f}", flush=True)


def _draw(runs: Sequence[Run], path: Path, title: str) -> None:
    cells = [Cell(frame, run.label if k == 0 else "") for run in runs for k, frame in enumerate(run.shown)]
    layout = lay_out(len(cells), scaled_to(_COMMON, 320), len(_MOMENTS))
    Image.fromarray(to_uint8(draw_sheet(cells, layout, title))).save(path)


if __name__ == "__main__":
    main()
