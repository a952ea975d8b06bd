"""What every command of the command line shares: errors and their exit codes, options, and where words go.

Data goes to stdout, everything else to stderr.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from zoomdream.errors import UsageError, ZoomdreamError

if TYPE_CHECKING:
    from zoomdream.image import Frame
    from zoomdream.networks import Network

INTERRUPTED, TERMINATED = 130, 143  # 128 + the signal's number, as shells count


class Terminated(BaseException):
    """SIGTERM, as an exception, so that everything is closed on the way out."""


class Commands(TyperGroup):
    """Turns every error that is raised on purpose into one line on stderr and its exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ZoomdreamError as error:
            say(f"error: {error}")
            raise typer.Exit(error.exit_code) from None
        except typer.BadParameter as error:
            said = _wrong_value(error)
            if said is None:
                raise
            say(f"error: {said}")
            raise typer.Exit(UsageError.exit_code) from None
        except KeyboardInterrupt:
            say("interrupted: nothing was written under the output's name")
            raise typer.Exit(INTERRUPTED) from None
        except Terminated:
            say("terminated: nothing was written under the output's name")
            raise typer.Exit(TERMINATED) from None
        except BrokenPipeError:  # the reader of our stdout has gone, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None


_REASONS = {
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "float_parsing": "it must be a number",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than_equal": "it must be at most {le:g}",
}


def _wrong_value(error: typer.BadParameter) -> str | None:
    """What typer says of an option's value, in one sentence with the value; None for what has no better words."""
    found: list[dict[str, Any]] = getattr(error.__cause__, "errors", list)()
    if not found or error.param is None:
        return None
    first = found[0]
    reason = _REASONS.get(first["type"], str(first["msg"]).removeprefix("Value error, "))
    return f"{' / '.join(error.param.opts)} {first['input']}: {reason.format(**first.get('ctx', {}))}"


class Device(StrEnum):
    """Where the network runs."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class Precision(StrEnum):
    """The network's number format."""

    auto = "auto"
    float32 = "float32"
    bfloat16 = "bfloat16"


class ProgressKind(StrEnum):
    """How progress is shown."""

    auto = "auto"
    bar = "bar"
    plain = "plain"
    json = "json"
    none = "none"


NetworkOption = Annotated[str, typer.Option(help="Which network dreams; zoomdream networks lists them.")]
WeightsOption = Annotated[Path | None, typer.Option(help="A file with the network's weights.")]
DeviceOption = Annotated[Device, typer.Option(help="Where the network runs.")]
PrecisionOption = Annotated[Precision, typer.Option(help="The network's numbers; auto: the hardware's fastest.")]
MaxMemoryOption = Annotated[
    str | None,
    typer.Option(help="Most memory to take, such as 6GB; larger frames are cut into tiles. [half of what is free]"),
]
PictureOption = Annotated[Path, typer.Option("-o", "--output", help="The picture: .png, .jpg or .webp.")]
ProgressOption = Annotated[ProgressKind, typer.Option(help="How progress is shown, on stderr.")]
SeedOption = Annotated[int | None, typer.Option(min=0, help="Another seed, another dream.")]
SizeOption = Annotated[str | None, typer.Option(help="Width and height in pixels, such as 640x360.")]
OverwriteOption = Annotated[bool, typer.Option("-y", "--overwrite", help="Replace the output if it exists.")]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON.")]


def say(text: str) -> None:
    """A line for a person."""
    typer.echo(text, err=True)


def show(data: Any) -> None:
    """Data as JSON on stdout."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def names(text: str | None, option: str) -> tuple[str, ...]:
    """A list written with commas, `fire2,fire3`; empty when the option was not given. Raises UsageError."""
    found = tuple(part.strip() for part in (text or "").split(","))
    if text is not None and not all(found):
        raise UsageError(f"{option} {text!r} names nothing between two commas: write fire2,fire3")
    return found if text else ()


def memory_limit(text: str | None) -> int | None:
    """Bytes of --max-memory; None when it was not given. Raises UsageError."""
    from zoomdream.memory import parse_memory

    return parse_memory(text) if text is not None else None


def fetched() -> Callable[[int, int | None], None]:
    """Tells how much of a download is there, a line for each tenth."""
    told = -1

    def report(received: int, total: int | None) -> None:
        nonlocal told
        tenth = received * 10 // total if total else 0
        if tenth > told:
            told = tenth
            whole = f" of {total / 1e6:.0f}" if total else ""
            say(f"downloading weights: {received / 1e6:.0f}{whole} MB")

    return report


def tell(output: Path, drawn: Frame, network: Network, what: str) -> None:
    """A picture is there."""
    say(f"{output}: {drawn.shape[-1]}x{drawn.shape[-2]}, {network.name} {what}, on {network.device}")


def read_photo(path: Path, size: str | None) -> Frame:
    """A photo as a frame of `size` (`640x360`; None: its own), and notes on what of it is not seen."""
    from zoomdream.image import fit, load_image, size_of
    from zoomdream.preset_model import parse_size
    from zoomdream.remarks import crop_remarks, picture_remarks

    pixels = None if size is None else parse_size(size)
    photo = load_image(path)
    cropped = crop_remarks(path.name, size_of(photo), pixels) if pixels else []
    for remark in (*picture_remarks(path), *cropped):
        say(f"note: {remark}")
    return fit(photo, pixels) if pixels else photo


def load(network: str, weights: Path | None, device: Device, precision: Precision) -> Network:
    """A network as the options name it, fetched with words where it is not there yet."""
    from zoomdream.device import choose_device, choose_precision
    from zoomdream.networks import load_network

    where = choose_device(device)
    return load_network(
        network, weights=weights, device=where, dtype=choose_precision(precision, where), progress=fetched()
    )
