from __future__ import annotations

import errno
import os
import re
import signal
from pathlib import Path

import pytest
import typer

import zoomdream as package
from tests.support.clips import X264, pattern
from tests.support.commands import zoomdream
from zoomdream.cli.exit_codes import exit_code, exit_with_code, message
from zoomdream.cli.streams import StdoutError
from zoomdream.errors import (
    DreamError,
    EncodeError,
    MissingSourceError,
    OutOfMemoryError,
    OutputError,
    OutputExistsError,
    PresetError,
    SettingError,
    SourceError,
    TruncatedError,
    UnknownNameError,
    UsageError,
    WeightsError,
    ZoomdreamError,
)
from zoomdream.interruption import Interrupted
from zoomdream.networks import Network


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("dream a.png -o b.png --steps 2.5", "--steps 2.5: it must be a whole number"),
        ("dream a.png -o b.png --coherence 2", "--coherence 2: it must be from 0 to 1"),
        ("dream a.png -o b.png --stages 0", "--stages 0: it must be at least 1"),
        ("sweep a.png -o b.mp4 --zoom 1.2x", "--zoom 1.2x: it must be a number"),
        ("render quickstart --precision float8", "--precision float8: 'float8' is not one of"),
        ("render quickstart --duration 10", "--duration 10: canvas.duration: 10 has no unit: write 10s"),
        ("render quickstart --fps abc", "--fps abc: canvas.fps: 'abc' is not a frame rate"),
        ("render quickstart --set dream.steps=x", "--set dream.steps=x: dream.steps is 'x'"),
        ("sweep PHOTO -o b.mp4 --zoom 0", "--zoom 0.0: camera.zoom is 0.0: it must be at least"),
        ("sweep PHOTO -o b.mp4 --hold 5", "--hold 5: dream.layers.hold: 5 has no unit: write 5s"),
        ("dream PHOTO -o b.png --octave-scale 8", "--octave-scale 8.0: it must be a number over 1 to 4"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_option(
    arguments: str, sentence: str, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = zoomdream(*arguments.replace("PHOTO", str(photos / "coffee.png")).split())
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {sentence}")
    assert result.stderr.count("\n") == 1


def test_running_out_of_memory_has_its_sentence_and_its_code(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **named: object) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried ...")

    monkeypatch.setattr(Network, "activations", fail)
    photo, output = str(photos / "coffee.png"), str(tmp_path / "a.png")
    for command in (
        ["dream", photo, "--size", "96x64"],
        ["dream", photo, "--size", "96x64", "--layers", f"guide:fire5:{photo}"],
        ["visualize", f"guide:fire5:{photo}", "--size", "96"],
        ["visualize", "fire5", "--size", "96"],
        ["saliency", photo, "--layer", "fire5", "--size", "96x64"],
        ["sheet", "squeezenet1_1", "--layer", "fire5", "--channels", "0:2"],
        ["sheet", "squeezenet1_1", "--image", photo, "--layers", "fire5"],
    ):
        result = zoomdream(*command, "-o", output)
        assert result.exit_code == 6, (command, result.output)
        assert "does not fit into memory: choose" in result.output


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ZoomdreamError("x"), 1),
        (UsageError("x"), 2),
        (SettingError("x"), 2),
        (PresetError("x"), 2),
        (UnknownNameError("x"), 2),
        (SourceError("x"), 3),
        (MissingSourceError("x"), 3),
        (TruncatedError("x"), 3),
        (WeightsError("x"), 3),
        (OutputError("x"), 4),
        (OutputExistsError("x"), 4),
        (EncodeError("x"), 5),
        (OutOfMemoryError("x"), 6),
        (DreamError("x"), 1),
        (StdoutError("x"), 5),
        (KeyboardInterrupt(), 130),
        (Interrupted(signal.SIGINT), 130),
        (Interrupted(signal.SIGTERM), 143),
        (Interrupted(signal.SIGHUP), 129),
        (Interrupted(signal.SIGQUIT), 131),
        (BrokenPipeError(), 1),
    ],
)
def test_every_error_has_its_exit_code(error: BaseException, code: int, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught, exit_with_code():
        raise error
    assert caught.value.exit_code == code
    if isinstance(error, ZoomdreamError):
        assert exit_code(error) == code
        assert capfd.readouterr().err == "error: x\n" or isinstance(
            error, MissingSourceError | TruncatedError | OutputExistsError
        )


def noted(error: BaseException, note: str) -> BaseException:
    """The error with a note."""
    error.add_note(note)
    return error


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (KeyboardInterrupt(), "interrupted: nothing was written under the output's name"),
        (Interrupted(signal.SIGTERM), "terminated: nothing was written under the output's name"),
        (noted(Interrupted(signal.SIGHUP), "12 frames are kept"), "hung up: 12 frames are kept"),
        (noted(Interrupted(signal.SIGQUIT), "12 frames are kept"), "quit: 12 frames are kept"),
    ],
)
def test_a_signal_is_one_line_with_what_is_kept(
    error: BaseException, line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit), exit_with_code():
        raise error
    assert capfd.readouterr().err == f"{line}\n"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("can't start new thread"),
        ImportError("libtorch_cpu.so: failed to map segment from shared object"),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
        MemoryError(),
    ],
    ids=repr,
)
def test_a_limit_of_the_system_is_one_sentence(error: BaseException, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught, exit_with_code():
        raise error
    assert caught.value.exit_code == 6
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("error: no more memory or threads may be had (")


def test_an_encoders_broken_pipe_is_no_success(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), exit_with_code():
        raise BrokenPipeError(32, "Broken pipe")
    assert capfd.readouterr().err == "error: a program that zoomdream wrote to has ended ([Errno 32] Broken pipe)\n"


def test_an_error_that_nobody_raised_on_purpose_passes() -> None:
    with pytest.raises(ZeroDivisionError), exit_with_code():
        _ = 1 / 0


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (UsageError("it is wrong"), "it is wrong"),
        (MissingSourceError("a.jpg: no such file"), "a.jpg: no such file, or another with --input"),
        (TruncatedError("a.mp4 is short"), "a.mp4 is short; --allow-truncated takes what there is"),
        (OutputExistsError("a.mp4 exists"), "a.mp4 exists; replace it with -y, or choose another name"),
        (
            OutputExistsError("the folder / is not empty", is_folder=True),
            "the folder / is not empty; replace its frames with -y, or choose another name",
        ),
        (OutOfMemoryError("too large"), "too large"),
        (OutOfMemoryError("too large", tiled=True), "too large, or a smaller --max-memory"),
        (OutOfMemoryError("too large", needed=1_510_000_000), "too large, or --max-memory 1.6GB"),
        (UnknownNameError("no network x"), "no network x"),
        (UnknownNameError("no x", kind="layer", network="vgg16"), "no x (zoomdream layers vgg16 lists all)"),
        (UnknownNameError("no x", kind="class", network="vgg16"), "no x (zoomdream classes vgg16 lists all)"),
    ],
)
def test_a_message_ends_with_the_option_that_helps(error: ZoomdreamError, sentence: str) -> None:
    assert message(error) == sentence


