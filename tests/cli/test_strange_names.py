"""Names that no file may have, in every command that takes a file: one sentence, and the exit code of its kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import zoomdream

LONG = "x" * 5000


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("render", "quickstart", "--input", LONG, "--dry-run"), 3),
        (("render", LONG), 2),
        (("presets", "check", LONG), 2),
        (("probe", LONG), 3),
        (("shots", LONG), 3),
        (("stability", LONG, "--source", LONG), 3),
        (("dream", LONG, "-o", "a.png"), 3),
        (("dream", "sample:hills", "--layers", f"fire3 in {LONG}", "-o", "a.png"), 3),
        (("sweep", LONG), 3),
        (("jobs", LONG), 2),
    ],
)
def test_a_name_of_5000_letters(
    command: tuple[str, ...], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = zoomdream(*command)
    assert result.exit_code == code, result.exception
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "lines",
    [
        f"source: {LONG}",
        f"weights: {LONG}.pth",
        f"output: {{audio: {LONG}}}",
        r'output: {audio: "a\0b.wav"}',
        rf"dream: {{layers: [{{layer: fire3, mask: {LONG}}}]}}",
    ],
)
def test_names_in_a_preset(lines: str, tmp_path: Path) -> None:
    path = tmp_path / "film.yaml"
    needed = {
        "source": "source: noise\n",
        "canvas": "canvas: {size: 64x48, fps: 10, duration: 1f}\n",
        "dream": "dream: {layers: {fire3: 1}, steps: 0}\n",
    }
    rest = "".join(text for key, text in needed.items() if not lines.startswith(key))
    path.write_text(f"zoomdream: 1\n{rest}{lines}\n")
    result = zoomdream("render", path, "-o", tmp_path / "a.mp4", "--dry-run")
    assert result.exit_code == 3, (result.output, result.exception)
    assert result.stderr.splitlines()[-1].startswith("error: ")
    assert isinstance(zoomdream("presets", "check", path).exception, SystemExit | None)
