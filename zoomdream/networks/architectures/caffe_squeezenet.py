"""SqueezeNet 1.1's ImageNet weights as the package ndf carries them: a pickle of NumPy arrays from the Caffe model.

They fit torchvision's `squeezenet1_1`. The package's code is never imported.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from zoomdream.errors import WeightsError
from zoomdream.networks.registry import EMBEDDED, network_info
from zoomdream.networks.weights import packaged_weights

# The Caffe model takes 0..255 minus these means, and nothing is divided (here in RGB; the file's own order is BGR).
MEAN = (123 / 255, 117 / 255, 104 / 255)
STD = (1 / 255, 1 / 255, 1 / 255)

_CONVOLUTIONS = {"conv1": "features.0", "conv10": "classifier.1"}
_FIRES = {"fire2": 3, "fire3": 4, "fire4": 6, "fire5": 7, "fire6": 9, "fire7": 10, "fire8": 11, "fire9": 12}


def read_embedded() -> dict[str, torch.Tensor]:
    """The weights under torchvision's names, for RGB input normalised with MEAN and STD.

    Raises WeightsError when the file is missing or is not the one that ndf 0.1.4 was published with.
    """
    return to_torchvision(read_arrays(packaged_weights(network_info(EMBEDDED)).read_bytes()))


def to_torchvision(arrays: Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]) -> dict[str, torch.Tensor]:
    """Caffe's layer names to torchvision's, kernels from HWIO to OIHW, the first layer's input from BGR to RGB."""
    state = {}
    for layer, (kernel, bias) in arrays.items():
        if layer == "conv1":
            kernel = kernel[:, :, ::-1]
        state[f"{_torchvision_path(layer)}.weight"] = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
        state[f"{_torchvision_path(layer)}.bias"] = torch.from_numpy(bias.copy())
    return state


def _torchvision_path(layer: str) -> str:
    if layer in _CONVOLUTIONS:
        return _CONVOLUTIONS[layer]
    fire, part = layer.split("/")
    return f"features.{_FIRES[fire]}.{part.replace('squeeze1x1', 'squeeze')}"


def read_arrays(content: bytes) -> Any:
    """Unpickle what is made of plain containers and NumPy arrays alone. Raises WeightsError for anything else."""
    return _ArraysOnly(io.BytesIO(content)).load()


class _ArraysOnly(pickle.Unpickler):
    """Admits only the three names that rebuild an array: a pickle can otherwise call any function."""

    def find_class(self, module: str, name: str) -> Any:
        match (module.replace("numpy._core", "numpy.core"), name):
            case ("numpy.core.multiarray", "_reconstruct"):
                # The published way to the function, whose own module was renamed in NumPy 2.
                return np.empty(0).__reduce__()[0]
            case ("numpy", "ndarray"):
                return np.ndarray
            case ("numpy", "dtype"):
                return np.dtype
        raise WeightsError(f"a weights file asks for {module}.{name}: it holds code, not only arrays")
