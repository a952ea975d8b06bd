"""Clips with a flash and a beep at one instant, and how far apart they are in a film that is made from a clip."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.support.clips import FAST, ffmpeg
from zoomdream.encoding import Sound, open_film
from zoomdream.media import Clip, read_frames

RATE = 48000
"""Samples a second."""


class Instants(NamedTuple):
    """When a film flashes and beeps, in seconds after its beginning, and how long picture and sound are."""

    flash: float
    beep: float
    picture: float
    sound: float


def flash_and_beep(
    path: Path, *options: object, at: float = 2, seconds: float = 4, fps: int = 25, inputs: tuple[object, ...] = ()
) -> Path:
    """A clip of noise that is white, and beeps, for 0.2 s. `inputs` come before each of the two inputs."""
    picture = f"color=c=gray:s=64x48:r={fps}:d={seconds},noise=alls=40:allf=t,drawbox=c=white:t=fill"
    picture += f":enable='between(t,{at}-0.001,{at}+0.199)'"
    sound = f"aevalsrc='if(between(t,{at},{at}+0.2),0.8*sin(2*PI*1000*t),0)':s={RATE}:d={seconds}"
    ffmpeg("-f", "lavfi", "-i", picture, *inputs, "-f", "lavfi", "-i", sound, *options, path)
    return path


def film_of(
    clip: Clip, path: Path, *, first: int = 0, fps: Fraction | None = None, allow_truncated: bool = False
) -> Path:
    """A film of a clip's frames from `first` on, with its sound, as a film over a video begins."""
    rate = fps or clip.fps
    with read_frames(clip, start=first, fps=fps, size=(64, 48), allow_truncated=allow_truncated) as frames:
        pixels = list(frames)
    sound = Sound(clip.path, clip.start_time + first / rate, is_continuous=clip.is_continuous)
    with open_film(path, (64, 48), rate, FAST, frames=len(pixels), audio=sound) as film:
        for frame in pixels:
            film.write(frame)
    return path


def instants(film: Path) -> Instants:
    """Measure a film, from the times that its file says."""
    lines = ffmpeg("-copyts", "-i", film, "-map", "0:V:0", "-c", "copy", "-f", "framecrc", "-").decode().splitlines()
    base = next(Fraction(line.split(":")[1].strip()) for line in lines if line.startswith("#tb"))
    times = sorted(int(line.split(",")[2]) * base for line in lines if not line.startswith("#"))
    options = ("-map", "0:V:0", "-vf", "scale=8:8:flags=area", "-pix_fmt", "gray", "-fps_mode", "passthrough")
    grays = np.frombuffer(ffmpeg("-i", film, *options, "-f", "rawvideo", "-"), np.uint8).reshape(-1, 64).mean(1)
    # silence where the sound begins after the picture
    pad = ("-af", "aresample=async=1:first_pts=0", "-ac", 1, "-ar", RATE, "-f", "f32le", "-")
    sound = np.frombuffer(ffmpeg("-i", film, "-vn", *pad), np.float32)
    flash = float(times[int(np.argmax(grays > 200))] - times[0]) if (grays > 200).any() else float("nan")
    loud = np.abs(sound) > 0.2
    beep = float(np.argmax(loud)) / RATE if loud.any() else float("nan")
    return Instants(flash, beep, float(times[-1] - times[0]), len(sound) / RATE)
