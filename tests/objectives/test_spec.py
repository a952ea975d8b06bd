"""Objectives as values."""

from __future__ import annotations

from pathlib import Path

from zoomdream.objectives import ChannelSpec, DirectionSpec, GuideSpec, LayerSpec


def test_what_differs_is_shown_differently() -> None:
    specs = [
        LayerSpec("fire8"),
        LayerSpec("fire8", relu="before"),
        LayerSpec("fire8", "mean"),
        LayerSpec("fire8", "mean", relu="after"),
        LayerSpec("fire8", "l2"),
        LayerSpec("fire8", "l2", relu="before"),
        ChannelSpec("fire8", (3,)),
        ChannelSpec("fire8", (3,), relu="after"),
        DirectionSpec("fire8", ((3, 1.0),)),
        DirectionSpec("fire8", ((3, 1.0),), "cosine"),
        DirectionSpec("fire8", ((3, 1.0),), "cosine", relu="after"),
        GuideSpec("fire6", Path("a.jpg")),
        GuideSpec("fire6", Path("a.jpg"), relu="before"),
        GuideSpec("fire6", Path("a.jpg"), relu="before", mask=Path("m.png")),
    ]
    assert len({str(spec) for spec in specs}) == len(specs)
