"""Words of options as values, and what the commands on pictures load."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.cli.echo import echo_download, echo_warnings
from zoomdream.errors import UsageError

if TYPE_CHECKING:
    from zoomdream.cli.options import Device, Precision
    from zoomdream.images.frame import Frame
    from zoomdream.networks import Network

_LARGEST_WEIGHT = 1_000_000
_SMALLEST_LIMIT = 10**6  # bytes; less is a typing error


def names(text: str | None, option: str) -> tuple[str, ...]:
    """A list written with commas, `fire2,fire3`; empty when the option was not given. Raises UsageError."""
    found = tuple(part.strip() for part in (text or "").split(","))
    if text is not None and not all(found):
        raise UsageError(f"{option} {text!r} names nothing between two commas: write fire2,fire3")
    return found if text else ()


def memory_limit(text: str | None) -> int | None:
    """Bytes of --max-memory, from `6GB`, `800 MB` or `4GiB`; None when it was not given. Raises UsageError."""
    if text is None:
        return None
    from pydantic import ByteSize, TypeAdapter, ValidationError

    unit = text.strip()
    try:
        size = TypeAdapter(ByteSize).validate_python(f"{unit}B" if unit[-1:] in "iI" else unit)
    except ValidationError:
        size = ByteSize(0)
    if size < _SMALLEST_LIMIT:
        raise UsageError(f"--max-memory {text!r} is no amount of memory: write 6GB, 800MB or 4GiB")
    return int(size)


def read_photo(path: Path, size: str | None) -> Frame:
    """A photo as a frame of `size` (`640x360`; None: its own), and notes on what of it is not seen."""
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


def load(network: str, weights: Path | None, device: Device, precision: Precision) -> Network:
    """A network as the options name it, fetched with words where it is not there yet."""
    from zoomdream.networks import load_network
    from zoomdream.runtime import choose_device, choose_precision

    where = choose_device(device)
    return load_network(
        network, weights=weights, device=where, dtype=choose_precision(precision, where), on_progress=echo_download()
    )


def parse_layers(text: str) -> dict[str, float]:
    """`fire8=1,fire5:17=0.3` -> objectives' short forms and weights; a weight left out is 1. Raises UsageError."""
    mix: dict[str, float] = {}
    for part in text.split(","):
        name, equals, weight = part.strip().rpartition("=")
        name, weight = (name.strip(), weight) if equals else (weight, "")
        try:
            value = float(weight or 1)
        except ValueError:
            value = float("nan")
        if name in mix:
            raise UsageError(f"--layers {text!r}: {name} is there twice: give it one weight")
        if not name or not abs(value) <= _LARGEST_WEIGHT:
            raise UsageError(
                f"--layers {text!r}: {part.strip()!r} is no objective and weight, from {-_LARGEST_WEIGHT} to "
                f"{_LARGEST_WEIGHT}; write fire8=1,fire5:17=0.3 (a file whose name has , or = needs a preset)"
            )
        mix[name] = value
    return mix
