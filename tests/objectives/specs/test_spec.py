"""Specs as text, and their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoomdream.errors import SettingError
from zoomdream.objectives import ChannelSpec, ClassSpec, DirectionSpec, GuideSpec, LayerSpec, NeuronSpec, Spec

GUIDE = GuideSpec("fire6", Path("a.jpg"))


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (LayerSpec("fire8"), "fire8"),
        (LayerSpec("fire8", relu="before"), "fire8 before ReLU"),
        (LayerSpec("fire8", "mean"), "mean:fire8"),
        (LayerSpec("fire8", "mean", "before"), "mean:fire8"),
        (LayerSpec("fire8", "mean", "after"), "mean:fire8 after ReLU"),
        (LayerSpec("fire8", "l2", "after"), "l2:fire8"),
        (LayerSpec("fire8", "l2", "before"), "l2:fire8 before ReLU"),
        (ChannelSpec("fire8", (3, 5, 6, 7)), "fire8:3+5:8"),
        (ChannelSpec("fire8", (3,), "after"), "fire8:3 after ReLU"),
        (NeuronSpec("fire8", 17), "fire8:17@center"),
        (NeuronSpec("fire8", 17, 0.5, 0.25, "after"), "fire8:17@0.5/0.25 after ReLU"),
        (ClassSpec("espresso"), "class:espresso"),
        (GUIDE, "guide:fire6:a.jpg"),
        (GuideSpec("fire6", Path("photos/a.jpg"), "cosine", "before"), "cosine:fire6:a.jpg before ReLU"),
        (
            GuideSpec("fire6", Path("a.jpg"), relu="before", mask=Path("m.png")),
            "guide:fire6:a.jpg before ReLU in m.png",
        ),
        (DirectionSpec("fire8", ((3, 1.0), (4, -0.5))), "direction:fire8:3+4*-0.5"),
        (DirectionSpec("fire8", ((3, 1.0),), "cosine"), "direction:fire8:3 cosine"),
        (DirectionSpec("fire8", ((3, 1.0),), "cosine", "after"), "direction:fire8:3 after ReLU cosine"),
    ],
)
def test_text_names_all_that_is_not_a_default(spec: Spec, text: str) -> None:
    assert str(spec) == text


def test_files_are_listed_and_moved() -> None:
    spec = GuideSpec("fire6", Path("a.jpg"), mask=Path("/masks/m.png"))
    assert spec.files == (Path("/masks/m.png"), Path("a.jpg"))
    located = spec.located(lambda path: Path("/films") / path)
    assert located == GuideSpec("fire6", Path("/films/a.jpg"), mask=Path("/masks/m.png"))
    assert LayerSpec("fire8").located(lambda path: Path("/films") / path) == LayerSpec("fire8")


@pytest.mark.parametrize(("x", "y", "axis"), [(-0.1, 0.5, "x is -0.1"), (0.5, 1.5, "y is 1.5")])
def test_a_neuron_lies_within_the_frame(x: float, y: float, axis: str) -> None:
    with pytest.raises(SettingError, match=f"a neuron's {axis}: it must be from 0 to 1"):
        NeuronSpec("fire8", 3, x, y)
