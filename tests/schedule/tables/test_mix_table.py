"""A film's mixes as runs of frames."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.support.row_loops import sign_starts
from tests.support.schedules import CLOCK
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.easing import EASES
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import Crossfade, Sweep

WEIGHTS = st.sampled_from([0.0, 1.0, -1.0, 0.5])
MIXES = st.dictionaries(st.sampled_from(["a", "b", "c"]), WEIGHTS, min_size=1)
KEYFRAMES = st.dictionaries(st.integers(0, 80), st.tuples(MIXES, st.sampled_from(list(EASES))), min_size=1, max_size=5)


@given(KEYFRAMES)
def test_a_run_begins_where_a_loop_over_the_rows_finds_another_choice(
    keyframes: dict[int, tuple[dict[str, float], str]],
) -> None:
    mix = Crossfade.of(*((Time.parse(f"{at}f"), weights, ease) for at, (weights, ease) in keyframes.items()))
    timeline = Timeline(Clock(Fraction(24), 60), mix)
    runs = timeline.mix_runs()
    assert [run.start for run in runs] == sign_starts(timeline)
    assert [run.stop for run in runs] == [*(run.start for run in runs[1:]), 60]
    assert [run.stop for run in timeline.mix_runs(30)][-1] == 30


def test_runs_of_one_choice_are_known_by_their_signs() -> None:
    sweep = Sweep(("a", "b", "a"), Time.parse("5f"), Time.parse("3f"))
    runs = Timeline(CLOCK, sweep).mix_runs()
    assert [(run.start, run.stop) for run in runs] == [(0, 6), (6, 8), (8, 14), (14, 16), (16, 21)]
    assert [run.signs for run in runs].index(runs[4].signs) == 0
    assert runs[1].signs == runs[3].signs != runs[2].signs


def test_a_run_ends_where_the_weights_of_one_objective_cancel_or_change_their_sign() -> None:
    mix = Crossfade.of((Time.parse(0), {"a": 2, "b": -1}, "linear"), (Time.parse("20f"), {"a": 1, "b": -2}, "linear"))
    timeline = Timeline(CLOCK, mix)
    assert [(run.start, run.stop) for run in timeline.mix_runs()] == [(0, 21)]
    assert [run.start for run in timeline.mix_runs(groups=[["a", "b"]])] == [0, 10, 11]


def test_a_film_of_days_with_long_eases_is_read_in_pieces() -> None:
    mix = Crossfade.of((Time.parse(0), {"a": 1}, "in-out-back"), (Time.parse("end"), {"b": 1}, "linear"))
    runs = Timeline(Clock(Fraction(60), 600_000), mix).mix_runs()
    assert (runs[0].start, runs[-1].stop) == (0, 600_000)
    assert len(runs) == 5  # a alone at the first frame, b below 0, both, a below 0, b alone at the last
