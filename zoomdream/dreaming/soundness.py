"""Whether a dream is still a picture: its numbers are finite, and it has not become one flat color."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from zoomdream.errors import DreamError
from zoomdream.images.frame import Frame

Check = Callable[[Frame, str, Frame | None], None]
"""What looks at a dream before anything is made from it; its arguments are those of `refuse_no_picture`."""


def refuse_no_picture(frame: Frame, name: str, start: Frame | None = None) -> None:
    """Check a dream before anything is made from it. `name` is what a message calls it: `frame 12 of 240`.

    Args:
        frame: 1x3xHxW in [0, 1]. The check takes a tenth of a millisecond at 480x270.
        name: begins the message.
        start: what it was dreamed from. One color is no fault where that had one color too; None: where that had more.

    Raises DreamError.
    """
    if not torch.isfinite(_sum(frame)):  # a single NaN or infinity is enough; the fastest pass that there is
        raise _not_finite(name)
    if _is_one_color(frame) and not (start is not None and _is_one_color(start.clamp(0, 1))):
        raise _one_color(name)


@dataclass
class LaterChecks:
    """The same checks on a GPU, which would have to stop for an answer: the answers are read later, with the pixels.

    `add` is a `Check`; the answers come out in the order in which the frames went in.
    """

    _waiting: deque[tuple[str, torch.Tensor]] = field(default_factory=deque, init=False)

    def add(self, frame: Frame, name: str, start: Frame | None = None) -> None:
        """Compute, on the frame's device, what is wrong with it."""
        flat = _equals_its_corner(frame)
        if start is not None:
            flat = flat & ~_equals_its_corner(start.clamp(0, 1))
        self._waiting.append((name, torch.stack([~torch.isfinite(frame.sum()), flat])))

    def take(self) -> tuple[str, torch.Tensor]:
        """The name of the first frame that still waits, and what is wrong: not finite, one color. On its device.

        Once they are in memory, `refuse_unsound` takes both.
        """
        return self._waiting.popleft()


def refuse_unsound(name: str, faults: torch.Tensor) -> None:
    """Raise the DreamError of what `LaterChecks.take` gave, where something is wrong."""
    not_finite, one_color = faults.tolist()
    if not_finite:
        raise _not_finite(name)
    if one_color:
        raise _one_color(name)


def _not_finite(name: str) -> DreamError:
    return DreamError(
        f"{name}: the dream has become NaN, numbers too large for the network: choose another layer, other "
        f"weights, or float32 instead of bfloat16 or float16"
    )


def _one_color(name: str) -> DreamError:
    return DreamError(
        f"{name}: the dream has become one flat color: choose a smaller step size, fewer steps or another layer"
    )


def _equals_its_corner(frame: Frame) -> torch.Tensor:
    return (frame == frame[..., :1, :1]).all()


def _sum(frame: Frame) -> torch.Tensor:
    # NumPy's is serial: PyTorch's threads would take longer to meet than to add.
    return torch.as_tensor(frame.numpy().sum()) if frame.device.type == "cpu" else frame.sum()


def _is_one_color(frame: Frame) -> bool:
    first = frame[..., :1, :1]
    few = frame[..., ::32, ::32]  # in almost every frame these differ, and the others need not be looked at
    return bool((few == first).all()) and bool((frame == first).all())
