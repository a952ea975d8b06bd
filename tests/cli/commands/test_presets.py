"""presets list, show, check and schema, as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.support.clips import ffmpeg, pattern
from tests.support.commands import zoomdream
from zoomdream.films.estimates.estimate import Estimate


def test_presets_are_listed_shown_and_checked(tmp_path: Path, clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # At the size of a real film an estimate takes seconds for each preset.
    monkeypatch.setattr(
        "zoomdream.films.estimates.estimate.estimate", lambda *arguments, **named: Estimate(60, 10**6, 10**9)
    )
    presets = json.loads(zoomdream("presets", "list", "--json").stdout)
    assert len(presets) >= 6
    assert "quickstart" in zoomdream("presets", "list").stdout
    for name, description in presets.items():
        assert len(description) > 20
        mine = tmp_path / f"{name}.yaml"
        mine.write_text(zoomdream("presets", "show", name).stdout)
        assert zoomdream("presets", "check", mine).exit_code == 0
        if "--input" in description:  # of which a check knows no video
            planned = zoomdream("render", mine, "-o", tmp_path / "a.mp4", "--dry-run", "--input", clips / "bikes.mp4")
            assert planned.exit_code == 0, planned.stderr
    assert json.loads(zoomdream("presets", "schema").stdout)["title"] == "Preset"


@pytest.mark.parametrize(
    ("layers", "code", "words"),
    [
        ("{fire44: 1}", 2, "no layer 'fire44'; did you mean fire4"),
        ("[{class: 5000}]", 2, "no class 5000"),
        ("[{layer: fire4, mask: none.png}]", 3, "none.png: no such file"),
        ("{'guide:fire4:none.jpg': 1}", 3, "none.jpg: no such file"),
        ("[{layer: fire4, mask: film.yaml}]", 0, "film.yaml: fine; 8 frames at 8 per second"),
    ],
)
def test_a_check_finds_what_the_network_does_not_have(tmp_path: Path, layers: str, code: int, words: str) -> None:
    mine = tmp_path / "film.yaml"
    mine.write_text(f"zoomdream: 1\nsource: noise\ncanvas: {{fps: 8, duration: 1s}}\ndream: {{layers: {layers}}}")
    result = zoomdream("presets", "check", mine)
    assert result.exit_code == code, result.output
    assert words in result.stderr


def test_a_check_does_not_guess_a_clips_length(clips: Path, tmp_path: Path) -> None:
    mine = tmp_path / "film.yaml"
    mine.write_text(f"zoomdream: 1\nsource: {clips / 'bikes.mp4'}\ndream: {{layers: {{fire4: 1}}}}")
    assert zoomdream("presets", "check", mine).stderr.endswith("film.yaml: fine\n")


def test_a_recipe_that_is_damaged_is_told(tmp_path: Path) -> None:
    clip, film = pattern(tmp_path / "a.mp4", seconds=0.2), tmp_path / "b.mp4"
    tags = ["-metadata", "zoomdream_preset={not json", "-movflags", "use_metadata_tags"]
    ffmpeg("-i", clip, "-c", "copy", *tags, film)
    result = zoomdream("presets", "show", film)
    assert result.exit_code == 2
    assert "b.mp4 carries a recipe that is damaged" in result.stderr


def test_a_check_counts_the_classes_of_a_weights_file_that_is_there(tmp_path: Path) -> None:
    from zoomdream.networks.architectures.architecture import build, build_random

    network = "shufflenet_v2_x0_5"
    state = build_random(network, 1).state_dict()
    wide = build(network, classes=1200).state_dict()
    for key in list(state)[-2:]:
        state[key] = torch.randn(wide[key].shape) * 0.05
    torch.save(state, tmp_path / "many.pth")
    text = f"zoomdream: 1\nsource: noise\nnetwork: {network}\nweights: many.pth\ndream: {{layers: {{'class:1100': 1}}}}"
    (tmp_path / "film.yaml").write_text(text)
    assert zoomdream("presets", "check", tmp_path / "film.yaml").exit_code == 0
    (tmp_path / "film.yaml").write_text(text.replace("1100", "espresso"))
    result = zoomdream("presets", "check", tmp_path / "film.yaml")
    assert result.exit_code == 2
    assert "have no names: name class 'espresso' by its index" in result.stderr


def test_a_preset_that_does_not_exist_is_unknown() -> None:
    result = zoomdream("presets", "show", "quickstar")
    assert result.exit_code == 2
    assert "quickstart" in result.stderr


def test_a_preset_to_start_from_is_written_and_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert zoomdream("presets", "new", "--input", "photo.jpg").exit_code == 0
    text = Path("film.yaml").read_text()
    again = zoomdream("presets", "new")
    assert (again.exit_code, Path("film.yaml").read_text()) == (4, text)
    assert "film.yaml exists; replace it with -y" in again.stderr
    Path("own.yaml").write_text("extends: film.yaml\nseed: 5\n")
    resolved = zoomdream("presets", "show", "own.yaml", "--resolved").stdout
    assert "own.yaml:2" in next(line for line in resolved.splitlines() if line.startswith("seed: 5"))
    assert "film.yaml:3" in next(line for line in resolved.splitlines() if line.startswith("source: "))


def test_settings_of_deforum_are_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = {"W": 64, "H": 48, "fps": 12, "max_frames": 3, "animation_mode": "2D", "zoom": "0:(1.02)", "seed": -1}
    Path("old film.txt").write_text(json.dumps(settings))
    refused = zoomdream("presets", "check", "old film.txt")
    assert refused.exit_code == 2
    assert refused.stderr.endswith("; zoomdream presets import FILE makes a preset of it\n")
    imported = zoomdream("presets", "import", "old film.txt", "--input", "photo.jpg")
    assert (imported.exit_code, imported.stdout) == (0, "")
    assert 'zoom "0:(1.02)"' in imported.stderr
    assert "next ** fps" in imported.stderr
    assert "old film.yaml: written" in imported.stderr
    assert zoomdream("presets", "check", "old film.yaml").stderr == "old film.yaml: fine; 3 frames at 12 per second\n"
    assert 'source: "photo.jpg"' in Path("old film.yaml").read_text()
    again = zoomdream("presets", "import", "old film.txt")
    assert again.exit_code == 4
    assert "old film.yaml exists; replace it with -y" in again.stderr
    assert zoomdream("presets", "import", "old film.txt", "-y", "-o", "b.yaml").exit_code == 0
    planned = zoomdream("render", "b.yaml", "--dry-run")
    assert planned.exit_code == 0, planned.stderr


def test_what_cannot_be_imported_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"keyframes": [], "managedFields": [], "options": {}}))
    result = zoomdream("presets", "import", tmp_path / "a.json", "-o", tmp_path / "a.yaml")
    assert result.exit_code == 2
    assert "render it in Parseq first" in result.stderr
    assert not (tmp_path / "a.yaml").exists()


def test_a_preset_of_known_names_is_checked_without_torch() -> None:
    code = (
        "import sys; from zoomdream.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as end: sys.exit(end.code or 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "presets", "check", "quickstart"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "quickstart: fine; 120 frames" in done.stderr
