"""Cuts and shots."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.support.clips import pattern
from tests.support.textures import MOTIONS, grid, pair, texture
from zoomdream.media import Pixels, read_frames
from zoomdream.motion.cuts import CUT_SCORE, Shot, cut_score, find_shots, is_cut
from zoomdream.motion.optical_flow.flow import flow_method
from zoomdream.motion.optical_flow.reliability import Motion, motion_between


def flat(*rgb: int, size: tuple[int, int] = (64, 48)) -> Pixels:
    return np.full((size[1], size[0], 3), rgb, np.uint8)


def test_the_score_is_the_mean_difference_of_hue_saturation_and_value() -> None:
    # Gray has neither hue nor saturation. Pure red: hue 0, saturation and value 255; pure green: hue 60 of 180.
    assert cut_score(flat(100, 100, 100), flat(130, 130, 130)) == 30 / 3
    assert cut_score(flat(255, 0, 0), flat(0, 255, 0)) == 60 / 3
    assert cut_score(flat(0, 0, 0), flat(255, 0, 0)) == (255 + 255) / 3
    assert cut_score(flat(9, 9, 9, size=(1000, 3)), flat(9, 9, 9, size=(1000, 3))) == 0


def trusted(share: float, backward: tuple[float, float] = (0, 0), size: tuple[int, int] = (112, 160)) -> Motion:
    return Motion(np.full((*size, 2), backward, np.float32), np.full(size, share, np.float32))


def test_a_jump_of_colors_is_a_cut_from_a_score_of_27_on() -> None:
    assert CUT_SCORE == 27
    one, below, above = (flat(level, level, level) for level in (100, 180, 181))
    still = trusted(1.0, size=one.shape[:2])
    assert not is_cut(one, below, still)
    assert is_cut(one, above, still)


def test_colors_that_only_move_are_no_cut() -> None:
    stripes = np.zeros((112, 160, 3), np.uint8)
    stripes[:, ::2] = (255, 0, 0)
    stripes[:, 1::2] = (0, 255, 255)
    moved = np.roll(stripes, 1, axis=1)
    assert cut_score(stripes, moved) >= CUT_SCORE
    assert is_cut(stripes, moved, trusted(1.0))
    assert not is_cut(stripes, moved, trusted(1.0, (-1, 0)))


def test_motion_that_cannot_be_trusted_is_a_cut_though_the_colors_stay() -> None:
    x, y = grid()
    one, other = texture(x, y, 1), texture(x, y, 2)
    motion = motion_between(one, other, flow_method("medium"))
    assert motion.reliability.mean() < 0.3
    assert is_cut(one, other, motion)
    for share, cut in ((0.29, True), (0.31, False)):
        assert is_cut(one, other, trusted(share)) == cut


def test_the_cuts_of_a_real_clip_are_found_and_no_others(clips: Path) -> None:
    method = flow_method("fast")
    with read_frames(clips / "bikes.mp4", size=(256, 108)) as frames:
        scores, cuts = [], []
        for before, now in pairwise(frames):
            scores.append(cut_score(before, now))
            cuts.append(is_cut(before, now, motion_between(before, now, method)))
    at = [index + 1 for index, cut in enumerate(cuts) if cut]
    assert at == [30, 76, 137, 187, 242]
    jumps = [scores[index - 1] for index in at]
    others = [score for index, score in enumerate(scores, 1) if index not in at]
    assert 35 < min(jumps) < max(jumps) < 60
    assert max(others) < 20.5


@pytest.mark.parametrize("name", ["fast", "medium", "fine", "farneback"])
def test_a_moving_scene_is_no_cut(name: str) -> None:
    for motion in MOTIONS:
        before, now, _ = pair(motion)
        assert not is_cut(before, now, motion_between(before, now, flow_method(name)))


def test_the_cuts_of_a_real_clip(clips: Path) -> None:
    clip, shots = find_shots(clips / "bikes.mp4")
    assert clip.frames == 250
    assert [shot.first for shot in shots] == [0, 30, 76, 137, 187, 242]
    assert [shot.stop for shot in shots] == [30, 76, 137, 187, 242, 250]


def test_a_clip_of_one_shot(clips: Path) -> None:
    clip, shots = find_shots(clips / "carphone_pristine.mp4")
    assert shots == [Shot(0, clip.frames)]


def test_a_clip_of_one_frame_is_a_shot(tmp_path: Path) -> None:
    assert find_shots(pattern(tmp_path / "a.mp4", seconds=0.1))[1] == [Shot(0, 1)]
