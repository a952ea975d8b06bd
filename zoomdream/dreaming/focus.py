"""The focus of a frame: where it is dreamed, and where it stays calm."""

from __future__ import annotations

import torch

from zoomdream.images.filters import blur
from zoomdream.images.frame import Frame, size_of
from zoomdream.images.sampling.resample import resize
from zoomdream.settings import FocusSettings

_SIDE = 72  # pixels of the shorter side on which saliency is computed
_SCALES = (2.0, 4.0, 8.0)  # sigmas, in pixels there, of what a place is compared with
_SMOOTH = 2.0  # sigma, in pixels there
_CALMEST, _LIVELIEST = 0.35, 0.75  # shares of the frame that are least and most salient: calm, and dreamed whole


def focus_of(
    picture: Frame, settings: FocusSettings, rim: Frame | None = None, lively: Frame | None = None
) -> Frame | None:
    """How strongly each place is dreamed.

    Args:
        picture: 1x3xHxW in [0, 1], what is dreamed on: a video's frame, or the last dream as the camera sees it.
        settings: where the focus is.
        rim: 1x1xHxW in [0, 1], how newly each place has come into view; None: none has.
        lively: 1x1xHxW in [0, 1], where nothing stays calm, since something has to be dreamed over; None: nowhere.

    Returns 1x1xHxW in [1 - calm, 1 + rim]; None where it is 1 everywhere.
    """
    focus = None
    if settings.calm:
        spot = saliency(picture) if settings.by == "saliency" else _spot(picture, settings)
        calm = settings.calm * (1 - spot)
        focus = 1 - (calm if lively is None else calm * (1 - lively))
    if rim is None or settings.rim == 0:
        return focus
    inner = torch.ones_like(rim) if focus is None else focus
    return torch.lerp(inner, torch.full_like(rim, 1 + settings.rim), rim)


def _spot(picture: Frame, settings: FocusSettings) -> Frame:
    """1 in the middle, 1/2 at the radius, and then soon 0."""
    width, height = size_of(picture)
    x = torch.arange(width, device=picture.device) - settings.at[0] * (width - 1)
    y = torch.arange(height, device=picture.device) - settings.at[1] * (height - 1)
    distance = torch.hypot(x[None], y[:, None]) / (settings.radius * min(width, height))
    return (1 / (1 + distance.square().square()))[None, None]


def saliency(picture: Frame) -> Frame:
    """Where a picture stands out from its surroundings in color and brightness: 1x1xHxW in [0, 1].

    Differences of centre and surround on several scales (Itti, Koch, Niebur, "A model of saliency-based visual
    attention", 1998), ranked: a third of the frame has 0 and a quarter 1, whatever its contrast.
    """
    width, height = size_of(picture)
    scale = min(1.0, _SIDE / min(width, height))
    small = resize(picture, (max(1, round(width * scale)), max(1, round(height * scale))))
    difference = sum((small - blur(small, sigma)).square().sum(1, keepdim=True) for sigma in _SCALES)
    assert isinstance(difference, torch.Tensor)
    smooth = blur(difference, _SMOOTH)
    ranked = smooth.flatten().sort().values
    low, high = (ranked[round(share * (len(ranked) - 1))] for share in (_CALMEST, _LIVELIEST))
    linear = ((smooth - low) / (high - low).clamp_min(1e-9)).clamp(0, 1)
    return resize(linear * linear * (3 - 2 * linear), (width, height)).clamp_(0, 1)
