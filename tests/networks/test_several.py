"""Several networks as one: names, gradients, memory and digests are those of each."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import torch

from tests.support.networks import random_frame
from zoomdream.errors import UnknownNameError, UsageError
from zoomdream.networks import LOGITS, Network, Tap, blueprints, load_network, load_networks
from zoomdream.networks.several import SeveralNetworks
from zoomdream.objectives import Objective, class_index, parse, resolve

OTHER = "squeezenet1_0"


@pytest.fixture(scope="module")
def first() -> Network:
    return load_network(random=1)


@pytest.fixture(scope="module")
def other() -> Network:
    return load_network(OTHER, random=2)


@pytest.fixture(scope="module")
def both(first: Network, other: Network) -> SeveralNetworks:
    return SeveralNetworks([first, other])


def test_nothing_of_one_network_is_inherited() -> None:
    """What is would look for the parts of a network, of which several have none."""
    public = {name for name, _ in inspect.getmembers(Network) if not name.startswith("_")}
    inherited = {name for name in public if name not in vars(SeveralNetworks)}
    assert inherited == {"outline"}  # made of `layers` alone


def test_one_name_is_that_network_and_two_are_several() -> None:
    assert not isinstance(blueprints([OTHER]), SeveralNetworks)
    assert blueprints(["squeezenet1_1", OTHER]).name == "squeezenet1_1+squeezenet1_0"


def test_a_prefix_says_which_network_and_none_is_the_first(both: SeveralNetworks) -> None:
    assert both.layer("fire3") == both.first.layer("fire3")
    assert both.layer("squeezenet1_1/fire3") == both.first.layer("fire3")
    layer = both.layer(f"{OTHER}/fire3")
    assert layer.label == f"{OTHER}/fire3"
    assert layer.name == f"{OTHER}/features.4"
    assert both.layer(layer.name) == layer
    labels = [each.label for each in both.outline]
    assert labels[:2] == ["conv1", "fire2"]
    assert labels[-1] == f"{OTHER}/conv10"


def test_a_single_network_takes_its_own_prefix(first: Network) -> None:
    assert first.layer("squeezenet1_1/fire3") == first.layer("fire3")
    with pytest.raises(UnknownNameError, match=r"and squeezenet1_1 dreams alone: name both, networks: \["):
        first.layer(f"{OTHER}/fire3")


def test_an_unknown_prefix_is_named_with_the_nearest(both: SeveralNetworks) -> None:
    with pytest.raises(UnknownNameError, match=r"'squeezenet1_O' is none of the networks here, .*did you mean squeez"):
        both.layer("squeezenet1_O/fire3")


def test_activations_are_each_networks_own(both: SeveralNetworks, first: Network, other: Network) -> None:
    frame = random_frame()
    values = both.activations(frame, ["fire3", Tap(f"{OTHER}/fire3", before_relu=True), f"{OTHER}/{LOGITS}"])
    assert torch.equal(values["fire3"], first.activations(frame, ["fire3"])["fire3"])
    theirs = other.activations(frame, [Tap("fire3", before_relu=True), LOGITS])
    assert torch.equal(values[Tap(f"{OTHER}/fire3", True)], theirs[Tap("fire3", True)])
    assert torch.equal(values[f"{OTHER}/{LOGITS}"], theirs[LOGITS])
    taps = [f"{OTHER}/fire3", "fire3"]
    assert both.shapes(taps, (96, 80)) == [*other.shapes(["fire3"], (96, 80)), *first.shapes(["fire3"], (96, 80))]


def test_a_gradient_is_the_sum_of_each_networks(both: SeveralNetworks, first: Network, other: Network) -> None:
    frame, one = random_frame(), torch.ones(())
    together = Objective.of(both, {"fire3": 0.5, f"{OTHER}/fire5:7": 2}).gradient(frame, [one, one])
    alone = [Objective.of(first, {"fire3": 0.5}), Objective.of(other, {"fire5:7": 2})]
    expected = torch.stack([objective.gradient(frame, [one]) for objective in alone]).sum(0)
    assert torch.allclose(together, expected, rtol=1e-4, atol=1e-7 * float(together.abs().max()))


def test_terms_of_both_are_brought_to_one_strength(both: SeveralNetworks) -> None:
    objective = Objective.of(both, {"fire3": 1, f"{OTHER}/fire5": 1})
    frame = random_frame()
    balance = objective.balance(frame)
    for index, (term, _) in enumerate(objective.terms):
        alone = Objective.mixed(both, [(term, 1.0)]).gradient(frame, [balance[index]])
        assert float(alone.square().mean().sqrt()) == pytest.approx(1, rel=1e-4)


def test_memory_is_that_of_both(both: SeveralNetworks, first: Network, other: Network) -> None:
    size = (128, 96)
    needed = both.step_bytes(["fire3", f"{OTHER}/fire3"], size)
    assert needed == first.step_bytes(["fire3"], size) + other.step_bytes(["fire3"], size)
    assert both.step_fits(["fire3", f"{OTHER}/fire3"], size, needed)
    assert not both.step_fits(["fire3", f"{OTHER}/fire3"], size, needed - 1)
    assert both.step_bytes([f"{OTHER}/fire3"], size) == other.step_bytes(["fire3"], size)
    assert both.smallest_input([f"{OTHER}/fire9", "fire3"]) == max(
        other.smallest_input(["fire9"]), first.smallest_input(["fire3"])
    )


def test_the_digest_changes_with_either_network_and_their_order(both: SeveralNetworks, first: Network) -> None:
    changed = SeveralNetworks([first, load_network(OTHER, random=3)])
    swapped = SeveralNetworks(list(both.networks.values())[::-1])
    assert len({both.weights_digest, changed.weights_digest, swapped.weights_digest, first.weights_digest}) == 4


def test_classes_are_the_firsts_or_have_a_prefix(both: SeveralNetworks) -> None:
    assert class_index(both, "espresso") == class_index(both, f"{OTHER}/espresso") == 967
    assert resolve(both, "class:espresso").tap.layer == LOGITS
    term = resolve(both, f"class:{OTHER}/967")
    assert term.tap.layer == f"{OTHER}/{LOGITS}"
    assert str(term.spec) == f"class:{OTHER}/967"
    assert resolve(both, parse(str(term.spec))).spec == term.spec
    assert both.map_of(f"{OTHER}/{LOGITS}").label == both.layers[-1].label
    with pytest.raises(UnknownNameError, match="did you mean espresso"):
        class_index(both, f"{OTHER}/espreso")


def test_a_network_is_named_once(first: Network) -> None:
    with pytest.raises(UsageError, match="name each network once"):
        SeveralNetworks([first, first])


def test_weights_of_a_file_are_of_one_network() -> None:
    for load in (load_networks, blueprints):
        with pytest.raises(UsageError, match=r"a\.pth belong to one network, and squeezenet1_1 and squeez"):
            load(["squeezenet1_1", OTHER], weights=Path("a.pth"))


def test_several_networks_have_no_graph_together(both: SeveralNetworks) -> None:
    assert both.subgraph([f"{OTHER}/fire3"])
    with pytest.raises(UsageError, match="have no graph"):
        both.subgraph(["fire3", f"{OTHER}/fire3"])
