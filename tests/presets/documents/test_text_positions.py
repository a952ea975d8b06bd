"""Characters of a value are found in the file, whatever YAML's style it is written in."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from zoomdream.presets.documents.text_positions import line_start, place, position_in_scalar


@pytest.mark.parametrize(
    "text",
    [
        "key: 1 + X",
        "key: '1 + X'",
        'key: "1 + X"',
        "key: '1 + ''a'' X'",
        'key: "1 + \\"a\\" X"',
        "key: |\n  1 +\n  X\n",
        "key: >\n  1 +\n  X\n",
        "key: >-\n\n    1 +\n\n    X\n",
        "key: 1 +\n  2 +\n     X",
        'key: "1 + \\\n  X"',
    ],
)
def test_a_character_is_found_in_every_style(text: str) -> None:
    node = YAML(typ="safe", pure=True).compose(text).value[0][1]
    found = position_in_scalar(text, node.start_mark.index, node.value, node.value.index("X"))
    assert found == text.index("X")


def test_behind_an_escape_a_character_is_not_found() -> None:
    assert position_in_scalar('"\\x41 X"', 0, "A X", 2) is None


def test_lines_and_columns_count_from_1() -> None:
    text = "a\r\nbc\rd\ne"
    assert [place(text, "f", text.index(letter)) for letter in "abcde"] == ["f:1:1", "f:2:1", "f:2:2", "f:3:1", "f:4:1"]
    assert [line_start(text, line) for line in (1, 2, 3, 4)] == [0, 3, 6, 8]
