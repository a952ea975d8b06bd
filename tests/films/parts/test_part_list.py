"""Parts that were found once are read from the journal."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from tests.support.clips import lossless
from tests.support.films import shot, video_film
from zoomdream.films.film import Film
from zoomdream.films.journal import find_journal
from zoomdream.films.journaling import JournalOptions
from zoomdream.films.parts import part_list
from zoomdream.films.parts.part_list import kept_parts
from zoomdream.films.parts.splitting import independent_parts
from zoomdream.films.rendering import render

OPTIONS = JournalOptions()


@pytest.fixture(scope="module")
def clip(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shots."""
    shots = shot(photos, "coffee.png", 3, 2), shot(photos, "astronaut.png", 3, 2)
    return lossless(tmp_path_factory.mktemp("clip") / "clip.mkv", [*itertools.chain(*shots)])


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Film]:
    """The films whose video was read for cuts."""
    films: list[Film] = []
    inner = independent_parts

    def noting(film: Film, on_progress: object = None) -> tuple[range, ...]:
        films.append(film)
        return inner(film)

    monkeypatch.setattr(part_list, "independent_parts", noting)
    return films


def test_a_video_is_looked_through_once(clip: Path, tmp_path: Path, looked: list[Film]) -> None:
    film, output = video_film(clip), tmp_path / "out.mp4"
    for _ in range(2):
        assert kept_parts(film, output, OPTIONS) == (range(3), range(3, 6))
    assert len(looked) == 1
    found = find_journal(tmp_path / "out.mp4.journal")
    assert found is not None
    assert (found.frames, found.record.frames) == (0, 6)
    assert kept_parts(video_film(clip, seed=5), output, OPTIONS) == (range(3), range(3, 6))
    assert len(looked) == 2  # another film's parts are not these
    render(film, output)
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"zoomdream_parts": 1, "key": "x", "firsts": [0]}'])
def test_what_is_no_list_of_parts_is_found_out_anew(
    clip: Path, tmp_path: Path, looked: list[Film], content: str
) -> None:
    film, output = video_film(clip), tmp_path / "out.mp4"
    kept_parts(film, output, OPTIONS)
    file = tmp_path / "out.mp4.journal" / "parts.json"
    good = json.loads(file.read_text())
    for text in (content, json.dumps(good | {"firsts": [0, 9]}), json.dumps(good | {"firsts": [3, 0]})):
        file.write_text(text)
        assert kept_parts(film, output, OPTIONS) == (range(3), range(3, 6))
    assert json.loads(file.read_text()) == good
    assert len(looked) == 4
