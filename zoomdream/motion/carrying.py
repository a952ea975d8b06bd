"""Carries a dream along the motion of its source."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from zoomdream.images.frame import Frame, to_device
from zoomdream.images.interleaved import frame_of, opencv_computes, opencv_samples, pixels_of
from zoomdream.images.sampling.resample import sample, sample_cubic
from zoomdream.motion.optical_flow.reliability import Motion


def carry(image: Frame, motion: Motion) -> Frame:
    """`image`, which belongs to the frame before, on this frame: warped along the motion, times its reliability.

    Pixels without motion are copied exactly, however often they are carried.
    """
    return carry_both(image, None, motion)[0]


def carry_both(image: Frame, change: Frame | None, motion: Motion) -> tuple[Frame, Frame | None]:
    """An image as `carry` gives it, and a change of it that comes along, of any range; None: there is none.

    The change is sampled by a cubic convolution (a = -0.75), an eighth of the spline's work: it lives for a few frames,
    in which that kernel's overshoot does not add up.
    """
    device = image.device
    backward, reliability = to_device(motion.backward, device), to_device(motion.reliability, device)
    carried = warp(image, backward) * reliability
    return carried, None if change is None else _warp_change(change, backward) * reliability


def warp(image: Frame, backward: torch.Tensor) -> Frame:
    """`image` sampled at each pixel's position plus `backward` (HxWx2, in pixels), with the cubic B-spline."""
    sampled, still = sample(image, *_positions(backward)), (backward == 0).all(-1)
    if opencv_computes(image):
        cv2.copyTo(pixels_of(image), still.numpy().view(np.uint8), pixels_of(sampled))
        return sampled
    return torch.where(still, image, sampled)


def _warp_change(change: Frame, backward: torch.Tensor) -> Frame:
    x, y = _positions(backward)
    if opencv_samples(change, tuple(x.shape)):
        pixels, border = pixels_of(change), cv2.BORDER_REFLECT_101
        moved = cv2.remap(pixels, x.numpy(), y.numpy(), cv2.INTER_CUBIC, borderMode=border)
        return frame_of(np.asarray(moved, np.float32))
    return sample_cubic(change, x, y)


def _positions(backward: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Where each pixel's value comes from: x and y, each HxW."""
    height, width = backward.shape[:2]
    x = torch.arange(width, device=backward.device) + backward[..., 0]
    y = torch.arange(height, device=backward.device)[:, None] + backward[..., 1]
    return x, y
