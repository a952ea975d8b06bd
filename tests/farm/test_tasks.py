"""Tasks as JSON."""

from __future__ import annotations

import json

import pytest

from zoomdream.errors import UsageError
from zoomdream.farm.tasks import FORMAT, RenderTask

TASK = RenderTask(
    "a",
    "/presets/a.yaml",
    "/out/\udce9.mp4",
    changes=("seed=1", "dream.steps=2"),
    frames=(0, 24),
    part=(3, 9),
    threads=1,
)


def test_a_task_is_the_same_after_json() -> None:
    text = TASK.to_json()
    assert "\n" not in text
    assert RenderTask.from_json(text) == TASK
    assert isinstance(RenderTask.from_json(text).changes, tuple)


def test_a_name_that_is_no_utf8_survives() -> None:
    assert TASK.to_json().isascii()


def changed(**values: object) -> str:
    return json.dumps(
        {key: value for key, value in {**json.loads(TASK.to_json()), **values}.items() if value != "LEFT OUT"}
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'' is no task: a task is an object in JSON"),
        ("[1]", "is no task"),
        ("{}", f"the task has format None, and this zoomdream reads {FORMAT}: use one version everywhere"),
        (changed(zoomdream_task=FORMAT + 1), f"the task has format {FORMAT + 1}"),
        (changed(colour=1), "the task has 'colour', unlike this zoomdream's tasks"),
        (changed(output="LEFT OUT"), "the task lacks 'output'"),
    ],
)
def test_what_is_no_task_of_this_version_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        RenderTask.from_json(text)
    assert words in str(caught.value)
