"""Colors of HDR and wide gamuts: back where they were in sRGB, and what sRGB has no room for."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.colors import (
    PATCHES,
    TO_BT2020,
    TO_P3,
    Floats,
    codes,
    hlg_signal,
    pq_signal,
    srgb_signal,
    to_linear,
)
from zoomdream.media.color_conversion import ColorConversion, color_conversion

LIGHT = to_linear(PATCHES)


@pytest.mark.parametrize(
    ("transfer", "primaries", "signal", "error"),
    [
        ("arib-std-b67", "bt2020", hlg_signal(LIGHT @ TO_BT2020.T), 3.1),  # white comes out as 252
        ("smpte2084", "bt2020", pq_signal(LIGHT @ TO_BT2020.T), 3.1),
        ("smpte2084", "bt709", pq_signal(LIGHT), 3.1),
        ("bt2020-10", "bt2020", srgb_signal(LIGHT @ TO_BT2020.T), 0.51),
        ("bt709", "smpte432", srgb_signal(LIGHT @ TO_P3.T), 0.51),
        ("iec61966-2-1", "smpte432", srgb_signal(LIGHT @ TO_P3.T), 0.51),
        ("linear", None, LIGHT, 0.51),
        ("log316", "bt709", 1 + np.log10(np.maximum(LIGHT, 1e-3)) / 2.5, 0.51),
        ("smpte428", "bt709", (LIGHT * 48 / 52.37) ** (1 / 2.6), 0.51),
    ],
)
def test_colors_within_srgb_come_back(transfer: str, primaries: str | None, signal: Floats, error: float) -> None:
    converted = conversion(transfer, primaries).to_srgb(codes(signal))[0].astype(int)
    assert np.abs(converted - PATCHES).max() <= error
    assert np.abs(converted - PATCHES).mean() < 0.7


@pytest.mark.parametrize("transfer", [None, "bt709", "smpte170m", "bt470m", "bt470bg", "iec61966-2-1", "bt2020-12"])
@pytest.mark.parametrize("primaries", [None, "bt709", "bt470bg", "smpte170m", "smpte240m"])
def test_ordinary_colors_need_no_conversion(transfer: str | None, primaries: str | None) -> None:
    assert color_conversion(transfer, primaries) is None


@pytest.mark.parametrize("primaries", ["bt2020", "smpte432", "smpte431", "film", "bt470m"])
def test_gray_stays_gray(primaries: str) -> None:
    gray = np.repeat(np.linspace(0, 1, 256)[:, None], 3, axis=1)
    converted = conversion(None, primaries).to_srgb(codes(gray))[0].astype(int)
    assert np.abs(converted - np.arange(256)[:, None]).max() <= 1


def test_highlights_above_white_are_compressed_and_keep_their_hue() -> None:
    levels = np.array([0.5, 0.9, 1, 1.2, 1.5, 2, 4])
    gray = conversion("smpte2084", "bt2020").to_srgb(codes(pq_signal(levels[:, None] * np.ones(3))))[0, :, 0]
    assert list(gray) == sorted(gray)
    assert gray[2] in range(251, 254)
    orange = np.array([1.0, 0.4, 0.1])
    colors = conversion("smpte2084", "bt709").to_srgb(codes(pq_signal(levels[:, None] * orange)))[0]
    bright = to_linear(colors[3:])
    assert np.abs(bright / bright[:, :1] - orange).max() < 0.01


def test_colors_outside_of_srgb_keep_their_brightness_in_hdr_and_are_clipped_in_sdr() -> None:
    green = np.array([[0.0, 0.5, 0.0]])
    hdr = to_linear(conversion("smpte2084", "bt2020").to_srgb(codes(pq_signal(green)))[0, 0])
    assert hdr @ [0.2126, 0.7152, 0.0722] == pytest.approx(0.5 * 0.6780, abs=0.01)
    assert hdr.min() < 0.001
    sdr = conversion("bt709", "bt2020").to_srgb(codes(srgb_signal(green)))[0, 0]
    assert list(sdr) == [0, round(float(srgb_signal(np.array(0.5 * 1.1329))) * 255), 0]


def test_a_large_frame_is_the_same_as_its_pixels() -> None:
    picture = np.random.default_rng(0).integers(0, 65536, (230, 320, 3), np.uint16)
    whole = conversion("arib-std-b67", "bt2020").to_srgb(picture)
    assert whole.shape == picture.shape
    rows = [conversion("arib-std-b67", "bt2020").to_srgb(row[None])[0] for row in picture[[0, 117, 229]]]
    assert np.array_equal(rows, whole[[0, 117, 229]])


def test_what_it_is_converted_from_is_told_in_words() -> None:
    assert conversion("arib-std-b67", "bt2020").label == "HLG, BT.2020"
    assert conversion("bt709", "smpte432").label == "Display P3"
    assert conversion("linear", "bt709").label == "linear light"


def conversion(transfer: str | None, primaries: str | None) -> ColorConversion:
    """The conversion, which must be there."""
    found = color_conversion(transfer, primaries)
    assert found is not None
    return found
