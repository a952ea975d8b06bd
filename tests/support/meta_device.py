"""The meta device in a GPU's place: its tensors have shapes and no content, so whatever asks for a number fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

from zoomdream.networks import Network
from zoomdream.networks.architectures.architecture import build, preprocessing
from zoomdream.networks.loading import assemble

# What a GPU answers only when it has done all before: the size of the result is a number that it must be asked for.
WAITING = ("aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select", "aten::unique", "aten::equal")

# One kernel on a GPU. PyTorch works its shape out from a hundred operations in Python, which takes a tenth of a second.
SAMPLING = "aten::grid_sampler_2d"


@cache
def network_on_meta(name: str = "squeezenet1_1", dtype: torch.dtype = torch.float32) -> Network:
    return assemble(name, build(name).to("meta"), preprocessing(name), device="meta", dtype=dtype)


class QuickSampling(TorchDispatchMode):
    """Within the block, sampling on the meta device costs no more than any other operation."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.name() == SAMPLING and args[0].is_meta:
            image, grid = args[:2]
            return image.new_empty((*image.shape[:2], *grid.shape[1:3]))
        return func(*args, **(kwargs or {}))


class Synchronisations(QuickSampling):
    """Collects, by name, the operations within the block that would stop a GPU, and those that Metal does not have."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.float64: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = super().__torch_dispatch__(func, types, args, kwargs)
        name = func.name()
        came, went = _devices((args, kwargs)), _devices(result)
        if name.startswith(WAITING) and "meta" in came:
            self.found.append(name)
        # Page-locked memory is copied without waiting, and never seen here: there is none for the meta device.
        if name.startswith(("aten::_to_copy", "aten::copy_")) and len(came | went) > 1:
            self.found.append(name)
        if any(leaf.is_meta and leaf.dtype == torch.float64 for leaf in _tensors(result)):
            self.float64.append(name)
        return result


@contextmanager
def without_synchronisations() -> Iterator[None]:
    """Fails where the block asks the meta device for a number, copies from or to it, or has float64 on it."""
    with Synchronisations() as mode:
        yield
    assert (mode.found, mode.float64) == ([], [])


def _tensors(tree: Any) -> list[torch.Tensor]:
    return [leaf for leaf in tree_flatten(tree)[0] if isinstance(leaf, torch.Tensor)]


def _devices(tree: Any) -> set[str]:
    return {leaf.device.type for leaf in _tensors(tree)}
