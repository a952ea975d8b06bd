"""Frames per second of a film on a GPU: the default film at 1920x1080, rendered to the end, encoder and all.

    python -m benchmarks.gpu [PRESET] [--device cuda] [--size 1920x1080] [--duration 4s] [--set KEY=VALUE]...

Each variant renders the same film twice, of which the first warms up. `graphs` are gradients that are recorded once and
replayed; `hardware` is the GPU's encoder. Where there is no such device, one sentence says so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from zoomdream.encoding import output_target
from zoomdream.encoding.hardware import film_encoder
from zoomdream.errors import ZoomdreamError
from zoomdream.films.film import Film
from zoomdream.films.journaling import JournalOptions
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import render
from zoomdream.presets.loading import load_preset
from zoomdream.runtime import processor


def main(arguments: Sequence[str] | None = None) -> None:
    """Render each variant, measure, print."""
    parser = argparse.ArgumentParser(description="Speed of a film on a GPU.")
    parser.add_argument("preset", nargs="?", default="quickstart")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--duration", default="4s")
    parser.add_argument("--set", action="append", default=[], dest="changes")
    options = parser.parse_args(arguments)
    changes = [f"canvas.size={options.size}", f"canvas.duration={options.duration}", *options.changes]
    preset = load_preset(options.preset, changes)
    try:
        films = {
            precision: prepare(preset, device=options.device, precision=precision) for precision in ("auto", "float32")
        }
    except ZoomdreamError as error:
        sys.exit(f"nothing was measured: {error}")
    film = films["auto"]
    print(f"{processor(film.network.device)}, PyTorch {torch.__version__}, CUDA {torch.version.cuda}")
    print(f"{len(film.timeline)} frames of {film.size[0]}x{film.size[1]} at {film.clock.fps} per second, {preset.name}")
    for warning in film.warnings:
        print(f"warning: {warning}")
    for label, variant in variants(films).items():
        report(label, variant)
    report("the first, no journal", film, journal=False)


def variants(films: dict[str, Film]) -> dict[str, Film]:
    """The film as it is rendered by default, and with each thing left out that a GPU is given."""
    film = films["auto"]
    precision = str(film.network.dtype).removeprefix("torch.")
    alone = replace(film, objectives=film.objectives.recorded(None))
    software = replace(film, output=film.output.model_copy(update={"encoder": "software"}))
    return {
        f"{precision}, graphs, auto encoder": film,
        f"{precision}, no graphs": alone,
        f"{precision}, graphs, software encoder": software,
        "float32, graphs, auto encoder": films["float32"],
    }


def report(label: str, film: Film, *, journal: bool = True) -> None:
    """Print how fast a variant is rendered, with the frames kept in a journal as always, or without."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        chosen = film_encoder(output_target(path), film.size, film.clock.fps, film.output, on_gpu=film.on_gpu).encoder
        for _ in range(2):
            start = time.perf_counter()
            render(film, path, overwrite=True, journal=JournalOptions(enabled=journal))
            seconds = time.perf_counter() - start
    speed = len(film.timeline) / seconds
    share = speed / float(film.clock.fps)
    graphs = f"{len(film.objectives.graphs)} recorded" if film.objectives.graphs else "none recorded"
    print(f"{label:36} {speed:7.2f} frames per second, {share:5.2f} of real time; {chosen}, {graphs}")


if __name__ == "__main__":
    main()
