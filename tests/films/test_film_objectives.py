"""A film's objectives: each choice that its frames mix, as they come first."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoomdream.errors import SettingError
from zoomdream.films.film_objectives import FilmObjectives
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
