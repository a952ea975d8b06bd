"""One frame of a film: from the journal, dreamed exactly, or a stand-in, and which of them is said."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import torch

from tests.support.films import ZoomPreset, prepared, video_film
from zoomdream.errors import SettingError, UsageError
from zoomdream.films.frame_loops import frames
from zoomdream.films.journaling import JournalOptions
from zoomdream.films.previews.frame import frame_index, preview_frame, run_up_indices
from zoomdream.films.rendering import render
from zoomdream.images.frame import Frame, to_uint8
from zoomdream.progress import Progress
from zoomdream.schedule.clock import Clock

TWO_SECONDS = Clock(Fraction(10), 20)


def same(one: Frame, other: Frame) -> bool:
    """Equal as pixels of 8 bits."""
    return bool((to_uint8(one) == to_uint8(other)).all())


def test_a_frame_near_the_beginning_is_the_films(preset: ZoomPreset) -> None:
    film = prepared(preset())
    reports: list[Progress] = []
    made = preview_frame(film, 2, run_up=3, on_progress=reports.append)
    assert (made.how, made.dreamed, made.index) == ("exact", 3, 2)
    assert torch.equal(made.frame, list(frames(film))[2])
    assert [(each.done, each.total) for each in reports] == [(1, 3), (2, 3), (3, 3)]
    assert made.description == "the film's own frame: 3 frames dreamed up to it"


def test_a_frame_farther_on_is_a_stand_in(preset: ZoomPreset) -> None:
    film = prepared(preset())
    seen: list[Frame] = []
    made = preview_frame(film, 5, run_up=2, on_frame=seen.append)
    assert (made.how, made.dreamed, len(seen)) == ("stand-in", 2, 2)
    assert not same(made.frame, list(frames(film))[5])
    assert made.description == "a stand-in: 2 frames dreamed from the source, where the film dreams all 6"
    exact = preview_frame(film, 5, run_up=2, exact=True)
    assert (exact.how, exact.dreamed) == ("exact", 6)
    assert torch.equal(exact.frame, list(frames(film))[5])


def test_a_stand_in_is_dreamed_from_frames_farther_and_farther_back() -> None:
    indices = run_up_indices(200, 24, 3)
    assert indices[-8:] == list(range(193, 201))
    assert indices[:3] == [145, 148, 151]
    early = run_up_indices(30, 24, 3)
    assert (early[0], len(set(early))) == (0, 24)
    assert run_up_indices(100, 24, 1) == list(range(77, 101))
    assert run_up_indices(5, 1, 3) == [5]


def test_a_kept_frame_is_taken_from_the_journal(preset: ZoomPreset, tmp_path: Path) -> None:
    film, output = prepared(preset()), tmp_path / "film.mp4"
    render(film, output, span=range(4), journal=JournalOptions(keep=True))
    own = list(frames(film))
    kept = preview_frame(film, 3, output=output, run_up=1)
    assert (kept.how, kept.dreamed) == ("journal", 0)
    assert same(kept.frame, own[3])
    after = preview_frame(film, 5, output=output, run_up=2)
    assert (after.how, after.dreamed) == ("exact", 2)
    assert torch.equal(after.frame, own[5])


def test_what_is_kept_of_another_film_is_left_alone(preset: ZoomPreset, tmp_path: Path) -> None:
    output = tmp_path / "film.mp4"
    render(prepared(preset()), output, journal=JournalOptions(keep=True))
    files = sorted(path.name for path in tmp_path.rglob("*"))
    made = preview_frame(
        prepared(preset(dream="{layers: {fire5: 1}, octaves: 2, steps: 1}")), 5, output=output, run_up=1
    )
    assert made.how == "stand-in"
    assert sorted(path.name for path in tmp_path.rglob("*")) == files


def test_a_videos_frame_is_begun_with_its_own_source(clip: Path) -> None:
    film = video_film(clip)
    made = preview_frame(film, 6, run_up=2)
    assert made.how == "stand-in"
    own = list(frames(film))[6]
    assert float((made.frame - own).abs().mean()) < float((preview_frame(film, 0).frame - own).abs().mean()) / 2


@pytest.mark.parametrize(("at", "index"), [("0", 0), ("1s", 10), ("1.99s", 19), ("50%", 9), ("end", 19), ("7f", 7)])
def test_a_moments_frame_is_the_one_that_is_seen(at: str, index: int) -> None:
    assert frame_index(TWO_SECONDS, at) == index


def test_a_moment_that_is_none_is_told(preset: ZoomPreset) -> None:
    with pytest.raises(UsageError, match=r"2s is not in the film: it has 20 frames, and its last one is at 1\.900 s"):
        frame_index(TWO_SECONDS, "2s")
    with pytest.raises(SettingError, match="is not a time"):
        frame_index(TWO_SECONDS, "soon")
    with pytest.raises(UsageError, match="the film has no frame 6: its frames are 0 to 5"):
        preview_frame(prepared(preset()), 6)


def test_after_a_cut_a_videos_frame_is_the_films_own(clips: Path) -> None:
    """A shot begins with frame 30 of this clip, and nothing is carried over it."""
    film = video_film(clips / "bikes.mp4", canvas="{size: 96x64, start: 24f, duration: 10f}")
    made = preview_frame(film, 8, run_up=4)
    assert (made.how, made.dreamed) == ("exact", 4)
    assert torch.equal(made.frame, list(frames(film))[8])
    assert preview_frame(film, 9, run_up=2).how == "stand-in"
