"""The package itself: its public names."""

from __future__ import annotations

from pathlib import Path

import pytest

import zoomdream
from zoomdream.settings import DreamSettings


def test_public_names_load_when_used_and_no_module_has_one() -> None:
    assert zoomdream.DreamSettings is DreamSettings
    modules = {path.stem for path in Path(str(zoomdream.__file__)).parent.iterdir()}
    assert not modules & set(zoomdream.__all__)
    for name in zoomdream.__all__:
        assert getattr(zoomdream, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = zoomdream.nothing  # type: ignore[attr-defined]
