"""A motion preview as a film: no network, no torch, seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np

from zoomdream.encoding import Sound, SoundPlan, check_output, open_film, output_target, plan_sound
from zoomdream.encoding.encoder import write_error
from zoomdream.errors import SourceError
from zoomdream.films.playback.playing_order import FrameSpool, played_frames, playing_order, plays_forward
from zoomdream.films.previews.motion.frames import MotionPreview
from zoomdream.films.previews.motion.sources import SmallPixels
from zoomdream.films.previews.outline import Outline
from zoomdream.progress import OnProgress, Progress
from zoomdream.settings import OutputSettings

_OUTPUT = OutputSettings(speed="veryfast", crf=26)


@dataclass(frozen=True)
class MotionJob:
    """A `zoomdream.progress.Job` whose result is the path of a motion preview's file."""

    preview: MotionPreview
    path: Path
    """The output; its suffix chooses the format."""
    overwrite: bool = False
    """Replace what is there."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the preview, in pixels."""
        return self.preview.size

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know before the work begins."""
        return (*self.preview.film.warnings, *self.sound.warnings)

    @property
    def played(self) -> int:
        """How many frames the file has: those of a film that runs there and back are seen twice."""
        return played_frames(self._order, range(self.preview.count))

    @property
    def _order(self) -> OutputSettings:
        return self.preview.film.preset.output

    @property
    def provenance(self) -> str:
        """What makes it, in one line for its metadata."""
        return f"zoomdream motion preview, seed {self.preview.film.preset.seed}"

    @cached_property
    def sound(self) -> SoundPlan:
        """How the film's sound gets into the output. Raises SourceError, UsageError."""
        preview, sound = self.preview, _sound(self.preview.film)
        if sound is not None and self._order.pingpong:  # it is heard once
            sound = replace(sound, duration=preview.count / preview.fps)
        return plan_sound(sound, output_target(self.path, "auto"), self.played / preview.fps)

    def check(self) -> None:
        """Check the output before anything is read. Raises UsageError, OutputError."""
        preview = self.preview
        check_output(self.path, preview.size, _OUTPUT, overwrite=self.overwrite, fps=preview.fps, inputs=self._inputs)

    def run(self, on_progress: OnProgress | None = None) -> Path:
        """Draw the preview. Raises OutputError, EncodeError, SourceError, UsageError."""
        preview = self.preview
        with (
            open_film(
                self.path,
                preview.size,
                preview.fps,
                _OUTPUT,
                frames=self.played,
                overwrite=self.overwrite,
                audio=self.sound,
                metadata={"title": "zoomdream", "comment": self.provenance},
                inputs=self._inputs,
            ) as film,
            preview.frames() as frames,
        ):
            drawn = self._drawn(frames, on_progress)
            if plays_forward(self._order):
                for frame in drawn:
                    film.write(frame)
            else:
                self._play(drawn, film.write)
        return self.path

    def _drawn(self, frames: Iterator[SmallPixels], on_progress: OnProgress | None) -> Iterator[SmallPixels]:
        """All frames in the order of their times; a video that ends early stands still."""
        preview, done, last = self.preview, 0, None
        for done, last in enumerate(frames, 1):
            yield last
            if on_progress:
                on_progress(Progress(done, preview.count, "frame", "motion"))
        if last is None:
            raise SourceError(f"{preview.film.preset.model.source} has no frame that can be decoded")
        yield from (last for _ in range(done, preview.count))

    def _play(self, drawn: Iterator[SmallPixels], write: Callable[[SmallPixels], None]) -> None:
        """Keep all frames, and write them in the order in which the film shows them."""
        folder = self.path.absolute().parent
        try:
            with FrameSpool(folder, 0) as spool:
                for frame in drawn:
                    spool.write(frame)
                for part in playing_order(self._order, range(self.preview.count)):
                    for index in part:
                        for levels in spool.read(index):
                            write(np.asarray(levels, np.uint8))
        except OSError as error:
            raise write_error(folder, error) from error

    @property
    def _inputs(self) -> tuple[Path, ...]:
        preset = self.preview.film.preset
        return tuple(path for path in (preset.file, preset.source, preset.music) if path)


def _sound(film: Outline) -> Sound | None:
    """What is heard with the film; see `films.preparation`, which refuses what cannot be heard."""
    preset, clip = film.preset, film.clip
    if film.is_guess:
        return None
    if preset.audio is not None:
        return Sound(preset.audio, track=preset.audio_track)
    if clip is None or preset.output.audio != "source" or not clip.audio:
        return None
    start = clip.start_time + Fraction(film.first) / film.clock.fps
    return replace(Sound(clip.path, start, track=preset.audio_track), is_continuous=clip.is_continuous)
