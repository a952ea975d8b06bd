"""Frames of every size have a motion: a library's limits end no process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.forks import fork_module, wait
from zoomdream.errors import UsageError
from zoomdream.motion.optical_flow.flow import LARGEST, flow_method, searchable_size
from zoomdream.motion.optical_flow.reliability import motion_between


@pytest.mark.parametrize("name", ["fast", "medium", "fine", "farneback"])
def test_frames_of_every_size_have_a_motion(tmp_path: Path, name: str) -> None:
    report = tmp_path / "report.txt"
    with report.open("w") as file:
        process = fork_module("tests.support.flow_sizes", [name], stdout=file.fileno(), stderr=file.fileno())
        assert wait(process) == 0, report.read_text()[-2000:]


@pytest.mark.parametrize("size", [(64, 48), (91, 32), (160, 112), (256, 144), (100, 40), (1920, 1080), (30, 400)])
@pytest.mark.parametrize("finest_scale", [0, 1, 2])
def test_ordinary_frames_are_searched_as_they_are(size: tuple[int, int], finest_scale: int) -> None:
    assert searchable_size(size, finest_scale) == size


@pytest.mark.parametrize(
    ("size", "finest_scale", "continued"),
    [
        ((1000, 12), 2, (1000, 32)),
        ((1000, 12), 1, (1000, 16)),
        ((1000, 12), 0, (1000, 12)),
        ((64, 8), 2, (64, 32)),
        ((80, 31), 2, (80, 32)),
        ((79, 31), 2, (79, 31)),
        ((1, 5), 2, (12, 12)),
        ((12, 1000), 2, (12, 1000)),
    ],
)
def test_low_frames_get_the_rows_that_a_patch_needs(
    size: tuple[int, int], finest_scale: int, continued: tuple[int, int]
) -> None:
    assert searchable_size(size, finest_scale) == continued


def test_frames_too_large_for_a_flow_are_refused() -> None:
    wide = np.zeros((1, LARGEST + 1, 3), np.uint8)
    with pytest.raises(UsageError, match=r"frames of 32767x1 pixels .*32766"):
        motion_between(wide, wide, flow_method("fast"))
