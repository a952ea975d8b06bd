"""The parts of a film as tasks: their numbers, their frames, what they take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.clips import lossless
from tests.support.films import shot, video_film, video_preset
from zoomdream.farm.film_parts import forget_frames, part_tasks
from zoomdream.farm.film_plan import film_plan
from zoomdream.farm.tasks import RenderTask
from zoomdream.farm.work import task_preset
from zoomdream.films.estimates.estimate import Estimate
from zoomdream.films.journaling import JournalOptions
from zoomdream.films.parts.part_rendering import PartJob

CHANGES = {"dream": "{layers: {fire4: 1}, octaves: 1, steps: 4}", "carry": "{steps: 1}"}


@pytest.fixture(scope="module")
def clip(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shots."""
    frames = shot(photos, "coffee.png", 4, 2) + shot(photos, "astronaut.png", 2, 2)
    return lossless(tmp_path_factory.mktemp("clip") / "clip.mkv", frames)


def test_a_shots_first_frame_takes_all_its_steps(clip: Path, tmp_path: Path) -> None:
    film, parts = video_film(clip, **CHANGES), [range(4), range(4, 6)]
    plan = film_plan(film, tmp_path / "out.mp4", parts, Estimate(12.0, 0, 5_000))
    assert [task.seconds for task in plan.tasks] == [7.0, 5.0]  # 4 + 3 x 1 steps, and 4 + 1
    assert (plan.frames, plan.size, plan.fps, plan.memory_bytes) == (6, (96, 64), str(film.clock.fps), 5_000)
    assert json.loads(json.dumps(plan.values()))["tasks"][1] == {
        **{"id": 1, "first": 4, "stop": 6, "finished": 0, "seconds": 5.0}
    }
    PartJob(film, tmp_path / "out.mp4", parts[1]).run()
    assert [task.seconds for task in film_plan(film, tmp_path / "out.mp4", parts, Estimate(12.0, 0, 0)).tasks] == [7, 0]


def test_tasks_are_the_parts_that_are_missing_the_longest_first(clip: Path, tmp_path: Path) -> None:
    preset = video_preset(clip, **CHANGES)
    film, output = video_film(clip, **CHANGES), tmp_path / "out.mp4"
    parts = [range(2), range(2, 6), range(6, 7)]
    tasks = part_tasks(film, preset, output, parts, [0, 1, 1], journal=JournalOptions(command="go on"))
    assert [task.part for task in tasks] == [(2, 6), (0, 2)]
    task = RenderTask.from_json(tasks[0].to_json())
    assert task == tasks[0]
    assert (task.output, task.command, task.is_led, task.tile) == (str(output), "go on", True, 0)
    assert task_preset(task).recipe() == preset.recipe()


def test_frames_that_are_forgotten_are_gone(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    forget_frames(output)
    PartJob(video_film(clip, **CHANGES), output, range(4, 6)).run()
    forget_frames(output)
    assert list(tmp_path.iterdir()) == []
