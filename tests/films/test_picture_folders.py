"""Films over folders of pictures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.clips import noise, read_film
from tests.support.faults import at_frame
from tests.support.films import equal_frames, prepared, video_film, video_preset
from zoomdream.errors import EncodeError, JournalError, OutputError, SourceError
from zoomdream.films.frame_loops import frames
from zoomdream.films.rendering import render
from zoomdream.images.frame import from_uint8
from zoomdream.motion.cuts import find_shots
from zoomdream.stability import measure

SIZE = (96, 64)
PLAIN = {"dream": "{layers: {fire2: 1}, octaves: 1, steps: 0}", "carry": "{steps: 0, strength: 0}"}


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    """Six pictures."""
    folder = tmp_path / "numbered"
    folder.mkdir()
    for index, pixels in enumerate(noise(6, SIZE)):
        Image.fromarray(pixels).save(folder / f"{index + 1}.png")
    return folder


def test_our_own_pictures_come_back_exactly(numbered: Path, tmp_path: Path) -> None:
    render(video_film(numbered, **PLAIN), f"{tmp_path}/once/")
    assert sorted(file.name for file in (tmp_path / "once").iterdir())[0] == "000000.png"
    render(video_film(tmp_path / "once" / "%06d.png", **PLAIN), f"{tmp_path}/twice/")
    assert np.array_equal(read_film(tmp_path / "twice"), noise(6, SIZE))


def test_the_rate_changes_the_length_and_not_the_number_of_frames(numbered: Path) -> None:
    for fps, seconds in ((None, 0.2), ("10", 0.6)):
        film = video_film(numbered, **PLAIN, **({"canvas": f"{{fps: {fps}}}"} if fps else {}))
        assert film.size == SIZE
        assert film.clock.frames == 6
        assert film.clock.seconds == pytest.approx(seconds)
        assert film.sound is None
        assert any("30 per second" in warning for warning in film.warnings) == (fps is None)


def test_start_and_duration_choose_pictures(numbered: Path) -> None:
    film = video_film(numbered, canvas="{fps: 10, start: 200ms, duration: 3f}", **PLAIN)
    assert film.clock.fps == Fraction(10)
    assert all(equal_frames(list(frames(film)), [from_uint8(pixels) for pixels in noise(6, SIZE)[2:5]]))


def test_missing_numbers_are_a_warning_of_the_film(numbered: Path) -> None:
    (numbered / "3.png").unlink()
    film = video_film(numbered, **PLAIN)
    assert film.clock.frames == 5
    assert any("1 number is missing (3)" in warning for warning in film.warnings)


def test_one_picture_is_a_photo(numbered: Path) -> None:
    for index in range(1, 6):
        (numbered / f"{index}.png").unlink()
    film = prepared(video_preset(numbered, canvas="{duration: 2f}", dream=PLAIN["dream"]))
    assert (film.size, film.clock.frames) == (SIZE, 2)
    assert film.warnings[0] == "numbered holds one picture: 6.png is taken for a photo"


@pytest.mark.parametrize("output", [".", "%04d.png", "out_%03d.png", "1.gif"])
def test_the_pictures_are_never_written_over(numbered: Path, output: str) -> None:
    if output == "1.gif":  # linked elsewhere under a film's name
        (numbered / "1.gif").symlink_to(numbered / "1.png")
    target = numbered if output == "." else numbered / output
    film = video_film(numbered / "%d.png", **PLAIN)
    with pytest.raises(OutputError, match="which is read for it"):
        render(film, target, overwrite=True)
    assert np.array_equal(read_film(numbered / "%d.png"), noise(6, SIZE))


def test_an_interrupted_film_goes_on_unless_the_pictures_are_others(numbered: Path, tmp_path: Path) -> None:
    def interrupt() -> None:
        raise EncodeError("interrupted")

    changes = {**PLAIN, "carry": "{steps: 1, strength: 0.5}"}
    with pytest.raises(EncodeError, match="interrupted"):
        render(video_film(numbered, **changes), f"{tmp_path}/out/", on_progress=at_frame(3, interrupt))
    sixth = (numbered / "6.png").read_bytes()
    (numbered / "6.png").write_bytes((numbered / "5.png").read_bytes())
    with pytest.raises(JournalError, match="source is sha256"):
        render(video_film(numbered, **changes), f"{tmp_path}/out/")
    (numbered / "6.png").write_bytes(sixth)
    before: list[int] = []
    render(video_film(numbered, **changes), f"{tmp_path}/out/", on_progress=lambda step: before.append(step.before))
    assert before[-1] == 3
    render(video_film(numbered, **changes), f"{tmp_path}/whole/")
    assert np.array_equal(read_film(tmp_path / "out"), read_film(tmp_path / "whole"))


def test_a_picture_that_is_removed_meanwhile_ends_the_film(numbered: Path, tmp_path: Path) -> None:
    film = video_film(numbered, **PLAIN)
    (numbered / "5.png").unlink()
    with pytest.raises(SourceError, match=r"5\.png cannot be read any more"):
        render(film, tmp_path / "out.mkv")
    with pytest.raises(SourceError, match=r"5\.png was changed, replaced or removed"):
        list(frames(film))


def test_shots_and_stability_take_folders(numbered: Path, tmp_path: Path) -> None:
    clip, spans = find_shots(numbered)
    assert clip.frames == spans[-1].stop == 6
    render(video_film(numbered, canvas="{fps: 8}", **PLAIN), f"{tmp_path}/out/")
    result = measure(tmp_path / "out", numbered)
    assert len(result.strength) == 6
    assert result.warnings == ()
    assert float(np.max(result.strength)) == 0
    later = measure(tmp_path / "out" / "%06d.png", numbered, start=0, method="fast")
    assert later.method == "fast"
