"""A film as a folder of numbered PNGs of 8 or 16 bits, as the frames are, which appear there when all are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from zoomdream.encoding.encoder import write_error
from zoomdream.encoding.target import Target
from zoomdream.errors import EncodeError
from zoomdream.output_files import PartFolder

if TYPE_CHECKING:
    from zoomdream.images.frame import Levels

_COMPRESSION = 3  # of 0 to 9; the levels above cost several times the time for a few percent


class PNGFolder:
    """Sink of frames that writes PNGs, numbered from 0 on, into a temporary folder; `finish` moves them to the target.

    The temporary folder lies in `folder`, by default where `PartFolder` puts it.
    Where the target exists already, only files whose names are a frame's are replaced or removed in it. Raises
    EncodeError.
    """

    def __init__(self, target: Target, *, overwrite: bool = False, folder: Path | None = None) -> None:
        self._target = target
        self._count = 0
        self._stopped = False
        try:
            self._part = PartFolder(target.path, target.is_frame, overwrite=overwrite, folder=folder)
        except OSError as error:
            raise write_error(target.path, error) from error

    @property
    def awaited(self) -> str:
        """What `put` waits for, in words that follow "waiting for"."""
        return f"the disk of {self._target.path.parent} to take a frame"

    def put(self, frame: Levels) -> None:
        """Write one frame. Raises EncodeError."""
        if self._stopped:
            return
        encoded, data = cv2.imencode(
            ".png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, _COMPRESSION]
        )
        if not encoded:
            raise EncodeError(f"{self._target.path}: frame {self._count} could not be encoded as PNG")
        try:
            (self._part.path / self._target.frame_name(self._count)).write_bytes(data.tobytes())
        except OSError as error:
            raise write_error(self._target.path, error) from error
        self._count += 1

    def finish(self) -> None:
        """Move the frames to their place. Raises EncodeError, OutputExistsError."""
        try:
            self._part.commit()
        except OSError as error:
            raise write_error(self._target.path, error) from error

    def stop(self) -> None:
        """Write no more."""
        self._stopped = True

    def discard(self) -> None:
        """Remove what was written. After `finish` this does nothing."""
        self._part.discard()
