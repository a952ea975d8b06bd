"""A film file written by ffmpeg: frames through its stdin, sound and tags from files; checked, then renamed."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream import interruption
from zoomdream.encoding.codecs import encoder_arguments, film_depth, raw_frames
from zoomdream.encoding.frame_count import count_frames
from zoomdream.encoding.hardware import ENCODER_TAG
from zoomdream.encoding.sound import SoundPlan
from zoomdream.encoding.target import Target
from zoomdream.errors import EncodeError, FFmpegError
from zoomdream.media.ffmpeg import FFmpeg, error_summary, file_url, input_file, signal_name
from zoomdream.media.tags import to_ffmetadata
from zoomdream.output_files import PartFile, disk_full
from zoomdream.settings import OutputSettings
from zoomdream.temporary_files import create_file

if TYPE_CHECKING:
    from zoomdream.images.frame import Levels, Size


class EncodedFile:
    """Sink of frames that ffmpeg encodes into a temporary file, which becomes the target in `finish`.

    The temporary file lies in `folder`, by default beside the target. `encoder` is ffmpeg's name of it. Raises
    EncodeError when the temporary file cannot be created or ffmpeg cannot be started.
    """

    def __init__(
        self,
        target: Target,
        size: Size,
        fps: Fraction,
        output: OutputSettings,
        *,
        encoder: str,
        frames: int,
        overwrite: bool = False,
        sound: SoundPlan | None = None,
        metadata: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        assert target.container is not None
        self._path = target.path
        self._frames = frames
        sound = sound or SoundPlan()
        with ExitStack() as stack:
            try:
                self._part = PartFile(target.path, overwrite=overwrite, folder=folder)
                stack.callback(self._part.discard)
                made_by = {ENCODER_TAG: encoder} if metadata else {}
                tags = _tags_file(stack, self._part.path.parent, {**(metadata or {}), **made_by})
            except OSError as error:
                raise write_error(target.path, error) from error
            arguments = [
                *raw_frames(size, fps, film_depth(target.codec, output)),
                *input_file(tags, "-f", "ffmetadata"),
                *sound.input,
                *("-map", "0:v:0", "-map_metadata", "1", "-map_chapters", "-1"),
                # ffmpeg would copy the tags of the sound's own stream: its title, the recorder that made it
                *("-map_metadata:s", "-1"),
                *sound.output,
                *encoder_arguments(target.codec, target.container.muxer, output, encoder, size),
                *("-fps_mode", "passthrough", *target.container.muxer_arguments),
                *("-y", file_url(self._part.path)),
            ]
            try:
                self._ffmpeg = stack.enter_context(FFmpeg(arguments, stdin=True))
            except FFmpegError as error:
                raise EncodeError(f"{target.path} could not be written: {error}") from error
            self._resources = stack.pop_all()

    @property
    def awaited(self) -> str:
        """What `put` waits for, in words that follow "waiting for"."""
        return f"ffmpeg to take a frame (process {self._ffmpeg.process_id})"

    def put(self, frame: Levels) -> None:
        """Hand over one C-contiguous frame. Raises EncodeError."""
        try:
            self._ffmpeg.stdin.write(frame.data)
        except OSError as error:
            raise self._failure() from error

    def finish(self) -> None:
        """End ffmpeg, check its exit status and the film's frames, give the film its name.

        Raises EncodeError, OutputExistsError.
        """
        with interruption.waiting(f"ffmpeg to complete {self._path.name} (process {self._ffmpeg.process_id})"):
            with suppress(OSError):  # a broken pipe here: the exit status says why
                self._ffmpeg.stdin.close()
            status = self._ffmpeg.wait()
        if status or not self._part.path.exists():
            raise self._failure()
        try:
            count = count_frames(self._part.path)
        except FFmpegError as error:
            raise EncodeError(f"{self._path} could not be checked: {error}") from error
        except OSError as error:
            raise write_error(self._path, error) from error
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
        errors, ended_by = self._ffmpeg.error_output(), self._ffmpeg.end_signal
        if not self._part.path.exists():
            return _removed(self._path, self._part.path)
        if os.strerror(errno.ENOSPC) in errors:
            return disk_full(self._path)
        if ended_by == getattr(signal, "SIGXFSZ", 0):
            return _file_too_large(self._path)
        if ended_by is not None:
            return EncodeError(f"{self._path} could not be written: ffmpeg was ended by {signal_name(ended_by)}")
        return EncodeError(f"{self._path} could not be written, ffmpeg says: {error_summary(errors)}")


def write_error(path: Path, error: OSError) -> EncodeError:
    """The error for what the operating system says when `path` is written: one sentence with the way out."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(path)
    if error.errno == errno.EFBIG:
        return _file_too_large(path)
    if isinstance(error, FileNotFoundError) and error.filename:
        return _removed(path, Path(os.fsdecode(error.filename)))
    where = f" ({os.fsdecode(error.filename)})" if error.filename and error.filename != str(path) else ""
    return EncodeError(f"{path} could not be written: {error.strerror or error}{where}")


def _file_too_large(path: Path) -> EncodeError:
    return EncodeError(
        f"{path} could not be written: a file may not become that large here (`ulimit -f` says how large)"
    )


def _removed(path: Path, missing: Path) -> EncodeError:
    """About a temporary file that is not there any more, or its folder."""
    folder = missing.parent
    what = f"the temporary file {missing}" if folder.is_dir() else f"the folder {folder}"
    return EncodeError(f"{path} could not be written: {what} was removed meanwhile")


def _tags_file(stack: ExitStack, folder: Path, tags: Mapping[str, str]) -> Path:
    """A temporary file in `folder` with the tags as ffmpeg reads them, which exists as long as the stack."""
    temporary = create_file(folder)
    stack.callback(temporary.release)
    stack.callback(temporary.path.unlink, missing_ok=True)
    temporary.path.write_text(to_ffmetadata(tags), encoding="utf-8", errors="replace", newline="\n")
    return temporary.path
