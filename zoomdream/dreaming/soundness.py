"""Whether a dream is still a picture: its numbers are finite, and it has not become one flat color."""

from __future__ import annotations

import torch

from zoomdream.errors import DreamError
from zoomdream.images.frame import Frame


def refuse_no_picture(frame: Frame, name: str, start: Frame | None = None) -> None:
    """Check a dream before anything is made from it. `name` is what a message calls it: `frame 12 of 240`.

    Args:
        frame: 1x3xHxW in [0, 1]. The check takes a tenth of a millisecond at 480x270.
        name: begins the message.
        start: what it was dreamed from. One color is no fault where that had one color too; None: where that had more.

    Raises DreamError.
    """
    if not torch.isfinite(_sum(frame)):  # a single NaN or infinity is enough; the fastest pass that there is
        raise DreamError(
            f"{name}: the dream has become NaN, numbers too large for the network: choose another layer, other "
            f"weights, or float32 instead of bfloat16"
        )
    if _is_one_color(frame) and not (start is not None and _is_one_color(start.clamp(0, 1))):
        raise DreamError(
            f"{name}: the dream has become one flat color: choose a smaller step size, fewer steps or another layer"
        )


def _sum(frame: Frame) -> torch.Tensor:
    # NumPy's is serial: PyTorch's threads would take longer to meet than to add.
    return torch.as_tensor(frame.numpy().sum()) if frame.device.type == "cpu" else frame.sum()


def _is_one_color(frame: Frame) -> bool:
    first = frame[..., :1, :1]
    few = frame[..., ::32, ::32]  # in almost every frame these differ, and the others need not be looked at
    return bool((few == first).all()) and bool((frame == first).all())
