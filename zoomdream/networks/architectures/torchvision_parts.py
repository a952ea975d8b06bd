"""Parts of torchvision's networks, recognised by their names.

`import torchvision` takes seconds, most of them for PyTorch's compiler, which nothing here uses. A network that has
such a part has imported it; one that has none need not wait for it.
"""

from __future__ import annotations


def is_stochastic_depth(module: object) -> bool:
    """Whether a module is one that drops whole blocks in training, and does nothing in eval mode."""
    return _is_torchvisions(type(module), "StochasticDepth")


def is_permutation(module: object) -> bool:
    """Whether a module changes the order of a tensor's dimensions, and nothing else."""
    return _is_torchvisions(type(module), "Permute")


def is_window_attention(function: object) -> bool:
    """Whether a function that a graph calls is Swin's attention, version 1 or 2."""
    return _is_torchvisions(function, "shifted_window_attention")


def _is_torchvisions(thing: object, name: str) -> bool:
    """Whether a class or a function is the one of that name, or one derived from it."""
    related = thing.__mro__ if isinstance(thing, type) else (thing,)
    return any(
        getattr(each, "__name__", "") == name and str(getattr(each, "__module__", "")).split(".")[0] == "torchvision"
        for each in related
    )
