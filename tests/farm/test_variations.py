"""Values that vary, and the names of the films that they give."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoomdream.errors import UsageError
from zoomdream.farm.variations import (
    Axis,
    Variation,
    default_template,
    output_name,
    parse_axis,
    refuse_collisions,
    variations,
)
from zoomdream.presets.loading import load_preset


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("seed=1..4", "seed", ["1", "2", "3", "4"]),
        ("seed=7..7", "seed", ["7"]),
        ("seed=1..3,8,10..11", "seed", ["1", "2", "3", "8", "10", "11"]),
        ("camera.zoom=1.1..1.5..0.2", "camera.zoom", ["1.1", "1.3", "1.5"]),
        ("camera.rotate=-2..2..2", "camera.rotate", ["-2", "0", "2"]),
        ("dream.steps=1..6..2", "dream.steps", ["1", "3", "5"]),
        ("dream.layers=fire5, fire8", "dream.layers", ["fire5", "fire8"]),
        ("dream.layers={fire5: 1, fire8: 2},fire3", "dream.layers", ["{fire5: 1, fire8: 2}", "fire3"]),
        ("source='a,b.jpg',c.jpg", "source", ["'a,b.jpg'", "c.jpg"]),
        ("source=../a.jpg", "source", ["../a.jpg"]),
        ("seed=9007199254740992..9007199254740993", "seed", ["9007199254740992", "9007199254740993"]),
    ],
)
def test_values(text: str, key: str, values: list[str]) -> None:
    assert parse_axis(text) == Axis(key, tuple(values))


@given(st.integers(0, 50), st.integers(1, 30), st.sampled_from(["0.1", "0.01", "0.5", "3", "1"]))
def test_a_range_has_equal_steps_and_its_ends(first: int, count: int, step: str) -> None:
    last = first + (count - 1) * float(step)
    values = [float(value) for value in parse_axis(f"x={first}..{last:.6f}..{step}").values]
    assert values[0] == first
    assert len(values) == count
    assert values[-1] == pytest.approx(last)
    assert all(b - a == pytest.approx(float(step)) for a, b in pairwise(values))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed", "'seed' varies nothing: write KEY=VALUES"),
        ("=1..3", "varies nothing"),
        ("dream..steps=1", "varies nothing"),
        ("seed=", "names no value between two commas: write seed=A,B"),
        ("seed=1,,2", "names no value"),
        ("seed=5..1", "5..1 runs backwards: write 1..5"),
        ("seed=1..5..0", "the step of 1..5..0 must be a number above 0"),
        ("seed=1..5..x", "the step of 1..5..x must be a number above 0"),
        ("seed=0..999999999", "0..999999999 has 1000000000 values: 100000 are the most"),
        ("seed=1,2,1", "has 1 twice: the two films would be the same"),
    ],
)
def test_values_that_make_no_sense(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_axis(text)
    assert words in str(caught.value)


AXES = [parse_axis("seed=1..2"), parse_axis("dream.layers=fire5,fire8")]


def test_every_value_goes_with_every_other() -> None:
    assert [tuple(each.values.values()) for each in variations(AXES)] == [
        *(("1", "fire5"), ("1", "fire8")),
        *(("2", "fire5"), ("2", "fire8")),
    ]


def test_values_go_together() -> None:
    assert [tuple(each.values.values()) for each in variations(AXES, is_zipped=True)] == [
        ("1", "fire5"),
        ("2", "fire8"),
    ]


@pytest.mark.parametrize("is_zipped", [False, True])
def test_without_a_key_that_varies_there_is_one_variation(is_zipped: bool) -> None:
    assert variations([], is_zipped=is_zipped) == [Variation({})]


@pytest.mark.parametrize(
    ("texts", "is_zipped", "words"),
    [
        (["seed=1..2", "dream.steps=1..3"], True, "must be as many: seed has 2, dream.steps has 3"),
        (["seed=1", "seed=2"], False, "seed varies twice: give all of its values at once"),
        (["seed=1..1000", "dream.steps=1..1000"], False, "1000000 variations are more than 100000"),
    ],
)
def test_keys_that_do_not_go_together(texts: list[str], is_zipped: bool, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        variations([parse_axis(text) for text in texts], is_zipped=is_zipped)


@pytest.mark.parametrize(
    ("text", "layers"),
    [("fire5", "fire5"), ("'fire5:17'", "fire5:17"), ("{fire8: 1}", "fire8"), ("class:castle", "class:castle")],
)
def test_an_objective_alone_is_a_mix_of_nothing_else(text: str, layers: str) -> None:
    (variation,) = variations([parse_axis(f"dream.layers={text}")])
    preset = load_preset("quickstart", variation.changes)
    assert list(map(str, preset.timeline(preset.canvas.clock()).objectives)) == [layers]


def name(template: str, values: dict[str, str], preset: str = "films/street.yaml", index: int = 7) -> str:
    return output_name(template, preset, index, Variation(values), width=3)


@pytest.mark.parametrize(
    ("template", "output"),
    [
        ("out/{preset}-{seed}.mp4", "out/street-3.mp4"),
        ("{index}-{dream.layers}.mp4", "007-fire5.mp4"),
        ("{layers}{{x}}.mp4", "fire5{x}.mp4"),
        ("frames-{seed}/%06d.png", "frames-3/%06d.png"),
    ],
)
def test_names(template: str, output: str) -> None:
    assert name(template, {"seed": "3", "dream.layers": "fire5"}) == output


def test_a_value_is_no_folder() -> None:
    assert name("{source}.mp4", {"source": "../clips/a b.mov"}) == ".._clips_a b.mov.mp4"
    assert len(name("{layers}", {"dream.layers": "x" * 500})) < 100


def test_two_keys_with_the_same_last_part_are_told_apart_by_their_full_names() -> None:
    values = {"dream.steps": "3", "carry.steps": "1"}
    assert name("{dream.steps}-{carry.steps}.mp4", values) == "3-1.mp4"
    with pytest.raises(UsageError, match="stands for nothing: there are"):
        name("{steps}.mp4", values)


@pytest.mark.parametrize("template", ["{sed}.mp4", "{}.mp4", "{seed.mp4", "seed}.mp4", "{seed:03}.mp4", "{seed!r}.mp4"])
def test_words_that_stand_for_nothing(template: str) -> None:
    with pytest.raises(UsageError) as caught:
        name(template, {"seed": "3"})
    assert repr(template) in str(caught.value)


def test_the_default_name_has_all_that_varies() -> None:
    assert default_template([], ["a.yaml"]) == "{preset}.mp4"
    assert default_template(AXES, ["a.yaml", "b.yaml"]) == "{preset}-{seed}-{layers}.mp4"
    assert default_template([], ["x/a.yaml", "y/a.yaml"]) == "{preset}-{index}.mp4"
    both = [parse_axis("dream.steps=1,2"), parse_axis("carry.steps=1,2")]
    assert default_template(both, ["a.yaml"]) == "{preset}-{dream.steps}-{carry.steps}.mp4"


@pytest.mark.parametrize("names", [["a.mp4", "b.mp4", "a.mp4"], ["a.mp4", "b.mp4", "./A.mp4"]])
def test_names_that_collide(names: list[str]) -> None:
    with pytest.raises(UsageError, match="films 1 and 3 of 3 would both be"):
        refuse_collisions(names, "a.mp4")
    refuse_collisions(names[:2], "{x}.mp4")
