"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    pass


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
