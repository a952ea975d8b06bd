"""Writes a film: which file and format, the encoder, sound and tags; the whole film appears, or nothing.

with open_film("out.mp4", clip.size, clip.fps, settings, frames=clip.frames) as film:
    for frame in frames:
        film.write(frame)
"""

from zoomdream.encoding.hardware import encoder_warnings
from zoomdream.encoding.sound import Sound, SoundPlan, plan_sound
from zoomdream.encoding.target import Target, check_output, output_target, output_warnings
from zoomdream.encoding.writer import FilmWriter, open_film

__all__ = [
    "FilmWriter",
    "Sound",
    "SoundPlan",
    "Target",
    "check_output",
    "encoder_warnings",
    "open_film",
    "output_target",
    "output_warnings",
    "plan_sound",
]
