"""Masks of what moves in a video, from any of its frames on, against a twin that holds the whole video."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.clips import lossless
from tests.support.films import equal_frames, shot, video_film
from zoomdream.films.footage import Footage
from zoomdream.films.frame_loops import dreamed_frames, frames, part_start
from zoomdream.films.masks.subject_masks import MEMORY, SIDE, subject_masks, subject_stream
from zoomdream.films.parts.splitting import independent_parts
from zoomdream.images.frame import from_uint8, to_uint8
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.media import probe, read_frames
from zoomdream.motion.cuts import is_cut
from zoomdream.motion.optical_flow.flow import flow_method
from zoomdream.motion.optical_flow.reliability import motion_between, reliability
from zoomdream.motion.subject import evidence, moving_part, steadied

FIRST_SHOT, FRAMES = 7, 10
SMALL = (SIDE, 213)
DREAM = "{layers: [{layer: fire4, mask: {motion: subject}}], octaves: 1, steps: 1}"


@pytest.fixture(scope="module")
def clip(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shots of pans, in which a square moves the other way."""
    shots = (("coffee.png", FIRST_SHOT), ("astronaut.png", FRAMES - FIRST_SHOT))
    pictures = [picture.copy() for name, count in shots for picture in shot(photos, name, count)]
    square = shot(photos, "chelsea.png", 1)[0][20:44, 30:54]
    for index, picture in enumerate(pictures):
        picture[20:44, 10 + 3 * index : 34 + 3 * index] = square
    return lossless(tmp_path_factory.mktemp("clip") / "clip.mkv", pictures)


def footage(clip: Path, fps: int = 25, first: int = 0, count: int = FRAMES) -> Footage:
    return Footage(probe(clip), (96, 64), Fraction(fps), first, count)


@pytest.fixture(scope="module")
def whole(clip: Path) -> list[NDArray[np.float32]]:
    """The masks of all frames, by a twin that holds all pictures, and for each mask begins with its oldest frame."""
    with read_frames(clip, size=SMALL) as read:
        pictures = [to_uint8(fit_frame(from_uint8(picture), SMALL)) for picture in read]
    assert len(pictures) == FRAMES
    method = flow_method("medium")

    @lru_cache
    def is_shots_first(index: int) -> bool:
        pair = pictures[index - 1], pictures[index]
        return index == 0 or is_cut(*pair, motion_between(*pair, method))

    @lru_cache
    def backward(index: int) -> NDArray[np.float32]:
        return method(pictures[index], pictures[index - 1])

    @lru_cache
    def part(index: int) -> NDArray[np.float32]:
        found = []
        for other, is_one_shot in (
            (index - 1, not is_shots_first(index)),
            (index + 1, index + 1 < FRAMES and not is_shots_first(index + 1)),
        ):
            if is_one_shot:
                there, back = method(pictures[index], pictures[other]), method(pictures[other], pictures[index])
                found.append(evidence(there, reliability(there, back), 1 / 25))
        return moving_part(found, SMALL[::-1])

    masks = []
    for index in range(FRAMES):
        oldest = index
        while oldest > index - MEMORY and not is_shots_first(oldest):
            oldest -= 1
        held = range(oldest, index + 1)
        masks.append(steadied([part(each) for each in held], [backward(each) for each in held[1:]]))
    return masks


@pytest.mark.parametrize(("first", "stop"), [(0, FRAMES), (5, 6), (6, 9), (FRAMES - 1, FRAMES)])
def test_masks_are_those_of_the_whole_video(
    clip: Path, whole: list[NDArray[np.float32]], first: int, stop: int
) -> None:
    masks = list(subject_masks(footage(clip), first, stop))
    assert len(masks) == stop - first
    for index, mask in enumerate(masks, first):
        assert np.array_equal(mask, whole[index]), index


def test_the_square_is_the_subject(whole: list[NDArray[np.float32]]) -> None:
    scale = SIDE / 96
    for index in (0, 5, FIRST_SHOT, FIRST_SHOT + 2):
        inner = slice(round(26 * scale), round(38 * scale))
        left = 10 + 3 * index
        assert whole[index][inner, round((left + 6) * scale) : round((left + 18) * scale)].mean() > 0.8
        assert whole[index][round(56 * scale) :].mean() < 0.1


def test_a_film_of_another_rate_and_range_has_the_videos_masks(clip: Path) -> None:
    all_frames, slow = footage(clip), footage(clip, 50, first=8, count=6)
    one, other = (subject_stream(each, "subject", (96, 64)) for each in (all_frames, slow))
    background = subject_stream(slow, "background", (96, 64))
    with closing(one), closing(other), closing(background):
        for frame, own in ((0, 4), (1, 5), (2, 5)):
            assert np.array_equal(one.at(own), other.at(frame))
        assert np.allclose(background.at(2), 1 - other.at(2))


def test_parts_of_a_film_have_its_masks(clip: Path) -> None:
    film = video_film(clip, dream=DREAM)
    whole_film = list(frames(film))
    parts = independent_parts(film)
    assert parts == (range(FIRST_SHOT), range(FIRST_SHOT, FRAMES))
    other = video_film(clip, dream=DREAM)
    start = part_start(other, FIRST_SHOT)
    assert all(equal_frames([frame for frame, _ in dreamed_frames(other, start)], whole_film[FIRST_SHOT:]))
