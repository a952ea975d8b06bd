"""The palettes of the pictures and colors that a film is drawn to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from zoomdream.errors import SourceError
from zoomdream.images.colors.color import Palette, palette_of, to_lab
from zoomdream.images.frame import from_uint8
from zoomdream.images.pictures.loading import is_picture, read_picture
from zoomdream.presets.preset import Preset
from zoomdream.schedule.palettes import PaletteMoments, ReferenceColors
from zoomdream.settings import PaletteSettings

_SIZE = (320, 240)  # on which a picture's palette is measured
# Standard deviations of L*, a* and b* that a few colors get at least: those of photographs (skimage's and the samples)
_USUAL = (20.0, 8.0, 10.0)
_SPREAD = 0.5  # of the colors' own: most of a picture's pixels lie between them, not on them


def reference_palettes(preset: Preset, max_memory: int | None = None) -> Mapping[ReferenceColors, PaletteMoments]:
    """The moments of every reference of a preset's `color.palette`.

    Raises SourceError for a picture that is missing or cannot be read, OutOfMemoryError.
    """
    track = preset.palette
    if track is None:
        return {}
    with preset.locating_errors("color", "palette"):
        return {reference: _moments(reference, max_memory) for reference in track.references}


def _moments(reference: ReferenceColors, max_memory: int | None) -> PaletteMoments:
    if reference.picture is None:
        return _of_palette(_of_colors(reference.colors))
    if not reference.picture.is_file():
        raise SourceError(f'{reference.picture}: no such picture; name another, or colors such as "#f4a261"')
    if not is_picture(reference.picture):
        raise SourceError(f'{reference.picture} is no picture: a palette is a picture, or colors such as "#f4a261"')
    photo = read_picture(reference.picture, _SIZE, "fill", torch.device("cpu"), max_memory=max_memory)
    return _of_palette(palette_of(photo.frame))


def _of_colors(colors: tuple[str, ...]) -> Palette:
    """Of colors that have equal parts; a few of them have less contrast than a picture, which is made up."""
    levels = np.array([[tuple(bytes.fromhex(color[1:])) for color in colors]], np.uint8)
    lab = to_lab(from_uint8(levels))
    mean = lab.mean((2, 3), keepdim=True)
    spread = (lab - mean).square().mean((2, 3), keepdim=True).sqrt()
    return Palette(mean, torch.maximum(_SPREAD * spread, torch.tensor(_USUAL).view(1, 3, 1, 1)))


def _of_palette(palette: Palette) -> PaletteMoments:
    means, stds = palette.mean.flatten().tolist(), palette.std.flatten().tolist()
    return PaletteMoments(*zip(means, stds, strict=True))


def with_reference(own: Palette, settings: PaletteSettings) -> Palette:
    """The palette to which a frame is drawn: `own`, or what a reference has in its place."""
    if settings.share == 0:
        return own
    pairs = (settings.lightness, settings.green_red, settings.blue_yellow)
    mean, std = (torch.tensor(column, device=own.mean.device).view(1, 3, 1, 1) for column in zip(*pairs, strict=True))
    return Palette(torch.lerp(own.mean, mean, settings.share), torch.lerp(own.std, std, settings.share))
