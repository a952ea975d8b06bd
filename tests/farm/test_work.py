"""A task done in this process."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.support.farm import break_off
from tests.support.renders import zoom_preset
from zoomdream.errors import (
    MissingSourceError,
    OfflineError,
    OutputExistsError,
    PresetError,
    UsageError,
)
from zoomdream.farm.tasks import RenderTask
from zoomdream.farm.work import free, perform, task_preset
from zoomdream.films.film import Film
from zoomdream.films.identity import journal_compute, recorded_compute
from zoomdream.films.journal import journal_folder
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import render
from zoomdream.media import probe, read_tags
from zoomdream.memory import memory_budget
from zoomdream.presets.loading import load_preset
from zoomdream.progress import Progress


@pytest.fixture
def task(tmp_path: Path) -> RenderTask:
    """A film of six small frames."""
    preset = zoom_preset(tmp_path / "a.yaml", 6)
    return RenderTask("a", str(preset), str(tmp_path / "a.mp4"), precision="float32", threads=1)


def test_the_film_is_that_of_a_render(task: RenderTask, tmp_path: Path) -> None:
    reports: list[Progress] = []
    result = perform(replace(task, changes=("seed=4",)), reports.append)
    assert (result.path, result.frames) == (task.output, 6)
    assert [report.done for report in reports] == [1, 2, 3, 4, 5, 6]
    film = prepare(load_preset(task.preset, ["seed=4"]), precision="float32", threads=1)
    render(film, tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_frames_of_a_film(task: RenderTask) -> None:
    assert perform(replace(task, frames=(1, 4))).frames == 3
    assert probe(Path(task.output)).frames == 3
    with pytest.raises(UsageError, match="frames 3:9 are not in the film"):
        perform(replace(task, frames=(3, 9), overwrite=True))


def test_a_film_goes_on_and_an_error_says_what_is_kept(task: RenderTask, tmp_path: Path) -> None:
    error = break_off(task, 4)
    assert error.__notes__ == [f"4 of 6 frames are kept in {tmp_path / 'a.mp4.journal'}"]
    reports: list[Progress] = []
    perform(task, reports.append)
    assert {report.before for report in reports} >= {4}
    assert not journal_folder(Path(task.output)).exists()


def test_a_film_goes_on_with_the_threads_that_it_was_begun_with(task: RenderTask) -> None:
    output = Path(task.output)
    break_off(replace(task, threads=None, default_threads=1), 3)
    record = journal_compute(output)
    assert record is not None
    assert record.threads == 1
    perform(replace(task, threads=None, default_threads=2))
    finished = recorded_compute(output)
    assert finished is not None
    assert finished.threads == 1


def test_a_film_that_a_lost_worker_has_completed_is_not_made_again(task: RenderTask) -> None:
    perform(replace(task, keep_frames=True))
    before = Path(task.output).stat().st_mtime_ns
    with pytest.raises(OutputExistsError):
        perform(task)
    assert perform(task, is_retry=True).frames == 6
    assert Path(task.output).stat().st_mtime_ns == before
    assert not journal_folder(Path(task.output)).exists(), "nobody would have removed it"


def test_a_film_that_a_lost_worker_has_not_completed_is_made(task: RenderTask) -> None:
    break_off(task, 2)
    assert perform(task, is_retry=True).frames == 6
    assert probe(Path(task.output)).frames == 6


def test_a_text_is_a_preset(task: RenderTask, tmp_path: Path) -> None:
    text = (tmp_path / "a.yaml").read_text()
    given = replace(task, preset="stdin", preset_text=text, source="sample:reef", changes=("dream.steps=2",))
    preset = task_preset(RenderTask.from_json(given.to_json()))
    assert (preset.name, preset.model.source) == ("stdin", "sample:reef")
    assert preset.timeline(preset.canvas.clock())[0].dream.steps == 2
    with pytest.raises(PresetError, match="stdin:1: zoomdream: version 9"):
        task_preset(replace(given, preset_text="zoomdream: 9"))


def test_warnings_are_told_before_the_first_frame(task: RenderTask) -> None:
    told: list[object] = []
    perform(replace(task, changes=("output.loop=3",)), told.append, told.append)
    reports = [isinstance(each, Progress) for each in told]
    assert reports == sorted(reports), "warnings are first"
    assert "output.loop: no effect: h264 does not say how often it plays" in told


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"source": "/nowhere/a.jpg"}, MissingSourceError),
        ({"changes": ("network=resnet18",), "offline": True}, OfflineError),
        ({"changes": ("dream.stepz=1",)}, PresetError),
    ],
)
def test_errors_are_those_of_a_render(
    task: RenderTask, change: dict[str, object], error: type[Exception], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZOOMDREAM_CACHE", str(tmp_path / "cache"))
    with pytest.raises(error):
        perform(replace(task, **change))  # type: ignore[arg-type]
    assert not Path(task.output).exists()


def test_where_no_limit_is_set_a_share_of_the_memory_is_taken(
    task: RenderTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets = []

    def plan(*_: object, **__: object) -> None:
        budgets.append(memory_budget(None, torch.device("cpu")))

    monkeypatch.setattr("zoomdream.films.preparation.plan_tiles", plan)
    perform(replace(task, memory_share=10**8, frames=(0, 1)))
    assert budgets == [10**8]


def test_nothing_of_a_film_stays_in_memory(task: RenderTask) -> None:
    perform(task)
    free()
    assert [each for each in gc.get_objects() if type(each) is Film] == []


def test_the_command_of_the_task_goes_on(task: RenderTask) -> None:
    break_off(replace(task, command="zoomdream render a.yaml"), 2)
    record = json.loads((journal_folder(Path(task.output)) / "journal.json").read_text())
    assert record["command"] == "zoomdream render a.yaml"


def test_a_recipe_is_computed_as_its_film_was(task: RenderTask, tmp_path: Path) -> None:
    perform(replace(task, threads=1))
    again = replace(task, preset=task.output, output=str(tmp_path / "b.mp4"), threads=None, default_threads=2)
    perform(again)
    ours, theirs = (recorded_compute(tmp_path / name) for name in ("a.mp4", "b.mp4"))
    assert ours == theirs
    assert read_tags(tmp_path / "a.mp4")["zoomdream_preset"] == read_tags(tmp_path / "b.mp4")["zoomdream_preset"]
