"""YAML 1.2 into plain data with the line of every value; whatever else YAML can do is refused."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoomdream.errors import PresetError
from zoomdream.presets.documents.yaml_document import Change, Document


def data(text: str) -> object:
    return Document.parse(text, "film.yaml").data


def refusal(text: str) -> str:
    with pytest.raises(PresetError) as caught:
        Document.parse(text, "film.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("-.5", -0.5),
        ("1_000", 1000),
        ("0x10", 16),
        ("012", 12),
        ("1:30", "1:30"),
        ("1:02:03", "1:02:03"),
        ("24000/1001", "24000/1001"),
        ("50%", "50%"),
        ("yes", "yes"),
        ("True", True),
        ("~", None),
        ("2024-01-01", "2024-01-01"),
        ("-.inf", -math.inf),
        ("'6'", "6"),
        ("{0: 1, 6s: 2, 1:30: 3, fire8:17: 4}", {0: 1, "6s": 2, "1:30": 3, "fire8:17": 4}),
        ("[&a {x: 1}, *a]", [{"x": 1}, {"x": 1}]),
        ("%YAML 1.1\n---\n1:30", "1:30"),
        ("9" * 5000, "9" * 5000),
        ("", None),
    ],
)
def test_values_are_those_of_yaml_1_2(text: str, value: object) -> None:
    result = data(text)
    assert result == value
    assert type(result) is type(value)


def test_nan_is_read_so_that_validation_can_name_it() -> None:
    assert math.isnan(data(".nan"))  # type: ignore[arg-type]


TEXT = """\
# a comment
one: 1

two:
  inner:
    - {at: 0s,
       value: 3}
    - at: 1s
      value: 4
  shared: &base {x: 1}
three: *base
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("one", 2),
        ("two", 4),
        ("two.inner", 5),
        ("two.inner.0", 6),
        ("two.inner.0.value", 7),
        ("two.inner.1", 8),
        ("two.inner.1.value", 9),
        ("three", 11),
        ("three.x", 10),  # where it is written, not where it is used: that is the line to mend
        ("two.missing.deeper", 4),
        ("missing", 0),
    ],
)
def test_every_value_knows_its_line(path: str, line: int) -> None:
    mark = Document.parse(TEXT, "film.yaml").where(tuple(path.split(".")))
    assert mark.line == line
    assert mark.label == (f"film.yaml:{line}" if line else "film.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3", "film.yaml:5: b.c is given twice, first at film.yaml:3: keep one"),
        ("{0: 1, '0': 2}", "film.yaml:1: 0 is given twice, first at film.yaml:1: keep one"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "film.yaml:1: tag:yaml.org,2002:python/object/apply:os.system is a tag",
        ),
        ("a: !!python/name:os.system x", "film.yaml:1: tag:yaml.org,2002:python/name:os.system is a tag"),
        ("a: !color red", "film.yaml:1: !color is a tag"),
        ("? [1, 2]\n: 3", "film.yaml:1: a key must be a word or a number"),
        ("\0\1", "film.yaml:1:1: the invisible character NULL (U+0000) is here: remove it"),
        ("a: " + "[" * 100 + "]" * 100, "film.yaml:1: nested deeper than 40 levels"),
        ("a: " + "[" * 1000, "film.yaml: it is nested deeper than 40 levels"),
        ("a: 1\nb: &b [*b]", "film.yaml:2: nested deeper than 40 levels"),
    ],
)
def test_what_is_no_plain_data_is_refused_with_its_line(text: str, message: str) -> None:
    assert refusal(text).startswith(message)


def test_an_alias_bomb_is_refused() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    assert "more than 250000 values, aliases counted each time" in refusal(bomb)


# -- overrides --------------------------------------------------------------------------------------------------------

FILM = """\
dream:
  steps: 4
  layers: {features.3: 1}
  zoom:
    - {at: 0s, value: 1}
    - {at: 1s, value: 2}
camera: {zoom: {0: 1, 6s: 2}}
"""


@pytest.mark.parametrize(
    ("assignment", "path", "value"),
    [
        ("dream.steps=6", ("dream", "steps"), 6),
        ("dream.step_size = 1e-3", ("dream", "step_size"), 0.001),
        ("canvas.size=640x360", ("canvas", "size"), "640x360"),
        ("dream.zoom.1.value=9", ("dream", "zoom", "1", "value"), 9),
        ("dream.layers.features.3=2", ("dream", "layers", "features.3"), 2),
        ("camera.zoom.0=5", ("camera", "zoom", "0"), 5),
        ("camera.zoom={0s: 1, end: 3}", ("camera", "zoom"), {"0s": 1, "end": 3}),
        ("source=a=b.png", ("source",), "a=b.png"),
    ],
)
def test_an_override_changes_one_value_and_gives_it_its_label(
    assignment: str, path: tuple[str, ...], value: object
) -> None:
    before = Document.parse(FILM, "film.yaml")
    after = before.override(assignment)
    assert value_at(after, path) == value
    assert after.where(path).label == assignment
    assert after.where(("dream", "zoom")).label == "film.yaml:4"
    assert before.data == Document.parse(FILM, "film.yaml").data


def value_at(document: Document, path: tuple[str, ...]) -> object:
    node = document.data
    for part in path:
        if isinstance(node, list):
            node = node[int(part)]
        else:
            assert isinstance(node, dict)
            node = {str(key): child for key, child in node.items()}[part]
    return node


def test_a_change_has_a_label_of_its_own() -> None:
    change = Change("dream.steps=6", "--set dream.steps=6")
    assert Document.parse(FILM, "film.yaml").override(change).where(("dream", "steps")).label == change.label
    with pytest.raises(PresetError, match=r"^--duration: this sets nothing"):
        Document.parse(FILM, "film.yaml").override(Change("duration", "--duration"))


numbers = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text("abc xyz:#'-é", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=6,
)


@given(path=st.lists(st.text("abcdef_", min_size=1), min_size=1, max_size=4), value=values)
def test_what_an_override_sets_is_read_back(path: list[str], value: object) -> None:
    document = Document.parse("other: {kept: [1, 2]}", "film.yaml")
    changed = document.override(f"{'.'.join(path)}={json.dumps(value)}")
    assert value_at(changed, tuple(path)) == value
    assert value_at(changed, ("other", "kept")) == [1, 2]
    assert Document.parse(json.dumps(changed.data), "again").data == changed.data


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("dream.steps", "dream.steps: this sets nothing: write key.path=value, such as dream.steps=6"),
        ("=3", "=3: this sets nothing"),
        ("dream..steps=3", "dream..steps=3: this sets nothing"),
        ("dream.steps=[1", "dream.steps=[1:1: the text ends in the middle"),
        ("dream.steps.6s=2", "dream.steps.6s=2: there is no '6s' in the value 4: set the whole of it instead"),
        ("dream.zoom.2.at=3s", "dream.zoom.2.at=3s: there is no '2' in a list of 2"),
    ],
)
def test_an_override_that_fits_nowhere_is_refused(assignment: str, message: str) -> None:
    with pytest.raises(PresetError) as caught:
        Document.parse(FILM, "film.yaml").override(assignment)
    assert str(caught.value).startswith(message)


def test_a_key_that_no_recipe_could_carry_is_refused() -> None:
    name = "9" * 1500
    with pytest.raises(PresetError, match=r"film.yaml:1: a key of 1500 characters: it has at most 1000"):
        Document.parse(f"? {name}\n: 1\n", "film.yaml")
    with pytest.raises(PresetError, match=r"a key has at most 1000 characters"):
        Document.parse("a: 1\n", "film.yaml").override(f"a.{name}=1")
