"""The encoder of an NVIDIA GPU, NVENC: which codecs it has, its options, and a trial of one frame.

Each frame refers only to frames before it (no B-frames): NVENC would choose their number by the kind of GPU, and with
it where the film's times begin.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.encoding.codecs import CODECS, encoder_arguments
from zoomdream.encoding.encoders import available_encoders, choose_encoder
from zoomdream.encoding.target import Target
from zoomdream.errors import EncodeError, FFmpegError, UsageError
from zoomdream.media.ffmpeg import error_summary, executable, run
from zoomdream.settings import OutputSettings

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

ENCODER_TAG = "zoomdream_encoder"
"""The tag of a film's file that names the encoder, as ffmpeg does."""


@dataclass(frozen=True)
class EncoderChoice:
    """What encodes a film."""

    encoder: str
    """ffmpeg's name of it."""
    warning: str = ""
    """Why it is not the GPU's, where that was to be expected; else empty."""


def film_encoder(target: Target, size: Size, fps: Fraction, output: OutputSettings, *, on_gpu: bool) -> EncoderChoice:
    """The encoder of a film of `size` (width, height) at `fps`: the GPU's where it is wanted and works here.

    `on_gpu`: whether the film is dreamed on an NVIDIA GPU, which is when `output.encoder: auto` asks for it. Raises
    EncodeError where ffmpeg has no encoder, or `hardware` is asked for and does not work; UsageError where the codec
    has none of that kind.
    """
    hardware = CODECS[target.codec].hardware
    if output.encoder == "hardware" and not hardware:
        raise UsageError(
            f"output.encoder hardware: {target.codec} is encoded in software alone: choose h264, h265 or av1, or auto"
        )
    if not hardware or output.encoder == "software" or (output.encoder == "auto" and not on_gpu):
        return EncoderChoice(choose_encoder(target.codec, target.path))
    failure = _failure(hardware, target, size, fps, output)
    if failure is None:
        return EncoderChoice(hardware)
    if output.encoder == "hardware":
        raise EncodeError(
            f"{target.path} could not be written: the encoder {hardware} does not work here ({failure}); choose "
            f"auto or software as output.encoder"
        )
    software = choose_encoder(target.codec, target.path)
    return EncoderChoice(software, f"{software} encodes the film, since {hardware} does not work here: {failure}")


def encoder_warnings(target: Target, size: Size, fps: Fraction, output: OutputSettings, *, on_gpu: bool) -> list[str]:
    """A warning where the GPU's encoder was to be expected and is not taken. Raises what `film_encoder` does."""
    if not CODECS[target.codec].encoders and output.encoder != "hardware":
        return []
    warning = film_encoder(target, size, fps, output, on_gpu=on_gpu).warning
    return [warning] if warning else []


def _failure(encoder: str, target: Target, size: Size, fps: Fraction, output: OutputSettings) -> str | None:
    """Why the encoder does not write such a film here; None where it has written a frame of one."""
    assert target.container is not None
    try:
        if encoder not in available_encoders():
            return "this ffmpeg is built without it"
        arguments = encoder_arguments(target.codec, target.container.muxer, output, encoder)
        return _try_frame(executable(), size, fps, tuple(arguments))
    except FFmpegError as error:
        return str(error)


@functools.cache
def _try_frame(ffmpeg: str, size: Size, fps: Fraction, arguments: tuple[str, ...]) -> str | None:
    """Encode one gray frame and throw it away. The reason of a failure, or None."""
    source = f"color=gray:size={size[0]}x{size[1]}:rate={fps.numerator}/{fps.denominator},format=rgb24"
    result = run(
        ["-f", "lavfi", "-i", source, "-frames:v", "1", *arguments, "-f", "null", "-"],
        Path(ffmpeg),
        loglevel="error",
    )
    return error_summary(result.stderr) if result.status else None
