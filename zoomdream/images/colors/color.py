"""Color: CIE L*a*b*, gradients with the colors of photographs, and frames drawn towards a reference's palette."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch

from zoomdream.images.colors import opencv_color
from zoomdream.images.frame import Frame
from zoomdream.images.interleaved import frame_of, opencv_computes, pixels_of

# Square root of the correlation of colors over ImageNet's pixels (lucid, optvis/param/color.py).
_ROOT = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], dtype=torch.float64)
_CORRELATION = _ROOT @ _ROOT.T
NATURAL = (_CORRELATION / torch.linalg.matrix_norm(_CORRELATION, 2)).float()
_IDENTITY = torch.eye(3)
_LUMA = torch.tensor([0.2126, 0.7152, 0.0722]).expand(3, 3).contiguous()  # three times the luma of BT.709

# sRGB (IEC 61966-2-1) to CIE XYZ, rows divided by the D65 white point.
_WHITE = torch.tensor([0.95047, 1.0, 1.08883], dtype=torch.float64)
_TO_XYZ = torch.tensor(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    dtype=torch.float64,
)
_EXACT = _TO_XYZ / _WHITE[:, None]
_RGB_TO_XYZ, _XYZ_TO_RGB = _EXACT.float(), torch.linalg.inv(_EXACT).float()
_LAB_KNEE = opencv_color.LAB_KNEE


def mix_channels(image: Frame, matrix: torch.Tensor) -> Frame:
    """Multiply every pixel's three channels by a 3x3 matrix."""
    if opencv_computes(image):
        return frame_of(opencv_color.mix_channels(pixels_of(image), matrix.double().numpy()))
    placed = matrix if matrix.device == image.device else _placed(matrix, image.device)
    return (placed.to(image) @ image.contiguous().flatten(2)).view(image.shape)


@functools.lru_cache(maxsize=64)
def _placed(matrix: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A constant on a device: copied there once, since a copy would stop a GPU at every step."""
    return matrix.to(device)


def decorrelated_to_rgb(image: torch.Tensor) -> torch.Tensor:
    """Three uncorrelated channels -> RGB correlated as in ImageNet's pixels; Nx3xHxW, of any range.

    As in lucid's optvis/param/color.py: the root of the correlation, its longest column scaled to 1.
    """
    root = (_ROOT / torch.linalg.vector_norm(_ROOT, dim=0).max()).float().to(image)
    return torch.einsum("ij,njhw->nihw", root, image)


def natural_gradient(gradient: Frame, amount: float, chroma: float = 1.0) -> Frame:
    """Correlate the channels of an RGB gradient as they are in photographs.

    `amount` 0 leaves it as it is, which gives neon colors; 1 multiplies it by lucid's color correlation, scaled to a
    spectral norm of 1; between them the two matrices are interpolated. `chroma` multiplies what is left beside its
    brightness (the luma of BT.709): 0 leaves the brightness alone, 1 all of it.
    """
    mixing = natural_mixing(amount, gradient.device, chroma)
    return gradient if mixing is None else mix_channels(gradient, mixing)


def natural_mixing(amount: float, device: torch.device, chroma: float = 1.0) -> torch.Tensor | None:
    """The 3x3 matrix of `natural_gradient`, on a device; None: channels stay as they are."""
    if amount == 0 and chroma == 1:
        return None
    identity, natural = (_placed(matrix, device) for matrix in (_IDENTITY, NATURAL))
    mixing = torch.lerp(identity, natural, amount)
    return mixing if chroma == 1 else torch.lerp(_placed(_LUMA, device), identity, chroma) @ mixing


def to_lab(frame: Frame) -> Frame:
    """sRGB in [0, 1] -> CIE L*a*b* (D65): L in 0..100, a and b about -110..110. 1x3xHxW."""
    linear = torch.where(frame <= 0.04045, frame / 12.92, _power((frame.clamp_min(0) + 0.055) / 1.055, 2.4))
    xyz = mix_channels(linear, _RGB_TO_XYZ)
    f = torch.where(xyz > _LAB_KNEE**3, _power(xyz.clamp_min(1e-9), 1 / 3), xyz / (3 * _LAB_KNEE**2) + 4 / 29)
    x, y, z = f.unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def from_lab(lab: Frame) -> Frame:
    """The inverse of `to_lab`, clamped to [0, 1]."""
    lightness, a, b = lab.unbind(1)
    y = (lightness + 16) / 116
    f = torch.stack([y + a / 500, y, y - b / 200], dim=1)
    xyz = torch.where(f > _LAB_KNEE, f**3, 3 * _LAB_KNEE**2 * (f - 4 / 29))
    linear = mix_channels(xyz, _XYZ_TO_RGB).clamp(0, 1)
    return torch.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * _power(linear.clamp_min(1e-9), 1 / 2.4) - 0.055
    ).clamp_(0, 1)


def _power(base: torch.Tensor, exponent: float) -> torch.Tensor:
    """A power of positive values, to a relative error of 1e-6 and in half of the time that `**` takes.

    `**` computes the last few values of each thread's part by another formula, so its bits depend on where they end.
    """
    return base.log().mul_(exponent).exp_()


@dataclass(frozen=True)
class Palette:
    """Mean and standard deviation of a frame's L*, a* and b*, which `cohere` matches."""

    mean: torch.Tensor
    """1x3x1x1"""
    std: torch.Tensor
    """1x3x1x1"""


def palette_of(frame: Frame) -> Palette:
    """The palette of a frame."""
    if opencv_computes(frame):
        mean, std = opencv_color.palette(pixels_of(frame), _EXACT.numpy())
        return Palette(*(torch.from_numpy(moment).float().view(1, 3, 1, 1) for moment in (mean, std)))
    return _palette_of_lab(to_lab(frame))


def _palette_of_lab(lab: Frame) -> Palette:
    mean = lab.mean((2, 3), keepdim=True)
    std = (lab - mean).square().mean((2, 3), keepdim=True).sqrt()  # torch.std_mean takes ten times as long on a CPU
    return Palette(mean, std)


def cohere(frame: Frame, reference: Palette, strength: float) -> Frame:
    """Draw the frame's palette towards the reference's by `strength` (0: not at all, 1: all the way).

    Mean and standard deviation are matched in float L*a*b* (Reinhard et al., "Color transfer between images", 2001);
    whole histograms would posterise.
    """
    if strength == 0:
        return frame
    if opencv_computes(frame):
        target, spread = (moment.double().numpy().ravel() for moment in (reference.mean, reference.std))
        return frame_of(opencv_color.cohere(pixels_of(frame), target, spread, strength, _EXACT.numpy()))
    lab = to_lab(frame)
    own = _palette_of_lab(lab)
    gain = torch.lerp(torch.ones_like(own.std), reference.std / own.std.clamp_min(1e-3), strength)
    mean = torch.lerp(own.mean, reference.mean, strength)
    return from_lab((lab - own.mean) * gain + mean)
