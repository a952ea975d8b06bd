"""The photo and the network that options name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.cli.echo import echo_warnings, telling_downloads
from zoomdream.cli.options import ComputeOptions, NetworkOptions

if TYPE_CHECKING:
    from zoomdream.images.frame import Frame
    from zoomdream.networks import Network


def read_photo(path: Path, size: str | None) -> Frame:
    """A photo as a frame of `size` (`640x360`; None: its own). Warns where parts of it are cropped or ignored.

    Raises SourceError, UsageError.
    """
    from zoomdream.images.files import read_picture
    from zoomdream.images.frame import size_of
    from zoomdream.images.resample import fit_frame
    from zoomdream.images.warnings import crop_warnings
    from zoomdream.presets.schema import parse_size

    pixels = None if size is None else parse_size(size)
    photo = read_picture(path)
    cropped = crop_warnings(path.name, size_of(photo.frame), pixels) if pixels else []
    echo_warnings([*photo.warnings, *cropped])
    return fit_frame(photo.frame, pixels) if pixels else photo.frame


@cache
def blueprint_of(network: NetworkOptions) -> Network:
    """The network of the options without its weights: see `blueprint`, whose errors it raises."""
    from zoomdream.networks import blueprint

    return blueprint(network.network, network.weights)


def load_with_options(network: NetworkOptions, compute: ComputeOptions) -> Network:
    """The network of the options, ready to run; a download is reported. Raises what `load_network` does."""
    from zoomdream.networks import load_network
    from zoomdream.runtime import choose_device, choose_precision, use_threads

    device = choose_device(compute.device)
    use_threads(compute.threads)
    dtype = choose_precision(compute.precision, device)
    with telling_downloads(compute.offline):
        return load_network(network.network, weights=network.weights, device=device, dtype=dtype)
