"""Measures of a dream's stability against films whose measures are known."""

from __future__ import annotations

import json
import weakref
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.support.stability import FRAME_SIZE, Pixels, compared, film, mean, noise, panning, texture
from zoomdream.errors import SourceError, UsageError
from zoomdream.images.frame import from_uint8, to_uint8
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.progress import Progress
from zoomdream.stability import format_table, measure


def test_a_dream_that_is_not_there_has_no_error(tmp_path: Path) -> None:
    clip = panning(12, 2)
    result = compared(tmp_path, clip, clip)
    assert np.isnan(result.normalized_error).all()
    assert (result.strength == 0).all()
    assert np.array_equal(result.warping_error, result.source_warping_error, equal_nan=True)
    assert np.array_equal(result.sharpness, result.source_sharpness)
    assert np.array_equal(result.color, result.source_color)
    data = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert data["whole"]["normalized_error"] is None
    assert data["whole"]["trend"] is None
    assert data["whole"]["strength"] == 0
    assert data["per_frame"]["normalized_error"] == [None] * 12
    assert data["per_frame"]["trusted"][0] is None
    assert data["per_frame"]["trusted"][1] > 0.5
    assert "nan" not in format_table(result)


def test_rounding_is_no_dream(tmp_path: Path) -> None:
    clip = panning(4, 0)
    speckled = [frame + (np.random.default_rng(i).random(frame.shape) < 0.2) for i, frame in enumerate(clip)]
    assert np.isnan(compared(tmp_path, speckled, clip).normalized_error).all()


@pytest.mark.parametrize("step", [0, 1, 3])
def test_a_dream_that_moves_with_its_source_has_hardly_any_error(tmp_path: Path, step: int) -> None:
    clip, overlay = panning(12, step), panning(12, step, seed=7)
    result = compared(tmp_path, [a + (b - 125.0) for a, b in zip(clip, overlay, strict=True)], clip)
    assert mean(result.normalized_error) < 0.01
    assert mean(result.trusted) > 0.85
    assert result.cuts == ()


def test_a_dream_that_stays_where_it_is_while_its_source_moves_has_an_error(tmp_path: Path) -> None:
    clip = panning(12, 3)
    overlay = texture(*FRAME_SIZE, seed=7) - np.array((150.0, 125, 100))
    assert mean(compared(tmp_path, [frame + overlay for frame in clip], clip).normalized_error) > 0.3


@pytest.mark.parametrize("step", [0, 2])
def test_a_dream_that_is_new_in_each_frame_has_an_error_of_one(tmp_path: Path, step: int) -> None:
    clip = panning(12, step)
    result = compared(tmp_path, clip + noise(12), clip)
    assert mean(result.normalized_error) == pytest.approx(1, abs=0.02)
    assert (result.warping_error[1:] > 10 * result.source_warping_error[1:]).all()


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_of_a_dream_that_is_kept_in_part_the_rest_is_the_error(tmp_path: Path, kept: float) -> None:
    """D_t = k D_(t-1) + sqrt(1 - k^2) noise: |D_t - D_(t-1)|^2 is 2 (1 - k) of its square, and nE 1 - k."""
    fresh = noise(16)
    dream = [fresh[0]]
    for i in range(1, 16):
        dream.append(kept * dream[-1] + np.sqrt(1 - kept**2) * fresh[i])
    clip = panning(16, 0)
    result = compared(tmp_path, np.array(clip) + dream, clip)
    assert mean(result.normalized_error) == pytest.approx(1 - kept, abs=0.02)


def test_a_pair_stands_at_its_second_frame(tmp_path: Path) -> None:
    clip = np.array(panning(9, 0), float)
    flash = clip.copy()
    flash[5] += 20
    result = compared(tmp_path, flash, clip)
    # It comes at frame 5 and is gone at 6; before and after there is no dream that could err.
    assert np.flatnonzero(np.isfinite(result.normalized_error)).tolist() == [5, 6]
    assert result.normalized_error[5:7] == pytest.approx(1, abs=1e-5)
    assert np.flatnonzero(result.strength).tolist() == [5]


def test_the_measures_of_even_dreams_equal_arithmetic_by_hand(tmp_path: Path) -> None:
    clip = np.array(panning(4, 0), float)
    out = clip + np.array([10, 20, 20, 0])[:, None, None, None]
    out[3, ..., 0] += 30  # red alone
    result = compared(tmp_path, out, clip)
    # (20-10)^2 / (20^2 + 10^2), 0, and 20 levels of green and blue that go while 10 of red come.
    assert result.normalized_error[1:] == pytest.approx([0.2, 0, (100 + 400 + 400) / (900 + 3 * 400)], abs=2e-4)
    assert result.warping_error[1:] * 255**2 == pytest.approx([100, 0, (100 + 400 + 400) / 3], rel=2e-3, abs=0.1)
    assert result.strength == pytest.approx([10, 20, 20, 10], abs=1e-4)
    assert result.color[3] - result.source_color[3] == pytest.approx([30, 0, 0])
    assert result.source_color == pytest.approx(clip.mean((1, 2)))
    assert result.sharpness[:3] == pytest.approx(result.source_sharpness[:3])


