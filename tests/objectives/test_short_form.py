"""Short forms of objectives are read as they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoomdream.objectives import ChannelSpec, GuideSpec, parse


@pytest.mark.parametrize(
    "text",
    [
        "fire8",
        "l2:fire8",
        "mean:features.11",
        "fire8:17",
        "fire8:3+17",
        "fire8:0:8+31",
        "fire8:17@center",
        "fire8:17@0.3/0.7",
        "class:967",
        "class:Egyptian cat",
        "guide:fire6:flowers.jpg",
        "cosine:fire6:flowers.jpg in mask.png",
        "direction:fire8:17+31*-0.5",
        "direction:fire8:vector.npy",
    ],
)
def test_short_forms_are_read_as_they_are_shown(text: str) -> None:
    assert str(parse(text)) == text


def test_file_names_may_hold_the_word_that_leads_to_a_mask() -> None:
    assert parse("fire8:3 in mask in the box.png") == ChannelSpec("fire8", (3,), mask=Path("mask in the box.png"))
    guide = parse("guide:fire6:girl in red.jpg in mask.png")
    assert guide == GuideSpec("fire6", Path("girl in red.jpg"), mask=Path("mask.png"))
    assert guide.files == (Path("mask.png"), Path("girl in red.jpg"))
