"""What was measured of a film, frame by frame, and its means over seconds, shots and the whole."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zoomdream.images.frame import Size

Series = NDArray[np.float64]

PAIR_MEASURES = ("normalized_error", "warping_error", "source_warping_error", "trusted")
FRAME_MEASURES = ("strength", "sharpness", "source_sharpness", "color", "source_color")
NAN = float("nan")


class Colors(NamedTuple):
    """Mean red, green and blue, each in 0..255."""

    red: float
    green: float
    blue: float


@dataclass(frozen=True)
class Segment:
    """The means over a stretch of the film: a second, a shot, or the whole. Numbers are NaN where there are none.

    `first` is the index of its first frame, `pairs` the number of frames that were compared with the one before: all
    but the first one of each shot. `trend` is the strength in the last fifth over that in the second fifth (in the
    first one the dream is still growing): 1 is steady, 2 a dream that has doubled. For the others see `Stability`.
    """

    name: str
    first: int
    frames: int
    pairs: int
    normalized_error: float
    warping_error: float
    source_warping_error: float
    trusted: float
    strength: float
    trend: float
    sharpness: float
    source_sharpness: float
    color: Colors
    source_color: Colors


@dataclass(frozen=True)
class Stability:
    """Measures of a film against its source, one for each frame; those of a pair stand at its second frame.

    The first four are NaN at a shot's first frame (`cuts` are the frames at which a new shot begins), the others
    have a value everywhere.

    normalized_error: nE = sum M |D_t - W D_(t-1)|^2 / sum M (|D_t|^2 + |W D_(t-1)|^2). 0: the dream is carried
        perfectly; 1: it has nothing to do with the frame before. Blind to blur and to strength. NaN without a dream.
    warping_error: sum M (V_t - W V_(t-1))^2 / sum M of the output V, values in 0..1 (Lai et al., "Learning blind video
        temporal consistency", ECCV 2018). Low for a blurred film, too.
    source_warping_error: the same of the source: the least that a film as sharp can have, from noise and errors of the
        flow.
    trusted: mean of M, in 0..1.
    strength: mean |D|, in levels of 255.
    sharpness, source_sharpness: variance of the Laplacian of the luma, in squared levels of 255.
    color, source_color: mean red, green and blue, Nx3 in 0..255.
    """

    output: str
    source: str
    method: str
    size: Size
    fps: Fraction
    start: int
    cuts: tuple[int, ...]
    warnings: tuple[str, ...]
    normalized_error: Series
    warping_error: Series
    source_warping_error: Series
    trusted: Series
    strength: Series
    sharpness: Series
    source_sharpness: Series
    color: Series
    source_color: Series

    def __len__(self) -> int:
        """Number of frames compared."""
        return len(self.strength)

    @property
    def times(self) -> Series:
        """Each frame's time in seconds from the film's beginning."""
        return np.arange(len(self)) / float(self.fps)

    def per_second(self) -> tuple[Segment, ...]:
        """One segment for each second that has begun, named by its time."""
        starts = [math.ceil(second * self.fps) for second in range(math.ceil(len(self) / self.fps))]
        stops = [*starts[1:], len(self)]
        spans = [(first, stop) for first, stop in zip(starts, stops, strict=True) if first < stop]
        return tuple(self._segment(_clock(int(first / self.fps)), first, stop) for first, stop in spans)

    def summary(self) -> tuple[Segment, ...]:
        """One segment for each shot, and the last one for the whole."""
        bounds = [0, *self.cuts, len(self)]
        shots = [self._segment(f"shot {i}", bounds[i - 1], bounds[i]) for i in range(1, len(bounds))]
        return (*shots, self._segment("all", 0, len(self)))

    def to_json(self) -> dict[str, Any]:
        """Everything, as `json.dumps` takes it: null where a measure has no value."""
        *shots, whole = self.summary()
        about = {
            "output": self.output,
            "source": self.source,
            "flow": self.method,
            "size": self.size,
            "fps": str(self.fps),
            "start": self.start,
            "frames": len(self),
            "cuts": self.cuts,
            "warnings": self.warnings,
        }
        parts = {
            "whole": asdict(whole),
            "shots": [asdict(shot) for shot in shots],
            "seconds": [asdict(second) for second in self.per_second()],
            "per_frame": {name: getattr(self, name).tolist() for name in (*PAIR_MEASURES, *FRAME_MEASURES)},
        }
        return {**about, **_without_nan(parts)}

    def _segment(self, name: str, first: int, stop: int) -> Segment:
        measures = (*PAIR_MEASURES, *FRAME_MEASURES)
        means: dict[str, Any] = {measure: _mean(getattr(self, measure)[first:stop]) for measure in measures}
        means |= {measure: Colors(*means[measure]) for measure in ("color", "source_color")}
        pairs = int(np.isfinite(self.trusted[first:stop]).sum())
        return Segment(name, first, stop - first, pairs, trend=_trend(self.strength[first:stop]), **means)


def _mean(values: Series) -> Any:
    """Mean over the frames that have a value, NaN where none has: a number, or one for each column."""
    known = values[np.isfinite(values)] if values.ndim == 1 else values
    return known.mean(0).tolist() if len(known) else NAN


def _trend(strength: Series) -> float:
    fifth = len(strength) // 5
    if not fifth or not strength[fifth : 2 * fifth].any():
        return NAN
    return float(strength[-fifth:].mean() / strength[fifth : 2 * fifth].mean())


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, Colors):
        return value._asdict()
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    return None if isinstance(value, float) and math.isnan(value) else value
