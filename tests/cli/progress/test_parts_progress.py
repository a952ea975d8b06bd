"""Frames of all parts as one number."""

from __future__ import annotations

from zoomdream.cli.progress.parts_progress import PartsProgress
from zoomdream.cli.progress.progress_bar import Display
from zoomdream.farm.engine import Event
from zoomdream.farm.tasks import RenderTask
from zoomdream.progress import Progress


def test_frames_add_up_and_warnings_are_told_once() -> None:
    shown: list[Progress] = []
    lines: list[str] = []
    progress = PartsProgress(Display(shown.append, lines.append), [range(5), range(5, 9)], [2, 4])
    task = RenderTask("0:5", "film.yaml", "out.mp4", part=(0, 5))
    assert (progress.progress.done, progress.progress.before, progress.progress.total) == (6, 6, 9)
    progress(Event(task, "started"))
    for done in (3, 4, 5):
        progress(Event(task, "progress", Progress(done, 5, "frame", before=2)))
    progress(Event(task, "progress", Progress(7, 100, "byte")))
    for _ in range(2):
        progress(Event(task, "warning", text="the video is dark"))
    progress(Event(task, "lost", text="its worker was killed"))
    progress(Event(task, "done"))
    assert [each.done for each in shown] == [7, 8, 9, 9]
    assert shown[-1].now == "2 of 2 parts"
    assert lines == ["warning: the video is dark", "warning: frames 0:5: its worker was killed; another worker goes on"]