def test_what_cannot_be_trusted_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flow that does not come back to where it began, in the right half, where the dream is a new one each time."""

    def flow(here: Pixels, there: Pixels) -> NDArray[np.float32]:
        field = np.zeros((*here.shape[:2], 2), np.float32)
        field[:, 48:, 1] = 5
        return field

    monkeypatch.setattr("zoomdream.stability.measurement.flow_method", lambda name, device: flow)
    clip = np.array(panning(4, 0), float)
    dream = noise(4)
    dream[:, :, :52] = 20
    result = compared(tmp_path, clip + dream, clip)
    assert result.normalized_error[1:] == pytest.approx(0, abs=1e-6)
    assert result.warping_error[1:] == pytest.approx(0, abs=1e-6)
    assert result.trusted[1:] == pytest.approx(0.5, abs=0.02)


def test_sharpness_is_the_variance_of_the_laplacian_of_the_luma(tmp_path: Path) -> None:
    clip = np.full((1, FRAME_SIZE[1], FRAME_SIZE[0], 3), 100.0)
    out = clip.copy()
    out[0, 30, 40, 0] += 100
    result = compared(tmp_path, out, clip)
    # 100 levels of red are 30 of luma: -4 * 30 in the pixel itself, 30 in its four neighbors.
    assert result.sharpness[0] == pytest.approx((16 * 30**2 + 4 * 30**2) / (FRAME_SIZE[0] * FRAME_SIZE[1]))
    assert result.source_sharpness[0] == 0


def test_a_brightening_dream_shows_in_the_trend(tmp_path: Path) -> None:
    clip = np.array(panning(20, 0), float)
    level = np.arange(1, 21)
    growing = compared(tmp_path, clip + level[:, None, None, None], clip).summary()[-1]
    # Frames 17 to 20 over frames 5 to 8.
    assert growing.trend == pytest.approx(18.5 / 6.5, rel=1e-4)
    assert growing.strength == pytest.approx(10.5, rel=1e-4)
    steady = compared(tmp_path, clip + 15, clip).summary()[-1]
    assert steady.trend == pytest.approx(1)


def test_blur_lowers_sharpness_and_warping_error_but_not_the_dreams_own_error(tmp_path: Path) -> None:
    clip = np.array(panning(8, 1), float)
    sharp, soft = noise(8), np.array([cv2.GaussianBlur(frame, (0, 0), 1.5) for frame in noise(8, 40)])
    one = compared(tmp_path, clip + sharp, clip).summary()[-1]
    two = compared(tmp_path, [cv2.GaussianBlur(frame, (0, 0), 1.5) for frame in clip + sharp], clip).summary()[-1]
    assert two.sharpness < 0.1 * one.sharpness
    assert two.warping_error < 0.2 * one.warping_error
    assert two.source_sharpness == one.source_sharpness
    assert two.source_warping_error == one.source_warping_error
    assert compared(tmp_path, clip + soft, clip).summary()[-1].normalized_error == pytest.approx(1, abs=0.05)


def test_pairs_across_a_cut_are_left_out_and_shots_told_apart(tmp_path: Path) -> None:
    """Two scenes, and a dream that is as unlike itself across the cut as it can be, and carried perfectly elsewhere."""
    clip = np.array([*panning(10, 0, seed=1), *(255.0 - np.array(panning(15, 0, seed=2)))], float)
    dream = np.array([20.0] * 10 + [-10] * 15)[:, None, None, None]
    result = compared(tmp_path, clip + dream, clip)
    assert result.cuts == (10,)
    for series in (result.normalized_error, result.warping_error, result.source_warping_error, result.trusted):
        assert np.flatnonzero(np.isnan(series)).tolist() == [0, 10]
    assert np.nanmax(result.normalized_error) < 1e-5
    first, second, whole = result.summary()
    assert [(row.name, row.first, row.frames, row.pairs) for row in (first, second, whole)] == [
        ("shot 1", 0, 10, 9),
        ("shot 2", 10, 15, 14),
        ("all", 0, 25, 23),
    ]
    assert (first.strength, second.strength) == pytest.approx((20, 10), rel=1e-4)
    assert whole.strength == pytest.approx((10 * 20 + 15 * 10) / 25, rel=1e-4)
    assert "\n1 pair across a cut left out, at 0:00.40\n" in format_table(result)


def test_a_larger_source_is_brought_to_the_outputs_size(tmp_path: Path) -> None:
    large = [cv2.resize(frame, (240, 128)) for frame in panning(5, 2)]
    dreamed = [to_uint8(fit_frame(from_uint8(frame), FRAME_SIZE)) for frame in large]
    result = compared(tmp_path, dreamed, large)
    assert result.strength.max() < 0.1  # two scalers, a rounding apart
    assert result.warnings == ("clip.mkv is brought from 240x128 to 96x64 and cropped",)
    reflected = [to_uint8(fit_frame(from_uint8(frame), FRAME_SIZE, "fit")) for frame in large]
    result = compared(tmp_path, reflected, large, fit="fit")
    assert result.strength.max() < 0.1
    assert result.warnings == ("clip.mkv is brought from 240x128 to 96x64 and continued by reflections",)


def test_a_source_of_the_same_shape_is_not_cropped(tmp_path: Path) -> None:
    # 97 to 96 pixels at half the size: even sides, and no other shape.
    large = [cv2.resize(frame, (194, 128)) for frame in panning(3, 2)]
    result = compared(tmp_path, panning(3, 2), large)
    assert result.warnings == ("clip.mkv is brought from 194x128 to 96x64",)
    assert result.size == FRAME_SIZE


def test_a_source_of_another_rate_is_read_at_the_outputs(tmp_path: Path) -> None:
    clip = panning(20, 1)
    source = film(tmp_path / "clip.mkv", clip, fps=50)
    result = measure(film(tmp_path / "out.mkv", clip[::2], fps=25), source)
    assert (result.strength == 0).all()
    assert result.warnings == ("clip.mkv has 50 frames per second and is read at 25",)


def test_the_output_may_begin_later_and_end_earlier(tmp_path: Path) -> None:
    clip = panning(20, 2)
    result = compared(tmp_path, clip[5:15], clip, start=5)
    assert len(result) == 10
    assert (result.strength == 0).all()
    assert result.warnings == (
        "out.mkv has 10 frames, clip.mkv has 15 from frame 5 on at 25 per second; the first 10 are compared",
    )
    assert (compared(tmp_path, clip[5:15], clip, start=4).strength > 1).all()


def test_an_output_that_ends_a_little_after_its_source_is_compared_as_far_as_it_goes(tmp_path: Path) -> None:
    clip = panning(20, 1)
    result = compared(tmp_path, clip, clip[:19])
    assert len(result) == 19
    assert result.warnings[0].endswith("the first 19 are compared")


def test_an_output_much_longer_than_its_source_is_not_of_it(tmp_path: Path) -> None:
    clip = panning(20, 1)
    with pytest.raises(SourceError, match=r"out.mkv has 20 frames, but clip.mkv has 15 from frame 0 on .*not dreamed"):
        compared(tmp_path, clip, clip[:15])


@pytest.mark.parametrize("start", [-1, 6, 99])
def test_a_start_outside_of_the_source_is_named(tmp_path: Path, start: int) -> None:
    clip = panning(6, 1)
    with pytest.raises(UsageError, match=rf"start {start}: clip.mkv has 6 frames at 25 per second"):
        compared(tmp_path, clip, clip, start=start)


def test_an_unknown_flow_and_a_missing_film_are_named(tmp_path: Path) -> None:
    clip = film(tmp_path / "clip.mkv", panning(3, 1))
    with pytest.raises(UsageError, match="'slow'"):
        measure(clip, clip, method="slow")
    with pytest.raises(SourceError, match=r"nowhere\.mp4 does not exist"):
        measure(clip, tmp_path / "nowhere.mp4")


def test_frames_are_told_one_by_one(tmp_path: Path) -> None:
    reports: list[Progress] = []
    clip = panning(4, 1)
    compared(tmp_path, clip, clip, on_progress=reports.append)
    assert reports == [Progress(done, 4, "frame") for done in (1, 2, 3, 4)]


def test_no_more_than_a_few_frames_are_held_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[weakref.ref[torch.Tensor]] = []
    alive: list[int] = []

    def spied(pixels: Pixels, device: torch.device | str) -> torch.Tensor:
        frame = from_uint8(pixels, device)
        made.append(weakref.ref(frame))
        return frame

    monkeypatch.setattr("zoomdream.stability.measurement.from_uint8", spied)
    clip = panning(12, 1)
    compared(tmp_path, clip, clip, on_progress=lambda _: alive.append(sum(frame() is not None for frame in made)))
    assert len(made) == 24
    assert max(alive) <= 4
