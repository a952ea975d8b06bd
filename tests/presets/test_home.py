"""Presets that name a home folder, on machines where there is none; and files that are no presets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.presets import SMALLEST
from zoomdream.errors import MissingSourceError, PresetError, SourceError
from zoomdream.presets.loading import load_preset, load_preset_text


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a user without an entry in the system's list and without HOME."""
    monkeypatch.setattr("os.path.expanduser", lambda path: path)


@pytest.mark.usefixtures("homeless")
def test_without_a_home_folder_a_path_that_needs_it_is_named() -> None:
    with pytest.raises(PresetError, match=r"^preset:5: folder: ~/x: the home folder that ~ stands for is not known"):
        load_preset_text(SMALLEST + "folder: ~/x\n")
    preset = load_preset_text(SMALLEST.replace("noise", "~/a.png"))
    with pytest.raises(MissingSourceError, match=r"^preset: ~/a.png: the home folder"):
        preset.check_files()
    masked = load_preset_text(SMALLEST.replace("fire8: 1", "fire8 in ~/a.png: 1"))
    with pytest.raises(SourceError, match=r"^preset: ~/a.png: the home folder"):
        masked.layers  # noqa: B018


def test_a_name_of_no_user_is_the_name_of_a_file(tmp_path: Path) -> None:
    preset = load_preset_text(SMALLEST.replace("noise", "~nosuch/x.png") + "folder: ~nobody-here/y\n", base=tmp_path)
    assert preset.source == tmp_path / "~nobody-here" / "y" / "~nosuch" / "x.png"


@pytest.mark.skipif(os.name != "posix", reason="pipes as Unix has them")
def test_a_named_pipe_is_no_preset(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "film.yaml")
    with pytest.raises(PresetError, match=r"film.yaml is a pipe, and nothing may ever come from it"):
        load_preset(tmp_path / "film.yaml")
