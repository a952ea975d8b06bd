"""Contact sheets and what a film says of itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.films import ZoomPreset, prepared
from zoomdream.errors import SourceError, UsageError
from zoomdream.films.previews.contact import contact_sheet
from zoomdream.films.previews.film_facts import film_facts
from zoomdream.films.rendering import render
from zoomdream.images.frame import to_uint8
from zoomdream.media import probe, read_frames


def test_a_sheet_shows_frames_from_all_along(clips: Path) -> None:
    film = clips / "bikes.mp4"
    sheet = contact_sheet(film, count=3, columns=3, cell=128)
    assert sheet.frames == (0, 124, 249)
    drawn = to_uint8(sheet.draw())
    assert drawn.shape[1::-1] == sheet.size
    (x, y), (width, height) = sheet.layout.corner(1), sheet.layout.cell
    with read_frames(probe(film), start=124, frames=1, size=(width, height)) as frames:
        np.testing.assert_array_equal(drawn[y : y + height, x : x + width], next(frames))


def test_all_frames_of_a_short_film_are_shown(clip: Path) -> None:
    sheet = contact_sheet(clip)
    assert sheet.frames == tuple(range(8))
    assert contact_sheet(clip, count=1).frames == (4,)
    assert sheet.draw().shape[2:] == sheet.size[::-1]


def test_a_sheet_of_more_pictures_than_there_are_is_refused(clip: Path) -> None:
    with pytest.raises(UsageError, match="has 8 frames: a sheet of 9 pictures would show some of them twice"):
        contact_sheet(clip, count=9)
    with pytest.raises(UsageError, match="from 1 to 400"):
        contact_sheet(clip, count=401)


def test_a_film_says_how_it_was_made(preset: ZoomPreset, tmp_path: Path) -> None:
    film = prepared(preset())
    facts = film_facts(render(film, tmp_path / "film.mp4", span=range(2)))
    assert (facts.network, facts.encoder) == ("squeezenet1_1", "libx264")
    assert facts.made_of == "squeezenet1_1 fire4, seed 0"
    assert facts.recipe is not None
    assert facts.recipe["camera"] == {"zoom": 1.5}
    assert list(facts.files) == ["rocket.jpg"]
    assert facts.compute is not None
    assert facts.compute["precision"] == "float32"
    assert film_facts(render(film, tmp_path / "film.gif", span=range(2))).recipe is None


def test_another_programs_film_says_nothing(clip: Path, tmp_path: Path) -> None:
    facts = film_facts(clip)
    assert (facts.version, facts.network, facts.recipe, facts.compute, facts.files) == (None, None, None, None, {})
    with pytest.raises(SourceError):
        film_facts(tmp_path)
