"""Pictures as spectra: the inverse Fourier transform of weighted waves, in decorrelated colors, through a sigmoid."""

from __future__ import annotations

import math

import numpy as np
import torch

from zoomdream.images.colors.color import decorrelated_to_rgb


def spectrum_scale(size: int, decay: float) -> torch.Tensor:
    """size x (size // 2 + 1): the weight of each frequency, 1/f^decay, with the energy of lucid's 1/f.

    After lucid's optvis/param/spatial.py.
    """
    vertical, horizontal = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)
    frequency = np.maximum(np.hypot(vertical, horizontal), 1 / size)
    scale, reference = frequency**-decay, 1 / frequency
    scale *= math.sqrt(np.square(reference).sum() / np.square(scale).sum()) * size / 4
    return torch.from_numpy(scale.astype(np.float32))


def picture(spectrum: torch.Tensor, scale: torch.Tensor, size: int) -> torch.Tensor:
    """Nx3xsizexsize in (0, 1) from Nx3xsizex(size // 2 + 1)x2, real and imaginary parts; differentiable."""
    waves = torch.fft.irfft2(torch.view_as_complex(spectrum) * scale, s=(size, size))
    # The sigmoid; `torch.sigmoid` has other bits on another number of threads, `tanh` does not.
    return torch.tanh(decorrelated_to_rgb(waves) / 2) / 2 + 0.5
