"""Which pixels matter: the gradient of an objective with respect to the picture, and a drawing of it."""

from __future__ import annotations

import numpy as np
import torch

from zoomdream.images.contact_sheet import Cell, draw_sheet, lay_out
from zoomdream.images.filters import blur
from zoomdream.images.frame import Frame, Size, from_uint8, noise, size_of
from zoomdream.memory import memory_guard
from zoomdream.networks import Network
from zoomdream.objectives import Objective, Spec, mask_warning, resolve
from zoomdream.progress import OnProgress, Progress
from zoomdream.provenance import provenance_line
from zoomdream.rng import generator
from zoomdream.stills.job import PictureJob
from zoomdream.stills.smooth_gradient import NOISE, SHIFT, mean_gradient

BRIGHTEST = 99.5
"""Percentile of the magnitudes that is drawn at full strength: a few pixels are far above all others."""

LARGEST_SIDE = 1024
"""Longer side in pixels of a photo whose size nobody chose: in a larger one, a pixel is too small to matter."""

_PICTURES, _SMOOTH_PICTURES = 3, 6
_COLUMNS = 3
_TEST_SIDE = 64  # pixels
_LIGHT = 120  # the light over a photo is blurred by this part of its longer side: pixels become places
_DARKEST = 0.12  # of the light
_SIGNED, _MAGNITUDE = "RdBu_r", "inferno"  # matplotlib's: blue to white to red; black to yellow, perceptually even


def pixel_gradient(network: Network, objective: str | Spec, frame: Frame) -> Frame:
    """How much each channel of each pixel raises an objective; a layer stands for its mean before the ReLU.

    The same as in the early pictures of what a network looks at (Simonyan et al. 2013, arXiv:1312.6034): one backward
    pass, no smoothing, nothing random.

    Args:
        network: from `load_network`; in float32, for bfloat16's rounding is visible in so fine a picture.
        objective: a layer, a channel, a class and so on, as a spec or in its short form: `fire8`, `class:espresso`.
        frame: 1x3xHxW in [0, 1] on the network's device; left as it is.

    Returns 1x3xHxW float32, of any sign, in units of the objective per full range of a channel. Raises UsageError when
    the network does not have the objective or the frame is too small for it.
    """
    measured = _mean_of(network, objective)
    measured.check(size_of(frame))
    return _gradient(measured, frame)


def smooth_gradient(
    network: Network,
    objective: str | Spec,
    frame: Frame,
    samples: int = 24,
    *,
    noise: float = NOISE,
    shift: int = SHIFT,
    seed: int = 0,
) -> Frame:
    """As `pixel_gradient`, the mean over pictures with noise and shifts (SmoothGrad, arXiv:1706.03825).

    Args:
        network, objective, frame: see `pixel_gradient`.
        samples: how many pictures; the gradient of each takes as long as `pixel_gradient`.
        noise: the noise's standard deviation, as a share of the frame's range, from 0 to 1.
        shift: largest shift in pixels; each gradient is moved back, so that the network's strides leave no grid.
        seed: another seed, other noise and shifts.

    Returns and raises what `pixel_gradient` does, SettingError too for numbers that are out of range.
    """
    measured = _mean_of(network, objective)
    measured.check(size_of(frame))
    with memory_guard(size_of(frame), tiled=False):
        return mean_gradient(measured, frame, samples, noise=noise, shift=shift, seed=seed)


def _mean_of(network: Network, objective: str | Spec) -> Objective:
    return Objective.mixed(network, [(resolve(network, objective, "mean"), 1.0)])


def _gradient(objective: Objective, frame: Frame) -> Frame:
    with memory_guard(size_of(frame), tiled=False):
        return objective.gradient(frame, objective.balance(frame))


def is_linear(objective: Objective) -> bool:
    """Whether an objective's gradient is the same for every picture, as that of the first convolution's mean is.

    Compared on two small pictures, gray and noise. Raises OutOfMemoryError.
    """
    side = max(_TEST_SIDE, objective.smallest_input)
    pictures = (torch.full((1, 3, side, side), 0.5), noise((side, side), generator(0, 0, "noise")))
    gray, noisy = (_gradient(objective, picture.to(objective.network.device)) for picture in pictures)
    return bool(gray.any()) and torch.allclose(gray, noisy, rtol=1e-3, atol=1e-9)


def drawn_size(size: Size, samples: int = 1) -> Size:
    """The (width, height) of what `saliency_picture` draws of a frame of `size`."""
    return (lay_out(_PICTURES, size) if samples == 1 else lay_out(_SMOOTH_PICTURES, size, _COLUMNS)).size


