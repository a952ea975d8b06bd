"""Measuring how steadily a film's dream follows its source, with a flow of its own.

The dream is what the film has beyond its source, D = output - source. A flow other than the renderer's is computed on
the source; W carries a frame along it, and M weighs each pixel by how far the flow can be trusted there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch

from zoomdream.errors import SourceError, UsageError
from zoomdream.images.frame import Frame, from_uint8, size_of, to_uint8
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.media import Clip, Pixels, is_picture_sequence, read_frames, read_tags
from zoomdream.media.display_size import display_size, open_clip, scaled_size
from zoomdream.motion.carrying import warp
from zoomdream.motion.cuts import is_cut
from zoomdream.motion.optical_flow.flow import FlowMethod, flow_method
from zoomdream.motion.optical_flow.reliability import motion_between
from zoomdream.progress import OnProgress, Progress
from zoomdream.settings import Fit
from zoomdream.stability.result import FRAME_MEASURES, NAN, PAIR_MEASURES, Series, Stability

MOST_BEYOND = 0.1  # share of the output's frames that may lie beyond the source's end
_NO_DREAM = (0.5 / 255) ** 2  # mean square under which there is nothing to follow: half a level, which 8 bits round off


def measure(
    output: str | Path,
    source: str | Path,
    *,
    method: str = "auto",
    start: int = 0,
    fit: Fit = "fill",
    device: torch.device | str = "cpu",
    allow_truncated: bool = False,
    on_progress: OnProgress | None = None,
) -> Stability:
    """Compare the film `output` with the clip `source` that it was dreamed over, frame by frame.

    Args:
        output: the film; its first frame shows the source's frame `start`.
        source: the clip. It is brought to the output's size as `fit_frame` does, and read at its rate.
        method: the flow (see `flow_method`), which should not be the one that the film was rendered with.
            "auto" is "fine", which follows real motion best, or "medium" if the film used "fine".
        start: a frame of the source, counted at the output's rate.
        fit: how a source of another shape meets the output's frame.
        device: where the frames are warped.
        allow_truncated: take what there is of films that are cut short or damaged.
        on_progress: counts the frames compared.

    Both films are streamed: memory holds a few frames.

    Raises SourceError when a film cannot be read or the output goes far beyond the source's end, UsageError for an
    unknown flow or a start beyond it, WeightsError for RAFT's weights.
    """
    film, clip = (open_clip(Path(path), allow_truncated=allow_truncated) for path in (output, source))
    if film.pictures:  # which have no rate of their own
        film = replace(film, fps=clip.fps)
    count, warnings = _overlap(film, clip, start)
    method = _independent_flow(output) if method == "auto" else method
    flow = flow_method(method, device)
    per_frame: list[_FrameMeasures] = []
    pairs: list[_PairMeasures] = []
    before: _FramePair | None = None
    for now in _frame_pairs(film, clip, start, count, fit, device, allow_truncated):
        per_frame.append(_measure_frame(now))
        pairs.append(_measure_pair(before, now, flow) if before is not None else _PairMeasures())
        before = now
        if on_progress is not None:
            on_progress(Progress(len(per_frame), count, "frame"))
    return Stability(
        output=str(output),
        source=str(source),
        method=method,
        size=film.size,
        fps=film.fps,
        start=start,
        cuts=tuple(index for index, pair in enumerate(pairs) if pair.cut),
        warnings=(*warnings, *_shape_warnings(film, clip, fit)),
        **{name: np.array([getattr(pair, name) for pair in pairs]) for name in PAIR_MEASURES},
        **{name: np.array([getattr(frame, name) for frame in per_frame]) for name in FRAME_MEASURES},
    )


def _independent_flow(output: str | Path) -> str:
    if is_picture_sequence(Path(output)):
        return "fine"  # pictures do not say which one made them
    recipe = read_tags(output).get("zoomdream_preset", "{}")
    try:
        used = json.loads(recipe).get("carry", {}).get("flow")
    except (ValueError, AttributeError):
        used = None  # somebody else's tag of that name
    return "medium" if used == "fine" else "fine"


def _overlap(film: Clip, clip: Clip, start: int) -> tuple[int, list[str]]:
    """How many frames both have, and warnings about those that only one has."""
    ours, theirs = len(film.source_indices()), len(clip.source_indices(film.fps)) - start
    count = min(ours, theirs)
    rest = f"{clip.path.name} has {theirs} from frame {start} on at {float(film.fps):g} per second"
    if start < 0 or theirs < 1:
        raise UsageError(
            f"start {start}: {clip.path.name} has {theirs + start} frames at {float(film.fps):g} per second"
        )
    if ours - count > max(1, MOST_BEYOND * ours):
        raise SourceError(
            f"{film.path.name} has {ours} frames, but {rest}: it was not dreamed over this clip, or starts elsewhere"
        )
    warnings = [] if ours == theirs else [f"{film.path.name} has {ours} frames, {rest}; the first {count} are compared"]
    if film.fps != clip.fps and not clip.pictures:
        warnings.append(
            f"{clip.path.name} has {float(clip.fps):g} frames per second and is read at {float(film.fps):g}"
        )
    return count, warnings


def _shape_warnings(film: Clip, clip: Clip, fit: str) -> list[str]:
    own_size = display_size(clip)
    if film.size == own_size:
        return []
    sizes = [f"{width}x{height}" for width, height in (own_size, film.size)]
    warning = f"{clip.path.name} is brought from {sizes[0]} to {sizes[1]}"
    # A pixel more or less is rounding to even sides, not another shape.
    ratios = [ours / theirs for ours, theirs in zip(film.size, own_size, strict=True)]
    has_other_shape = (max(ratios) - min(ratios)) * max(own_size) > 2
    if has_other_shape:
        warning += " and cropped" if fit == "fill" else " and continued by reflections"
    return [warning]


@dataclass(frozen=True)
class _FramePair:
    """One frame of the film and the source frame under it: uint8 HxWx3, and as frames on the device."""

    output_pixels: Pixels
    source_pixels: Pixels
    output: Frame
    source: Frame


def _frame_pairs(
    film: Clip, clip: Clip, start: int, count: int, fit: Fit, device: torch.device | str, allow_truncated: bool
) -> Iterator[_FramePair]:
    size = scaled_size(clip, film.size, fit)
    with (
        read_frames(film, frames=count, allow_truncated=allow_truncated) as outputs,
        read_frames(
            clip, start=start, frames=count, fps=film.fps, size=size, allow_truncated=allow_truncated
        ) as sources,
    ):
        for output_pixels, source_pixels in zip(outputs, sources, strict=True):
            source = from_uint8(source_pixels, device)
            if size_of(source) != film.size:
                source_pixels = to_uint8(fit_frame(source, film.size, fit))
                source = from_uint8(source_pixels, device)
            yield _FramePair(output_pixels, source_pixels, from_uint8(output_pixels, device), source)


class _FrameMeasures(NamedTuple):
    strength: float
    sharpness: float
    source_sharpness: float
    color: Series
    source_color: Series


class _PairMeasures(NamedTuple):
    normalized_error: float = NAN
    warping_error: float = NAN
    source_warping_error: float = NAN
    trusted: float = NAN
    cut: bool = False


def _measure_frame(now: _FramePair) -> _FrameMeasures:
    return _FrameMeasures(
        strength=float((now.output - now.source).abs().mean()) * 255,
        sharpness=_sharpness(now.output_pixels),
        source_sharpness=_sharpness(now.source_pixels),
        color=now.output_pixels.mean((0, 1), dtype=np.float64),
        source_color=now.source_pixels.mean((0, 1), dtype=np.float64),
    )


def _sharpness(pixels: Pixels) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", 2000)."""
    return float(cv2.Laplacian(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var())


def _measure_pair(before: _FramePair, now: _FramePair, flow: FlowMethod) -> _PairMeasures:
    motion = motion_between(before.source_pixels, now.source_pixels, flow)
    if is_cut(before.source_pixels, now.source_pixels, motion):
        return _PairMeasures(cut=True)
    device = now.output.device
    backward, mask = (torch.from_numpy(field).to(device) for field in (motion.backward, motion.reliability))
    output, source = warp(before.output, backward), warp(before.source, backward)
    dream, carried = now.output - now.source, output - source  # W is linear: W output - W source is W D
    energy = _mean_square(dream, mask) + _mean_square(carried, mask)
    return _PairMeasures(
        normalized_error=_mean_square(dream - carried, mask) / energy if energy > 2 * _NO_DREAM else NAN,
        warping_error=_mean_square(now.output - output, mask),
        source_warping_error=_mean_square(now.source - source, mask),
        trusted=float(mask.mean()),
    )


def _mean_square(difference: Frame, mask: torch.Tensor) -> float:
    """Mean over the pixels that `mask` (HxW) weighs, and over the channels; NaN where it trusts none."""
    total = float(mask.sum()) * difference.shape[1]
    return float((difference.square() * mask).sum()) / total if total > 0 else NAN
