"""PNGs written fast."""

from __future__ import annotations

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from zoomdream.images.png import decode_png, encode_png


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_any_picture_comes_back_to_the_bit(width: int, height: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    decoded = decode_png(encode_png(pixels))
    assert decoded is not None
    assert np.array_equal(decoded, pixels)


def test_other_programs_read_it() -> None:
    pixels = np.arange(60 * 50 * 3, dtype=np.uint32).astype(np.uint8).reshape(60, 50, 3)
    with Image.open(io.BytesIO(encode_png(pixels))) as opened:
        opened.load()
        assert opened.mode == "RGB"
        assert np.array_equal(np.asarray(opened), pixels)


def test_smooth_pictures_become_small() -> None:
    ramp = np.broadcast_to(np.arange(200, dtype=np.uint8)[:, None, None], (200, 300, 3))
    assert len(encode_png(np.ascontiguousarray(ramp))) < ramp.size / 20


def test_what_is_no_picture_is_none() -> None:
    assert decode_png(b"not a picture") is None
