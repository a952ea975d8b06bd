"""The photo and the network that options name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.cli.echo import echo_warnings, telling_downloads
from zoomdream.cli.options.shared_options import ComputeOptions, NetworkOptions
from zoomdream.cli.torch_import import import_torch
from zoomdream.errors import SettingError, UsageError

if TYPE_CHECKING:
    from zoomdream.images.frame import Frame, Size
    from zoomdream.networks import Network
    from zoomdream.objectives import Spec


def photo_file(photo: Path) -> Path:
    """The file of a photo, which may be one of the sample pictures: `sample:clouds`. Raises UnknownNameError."""
    from zoomdream.presets.sample_pictures import is_sample, sample_file

    return sample_file(photo) if is_sample(photo) else photo


def located(objective: str) -> str | Spec:
    """An objective in its short form; as a spec where it names sample pictures, with their files. Raises UsageError."""
    from zoomdream.objectives import parse
    from zoomdream.presets.sample_pictures import is_sample

    spec = parse(objective)
    return spec.located(photo_file) if any(map(is_sample, spec.files)) else objective


def read_photo(
    path: Path,
    size: str | None,
    *,
    background: str | None = None,
    scaled: Callable[[Size], Size] | None = None,
    max_memory: int | None = None,
) -> Frame:
    """A photo as a frame of `size` (`640x360`; None: its own). Warns where parts of it are cropped or ignored.

    `background` is the color that is seen through it, black where it is None. `scaled` gives the size, of the same
    shape, at which a photo is read whose size nobody chose. Raises SourceError, UsageError, OutOfMemoryError.
    """
    from zoomdream.images.colors.color_names import BLACK, parse_color
    from zoomdream.images.pictures.loading import picture_size, read_picture
    from zoomdream.images.pictures.warnings import crop_warnings
    from zoomdream.presets.canvas import parse_size

    pixels = None if size is None else parse_size(size)
    color = BLACK
    if background is not None:
        try:
            color = parse_color(background)
        except SettingError as error:
            raise UsageError(f"--background: {error}") from error
    if pixels is None and scaled is not None:
        photo = read_picture(path, scaled(picture_size(path)), "stretch", background=color, max_memory=max_memory)
    else:
        photo = read_picture(path, pixels, background=color, max_memory=max_memory)
    cropped = crop_warnings(path.name, photo.original_size, pixels) if pixels else []
    echo_warnings([*photo.warnings, *cropped])
    return photo.frame


@cache
def blueprint_of(network: NetworkOptions) -> Network:
    """The network or networks of the options without its weights: see `blueprints`, whose errors it raises."""
    from zoomdream.networks import blueprints

    return blueprints(network.names, network.weights)


def load_with_options(network: NetworkOptions, compute: ComputeOptions) -> Network:
    """The networks of the options, ready to run; a download is reported. Raises what `load_networks` does."""
    import_torch()
    from zoomdream.networks import load_networks
    from zoomdream.runtime import choose_device, choose_precision, use_threads

    device = choose_device(compute.device)
    use_threads(compute.threads or "auto")
    dtype = choose_precision(compute.precision, device)
    with telling_downloads(compute.offline):
        return load_networks(network.names, weights=network.weights, device=device, dtype=dtype)
