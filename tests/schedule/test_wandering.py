"""Walks through channels and classes: what comes when, and that it is the same however the film is made."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from tests.support.presets import load, named, with_layers
from zoomdream.errors import SettingError, UnknownNameError
from zoomdream.networks import class_names
from zoomdream.networks.features.channel_likeness import channel_vectors
from zoomdream.networks.features.class_families import classes_of
from zoomdream.objectives.specs.spec import ChannelSpec, ClassSpec, Spec
from zoomdream.presets.preset import Preset
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.tracks import Crossfade
from zoomdream.schedule.wandering import MOST_STOPS, Wander, walk

THREE, ONE, ZERO = Time.parse("3s"), Time.parse("1s"), Time.parse(0)
NETWORK = "squeezenet1_1"
FAMILIES = ("birds", "flowers", "buildings", "vehicles")


def wander(**settings: object) -> Wander:
    return Wander(**{"hold": THREE, "fade": ONE, "classes": FAMILIES, **settings})  # type: ignore[arg-type]


def clock(seconds: int, fps: int = 10) -> Clock:
    return Clock(Fraction(fps), seconds * fps)


def mixes(walked: Wander, on: Clock) -> list[dict[str, float]]:
    crossfade = walked.on(on, 7, NETWORK)
    rows = crossfade.curve(on).values(0, on.frames)
    names = [str(key) for key in crossfade.keys]
    return [{name: weight for name, weight in zip(names, row, strict=True) if weight} for row in rows.round(9).tolist()]


def index(spec: Spec) -> int:
    assert isinstance(spec, ClassSpec)
    assert isinstance(spec.name, str)
    return class_names().index(spec.name)


def test_each_stays_for_hold_and_fades_into_the_next() -> None:
    rows, stops = mixes(wander(), clock(20)), wander().stops(5, 7, NETWORK)
    for number, stop in enumerate(stops):
        assert rows[40 * number] == rows[40 * number + 30] == {str(stop): 1}
    assert rows[35] == {str(stops[0]): 0.5, str(stops[1]): 0.5}


def test_families_take_turns() -> None:
    stops = wander().stops(40, 7, NETWORK)
    for number, stop in enumerate(stops):
        assert index(stop) in classes_of(FAMILIES[number % 4])


@pytest.mark.parametrize("distance", ["near", "far"])
def test_none_comes_again_before_the_others_have_been(distance: str) -> None:
    stops = wander(classes=("whales", "*terrier*"), distance=distance).stops(64, 7, NETWORK)
    whales, terriers = stops[::2], stops[1::2]
    assert len(set(whales[:4])) == 4
    assert whales[4:8] == whales[:4]
    assert len(set(terriers)) == min(32, len(classes_of("*terrier*")))


def test_it_is_the_same_at_any_rate_and_length() -> None:
    long = mixes(wander(), clock(60))
    assert mixes(wander(), clock(13)) == long[:130]
    assert mixes(wander(), clock(13, fps=30))[::3] == long[:130]


def test_a_seed_is_a_walk() -> None:
    walks = [wander().stops(8, seed, NETWORK) for seed in range(4)]
    assert all(a != b for a, b in pairwise(walks))
    assert wander(seed=2).stops(8, 9, NETWORK) == walks[2]


def test_a_film_that_begins_within_a_video_walks_from_its_beginning() -> None:
    late = Clock(Fraction(10), 200, origin=Fraction(5))
    assert mixes(wander(), late) == mixes(wander(), clock(20))


def test_a_film_of_one_frame_has_one() -> None:
    assert mixes(wander(), Clock(Fraction(10), 1)) == [{str(wander().stops(1, 7, NETWORK)[0]): 1}]


def test_cuts_and_films_that_never_hold() -> None:
    cut = mixes(wander(fade=ZERO), clock(9))
    assert [len(row) for row in cut] == [1] * 90
    assert cut[29] != cut[30]
    rows = mixes(wander(hold=ZERO, fade=THREE), clock(9))
    assert [list(row.values()) for row in rows[::30]] == [[1], [1], [1]]
    assert sorted(rows[15].values()) == [0.5, 0.5]


def test_a_long_film_goes_round() -> None:
    quick = wander(hold=Time.parse("1f"), fade=ZERO, classes=("birds",))
    rows = mixes(quick, Clock(Fraction(10), 2 * MOST_STOPS + 5))
    assert rows[:5] == rows[MOST_STOPS : MOST_STOPS + 5] == rows[2 * MOST_STOPS :]


def test_channels_go_from_like_to_like_or_to_something_else() -> None:
    vectors = channel_vectors(NETWORK, "fire8").astype(float) / 127
    likeness = vectors @ vectors.T

    def neighbours(distance: str) -> float:
        stops = wander(classes=(), channels=("fire8",), distance=distance).stops(30, 7, NETWORK)
        assert all(isinstance(stop, ChannelSpec) and stop.layer == "fire8" for stop in stops)
        channels = [stop.channels[0] for stop in stops if isinstance(stop, ChannelSpec)]
        return float(np.mean([likeness[a, b] for a, b in pairwise(channels)]))

    assert neighbours("near") > 0.4
    assert neighbours("far") < -0.05


def test_a_walk_takes_each_once() -> None:
    likeness = -np.abs(np.arange(40.0)[:, np.newaxis] - np.arange(40.0))
    order = walk(likeness, 40, "near", 3)
    assert sorted(order) == list(range(40))
    assert walk(likeness, 100, "near", 3)[40:80] == order
    assert walk(likeness, 7, "near", 3) == order[:7]


def test_a_mix_stays_beside_it() -> None:
    beside = Crossfade.steady({"fire6": 0.3, "class:pizza": 0.1})
    rows = mixes(wander(beside=beside, weight=2), clock(20))
    assert all(row["fire6"] == 0.3 and row["class:pizza"] == 0.1 for row in rows)
    assert {round(sum(row.values()) - 0.4, 9) for row in rows} == {2}


def test_what_is_beside_is_not_walked_through() -> None:
    beside = Crossfade.steady({ClassSpec("grey whale"): 1})
    stops = wander(classes=("whales",), beside=beside).stops(3, 7, NETWORK)
    assert {str(stop) for stop in stops} == {"class:killer whale", "class:dugong", "class:sea lion"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"classes": ()}, "a walk goes through channels or classes"),
        ({"channels": ("fire8",)}, "a walk goes through channels or classes"),
        ({"hold": ZERO, "fade": ZERO}, "hold and fade are both 0"),
        ({"classes": ("birdz",)}, "no family and no class 'birdz'; did you mean birds"),
        ({"classes": ("*zzz*",)}, "no class matches '\\*zzz\\*'"),
        ({"classes": (1000,)}, "there is no class 1000"),
    ],
)
def test_walks_that_make_no_sense(settings: dict[str, object], message: str) -> None:
    with pytest.raises((SettingError, UnknownNameError), match=message):
        wander(**settings)


def test_a_family_that_adds_nothing() -> None:
    with pytest.raises(SettingError, match="'robin' adds no class"):
        wander(classes=("birds", "robin")).stops(2, 0, NETWORK)


# -- in presets --------------------------------------------------------------------------------------------------------


def preset(layers: str, more: str = "") -> Preset:
    return load("\n" + more, with_layers(layers))


def test_a_preset_may_walk() -> None:
    written = "{wander: {classes: birds, with: {fire6: 0.5}}, hold: 5f, fade: 1f}"
    loaded = preset(written, "seed: 7")
    rows = loaded.timeline(clock(2))
    stops = wander(classes=("birds",), beside=Crossfade.steady({"fire6": 0.5})).stops(4, 7, NETWORK)
    assert named(rows[6].mix) == {str(stops[1]): 1, "fire6": 0.5}
    assert rows.digest(0, 20, {key: str(key) for key in rows.objectives}) != preset(written).timeline(clock(2)).digest(
        0, 20, {key: str(key) for key in preset(written).timeline(clock(2)).objectives}
    )
    assert "birds" in loaded.recipe()


def test_channels_walk_in_presets_without_the_networks_weights_being_read() -> None:
    rows = preset("{wander: {channels: [fire7, fire8], distance: far}, hold: 4f, fade: 1f}").timeline(clock(2))
    layers = [next(iter(named(rows[frame].mix))).partition(":")[0] for frame in (0, 5, 10, 15)]
    assert layers == ["fire7", "fire8", "fire7", "fire8"]


def test_a_walk_that_only_the_network_can_tell_is_taken_for_its_layers_until_then() -> None:
    text = "{wander: {channels: [inception4c, conv1], with: {conv1: 0.5}}, hold: 1s}"
    known = preset(text, "network: googlenet").timeline(clock(2), measure=False)
    assert named(known[0].mix) == {"inception4c": 1, "conv1": 0.5}
    alone = preset("{wander: {channels: inception4c, with: {inception4c: 0.5}}, hold: 1s}", "network: googlenet")
    assert named(alone.timeline(clock(2), measure=False)[0].mix) == {"inception4c": 0.5}


def test_a_network_that_is_none_is_told_at_its_line() -> None:
    with pytest.raises(UnknownNameError, match=r"^film.yaml:5: network: there is no network 'squeznet1_1'; did you"):
        preset("{wander: {channels: fire8}, hold: 1s}", "network: squeznet1_1").timeline(clock(2))


def test_rows_are_those_of_a_longer_film_so_that_parts_and_journals_fit() -> None:
    written = "{wander: {channels: fire8, distance: far, with: {fire6: 0.3}}, hold: 5f, fade: 2f}"
    short, long = (preset(written).timeline(clock(seconds)) for seconds in (2, 6))
    assert short.difference(long, 0, 20) is None
    names = [{key: str(key) for key in rows.objectives} for rows in (short, long)]
    assert short.digest(0, 20, names[0]) == long.digest(0, 20, names[1])
