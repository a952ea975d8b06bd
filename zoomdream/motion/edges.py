"""What lies beyond a frame's edges: its reflection, its other side, or its outermost pixels."""

from __future__ import annotations

import torch

from zoomdream.images.frame import Frame, size_of
from zoomdream.settings import Border

_REACH = 16  # pixels beyond a position that the spline reads, its prefilter included


def framed(frame: Frame, x: torch.Tensor, y: torch.Tensor, border: Border) -> tuple[Frame, torch.Tensor, torch.Tensor]:
    """A frame, and positions in it for (x, y), so that a resampling which reflects shows the border asked for.

    Args:
        frame: of any range.
        x, y: positions in pixels, each HxW, or 1xW and Hx1.
        border: "wrap" repeats the frame without a seam, "replicate" its outermost pixels; all others reflect it.
    """
    width, height = size_of(frame)
    if border == "replicate":
        return frame, x.clamp(0, width - 1), y.clamp(0, height - 1)
    if border == "wrap":
        return _wrapped(frame), x.remainder(width) + _REACH, y.remainder(height) + _REACH
    return frame, x, y


def _wrapped(frame: Frame) -> Frame:
    """The frame with its other side around it, as far as the spline reads."""
    columns, rows = (
        torch.arange(-_REACH, side + _REACH, device=frame.device).remainder(side) for side in size_of(frame)
    )
    wide = frame.index_select(-1, columns).index_select(-2, rows)
    return wide.contiguous(memory_format=torch.channels_last) if frame.shape[0] == 1 else wide
