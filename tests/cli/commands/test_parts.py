"""render -j, render --task, plan and join, as a user runs them; the engine does its tasks in this process."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import Result

from tests.support.clips import lossless
from tests.support.commands import QUIET, zoomdream
from tests.support.farm import InProcessEngine
from tests.support.films import shot
from zoomdream.errors import SourceError
from zoomdream.farm.division import Division
from zoomdream.farm.engine import Event, OnEvent, Outcome, TaskError
from zoomdream.farm.tasks import RenderTask


class RecordingEngine(InProcessEngine):
    """The same, noting what it was asked to do."""

    asked: list[RenderTask]

    def __init__(self, division: Division) -> None:
        """One of the command's."""
        self._division = division

    def run(self, tasks: Sequence[RenderTask], on_event: OnEvent | None = None) -> list[Outcome]:
        """See `engine.Engine.run`."""
        self.asked.extend(tasks)
        return super().run(tasks, on_event)


@pytest.fixture(scope="module")
def clip(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shots of 5, 4 and 3 frames."""
    shots = shot(photos, "coffee.png", 5, 2), shot(photos, "astronaut.png", 4, 2), shot(photos, "rocket.jpg", 3, 2)
    return lossless(tmp_path_factory.mktemp("clip") / "clip.mkv", [*itertools.chain(*shots)])


def preset_over(clip: Path) -> str:
    """A preset of a film over a clip."""
    return f"zoomdream: 1\nsource: {clip}\ndream: {{layers: {{fire4: 1}}, octaves: 2, steps: 2}}\ncarry: {{steps: 1}}\n"


@pytest.fixture
def folder(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the preset film.yaml."""
    (tmp_path / "film.yaml").write_text(preset_over(clip))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(RecordingEngine, "asked", [], raising=False)
    monkeypatch.setattr("zoomdream.farm.processes.ProcessEngine", RecordingEngine)
    return tmp_path


def ran(*arguments: object, code: int = 0) -> Result:
    result = zoomdream(*arguments, "--threads", 1, *QUIET)
    assert result.exit_code == code, result.stderr
    return result


@pytest.fixture(scope="module")
def whole(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The film as one process makes it."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "film.yaml").write_text(preset_over(clip))
    ran("render", folder / "film.yaml", "-o", folder / "whole.mp4")
    return (folder / "whole.mp4").read_bytes()


def test_a_film_by_several_workers_is_the_film_of_one(folder: Path, whole: bytes) -> None:
    told = ran("render", "film.yaml", "-o", "out.mp4", "-j", 2)
    assert "3 parts, 3 of them to render, 2 at one time, 1 thread each" in told.stderr
    assert [task.id for task in RecordingEngine.asked] == ["0:5", "5:9", "9:12"]
    assert (folder / "out.mp4").read_bytes() == whole
    assert sorted(path.name for path in folder.iterdir()) == ["film.yaml", "out.mp4"]


def test_tasks_by_number_and_join_make_the_film_of_one(folder: Path, whole: bytes) -> None:
    plan = json.loads(ran("plan", "film.yaml", "-o", "out.mp4", "--json").stdout)
    assert [(task["id"], task["first"], task["stop"]) for task in plan["tasks"]] == [(0, 0, 5), (1, 5, 9), (2, 9, 12)]
    assert plan["frames"] == 12
    assert all(task["seconds"] > 0 for task in plan["tasks"])
    for number in (2, 0):
        ran("render", "film.yaml", "-o", "out.mp4", "--task", number)
    missing = ran("join", "film.yaml", "-o", "out.mp4", code=4)
    assert "lacks the frames 5:9: render them first" in missing.stderr
    for _ in range(2):  # a task that is done does nothing
        assert "part 1, frames 5:9, is finished" in ran("render", "film.yaml", "-o", "out.mp4", "--task", 1).stderr
    lines = ran("plan", "film.yaml", "-o", "out.mp4").stdout.splitlines()
    assert lines == ["0: frames 0:5, 5 finished", "1: frames 5:9, 4 finished", "2: frames 9:12, 3 finished"]
    ran("join", "film.yaml", "-o", "out.mp4")
    assert (folder / "out.mp4").read_bytes() == whole
    assert not (folder / "out.mp4.journal").exists()


def test_some_frames_and_what_is_finished_already(folder: Path) -> None:
    ran("render", "film.yaml", "-o", "whole.mp4", "--frames", "4:8")
    ran("render", "film.yaml", "-o", "out.mp4", "--task", 1)
    ran("render", "film.yaml", "-o", "out.mp4", "-j", 2, "--frames", "4:8")
    assert [task.id for task in RecordingEngine.asked] == ["0:5"]
    assert (folder / "out.mp4").read_bytes() == (folder / "whole.mp4").read_bytes()


def test_fresh_renders_all_anew(folder: Path) -> None:
    ran("render", "film.yaml", "-o", "out.mp4", "--task", 1)
    ran("render", "film.yaml", "-o", "out.mp4", "-j", 2, "--fresh")
    assert [task.id for task in RecordingEngine.asked] == ["0:5", "5:9", "9:12"]


def test_a_zoom_film_is_rendered_by_one_process(preset: Path, folder: Path) -> None:
    (folder / "zoom.yaml").write_text(
        "zoomdream: 1\nsource: sample:hills\ncanvas: {size: 96x64, fps: 10, duration: 2f}\n"
        "dream: {layers: {fire4: 1}, octaves: 1, steps: 1}\n"
    )
    told = ran("render", "zoom.yaml", "-o", "zoom.mp4", "-j", 2)
    assert "does not split into parts" in told.stderr
    assert RecordingEngine.asked == []
    assert ran("plan", "zoom.yaml", "-o", "other.mp4").stdout.startswith("0: frames 0:2, about")


def test_a_part_that_fails_ends_the_film_and_keeps_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = RecordingEngine.run

    def failing(self: RecordingEngine, tasks: Sequence[RenderTask], on_event: OnEvent | None = None) -> list[Outcome]:
        done = run(self, tasks[1:], on_event)
        error = TaskError.of(SourceError("the disk is on fire"))
        if on_event:
            on_event(Event(tasks[0], "failed", error=error))
        return [Outcome(tasks[0], error, 1, 0.1), *done]

    with monkeypatch.context() as patch:
        patch.setattr(RecordingEngine, "run", failing)
        told = ran("render", "film.yaml", "-o", "out.mp4", "-j", 2, code=3)
    assert "the disk is on fire" in told.stderr
    assert "this was frames 0:5 of out.mp4; the other parts are kept" in told.stderr
    assert "7 of 12 frames are kept in out.mp4.journal; to go on: " in told.stderr
    RecordingEngine.asked.clear()
    ran("render", "film.yaml", "-o", "out.mp4", "-j", 2)
    assert [task.id for task in RecordingEngine.asked] == ["0:5"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("render", "film.yaml", "--task", 3), 2, "--task 3: the film has 3 parts, numbered from 0"),
        (("render", "film.yaml", "-o", "-", "-j", 2), 2, "a film in parts is kept in files"),
        (("render", "film.yaml", "--no-journal", "-j", 2), 2, "put together from its journal"),
        (("render", "film.yaml", "--no-journal", "--task", 0), 2, "put together from its journal"),
        (("join", "film.yaml"), 4, "lacks the frames 0:12"),
        (("plan", "nothing.yaml"), 2, "nothing.yaml"),
        (("render", "film.yaml", "-o", "out.xyz", "-j", 2), 2, "out.xyz"),
    ],
)
def test_what_cannot_be_is_told(folder: Path, arguments: tuple[object, ...], code: int, message: str) -> None:
    assert message in ran(*arguments, code=code).stderr
