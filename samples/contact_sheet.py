"""Draw a contact sheet of a film: frames at equal distances in time, in a grid.

    python samples/contact_sheet.py film.mp4 sheet.jpg [--columns 3] [--rows 3] [--width 400]

Without options it shows nine frames; `--from N --every 1` shows consecutive ones, for looking at flicker.
"""

from __future__ import annotations

import argparse

import cv2
import numpy as np
from PIL import Image

from zoomdream.media import probe, read_frames


def main() -> None:
    """Read the film and write the sheet."""
    parser = argparse.ArgumentParser(description="A contact sheet of a film.")
    parser.add_argument("film")
    parser.add_argument("sheet")
    parser.add_argument("--columns", type=int, default=3)
    parser.add_argument("--rows", type=int, default=3)
    parser.add_argument("--width", type=int, default=400, help="of one frame, in pixels")
    parser.add_argument("--from", dest="first", type=int, default=0, help="index of the first frame")
    parser.add_argument("--every", type=int, help="distance between frames; evenly over the film if left out")
    options = parser.parse_args()
    clip = probe(options.film)
    count = options.columns * options.rows
    every = options.every or max(1, (clip.frames - 1 - options.first) // max(1, count - 1))
    height = round(options.width * clip.size[1] / clip.size[0])
    sheet = np.zeros((options.rows * height, options.columns * options.width, 3), np.uint8)
    with read_frames(clip, start=options.first) as frames:
        for index, frame in enumerate(frames):
            place, rest = divmod(index, every)
            if rest == 0 and place < count:
                top, left = (place // options.columns) * height, (place % options.columns) * options.width
                tile = cv2.resize(frame, (options.width, height), interpolation=cv2.INTER_AREA)
                sheet[top : top + height, left : left + options.width] = tile
    Image.fromarray(sheet).save(options.sheet, quality=88)


if __name__ == "__main__":
    main()
