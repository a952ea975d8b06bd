"""Writes a film frame by frame: the whole film appears at the end, or nothing."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Protocol

import numpy as np

from zoomdream import interruption
from zoomdream.encoding.codecs import film_depth
from zoomdream.encoding.encoder import EncodedFile
from zoomdream.encoding.hardware import film_encoder
from zoomdream.encoding.png_folder import PNGFolder
from zoomdream.encoding.sound import Sound, SoundPlan, plan_sound
from zoomdream.encoding.stream import EncodedStream
from zoomdream.encoding.target import STDOUT, Target, check_output
from zoomdream.errors import EncodeError, UsageError
from zoomdream.media.clip import AnyPath
from zoomdream.media.ffmpeg import KILL_TIMEOUT, queue_length, start_thread
from zoomdream.output_lock import output_lock
from zoomdream.settings import OutputSettings

if TYPE_CHECKING:
    from zoomdream.images.frame import Levels, Size


class Sink(Protocol):
    """What a `FilmWriter` writes to: an encoder, a folder, a stream.

    `put` runs in its thread, the others in the caller's.
    """

    @property
    def awaited(self) -> str:
        """What `put` waits for, in words that follow "waiting for"."""

    def put(self, frame: Levels) -> None:
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
    audio: Sound | SoundPlan | None = None,
    metadata: Mapping[str, str] | None = None,
    inputs: Iterable[Path] = (),
    folder: Path | None = None,
    stream: BinaryIO | None = None,
    on_gpu: bool = False,
) -> FilmWriter:
    """Begin a film of exactly `frames` frames of `size` (width, height) at `fps`.

    The suffix of `path` chooses the format: .mp4, .mov, .mkv, .webm, .gif, .webp, .apng, .avif, .y4m, or PNGs in
    `frames/` or `frames/%06d.png`; `-` is y4m written to `stream`, which is left open.
    All but a stream is written under a temporary name, in `folder` or beside `path`, and renamed when the `with` block
    ends well; an exception leaves nothing. Until then no other process may write it. Sound and metadata go into formats
    that have them (those of videos); a sound without a plan is planned here, and its warnings are lost. `inputs` are
    never written over. `on_gpu` is `film_encoder`'s.

    Raises UsageError and OutputError as `check_output` does, OutputBusyError when another process or thread writes the
    same output, SourceError when the sound's file cannot be read, EncodeError, FFmpegError.
    """
    if frames < 1 or fps <= 0:
        raise UsageError(f"{frames} frames at {fps} fps: a film needs at least one frame and a rate above 0")
    inputs = list(inputs)
    target = check_output(path, size, output, overwrite=overwrite, fps=fps, inputs=inputs)
    plan = audio if isinstance(audio, SoundPlan) else plan_sound(audio, target, frames / fps)
    depth = film_depth(target.codec, output)
    with ExitStack() as stack:
        if target.is_stream:
            return _stream_writer(target, size, fps, output, frames, stream)
        stack.enter_context(output_lock(target.path))
        check_output(path, size, output, overwrite=overwrite, fps=fps, inputs=inputs)  # another may just have ended
        sink: Sink
        if target.container is None:
            sink = PNGFolder(target, overwrite=overwrite, folder=folder)
        else:
            sink = EncodedFile(
                target,
                size,
                fps,
                output,
                encoder=film_encoder(target, size, fps, output, on_gpu=on_gpu).encoder,
                frames=frames,
                overwrite=overwrite,
                sound=plan,
                metadata=metadata,
                folder=folder,
            )
        stack.callback(sink.discard)
        return FilmWriter(sink, str(path), size, frames, stack, depth)


def _stream_writer(
    target: Target, size: Size, fps: Fraction, output: OutputSettings, frames: int, stream: BinaryIO | None
) -> FilmWriter:
    if stream is None:
        raise UsageError(f"{STDOUT} is no file: hand over the stream that the film is written to")
    with ExitStack() as stack:
        sink = EncodedStream(target, size, fps, output, frames=frames, stream=stream)
        stack.callback(sink.discard)
        return FilmWriter(sink, STDOUT, size, frames, stack, film_depth(target.codec, output))


class FilmWriter:
    """Context manager made by `open_film`. Frames are encoded in a thread, beside the caller's work.

    It takes over `resources`, which it closes at the end. What is waited for can be seen in `interruption`, and a
    signal breaks it off.
    """

    def __init__(self, sink: Sink, name: str, size: Size, frames: int, resources: ExitStack, depth: int = 8) -> None:
        self._sink = sink
        self._name = name
        self._shape = (size[1], size[0], 3)
        self._type = np.dtype(np.uint8 if depth == 8 else np.uint16)
        self._frames = frames
        self._count = 0
        self._error: Exception | None = None
        self._closed = False
        self._queue: queue.Queue[Levels | None] = queue.Queue(queue_length(size[0] * size[1] * 3 * self._type.itemsize))
        self._thread = start_thread(self._run, "film-writer")
        self._resources = resources.pop_all()

    def write(self, frame: Levels) -> None:
        """Append an HxWx3 RGB frame, which is copied, and may be changed afterwards.

        It is uint8, or uint16 for a film of more than 8 bits a channel.

        Waits while the encoder is several frames behind. Raises UsageError for another shape or type or one frame too
        many, and EncodeError when an earlier frame could not be written.
        """
        if frame.shape != self._shape or frame.dtype != self._type:
            raise UsageError(
                f"{self._name} takes {self._type} frames of shape {self._shape}, not {frame.dtype} of {frame.shape}"
            )
        if self._count == self._frames or self._closed:
            raise UsageError(f"{self._name} takes {self._frames} frames; it is full or closed")
        self._raise_error()
        copy = np.array(frame, order="C")
        with interruption.waiting(self._sink.awaited):
            self._queue.put(copy)
        self._count += 1

    def close(self) -> None:
        """Wait for the encoder, check the film and give it its name.

        Raises EncodeError, or OutputExistsError where a file has appeared under that name; then nothing is left.
        """
        if self._closed:
            return
        self._closed = True
        try:
            with interruption.waiting(self._sink.awaited):
                self._queue.put(None)
                self._thread.join()
            self._raise_error()
            if self._count != self._frames:
                raise EncodeError(f"{self._name}: only {self._count} of {self._frames} frames were rendered")
            self._sink.finish()
        except BaseException:
            self.abort()
            raise
        self._resources.close()

    def abort(self) -> None:
        """End at once and leave nothing: no process, no thread, no file.

        Only what waits in the kernel, as for a dead network disk, is left behind after some seconds.
        """
        self._closed = True
        try:
            self._sink.stop()
            with suppress(queue.Empty):
                while True:
                    self._queue.get_nowait()
            self._queue.put_nowait(None)  # the thread may have ended: nothing else is put, so there is room
            with interruption.waiting(self._sink.awaited):
                self._thread.join(KILL_TIMEOUT)
        finally:
            self._resources.close()

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

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error
