"""Reads files that may be damaged, in a process of its own: `python -m tests.fuzz.reading FILE...`.

It may refuse a file with an error of the program's own; any other error ends the process.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.fuzz.properties import refuse_unclear
from zoomdream.errors import ZoomdreamError
from zoomdream.images.picture_files import is_picture, read_picture
from zoomdream.media import audio_codec, probe, read_frames

PICTURES = (".png", ".jpg", ".webp", ".tif", ".gif", ".bmp")


def read(file: Path) -> None:
    """Read a picture, or all of a clip's frames and its sound's codec. Raises ZoomdreamError."""
    if file.suffix in PICTURES and is_picture(file):
        read_picture(file)
        return
    audio_codec(file)
    with read_frames(probe(file), size=(16, 16)) as frames:
        for _ in frames:
            pass


def main(files: list[str]) -> None:
    """Read each file; the last line on stdout names the one that is being read."""
    for name in files:
        print(name, flush=True)
        try:
            read(Path(name))
        except ZoomdreamError as error:
            refuse_unclear(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
