"""The photo and the network that options name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.cli.echo import echo_download, echo_warnings
from zoomdream.cli.options import ComputeOptions, NetworkOptions

if TYPE_CHECKING:
    from zoomdream.images.frame import Frame
    from zoomdream.networks import Network


def read_photo(path: Path, size: str | None) -> Frame:
    """A photo as a frame of `size` (`640x360`; None: its own). Warns of what of it is not seen.

    Raises SourceError, UsageError.
    """
    from zoomdream.images.files import load_image
    from zoomdream.images.frame import size_of
    from zoomdream.images.resample import fit
    from zoomdream.images.warnings import crop_warnings, picture_warnings
    from zoomdream.presets.schema import parse_size

    pixels = None if size is None else parse_size(size)
    photo = load_image(path)
    cropped = crop_warnings(path.name, size_of(photo), pixels) if pixels else []
    echo_warnings([*picture_warnings(path), *cropped])
    return fit(photo, pixels) if pixels else photo


@cache
def blueprint_of(network: NetworkOptions) -> Network:
    """The network of the options without its weights: see `blueprint`, whose errors it raises."""
    from zoomdream.networks import blueprint

    return blueprint(network.network, network.weights)


def load(network: NetworkOptions, compute: ComputeOptions) -> Network:
    """The network of the options, ready to run; a download is reported. Raises what `load_network` does."""
    from zoomdream.networks import load_network
    from zoomdream.runtime import choose_device, choose_precision

    device = choose_device(compute.device)
    dtype = choose_precision(compute.precision, device)
    return load_network(
        network.network, weights=network.weights, device=device, dtype=dtype, on_progress=echo_download()
    )
