"""A film file written by ffmpeg: frames through its stdin, sound and tags from files; checked, then renamed."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.errors import EncodeError
from zoomdream.media.clip import AnyPath, audio_codec, count_frames
from zoomdream.media.codecs import encoder_arguments
from zoomdream.media.containers import Container
from zoomdream.media.ffmpeg import FFmpeg, error_summary, file_url, input_file
from zoomdream.media.reader import Pixels
from zoomdream.media.tags import to_ffmetadata
from zoomdream.media.target import Target
from zoomdream.output_files import PartFile
from zoomdream.settings import OutputSettings

if TYPE_CHECKING:
    from zoomdream.images.frame import Size


@dataclass(frozen=True)
class Sound:
    """Sound for a film: the first sound stream of a file. A file without one gives a film without sound."""

    path: AnyPath
    """A film or a sound file."""
    start: Fraction = Fraction(0)
    """Seconds into the file at which the film begins; `clip.start_time + k / clip.fps` for a clip from frame k on."""
    duration: Fraction | None = None
    """In seconds; None: as long as the film."""


class EncodedFile:
    """Sink of frames that ffmpeg encodes into a temporary file, which becomes the target in `finish`.

    Raises SourceError when the sound's file cannot be read, EncodeError when the temporary file cannot be created.
    """

    def __init__(
        self,
        target: Target,
        size: Size,
        fps: Fraction,
        output: OutputSettings,
        *,
        frames: int,
        overwrite: bool = False,
        sound: Sound | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        assert target.container is not None
        self._path = target.path
        self._frames = frames
        sound_arguments = _sound_arguments(target.container, sound, frames / fps)
        with ExitStack() as stack:
            tags = _tags_file(stack, metadata or {})
            self._part = _part_file(stack, target.path, overwrite=overwrite)
            arguments = [
                *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}"),
                *("-r", f"{fps.numerator}/{fps.denominator}", "-i", "pipe:0"),
                *input_file(tags, "-f", "ffmetadata"),
                *sound_arguments.input,
                *("-map", "0:v:0", "-map_metadata", "1", "-map_chapters", "-1"),
                *sound_arguments.output,
                *encoder_arguments(target.codec, target.container.muxer, output),
                *("-fps_mode", "passthrough", *target.container.muxer_arguments),
                *("-y", file_url(self._part.path)),
            ]
            self._ffmpeg = stack.enter_context(FFmpeg(arguments, stdin=True))
            self._resources = stack.pop_all()

    def put(self, frame: Pixels) -> None:
        """Hand over one C-contiguous frame. Raises EncodeError."""
        try:
            self._ffmpeg.stdin.write(frame.data)
        except OSError as error:
            raise self._failure() from error

    def finish(self) -> None:
        """End ffmpeg, check its exit status and the film's frames, give the film its name.

        Raises EncodeError, OutputExistsError.
        """
        with suppress(OSError):  # a broken pipe here: the exit status says why
            self._ffmpeg.stdin.close()
        if self._ffmpeg.wait():
            raise self._failure()
        count = count_frames(self._part.path)
        if count != self._frames:
            raise EncodeError(f"{self._path}: ffmpeg wrote {count} of {self._frames} frames; try another codec")
        try:
            self._part.commit()
        except OSError as error:
            raise write_error(self._path, error) from error
        self._resources.close()

    def stop(self) -> None:
        """Kill ffmpeg, which frees a thread that is blocked in `put`."""
        self._ffmpeg.kill()

    def discard(self) -> None:
        """Leave nothing behind: no process, no temporary file."""
        self._resources.close()

    def _failure(self) -> EncodeError:
        errors = self._ffmpeg.error_output()
        if os.strerror(errno.ENOSPC) in errors:
            return _disk_full(self._path)
        return EncodeError(f"{self._path} could not be written, ffmpeg says: {error_summary(errors)}")


def write_error(path: Path, error: OSError) -> EncodeError:
    """The error for what the operating system says when `path` is written; a full disk has a sentence of its own."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _disk_full(path)
    return EncodeError(f"{path} could not be written: {error.strerror or error}")


def _disk_full(path: Path) -> EncodeError:
    return EncodeError(
        f"{path} could not be written: the disk of {path.parent} is full; free some space or choose another"
    )


def _tags_file(stack: ExitStack, tags: Mapping[str, str]) -> Path:
    """A temporary file with the tags as ffmpeg reads them, which exists as long as the stack."""
    try:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zoomdream-"))) / "tags"
        path.write_text(to_ffmetadata(tags), encoding="utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise write_error(Path(tempfile.gettempdir(), "zoomdream"), error) from error
    return path


def _part_file(stack: ExitStack, path: Path, *, overwrite: bool) -> PartFile:
    try:
        part = PartFile(path, overwrite=overwrite)
    except OSError as error:
        raise write_error(path, error) from error
    stack.callback(part.discard)
    return part


@dataclass(frozen=True)
class _SoundArguments:
    """ffmpeg's options for the sound: those that open its file, and those that put it into the film."""

    input: tuple[str, ...] = ()
    output: tuple[str, ...] = ()


def _sound_arguments(container: Container, sound: Sound | None, film_seconds: Fraction) -> _SoundArguments:
    """The sound is the third input, after the frames and the tags. Raises SourceError."""
    codec = audio_codec(sound.path) if sound else None
    if sound is None or codec is None or container.sound_encoder is None:
        return _SoundArguments()
    is_copied = container.sound_copied is None or codec in container.sound_copied
    length = film_seconds if sound.duration is None else min(sound.duration, film_seconds)
    seek = ("-ss", f"{float(sound.start):.6f}") if sound.start > 0 else ()
    # Packets before the start (the seek's, an encoder's delay) are copied too unless that is turned off, and shift
    # picture and sound of the film; only the edit lists of MP4 and MOV hide a delay.
    hides_delay = container.muxer in ("mp4", "mov") and not seek
    copy = ("copy",) if hides_delay else ("copy", "-copypriorss:a", "0")
    return _SoundArguments(
        tuple(input_file(Path(sound.path), "-vn", "-sn", "-dn", *seek, "-t", f"{float(length):.6f}")),
        ("-map", "2:a:0?", "-c:a", *(copy if is_copied else (container.sound_encoder,))),
    )
