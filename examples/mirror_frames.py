"""Do something with each frame of a film: mirror its left half, and write it as a picture.

python examples/mirror_frames.py quickstart mirrored --duration 1s
"""

from __future__ import annotations

import argparse
from pathlib import Path

import zoomdream


def main() -> None:
    """Dream the film's frames and write them mirrored."""
    parser = argparse.ArgumentParser(description="The frames of a film, mirrored, as PNGs.")
    parser.add_argument("preset", help="a YAML file, or a shipped preset's name")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--size", default="480x270", help="width and height in pixels")
    parser.add_argument("--duration", default="1s", help="the film's length")
    options = parser.parse_args()

    changes = [f"canvas.size={options.size}", f"canvas.duration={options.duration}"]
    film = zoomdream.prepare(zoomdream.load_preset(options.preset, changes))
    options.folder.mkdir(parents=True, exist_ok=True)
    for index, frame in enumerate(zoomdream.frames(film)):
        half = frame.shape[-1] // 2
        frame[..., -half:] = frame[..., :half].flip(-1)  # the frame is ours: the film goes on from its own copy
        zoomdream.save_image(frame, options.folder / f"{index:06}.png")
        print(f"frame {index + 1} of {len(film.timeline)}: mean brightness {frame.mean():.3f}")


if __name__ == "__main__":
    main()
