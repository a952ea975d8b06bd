"""The encoder of a GPU: taken where it works, and where it is wanted. A script stands in for an ffmpeg that has it."""

from __future__ import annotations

import os
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from tests.support.clips import fill, read_film
from zoomdream.encoding import encoder_warnings, open_film, output_target
from zoomdream.encoding.codecs import encoder_arguments
from zoomdream.encoding.hardware import ENCODER_TAG, film_encoder
from zoomdream.errors import EncodeError, UsageError
from zoomdream.media import probe, read_tags
from zoomdream.media.ffmpeg import executable
from zoomdream.settings import OutputSettings

SIZE = (64, 48)
FPS = Fraction(25)
COLORS = [(200, 60, 90), (30, 200, 30), (20, 30, 220)]
NVENC = frozenset({"h264_nvenc", "hevc_nvenc", "av1_nvenc", "libx264", "libx265", "libsvtav1", "libvpx-vp9", "gif"})

# NVENC's options become libx264's: constant quality its crf, and what it has not is left out.
WORKS = """#!/bin/sh
echo "$@" >> {log}
skip=
for argument do
  shift
  [ "$skip" ] && skip= && continue
  case "$argument" in
    h264_nvenc) argument=libx264 ;;
    -cq) argument=-crf ;;
    -rc|-tune|-b:v|-preset) skip=yes; continue ;;
  esac
  set -- "$@" "$argument"
done
exec {ffmpeg} "$@"
"""
FAILS = """#!/bin/sh
echo "$@" >> {log}
case "$*" in
  *_nvenc*) echo "[h264_nvenc @ 0x55d0c8] No capable devices found" >&2; exit 1 ;;
esac
exec {ffmpeg} "$@"
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """An ffmpeg with NVENC's encoders, as the parameter says; the file in which each run's arguments are a line."""
    script, log = tmp_path / "ffmpeg", tmp_path / "arguments"
    script.write_text(request.param.format(ffmpeg=executable(), log=log))
    script.chmod(0o755)
    for module in ("media.ffmpeg", "encoding.hardware"):
        monkeypatch.setattr(f"zoomdream.{module}.executable", lambda: str(script))
    for module in ("encoders", "hardware"):
        monkeypatch.setattr(f"zoomdream.encoding.{module}.available_encoders", lambda: NVENC)
    log.touch()
    return log


def choice(output: OutputSettings, *, on_gpu: bool = True, name: str = "a.mp4") -> tuple[str, str]:
    target = output_target(name, output.codec)
    chosen = film_encoder(target, SIZE, FPS, output, on_gpu=on_gpu)
    expected = [chosen.warning] if chosen.warning else []
    assert encoder_warnings(target, SIZE, FPS, output, on_gpu=on_gpu) == expected
    return chosen.encoder, chosen.warning


def trials(log: Path) -> int:
    return sum("-frames:v 1" in line for line in log.read_text().splitlines())


posix = pytest.mark.skipif(os.name != "posix", reason="the script is a shell's")


@posix
@pytest.mark.parametrize("stand_in", [WORKS], indirect=True)
def test_the_gpus_encoder_is_taken_where_the_film_is_dreamed_on_one(stand_in: Path) -> None:
    assert choice(OutputSettings()) == ("h264_nvenc", "")
    assert trials(stand_in) == 1  # asked again, it is known
    assert choice(OutputSettings(), on_gpu=False) == ("libx264", "")
    assert choice(OutputSettings(encoder="software")) == ("libx264", "")
    assert choice(OutputSettings(encoder="hardware"), on_gpu=False) == ("h264_nvenc", "")
    assert choice(OutputSettings(codec="vp9"), name="a.webm") == ("libvpx-vp9", "")
    assert choice(OutputSettings(), name="a.gif") == ("gif", "")


@posix
@pytest.mark.parametrize("stand_in", [WORKS], indirect=True)
def test_a_film_of_the_gpus_encoder_is_whole_and_says_what_made_it(stand_in: Path, tmp_path: Path) -> None:
    path, output = tmp_path / "a.mp4", OutputSettings(crf=8, speed="ultrafast")
    with open_film(path, SIZE, FPS, output, frames=3, metadata={"title": "t"}, on_gpu=True) as film:
        for color in COLORS:
            film.write(fill(color))
    clip = probe(path)
    assert (clip.frames, clip.pixel_format, clip.color_matrix, clip.color_range) == (3, "yuv420p", "bt709", "tv")
    assert (clip.start_time, clip.variable_rate) == (0, False)
    for frame, color in zip(read_film(clip), COLORS, strict=True):
        assert abs(frame.astype(int) - color).max() <= 2
    assert read_tags(path)[ENCODER_TAG] == "h264_nvenc"
    written = stand_in.read_text().splitlines()
    assert sum("-c:v h264_nvenc -preset p1 -tune hq -rc vbr -cq 8 -b:v 0 -bf 0" in line for line in written) == 2


@posix
@pytest.mark.parametrize("stand_in", [FAILS], indirect=True)
def test_where_the_trial_fails_the_film_is_encoded_on_the_processor(stand_in: Path, tmp_path: Path) -> None:
    encoder, warning = choice(OutputSettings())
    assert encoder == "libx264"
    assert warning == "libx264 encodes the film, since h264_nvenc does not work here: No capable devices found"
    assert choice(OutputSettings(), on_gpu=False) == ("libx264", "")
    with pytest.raises(EncodeError, match=r"h264_nvenc does not work here \(No capable .*\); choose auto or software"):
        choice(OutputSettings(encoder="hardware"))
    with open_film(
        tmp_path / "a.mp4", SIZE, FPS, OutputSettings(), frames=1, metadata={"title": "t"}, on_gpu=True
    ) as film:
        film.write(fill(COLORS[0]))
    assert read_tags(tmp_path / "a.mp4")[ENCODER_TAG] == "libx264"
    assert trials(stand_in) == 1


def test_an_ffmpeg_built_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoomdream.encoding.hardware.available_encoders", lambda: frozenset({"libx264"}))
    encoder, warning = choice(OutputSettings())
    assert (encoder, warning.partition(": ")[2]) == ("libx264", "this ffmpeg is built without it")


@pytest.mark.parametrize("name", ["a.gif", "a.webm", "frames/", "-"])
def test_a_codec_without_hardware(name: str) -> None:
    output = OutputSettings(encoder="hardware")
    with pytest.raises(UsageError, match="is encoded in software alone: choose h264, h265 or av1, or auto"):
        encoder_warnings(output_target(name), SIZE, FPS, output, on_gpu=True)


@pytest.mark.parametrize(
    ("codec", "output", "expected"),
    [
        ("h264", OutputSettings(), "p4 18"),
        ("h264", OutputSettings(crf=0, speed="veryslow"), "p7 1"),  # to NVENC 0 is "automatic"
        ("h265", OutputSettings(speed="slow"), "p5 22"),
        ("av1", OutputSettings(speed="ultrafast"), "p1 24"),
        ("av1", OutputSettings(crf=63, speed="fast"), "p3 51"),
    ],
)
def test_crf_and_speed_become_quality_and_preset(codec: str, output: OutputSettings, expected: str) -> None:
    encoder = {"h264": "h264_nvenc", "h265": "hevc_nvenc", "av1": "av1_nvenc"}[codec]
    arguments = encoder_arguments(codec, "mp4", output, encoder)
    values = dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert f"{values['-preset']} {values['-cq']}" == expected
    assert (values["-bf"], values["-b:v"], values["-rc"]) == ("0", "0", "vbr")
    assert values.get("-tag:v") == ("hvc1" if codec == "h265" else None)
    software = encoder_arguments(codec, "mp4", output)
    assert arguments[: arguments.index("-c:v")] == software[: software.index("-c:v")]  # the same pixels and tags


def test_ten_bits_are_handed_over_as_nvenc_takes_them() -> None:
    output = OutputSettings(codec="h265", depth=10)
    ours, theirs = (encoder_arguments("h265", "mp4", output, name) for name in ("hevc_nvenc", "libx265"))
    until = ours.index("-c:v")
    assert [word.replace("p010le", "yuv420p10le") for word in ours[:until]] == theirs[:until]
    listed = subprocess.run(
        [executable(), "-h", "encoder=hevc_nvenc"], capture_output=True, text=True, check=True
    ).stdout
    if "Supported pixel formats" in listed:  # where this ffmpeg is built with it
        assert "p010le" in listed.partition("Supported pixel formats")[2].splitlines()[0]
