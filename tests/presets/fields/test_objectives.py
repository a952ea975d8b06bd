"""What is dreamed may be written as short forms, mappings, mixes over time, or a sweep."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.presets import CLOCK, load, named, with_layers
from zoomdream.objectives import ChannelSpec, ClassSpec, DirectionSpec, GuideSpec, LayerSpec, NeuronSpec
from zoomdream.presets.loading import load_preset_text


@pytest.mark.parametrize(
    ("layers", "middle"),
    [
        ("{fire5: 1, fire8: -0.5}", {"fire5": 1, "fire8": -0.5}),
        ("{fire8:17: 1, class:espresso: 2}", {"fire8:17": 1, "class:espresso": 2}),
        ("{0s: {fire5: 1}, 2s: {fire8: 1}}", {"fire5": 0.5, "fire8": 0.5}),
        ("[{at: 0s, mix: {fire5: 1}, ease: in-quad}, {at: 2s, mix: {fire8: 1}}]", {"fire5": 0.75, "fire8": 0.25}),
        ("{sweep: [conv1, fire2], hold: 9f, fade: 2f}", {"conv1": 0.5, "fire2": 0.5}),
        ("{sweep: [conv1, fire2], hold: 10f}", {"fire2": 1}),
    ],
)
def test_layers_may_be_a_mix_keyframes_or_a_sweep(layers: str, middle: dict[str, float]) -> None:
    assert named(load(head=with_layers(layers)).timeline(CLOCK)[10].mix) == middle


@pytest.mark.parametrize(
    ("entry", "spec"),
    [
        ("layer: fire8", LayerSpec("fire8")),
        ("layer: fire8, score: mean, relu: after", LayerSpec("fire8", "mean", "after")),
        ("layer: fire8, channel: 17", ChannelSpec("fire8", (17,))),
        ("layer: fire8, channels: [3, 17], relu: after", ChannelSpec("fire8", (3, 17), "after")),
        ("layer: fire8, channels: 4", ChannelSpec("fire8", (4,))),
        ("layer: fire8, channels: 0:3", ChannelSpec("fire8", (0, 1, 2))),
        ("layer: fire8, channel: 17, x: 0.5, y: 0.5", NeuronSpec("fire8", 17)),
        ("layer: fire8, channel: 17, x: 0.25, y: 1", NeuronSpec("fire8", 17, 0.25, 1.0)),
        ("class: espresso", ClassSpec("espresso")),
        ("class: 967, mask: half.png", ClassSpec(967, mask=Path("/films/half.png"))),
        ("guide: flowers.jpg, layer: fire6", GuideSpec("fire6", Path("/films/flowers.jpg"))),
        ("guide: /a/b.jpg, layer: fire6, match: cosine", GuideSpec("fire6", Path("/a/b.jpg"), "cosine")),
        ("direction: {17: 1, 31: -0.5}, layer: fire8", DirectionSpec("fire8", ((17, 1.0), (31, -0.5)))),
        ("direction: v.npy, layer: fire8, match: cosine", DirectionSpec("fire8", Path("/films/v.npy"), "cosine")),
    ],
)
def test_an_objective_as_a_mapping(entry: str, spec: object) -> None:
    text = with_layers(f"[{{layer: conv1}}, {{{entry}, weight: -0.5}}]")
    mix = dict(load_preset_text(text, base=Path("/films")).timeline(CLOCK)[0].mix)
    assert mix == {LayerSpec("conv1"): 1.0, spec: -0.5}


def test_a_list_takes_short_forms_too() -> None:
    mix = load(head=with_layers("[fire4, {class: castle, weight: 0.5}]")).timeline(CLOCK)[0].mix
    assert named(mix) == {"fire4": 1.0, "class:castle": 0.5}


def test_mappings_stand_wherever_a_mix_does() -> None:
    forms = ("{0s: {conv1: 1}, 2s: [{class: 3}]}", "[{at: 0s, mix: {conv1: 1}}, {at: 2s, mix: [{class: 3}]}]")
    for form in forms:
        timeline = load(head=with_layers(form)).timeline(CLOCK)
        assert named(timeline[10].mix) == {"conv1": 0.5, "class:3": 0.5}


def test_short_forms_find_their_files_from_the_presets_folder() -> None:
    text = with_layers('{"guide:fire6:a.jpg in b.png": 1}')
    ((key, _),) = load_preset_text(text, base=Path("/films")).timeline(CLOCK)[0].mix
    assert key == GuideSpec("fire6", Path("/films/a.jpg"), mask=Path("/films/b.png"))
