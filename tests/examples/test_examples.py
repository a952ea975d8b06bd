"""The scripts of examples/ run, and what they write is what they say."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoomdream.media import probe

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a script as `python examples/NAME ...` does, and returns what it printed."""

    def run_script(name: str, *arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return run_script


def test_every_script_is_listed_and_run_here() -> None:
    scripts = {path.name for path in EXAMPLES.glob("*.py")}
    listed = (EXAMPLES / "README.md").read_text()
    assert scripts == {"mirror_frames.py", "photo_at_layers.py", "fade_without_yaml.py"}
    assert all(f"({name})" in listed and f"python examples/{name}" in listed for name in scripts)


def test_mirror_frames_writes_mirrored_pictures(run: Run, tmp_path: Path) -> None:
    printed = run("mirror_frames.py", "quickstart", tmp_path / "out", "--size", "64x48", "--duration", "2f")
    pictures = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in pictures] == ["000000.png", "000001.png"]
    assert len(printed.splitlines()) == 2
    for path in pictures:
        pixels = np.asarray(Image.open(path))
        assert pixels.shape == (48, 64, 3)
        assert np.array_equal(pixels, pixels[:, ::-1])


def test_photo_at_layers_draws_a_sheet(run: Run, tmp_path: Path, photos: Path) -> None:
    out = tmp_path / "sheet.png"
    small = ("--layers", "fire2", "fire5:17", "--cell", 64, "--steps", 1)
    printed = run("photo_at_layers.py", photos / "coffee.png", out, *small)
    with Image.open(out) as sheet:
        assert f"{sheet.width}x{sheet.height}" in printed
        assert "fire5:17" in sheet.info["Comment"]


def test_fade_without_yaml_goes_from_one_objective_to_the_other(run: Run, tmp_path: Path, photos: Path) -> None:
    out = tmp_path / "fade.mp4"
    short = ("--size", 64, 48, "--duration", "5f")
    lines = run("fade_without_yaml.py", photos / "rocket.jpg", out, *short).splitlines()
    assert (probe(out).frames, probe(out).size) == (5, (64, 48))
    assert lines[0] == "frame 0: fire5 100%, zoom 1.10"
    assert "fire5 50%, fire8 50%" in lines[1]
    assert lines[2] == "frame 4: fire8 100%, zoom 1.80"
