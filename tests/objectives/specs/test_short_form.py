"""Short forms: reading what is written gives the same objective, and mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoomdream.errors import SettingError
from zoomdream.networks import class_names
from zoomdream.objectives import (
    ChannelSpec,
    ClassSpec,
    DirectionSpec,
    GuideSpec,
    LayerSpec,
    NeuronSpec,
    Spec,
    parse,
    parse_channels,
)
from zoomdream.objectives.specs.spec import format_channels

KINDS = ("l2", "mean", "class", "guide", "cosine", "direction")

layers = st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,11}", fullmatch=True).filter(lambda name: name not in KINDS)
channels = st.integers(0, 99_999)
several_channels = st.lists(channels | st.integers(0, 20), min_size=1, max_size=12, unique=True).map(tuple)
# Six digits, as many as a short form has.
places = st.integers(0, 10**6).map(lambda number: number / 10**6)
factors = st.floats(-1e9, 1e9, allow_subnormal=False).map(lambda number: float(f"{number:g}"))
file_stems = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,8}", fullmatch=True)
pictures = file_stems.map(lambda stem: Path(f"{stem}.jpg"))
masks = st.none() | file_stems.map(lambda stem: Path(f"{stem}.png"))
vectors = st.lists(st.tuples(channels, factors), min_size=1, max_size=5).map(tuple) | file_stems.map(
    lambda stem: Path(f"{stem}.npy")
)

specs: st.SearchStrategy[Spec] = st.one_of(
    st.builds(LayerSpec, layers, st.sampled_from(["l2", "mean", None]), mask=masks),
    st.builds(ChannelSpec, layers, several_channels, mask=masks),
    st.builds(NeuronSpec, layers, channels, places, places, mask=masks),
    st.builds(ClassSpec, channels | st.sampled_from(class_names()), mask=masks),
    st.builds(GuideSpec, layers, pictures, st.sampled_from(["dot", "cosine"]), mask=masks),
    st.builds(DirectionSpec, layers, vectors, mask=masks),
)


@given(specs)
def test_reading_a_specs_text_gives_the_spec(spec: Spec) -> None:
    assert parse(str(spec)) == spec


@pytest.mark.parametrize(
    "text",
    [
        "mean:features.11",
        "fire8:0:8+31",
        "fire8:17@center",
        "fire8:17@0.3/0.7",
        "class:Egyptian cat",
        "cosine:fire6:flowers.jpg in mask.png",
        "direction:fire8:17+31*-0.5",
    ],
)
def test_a_spec_is_written_as_it_was_read(text: str) -> None:
    assert str(parse(text)) == text


@given(several_channels)
def test_reading_channels_gives_the_channels(indices: tuple[int, ...]) -> None:
    assert parse_channels(format_channels(indices)) == indices


@given(st.text(max_size=20) | st.from_regex(r"[a-z0-9:@+*/. -]{0,20}", fullmatch=True))
def test_any_text_is_an_objective_or_refused(text: str) -> None:
    try:
        spec = parse(text)
    except SettingError:
        return
    assert isinstance(spec, Spec)


@pytest.mark.parametrize(
    ("text", "indices"),
    [("17", (17,)), ("0:3", (0, 1, 2)), ("3+17", (3, 17)), ("17, 3", (17, 3)), ("2:5+3+9", (2, 3, 4, 9))],
)
def test_channels_by_hand(text: str, indices: tuple[int, ...]) -> None:
    assert parse_channels(text) == indices


@pytest.mark.parametrize("text", ["", "a", "-1", "3:3", "5:2", "1:2:3", "1234567", "3++4"])
def test_what_is_no_list_of_channels(text: str) -> None:
    with pytest.raises(SettingError, match="is no list of channels: write 17, or 0:8"):
        parse_channels(text)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        (" fire8 ", LayerSpec("fire8")),
        ("class:967", ClassSpec(967)),
        ("class: tiger cat", ClassSpec("tiger cat")),
        ("fire8:3 in mask in the box.png", ChannelSpec("fire8", (3,), mask=Path("mask in the box.png"))),
        ("guide:fire6:girl in red.jpg in m.png", GuideSpec("fire6", Path("girl in red.jpg"), mask=Path("m.png"))),
        ("direction:fire8:17+31*-0.5", DirectionSpec("fire8", ((17, 1.0), (31, -0.5)))),
    ],
)
def test_short_forms_by_hand(text: str, spec: Spec) -> None:
    assert parse(text) == spec


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no objective: write a layer such as fire8, or one of"),
        ("fire8:", "is no objective"),
        ("guid:fire6:a.jpg", "'guid' is none of its kinds, l2, mean, class, guide, cosine, direction"),
        ("fire8@center", "names no channel: a neuron is a channel at a place, as in fire8:17@center"),
        ("fire8:3+4@center", "names 2 channels: a neuron belongs to one"),
        ("fire8:3@left", "has no place after @: write @center, or x/y"),
        ("fire8:3@0.2/x", "'x' is no number"),
        ("fire8:3@2/0", "a neuron's x is 2: it must be from 0 to 1"),
        ("fire8:3-5", "'3-5' is no channel: write 17, or 0:8"),
        ("mean:fire8:3", "mean is of a whole layer; for channels write fire8:3 alone"),
        ("guide:fire6", "names no picture or no layer: write guide:fire6:flowers.jpg"),
        ("direction:fire8", "names no vector"),
        ("direction:fire8:a*2", "'a\\*2' is no channel and factor"),
        ("direction:fire8:3*inf", "'inf' is no number"),
        ("fire8 in", "names no mask after in: write fire8 in mask.png"),
    ],
)
def test_mistakes_are_named(text: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("fire8:0:60000+0:60000", "more than 65536 channels"),
        ("class:" + "9" * 5000, "is no class"),
        (":17", "no layer before its channel"),
        (":0@/", "no layer before its channel"),
    ],
)
def test_numbers_and_names_that_no_network_has_are_refused(text: str, reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        parse(text)
