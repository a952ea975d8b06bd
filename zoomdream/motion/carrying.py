"""Carries a dream along the motion of its source."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from zoomdream.images.frame import Frame, size_of
from zoomdream.images.interleaved import opencv_computes, pixels_of
from zoomdream.images.resample import sample
from zoomdream.motion.flow_reliability import Motion


def carry(image: Frame, motion: Motion) -> Frame:
    """`image`, which belongs to the frame before, on this frame: warped along the motion, times its reliability.

    Pixels without motion are copied exactly, however often they are carried.
    """
    device = image.device
    reliable = torch.from_numpy(motion.reliability).to(device)
    return warp(image, torch.from_numpy(motion.backward).to(device)) * reliable


def warp(image: Frame, backward: torch.Tensor) -> Frame:
    """`image` sampled at each pixel's position plus `backward` (HxWx2, in pixels), with the cubic B-spline."""
    width, height = size_of(image)
    x = torch.arange(width, device=image.device) + backward[..., 0]
    y = torch.arange(height, device=image.device)[:, None] + backward[..., 1]
    sampled, still = sample(image, x, y), (backward == 0).all(-1)
    if opencv_computes(image):
        cv2.copyTo(pixels_of(image), still.numpy().view(np.uint8), pixels_of(sampled))
        return sampled
    return torch.where(still, image, sampled)
