"""Colors of high dynamic range and wide gamut brought to sRGB.

Light is computed with reference white as 1, which ITU-R BT.2408 puts at 203 nits. ffmpeg decodes to R'G'B' in the
source's own curve and primaries, in 16 bits; what follows is here, so that it does not depend on ffmpeg's libraries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_REFERENCE_WHITE = 203.0  # nits of SDR's white within HDR, ITU-R BT.2408
_HLG_PEAK = 1000.0  # nits of the display whose system gamma is 1.2, ITU-R BT.2100
_HLG_GAMMA = 1.2
_KNEE = 0.93  # light from which on highlights are compressed: white then comes out as 252 of 255
_CHUNK = 32768  # pixels at a time: what is computed of them stays in the processor's cache

# Chromaticities of red, green, blue and white, ITU-T H.273. Those of SD television (bt470bg, smpte170m, smpte240m,
# ebu3213) are not here, and so count as BT.709's: most files have such tags by habit, and the difference is small.
_D65, _C, _E, _DCI = (0.3127, 0.3290), (0.310, 0.316), (1 / 3, 1 / 3), (0.314, 0.351)
_PRIMARIES = {
    "bt709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    "smpte432": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
    "smpte431": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _DCI),
    "smpte428": ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), _E),
    "film": ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    "bt470m": ((0.670, 0.330), (0.210, 0.710), (0.140, 0.080), _C),
}
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # BT.709's

_GAMUT_NAMES = {
    "bt2020": "BT.2020",
    "smpte432": "Display P3",
    "smpte431": "DCI-P3",
    "smpte428": "CIE XYZ",
    "film": "film's primaries",
    "bt470m": "NTSC's primaries of 1953",
}
_CURVE_NAMES = {
    "smpte2084": "PQ",
    "arib-std-b67": "HLG",
    "linear": "linear light",
    "log100": "a logarithmic curve",
    "log316": "a logarithmic curve",
    "smpte428": "digital cinema's curve",
}


def srgb_to_linear(values: Floats) -> Floats:
    """IEC 61966-2-1, for values in [0, 1]."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(light: Floats) -> Floats:
    """The inverse of `srgb_to_linear`."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def _pq(signal: Floats) -> Floats:
    """SMPTE ST 2084's curve: display light over reference white."""
    root = signal ** (32 / 2523)
    ratio = np.maximum(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)
    return 10000 / _REFERENCE_WHITE * ratio ** (8192 / 1305)


