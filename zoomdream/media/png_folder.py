"""A film as a folder of PNGs, built beside its place and moved there when it is whole."""

from __future__ import annotations

import shutil

import cv2

from zoomdream.errors import EncodeError
from zoomdream.media.encoder import write_error
from zoomdream.media.reader import RGBFrame
from zoomdream.media.target import Target

_COMPRESSION = 3  # of 0 to 9; the levels above cost several times the time for a few percent


class PictureFolder:
    """Sink of frames that writes numbered PNGs, from 0 on, into `target.part`.

    `finish` renames that folder to `target.path`. Where a folder exists already, only files whose names are a frame's
    are replaced or removed in it; others are left alone.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._written = 0
        self._stopped = False
        try:
            if target.part.exists():
                shutil.rmtree(target.part)
            target.part.mkdir()
        except OSError as error:
            raise write_error(target.path, error) from error

    def put(self, frame: RGBFrame) -> None:
        """Write one frame. Raises EncodeError."""
        if self._stopped:
            return
        encoded, data = cv2.imencode(
            ".png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, _COMPRESSION]
        )
        if not encoded:
            raise EncodeError(f"{self._target.path}: frame {self._written} could not be made a PNG")
        try:
            (self._target.part / self._target.name_of(self._written)).write_bytes(data.tobytes())
        except OSError as error:
            raise write_error(self._target.path, error) from error
        self._written += 1

    def finish(self) -> None:
        """Move the frames to their place. Raises EncodeError."""
        folder, part = self._target.path, self._target.part
        try:
            if not folder.exists():
                part.rename(folder)
                return
            names = {self._target.name_of(index) for index in range(self._written)}
            for name in sorted(names):
                (part / name).replace(folder / name)
            for entry in folder.iterdir():
                if self._target.is_frame(entry.name) and entry.name not in names:
                    entry.unlink()
            part.rmdir()
        except OSError as error:
            raise write_error(folder, error) from error

    def stop(self) -> None:
        """Write no more."""
        self._stopped = True

    def discard(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self._target.part, ignore_errors=True)