def saliency_picture(
    network: Network, photo: Frame, objective: str | Spec, samples: int = 1, *, seed: int = 0
) -> PictureJob:
    """A photo beside its gradient, as `draw_saliency` draws it; of several samples also beside their mean.

    Args:
        network: from `load_network`; in float32, see `pixel_gradient`.
        photo: 1x3xHxW in [0, 1], on any device.
        objective: a layer, a channel, a class and so on, as a spec or in its short form.
        samples: pictures with noise and shifts whose mean gradient is drawn, too; 1: only the photo's own.
        seed: another seed, other noise and shifts.

    Raises UsageError, UnknownNameError, SourceError, OutOfMemoryError.
    """
    measured, size = _mean_of(network, objective), size_of(photo)
    measured.check(size)
    term = measured.terms[0][0]
    warnings = [*term.warnings, mask_warning(term, size)]
    if is_linear(measured):
        way_out = f"l2:{term.tap.layer} has one that is not"
        warnings.append(f"the gradient of {objective} is the same for every picture, since it is linear; {way_out}")

    total = 1 if samples == 1 else 1 + samples

    def make(on_progress: OnProgress | None) -> Frame:
        def report(done: int) -> None:
            if on_progress:
                on_progress(Progress(done, total, "step", "gradient"))

        frame, title = photo.to(network.device), f"{network.name}  {objective}"
        gradient = _gradient(measured, frame)
        report(1)
        if samples == 1:
            return draw_saliency(photo, gradient, title)
        with memory_guard(size, tiled=False):
            mean = mean_gradient(measured, frame, samples, seed=seed, on_sample=lambda done: report(1 + done))
        return draw_smooth_saliency(photo, gradient, mean, title, samples)

    about = f"gradient of {objective}" + (f", and the mean of {samples}" if samples > 1 else "")
    provenance = provenance_line(network.name, about, None if samples == 1 else seed)
    return PictureJob(drawn_size(size, samples), provenance, tuple(filter(None, warnings)), make)


def draw_saliency(frame: Frame, gradient: Frame, title: str) -> Frame:
    """Draw a frame beside its gradient, once with its signs and once by magnitude.

    Args:
        frame: 1x3xHxW in [0, 1].
        gradient: 1x3xHxW, from `pixel_gradient`.
        title: written above; it names the objective, which the labels call "it".

    Signed is the sum over the channels, white where it is 0; magnitude is the largest over the channels. Both reach
    their full color at the percentile `BRIGHTEST`.

    Returns a frame with the three pictures in the frame's own size, on the CPU.
    """
    subtitle = "gradient with respect to the pixels"
    cells = (Cell(frame, "photo"), *_cells(gradient))
    return draw_sheet(cells, lay_out(_PICTURES, size_of(frame)), title, subtitle)


def draw_smooth_saliency(frame: Frame, gradient: Frame, mean: Frame, title: str, samples: int) -> Frame:
    """`draw_saliency`, and below it the same of a mean gradient, beside the photo in the light of its magnitude.

    Args:
        frame: 1x3xHxW in [0, 1].
        gradient, mean: 1x3xHxW, from `pixel_gradient` and `smooth_gradient`.
        title: written above.
        samples: of how many the mean is.

    Returns a frame with six pictures in the frame's own size, on the CPU.
    """
    light = mean.abs().amax(1, keepdim=True).cpu()
    light = blur(light, max(size_of(frame)) / _LIGHT)
    light = (light / _high(light.numpy())).clamp(0, 1)
    lit = frame.cpu() * (_DARKEST + (1 - _DARKEST) * light)
    cells = (Cell(frame, "photo"), *_cells(gradient), Cell(lit, "where the mean is strong"), *_cells(mean))
    subtitle = f"gradient of the pixels; below, the mean of {samples}"
    return draw_sheet(cells, lay_out(_SMOOTH_PICTURES, size_of(frame), _COLUMNS), title, subtitle)


def _cells(gradient: Frame) -> tuple[Cell, Cell]:
    """A gradient with its signs, and its magnitude."""
    total = gradient[0].sum(0).cpu().numpy()
    largest = gradient[0].abs().amax(0).cpu().numpy()
    strongest = _high(largest)
    return (
        Cell(_colored(0.5 + 0.5 * total / _high(total), _SIGNED), "red raises it, blue lowers it"),
        Cell(_colored(largest / strongest, _MAGNITUDE), f"magnitude, 0 to {strongest:.2g}"),
    )


def _high(values: np.ndarray) -> float:
    """A scale that is never 0: where there is no gradient, as around what a neuron sees, the picture is blank."""
    magnitudes = np.abs(values[values != 0])
    return float(np.percentile(magnitudes, BRIGHTEST)) if magnitudes.size else 1.0


def _colored(values: np.ndarray, name: str) -> Frame:
    """HxW, clipped to [0, 1], through one of matplotlib's colormaps."""
    from matplotlib import colormaps

    return from_uint8(colormaps[name](values.clip(0, 1), bytes=True)[..., :3])
