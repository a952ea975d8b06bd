"""PNGs written fast."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.support.other_readers import read_by_pyav
from zoomdream.images.pictures.png import decode_png, encode_png


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.sampled_from([np.uint8, np.uint16]))
def test_any_picture_comes_back_to_the_bit(
    width: int, height: int, seed: int, kind: type[np.uint8 | np.uint16]
) -> None:
    pixels = np.random.default_rng(seed).integers(0, np.iinfo(kind).max + 1, (height, width, 3), kind)
    decoded = decode_png(encode_png(pixels))
    assert decoded is not None
    assert decoded.dtype == kind
    assert np.array_equal(decoded, pixels)


def test_other_programs_read_it() -> None:
    pixels = np.arange(60 * 50 * 3, dtype=np.uint32).astype(np.uint8).reshape(60, 50, 3)
    with Image.open(io.BytesIO(encode_png(pixels))) as opened:
        opened.load()
        assert opened.mode == "RGB"
        assert np.array_equal(np.asarray(opened), pixels)


def test_other_programs_read_16_bits(tmp_path: Path) -> None:
    pixels = np.arange(60 * 50 * 3, dtype=np.uint32).astype(np.uint16).reshape(60, 50, 3) * 7
    (tmp_path / "a.png").write_bytes(encode_png(pixels))
    film = read_by_pyav(tmp_path / "a.png")
    assert film.pixel_format == "rgb48be"
    assert np.array_equal(film.frames[0] * 257, pixels)


def test_smooth_pictures_become_small() -> None:
    ramp = np.broadcast_to(np.arange(200, dtype=np.uint8)[:, None, None], (200, 300, 3))
    assert len(encode_png(np.ascontiguousarray(ramp))) < ramp.size / 20


def test_what_is_no_picture_is_none() -> None:
    assert decode_png(b"not a picture") is None
