"""Small pictures of photos, clips and films, kept until their file is another one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from zoomdream.errors import SourceError
from zoomdream.films.previews.motion.sources import small_photo
from zoomdream.images.picture_kinds import is_picture
from zoomdream.images.png import decode_png
from zoomdream.images.regular_files import open_regular
from zoomdream.media import probe, read_frames
from zoomdream.media.clip import display_size
from zoomdream.output_files import whole_file

SIDE = 400
"""Pixels of the longer side."""

LARGER_SIDE = 960
"""The same of a frame that is watched while its film is made."""

_QUALITY = 85
_MOST = 2000  # files: the oldest go


class Posters:
    """The posters of a workspace, in a folder of the studio's own. Threads may use it at the same time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of_file(self, path: Path, seconds: float | None = None) -> bytes:
        """A JPEG of a photo, or of a clip's or a film's frame at a time; None: a third of the way.

        Raises SourceError for what is no picture.
        """
        status = path.stat()
        name = f"{path} {status.st_mtime_ns} {status.st_size} {seconds}"
        return self._kept(name, lambda: jpeg(_photo(path) if is_picture(path) else _frame(path, seconds)))

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        file = self._folder / f"{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:32]}.jpg"
        with suppress(FileNotFoundError):
            return file.read_bytes()
        made = make()
        self._folder.mkdir(parents=True, exist_ok=True)
        with whole_file(file) as part:
            part.write_bytes(made)
        self._tidy()
        return made

    def _tidy(self) -> None:
        files = sorted(self._folder.glob("*.jpg"), key=lambda file: file.stat().st_mtime)
        for file in files[:-_MOST]:
            file.unlink(missing_ok=True)


def small_jpeg(png: bytes) -> bytes:
    """A frame of a journal as a JPEG of at most `LARGER_SIDE` pixels a side. Raises SourceError for a damaged one."""
    pixels = decode_png(png)
    if pixels is None:
        raise SourceError("the newest frame that is kept is damaged")
    levels = (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else np.asarray(pixels, np.uint8)
    size = _small((levels.shape[1], levels.shape[0]), LARGER_SIDE)
    return jpeg(np.asarray(cv2.resize(levels, size, interpolation=cv2.INTER_AREA)))


def _photo(path: Path) -> np.ndarray:
    from zoomdream.images.picture_formats import open_decoder

    with open_regular(path, "picture") as file:
        _, opened = open_decoder(file, path)
        size = opened.size
    return small_photo(path, _small(size, most=SIDE), "fit")


def _frame(path: Path, seconds: float | None) -> np.ndarray:
    clip = probe(path)
    at = clip.duration / 3 if seconds is None else max(0.0, seconds)
    index = min(int(at * clip.fps), len(clip.source_indices()) - 1)
    with read_frames(clip, start=index, frames=1, size=_small(display_size(clip)), allow_truncated=True) as frames:
        pixels = next(frames, None)
    if pixels is None:
        raise SourceError(f"{path.name} has no frame there that can be decoded")
    return np.asarray(pixels)


def _small(size: tuple[int, int], most: int = SIDE) -> tuple[int, int]:
    ratio = min(1.0, most / max(size))
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def jpeg(pixels: np.ndarray) -> bytes:
    """HxWx3 uint8 RGB as a JPEG."""
    written, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert written
    return bytes(data)
