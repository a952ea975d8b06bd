"""A film's objectives: each choice that its frames mix, as they come first."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.films import ZoomPreset, equal_frames, prepared, video_film
from zoomdream.errors import SettingError
from zoomdream.films.film import Film
from zoomdream.films.film_objectives import FilmObjectives
from zoomdream.films.frame_loops import frames
from zoomdream.networks import Network, load_network
from zoomdream.objectives import Objective
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import Crossfade

WEIGHTS = st.sampled_from([0.0, 1.0, -1.0, 0.5])
SAME = ("fire5", "features.7", "fire3")
KEYFRAMES = st.dictionaries(
    st.integers(0, 40),
    st.tuples(
        st.dictionaries(st.sampled_from(SAME), WEIGHTS, min_size=1), st.sampled_from(["linear", "hold", "in-out-back"])
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("squeezenet1_1", device="cpu")


def distinct_by_rows(objectives: FilmObjectives, timeline: Timeline) -> list[Objective]:
    """The slow twin: a loop over every row."""
    found: dict[object, Objective] = {}
    for row in timeline:
        objective = objectives.of_frame(row)
        if objective.terms:
            found.setdefault(tuple((term.spec, weight > 0) for term, weight in objective.terms), objective)
    if not found:
        raise SettingError("every objective's weight is 0 throughout, so nothing would change: raise one of them")
    return list(found.values())


@given(KEYFRAMES)
def test_distinct_objectives_are_those_of_a_loop_over_the_rows(
    network: Network, keyframes: dict[int, tuple[dict[str, float], str]]
) -> None:
    mix = Crossfade.of(*((Time.parse(f"{at}f"), weights, ease) for at, (weights, ease) in keyframes.items()))
    timeline = Timeline(Clock(Fraction(24), 41), mix)
    objectives = FilmObjectives.resolve(network, timeline)
    assert outcome(objectives.distinct, timeline) == outcome(partial(distinct_by_rows, objectives), timeline)


def outcome(distinct: Callable[[Timeline], list[Objective]], timeline: Timeline) -> object:
    """The terms with their weights, or the error's words."""
    try:
        return [objective.terms for objective in distinct(timeline)]
    except SettingError as error:
        return str(error)


def test_each_choice_has_one_run(network: Network) -> None:
    turns = Crossfade.of(*((Time.parse(f"{at}f"), {key: 1}, "hold") for at, key in enumerate(["fire3", "fire5"] * 3)))
    timeline = Timeline(Clock(Fraction(24), 6), turns)
    assert [run.start for run in FilmObjectives.resolve(network, timeline).runs(timeline)] == [0, 1]


BOTH = "[squeezenet1_1, efficientnet_lite0]"


def test_a_film_of_two_networks_that_reads_one_is_that_networks_film(preset: ZoomPreset) -> None:
    canvas = "{size: 96x64, fps: 10, duration: 2f}"
    alone = list(frames(prepared(preset(canvas=canvas))))
    assert all(equal_frames(list(frames(prepared(preset(canvas=canvas, networks=BOTH)))), alone))


def test_layers_of_two_networks_are_crossfaded(preset: ZoomPreset) -> None:
    def film(mix: str, networks: str = BOTH) -> Film:
        dream = f"{{layers: {mix}, octaves: 2, steps: 1, schedule: amortized}}"
        return prepared(preset(networks=networks, dream=dream, canvas="{size: 96x64, fps: 10, duration: 3f}"))

    both = film("{0f: {fire4: 1}, 2f: {efficientnet_lite0/block3_1: 1}}")
    weights = [[(str(term.spec), weight) for term, weight in both.objective(row).terms] for row in both.timeline]
    assert weights == [
        [("l2:fire4", 1)],
        [("l2:fire4", 0.5), ("l2:efficientnet_lite0/block3_1", 0.5)],
        [("l2:efficientnet_lite0/block3_1", 1)],
    ]
    crossfaded = list(frames(both))
    assert equal_frames(crossfaded, list(frames(film("{fire4: 1}")))) == [True, False, False]
    other_order = film("{0f: {squeezenet1_1/fire4: 1}, 2f: {block3_1: 1}}", "[efficientnet_lite0, squeezenet1_1]")
    assert all(equal_frames(list(frames(other_order)), crossfaded))


def test_a_video_film_takes_two_networks(clip: Path) -> None:
    dream = "{layers: {fire4: 0.5, efficientnet_lite0/block2_1: 0.5}, octaves: 1, steps: 1}"
    film = video_film(clip, networks=BOTH, dream=dream, canvas='{duration: "3f"}')
    assert len(list(frames(film))) == 3
    assert film.network.name == "squeezenet1_1+efficientnet_lite0"
    assert film.provenance.split(": ", 1)[1].startswith("squeezenet1_1+efficientnet_lite0 fire4, efficientnet_lite0/")
