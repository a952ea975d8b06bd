"""Frames that change their size or their pixels' shape midway, fitted into the first part's frame by ffmpeg."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from zoomdream.media.clip import SQUARE_TOLERANCE, Clip, display_size
from zoomdream.media.probing.packets import MOST_STRETCHED

if TYPE_CHECKING:
    from zoomdream.images.frame import Size


def fitted_size_expressions(clip: Clip, size: Size) -> str:
    """Options of ffmpeg's `scale` that bring the clip to `size` (width, height) in pixels, and a part of it that has
    another shape as far into that as it goes without being stretched. `pad_to` adds what is left.
    """
    width, height = display_size(clip)
    ratio = f"({_shape(clip)})/({width}/{height})"
    is_same = f"lt(abs({ratio}-1),{SQUARE_TOLERANCE})"
    sides = (f"{size[0]}*min(1,{ratio})", f"{size[1]}*min(1,1/({ratio}))")
    widths = [f"'if({is_same},{side},max(1,round({other})))'" for side, other in zip(size, sides, strict=True)]
    return f"{':'.join(widths)}:eval=frame"


def pad_to(size: Size) -> str:
    """The filter that lays smaller frames into the middle of a black one of `size` (width, height)."""
    return f"pad={size[0]}:{size[1]}:(ow-iw)/2:(oh-ih)/2:eval=frame"


def _shape(clip: Clip) -> str:
    """A frame's width over its height on a screen, as an expression of `scale`.

    Of the pixels' shape ffmpeg knows the file's; where it changes, it must be told.
    """
    if not clip.sample_aspects:
        return f"if(between(sar,{1 / MOST_STRETCHED},{MOST_STRETCHED}),dar,iw/ih)"
    is_turned = clip.rotation % 180 == 90
    aspects = [(time, 1 / aspect if is_turned else aspect) for time, aspect in clip.sample_aspects]
    shape = f"{aspects[-1][1]}"
    for (_, aspect), (end, _) in reversed(list(pairwise(aspects))):
        shape = f"if(lt(t,{float(end * clip.time_base):.6f}-0.0005),{aspect},{shape})"
    return f"iw/ih*({shape})"
