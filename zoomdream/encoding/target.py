"""Which file or folder a film is written to, by its suffix, and whether it may be written there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.encoding.codecs import CODECS, film_depth
from zoomdream.encoding.containers import CONTAINERS, FORMATS, Container
from zoomdream.encoding.encoders import choose_encoder
from zoomdream.errors import UsageError
from zoomdream.media.clip import AnyPath
from zoomdream.output_files import check_output_file, check_output_folder
from zoomdream.settings import OutputSettings

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

STDOUT = "-"
"""The output that is a stream of y4m."""

_HIGHEST_GIF_FPS = 50  # delays are in hundredths of a second, and players slow down a delay of one
_HIGHEST_BROWSER_FPS = 90  # browsers show a picture of 10 ms and less for 100 ms
_NUMBERED = re.compile(r"([^%]*)%0([1-9])d([^%]*)\.png", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """Where a film goes: a file, a folder of numbered PNGs, or a stream."""

    path: Path
    """The file or the folder, absolute; `-` for a stream."""
    codec: str
    """Of the picture; `png` for a folder."""
    container: Container | None = None
    """The file's format; None for a folder."""
    prefix: str = ""
    """What stands before the number in a PNG's name."""
    digits: int = 6
    """Digits of the number; more where it is larger."""
    ending: str = ".png"
    """What stands after the number."""

    @property
    def is_stream(self) -> bool:
        """Whether the film is written to a stream, which is no file that could be replaced or locked."""
        return self.path == Path(STDOUT)

    def frame_name(self, index: int) -> str:
        """File name of frame `index`, counted from 0, in a folder."""
        return f"{self.prefix}{index:0{self.digits}d}{self.ending}"

    def is_frame(self, name: str) -> bool:
        """Whether a file name is one that `frame_name` gives."""
        return re.fullmatch(rf"{re.escape(self.prefix)}\d{{{self.digits},}}{re.escape(self.ending)}", name) is not None


def check_output(
    path: AnyPath,
    size: Size,
    output: OutputSettings,
    *,
    overwrite: bool = False,
    fps: Fraction | None = None,
    inputs: Iterable[Path] = (),
) -> Target:
    """Check, before anything is rendered, that a film of `size` (width, height) may be written to `path`.

    Raises UsageError for a suffix, codec, depth, size, crf or rate that does not fit; OutputError where something
    exists and `overwrite` is false, where it is one of `inputs` even so, or where nothing can be written; EncodeError
    where ffmpeg has no encoder for it.
    """
    target = output_target(path, output.codec)
    _check_picture(target, size, output, fps)
    if CODECS[target.codec].encoders:
        choose_encoder(target.codec, target.path)
    if target.is_stream:
        return target
    if target.container is None:
        first = target.frame_name(0)
        check_output_folder(target.path, first, target.is_frame, overwrite=overwrite, inputs=inputs)
    else:
        check_output_file(target.path, overwrite=overwrite, inputs=inputs)
    return target


def output_target(path: AnyPath, codec: str = "auto") -> Target:
    """Where a film with the output `path` goes. Raises UsageError for a suffix or codec that does not fit."""
    text = os.fspath(path)
    if text == STDOUT:
        return _stream(codec)
    full = Path(os.path.abspath(text))  # noqa: PTH100  resolve() would follow a link to a name without suffix
    numbered = _NUMBERED.fullmatch(full.name)
    ends_as_folder = text.endswith(("/", os.sep))
    is_folder = ends_as_folder or os.path.isdir(full) or (codec == "png" and not full.suffix)  # noqa: PTH112  never raises
    if numbered and not is_folder:
        ending = f"{numbered[3]}{full.suffix}"
        return _folder(text, codec, Target(full.parent, "png", None, numbered[1], int(numbered[2]), ending))
    container = CONTAINERS.get(full.suffix.lower())
    if is_folder and (container is None or codec == "png" or ends_as_folder):
        return _folder(text, codec, Target(full, "png"))
    if container is None:
        raise UsageError(f"{text}: the suffix {full.suffix!r} is not one of {FORMATS}")
    if codec == "av1" and container.codecs == ("avif",):
        codec = "avif"  # which is AV1
    if codec not in ("auto", *container.codecs):
        codecs = " or ".join(container.codecs)
        raise UsageError(
            f"{text}: codec {codec} does not go into {full.suffix}, which takes {codecs}; {_places(codec)}"
        )
    return Target(full, container.codecs[0] if codec == "auto" else codec, container)


def _stream(codec: str) -> Target:
    if codec not in ("auto", "y4m"):
        raise UsageError(f"{STDOUT}: codec {codec} does not go to stdout, which takes y4m: leave the codec out")
    return Target(Path(STDOUT), "y4m", CONTAINERS[".y4m"])


def _places(codec: str) -> str:
    """Where a codec does go."""
    suffixes = [suffix for suffix, container in CONTAINERS.items() if codec in container.codecs]
    return f"{codec} goes into {' or '.join(suffixes) or 'a folder, such as frames/'}"


def _folder(text: str, codec: str, target: Target) -> Target:
    if codec not in ("auto", "png"):
        raise UsageError(f"{text}: codec {codec} needs a file, not a folder of PNGs; the suffixes are {FORMATS}")
    return target


def output_warnings(target: Target, output: OutputSettings, fps: Fraction) -> list[str]:
    """Warnings about settings of the output that its codec has no use for, and about its rate."""
    codec = CODECS[target.codec]
    warnings = []
    if output.crf is not None and codec.highest_crf is None:
        warnings.append(f"output.crf: no effect: {target.codec} has no constant rate factor")
    if output.loop and not codec.loops:
        warnings.append(f"output.loop: no effect: {target.codec} does not say how often it plays")
    if codec.loops and fps > _HIGHEST_BROWSER_FPS:
        warnings.append(f"browsers play {target.codec} of more than {_HIGHEST_BROWSER_FPS} frames per second slowly")
    return warnings


def _check_picture(target: Target, size: Size, output: OutputSettings, fps: Fraction | None) -> None:
    width, height = size
    name, codec = target.codec, CODECS[target.codec]
    if min(size) < 1:
        raise UsageError(f"size {width}x{height}: both sides must be at least 1")
    depth = film_depth(name, output)
    if depth not in codec.depths:
        raise UsageError(f"depth {depth}: {name} takes {' or '.join(map(str, codec.depths))} bits a channel")
    if name == "gif" and fps is not None and fps > _HIGHEST_GIF_FPS:
        raise UsageError(f"{float(fps):g} fps: a GIF shows at most {_HIGHEST_GIF_FPS} frames per second")
    if codec.highest_crf is not None and output.crf is not None and output.crf > codec.highest_crf:
        raise UsageError(f"crf {output.crf}: {name} takes 0 to {codec.highest_crf}")
    if codec.longest_side is not None and max(size) > codec.longest_side:
        raise UsageError(f"size {width}x{height}: {name} takes sides of at most {codec.longest_side}")
    if width % codec.divisors[0] or height % codec.divisors[1]:
        sides = zip(size, codec.divisors, strict=True)
        fitting = "x".join(str(max(divisor, side - side % divisor)) for side, divisor in sides)
        needed = "even sides" if codec.divisors == (2, 2) else "an even width"
        raise UsageError(f"size {width}x{height}: {name} needs {needed}, such as {fitting}")
