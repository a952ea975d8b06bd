"""Shared by the tests of faults: a film from a picture and one over a clip, and what they are without any fault."""

from __future__ import annotations

import gc
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.clips import pattern
from tests.support.faults import contents, copied, rendered
from tests.support.renders import video_preset, zoom_preset

FRAMES = 40


@pytest.fixture(scope="session")
def presets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with zoom.yaml and video.yaml, each of 40 frames, and clip.mkv."""
    folder = tmp_path_factory.mktemp("presets")
    zoom_preset(folder / "zoom.yaml", FRAMES)
    video_preset(folder / "video.yaml", "clip.mkv")
    pattern(folder / "clip.mkv", seconds=FRAMES / 10)
    return folder


@pytest.fixture
def place(presets: Path, tmp_path: Path) -> Path:
    """A folder with copies of these files, and nothing else."""
    return copied(presets, tmp_path)


@pytest.fixture(scope="session")
def whole(presets: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[bytes]]:
    """What `contents` says of each film without any fault, by the preset's name; `frames`: of zoom.yaml as PNGs."""
    folder = tmp_path_factory.mktemp("whole")
    films = {}
    for name, preset, output in (
        ("zoom", "zoom.yaml", "zoom.mp4"),
        ("video", "video.yaml", "video.mp4"),
        ("frames", "zoom.yaml", "frames/"),
    ):
        assert rendered(presets / preset, f"{folder}/{output}").code == 0
        films[name] = contents(f"{folder}/{output}")
    return films


class SmallDisk:
    """A file system of its own, in memory, with a folder's files on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resize(self, size: str) -> None:
        """Make it larger or smaller: `600k`."""
        subprocess.run(["mount", "-o", f"remount,size={size}", self.folder], check=True)

    def fill(self) -> None:
        """Leave no free space."""
        with (self.folder / "filler").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return

    def free(self) -> None:
        """Undo `fill`."""
        (self.folder / "filler").unlink()


@pytest.fixture
def small_disk(presets: Path, tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of 20 MB with copies of the presets and the clip."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be mounted by root")
    copied(presets, folder)
    yield SmallDisk(folder)
    gc.collect()  # what has mapped a state there may hang in the cycle of an exception and its frames
    subprocess.run(["umount", folder], check=True)
