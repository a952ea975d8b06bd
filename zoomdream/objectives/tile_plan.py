"""How large the tiles of a frame may be: chosen before it is dreamed, from the memory that is free or allowed."""

from __future__ import annotations

import bisect
import math
from collections.abc import Collection, Iterable

import torch

from zoomdream.errors import OutOfMemoryError
from zoomdream.images.frame import Size
from zoomdream.memory import format_bytes, held_memory, memory_budget
from zoomdream.networks import Layer, Tap, is_logits
from zoomdream.objectives.objective import Objective
from zoomdream.objectives.tiling import Tiling

# Of the largest receptive field. A pixel's gradient depends on what lies within one; what lies beyond three quarters of
# it changes the gradient by less than 0.2 % in most networks measured and by 1 % in MobileNetV2, beyond half of it by
# up to 3 % and more.
_MARGIN = 0.75
# Swin's attention works in windows of 7 places, from the frame's corner; two rounds of them reach over three.
_ATTENTION = 7
_ATTENTION_MARGIN = 3 * _ATTENTION
FRAME_COPIES = 14
"""Float32 frames that a dream holds at most between two steps: shifted, blurred and filtered copies."""
STEP_COPIES = 8
"""Float32 frames that are held while the network runs: the states, the frame and its gradient."""
LARGE_FRAME = 1920 * 1080
"""Pixels over which a frame's step on a processor may take no more than `LARGE_STEP` where no limit is set."""
LARGE_STEP = round(1.1e9)
"""Bytes. So a large frame has the same tiles on every machine that has that much. SqueezeNet sees 3840x2160 in four
by two tiles, whose margins are 39 % more work, and 33 % over all octaves."""


def plan_tiles(
    objective: Objective,
    size: Size,
    max_memory: int | None = None,
    tap_sets: Iterable[Collection[Tap]] = (),
    *,
    beside: int = 0,
) -> Tiling | None:
    """Tiles in which a frame of `size` (width, height) is dreamed within a memory limit; None: it fits in one piece.

    `max_memory` is the most bytes that this process and those that it starts may hold; None takes half of what is free,
    and for large frames on a processor no more than `LARGE_STEP`. Equal limits give equal tiles: their sides, and what
    the process holds already, are rounded to steps. `tap_sets` are for a film whose frames have different objectives:
    for each of these the taps that one step reads. When left out, one step reads all of the objective's. `beside` are
    the bytes that are held beside a dream: by an encoder, or by source frames that wait. They count where a limit is
    set.

    Raises OutOfMemoryError when not even the smallest tile fits.
    """
    network = objective.network
    budget = _step_budget(network.device, size, max_memory, beside)
    if not objective.taps or network.step_fits(objective.taps, size, budget):
        return None
    steps = _largest(tap_sets) or [objective.taps]

    def needed(part: Size) -> int:
        return max(network.step_bytes(taps, part) for taps in steps)

    if needed(size) <= budget:
        return None
    stride, margin = tile_geometry(objective)
    least = max(2 * margin + stride, math.ceil(objective.smallest_input / stride) * stride)
    most = math.ceil(max(size) / stride) * stride

    def fits(window: int) -> bool:
        return needed((window, window)) <= budget

    if least >= most or not fits(least):
        step = min(needed((least, least)), needed(size))
        limit = dream_bytes(step, size) + beside + held_memory(network.device)
        fewer = ", one network" if len(network_names_of(objective)) > 1 else ""
        allowed = f"{max_memory / 1e9:g} GB" if max_memory else "half of the free memory, which is less,"
        raise OutOfMemoryError(
            f"a frame of {size[0]}x{size[1]} at {objective.deepest_name} of {network.name} needs "
            f"{format_bytes(limit)}, even in tiles, and {allowed} may be taken: choose a smaller size{fewer} or a "
            f"shallower layer",
            needed=limit,
        )
    windows = list(range(least, most, stride)) if budget == LARGE_STEP else _window_sides(least, most, stride)
    window = windows[bisect.bisect_left(windows, True, key=lambda side: not fits(side)) - 1]
    return _tiling(objective, window - 2 * margin)


