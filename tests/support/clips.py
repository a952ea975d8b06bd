"""Small films for the tests, from ffmpeg's generators or from frames."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zoomdream.encoding import open_film
from zoomdream.media import Clip, read_frames
from zoomdream.media.ffmpeg import executable
from zoomdream.settings import OutputSettings

FAST = OutputSettings(speed="ultrafast")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def ffmpeg(*arguments: object) -> bytes:
    """Run ffmpeg, and return what it wrote to stdout."""
    command = [executable(), "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout


@lru_cache(maxsize=24)
def _generated(source: str, suffix: str, *options: str) -> bytes:
    """A file of a generator's frames or samples: encoded once where several tests in turn need the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"generated{suffix}")
        ffmpeg("-f", "lavfi", "-i", source, *options, path)
        return path.read_bytes()


def pattern(path: Path, *options: object, size: str = "64x48", fps: object = 10, seconds: float = 3) -> Path:
    """A film in which all frames differ."""
    source = f"testsrc2=s={size}:r={fps}:d={seconds},noise=alls=30:allf=t"
    path.write_bytes(_generated(source, path.suffix, *map(str, options or X264)))
    return path


def lossless(path: Path, frames: Iterable[NDArray[Any]], fps: object = 25) -> Path:
    """A film whose frames come out as they were put in: HxWx3 uint8 RGB."""
    pixels = list(frames)
    height, width = pixels[0].shape[:2]
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps), "-i", "pipe:0")
    command = [executable(), "-v", "error", "-y", *raw, "-c:v", "ffv1", "-pix_fmt", "gbrp", str(path.absolute())]
    subprocess.run(command, input=b"".join(frame.tobytes() for frame in pixels), check=True)
    return path


def tone(path: Path, seconds: float = 2) -> Path:
    """A sound file: a sine."""
    path.write_bytes(_generated(f"sine=d={seconds}", path.suffix))
    return path


def plain(path: Path, color: tuple[int, int, int], *options: object, size: str = "64x48") -> Path:
    """A film of five frames in one RGB color."""
    source = f"color=0x{color[0]:02x}{color[1]:02x}{color[2]:02x}:s={size}:r=10:d=0.5,format=gbrp"
    path.write_bytes(_generated(source, path.suffix, *map(str, options)))
    return path


def children(of: int | str = "self") -> list[int]:
    """Processes that a process has started and not yet reaped; none where there is no /proc.

    The servers from which other tests fork their commands do not count: they last as long as the tests.
    """
    found = []
    for path in Path(f"/proc/{of}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
            found += [int(pid) for pid in path.read_text().split() if not _is_server(pid)]
    return found


def _is_server(pid: str) -> bool:
    try:
        return b"multiprocessing" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def noise(count: int, size: tuple[int, int], seed: int = 0) -> list[NDArray[np.uint8]]:
    """Frames that no encoder can make small."""
    random = np.random.default_rng(seed)
    return [random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8) for _ in range(count)]


def fill(color: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> NDArray[np.uint8]:
    """One frame in one color."""
    return np.full((size[1], size[0], 3), color, np.uint8)


def read_png(path: Path) -> NDArray[np.uint8]:
    """A picture file's pixels: HxWx3 RGB."""
    with Image.open(path) as picture:
        return np.array(picture.convert("RGB"))


def write_film(
    path: Path | str,
    frames: Sequence[NDArray[Any]],
    *,
    fps: Fraction = Fraction(25),
    output: OutputSettings = FAST,
    count: int | None = None,
    **options: Any,
) -> None:
    """Write frames with `open_film`; `count`: the number of frames announced, if another."""
    height, width, _ = frames[0].shape
    expected = len(frames) if count is None else count
    with open_film(path, (width, height), fps, output, frames=expected, **options) as film:
        for frame in frames:
            film.write(frame)


def read_film(source: Clip | Path | str, **options: Any) -> list[NDArray[np.uint8]]:
    """All frames that `read_frames` gives."""
    with read_frames(source, **options) as frames:
        return list(frames)
