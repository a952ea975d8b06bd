"""Films and sounds of others: what a file holds, and its frames, by way of ffmpeg.

with read_frames(probe("bikes.mp4")) as frames:
    for frame in frames:
        ...
"""

from zoomdream.media.clip import Clip, audio_codec, probe
from zoomdream.media.reader import Pixels, read_frames
from zoomdream.media.tags import read_tags

__all__ = ["Clip", "Pixels", "audio_codec", "probe", "read_frames", "read_tags"]
