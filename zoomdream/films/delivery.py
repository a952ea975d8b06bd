"""A film's frames as pixels in memory, as the encoder and the journal take them.

What a GPU computes is asked for once a frame, when the next frame is on its way already: neither waits for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from itertools import islice
from typing import Protocol

import torch

from zoomdream.dreaming.soundness import LaterChecks, refuse_unsound
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import dreamed_frames
from zoomdream.films.states import PartStart, State
from zoomdream.images.frame import Frame, Levels, as_levels, levels_on_device, to_levels


class Copy(Protocol):
    """Tensors on their way from a GPU into memory."""

    def wait(self) -> Sequence[torch.Tensor]:
        """The tensors in memory, once all of them are there. Nobody changes their memory as long as they exist."""


class PinnedCopy:
    """A `Copy` into page-locked memory, which a GPU writes by itself. PyTorch keeps freed memory for the next one."""

    def __init__(self, tensors: Sequence[torch.Tensor]) -> None:
        self._copies = [torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True) for tensor in tensors]
        for copy, tensor in zip(self._copies, tensors, strict=True):
            copy.copy_(tensor, non_blocking=True)
        self._copied = torch.cuda.Event(blocking=True)  # waits asleep: the encoder has use for the processor
        self._copied.record(torch.cuda.current_stream(tensors[0].device))

    def wait(self) -> Sequence[torch.Tensor]:
        """See `Copy`."""
        self._copied.synchronize()
        return self._copies


def finished_frames(
    film: Film, state: State | PartStart | None, count: int, bits: int
) -> Generator[tuple[Levels, State], None, None]:
    """`count` frames from `state` on, as HxWx3 RGB of 8 or 16 `bits`, each with the state that the next begins with.

    Fewer where the film's video ends early. Raises DreamError before a frame is given that is no picture any more.
    """
    if film.network.device.type == "cuda":
        checks = LaterChecks()
        with closing(dreamed_frames(film, state, checks.add)) as dreamed:
            yield from delivered(islice(dreamed, count), checks, bits, PinnedCopy)
        return
    with closing(dreamed_frames(film, state)) as dreamed:
        for frame, after in islice(dreamed, count):
            yield to_levels(frame, bits), after


def delivered(
    dreamed: Iterable[tuple[Frame, State]],
    checks: LaterChecks,
    bits: int,
    copy: Callable[[Sequence[torch.Tensor]], Copy],
) -> Generator[tuple[Levels, State], None, None]:
    """The frames of a loop, each given when the next has been begun, and what `checks` found of it along with it.

    Raises DreamError, as `finished_frames` does, and what the loop raises, after the frame before.
    """
    loop = iter(dreamed)
    waiting: tuple[str, Copy, State] | None = None
    failure: Exception | None = None
    while True:
        try:
            following = next(loop, None)
        except Exception as error:
            following, failure = None, error
        arriving, waiting = waiting, None
        if following is not None:
            name, faults = checks.take()
            waiting = name, copy([levels_on_device(following[0], bits), faults]), following[1]
        if arriving is not None:
            yield _arrived(*arriving)
        if waiting is None:
            break
    if failure is not None:
        raise failure


def _arrived(name: str, copy: Copy, after: State) -> tuple[Levels, State]:
    pixels, faults = copy.wait()
    refuse_unsound(name, faults)
    return as_levels(pixels), after
