from __future__ import annotations

import pytest

from zoomdream.errors import UnknownNameError, UsageError
from zoomdream.networks import blueprint
from zoomdream.objectives.layer_choice import choose_layers, smallest_input_of, step_size_factor


def test_a_tour_goes_from_shallow_to_deep_through_what_is_worth_showing() -> None:
    plan = blueprint("squeezenet1_1")
    choice = choose_layers(plan, (256, 256))
    assert choice.notes == ()
    assert {"fire3", "fire5", "fire8"} <= set(choice.stops)
    order = [layer.label for layer in plan.layers]
    assert list(choice.stops) == sorted(choice.stops, key=order.index)


@pytest.mark.parametrize("name", ["googlenet", "vgg16", "inception_v3", "resnet18"])
def test_other_networks_have_tours_of_about_a_dozen(name: str) -> None:
    assert 8 <= len(choose_layers(blueprint(name), (512, 512)).stops) <= 20


def test_stops_that_a_frame_is_too_small_for_are_left_out_and_told() -> None:
    """fire5 of SqueezeNet 1.1 exists from 9 pixels on, fire9 from 17: two and three halvings without padding."""
    plan = blueprint("squeezenet1_1")
    assert (smallest_input_of(plan, "fire5"), smallest_input_of(plan, "fire9"), smallest_input_of(plan, "fire9:3")) == (
        9,
        17,
        17,
    )
    choice = choose_layers(plan, (400, 12), ["fire5", "fire9", "class:espresso"])
    assert choice.stops == ("fire5",)
    (note,) = choice.notes
    assert note.startswith("fire9, class:espresso: left out, for a frame of 400x12 is too small; with 17 pixels")
    with pytest.raises(UsageError, match=r"400x12 is too small for any of fire8, fire9.* at least 17 pixels"):
        choose_layers(plan, (400, 12), ["fire8", "fire9"])


def test_a_layer_that_is_none_is_told_with_the_nearest_names() -> None:
    with pytest.raises(UnknownNameError, match="fire4"):
        choose_layers(blueprint("squeezenet1_1"), (256, 256), ["fire3", "fire44"])


def test_shallow_layers_are_paced() -> None:
    plan = blueprint("squeezenet1_1")
    shares = [step_size_factor(plan, stop) for stop in ("conv1", "fire2:3", "fire5", "fire8", "class:daisy")]
    assert shares == sorted(shares)
    assert 0.05 < shares[0] < 0.2
    assert shares[-2:] == [1.0, 1.0]
    assert step_size_factor(blueprint("swin_t"), "features.4") == 1.0  # it attends to all of the frame
