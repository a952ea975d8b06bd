"""render and sweep, as a user runs them."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.support.clips import X264, ffmpeg, pattern
from tests.support.commands import zoomdream
from zoomdream.films.sweep import sweep_preset
from zoomdream.media import probe, read_frames, read_tags


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
        (["sweep", "none.jpg", "-o", "a.mp4"], 3, "no such file"),
        (["sweep", "text.txt", "-o", "a.mp4"], 3, "no picture"),
        (["sweep", "PHOTO", "-o", "a.avi"], 2, ".mp4"),
        (["sweep", "PHOTO", "-o", "old.mp4"], 4, "-y"),
        (["sweep", "PHOTO", "-o", "none/a.mp4"], 4, "none"),
        (["sweep", "PHOTO", "-o", "a.mp4", "--network", "vgg61"], 2, "vgg16"),
        (["sweep", "PHOTO", "-o", "a.mp4", "--layers", "fire3,fire44"], 2, "fire4"),
        (["sweep", "PHOTO", "-o", "a.mp4", "--hold", "5"], 2, "write 5s"),
        (["sweep", "PHOTO", "-o", "a.mp4", "--size", "16x16", "--layers", "fire8"], 2, "too small"),
        (["sweep", "PHOTO", "-o", "a.mp4", "--set", "dream.stepz=1"], 2, "steps"),
    ],
)
def test_a_mistake_gets_one_sentence_its_code_and_leaves_nothing(
    preset: Path,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    for name in ("old.mp4", "text.txt"):
        (tmp_path / name).write_text("dear to me")
    monkeypatch.chdir(tmp_path)
    files = {"PRESET": "film.yaml", "PHOTO": str(photos / "rocket.jpg")}
    named = [files.get(argument, argument) for argument in arguments]
    if named[0] == "render" and "-o" not in named:
        named += ["-o", "new.mp4"]
    result = zoomdream(*named)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert result.stderr.count("\n") == 1, "one sentence, one line"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["film.yaml", "old.mp4", "text.txt"]
    assert (tmp_path / "old.mp4").read_text() == "dear to me"


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


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm"])
def test_a_film_is_a_preset_of_itself(photos: Path, tmp_path: Path, suffix: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "photo.jpg").write_bytes((photos / "rocket.jpg").read_bytes())
    text = "zoomdream: 1\nsource: photo.jpg\ncanvas: {size: 64x48, fps: 10, duration: 2f}\n"
    (tmp_path / "in" / "film.yaml").write_text(text + "dream: {layers: {fire3: 1}, octaves: 1, steps: 1}\n")
    first, again = tmp_path / "in" / f"first.{suffix}", tmp_path / f"again.{suffix}"
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


def test_a_sweep_is_a_film_with_its_recipe(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "sweep.mp4"
    options = ("--layers", "fire2,fire4", "--hold", "2f", "--fade", "1f", "--size", "96x64", "--set", "dream.steps=1")
    result = zoomdream("sweep", photos / "rocket.jpg", "-o", out, *options, "--seed", "3", "--fps", "24")
    assert result.exit_code == 0, result.output
    clip = probe(out)
    assert (clip.frames, clip.size, str(clip.fps)) == (5, (96, 64), "24")
    recipe = json.loads(read_tags(out)["zoomdream_preset"])
    assert recipe["dream"]["layers"]["sweep"] == ["fire2", "fire4"]
    assert (recipe["dream"]["steps"], recipe["seed"]) == (1, 3)


def test_a_sweep_that_is_only_planned(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = zoomdream("sweep", photos / "rocket.jpg", "--dry-run", "--size", "64x16", "--layers", "fire3,fire9")
    assert result.exit_code == 0, result.output
    assert "warning: fire9: left out" in result.stderr
    assert "150 frames of 64x16" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_with_another_network_and_its_weights_from_a_file(photos: Path, tmp_path: Path, weights: Path) -> None:
    network = ("--network", "shufflenet_v2_x0_5", "--weights", weights, "--device", "cpu")
    film = ("--size", "64x48", "--layers", "stage2,stage3", "--hold", "1f", "--fade", "0", "--set", "dream.steps=1")
    result = zoomdream("sweep", photos / "rocket.jpg", "-o", tmp_path / "a.mp4", *film, *network)
    assert result.exit_code == 0, result.output
    assert probe(tmp_path / "a.mp4").frames == 2


def test_hold_fade_and_zoom_are_the_sweeps_and_set_goes_over_them(photos: Path, tmp_path: Path) -> None:
    lengths = ("--hold", "4f", "--fade", "2f", "--zoom", "1.5", "--set", "dream.layers.hold=3f")
    quick = ("--layers", "fire2,fire3", "--size", "32x32", "--set", "dream.steps=0", "--set", "dream.octaves=1")
    result = zoomdream("sweep", photos / "rocket.jpg", "-o", tmp_path / "a.mp4", *lengths, *quick)
    assert result.exit_code == 0, result.output
    assert probe(tmp_path / "a.mp4").frames == 3 + 2 + 3
    recipe = json.loads(read_tags(tmp_path / "a.mp4")["zoomdream_preset"])
    assert recipe["camera"]["zoom"] == 1.5


def test_help_has_the_sweeps_own_defaults() -> None:
    """Those of `sweep_preset`, which the command line leaves out where the user does."""
    text = zoomdream("sweep", "--help", COLUMNS="300").output
    for name in ("hold", "fade", "zoom"):
        (line,) = (line for line in text.splitlines() if f"--{name} " in line)
        assert f"[default: ({inspect.signature(sweep_preset).parameters[name].default})]" in line


def test_what_only_a_video_needs_is_without_effect_on_a_photo(preset: Path, tmp_path: Path) -> None:
    result = zoomdream("render", preset, "-o", tmp_path / "a.mp4", "--dry-run", "--allow-truncated")
    assert result.exit_code == 0, result.output
    assert "warning: --allow-truncated: no effect" in result.stderr
    result = zoomdream("render", preset, "-o", tmp_path / "a.mp4", "--dry-run")
    assert "--allow-truncated" not in result.stderr


def test_a_photo_that_loses_a_part_of_itself_has_a_warning(photos: Path, tmp_path: Path) -> None:
    fast = ("--size", "64x90", "--dry-run")
    result = zoomdream("render", "quickstart", "--input", photos / "rocket.jpg", "-o", tmp_path / "a.mp4", *fast)
    assert "warning: rocket.jpg is 640x427" in result.stderr


def test_what_becomes_of_the_sound_is_said_before_the_work(preset: Path, tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.2", "-f", "lavfi", "-i", "sine=d=0.2")
    ffmpeg(*picture, "-c:a", "flac", "-c:v", "ffv1", tmp_path / "a.mkv")
    size = ("--size", "64x48", "--duration", "2f", "--dry-run")
    for output, warning in (
        ("a.webm", "warning: a.mkv: sound track 1 (flac, mono) is re-encoded as opus, since .webm does not take it as"),
        ("a.gif", "warning: a.mkv: its sound is left out, since a .gif file holds none"),
    ):
        result = zoomdream("render", preset, "--input", tmp_path / "a.mkv", "-o", tmp_path / output, *size)
        assert result.exit_code == 0, result.stderr
        assert warning in result.stderr
    refused = zoomdream("render", preset, "--input", tmp_path / "a.mkv", "--audio-track", 2, *size)
    assert refused.exit_code == 2
    assert "--audio-track 2" in refused.stderr
    assert "a.mkv has no sound track 2: it has 1 (flac, mono)" in refused.stderr