def test_the_ways_out_work(photos: Path, tmp_path: Path) -> None:
    """What the messages offer, followed."""
    preset, out = tmp_path / "film.yaml", tmp_path / "a.mp4"
    preset.write_text(
        "zoomdream: 1\nsource: none.jpg\ncanvas: {size: 32x32, duration: 2f}\n"
        "dream: {layers: {fire3: 1}, octaves: 1, steps: 0}"
    )
    content = pattern(tmp_path / "whole.mp4", *X264, "-movflags", "+faststart", seconds=2).read_bytes()
    (tmp_path / "short.mp4").write_bytes(content[: len(content) // 2])

    result = zoomdream("render", preset, "-o", out)
    assert "or another with --input" in result.stderr
    result = zoomdream("render", preset, "-o", out, "--input", tmp_path / "short.mp4")
    assert "--allow-truncated takes what there is" in result.stderr
    result = zoomdream("render", preset, "-o", out, "--input", tmp_path / "short.mp4", "--allow-truncated")
    assert result.exit_code == 0, result.output
    result = zoomdream("render", preset, "-o", out, "--input", photos / "rocket.jpg")
    assert "replace it with -y" in result.stderr
    result = zoomdream("render", preset, "-o", out, "--input", photos / "rocket.jpg", "-y")
    assert result.exit_code == 0, result.output
    result = zoomdream("dream", photos / "rocket.jpg", "-o", tmp_path / "a.png", "--layers", "fire88")
    assert result.exit_code == 2
    assert "(zoomdream layers squeezenet1_1 lists all)" in result.stderr
    assert "fire8" in zoomdream("layers", "squeezenet1_1").stdout


def test_no_library_module_names_an_option() -> None:
    """The command line knows its options; a library's user has none of them."""
    root = Path(str(package.__file__)).parent
    options = re.compile(r"(?<![\w-])--[a-z][a-z-]+|[\s`]-[yoqj]\b")
    others = re.compile(r"pip install (--force-reinstall )?--no-deps|--pdeathsig|\"--\"")  # pip's and setpriv's
    lines = [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in root.rglob("*.py")
        if not {"cli", "studio"} & {*path.relative_to(root).parts}  # the studio renders by the command line
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if options.search(others.sub("", line))
    ]
    assert lines == []
