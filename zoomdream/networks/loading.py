"""Loads a network by its name: architecture, weights from a package, a file or a download, and a device."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from zoomdream.errors import UsageError, WeightsError
from zoomdream.memory import keep_freed_memory
from zoomdream.networks import graph
from zoomdream.networks.architectures import architecture, caffe_squeezenet, efficientnet_lite, trunks
from zoomdream.networks.descriptions import Preprocessing, class_names, describe_layers
from zoomdream.networks.execution import convolutions
from zoomdream.networks.layer import Layer
from zoomdream.networks.network import Network
from zoomdream.networks.registry import EMBEDDED, TRUNKS, NetworkInfo, network_info
from zoomdream.networks.several import SeveralNetworks
from zoomdream.networks.weights import State, cached_weights, fill, packaged_weights, read_weights, refuse_not_finite
from zoomdream.progress import OnProgress

_IMAGENET = 1000  # classes
_MOST_CLASSES = 1_000_000


def load_network(
    name: str = EMBEDDED,
    *,
    weights: Path | None = None,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    on_progress: OnProgress | None = None,
    random: int | None = None,
) -> Network:
    """A network by name, ready to run.

    Weights come from an installed package (`EMBEDDED`, EfficientNet-Lite), from torch's cache, where they are
    downloaded on first use (`on_progress` counts the bytes), or from the file `weights`
    (.safetensors, .pth, .pt; the published architecture and preprocessing, any number of classes). `random` is a seed
    for random weights.

    Raises UnknownNameError, WeightsError, and UsageError for a device or dtype that does not work here.
    """
    info = network_info(name)
    if weights is not None and random is not None:
        raise UsageError("weights from a file and random weights exclude each other: give one of them")
    if dtype not in (torch.float32, torch.bfloat16, torch.float16):
        raise UsageError(f"dtype is {dtype}: networks run in float32, bfloat16 or float16")
    _check_device(device)
    preprocessing = architecture.preprocessing(name)
    if random is not None:
        return assemble(name, architecture.build_random(name, random), preprocessing, device=device, dtype=dtype)
    if weights is None and info.embedded:
        source = f"the package of {name}"
        modules = architecture.build(name)
        fill(modules, caffe_squeezenet.read_embedded(), source)
        preprocessing = Preprocessing(caffe_squeezenet.MEAN, caffe_squeezenet.STD)
    else:
        path = Path(weights) if weights is not None else _weights_file(info, on_progress)
        modules, source = _from_file(name, path), str(path)
    network = assemble(name, modules, preprocessing, device=device, dtype=dtype)
    refuse_not_finite(modules, dtype, source)  # once more: the batch norms are in the kernels now, and dtype is known
    return network


def load_networks(
    names: Sequence[str],
    *,
    weights: Path | None = None,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    on_progress: OnProgress | None = None,
) -> Network:
    """Networks by their names, ready to run, as one: `mobilenet_v2/features.11` is a layer of the one of that name.

    A name without a prefix is the first one's; see `SeveralNetworks`. One name gives that network itself. The options
    are `load_network`'s, for each. Raises what it does, and UsageError for a name that is there twice and for `weights`
    beside several names.
    """
    if len(names) == 1:
        return load_network(names[0], weights=weights, device=device, dtype=dtype, on_progress=on_progress)
    _refuse_weights(names, weights)
    return SeveralNetworks([load_network(name, device=device, dtype=dtype, on_progress=on_progress) for name in names])


def blueprints(names: Sequence[str], weights: Path | None = None) -> Network:
    """Networks by their names, as one, without their weights: see `blueprint` and `load_networks`."""
    if len(names) == 1:
        return blueprint(names[0], weights)
    _refuse_weights(names, weights)
    return SeveralNetworks([blueprint(name) for name in names])


def _refuse_weights(names: Sequence[str], weights: Path | None) -> None:
    if weights is not None:
        raise UsageError(f"weights {weights} belong to one network, and {' and '.join(names)} are {len(names)}")


def blueprint(name: str, weights: Path | None = None) -> Network:
    """A network without its weights, in a fraction of a second: it knows its layers and their needs, and cannot run.

    Of the file `weights` only the number of classes is taken.

    Raises UnknownNameError, and WeightsError when the file cannot be read.
    """
    info = network_info(name)
    if weights is not None:
        classes = _class_count(name, _read(name, Path(weights)), Path(weights))
    else:
        classes = 0 if info.features_only else _IMAGENET
    modules = architecture.build(info.name, classes).to("meta")
    return Network(
        name,
        graph.trace(modules),
        modules,
        preprocessing=architecture.preprocessing(name),
        categories=_class_names(classes),
        layers=_described_layers(name, classes),
        device="meta",
        dtype=torch.float32,
    )


def assemble(
    name: str,
    modules: nn.Module,
    preprocessing: Preprocessing,
    *,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Network:
    """A network from torchvision's modules with their weights, whose kernels take up the batch norms after them."""
    classes = architecture.class_count(modules)
    trace = graph.trace(architecture.build(name, classes).to("meta"))
    graph.fold(modules, trace.folded)
    if torch.device(device).type == "cpu":
        convolutions.fix_order(modules)
        keep_freed_memory()
    return Network(
        name,
        trace,
        modules,
        preprocessing=preprocessing,
        categories=_class_names(classes),
        layers=_described_layers(name, classes),
        device=device,
        dtype=dtype,
    )


def _weights_file(info: NetworkInfo, on_progress: OnProgress | None) -> Path:
    return packaged_weights(info) if info.package is not None else cached_weights(info, on_progress)


def _from_file(name: str, path: Path) -> nn.Module:
    state = _read(name, path)
    modules = architecture.build(name, classes=_class_count(name, state, path))
    fill(modules, state, str(path))
    return modules


def _read(name: str, path: Path) -> State:
    state = read_weights(path)
    if name in TRUNKS:
        return trunks.present_names(state)
    return efficientnet_lite.present_names(name, state) if name in efficientnet_lite.VARIANTS else state


def _class_count(name: str, state: State, path: Path) -> int:
    """How many classes weights are for: the length of the last bias, the classifier's. Raises WeightsError."""
    if name in TRUNKS:
        return 0
    last_bias = state.get(list(architecture.build(name).state_dict())[-1])
    classes = len(last_bias) if last_bias is not None and last_bias.dim() == 1 else _IMAGENET
    if not 1 <= classes <= _MOST_CLASSES:
        raise WeightsError(f"{path} is for {classes} classes: a network has from 1 to {_MOST_CLASSES}")
    return classes


def _class_names(classes: int) -> tuple[str, ...]:
    return class_names() if classes == _IMAGENET else ()


def _described_layers(name: str, classes: int) -> tuple[Layer, ...] | None:
    """The network's layers as they are described; None for another number of classes, which is a layer's channels."""
    return describe_layers(name) if classes == (0 if network_info(name).features_only else _IMAGENET) else None


def _check_device(device: torch.device | str) -> None:
    try:
        torch.zeros(1, device=device)
    # An unknown name, a build without the backend and a machine without the hardware each raise something else.
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"device {device} does not work here ({reason}); cpu always does") from error
