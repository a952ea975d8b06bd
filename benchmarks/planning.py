"""What planning a film costs: seconds and memory for films of ten minutes, an hour and a day.

    python -m benchmarks.planning [--fps 60] [--size 640x360] [--stops 100] [--rounds 3] [--only-sound]

Planning is `prepare` without reading the source and loading the network, which take as long for a short film. The
first film has tracks for most settings and five objectives that take turns; the second is a sweep with `--stops`
objectives; the third has a thousand keyframes; in the fourth twenty numbers are expressions.

Last comes a film of half an hour whose twenty expressions hear a sound of that length, FLAC in stereo, which nobody has
analysed yet: in a process of its own, whose highest memory is the whole process's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

from zoomdream.films import preparation
from zoomdream.films.inputs.source import load_source
from zoomdream.media.ffmpeg import executable
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


SOUND_SECONDS = 1800


SOUNDS = {"wav": ("-c:a", "pcm_s16le"), "flac": (), "mp3": ("-b:a", "192k")}
"""Files of a sound, with ffmpeg's options for them; FLAC has 24 bits."""


def with_sound(fps: int, size: str, kind: str) -> dict[str, float]:
    """Seconds and megabytes of making the timeline of half an hour with its sound, with what torch takes left out."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sound.{kind}"
        source = f"aevalsrc='random(0)*0.3*exp(-8*mod(t\\,0.5))|0.2*sin(330*t)*exp(-5*mod(t\\,0.5))':d={SOUND_SECONDS}"
        arguments = ["-f", "lavfi", "-i", source, "-ar", "44100", *SOUNDS[kind], str(path)]
        subprocess.run([executable(), "-v", "error", *arguments], check=True)
        command = [sys.executable, "-c", _WITH_SOUND, str(path), str(fps), size]
        environment = {**os.environ, "ZOOMDREAM_CACHE": folder}
        answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        numbers: dict[str, float] = json.loads(answer.stdout)
        return numbers


_WITH_SOUND = """
import json, resource, sys, time
from benchmarks.planning import COMPUTED_MIX, EXPRESSIONS, SOUND_SECONDS, preset
from zoomdream.films.inputs.film_sound import FilmSound
from zoomdream.films.inputs.source import load_source
from zoomdream.media.ffmpeg import executable
from zoomdream.runtime import choose_device
path, fps, size = sys.argv[1], int(sys.argv[2]), sys.argv[3]
tracks = {**EXPRESSIONS, "audio": {"file": path}}
tracks["camera"] = {**tracks["camera"], "zoom": {"follow": "bass", "from": 1.1, "to": 1.4}}
tracks["dream"] = {**tracks["dream"], "step_size": {"expr": "0.01 + 0.01 * onset"}}
film = preset(SOUND_SECONDS, fps, size, COMPUTED_MIX, tracks)
source = load_source(film, choose_device("cpu"))
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
heard = FilmSound(film, source)
timeline = film.timeline(source.clock, film.variables(source.clock, source.size, heard))
for part in timeline.parts():
    for name in ("camera.zoom", "dream.step_size", "camera.pan"):
        timeline.values(name, part.start, part.stop)
seconds = time.perf_counter() - start
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "added": (most - before) / 1024, "whole": most / 1024}))
"""


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="What planning a film costs.")
    parser.add_argument("--fps", type=int, default=60)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--stops", type=int, default=100, help="objectives of the sweep")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only-sound", action="store_true", help="nothing but the film with a sound")
    options = parser.parse_args()
    if not options.only_sound:
        print_table(options)
    print("half an hour with its sound, not analysed before:")
    for kind in SOUNDS:
        cost = with_sound(options.fps, options.size, kind)
        print(
            f"{kind:4} {cost['seconds']:.2f} s, {cost['added']:.0f} MB more than before, {cost['whole']:.0f} with torch"
        )


def print_table(options: argparse.Namespace) -> None:
    """Measure films without a sound, and print them."""
    network = load_network("squeezenet1_1", device=choose_device("cpu"))
    print(f"{options.size} at {options.fps} per second, medians of {options.rounds} rounds")
    print(f"{'length':8} {'frames':>8}  {'film':16} {'s':>6} {'MB':>6}")
    for length, seconds in LENGTHS.items():
        for name, film in films(seconds, options.fps, options.size, options.stops).items():
            middle, most = planning(film, network, options.rounds)
            print(f"{length:8} {seconds * options.fps:8}  {name:16} {middle:6.2f} {most:6.1f}")


if __name__ == "__main__":
    main()