def dream_bytes(step: int, size: Size) -> int:
    """The most bytes that dreaming a frame of `size` takes, whose largest step takes `step` bytes."""
    frame = 12 * size[0] * size[1]
    return max(step + STEP_COPIES * frame, FRAME_COPIES * frame)


def default_limit(budget: int, device: torch.device, size: Size, max_memory: int | None) -> int:
    """The bytes that a step on frames of `size` may take where `budget` are left: `LARGE_STEP` for large frames.

    Not where `max_memory` says what may be taken, nor on a GPU, whose memory nobody else needs.
    """
    is_limited = max_memory is None and device.type not in ("cuda", "mps") and size[0] * size[1] > LARGE_FRAME
    return min(budget, LARGE_STEP) if is_limited else budget


def _step_budget(device: torch.device, size: Size, max_memory: int | None, beside: int) -> int:
    """The bytes that one step may take; below 0 where the frames themselves are too large."""
    pixels = size[0] * size[1]
    budget = memory_budget(max_memory, device) - (beside if max_memory else 0)
    if budget < FRAME_COPIES * 12 * pixels:
        return -1
    return default_limit(budget - STEP_COPIES * 12 * pixels, device, size, max_memory)


def _tiling(objective: Objective, side: int) -> Tiling:
    stride, margin = tile_geometry(objective)
    least = math.ceil(objective.smallest_input / stride) * stride
    return Tiling(side, margin, stride, _limitations(objective), least)


def tiles_of_side(objective: Objective, side: int) -> Tiling | None:
    """Tiles of a given side in pixels, as an earlier plan chose them; None for 0, which is a frame in one piece."""
    return _tiling(objective, side) if side else None


def _largest(tap_sets: Iterable[Collection[Tap]]) -> list[tuple[Tap, ...]]:
    """Those sets of taps that are no subset of another."""
    distinct = list(dict.fromkeys(frozenset(taps) for taps in tap_sets))
    return [tuple(sorted(taps)) for taps in distinct if not any(taps < other for other in distinct)]


def _window_sides(least: int, most: int, stride: int) -> list[int]:
    """Sides in pixels, each about a fifth larger than the last, so that a bit more memory gives the same tiles."""
    steps = math.ceil(4 * math.log2(most / least))
    sides = (math.floor(least * 2 ** (step / 4) / stride) * stride for step in range(steps + 1))
    return list(dict.fromkeys(side for side in sides if side < most))


def _limitations(objective: Objective) -> tuple[str, ...]:
    """Sentences on where a dream in tiles differs from one of the whole frame."""
    name = objective.network.name
    gated = any(layer.gated for layer in _layers(objective))
    scored = any(is_logits(tap.layer) for tap in objective.taps) and not objective.network.averages_classes
    return tuple(
        sentence
        for sentence, holds in (
            (f"the gates of {name} average a tile, not the frame, so the dream differs from one in one piece", gated),
            (f"{name} scores each tile as a picture of its own, so that a class grows in every one", scored),
        )
        if holds
    )


def _layers(objective: Objective) -> list[Layer]:
    return [objective.network.map_of(tap.layer) for tap in objective.taps]


def network_names_of(objective: Objective) -> tuple[str, ...]:
    """The names of the networks that an objective reads."""
    return tuple(dict.fromkeys(objective.network.owner(tap.layer)[0].name for tap in objective.taps))


def tile_geometry(objective: Objective) -> tuple[int, int]:
    """The stride of the grid on which tiles lie, and the margin that they need, in pixels."""
    layers = _layers(objective)
    stride = math.lcm(*(layer.stride * (1 if layer.receptive_field else _ATTENTION) for layer in layers))
    return stride, math.ceil(max(map(_reach, layers)) / stride) * stride


def _reach(layer: Layer) -> float:
    return _MARGIN * layer.receptive_field if layer.receptive_field else _ATTENTION_MARGIN * layer.stride
