"""Edits keep comments, quotes and the order of keys, and move nothing that they are not about."""

from __future__ import annotations

import difflib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from zoomdream.presets.documents.yaml_document import Document
from zoomdream.presets.shipped import shipped_files
from zoomdream.studio.answers import Refused
from zoomdream.studio.editing.edits import Edit, edited, inline, round_trip_yaml

QUICKSTART = shipped_files()["quickstart"].read_text(encoding="utf-8")


def changes(before: str, after: str) -> list[str]:
    """The lines that differ."""
    rows = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [row for row in rows if row[0] in "+-" and row[:3] not in ("+++", "---")]


EDITS = {
    "a value": (Edit(("seed",), 8), ["-seed: 7", "+seed: 8"]),
    "a value in brackets": (
        Edit(("color", "coherence"), 0.3),
        ["-color: {coherence: 0.1}", "+color: {coherence: 0.3}"],
    ),
    "a text that needs quotes": (
        Edit(("source",), "my photo's (1).jpg"),
        ["-source: sample:clouds", '+source: "my photo\'s (1).jpg"'],
    ),
    "a new key": (Edit(("camera", "rotate"), {"0s": 1, "2s": 3.5}), ["+  rotate: {0s: 1, 2s: 3.5}"]),
    "a new section": (Edit(("output", "crf"), 20), ["+output:", "+  crf: 20"]),
    "a key's name": (
        Edit(("camera", "zoom", "5s"), rename="4s"),
        [
            "-  zoom: {0s: 1.15, 5s: 1.4}                            # times per second: slow, then faster",
            "+  zoom: {0s: 1.15, 4s: 1.4}                            # times per second: slow, then faster",
        ],
    ),
    "less": (
        Edit(("dream", "layers", 0)),
        ["-    - {at: 0s, mix: {fire6: 1}}                        # first eyes and curls ..."],
    ),
    "a value for a list": (
        Edit(("dream", "layers"), {"fire8": 1}),
        [
            "-  layers:",
            "-    - {at: 0s, mix: {fire6: 1}}                        # first eyes and curls ...",
            "-    - {at: 2s, mix: {fire8: 1}, ease: in-out-sine}     # ... then whole animals",
            "+  layers: {fire8: 1}",
        ],
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_changes_its_own_lines_alone(case: str) -> None:
    edit, expected = EDITS[case]
    assert changes(QUICKSTART, edited(QUICKSTART, [edit])) == expected


@pytest.mark.parametrize("name", sorted(shipped_files()))
def test_the_round_trip_gives_shipped_presets_back_as_they_are(name: str) -> None:
    text = shipped_files()[name].read_text(encoding="utf-8")
    yaml, buffer = round_trip_yaml(text), io.StringIO()
    yaml.dump(yaml.load(text), buffer)
    assert buffer.getvalue() == text


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=20)
@given(VALUES)
def test_whatever_is_written_inline_is_read_back_as_it_was(value: object) -> None:
    text = f"a: {inline(value)}\n"  # type: ignore[arg-type]
    assert Document.parse(text, "t").data == {"a": value}


def test_an_edit_keeps_the_indents_of_the_text() -> None:
    text = "a:\n    b: 1  # one\n    c:\n    -   x: 1\n    -   x: 2  # two\n"
    assert edited(text, [Edit(("a", "d"), 2)]) == text + "    d: 2\n"
    text = "a:\n  c:\n  - x\n  - y\n"
    assert edited(text, [Edit(("a", "c", 2), "z")]) == text + "  - z\n"


def test_edits_of_no_use_are_refused_with_a_sentence(client: TestClient) -> None:
    for edits, status in (
        ([{"path": ["nothing"]}], 400),
        ([{"path": []}], 400),
        ([{"path": ["dream", "layers", 9], "value": 1}], 400),
        ([{"path": ["seed", "deeper"], "value": 1}], 400),
        ([{"path": ["camera", "zoom", "5s"], "rename": "0s"}], 409),
        ([{"path": ["seed"], "rename": 1}], 400),
        ([1], 400),
        ("x", 400),
    ):
        answer = client.post("/api/edit", json={"text": QUICKSTART, "edits": edits})
        assert answer.status_code == status, edits
        assert answer.json()["message"]
    assert client.post("/api/edit", json={"text": "a: [", "edits": []}).status_code == 400
    answer = client.post("/api/edit", json={"text": QUICKSTART, "edits": [{"path": ["seed"], "value": 3}]})
    assert changes(QUICKSTART, answer.json()["text"]) == ["-seed: 7", "+seed: 3"]


def test_what_is_written_elsewhere_is_left_alone() -> None:
    text = "a: &x {b: 1}\nc: *x\nd: [*x, 1, *x]\n"
    for path in (("c",), ("c", "b"), ("d", 0), ("d", 2, "b")):
        with pytest.raises(Refused, match="written elsewhere"):
            edited(text, [Edit(path, 2)])
    assert edited(text, [Edit(("d", 1), 2)]) == text.replace("1, *x]", "2, *x]")


def test_a_text_keeps_its_kind_of_quotes() -> None:
    text = "color:\n  palette: {0s: source, 6s: [\"#112233\", '#e8d8b0']}   # dusk\n"
    colors = ("color", "palette", "6s")
    new = edited(text, [Edit((*colors, 0), "#334455"), Edit((*colors, 1), "#000000")])
    assert new == text.replace("#112233", "#334455").replace("#e8d8b0", "#000000")


def test_a_new_entry_comes_where_it_is_wanted() -> None:
    text = "palette:\n  0s: source   # first\n  9s: sample:hills\n"
    edit = Edit.of({"path": ["palette", "4s"], "value": ["#112233"], "position": 1})
    rows = edited(text, [edit]).splitlines()
    assert rows == ["palette:", "  0s: source   # first", "  4s: ['#112233']", "  9s: sample:hills"]


@pytest.mark.parametrize("position", [-1, True, "1", 0.5])
def test_a_position_that_is_none_is_refused(position: object) -> None:
    with pytest.raises(Refused, match="position is no number"):
        Edit.of({"path": ["a"], "value": 1, "position": position})
