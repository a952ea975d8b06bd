"""RAFT (Teed and Deng, ECCV 2020), the one flow here that is learned, with torchvision's network and weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import nn

from zoomdream.images.frame import Size, from_uint8, size_of
from zoomdream.networks.registry import NetworkInfo
from zoomdream.networks.weights import cached_weights, fill, read_weights

# The large one: RAFT is chosen for its precision, and DIS is faster anyway. torchvision gives end-point
# errors on Sintel (train, clean and final) of 1.38 and 2.72 pixels for it and 1.99 and 3.28 for the small one, which
# needs a quarter of the arithmetic; these weights were trained on KITTI's and HD1K's real streets, too.
RAFT = NetworkInfo("raft_large", "raft_large_C_T_SKHT_V2-ff5fadd5.pth", 21.1)
_STRIDE = 8  # the network works on an eighth of the frame's size,
_SMALLEST = 128  # and its pyramid halves that three times down to two pixels


def raft_flow(
    device: torch.device | str = "cpu", *, model: nn.Module | None = None
) -> Callable[[NDArray[np.uint8], NDArray[np.uint8]], NDArray[np.float32]]:
    """A function that gives the flow from a frame to another, both HxWx3 uint8 RGB, as HxWx2 in pixels: (right, down).

    Of any size, but its table of correlations grows with the square of the number of pixels: 5.6 GB at 1920x1080.
    `model` stands in for torchvision's RAFT, whose weights are downloaded on first use. Raises WeightsError.
    """
    network = (model or _load()).eval().to(device)

    @torch.inference_mode()
    def flow(here: NDArray[np.uint8], there: NDArray[np.uint8]) -> NDArray[np.float32]:
        height, width = here.shape[:2]
        first, second = (_padded(from_uint8(pixels, device)) for pixels in (here, there))
        left, top = _margins((width, height))[::2]
        refined = network(first, second)[-1]  # of the estimates, each better than the one before
        inner = refined[0, :, top : top + height, left : left + width]
        return np.ascontiguousarray(inner.permute(1, 2, 0).float().cpu().numpy())

    return flow


def _load() -> nn.Module:
    from torchvision.models.optical_flow import raft_large  # takes seconds, which other flows need not wait for

    path = cached_weights(RAFT, instead="take another flow, such as fine")
    with torch.random.fork_rng(
        devices=[]
    ):  # the constructor draws random weights: torch's global generator is left as it was
        model: nn.Module = raft_large(weights=None)
    fill(model, read_weights(path), str(path))
    return model.requires_grad_(False)


def _padded(frame: torch.Tensor) -> torch.Tensor:
    """What the network takes: values in [-1, 1], sides that are multiples of 8 and not too small."""
    return F.pad(frame * 2 - 1, _margins(size_of(frame)), mode="replicate")


def _margins(size: Size) -> tuple[int, int, int, int]:
    """Pixels to add at the left, right, top and bottom."""
    missing = [max(_SMALLEST, -(-side // _STRIDE) * _STRIDE) - side for side in size]
    (left, top), (right, bottom) = [m // 2 for m in missing], [m - m // 2 for m in missing]
    return left, right, top, bottom
