"""Folders of PNGs: lossless, whole or not at all, and what else is in the folder stays."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from tests.support.clips import noise, read_png, write_film
from zoomdream.errors import EncodeError, OutputError, OutputExistsError

SIZE = (64, 48)


@pytest.mark.parametrize(
    ("name", "folder", "first", "last"),
    [
        ("film/", "film", "000000.png", "000006.png"),
        ("film/%04d.png", "film", "0000.png", "0006.png"),
        ("film/shot_%06d.v2.png", "film", "shot_000000.v2.png", "shot_000006.v2.png"),
    ],
)
def test_a_folder_of_pngs_is_lossless(
    tmp_path: Path, name: str, folder: str, first: str, last: str, nothing_left: None
) -> None:
    frames = noise(7, (65, 49))
    write_film(f"{tmp_path}/{name}", frames)
    files = sorted((tmp_path / folder).iterdir())
    assert (files[0].name, files[-1].name, len(files)) == (first, last, 7)
    for file, frame in zip(files, frames, strict=True):
        assert np.array_equal(read_png(file), frame)


def test_an_existing_folder_keeps_what_is_no_frame(tmp_path: Path, nothing_left: None) -> None:
    folder = tmp_path / "film"
    folder.mkdir()
    write_film(folder, noise(5, SIZE))  # empty: no need to overwrite
    (folder / "notes.txt").write_text("mine")
    (folder / "cover.png").write_text("mine too")
    with pytest.raises(OutputExistsError, match=r"film is not empty$"):
        write_film(folder, noise(3, SIZE))
    frames = noise(3, SIZE, seed=1)
    write_film(folder, frames, overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == [
        *("000000.png", "000001.png", "000002.png"),
        *("cover.png", "notes.txt"),
    ]
    assert np.array_equal(read_png(folder / "000002.png"), frames[2])


def test_pictures_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_left: None) -> None:
    def full(self: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(EncodeError, match=r"the disk of .* is full"):
        write_film(f"{tmp_path}/frames/", noise(3, SIZE))


def test_a_folder_with_a_frames_name_is_refused_beforehand(tmp_path: Path, nothing_left: None) -> None:
    (tmp_path / "film" / "000001.png").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"000001\.png is a folder where a file would be written"):
        write_film(tmp_path / "film", noise(3, SIZE), overwrite=True)


def test_a_failure_leaves_the_frames_that_are_there(tmp_path: Path, nothing_left: None) -> None:
    write_film(f"{tmp_path}/film/", noise(2, SIZE))
    before = {path.name: path.read_bytes() for path in (tmp_path / "film").iterdir()}
    with pytest.raises(EncodeError, match="only 1 of 2"):
        write_film(tmp_path / "film", noise(1, SIZE, seed=1), overwrite=True, count=2)
    assert {path.name: path.read_bytes() for path in (tmp_path / "film").iterdir()} == before


def test_frames_are_flushed_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed = set()
    fsync = os.fsync

    def record(descriptor: int) -> None:
        flushed.add(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    write_film(f"{tmp_path}/film/", noise(3, SIZE))
    assert {path.stat().st_ino for path in (tmp_path / "film").iterdir()} <= flushed
