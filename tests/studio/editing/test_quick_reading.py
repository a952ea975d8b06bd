"""What is read line by line equals what is read as a whole: data, places, mistakes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoomdream.errors import PresetError
from zoomdream.presets.documents.yaml_document import Document
from zoomdream.presets.shipped import shipped_files
from zoomdream.studio.editing.quick_reading import read_document

DOCS = Path(__file__).parents[3] / "docs"
TEXTS = [
    *(path.read_text(encoding="utf-8") for path in shipped_files().values()),
    *re.findall(r"```yaml\n(.*?)```", (DOCS / "presets.md").read_text(encoding="utf-8"), re.DOTALL),
    "a:\n  b:\n  - x\n  - y: 1\n    z: [1, 2]\n\n    w:\n  - {q: 1}\n  c: \n  d: ~\n",
    "e: 'x: y'\n# c\nf: \"a # b\" # d\ng:\n\n",
    "x:\n- 1\n- - 2\ny:\n    k: 3\n0: 1:30\n1e3: .inf",
    "a: &b {c: 1}\nd: *b\n",
    "a: |\n  text\nb: >-\n  more\n",
    "a: [1,\n  2]\nb: 'x\n  y'\nc: one\n  two\n",
    "",
    "# nothing\n",
    "a: {b: 1,\n  # c\n  d: [2,\n    3]\n}\ne:\n  - {f: 1,\n     g: 2}\n  - h\n    i\n",
    "a:\n  b: 1\nc:\n  - {d: 1}\n  - {d: 2\n  - {d: 3}\ne: 1\n",
    "a:\n  b: 1\n- c\n",
    "a: 1\nb:\n  c: 1\nst\n",
    "a: 1\nb:\n, c: 1\n",
    "a: [1,\n  2]\nb: 'x\nx'\n-one\n  two\n: ",
    "a: 1\n{b: 2}\n",
    "a: 1\n: b\n",
    "a:\n  b:\n  - x\n# c\n    d:\n  - {e: 1}\n",
    "a: “1\nb: 2\nst\n",
]


def outcome(read: object, text: str) -> object:
    """The document, or the sentence about it."""
    try:
        document = read(text, "film.yaml")  # type: ignore[operator]
    except PresetError as error:
        return str(error)
    return repr(document.data), dict(document.marks), document.name, document.text


@pytest.mark.parametrize("text", TEXTS)
def test_it_equals_the_whole(text: str) -> None:
    assert outcome(read_document, text) == outcome(Document.parse, text)


@given(st.data())
def test_it_equals_the_whole_after_a_few_keys_were_typed(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([each for each in TEXTS if 0 < len(each) < 1500]))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 3))
        text = (
            text[:at]
            + data.draw(st.sampled_from([*" \n:-{}[],#'\"&*!|>?~%x1\t", "- ", "\n  ", ": "]))
            + text[at + gone :]
        )
    assert outcome(read_document, text) == outcome(Document.parse, text)


def test_a_line_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes it fast: of a text of 200 keyframes of which one has changed, one line is parsed."""
    head = "zoomdream: 1\nsource: noise\ncamera:\n  zoom:\n"
    rows = [f"    - {{at: {second}s, value: 1.{second}, ease: in-quad}}\n" for second in range(200)]
    read_document(head + "".join(rows), "a.yaml")
    parse, parsed = Document.parse, list[str]()

    def noting(text: str, name: str) -> Document:
        parsed.append(text)
        return parse(text, name)

    monkeypatch.setattr(Document, "parse", noting)
    rows[77] = "    - {at: 77s, value: 3.5}\n"
    document = read_document(head + "".join(rows), "a.yaml")
    assert parsed == ["{at: 77s, value: 3.5}"]
    assert document.value(("camera", "zoom", "77", "value")) == 3.5
    parsed.clear()
    with pytest.raises(PresetError, match=r"a\.yaml:205: this is not YAML"):  # a word is half written
        read_document(head + "".join(rows) + "col", "a.yaml")
    assert sum(map(len, parsed)) < 500
