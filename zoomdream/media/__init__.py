"""Films and sounds of others: what a file holds, and its frames, by way of ffmpeg.

with read_frames(probe("bikes.mp4")) as frames:
    for frame in frames:
        ...
"""

from zoomdream.media.clip import Clip
from zoomdream.media.decoding import Pixels
from zoomdream.media.picture_folders.sequence import is_picture_sequence
from zoomdream.media.probing.probe import audio_codec, probe
from zoomdream.media.reader import read_frames
from zoomdream.media.tags import read_tags

__all__ = ["Clip", "Pixels", "audio_codec", "is_picture_sequence", "probe", "read_frames", "read_tags"]
