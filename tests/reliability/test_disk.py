"""A disk that is full at the start, in the middle, at the last frame; without a journal too."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.reliability.conftest import FRAMES, SmallDisk
from tests.support.faults import at_frame, contents, files, kept_frames, leave_journal, rendered

pytestmark = pytest.mark.system

OUTPUTS = [("out.mp4", "zoom"), ("frames/", "frames")]


@pytest.mark.slow
@pytest.mark.parametrize(("output", "name"), OUTPUTS)
def test_full_at_the_start(output: str, name: str, small_disk: SmallDisk, whole: Mapping[str, list[bytes]]) -> None:
    small_disk.fill()
    before = files(small_disk.folder)
    end = rendered(small_disk.folder / "zoom.yaml", f"{small_disk.folder}/{output}")
    assert end.code == 5, end
    assert f"the disk of {small_disk.folder} is full" in end.words
    assert files(small_disk.folder) == before
    small_disk.free()
    _goes_on(small_disk, output, whole[name])


@pytest.mark.parametrize("number", [pytest.param(FRAMES // 2, marks=pytest.mark.slow), FRAMES])
@pytest.mark.parametrize(("output", "name"), OUTPUTS)
def test_full_later(
    output: str, name: str, number: int, small_disk: SmallDisk, whole: Mapping[str, list[bytes]]
) -> None:
    """In the middle and at the last frame. What an earlier run has finished is kept in any case."""
    path = f"{small_disk.folder}/{output}"
    before = files(small_disk.folder)
    leave_journal(small_disk.folder / "zoom.yaml", path, 10)
    end = rendered(small_disk.folder / "zoom.yaml", path, at_frame(number, small_disk.fill))
    assert end.code == 5, end
    assert f"the disk of {small_disk.folder} is full" in end.words
    assert end.kept >= 10
    left = files(small_disk.folder)
    left.pop("filler")
    assert {name.split("/")[0] for name in left.keys() - before.keys()} == {f"{output.rstrip('/')}.journal"}
    small_disk.free()
    _goes_on(small_disk, output, whole[name])


def _goes_on(disk: SmallDisk, output: str, whole: list[bytes]) -> None:
    path = f"{disk.folder}/{output}"
    assert rendered(disk.folder / "zoom.yaml", path).code == 0
    assert contents(path) == whole
    assert kept_frames(path) == 0
