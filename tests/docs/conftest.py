"""A folder with every file that the pages name, small."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.docs.markdown import ROOT
from tests.presets.importing.foreign_settings import FILES
from tests.schedule.deforum_corpus import WEBUI
from tests.support.clips import X264, ffmpeg, tone

PHOTO = (96, 64)


def _shrink(source: Path, target: Path) -> None:
    with Image.open(source) as opened:
        opened.convert("RGB").resize(PHOTO).save(target)


@pytest.fixture(scope="session")
def prepared_files(tmp_path_factory: pytest.TempPathFactory, photos: Path, clips: Path) -> Path:
    """photo.jpg, street.mp4 and so on. Not to be changed: `workplace` is a copy."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "samples").mkdir()
    for sample in (ROOT / "samples").glob("*.jpg"):
        _shrink(sample, folder / "samples" / sample.name)
    _shrink(photos / "coffee.png", folder / "photo.jpg")
    _shrink(ROOT / "samples" / "reef.jpg", folder / "reef.jpg")
    mask = np.zeros((PHOTO[1], PHOTO[0]), np.uint8)
    mask[: PHOTO[1] // 2] = 255
    for name in ("sky.png", "face.png"):
        Image.fromarray(mask).save(folder / name)
    # Frames 25 to 36 of a street in Spain: the fifth is the last of its shot.
    ffmpeg("-ss", 1, "-i", clips / "bikes.mp4", "-vf", "scale=64:48", "-frames:v", 12, *X264, folder / "street.mp4")
    shutil.copy(folder / "street.mp4", folder / "faces.mp4")
    tone(folder / "music.wav")
    (folder / "settings.txt").write_text(json.dumps(FILES[f"{WEBUI} tests/testdata/simple.input_settings.txt"]))
    (folder / "parseq.json").write_text(json.dumps(FILES[f"{WEBUI} tests/testdata/parseq.json"]))
    return folder


@pytest.fixture
def workplace(prepared_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `prepared_files`, and the working folder."""
    folder = tmp_path / "work"
    shutil.copytree(prepared_files, folder)
    monkeypatch.chdir(folder)
    return folder
