from __future__ import annotations

from typing import Literal

import pytest
import torch
import torch.nn.functional as F
from hypothesis import example, given
from hypothesis import strategies as st

from zoomdream.images.frame import size_of
from zoomdream.images.sampling.resample import fit_frame, fitted_size, resize, sample

SIDES = st.integers(1, 60)
SIZES = st.tuples(SIDES, SIDES)
HOW: st.SearchStrategy[Literal["fill", "fit"]] = st.sampled_from(["fill", "fit"])


def random_frame(width: int, height: int) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))


def test_fill_crops_the_middle() -> None:
    wide = torch.zeros(1, 3, 10, 30)
    wide[..., 10:20] = 1
    filled = fit_frame(wide, (10, 10), "fill")
    assert filled.shape == (1, 3, 10, 10)
    assert filled.min() == 1


def test_fit_shows_all_and_reflects_into_the_rest() -> None:
    wide = torch.rand(1, 3, 10, 30, generator=torch.Generator().manual_seed(0))
    fitted = fit_frame(wide, (30, 40), "fit")
    assert fitted.shape == (1, 3, 40, 30)
    assert torch.equal(fitted[..., 15:25, :], wide)
    assert torch.equal(fitted[..., 25:34, :], wide[..., :9, :].flip(2))
    assert torch.equal(fitted[..., 6:15, :], wide[..., 1:, :].flip(2))


@given(SIZES, SIZES)
def test_a_resized_frame_has_the_size_asked_for_and_stays_plain(size: tuple[int, int], target: tuple[int, int]) -> None:
    resized = resize(torch.full((1, 3, size[1], size[0]), 0.25), target)
    assert size_of(resized) == target
    assert torch.allclose(resized, torch.tensor(0.25), atol=1e-5)


@given(SIZES, SIZES)
@example((200, 45), (143, 150))
@example((40, 300), (300, 40))
def test_a_resized_frame_is_pytorchs(size: tuple[int, int], target: tuple[int, int]) -> None:
    frame = random_frame(*size)
    # Planar frames that become one pixel wide come out wrong there (torch 2.14): every row is alike.
    interleaved = frame.to(memory_format=torch.channels_last)
    expected = F.interpolate(interleaved, target[::-1], mode="bicubic", antialias=True, align_corners=False)
    assert torch.allclose(resize(frame, target), expected, rtol=0, atol=2e-6)


@given(SIZES, SIZES, HOW)
def test_a_fitted_frame_has_the_canvas_size_and_colors_in_range(
    size: tuple[int, int], canvas: tuple[int, int], fit: Literal["fill", "fit"]
) -> None:
    fitted = fit_frame(random_frame(*size), canvas, fit)
    assert size_of(fitted) == canvas
    assert fitted.is_contiguous()
    assert 0 <= fitted.min() <= fitted.max() <= 1


@given(SIZES, SIZES)
def test_a_fitted_size_touches_the_canvas_and_keeps_its_shape(size: tuple[int, int], canvas: tuple[int, int]) -> None:
    covering, inside = fitted_size(size, canvas, "fill"), fitted_size(size, canvas, "fit")
    assert all(outer >= side for outer, side in zip(covering, canvas, strict=True))
    assert all(inner <= side for inner, side in zip(inside, canvas, strict=True))
    for fitted in (covering, inside):
        touching = [index for index in (0, 1) if fitted[index] == canvas[index]]
        assert any(abs(fitted[1 - i] - max(1, size[1 - i] * canvas[i] / size[i])) <= 0.5 for i in touching)


def test_a_frame_of_the_size_asked_for_is_returned_as_it_is() -> None:
    frame = random_frame(8, 6)
    assert resize(frame, (8, 6)) is frame


def test_sampled_at_its_pixels_a_frame_is_itself() -> None:
    frame = random_frame(40, 30)
    y, x = torch.meshgrid(torch.arange(30.0), torch.arange(40.0), indexing="ij")
    assert torch.allclose(sample(frame, x, y), frame, atol=1e-5)


@pytest.mark.parametrize(("shift", "mirrored"), [(-3.0, 3), (2.0, 37)])
def test_beyond_its_borders_a_frame_is_reflected(shift: float, mirrored: int) -> None:
    frame = random_frame(40, 30)
    x = torch.full((1, 1), shift if shift < 0 else 39 + shift)
    assert torch.allclose(sample(frame, x, torch.full((1, 1), 7.0))[..., 0, 0], frame[..., 7, mirrored], atol=1e-5)


@given(SIZES)
def test_frames_of_any_size_are_themselves_at_their_pixels(size: tuple[int, int]) -> None:
    frame = random_frame(*size)
    y, x = torch.meshgrid(torch.arange(float(size[1])), torch.arange(float(size[0])), indexing="ij")
    assert torch.allclose(sample(frame, x, y), frame, atol=1e-4)
    beyond = sample(frame, x + 2.5, y - 7.25)
    assert torch.isfinite(beyond).all()
