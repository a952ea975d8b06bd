"""ffmpeg as a managed resource: probe a film, read its frames, write one.

clip = probe("bikes.mp4")
with read_frames(clip) as frames, open_film("out.mp4", clip.size, clip.fps, settings, frames=clip.frames) as film:
    for frame in frames:
        film.write(frame)
"""

from zoomdream.media.clip import Clip, audio_codec, probe
from zoomdream.media.encoder import Sound
from zoomdream.media.reader import Pixels, read_frames
from zoomdream.media.tags import read_tags
from zoomdream.media.target import Target, check_output, output_target
from zoomdream.media.writer import FilmWriter, open_film

__all__ = [
    "Clip",
    "FilmWriter",
    "Pixels",
    "Sound",
    "Target",
    "audio_codec",
    "check_output",
    "open_film",
    "output_target",
    "probe",
    "read_frames",
    "read_tags",
]
