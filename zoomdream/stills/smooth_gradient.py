"""The gradient with respect to the pixels, averaged over noise and shifts (Smilkov et al. 2017, "SmoothGrad: removing
noise by adding noise", arXiv:1706.03825).

One gradient tells of a single picture, and of where the network's strides fall on it: it is grainy, and shows their
grid. The mean over pictures that differ by noise, each moved by a few pixels and its gradient moved back, shows what
is in the picture.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from zoomdream.errors import SettingError
from zoomdream.images.frame import Frame
from zoomdream.images.sampling.resample import roll
from zoomdream.objectives import Objective
from zoomdream.rng import generator

NOISE = 0.15
"""Standard deviation of the noise, as a share of the picture's range: in the paper 10 to 20 % look best."""

SHIFT = 16
"""Largest shift in pixels: the stride of most networks' deep layers, and half of the largest."""

MOST_SAMPLES = 10_000
"""More are a typing error."""


def mean_gradient(
    objective: Objective,
    frame: Frame,
    samples: int,
    *,
    noise: float = NOISE,
    shift: int = SHIFT,
    seed: int = 0,
    on_sample: Callable[[int], None] | None = None,
) -> Frame:
    """The mean gradient of an objective over pictures with noise and shifts.

    Args:
        objective: what is measured; it lives on the frame's device.
        frame: 1x3xHxW in [0, 1]; left as it is.
        samples: how many pictures, from 1.
        noise: the noise's standard deviation, as a share of the frame's range, from 0 to 1.
        shift: each picture is moved by up to so many pixels in either direction, wrapping around.
        seed: another seed, other noise and shifts.
        on_sample: called after each picture with how many are done.

    Returns 1x3xHxW float32, of any sign. Raises SettingError for a number that is out of range.
    """
    if not 1 <= samples <= MOST_SAMPLES:
        raise SettingError(f"a gradient cannot be the mean of {samples} samples: from 1 to {MOST_SAMPLES} are possible")
    if not 0 <= noise <= 1:
        raise SettingError(f"noise is {noise:g}: it must be a share of the picture's range, from 0 to 1")
    reach = float(frame.max() - frame.min()) * noise
    total = torch.zeros_like(frame)
    for sample in range(samples):
        rng = generator(seed, sample, "saliency")
        down, right = rng.integers(-shift, shift + 1, 2).tolist()
        grain = torch.from_numpy(rng.standard_normal(tuple(frame.shape), "float32")).to(frame.device)
        noisy = roll(torch.add(frame, grain, alpha=reach), down, right)
        total += roll(objective.gradient(noisy, objective.balance(noisy)), -down, -right)
        if on_sample:
            on_sample(sample + 1)
    return total / samples
