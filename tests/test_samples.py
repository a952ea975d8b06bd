"""The samples: the scripts draw and compose them the same way twice, and the committed files are what they make."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support.clips import fill, lossless
from zoomdream.media.sound_samples import open_sound, read_samples

SAMPLES = Path(__file__).parent.parent / "samples"
QUICK = ["marble"]
SLOW = ["hills", "clouds", "reef"]  # a picture takes seconds, however small it is
NAMES = QUICK + SLOW
SMALL = (160, 90)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SAMPLES))
    return __import__("draw")


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_a_picture_is_drawn_the_same_twice(script: ModuleType, name: str) -> None:
    first, second = (script.picture(name, SMALL) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_a_picture_looks_like_the_committed_one(script: ModuleType, name: str) -> None:
    drawn = script.picture(name, SMALL)
    assert drawn.shape == (90, 160, 3)
    assert drawn.dtype == np.uint8
    committed = np.array(Image.open(SAMPLES / f"{name}.jpg"))
    small = cv2.resize(committed, SMALL, interpolation=cv2.INTER_AREA)
    # Fine strokes fall differently on fewer pixels, so the two agree once blurred: another seed is off by 15 and more.
    difference = np.abs(cv2.blur(small, (5, 5)).astype(float) - cv2.blur(drawn, (5, 5)))
    assert difference.mean() < 6


def test_the_script_draws_exactly_the_committed_pictures(script: ModuleType) -> None:
    assert sorted(script.PICTURES) == sorted(NAMES) == sorted(path.stem for path in SAMPLES.glob("*.jpg"))


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_a_committed_picture_has_its_size_and_stays_small(name: str) -> None:
    path = SAMPLES / f"{name}.jpg"
    with Image.open(path) as picture:
        assert (picture.size, picture.mode) == ((1280, 720), "RGB")
    assert path.stat().st_size <= 600_000


def test_the_contact_sheet_of_a_film_shows_its_frames_in_order(tmp_path: Path) -> None:
    colors = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30)]
    film = lossless(tmp_path / "a.mkv", [fill(color) for color in colors])
    options = ("--columns", "2", "--rows", "2", "--width", "64")
    script, sheet_file = SAMPLES / "contact_sheet.py", tmp_path / "sheet.png"
    command = [sys.executable, str(script), str(film), str(sheet_file), *options]
    subprocess.run(command, check=True)
    sheet = np.array(Image.open(sheet_file))
    assert sheet.shape == (96, 128, 3)
    assert [tuple(sheet[y, x]) for y in (24, 72) for x in (32, 96)] == colors


# --- the sound ---


@pytest.fixture
def composer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SAMPLES))
    return __import__("compose")


@pytest.fixture(scope="module")
def composed() -> NDArray[np.floating]:
    """The sound, composed once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SAMPLES))
        return np.asarray(__import__("compose").compose())


def test_the_sound_is_composed_the_same_twice_and_is_the_committed_one(
    composer: ModuleType, composed: NDArray[np.floating]
) -> None:
    np.testing.assert_array_equal(composed, composer.compose())
    committed = np.concatenate(list(read_samples(open_sound(SAMPLES / "groove.ogg"), composer.RATE)))
    mono = composed.mean(1)
    assert len(committed) == len(mono) == 8 * composer.RATE
    assert np.abs(composed).max() <= 1
    assert np.corrcoef(committed, mono)[0, 1] > 0.97  # Vorbis drops what is not heard


def test_the_sound_begins_again_without_a_seam(composed: NDArray[np.floating]) -> None:
    """Not louder than elsewhere where the end meets the beginning, a moment before the first kick drum."""
    steps = np.abs(np.diff(np.concatenate([composed, composed[:1]]), axis=0))
    assert steps[-3:].max() <= np.quantile(steps, 0.999)


def test_the_committed_sound_stays_small() -> None:
    assert (SAMPLES / "groove.ogg").stat().st_size <= 150_000
