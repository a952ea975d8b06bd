"""Scores of terms on a frame, and the gradients of their weighted sums: in one piece, or put together from tiles."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.interleaved import opencv_computes
from zoomdream.networks import LOGITS, Network, Tap
from zoomdream.objectives.terms import Extent, Term, Window
from zoomdream.objectives.tiling import Tiling
from zoomdream.runtime import repeatable

Shift = tuple[int, int]
"""Down, right, in pixels."""

Group = Sequence[tuple[int, torch.Tensor | float]]
"""Terms whose scores are added up: the index of each, and the factor of its score."""


def taps_of(terms: Sequence[Term]) -> tuple[Tap, ...]:
    """Where the terms read their network, each place once, in the order of the terms."""
    return tuple(dict.fromkeys(term.tap for term in terms))


def frame_gradients(
    network: Network,
    terms: Sequence[Term],
    frame: Frame,
    groups: Sequence[Group],
    *,
    tiling: Tiling | None = None,
    shift: Shift = (0, 0),
    offset: Shift = (0, 0),
) -> list[Frame]:
    """For each group of terms, the gradient of its weighted sum of scores with respect to the frame; 1x3xHxW.

    Args:
        network: what the terms read; one pass through it serves all groups.
        terms: what the groups' indices stand for.
        frame: 1x3xHxW in [0, 1], shifted by `shift` pixels, wrapping around.
        groups: a group of no terms has a gradient of zero.
        tiling: how a frame larger than its windows is cut.
        shift: neurons are shifted alike.
        offset: moves the grid of tiles.
    """
    size = size_of(frame)
    if tiling is None or max(size) <= tiling.window:
        return _window_gradients(network, terms, frame, groups, Window.whole(size, shift))
    gradients = [torch.zeros_like(frame) for _ in groups]
    extents = _extents(network, taps_of(terms), size)
    for (left, top, width, height), box in tiling.tiles(size, offset):
        part = frame[..., box[1] : box[1] + box[3], box[0] : box[0] + box[2]].contiguous()
        of_window = _window_gradients(network, terms, part, groups, Window(size, box, shift, extents))
        y, x = top - box[1], left - box[0]
        for whole, gradient in zip(gradients, of_window, strict=True):
            whole[..., top : top + height, left : left + width] = gradient[..., y : y + height, x : x + width]
    return gradients


def _window_gradients(
    network: Network, terms: Sequence[Term], part: Frame, groups: Sequence[Group], window: Window
) -> list[Frame]:
    with torch.enable_grad(), repeatable(network.device):
        leaf = part.detach().requires_grad_()
        scores = window_scores(network, terms, leaf, window)
        totals = [
            [factor * score for index, factor in group if (score := scores[index]) is not None] for group in groups
        ]
        return [
            _dense(torch.autograd.grad(torch.stack(total).sum(), leaf, retain_graph=k < len(groups) - 1)[0])
            if total
            else torch.zeros_like(part)
            for k, total in enumerate(totals)
        ]


def _dense(gradient: Frame) -> Frame:
    """In the contiguous order of memory, or in the network's channels-last one where OpenCV computes with it."""
    in_order = opencv_computes(gradient) and gradient.is_contiguous(memory_format=torch.channels_last)
    return gradient if in_order else gradient.contiguous()


def window_scores(network: Network, terms: Sequence[Term], part: Frame, window: Window) -> list[torch.Tensor | None]:
    """Each term's score of a window of a frame, whose pixels are `part`, as its share of the whole frame's score.

    None for a term whose place is not in the window.
    """
    values = network.activations(part, taps_of(terms))
    scores = [term.score(values[term.tap], window) for term in terms]
    if not window.extents:
        return scores
    own = _extents(network, taps_of(terms), size_of(part))
    return [
        score * _area_share(own[term.tap], window.extents[term.tap]) if score is not None and term.is_mean else score
        for score, term in zip(scores, terms, strict=True)
    ]


def _extents(network: Network, taps: Sequence[Tap], size: Size) -> dict[Tap, Extent]:
    """Height and width of each tap's map for a frame of `size`; for the class scores those of the last map."""
    last = network.layers[-1].label
    shapes = network.shapes([Tap(last) if tap.layer == LOGITS else tap for tap in taps], size)
    return {tap: (shape[-2], shape[-1]) for tap, shape in zip(taps, shapes, strict=True)}


def _area_share(part: Extent, whole: Extent) -> float:
    return part[0] * part[1] / (whole[0] * whole[1])
