"""Warnings about pictures of which much is cropped, or whose transparency or motion is ignored."""

from __future__ import annotations

import numpy as np
from PIL import Image

from zoomdream.images.frame import Size

_MUCH = 0.2  # of a picture: a 3:2 photo in a 16:9 film loses less, and needs no warning
_OPAQUE = 255  # in an alpha channel


def crop_warnings(name: str, size: Size, frame: Size) -> list[str]:
    """A warning where a picture of `size` (width, height), cropped to fill a frame of size `frame`, loses over 20 %."""
    shapes = (size[0] / size[1], frame[0] / frame[1])
    lost = 1 - min(shapes) / max(shapes)
    if lost <= _MUCH:
        return []
    ratio = max(frame) / max(size)
    whole = "x".join(str(max(2, round(side * ratio / 2) * 2)) for side in size)
    return [
        f"{name} is {size[0]}x{size[1]}: {lost:.0%} of it is cut off to fill {frame[0]}x{frame[1]}; "
        f"a size of {whole} keeps all of it"
    ]


def picture_warnings(name: str, opened: Image.Image) -> list[str]:
    """Warnings where a frame ignores a file's transparency, or all but the first picture of an animation."""
    warnings = [f"{name} is an animation: only its first picture is used"] if _is_animation(opened) else []
    return [*warnings, f"what is transparent in {name} counts as black"] if _is_transparent(opened) else warnings


def _is_animation(opened: Image.Image) -> bool:
    return getattr(opened, "n_frames", 1) > 1


def _is_transparent(opened: Image.Image) -> bool:
    if opened.mode not in ("RGBA", "LA", "PA") and "transparency" not in opened.info:
        return False
    alpha = np.asarray(opened.convert("RGBA").getchannel("A"))
    return bool(alpha.min() < _OPAQUE)
