"""One photo dreamed at several layers, on one sheet.

python examples/photo_at_layers.py samples/hills.jpg layers.jpg --layers fire2 fire5 fire8
"""

from __future__ import annotations

import argparse
from pathlib import Path

import zoomdream


def main() -> None:
    """Dream the photo at each layer and draw the sheet."""
    parser = argparse.ArgumentParser(description="A photo dreamed at several layers, on one sheet.")
    parser.add_argument("photo", type=Path)
    parser.add_argument("sheet", type=Path, help="the picture to write")
    parser.add_argument("--network", default="squeezenet1_1")
    parser.add_argument("--layers", nargs="+", default=["fire2", "fire5", "fire8"], help="layers, channels, classes")
    parser.add_argument("--cell", type=int, default=256, help="longer side of each picture in pixels")
    parser.add_argument("--steps", type=int, default=20, help="ascent steps per octave")
    options = parser.parse_args()

    network = zoomdream.load_network(options.network)
    photo = zoomdream.cell_photo(zoomdream.load_image(options.photo), options.cell)
    settings = zoomdream.DreamSettings(octaves=3, steps=options.steps, step_size=0.015, smoothing=0.5)
    sheet = zoomdream.layer_sheet(network, photo, options.layers, settings)
    zoomdream.save_image(sheet.run(), options.sheet, sheet.provenance)
    width, height = sheet.size
    print(f"{options.sheet}: {width}x{height}, {network.name} at {', '.join(options.layers)}")


if __name__ == "__main__":
    main()
