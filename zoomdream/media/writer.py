"""Writes a film frame by frame: the whole film appears at the end, or nothing."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

import numpy as np

from zoomdream.errors import EncodeError, UsageError
from zoomdream.media.clip import AnyPath
from zoomdream.media.encoder import EncodedFile, Sound
from zoomdream.media.ffmpeg import queue_length
from zoomdream.media.png_folder import PNGFolder
from zoomdream.media.reader import Pixels
from zoomdream.media.target import check_output
from zoomdream.settings import OutputSettings

if TYPE_CHECKING:
    from zoomdream.images.frame import Size


class Sink(Protocol):
    """What a `FilmWriter` writes to: an encoder or a folder. `put` runs in its thread, the others in the caller's."""

    def put(self, frame: Pixels) -> None:
        """Write one frame. Raises EncodeError."""

    def finish(self) -> None:
        """Complete the film and give it its name. Raises EncodeError, OutputExistsError."""

    def stop(self) -> None:
        """Write no more, and free a thread that is blocked in `put`."""

    def discard(self) -> None:
        """Remove what was written. After `finish` this does nothing."""


def open_film(
    path: AnyPath,
    size: Size,
    fps: Fraction,
    output: OutputSettings,
    *,
    frames: int,
    overwrite: bool = False,
    audio: Sound | None = None,
    metadata: Mapping[str, str] | None = None,
    inputs: Iterable[Path] = (),
) -> FilmWriter:
    """Begin a film of exactly `frames` frames of `size` (width, height) at `fps`.

    The suffix of `path` chooses the format: .mp4, .mov, .mkv, .webm, .gif, or PNGs in `frames/` or `frames/%06d.png`.
    It is written under a temporary name and renamed when the `with` block ends well; an exception leaves nothing.
    Sound and metadata go into formats that have them (not GIF and PNG). `inputs` are never written over.

    Raises UsageError and OutputError as `check_output` does, SourceError when the sound cannot be read, EncodeError.
    """
    if frames < 1 or fps <= 0:
        raise UsageError(f"{frames} frames at {fps} fps: a film needs at least one frame and a rate above 0")
    target = check_output(path, size, output, overwrite=overwrite, fps=fps, inputs=inputs)
    sink: Sink
    if target.container is None:
        sink = PNGFolder(target, overwrite=overwrite)
    else:
        sink = EncodedFile(
            target, size, fps, output, frames=frames, overwrite=overwrite, sound=audio, metadata=metadata
        )
    return FilmWriter(sink, str(path), size, frames)


class FilmWriter:
    """Context manager made by `open_film`. Frames are encoded in a thread, beside the caller's work."""

    def __init__(self, sink: Sink, name: str, size: Size, frames: int) -> None:
        self._sink = sink
        self._name = name
        self._shape = (size[1], size[0], 3)
        self._frames = frames
        self._count = 0
        self._error: Exception | None = None
        self._closed = False
        self._queue: queue.Queue[Pixels | None] = queue.Queue(queue_length(size[0] * size[1] * 3))
        self._thread = threading.Thread(target=self._run, name="film-writer", daemon=True)
        self._thread.start()

    def write(self, frame: Pixels) -> None:
        """Append an HxWx3 uint8 RGB frame; it is copied, and may be changed afterwards.

        Waits while the encoder is several frames behind. Raises UsageError for another shape or type or one frame too
        many, and EncodeError when an earlier frame could not be written.
        """
        if frame.shape != self._shape or frame.dtype != np.uint8:
            raise UsageError(
                f"{self._name} takes uint8 frames of shape {self._shape}, not {frame.dtype} of {frame.shape}"
            )
        if self._count == self._frames or self._closed:
            raise UsageError(f"{self._name} takes {self._frames} frames; it is full or closed")
        self._raise_error()
        self._queue.put(np.array(frame, order="C"))
        self._count += 1

    def close(self) -> None:
        """Wait for the encoder, check the film and give it its name.

        Raises EncodeError, or OutputExistsError where a file has appeared under that name; then nothing is left.
        """
        if self._closed:
            return
        try:
            self._end_thread()
            self._raise_error()
            if self._count != self._frames:
                raise EncodeError(f"{self._name}: only {self._count} of {self._frames} frames were rendered")
            self._sink.finish()
        except BaseException:
            self.abort()
            raise

    def abort(self) -> None:
        """End at once and leave nothing: no process, no thread, no file."""
        self._sink.stop()
        self._end_thread()
        self._sink.discard()

    def __enter__(self) -> FilmWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _run(self) -> None:
        # after an error the queue is emptied all the same: the caller may be waiting for room in it
        while (frame := self._queue.get()) is not None:
            if self._error is None:
                try:
                    self._sink.put(frame)
                except Exception as error:
                    self._error = error

    def _end_thread(self) -> None:
        if not self._closed:
            self._queue.put(None)
            self._closed = True
        self._thread.join()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error
