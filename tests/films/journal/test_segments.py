"""Segments: whole or not there, and to the bit."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from zoomdream.errors import JournalError
from zoomdream.films.journal.segments import OpenSegment, Segment, list_segments, state_path
from zoomdream.images.frame import Levels
from zoomdream.images.pictures.png import encode_png

STATE = {"start": torch.linspace(0, 1, 12).view(1, 3, 2, 2)}


def pictures(first: int, count: int) -> list[Levels]:
    return [np.full((4, 6, 3), index, np.uint8) for index in range(first, first + count)]


def write(
    folder: Path, first: int, count: int, state: dict[str, torch.Tensor] = STATE, begins: str | None = None
) -> Segment:
    segment = OpenSegment(folder, first, begins)
    for frame in pictures(first, count):
        segment.append(encode_png(frame))
    return segment.close("rows", "zoom", 1, state)


def test_frames_and_state_come_back_to_the_bit(tmp_path: Path) -> None:
    written = write(tmp_path, 0, 3)
    (read,) = list_segments(tmp_path)
    assert read == written
    assert (read.first, read.stop, read.rows, read.state.index) == (0, 3, "rows", 3)
    assert all(np.array_equal(a, b) for a, b in zip(read.frames(0, 3), pictures(0, 3), strict=True))
    assert [int(frame[0, 0, 0]) for frame in read.frames(1, 2)] == [1]
    state = read.load_state()
    assert state is not None
    assert torch.equal(state["start"], STATE["start"])


def test_an_open_segment_is_not_there(tmp_path: Path) -> None:
    segment = OpenSegment(tmp_path, 0)
    segment.append(encode_png(pictures(0, 1)[0]))
    assert list_segments(tmp_path) == ()
    segment.discard()
    assert list(tmp_path.iterdir()) == []


def test_segments_after_a_gap_do_not_count(tmp_path: Path) -> None:
    write(tmp_path, 0, 2)
    write(tmp_path, 2, 2)
    write(tmp_path, 6, 2)
    assert [segment.first for segment in list_segments(tmp_path)] == [0, 2]


def test_segments_after_a_gap_count_where_they_begin_a_part(tmp_path: Path) -> None:
    write(tmp_path, 0, 2)
    begun = write(tmp_path, 6, 2, begins="a camera")
    write(tmp_path, 8, 2)
    write(tmp_path, 11, 2)
    write(tmp_path, 7, 2, begins="inside of another")
    read = list_segments(tmp_path)
    assert [segment.first for segment in read] == [0, 6, 8]
    assert read[1] == begun
    assert [segment.begins for segment in read] == [None, "a camera", None]


def test_a_copy_under_another_name_does_not_count(tmp_path: Path) -> None:
    segment = write(tmp_path, 0, 2)
    (tmp_path / "frames-00000002.zip").write_bytes(segment.path.read_bytes())
    assert list_segments(tmp_path) == (segment,)


@pytest.mark.parametrize("record", ["[]", "{}", '{"first": 0, "frames": 0, "rows": "", "state": {}}'])
def test_a_segment_that_says_something_else_does_not_count(record: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "frames-00000000.zip", "w") as archive:
        archive.writestr("segment.json", record)
    assert list_segments(tmp_path) == ()


def test_a_damaged_segment_ends_the_list(tmp_path: Path) -> None:
    write(tmp_path, 0, 2)
    damaged = write(tmp_path, 2, 2)
    damaged.path.write_bytes(damaged.path.read_bytes()[:-30])
    assert [segment.first for segment in list_segments(tmp_path)] == [0]


@pytest.mark.parametrize(
    "changes",
    [{"first": 7}, {"frames": 0}, {"frames": 3}, {"frames": "2"}, {"frames": None}, {"state": None}, {"state": {}}],
    ids=str,
)
def test_a_record_that_does_not_fit_ends_the_list(changes: dict[str, object], tmp_path: Path) -> None:
    write(tmp_path, 0, 2)
    altered = write(tmp_path, 2, 2)
    with zipfile.ZipFile(altered.path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["segment.json"] = json.dumps(json.loads(entries["segment.json"]) | changes).encode()
    with zipfile.ZipFile(altered.path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    assert [segment.first for segment in list_segments(tmp_path)] == [0]


def test_a_damaged_frame_is_told_and_not_shown(tmp_path: Path) -> None:
    segment = write(tmp_path, 0, 2)
    with zipfile.ZipFile(segment.path) as archive:
        begin = archive.infolist()[1].header_offset + 60
    data = bytearray(segment.path.read_bytes())
    data[begin] ^= 0xFF
    segment.path.write_bytes(data)
    frames = segment.frames(0, 2)
    next(frames)
    with pytest.raises(JournalError, match=r"frames-00000000\.zip is damaged"):
        next(frames)


def test_a_state_that_is_gone_or_altered_is_none(tmp_path: Path) -> None:
    segment = write(tmp_path, 0, 2)
    path = state_path(tmp_path, 2)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert segment.load_state() is None
    path.unlink()
    assert segment.load_state() is None
    assert segment.files == (segment.path,)
