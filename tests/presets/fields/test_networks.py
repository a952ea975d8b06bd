"""`networks` in a preset: one or several, each once, and not beside what it replaces."""

from __future__ import annotations

import pytest

from zoomdream.errors import PresetError
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset


def preset(more: str) -> Preset:
    return load_preset_text(f"zoomdream: 1\nsource: noise\ndream: {{layers: {{fire5: 1}}}}\n{more}")


def test_a_preset_names_one_network_or_several() -> None:
    assert preset("").networks == ("squeezenet1_1",)
    assert preset("network: googlenet").networks == ("googlenet",)
    several = preset("networks: [squeezenet1_1, googlenet]")
    assert several.networks == ("squeezenet1_1", "googlenet")
    assert several.network == "squeezenet1_1"
    assert (several.networks_key, preset("").networks_key) == ("networks", "network")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("networks: [a, b]\nnetwork: a", "network: it excludes networks: leave one of them out"),
        ("networks: [a, b]\nweights: a.pth", "weights: they are of one network, and networks names several"),
        ("networks: [a, b, a]", "networks: a is there twice: name each network once"),
        ("networks: []", "networks is empty: it must have at least one entry"),
        ("networks: [a, b, c, d, e]", "networks: these are 5 networks: name at most 4"),
        ("networks: googlenet", "networks is 'googlenet': it must be a list"),
    ],
)
def test_what_names_networks_in_no_way_or_in_two(more: str, message: str) -> None:
    with pytest.raises(PresetError, match=message):
        preset(more)
