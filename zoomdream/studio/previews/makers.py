"""How each kind of preview is made, in the process of previews."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.errors import JournalError
from zoomdream.films.journal import find_journal, journal_folder
from zoomdream.films.journal.segments import newest_png
from zoomdream.films.previews.clip_cuts import clip_cuts
from zoomdream.films.previews.draft import LEAST_PIXELS, draft
from zoomdream.films.previews.motion.frames import MotionPreview, motion_preview
from zoomdream.films.previews.motion.job import MotionJob
from zoomdream.films.previews.motion.sources import SmallPixels
from zoomdream.films.previews.outline import outline
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset
from zoomdream.progress import OnProgress, Progress
from zoomdream.studio.files.posters import jpeg
from zoomdream.studio.previews.tasks import Task

if TYPE_CHECKING:
    from zoomdream.images.frame import Frame

SECONDS_BETWEEN = 0.2
"""The shortest time between two reports of progress."""

Facts = Mapping[str, object]


def warm_up(kind: str) -> None:
    """Load what a kind of preview needs, before the first is asked for."""
    if kind == "motion":
        import zoomdream.encoding
    elif kind in ("frame", "draft"):
        import zoomdream.films.preparation
        import zoomdream.films.previews.frame  # noqa: F401
        from zoomdream.networks import load_network

        if kind == "frame":
            load_network()


def make_frame(task: Task) -> Facts:
    """The frame at a time: the film's own where it is kept, else a draft's; what is dreamed on the way is shown."""
    from zoomdream.films.preparation import prepare
    from zoomdream.films.previews.frame import preview_frame

    preset, output = _preset(task), _output_with_frames(task)
    seconds = float(task.request["at"])
    small = draft(preset, LEAST_PIXELS)  # a whole draft's size would take nearly twice as long
    film = prepare(preset if output else small)
    index = min(max(int(seconds * film.clock.fps + 1e-6), 0), len(film.timeline) - 1)
    if output is not None and not _is_kept(output, index):
        film, output = prepare(small), None
        index = min(max(int(seconds * film.clock.fps + 1e-6), 0), len(film.timeline) - 1)
    found = preview_frame(
        film, index, output=output, on_progress=_reports(task), on_frame=lambda frame: show(task, _jpeg(frame), ".jpg")
    )
    show(task, _jpeg(found.frame), ".jpg")
    words = found.description if found.how != "exact" else f"of a draft: {found.dreamed} frames dreamed up to it"
    return {"how": found.how, "message": words}


def _output_with_frames(task: Task) -> Path | None:
    """The film whose journal may hold the frame; None where there is none."""
    film = task.request.get("film")
    return Path(film) if film and journal_folder(Path(film)).is_dir() else None


def _is_kept(output: Path, index: int) -> bool:
    with suppress(JournalError):
        journal = find_journal(journal_folder(output))
        return journal is not None and any(part.first <= index < part.stop for part in journal.segments)
    return False


def _jpeg(frame: Frame) -> bytes:
    from zoomdream.images.frame import to_uint8

    return jpeg(to_uint8(frame))


def make_motion(task: Task) -> Facts:
    """The camera's path over the source, as a film."""
    film = outline(_preset(task))
    motion = motion_preview(film)
    shown = _ShownMotion(motion.film, motion.timeline, motion.size, motion.every, task)
    path = MotionJob(shown, task.file(".mp4"), overwrite=True).run(_reports(task))
    task.report("film", path=str(path))
    return {"message": "; ".join(film.warnings)}


def make_draft(task: Task) -> Facts:
    """The film, small and at a low rate; its newest frame is shown meanwhile."""
    from zoomdream.films.journaling import JournalOptions
    from zoomdream.films.preparation import prepare
    from zoomdream.films.rendering import RenderJob

    path = task.file(".mp4")
    film = prepare(draft(_preset(task)))
    pictures = _Pictures(task, journal_folder(path))
    progress = _reports(task)

    def report(done: Progress) -> None:
        progress(done)
        pictures.show_newest()

    RenderJob(film, path, overwrite=True, journal=JournalOptions(resume=False)).run(report)
    task.report("film", path=str(path))
    return {"message": "; ".join(film.warnings)}


def find_cuts(task: Task) -> Facts:
    """Where new shots begin in the clip that a film is over."""
    cuts = clip_cuts(outline(_preset(task)))
    task.report("cuts", seconds=None if cuts is None else list(cuts))
    return {}


def _preset(task: Task) -> Preset:
    return load_preset_text(str(task.request["preset"]), "preset")


def _reports(task: Task) -> OnProgress:
    """Tells the studio how far a preview is, not too often; a preview that nobody waits for ends here."""
    last = 0.0

    def report(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN or progress.done == progress.total:
            last = now
            task.report("progress", done=progress.done, total=progress.total)
        task.refuse_unwanted()

    return report


@dataclass(frozen=True)
class _ShownMotion(MotionPreview):
    """A motion preview whose frames are shown now and then, as they are drawn."""

    task: Task

    @contextmanager
    def frames(self) -> Iterator[Iterator[SmallPixels]]:
        """See `MotionPreview.frames`."""
        with super().frames() as frames:
            yield self._shown(frames)

    def _shown(self, frames: Iterator[SmallPixels]) -> Iterator[SmallPixels]:
        last = 0.0
        for pixels in frames:
            now = time.monotonic()
            if now - last >= SECONDS_BETWEEN:
                last = now
                show(self.task, jpeg(pixels), ".jpg")
            yield pixels


class _Pictures:
    """Shows the newest frame of a film that is being made, from its journal."""

    def __init__(self, task: Task, folder: Path) -> None:
        self._task, self._folder = task, folder
        self._shown = -1

    def show_newest(self) -> None:
        """Show the last frame that is kept, where it is another one than before."""
        with suppress(FileNotFoundError):
            newest = newest_png(self._folder)
            if newest is not None and newest[0] != self._shown:
                self._shown = newest[0]
                show(self._task, newest[1], ".png")


def show(task: Task, picture: bytes, suffix: str) -> None:
    """Give the studio a picture."""
    path = task.file(suffix)
    part = path.with_suffix(".part")
    part.write_bytes(picture)
    part.replace(path)  # a page may be reading the one before
    task.report("picture", path=str(path))


MAKERS: Mapping[str, Callable[[Task], Facts]] = {
    "frame": make_frame,
    "motion": make_motion,
    "draft": make_draft,
    "cuts": find_cuts,
}
