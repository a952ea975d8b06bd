"""A film written to a stream as it is encoded, for a program that reads it: y4m, which needs no seeking."""

from __future__ import annotations

from contextlib import ExitStack
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

from zoomdream import interruption
from zoomdream.encoding.codecs import encoder_arguments, film_depth, raw_frames
from zoomdream.encoding.encoders import choose_encoder
from zoomdream.encoding.target import Target
from zoomdream.errors import EncodeError, FFmpegError
from zoomdream.media.ffmpeg import KILL_TIMEOUT, FFmpeg, error_summary, start_thread
from zoomdream.settings import OutputSettings

if TYPE_CHECKING:
    from zoomdream.images.frame import Levels, Size

_CHUNK = 2**18
_READER = "the program that reads the film"


class EncodedStream:
    """Sink of frames that ffmpeg encodes into `stream`, which is flushed at the end and left open.

    What the stream raises comes out of `put` or `finish`, an OSError as EncodeError. Raises EncodeError where ffmpeg
    cannot be started.
    """

    def __init__(
        self, target: Target, size: Size, fps: Fraction, output: OutputSettings, *, frames: int, stream: BinaryIO
    ) -> None:
        assert target.container is not None
        self._name = target.path
        self._frames = frames
        self._stream = stream
        self._error: Exception | None = None
        depth, muxer = film_depth(target.codec, output), target.container.muxer
        self._frame_bytes = len(b"FRAME\n") + size[0] * size[1] * 3 // 2 * (1 if depth == 8 else 2)
        self._header_bytes, self._bytes = 0, 0
        arguments = [
            *raw_frames(size, fps, depth),
            *encoder_arguments(target.codec, muxer, output, choose_encoder(target.codec, target.path)),
            *("-fps_mode", "passthrough", *target.container.muxer_arguments, "pipe:1"),
        ]
        with ExitStack() as stack:
            try:
                self._ffmpeg = stack.enter_context(FFmpeg(arguments, stdin=True, stdout=True))
                self._thread = start_thread(self._pass_on, "film-stream")
            except FFmpegError as error:
                raise EncodeError(f"{self._name} could not be written: {error}") from error
            self._resources = stack.pop_all()

    @property
    def awaited(self) -> str:
        """What `put` waits for, in words that follow "waiting for"."""
        return f"{_READER} to take a frame"

    def put(self, frame: Levels) -> None:
        """Hand over one C-contiguous frame. Raises EncodeError, and what the stream raises."""
        try:
            self._ffmpeg.stdin.write(frame.data)
        except OSError as error:
            raise self._failure() from error

    def finish(self) -> None:
        """Wait until all is written, and check that it is. Raises EncodeError, and what the stream raises."""
        try:
            self._ffmpeg.stdin.close()
        except OSError as error:
            raise self._failure() from error
        self._join()
        if self._error is not None or self._ffmpeg.wait():
            raise self._failure()
        written = (self._bytes - self._header_bytes) / self._frame_bytes
        if written != self._frames:
            raise EncodeError(f"{self._name}: ffmpeg wrote {written:g} of {self._frames} frames")
        self._resources.close()

    def stop(self) -> None:
        """Kill ffmpeg, which frees a thread that is blocked in `put`."""
        self._ffmpeg.kill()

    def discard(self) -> None:
        """Leave no process behind. A thread that waits for the stream's reader cannot be ended, and is left."""
        self._ffmpeg.kill()
        self._thread.join(0 if self._thread.is_alive() and self._bytes else KILL_TIMEOUT)
        self._resources.close()

    def _pass_on(self) -> None:
        """In a thread: from ffmpeg to the stream."""
        try:
            while chunk := self._ffmpeg.stdout.read1(_CHUNK):  # type: ignore[attr-defined]
                if not self._header_bytes:  # the header is one line, and ffmpeg writes it first
                    self._header_bytes = chunk.find(b"\n") + 1
                self._bytes += len(chunk)
                rest = memoryview(chunk)
                while rest:
                    rest = rest[self._stream.write(rest) :]
            self._stream.flush()
        except Exception as error:
            self._error = error
            self._ffmpeg.kill()

    def _join(self) -> None:
        with interruption.waiting(f"{_READER} to take the rest"):
            self._thread.join()

    def _failure(self) -> Exception:
        if isinstance(self._error, OSError):
            return EncodeError(f"{self._name} could not be written: {self._error.strerror or self._error}")
        if self._error is not None:
            return self._error
        return EncodeError(
            f"{self._name} could not be written, ffmpeg says: {error_summary(self._ffmpeg.error_output())}"
        )
