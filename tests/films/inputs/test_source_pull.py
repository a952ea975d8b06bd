"""Frames that are drawn back to the photo, as the camera sees it by then."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.support.films import ZoomPreset, prepared
from zoomdream.films.frame_loops import frames
from zoomdream.films.inputs.source_pull import pulled_to_source, source_as_seen
from zoomdream.motion.camera import warp


def test_the_camera_comes_from_the_source_by_the_product_of_its_steps(preset: ZoomPreset) -> None:
    film = prepared(preset(camera="{zoom: 1.5, rotate: 40, pan: [0.1, 0]}"))
    way = np.eye(3)
    for index in range(6):
        way = way @ np.vstack([film.camera.matrix(index), [0, 0, 1]])
        assert np.allclose(film.camera.to_source(index), way)


def test_where_nothing_is_dreamed_the_photo_is_seen(preset: ZoomPreset) -> None:
    film = prepared(preset(dream="{layers: {fire4: 1}, steps: 0, source_pull: 1}", color="{}"))
    last = list(frames(film))[-1]
    assert isinstance(film.source, torch.Tensor)
    assert torch.allclose(last, source_as_seen(film.source, film.camera.to_source(5)), atol=1e-6)


def test_a_pull_keeps_the_photo(preset: ZoomPreset) -> None:
    def distance(pull: float) -> float:
        dream = f"{{layers: {{fire4: 1}}, octaves: 2, steps: 2, source_pull: {pull}}}"
        film = prepared(preset(dream=dream, camera="{zoom: 1.1}"))
        assert isinstance(film.source, torch.Tensor)
        last = list(frames(film))[-1]
        return float((last - source_as_seen(film.source, film.camera.to_source(5))).abs().mean())

    assert distance(0.5) < 0.7 * distance(0.1) < 0.7 * distance(0.0)


def test_an_enlarged_photo_is_sharpened(preset: ZoomPreset) -> None:
    source = prepared(preset()).source
    assert isinstance(source, torch.Tensor)
    matrix = np.array([[0.5, 0, 24.0], [0, 0.5, 16.0], [0, 0, 1]])
    soft, sharp = warp(source, matrix), source_as_seen(source, matrix)
    assert (sharp - sharp.mean()).square().mean() > (soft - soft.mean()).square().mean()
    assert (sharp.mean() - soft.mean()).abs() < 0.01


def test_beyond_the_photo_the_dream_stays() -> None:
    start, source = torch.full((1, 3, 40, 60), 0.2), torch.full((1, 3, 40, 60), 0.9)
    outward = np.array([[2.0, 0, -29.5], [0, 2.0, -19.5], [0, 0, 1]])
    pulled = pulled_to_source(start, source, outward, 0.5)
    assert pulled[0, 0, 20, 30] == pytest.approx(0.55, abs=1e-3)
    assert pulled[0, 0, 0, 0] == pytest.approx(0.2)
