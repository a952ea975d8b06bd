"""A film file written by ffmpeg: frames into its stdin, sound and tags from files, checked and renamed at the end."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from zoomdream.errors import EncodeError
from zoomdream.media.clip import AnyPath, Size, audio_codec, count_frames
from zoomdream.media.containers import Container, encoder_arguments
from zoomdream.media.ffmpeg import FFmpeg, file_url, input_file, last_words
from zoomdream.media.reader import RGBFrame
from zoomdream.media.tags import to_ffmetadata
from zoomdream.media.target import Target
from zoomdream.settings import OutputSettings


@dataclass(frozen=True)
class Sound:
    """Sound for a film: the first sound stream of `path`, a film or a sound file; none there is no error.

    `start`: seconds into the file at which the film begins (for the range of a clip from frame k on:
    `clip.start_time + k / clip.fps`). `duration` in seconds; None: as long as the film.
    """

    path: AnyPath
    start: Fraction = Fraction(0)
    duration: Fraction | None = None


class EncodedFile:
    """Sink of frames that ffmpeg encodes into `target.part`, which becomes `target.path` in `finish`.

    Raises SourceError when the sound's file cannot be read.
    """

    def __init__(
        self,
        target: Target,
        size: Size,
        fps: Fraction,
        output: OutputSettings,
        *,
        frames: int,
        sound: Sound | None,
        metadata: Mapping[str, str],
    ) -> None:
        assert target.container is not None
        self._target = target
        self._frames = frames
        heard = _sound_arguments(target.container, sound, frames / fps) if sound else None
        with ExitStack() as stack:
            try:
                tags = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zoomdream-"))) / "tags"
                tags.write_text(to_ffmetadata(metadata), encoding="utf-8", errors="replace", newline="\n")
            except OSError as error:
                raise write_error(Path(tempfile.gettempdir(), "zoomdream"), error) from error
            arguments = [
                *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}"),
                *("-r", f"{fps.numerator}/{fps.denominator}", "-i", "pipe:0"),
                *input_file(tags, "-f", "ffmetadata"),
                *(heard.source if heard else ()),
                *("-map", "0:v:0", "-map_metadata", "1", "-map_chapters", "-1"),
                *(heard.mapped if heard else ()),
                *encoder_arguments(target.codec, target.container, output),
                *("-fps_mode", "passthrough", *_muxer_arguments(target.container)),
                *("-y", file_url(target.part)),
            ]
            self._ffmpeg = stack.enter_context(FFmpeg(arguments, stdin=True))
            self._resources = stack.pop_all()

    def put(self, frame: RGBFrame) -> None:
        """Hand over one C-contiguous frame. Raises EncodeError."""
        try:
            self._ffmpeg.stdin.write(frame.data)
        except OSError as error:
            raise self._failure() from error

    def finish(self) -> None:
        """End ffmpeg, check its exit status and the film's frames, give the film its name. Raises EncodeError."""
        with suppress(OSError):  # a broken pipe here: the exit status says why
            self._ffmpeg.stdin.close()
        if self._ffmpeg.wait():
            raise self._failure()
        written = count_frames(self._target.part)
        if written != self._frames:
            raise EncodeError(
                f"{self._target.path}: ffmpeg wrote {written} of {self._frames} frames; try another codec"
            )
        try:
            with self._target.part.open("rb") as part:
                os.fsync(part.fileno())
            self._target.part.replace(self._target.path)
        except OSError as error:
            raise write_error(self._target.path, error) from error
        self._resources.close()

    def stop(self) -> None:
        """Kill ffmpeg, which frees a thread that is blocked in `put`."""
        self._ffmpeg.kill()

    def discard(self) -> None:
        """Leave nothing behind: no process, no part."""
        self._resources.close()
        self._target.part.unlink(missing_ok=True)

    def _failure(self) -> EncodeError:
        said = self._ffmpeg.said()
        if os.strerror(errno.ENOSPC) in said:
            return disk_full(self._target.path)
        return EncodeError(f"{self._target.path} could not be written, ffmpeg says: {last_words(said)}")


def write_error(path: Path, error: OSError) -> EncodeError:
    """An operating system's error while writing `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(path)
    return EncodeError(f"{path} could not be written: {error.strerror}")


def disk_full(path: Path) -> EncodeError:
    """The error for a full disk."""
    return EncodeError(
        f"{path} could not be written: the disk of {path.parent} is full; free some space or choose another"
    )


@dataclass(frozen=True)
class _Heard:
    source: list[str]
    mapped: list[str]


def _sound_arguments(container: Container, sound: Sound, film_seconds: Fraction) -> _Heard | None:
    """Input and output options for the sound, or None without any. The sound is input 2."""
    codec = audio_codec(sound.path)
    if codec is None or container.sound_encoder is None:
        return None
    copied = container.sound_copied is None or codec in container.sound_copied
    length = film_seconds if sound.duration is None else min(sound.duration, film_seconds)
    seek = ["-ss", f"{float(sound.start):.6f}"] if sound.start > 0 else []
    # Packets before the start (the seek's, an encoder's delay) are copied too unless told otherwise, and shift picture
    # and sound of the film; only the edit lists of MP4 and MOV hide a delay.
    hides_delay = container.muxer in ("mp4", "mov") and not seek
    copy = ["copy"] if hides_delay else ["copy", "-copypriorss:a", "0"]
    return _Heard(
        input_file(Path(sound.path), "-vn", "-sn", "-dn", *seek, "-t", f"{float(length):.6f}"),
        ["-map", "2:a:0?", "-c:a", *(copy if copied else [container.sound_encoder])],
    )


def _muxer_arguments(container: Container) -> list[str]:
    """`+faststart` for playing while loading, `use_metadata_tags` for keys that MP4 has no name for."""
    flags = ["-movflags", "+faststart+use_metadata_tags"] if container.muxer in ("mp4", "mov") else []
    return [*flags, "-f", container.muxer]
