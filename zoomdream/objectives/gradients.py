"""Scores of terms on a frame, and the gradients of their weighted sums: in one piece, or put together from tiles."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.interleaved import opencv_computes
from zoomdream.memory import release_freed_memory
from zoomdream.networks import Network, Tap, is_logits
from zoomdream.objectives.gradient_graphs import GradientGraphs
from zoomdream.objectives.loss_scaling import Values, picture_gradients
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
    graphs: GradientGraphs | None = None,
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
        graphs: records the gradient of a frame in one piece, and replays it.
    """
    size = size_of(frame)
    if tiling is None or tiling.holds(size):
        if graphs is not None and not any(term.follows_shift for term in terms):
            return _recorded_gradients(graphs, network, terms, frame, groups)
        return _window_gradients(network, terms, frame, groups, Window.whole(size, shift))
    gradients = [torch.zeros_like(frame) for _ in groups]
    extents = _extents(network, taps_of(terms), size)
    # Windows of one size one after the other, the largest first: what one has freed serves the next, but is kept in
    # vain, and held beside, where the next one's maps have another size.
    tiles = sorted(tiling.tiles(size, offset), key=lambda tile: (tile[1][2] * tile[1][3], tile[1][2]), reverse=True)
    before: Size | None = None
    for (left, top, width, height), box in tiles:
        if box[2:] != before:
            release_freed_memory()
        before = box[2:]
        part = frame[..., box[1] : box[1] + box[3], box[0] : box[0] + box[2]].contiguous()
        of_window = _window_gradients(network, terms, part, groups, Window(size, box, shift, extents))
        y, x = top - box[1], left - box[0]
        for whole, gradient in zip(gradients, of_window, strict=True):
            whole[..., top : top + height, left : left + width] = gradient[..., y : y + height, x : x + width]
    return gradients


def _recorded_gradients(
    graphs: GradientGraphs, network: Network, terms: Sequence[Term], frame: Frame, groups: Sequence[Group]
) -> list[Frame]:
    size, members = size_of(frame), tuple(tuple(index for index, _ in group) for group in groups)
    factors = [
        factor if isinstance(factor, torch.Tensor) else torch.full((), factor, device=frame.device)
        for group in groups
        for _, factor in group
    ]

    def compute(frame: Frame, factors: torch.Tensor) -> list[Frame]:
        each = iter(factors.unbind())
        own = [[(index, next(each)) for index in group] for group in members]
        return _window_gradients(network, terms, frame, own, Window.whole(size))

    return graphs.gradients(
        (size, tuple(term.identity for term in terms), members), compute, frame, torch.stack(factors)
    )


def _window_gradients(
    network: Network, terms: Sequence[Term], part: Frame, groups: Sequence[Group], window: Window
) -> list[Frame]:
    with torch.enable_grad(), repeatable(network.device):
        leaf = part.detach().requires_grad_()

        def totals(values: Values) -> list[torch.Tensor | None]:
            scores = _scores(network, terms, values, size_of(part), window)
            weighted = [
                [factor * score for index, factor in group if (score := scores[index]) is not None] for group in groups
            ]
            return [torch.stack(total).sum() if total else None for total in weighted]

        gradients = picture_gradients(_values(network, terms, leaf), totals, leaf)
        return [torch.zeros_like(part) if gradient is None else _dense(gradient) for gradient in gradients]


def _dense(gradient: Frame) -> Frame:
    """In the contiguous order of memory, or in the network's channels-last one where OpenCV computes with it."""
    in_order = opencv_computes(gradient) and gradient.is_contiguous(memory_format=torch.channels_last)
    return gradient if in_order else gradient.contiguous()


def window_scores(network: Network, terms: Sequence[Term], part: Frame, window: Window) -> list[torch.Tensor | None]:
    """Each term's score of a window of a frame, whose pixels are `part`, as its share of the whole frame's score.

    None for a term whose place is not in the window.
    """
    return _scores(network, terms, _values(network, terms, part), size_of(part), window)


def _values(network: Network, terms: Sequence[Term], part: Frame) -> Values:
    taps = taps_of(terms)
    given = network.activations(part, taps)
    return {tap: given[tap] for tap in taps}


def _scores(
    network: Network, terms: Sequence[Term], values: Values, size: Size, window: Window
) -> list[torch.Tensor | None]:
    scores = [term.score(values[term.tap], window) for term in terms]
    if not window.extents:
        return scores
    own = _extents(network, taps_of(terms), size)
    return [
        score * _area_share(own[term.tap], window.extents[term.tap]) if score is not None and term.is_mean else score
        for score, term in zip(scores, terms, strict=True)
    ]


def _extents(network: Network, taps: Sequence[Tap], size: Size) -> dict[Tap, Extent]:
    """Height and width of each tap's map for a frame of `size`; for the class scores those of the last map."""
    maps = [Tap(network.map_of(tap.layer).label) if is_logits(tap.layer) else tap for tap in taps]
    shapes = network.shapes(maps, size)
    return {tap: (shape[-2], shape[-1]) for tap, shape in zip(taps, shapes, strict=True)}


def _area_share(part: Extent, whole: Extent) -> float:
    return part[0] * part[1] / (whole[0] * whole[1])