def _hlg(signal: Floats) -> Floats:
    """ARIB STD-B67's inverse curve: the scene's light in [0, 1]; the display's follows from it and the luma."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)


# What is not here counts as sRGB's curve: what a player shows of an SDR clip is its code values, on a screen that is
# about as bright as sRGB's (bt709, smpte170m, gamma22, gamma28, bt2020-10 and the like).
_CURVES: dict[str, Callable[[Floats], Floats]] = {
    "smpte2084": _pq,
    "arib-std-b67": _hlg,
    "linear": lambda signal: signal,
    "log100": lambda signal: np.where(signal > 0, 10 ** (2 * (signal - 1)), 0),
    "log316": lambda signal: np.where(signal > 0, 10 ** (2.5 * (signal - 1)), 0),
    "smpte428": lambda signal: signal**2.6 * (52.37 / 48),
}
_HDR = ("smpte2084", "arib-std-b67")


@dataclass(frozen=True)
class ColorConversion:
    """From R'G'B' as a file's tags describe it to sRGB."""

    transfer: str | None
    """The curve, in ffmpeg's name; None: sRGB's."""
    primaries: str
    """The primaries, in ffmpeg's name."""

    @property
    def is_hdr(self) -> bool:
        """Whether there may be light above reference white."""
        return self.transfer in _HDR

    @property
    def label(self) -> str:
        """What it is converted from, in words: `HLG, BT.2020`."""
        names = [_CURVE_NAMES.get(self.transfer or ""), _GAMUT_NAMES.get(self.primaries)]
        return ", ".join(name for name in names if name)

    def to_srgb(self, codes: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """HxWx3 R'G'B' in 0..65535 -> HxWx3 sRGB in 0..255.

        Colors outside of sRGB's gamut: in HDR they move towards their luma, so that brightness stays, and highlights
        are compressed softly to just below 1, keeping their hue. In SDR they are clipped, as in photos.
        """
        flat = codes.reshape(-1, 3)
        result = np.empty(flat.shape, np.uint8)
        for first in range(0, len(flat), _CHUNK):
            part = slice(first, first + _CHUNK)
            result[part] = self._part_to_srgb(flat[part])
        return result.reshape(codes.shape)

    def _part_to_srgb(self, codes: NDArray[np.uint16]) -> NDArray[np.uint8]:
        light: NDArray[np.float32] = _linear_table(self.transfer)[codes.T]  # 3xN
        if self.transfer == "arib-std-b67":
            luma = _to_xyz(self.primaries)[1].astype(np.float32) @ light
            light *= np.float32(_HLG_PEAK / _REFERENCE_WHITE) * np.power(luma, np.float32(_HLG_GAMMA - 1))
        light = _matrix(self.primaries) @ light
        if self.is_hdr:
            light = _compressed(_within_gamut(light))
        indices = np.clip(light, 0, 1, out=light)
        indices *= 65535
        indices += 0.5
        return _srgb_table()[indices.astype(np.uint16)].T


def color_conversion(transfer: str | None, primaries: str | None) -> ColorConversion | None:
    """The conversion that a file's tags ask for, in ffmpeg's names; None where its colors are sRGB's already."""
    curve = transfer if transfer in _CURVES else None
    gamut = primaries if primaries in _PRIMARIES else "bt709"
    return ColorConversion(curve, gamut) if curve or gamut != "bt709" else None


def _within_gamut(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Negative values brought to 0 by moving the color towards its luma. 3xN."""
    lowest = np.minimum(light.min(0), 0)
    if not lowest.any():
        return light
    luma = np.maximum(_LUMA @ light, 0)
    share = luma / np.maximum(luma - lowest, np.float32(1e-9))
    moved: NDArray[np.float32] = luma + share * (light - luma)
    return moved


def _compressed(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Light above the knee scaled to below 1, the three channels alike. 3xN."""
    largest = light.max(0)
    if largest.max() <= _KNEE:
        return light
    room = np.float32(1 - _KNEE)
    over = np.maximum(largest - np.float32(_KNEE), 0)
    compressed = np.float32(_KNEE) + room * (1 - np.exp(-over / room))
    return light * np.where(over > 0, compressed / np.maximum(largest, np.float32(_KNEE)), np.float32(1))


@cache
def _linear_table(transfer: str | None) -> NDArray[np.float32]:
    """Light of each of the 65536 codes."""
    codes = np.arange(65536) / 65535
    return (_CURVES[transfer] if transfer else srgb_to_linear)(codes).astype(np.float32)


@cache
def _srgb_table() -> NDArray[np.uint8]:
    """sRGB in 0..255 of light in 65536 steps: near black, where the curve is steepest, a step is a 20th of a level."""
    table: NDArray[np.uint8] = (linear_to_srgb(np.arange(65536) / 65535) * 255).round().astype(np.uint8)
    return table


@cache
def _to_xyz(primaries: str) -> Floats:
    """3x3 from linear RGB to CIE XYZ, with a luma of 1 for white."""
    *colors, white = _PRIMARIES[primaries]
    columns = np.array([(x, y, 1 - x - y) for x, y in colors]).T
    matrix: Floats = columns * np.linalg.solve(columns, _white_xyz(white))
    return matrix


@cache
def _matrix(primaries: str) -> NDArray[np.float32]:
    """3x3 from linear RGB to BT.709's; white stays white, by Bradford's adaptation."""
    white, target = (_white_xyz(_PRIMARIES[name][3]) for name in (primaries, "bt709"))
    adaptation = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ target) / (_BRADFORD @ white)) @ _BRADFORD
    if primaries == "smpte428":  # XYZ as it is: its equal energy is no white that was meant
        adaptation = np.eye(3)
    matrix: NDArray[np.float32] = (np.linalg.inv(_to_xyz("bt709")) @ adaptation @ _to_xyz(primaries)).astype(np.float32)
    return matrix


def _white_xyz(chromaticity: tuple[float, float]) -> Floats:
    x, y = chromaticity
    return np.array([x / y, 1.0, (1 - x - y) / y])
