"""What planning a film costs: seconds and memory for films of ten minutes, an hour and a day.

    python -m benchmarks.planning [--fps 60] [--size 640x360] [--stops 100] [--rounds 3]

Planning is `prepare` without reading the source and loading the network, which take as long for a short film. The
first film has tracks for most settings and five objectives that take turns; the second is a sweep with `--stops`
objectives; the third has a thousand keyframes; in the fourth twenty numbers are expressions.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import tracemalloc
from collections.abc import Mapping
from unittest.mock import patch

from zoomdream.films import preparation
from zoomdream.films.inputs.source import load_source
from zoomdream.networks import Network, load_network
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset
from zoomdream.runtime import choose_device

LENGTHS = {"10 min": 600, "1 h": 3600, "1 day": 86400}

CROSSFADE = {"0s": {"fire3": 1}, "25%": {"fire5": 1}, "50%": {"fire6": 1}, "75%": {"fire8": 1}, "end": {"fire9": 1}}

TRACKS: dict[str, dict[str, object]] = {
    "dream": {
        "octaves": {"0s": 2, "end": 4},
        "octave_scale": {"0s": 1.3, "end": 1.5},
        "steps": {"0s": 2, "end": 8},
        "step_size": {"0s": 0.01, "50%": 0.02, "end": 0.01},
    },
    "camera": {"zoom": {"0s": 1.1, "end": 1.4}, "rotate": {"0s": -3, "end": 3}, "pan": {"0s": [0, 0], "end": [0.1, 0]}},
    "color": {"coherence": {"0s": 0.1, "end": 0.5}},
}

EXPRESSIONS: dict[str, dict[str, object]] = {
    "dream": {
        "octaves": {"expr": "2 + floor(2 * random(bar))"},
        "octave_scale": {"expr": "1.4 + 0.1 * noise(time, 1)"},
        "steps": {"expr": "3 + 2 * tri(beat, 2, 0)"},
        "step_size": {"expr": "0.02 + 0.01 * noise(time, 2)"},
        "jitter": {"expr": "20 + 10 * sin(time)"},
        "natural_color": {"expr": "0.5 + 0.5 * sin(time / 7)"},
        "smoothing": {"expr": "abs(noise(time))"},
        "octave_blur": {"expr": "clamp(time / 1800, 0, 1)"},
        "octave_blend": {"expr": "clamp(0.9 + 0.1 * sin(beat), 0, 1)"},
    },
    "camera": {
        "zoom": {"expr": "1.2 + 0.1 * sin(tau * time / 4) + 0.05 * noise(time * 2)"},
        "rotate": {"expr": "10 * noise(beat / 8)"},
        "pan": [{"expr": "0.1 * noise(time, 3)"}, {"expr": "0.1 * noise(time, 4)"}],
        "center": [{"expr": "0.5 + 0.1 * noise(time, 5)"}, {"expr": "0.5 + 0.1 * noise(time, 6)"}],
    },
    "color": {"coherence": {"expr": "0.1 + 0.05 * sin(time)"}},
    "carry": {"strength": {"expr": "if(beat % 4 < 1, 0.8, 0.95)"}},
}
COMPUTED_MIX = {
    "fire3": {"expr": "pulse(4)"},
    "fire5": {"expr": "0.5 + 0.5 * noise(beat / 4)"},
    "fire8": {"expr": "max(0, sin(time))"},
}


def preset(
    seconds: int,
    fps: int,
    size: str,
    layers: object,
    tracks: Mapping[str, dict[str, object]] = TRACKS,
    **dream: object,
) -> Preset:
    """A film from noise with these settings."""
    canvas = {"size": size, "fps": fps, "duration": f"{seconds}s"}
    data = {"zoomdream": 1, "source": "noise", "bpm": 128, "canvas": canvas}
    sections = {**tracks, "dream": {**tracks["dream"], **dream, "layers": layers}}
    return load_preset_text(json.dumps({**data, **sections}))


def films(seconds: int, fps: int, size: str, stops: int) -> dict[str, Preset]:
    """The films, by name."""
    channels = [f"fire{number}:{channel}" for channel in range(stops) for number in (5, 8)][:stops]
    turn = seconds / stops
    sweep = {"sweep": channels, "hold": f"{turn * 0.8:.3f}s", "fade": f"{turn * 0.2:.3f}s"}
    zigzag = {f"{seconds * k / 1000:.3f}s": 0.01 + 0.01 * (k % 2) for k in range(1000)}
    return {
        "tracks": preset(seconds, fps, size, CROSSFADE),
        f"sweep of {stops}": preset(seconds, fps, size, sweep),
        "1000 keyframes": preset(seconds, fps, size, CROSSFADE, step_size=zigzag),
        "20 expressions": preset(seconds, fps, size, COMPUTED_MIX, EXPRESSIONS),
    }


def planning(film: Preset, network: Network, rounds: int) -> tuple[float, float]:
    """(median seconds, megabytes at most) of planning one film."""
    source = load_source(film, network.device)
    times = []
    with (
        patch.object(preparation, "load_source", lambda *_, **__: source),
        patch.object(preparation, "load_network", lambda *_, **__: network),
    ):
        tracemalloc.start()  # in a run that is not timed: it makes Python slower, and the first run cuts the network
        preparation.prepare(film, device=str(network.device))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        for _ in range(rounds):
            start = time.perf_counter()
            preparation.prepare(film, device=str(network.device))
            times.append(time.perf_counter() - start)
    return statistics.median(times), most / 1e6


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="What planning a film costs.")
    parser.add_argument("--fps", type=int, default=60)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--stops", type=int, default=100, help="objectives of the sweep")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    network = load_network("squeezenet1_1", device=choose_device("cpu"))
    print(f"{options.size} at {options.fps} per second, medians of {options.rounds} rounds")
    print(f"{'length':8} {'frames':>8}  {'film':16} {'s':>6} {'MB':>6}")
    for length, seconds in LENGTHS.items():
        for name, film in films(seconds, options.fps, options.size, options.stops).items():
            middle, most = planning(film, network, options.rounds)
            print(f"{length:8} {seconds * options.fps:8}  {name:16} {middle:6.2f} {most:6.1f}")


if __name__ == "__main__":
    main()
