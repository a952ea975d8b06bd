"""Shipped presets that a test writes itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.presets import SMALLEST


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two shipped presets, seen from an empty working folder."""
    folder = tmp_path / "checkout" / "presets"
    folder.mkdir(parents=True)
    (folder / "clouds.yaml").write_text(f"# An endless zoom into clouds.\n# More.\n{SMALLEST}", encoding="utf-8")
    (folder / "static.yaml").write_text(SMALLEST, encoding="utf-8")
    (folder / "README.md").write_text("no preset", encoding="utf-8")
    monkeypatch.setattr("zoomdream.presets.shipped.__file__", str(tmp_path / "checkout/zoomdream/presets/shipped.py"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return folder
