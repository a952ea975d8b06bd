"""A motion preview as a film: no network, no torch, seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from zoomdream.encoding import Sound, SoundPlan, check_output, open_film, output_target, plan_sound
from zoomdream.errors import SourceError
from zoomdream.films.previews.motion.frames import MotionPreview
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
        film = self.preview.film
        output = film.preset.output
        backward = ["output.reverse and output.pingpong: the preview runs forward"]
        return (*film.warnings, *(backward if output.reverse or output.pingpong else []), *self.sound.warnings)

    @property
    def provenance(self) -> str:
        """What makes it, in one line for its metadata."""
        return f"zoomdream motion preview, seed {self.preview.film.preset.seed}"

    @cached_property
    def sound(self) -> SoundPlan:
        """How the film's sound gets into the output. Raises SourceError, UsageError."""
        preview = self.preview
        return plan_sound(_sound(preview.film), output_target(self.path, "auto"), preview.count / preview.fps)

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
                frames=preview.count,
                overwrite=self.overwrite,
                audio=self.sound,
                metadata={"title": "zoomdream", "comment": self.provenance},
                inputs=self._inputs,
            ) as film,
            preview.frames() as frames,
        ):
            done, last = 0, None
            for done, last in enumerate(frames, 1):
                film.write(last)
                if on_progress:
                    on_progress(Progress(done, preview.count, "frame", "motion"))
            if last is None:
                raise SourceError(f"{preview.film.preset.model.source} has no frame that can be decoded")
            for _ in range(done, preview.count):  # a video that ends early stands still
                film.write(last)
        return self.path

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
