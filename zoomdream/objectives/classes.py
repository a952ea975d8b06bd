"""Looks up the classes that objectives name: in a network's logits, or in one of several networks'."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from zoomdream.errors import SettingError, UnknownNameError, nearest
from zoomdream.networks import Network
from zoomdream.networks.registry import no_classes


def class_index(network: Network, name: str | int) -> int:
    """The index of a class in a network's logits. Raises SettingError or UnknownNameError, with the nearest names."""
    network, name = _of_one(network, name)
    count = network.classes
    if not count:
        raise UnknownNameError(no_classes(network.name))
    if isinstance(name, int):
        if not 0 <= name < count:
            raise SettingError(f"{network.name} has no class {name}: it has {count}, from 0 to {count - 1}")
        return name
    if not network.categories:
        raise UnknownNameError(
            f"the {count} classes of this {network.name} have no names: name class {name!r} by its index, "
            f"from 0 to {count - 1}"
        )
    if name in network.categories:
        return network.categories.index(name)
    by_lower: dict[str, list[int]] = defaultdict(list)
    for index, known in enumerate(network.categories):
        by_lower[known.lower()].append(index)
    matches = by_lower[name.lower()] or by_lower[re.sub("[-_]", " ", name.lower())]
    if len(matches) > 1:
        choices = " or ".join(f"{index} ({network.categories[index]})" for index in matches)
        raise UnknownNameError(f"{name!r} names {len(matches)} classes of {network.name}: write {choices}")
    if not matches:
        raise UnknownNameError(
            f"{network.name} has no class {name!r}{_near(name, network.categories)}", kind="class", network=network.name
        )
    return matches[0]


def class_prefix(network: Network, name: str | int) -> str:
    """What names of a class's network begin with where there are several: `vgg16/`; empty for the first one's."""
    owner, _ = network.owner(str(name))
    return "" if owner is network.owner("")[0] else f"{owner.name}/"


def _of_one(network: Network, name: str | int) -> tuple[Network, str | int]:
    """The network that a class is of, and its name or index there: `vgg16/espresso`, `vgg16/967`."""
    if isinstance(name, int):
        return network.owner("")[0], name
    owner, own = network.owner(name)
    return owner, int(own) if own != name and own.isdecimal() else own


def _near(name: str, categories: Sequence[str]) -> str:
    """A phrase with the classes that have the name as one of their words, else with the nearest spellings.

    For `cat` that is tiger cat, and not crate.
    """
    named = [known for known in categories if name.lower() in re.split(r"\W+", known.lower())]
    return f"; did you mean {' or '.join(named[:3])}?" if named else nearest(name, categories)
