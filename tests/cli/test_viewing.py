"""The commands that show a film before it is rendered, and what a finished one is: frame, preview, curves, contact,
inspect, doctor, and `--open`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from tests.support.commands import QUIET, zoomdream
from zoomdream.cli.viewing.checkup import findings
from zoomdream.errors import FFmpegError
from zoomdream.media import probe

SMALL = ("--set", "canvas={size: 64x48, fps: 12, duration: 5f}", "--set", "dream.octaves=1")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_curves_are_a_picture() -> None:
    result = zoomdream("curves", "quickstart")
    assert result.exit_code == 0, result.stderr
    assert "quickstart-curves.png: 1 moving tracks over 5 s" in result.stderr
    assert Image.open("quickstart-curves.png").width == 1540
    again = zoomdream("curves", "quickstart")
    assert again.exit_code == 4
    assert "replace it with -y" in again.stderr


def test_a_clips_cuts_are_among_its_curves(clips: Path) -> None:
    result = zoomdream("curves", "slow-trip", "--input", clips / "bikes.mp4", "--start", "1s", "--duration", "2.5s")
    assert result.exit_code == 0, result.stderr
    assert Path("slow-trip-curves.png").exists()


def test_curves_as_numbers() -> None:
    curves = json.loads(zoomdream("curves", "quickstart", "--json").stdout)
    zoom = next(track for track in curves["tracks"] if track["name"] == "camera.zoom")
    assert [(key["seconds"], key["value"]) for key in zoom["keyframes"]] == [(0, 1.15), (5, 1.4)]
    assert curves["mix"]["names"] == ["fire6", "fire8"]
    both = zoomdream("curves", "quickstart", "--json", "-o", "a.png")
    assert (both.exit_code, both.stdout) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("curves", "quickstart", "-o", "a.jpg"), 2, "its name must end in .png"),
        (("curves", "nothing"), 2, "neither a file nor a shipped preset"),
        (("curves", "quickstart", "-o", "no/a.png"), 4, "no"),
        (("frame", "quickstart", "-o", "a.mp4"), 2, "a picture's name ends in"),
        (("frame", "quickstart", "--at", "9s", *SMALL), 2, "--at 9s is not in the film"),
        (("frame", "quickstart", "--at", "soon", *SMALL), 2, "--at 'soon' is not a time"),
        (("preview", "quickstart", "-o", "a.txt"), 2, ".txt"),
        (("preview", "slow-trip", "-o", "a.mp4"), 3, "clip.mp4"),
        (("contact", "gone.mp4"), 3, "gone.mp4"),
        (("inspect", "gone.mp4"), 3, "gone.mp4"),
        (("render", "quickstart", "--dry-run", "--open"), 2, "--open: --dry-run makes no film"),
        (("render", "quickstart", "-o", "-", "--open"), 2, "--open: - is no file of this machine"),
    ],
)
def test_what_cannot_be_shown_is_told(arguments: tuple[str, ...], code: int, words: str) -> None:
    result = zoomdream(*arguments)
    assert result.exit_code == code, result.stderr
    assert words in result.stderr


def test_a_motion_preview_is_a_film() -> None:
    result = zoomdream("preview", "dive", "--motion", "--duration", "1s", *QUIET)
    assert result.exit_code == 0, result.stderr
    assert probe("dive-motion.mp4").frames == 15


def test_a_draft_is_rendered() -> None:
    """`preview` and `render -q draft` make the same film: small, and with every second of its frames."""
    options = ("--set", "canvas={size: 640x48, fps: 48, duration: 4f}", "--set", "dream.octaves=1")
    assert zoomdream("preview", "quickstart", *options, *QUIET).exit_code == 0
    film = probe("quickstart-draft.mp4")
    assert (film.size, film.fps, film.frames) == ((640, 48), 24, 2)
    large = ("--set", "canvas={size: 640x480, fps: 48, duration: 4f}")
    checked = zoomdream("render", "quickstart", "-q", "draft", "-o", "b.mp4", "--dry-run", *large)
    assert "2 frames of 440x330 at 24 per second" in checked.stderr


def test_the_size_that_is_asked_for_is_the_drafts() -> None:
    result = zoomdream("render", "quickstart", "-q", "draft", "--size", "96x64", "--duration", "2f", "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert "2 frames of 96x64 at 24 per second" in result.stderr


def test_a_frame_says_what_it_is() -> None:
    own = zoomdream("frame", "quickstart", "--at", "1f", *SMALL, *QUIET)
    assert own.exit_code == 0, own.stderr
    assert (
        "quickstart-frame.png: 64x48, frame 1 at 0.083 s; the film's own frame: 2 frames dreamed up to it" in own.stderr
    )
    kept = zoomdream("render", "quickstart", "-o", "f.mp4", "--keep-frames", *SMALL, *QUIET)
    assert kept.exit_code == 0, kept.stderr
    found = zoomdream("frame", "quickstart", "--film", "f.mp4", "--at", "end", "-o", "e.png", *SMALL, *QUIET)
    assert "frame 4 at 0.333 s; the film's own frame, kept by an earlier run" in found.stderr


def test_a_finished_film_is_looked_at() -> None:
    assert zoomdream("render", "quickstart", "-o", "f.mp4", *SMALL, *QUIET).exit_code == 0
    sheet = zoomdream("contact", "f.mp4")
    assert "f-contact.png" in sheet.stderr
    assert "5 pictures of f.mp4" in sheet.stderr
    words = zoomdream("inspect", "f.mp4")
    assert "network      squeezenet1_1" in words.stdout
    assert "source       sample:clouds" in words.stdout
    assert "zoomdream presets show f.mp4" in words.stderr
    assert json.loads(zoomdream("inspect", "f.mp4", "--json").stdout)["recipe"]["seed"] == 7


def test_another_programs_film_does_not_say_how_it_was_made(clips: Path) -> None:
    result = zoomdream("inspect", clips / "bikes.mp4")
    assert result.exit_code == 0
    assert "250 frames at 25 per second" in result.stdout
    assert "does not say how it was made" in result.stderr


def test_the_doctor_finds_all_that_a_film_needs() -> None:
    result = zoomdream("doctor")
    assert result.exit_code == 0, result.stderr
    assert "ok  torch" in result.stdout
    assert "squeezenet1_1" in result.stdout
    assert "h264" in result.stdout
    assert "all that a film needs is here" in result.stderr


def test_the_doctor_says_what_to_do_about_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise FFmpegError("there is no /no/ffmpeg")

    monkeypatch.setattr("zoomdream.encoding.encoders.available_encoders", missing)
    result = zoomdream("doctor", "--json")
    found = {each["name"]: each for each in json.loads(result.stdout)}
    assert "/no/ffmpeg" in found["ffmpeg"]["state"]
    assert found["ffmpeg"]["is_essential"]
    assert result.exit_code == 1
    assert "unset IMAGEIO_FFMPEG_EXE" in result.stderr
    assert "no film can be made before this is mended: ffmpeg" in result.stderr


def test_every_part_is_looked_at() -> None:
    names = [finding.name for finding in findings()]
    parts = ["zoomdream", "torch", "GPU", "device", "ffmpeg", "encoders", "weights", "memory", "disk here", "cache"]
    assert names == [*parts, "extras"]


@pytest.mark.skipif(os.name != "posix", reason="the program is a shell's")
def test_a_file_is_opened_in_the_systems_program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opener, fifo = folder / "bin" / "xdg-open", folder / "opened"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\necho "$1" > {fifo}\n', encoding="utf-8")
    opener.chmod(0o755)
    os.mkfifo(fifo)
    monkeypatch.setenv("PATH", f"{opener.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    assert zoomdream("curves", "neon", "--open").exit_code == 0
    assert fifo.read_text(encoding="utf-8") == f"{folder / 'neon-curves.png'}\n"


def test_without_a_screen_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    result = zoomdream("curves", "neon", "--open")
    assert result.exit_code == 0
    assert "--open: there is no screen or no program here that shows neon-curves.png" in result.stderr
