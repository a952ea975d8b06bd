"""Deforum's keyframe strings have the values that Deforum gives them."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.schedule.deforum_corpus import CORPUS
from tests.support.deforum_reference import deforum_values
from tests.support.plain_sound import PlainSound
from zoomdream.errors import SettingError
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.deforum_strings import DeforumTrack, is_deforum
from zoomdream.schedule.expressions.syntax import ExpressionError
from zoomdream.schedule.expressions.variables import Variables

CLOCK = Clock(Fraction(10), 21)


def values(text: str, frames: int, seed: int = 0) -> np.ndarray:
    clock = Clock(Fraction(30), frames)
    return DeforumTrack.parse(text).curve(clock, Variables(clock, seed)).values(0, frames)[:, 0]


def test_the_corpus_is_large() -> None:
    assert len({text for _, text in CORPUS}) >= 40
    assert len({source for source, _ in CORPUS}) >= 12


@pytest.mark.parametrize(("source", "text"), CORPUS)
def test_real_strings_have_the_values_that_deforum_gives_them(source: str, text: str) -> None:
    assert is_deforum(text)
    for frames, seed in ((181, 42), (120, 0)):
        assert np.abs(values(text, frames, seed) - deforum_values(text, frames, seed)).max() < 1e-9, source


NUMBERS = ["1", "-2.5", ".5", "+3", "0", "1e-3", "5.", " 2 "]
EXPRESSIONS = [
    *("t", "t/3", "s+t", "max_f-t", "t%7", "t**2", "-t%5", "(t&3)", "~t", "2**-1.0", "(-t)**0.5", "(5-t)**1.5"),
    *("sin(t)", "cos(2*3.14*t/10)**3", "abs(sin(t/5))", "sqrt(t)", "exp(-t/9)", "log(t+1)", "expm1(t/50)", "log1p(t)"),
    *("tanh(t-5)", "arctan(t)", "arcsin(t/99)", "floor(t/3)", "ceil(t/3)", "round(t/2)", "trunc(-t/3)", "sign(5-t)"),
    *("(t>5)*2.5", "((t>3)&(t<9))*1.0", "((t<3)|(t>9))*t", "~(t>5)*1.0", "log10(t+1)", "cosh(t/9)", "sinh(t/9)"),
]


@given(st.integers(0, 2**32))
@settings(max_examples=60)
def test_strings_by_chance_have_the_values_that_deforum_gives_them(seed: int) -> None:
    rng = Random(seed)
    frames = rng.choice([2, 9, 30, 45])
    keys = [str(rng.randrange(50)) for _ in range(rng.randrange(5))]
    keys = rng.sample([*keys, "0", '"max_f-2"', "max_f/2", "(max_f+1)"], k=len(keys) + 1)
    entries = [f"{key}:({rng.choice(rng.choice([NUMBERS, EXPRESSIONS]))})" for key in keys]
    text = rng.choice([",", ", "]).join(entries)
    try:
        expected = deforum_values(text, frames, 7)
    except (KeyError, TypeError):  # no number at any frame: pandas finds no first one
        with pytest.raises(SettingError):
            values(text, frames, 7)
        return
    assert np.abs(values(text, frames, 7) - expected).max() < 1e-9, text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0:(where(t<2, 1, 5)), 3:(maximum(t,4))", [1, 1, 5, 4, 4, 5]),
        ("0:(arctan2(0, 1)), 2:(fmod(-t, 4)),", [0, 0, -2, -3, 0, -1]),
        ("0:(hypot(3, 4)), 3:(copysign(2, -1))", [5, 5, 5, -2, -2, -2]),
        ("2:(7)", [7] * 6),
        ("2:(t)", [2, 2, 2, 3, 4, 5]),
        ("4:(4), 0:(0), 9:(100), 2:(0), 2:(8), -3:(50)", [0, 4, 8, 6, 4, 4]),
        ("0:(t), 3:(10)", [0, 1, 2, 10, 10, 10]),
        ("0: 1.5", [1.5] * 6),
        ("0:( 1 ), 4:(5)", [1, 1, 1, 1, 5, 5]),
    ],
)
def test_rules_worked_out_by_hand(text: str, expected: list[float]) -> None:
    assert values(text, 6).tolist() == expected


def test_the_names_of_sounds_are_known_and_a_beat_is_a_pulse() -> None:
    track = DeforumTrack.parse("0:(1.0 + 0.5*low + 3.0*beat)")
    sampled = track.curve(CLOCK, Variables(CLOCK, sound=PlainSound())).values(0, 21)[:, 0]
    times = np.arange(21) / 10
    assert sampled == pytest.approx(1 + 0.5 * (times % 1.1) / 1.1 + 3 * (times % 1.6) / 1.6)


def test_keyframes_after_the_end_are_known() -> None:
    assert DeforumTrack.parse('0:(1), 21:(2), "max_f+5":(3), 20:(4)').after_end(CLOCK) == ["21", '"max_f+5"']


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("0:(1), 60(2)", 8, "a keyframe is frame:(value), such as 0:(1.02), and here is '60(2)'"),
        ("0:(1, 60:(2)", 3, "this parenthesis is never closed"),
        ("0:(1)), 60:(2)", 6, "a parenthesis is closed here that was never opened"),
        ("0:(1), 60:(2*tt)", 14, "there is no name 'tt' in a Deforum string; did you mean t"),
        ("0:(2*pi)", 6, "there is no name 'pi' in a Deforum string; known: t, s, max_f"),
        ("0:(min(t,3))", 4, "there is no function 'min' in a Deforum string; did you mean"),
        ("0:()", 3, "here are no values"),
        ("0:", 3, "the expression is empty"),
        ("1.5:(2)", 1, "frames are whole, and here is 1.5"),
        ("t+1:(2)", 1, "a keyframe's frame may name max_f and s alone"),
        (",", 1, "a keyframe is frame:(value)"),
        ("  ", 1, "there is no keyframe"),
    ],
)
def test_a_mistake_is_named_with_its_column_in_the_whole_string(text: str, column: int, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        DeforumTrack.parse(text)
    assert (caught.value.column, caught.value.reason[: len(reason)]) == (column, reason)
    assert caught.value.text == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0:(1), 5:(1/(t-7))", r"column 11: 1/\(t-7\) divides by zero at frame 7"),
        ("0:((0-1)**0.5)", r"column 4: \(0-1\)\*\*0.5, of -1, 0.5, is not a number"),
        ("30:(1)", "no keyframe of this Deforum string lies in a film of 21 frames"),
    ],
)
def test_a_string_without_a_value_on_a_film_is_refused(text: str, reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        DeforumTrack.parse(text).curve(CLOCK).values(0, 21)


def test_a_string_of_ten_thousand_keyframes_is_read() -> None:
    text = ", ".join(f"{frame}:({frame % 7})" for frame in range(10_000))
    assert values(text, 10_000).tolist() == [frame % 7 for frame in range(10_000)]
