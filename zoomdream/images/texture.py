"""Texture: how much contrast a frame has in each octave, and what is more than photographs have taken back.

The amplitudes of a photograph's frequencies fall about as 1/f (Field, "Relations between the statistics of natural
images and the response properties of cortical cells", 1987), so that its octaves have nearly the same contrast. A frame
that is dreamed again and again gains most in the finest ones: it gets gritty, and its edges get fringes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import torch.nn.functional as F

from zoomdream.images.filters import blur
from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.sampling.resample import resize

# Of photographs, measured over eight (skimage's and the samples): the contrast of their liveliest tenth in an octave
# whose pixels are the share p of the frame's shorter side, 0.25 p^0.4: 0.035 in the finest octave of 270 lines.
_CONTRAST, _SLOPE = 0.25, 0.4
_LEAST = 1e-3  # contrast under which nothing is taken back
_COARSEST = 8  # pixels that the coarsest octave's shorter side has at least
_NEAR = 2.0  # pixels of half of an octave's size: the sigma of the region in which its contrast is measured
_LEFT = 0.08  # share of a photograph's contrast that a place keeps which is to stay calm


def natural_texture(frame: Frame, share: float, strength: Frame | None = None) -> Frame:
    """Draw each octave's contrast down to that of photographs, where it is higher.

    Args:
        frame: 1x3xHxW in [0, 1]; left as it is.
        share: how much of what is too much is taken back, as an exponent: 0 leaves the frame, 1 leaves nothing of it.
        strength: 1x1xHxW in [0, 1]: 1 where a photograph's liveliest contrast is allowed, 0 where it is to be calm;
            None: 1 everywhere.

    Returns a frame of the same shape, in [0, 1]. The coarsest colors stay.
    """
    if share == 0:
        return frame
    levels = list(_levels(frame))
    side = min(size_of(frame))
    result = levels[-1]
    for fine, coarse in reversed(list(pairwise(levels))):
        size = size_of(fine)
        band = fine - resize(coarse, size)
        allowed = _CONTRAST * (2 * side / min(size) / side) ** _SLOPE
        result = resize(result, size) + band * _gain(band, allowed, share, strength)
    return result.clamp_(0, 1)


def _levels(frame: Frame) -> Iterator[Frame]:
    yield frame
    while min(size_of(frame)) >= 2 * _COARSEST:
        frame = resize(frame, _half(size_of(frame)))
        yield frame


def _half(size: Size) -> Size:
    return size[0] // 2, size[1] // 2


def _gain(band: Frame, allowed: float, share: float, strength: Frame | None) -> Frame:
    """1x1xHxW in [0, 1]: what a band is multiplied by so that its contrast near each pixel gets less."""
    halved = F.avg_pool2d(band.square(), 2, ceil_mode=True, count_include_pad=False)
    energy = blur(halved.mean(1, keepdim=True), _NEAR).clamp_min_(_LEAST**2)
    limit: Frame | float = allowed
    if strength is not None:
        limit = allowed * (_LEFT + (1 - _LEFT) * resize(strength, size_of(energy)).clamp_(0, 1))
    # (limit / contrast)^share, by logarithms: `**` computes the last values of a thread's part by another formula
    gain = (limit * limit / energy).clamp_(max=1).log_().mul_(share / 2).exp_()
    return F.interpolate(gain, band.shape[-2:], mode="bilinear", align_corners=False)
