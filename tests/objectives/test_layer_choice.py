"""The layers that suit a picture, and those that show a whole network."""

from __future__ import annotations

import pytest

from tests.support.networks import tiny_network
from zoomdream.errors import UnknownNameError, UsageError
from zoomdream.networks import blueprint
from zoomdream.objectives.layer_choice import choose_layers, default_layer, smallest_input_of, step_size_factor


def test_by_default_the_layers_of_the_outline_are_chosen_shallow_to_deep() -> None:
    network = blueprint("squeezenet1_1")
    choice = choose_layers(network, (256, 256))
    assert choice.warnings == ()
    assert {"fire3", "fire5", "fire8"} <= set(choice.objectives)
    order = [layer.label for layer in network.layers]
    assert list(choice.objectives) == sorted(choice.objectives, key=order.index)


@pytest.mark.parametrize(
    "name",
    ["googlenet", "resnet18", *(pytest.param(name, marks=pytest.mark.slow) for name in ("vgg16", "inception_v3"))],
)
def test_of_other_networks_about_a_dozen_are_chosen(name: str) -> None:
    assert 8 <= len(choose_layers(blueprint(name), (512, 512)).objectives) <= 20


def test_objectives_that_a_frame_is_too_small_for_are_left_out_with_a_warning() -> None:
    """fire5 of SqueezeNet 1.1 exists from 9 pixels on, fire9 from 17: two and three halvings without padding."""
    network = blueprint("squeezenet1_1")
    assert [smallest_input_of(network, objective) for objective in ("fire5", "fire9", "fire9:3")] == [9, 17, 17]
    choice = choose_layers(network, (400, 12), ["fire5", "fire9", "class:espresso"])
    assert choice.objectives == ("fire5",)
    (warning,) = choice.warnings
    assert warning.startswith("fire9, class:espresso: left out, for a frame of 400x12 is too small; with 17 pixels")
    with pytest.raises(UsageError, match=r"400x12 is too small for any of fire8, fire9.* at least 17 pixels"):
        choose_layers(network, (400, 12), ["fire8", "fire9"])


def test_an_unknown_layer_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UnknownNameError, match="fire4"):
        choose_layers(blueprint("squeezenet1_1"), (256, 256), ["fire3", "fire44"])


def test_shallow_layers_take_shorter_steps() -> None:
    network = blueprint("squeezenet1_1")
    objectives = ("conv1", "fire2:3", "fire5", "fire8", "class:daisy")
    factors = [step_size_factor(network, objective) for objective in objectives]
    assert factors == sorted(factors)
    assert 0.05 < factors[0] < 0.2
    assert factors[-2:] == [1.0, 1.0]


def test_layers_that_see_the_whole_frame_take_full_steps() -> None:
    assert step_size_factor(tiny_network("swin"), "features.2") == 1.0


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("squeezenet1_1", "fire8"),
        ("googlenet", "inception4c"),
        ("alexnet", "conv4"),  # conv5, the last, sees 163 pixels and not 170: two thirds of the way then
    ],
)
def test_the_default_layer_sees_what_is_as_large_as_an_animal(name: str, layer: str) -> None:
    assert default_layer(blueprint(name)) == layer
