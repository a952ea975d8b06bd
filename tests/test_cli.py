from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from zoomdream import __version__
from zoomdream.cli import app
from zoomdream.media import probe

ZOOMDREAM = [sys.executable, "-m", "zoomdream"]


def zoomdream(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def preset(tmp_path: Path, photos: Path) -> Path:
    path = tmp_path / "film.yaml"
    path.write_text(
        f"""zoomdream: 1
source: {photos / "rocket.jpg"}
canvas: {{size: 96x64, fps: 24, duration: 4f}}
dream: {{layers: {{fire4: 1}}, octaves: 2, steps: 1}}
camera: {{zoom: 1.5}}
"""
    )
    return path


def test_help_is_fast_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, zoomdream.cli\n"
        "try: zoomdream.cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'torchvision', 'cv2', 'numpy', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    durations = []
    for _ in range(5):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=False)
        durations.append(time.perf_counter() - start)
        assert done.returncode == 0, done.stderr
        assert "render" in done.stdout
    assert min(durations) < 0.5


def test_version() -> None:
    result = zoomdream("--version")
    assert result.exit_code == 0
    assert result.stdout == f"zoomdream {__version__}\n"


def test_render_writes_the_film_and_talks_on_stderr_only(preset: Path, tmp_path: Path) -> None:
    result = zoomdream("render", preset, "-o", tmp_path / "a.mp4")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert "4 frames of 96x64 at 24 per second" in result.stderr
    assert probe(tmp_path / "a.mp4").frames == 4


def test_options_change_the_preset(preset: Path, tmp_path: Path, photos: Path) -> None:
    changes = ("--size", "80x48", "--fps", "24000/1001", "--duration", "5f", "--seed", "3", "--set", "dream.steps=2")
    source = ("--input", photos / "coffee.png")
    result = zoomdream("render", preset, "-o", tmp_path / "a.webm", *changes, *source, "--progress", "none")
    assert result.exit_code == 0, result.stderr
    clip = probe(tmp_path / "a.webm")
    assert (clip.size, str(clip.fps), clip.frames, clip.codec) == ((80, 48), "24000/1001", 5, "vp9")


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.gif"])
def test_the_suffix_chooses_the_format(preset: Path, tmp_path: Path, name: str) -> None:
    assert zoomdream("render", preset, "-o", tmp_path / name).exit_code == 0
    assert probe(tmp_path / name).frames == 4


def test_a_folder_of_pngs_and_a_range(preset: Path, tmp_path: Path) -> None:
    result = zoomdream("render", preset, "-o", f"{tmp_path}/frames/", "--frames", "1:3")
    assert result.exit_code == 0, result.stderr
    assert len(list((tmp_path / "frames").glob("*.png"))) == 2


def test_dry_run_checks_and_writes_nothing(preset: Path, tmp_path: Path) -> None:
    result = zoomdream("render", preset, "-o", tmp_path / "a.mp4", "--dry-run")
    assert result.exit_code == 0
    assert "4 frames" in result.stderr
    assert not (tmp_path / "a.mp4").exists()


def test_json_progress_is_a_line_for_each_frame(preset: Path, tmp_path: Path) -> None:
    result = zoomdream("render", preset, "-o", tmp_path / "a.mp4", "--progress", "json")
    records = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    assert [record["frame"] for record in records] == [1, 2, 3, 4]
    assert records[0]["layers"] == {"fire4": 1.0}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["render", "none.yaml"], 2, "neither a file nor a shipped preset"),
        (["render", "."], 2, "is a folder"),
        (["render", "PRESET", "--set", "dream.stepz=1"], 2, "steps"),
        (["render", "PRESET", "--set", "dream.steps=-1"], 2, "at least 0"),
        (["render", "PRESET", "--set", "camera.zoom=0"], 2, "camera.zoom"),
        (["render", "PRESET", "--set", "network=vgg61"], 2, "vgg16"),
        (["render", "PRESET", "--set", "dream.layers={fire44: 1}"], 2, "fire4"),
        (["render", "PRESET", "--size", "16x16", "--set", "dream.layers={fire9: 1}"], 2, "at least"),
        (["render", "PRESET", "--size", "97x64"], 2, "96x64"),
        (["render", "PRESET", "-o", "a.avi"], 2, ".mp4"),
        (["render", "PRESET", "--frames", "3:99"], 2, "it has 4"),
        (["render", "PRESET", "--frames", "three"], 2, "A:B"),
        (["render", "PRESET", "--device", "cuda:77"], 2, "device"),
        (["render", "PRESET", "--input", "none.jpg"], 3, "no such file"),
        (["render", "PRESET", "--input", "film.yaml"], 3, "not a film or picture"),
        (["render", "PRESET", "--set", "weights=none.pth"], 3, "none.pth"),
        (["render", "PRESET", "-o", "none/a.mp4"], 4, "none"),
        (["render", "PRESET", "-o", "old.mp4"], 4, "-y"),
        (["dream", "none.jpg", "-o", "a.png"], 3, "no such file"),
        (["dream", "film.yaml", "-o", "a.png"], 3, "no picture"),
        (["dream", "film.yaml", "-o", "a.tiff"], 2, ".png"),
        (["dream", "film.yaml", "-o", "none/a.png"], 4, "no folder"),
        (["layers", "squeeznet1_1"], 2, "squeezenet1_1"),
        (["presets", "show", "quickstar"], 2, "quickstart"),
    ],
)
def test_a_mistake_gets_one_sentence_its_code_and_leaves_nothing(
    preset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, words: str
) -> None:
    (tmp_path / "old.mp4").write_text("dear to me")
    monkeypatch.chdir(tmp_path)
    named = ["film.yaml" if argument == "PRESET" else argument for argument in arguments]
    if named[0] == "render" and "-o" not in named:
        named += ["-o", "new.mp4"]
    result = zoomdream(*named)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["film.yaml", "old.mp4"]
    assert (tmp_path / "old.mp4").read_text() == "dear to me"


def heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_render_cleanly(preset: Path, tmp_path: Path, number: int, code: int) -> None:
    command = [*ZOOMDREAM, "render", preset, "-o", tmp_path / "a.mp4", "--progress", "json", "--duration", "1:00:00"]
    # A shell's background jobs ignore SIGINT, and what they start inherits that: here it must not be ignored.
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts) as process:
        assert process.stderr is not None
        process.stderr.readline()  # the first frame is done
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in said
    assert [p.name for p in tmp_path.iterdir()] == ["film.yaml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_is_an_encoder_error(preset: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let us mount a file system")
    try:
        result = zoomdream("render", preset, "-o", small / "a.mp4", "--size", "320x240", "--duration", "12f")
        assert result.exit_code == 5, result.output
        assert "Traceback" not in result.output
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)


def test_dream_makes_a_picture(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "dream.png"
    options = ("--size", "96x64", "--layers", "fire5=1,fire3=0.5", "--steps", "2", "--octaves", "2")
    result = zoomdream("dream", photos / "coffee.png", "-o", out, *options)
    assert result.exit_code == 0, result.output
    assert out.stat().st_size > 1000
    assert zoomdream("dream", photos / "coffee.png", "-o", out, *options).exit_code == 4
    assert zoomdream("dream", photos / "coffee.png", "-o", out, *options, "-y").exit_code == 0


def test_presets_are_listed_shown_and_checked(tmp_path: Path, clips: Path) -> None:
    found = json.loads(zoomdream("presets", "list", "--json").stdout)
    assert len(found) >= 6
    assert "quickstart" in zoomdream("presets", "list").stdout
    for name, description in found.items():
        assert len(description) > 20
        mine = tmp_path / f"{name}.yaml"
        mine.write_text(zoomdream("presets", "show", name).stdout)
        assert zoomdream("presets", "check", mine).exit_code == 0
        over_video = ("--input", clips / "bikes.mp4") if "--input" in description else ()
        planned = zoomdream("render", mine, "-o", tmp_path / "a.mp4", "--dry-run", *over_video)
        assert planned.exit_code == 0, planned.stderr
    assert json.loads(zoomdream("presets", "schema").stdout)["title"] == "Preset"


def test_networks_and_layers_are_listed() -> None:
    networks = {row["name"]: row for row in json.loads(zoomdream("networks", "--json").stdout)}
    assert networks["squeezenet1_1"]["embedded"]
    assert {"googlenet", "vgg16", "resnet50"} <= networks.keys()
    assert "googlenet" in zoomdream("networks").stdout
    layers = {row["label"]: row for row in json.loads(zoomdream("layers", "squeezenet1_1", "--json").stdout)}
    assert layers["fire8"]["channels"] == 512
    assert layers["fire8"]["stride"] == 16
    assert "inception4c" in zoomdream("layers", "googlenet").stdout


def test_probe_tells_what_a_clip_is(clips: Path, tmp_path: Path) -> None:
    facts = json.loads(zoomdream("probe", clips / "bikes.mp4", "--json").stdout)
    assert (facts["size"], facts["frames"], facts["audio"]) == ("640x272", 250, None)
    assert "640x272" in zoomdream("probe", clips / "bikes.mp4").stdout
    assert zoomdream("probe", tmp_path / "none.mp4").exit_code == 3
