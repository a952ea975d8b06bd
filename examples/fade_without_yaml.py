"""A fade between two objectives while the camera speeds up, built from values and without a preset.

python examples/fade_without_yaml.py samples/reef.jpg fade.mp4 --first fire5 --second class:castle
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

import zoomdream
from zoomdream import Clock, Crossfade, FilmObjectives, Keyframe, Time, Timeline, Track


def fade(first: str, second: str, seconds: str) -> Timeline:
    """A timeline that goes from one objective to another, from its beginning to its end, as the zoom grows."""
    start, end = Time.parse("0s"), Time.parse("end")
    mix = Crossfade.of((start, {first: 1.0}, "in-out-sine"), (end, {second: 1.0}, "linear"))
    zoom = Track((Keyframe(start, (1.1,), "in-quad"), Keyframe(end, (1.8,))))
    dream = {"octaves": 3, "steps": 3, "step_size": 0.012, "smoothing": 0.5}
    clock = Clock.lasting(Fraction(24), Time.parse(seconds))
    return Timeline(clock, mix, {"dream": dream, "camera": {"zoom": zoom}})


def main() -> None:
    """Build the film and render it."""
    parser = argparse.ArgumentParser(description="A fade between two objectives, without YAML.")
    parser.add_argument("photo", type=Path)
    parser.add_argument("film", type=Path, help="the film to write")
    parser.add_argument("--first", default="fire5", help="what the film begins with")
    parser.add_argument("--second", default="fire8", help="what it ends with")
    parser.add_argument("--size", type=int, nargs=2, default=(480, 270), metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--duration", default="2s", help="such as 2s or 48f")
    options = parser.parse_args()

    network = zoomdream.load_network()
    timeline = fade(options.first, options.second, options.duration)
    photo = zoomdream.fit_frame(zoomdream.load_image(options.photo), tuple(options.size))
    film = zoomdream.Film(timeline, photo, FilmObjectives.resolve(network, timeline), seed=7)
    zoomdream.render(film, options.film)
    for row in (timeline[0], timeline[len(timeline) // 2], timeline[-1]):
        mix = ", ".join(f"{objective} {weight:.0%}" for objective, weight in row.mix)
        print(f"frame {row.index}: {mix}, zoom {row.camera.zoom:.2f}")


if __name__ == "__main__":
    main()
