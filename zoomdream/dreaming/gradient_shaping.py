"""What is done to a gradient before it becomes a step: color, smoothing, equal bands, one length."""

from __future__ import annotations

import cv2
import torch

from zoomdream.images.colors.color import natural_gradient, natural_mixing
from zoomdream.images.filters import mean_of_blurs
from zoomdream.images.frame import Frame, size_of
from zoomdream.images.interleaved import flat, opencv_computes, pixels_of
from zoomdream.images.sampling.resample import resize
from zoomdream.images.sums import mean, standard_deviation, total
from zoomdream.settings import DreamSettings


def color_and_smooth(gradient: Frame, settings: DreamSettings, progress: float) -> Frame:
    """Color, smooth and band-equalise a gradient; the smoothing grows with `progress`, in (0, 1]."""
    if settings.smoothing:
        mixing = natural_mixing(settings.natural_color, gradient.device, settings.chroma)
        gradient = gaussian_cascade(gradient, settings.smoothing * (0.5 + progress), mixing)
    else:
        gradient = natural_gradient(gradient, settings.natural_color, settings.chroma)
    if settings.laplacian:
        gradient = laplacian_normalized(gradient, settings.laplacian)
    return gradient


def unit_step(gradient: Frame, share: Frame | float) -> Frame:
    """The gradient scaled to a mean absolute value of `share`, 1x1xHxW or one number for all pixels, in [0, 1].

    The mean is over the pixels whose share is not 0: if it were over the whole frame, the few pixels that a neuron sees
    would get the whole frame's step.
    """
    if not isinstance(share, torch.Tensor):
        return gradient * (share / _mean_magnitude(gradient))
    gradient = gradient * (share > 0)
    return gradient * (3 * total(share) / total(gradient.abs()).clamp_min(1e-12))


def within_headroom(frame: Frame, step: Frame, headroom: float) -> Frame:
    """A step that shrinks in the last `headroom` before black or white, to which it leads, and is 0 there.

    A clamp would flatten what is bright, and its three channels one after the other, which gives colored fringes.
    """
    room = torch.where(step > 0, 1 - frame, frame) / headroom
    return step * room.clamp_(0, 1)


def _mean_magnitude(gradient: Frame) -> torch.Tensor | float:
    """The mean absolute value, or the smallest number to divide by."""
    if opencv_computes(gradient):
        return max(1e-12, cv2.norm(flat(pixels_of(gradient)), cv2.NORM_L1) / gradient.numel())
    return mean(gradient.abs()).clamp_min(1e-12)


def gaussian_cascade(gradient: Frame, sigma: float, mixing: torch.Tensor | None = None) -> Frame:
    """Mean of three Gaussian blurs, of half of `sigma`, of `sigma` and of twice it (gordicaleksa/pytorch-deepdream).

    Fine noise is removed, and shapes of several sizes stay. The channels are multiplied by `mixing`, 3x3, before.
    """
    return mean_of_blurs(gradient, (sigma / 2, sigma, sigma * 2), mixing)


def laplacian_normalized(gradient: Frame, bands: int) -> Frame:
    """Split a gradient into `bands` frequency bands, bring each to a standard deviation of 1, and add them up.

    From TensorFlow's DeepDream tutorial: coarse changes get as much of the step as fine ones. Bands for which the
    frame is too small are left out.
    """
    equalised = torch.zeros_like(gradient)
    full = size_of(gradient)
    rest = gradient
    for _ in range(bands - 1):
        width, height = size_of(rest)
        if min(width, height) < 4:
            break
        coarse = resize(rest, (width // 2, height // 2))
        equalised += resize(_unit(rest - resize(coarse, (width, height))), full)
        rest = coarse
    return equalised + resize(_unit(rest), full)


def _unit(band: Frame) -> Frame:
    return band / standard_deviation(band).clamp_min(1e-12)
