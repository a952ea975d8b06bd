"""Whether a file is a photo, told by its first bytes; needs no torch."""

from __future__ import annotations

from pathlib import Path

from zoomdream.errors import SourceError
from zoomdream.images.durations import motion_in
from zoomdream.images.picture_formats import PICTURE_SUFFIXES, picture_format
from zoomdream.images.regular_files import open_regular


def is_picture(path: Path) -> bool:
    """Whether a file is a photo, and not a film or an animation: one with several pictures is a film if it moves.

    Missing files, those that cannot be opened, and folders are told by their suffix, as is a file that is no picture
    and has a picture's suffix: the error is then about a picture.
    """
    is_named_so = path.suffix.lower() in PICTURE_SUFFIXES
    try:
        with open_regular(path, "picture") as file:
            known = picture_format(file, path)
            return is_named_so if known is None else not motion_in(file, known.name).moves
    except (SourceError, OSError):
        return is_named_so
