"""What layers are called: module paths, and the names that papers gave them."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from zoomdream.networks.architectures.torchvision_parts import is_permutation


def is_norm(module: nn.Module) -> bool:
    """Whether a module shows nothing of its own: a norm, or a change of the order of dimensions."""
    return isinstance(module, nn.BatchNorm2d | nn.LayerNorm | nn.GroupNorm) or is_permutation(module)


def name_rank(path: str, blueprint: nn.Module) -> tuple[int, int]:
    """The key by which the names of one layer are sorted, the best first.

    A module comes before the sequence that it ends, and a block before its last part.
    """
    module = blueprint.get_submodule(path)
    kind = 2 if is_norm(module) else 1 if type(module) is nn.Sequential else 0
    return kind, path.count(".")


def paper_name(path: str, papers: dict[str, str]) -> str | None:
    """What the papers call a module: `fire8.squeeze` for `features.11.squeeze`; None: they have no name for it."""
    for known, label in papers.items():
        if path == known or path.startswith(f"{known}."):
            return label + path.removeprefix(known)
    return None


def paper_names(network: str, blueprint: nn.Module) -> dict[str, str]:
    """Module paths to the papers' names, as in VGG (arXiv:1409.1556), SqueezeNet (1602.07360) and AlexNet."""
    if network.startswith("vgg"):
        return dict(_by_block(blueprint.get_submodule("features")))
    if network.startswith("squeezenet"):
        return {
            **dict(_by_count(blueprint.get_submodule("features"))),
            "classifier.1": "conv10",
            "classifier.2": "relu10",
        }
    if network == "alexnet":
        return dict(_by_count(blueprint.get_submodule("features")))
    return {}


def _by_block(features: nn.Module) -> Iterator[tuple[str, str]]:
    block, index = 1, 0
    for key, module in features.named_children():
        match module:
            case nn.Conv2d():
                index += 1
                yield f"features.{key}", f"conv{block}_{index}"
            case nn.ReLU():
                yield f"features.{key}", f"relu{block}_{index}"
            case nn.MaxPool2d():
                yield f"features.{key}", f"pool{block}"
                block, index = block + 1, 0


def _by_count(features: nn.Module) -> Iterator[tuple[str, str]]:
    count = 0
    for key, module in features.named_children():
        kind = {"Conv2d": "conv", "Fire": "fire", "ReLU": "relu", "MaxPool2d": "pool"}[type(module).__name__]
        count += kind in ("conv", "fire")
        yield f"features.{key}", f"{kind}{count}"
