"""What becomes of an input: a film, examined by PyAV, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.inputs.pictures import PATCHES, SIZE, Corners
from tests.support.commands import QUIET, zoomdream

PRESET = """zoomdream: 1
source: noise
dream: {layers: {fire2: 1}, octaves: 1, steps: 0}
carry: {steps: 0, strength: 0}
output: {crf: 4, speed: ultrafast}
"""
"""Nearly without a dream: what goes in comes out."""


@dataclass(frozen=True)
class Film:
    """What a film must be like."""

    seconds: float = 0.5
    corners: Corners = PATCHES
    size: tuple[int, int] = SIZE
    hertz: int | None = None
    """Of its tone; None: it has no sound."""
    warns: str = ""
    """Words of a warning."""
    tolerance: float = 5
    """Of the corners' mean colors, in levels."""
    suffix: str = ".mp4"
    """Of the output."""
    options: tuple[str, ...] = ()
    """Of the command."""


@dataclass(frozen=True)
class Refusal:
    """How an input must be refused."""

    code: int
    words: str


def check(source: Path, expected: Film | Refusal, folder: Path | None = None) -> None:
    """Render a film from an input into a folder, by default the input's, and compare."""
    folder = folder or source.parent
    preset = folder / "pass.yaml"
    preset.write_text(PRESET, encoding="utf-8")
    suffix, options = (expected.suffix, expected.options) if isinstance(expected, Film) else (".mp4", ())
    output = folder / f"result{suffix}"
    length = () if is_film(source) else ("--duration", "5f", "--fps", "10")
    result = zoomdream("render", preset, "--input", source, "-o", output, *length, *options, *QUIET)
    text = result.stderr
    if isinstance(expected, Refusal):
        assert result.exit_code == expected.code, text
        assert expected.words in text
        assert "Traceback" not in text
        assert not output.exists()
        return
    assert result.exit_code == 0, f"{text}{result.exception!r}"
    assert expected.warns in text
    compare(output, expected)


def is_film(source: Path) -> bool:
    """Whether an input has a length of its own."""
    from zoomdream.images.pictures.loading import is_picture

    return not is_picture(source)


def compare(output: Path, expected: Film) -> None:
    """Compare a rendered film with what it must be like."""
    pixels, seconds = read(output)
    assert (pixels.shape[1], pixels.shape[0]) == expected.size
    assert abs(seconds - expected.seconds) <= 0.051, seconds
    off = [np.abs(np.subtract(mean, color)).max() for mean, color in zip(means(pixels), expected.corners, strict=True)]
    assert max(off) <= expected.tolerance, [np.round(mean) for mean in means(pixels)]
    hertz = tone(output)
    if expected.hertz is None:
        assert hertz is None
    else:
        assert hertz is not None
        assert abs(hertz - expected.hertz) < 12, hertz


def means(pixels: NDArray[np.uint8]) -> list[NDArray[np.float64]]:
    """The mean color in the middle of each quarter."""
    height, width = pixels.shape[:2]
    centers = [(y * height // 4, x * width // 4) for y in (1, 3) for x in (1, 3)]
    return [pixels[y - 4 : y + 4, x - 4 : x + 4].mean((0, 1)) for y, x in centers]


def read(path: Path) -> tuple[NDArray[np.uint8], float]:
    """A film's middle frame, and its length in seconds."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(stream)]
        assert stream.average_rate
        return frames[len(frames) // 2], float(len(frames) / stream.average_rate)


def tone(path: Path) -> int | None:
    """The strongest frequency of a film's sound in Hz; None without sound."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        samples = np.concatenate([frame.to_ndarray().astype(float).ravel() for frame in _mono(container, stream)])
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
        return round(spectrum.argmax() * 48000 / len(samples))


def _mono(container: av.container.InputContainer, stream: av.AudioStream) -> list[av.AudioFrame]:
    resampler = av.AudioResampler("flt", "mono", 48000)
    return [out for frame in container.decode(stream) for out in resampler.resample(frame)]
