"""The sound tracks of a film or sound file: which there are, and which one a player plays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from zoomdream.errors import FFmpegError, SettingError, SourceError
from zoomdream.media.clip import AnyPath
from zoomdream.media.ffmpeg import error_summary, input_file, run
from zoomdream.media.probing.probe import checked_input

_INPUT = re.compile(r"^Input #0, (\S+), from", re.MULTILINE)
_START = re.compile(r"^  Duration: \S+ start: (-?\d{1,18}(?:\.\d{1,18})?)", re.MULTILINE)
_STREAM = re.compile(r"^  Stream #0:(\d{1,6})(?:\[\w+\])?(?:\(([^)]*)\))?: (\w+): (\w.*)$", re.MULTILINE)
_TITLE = re.compile(r"^      title +: (.*)$", re.MULTILINE)
_COMMA = re.compile(r",\s*(?![^(]*\))")  # outside of brackets
_RATE = re.compile(r"(\d{1,9}) Hz")
_NO_LAYOUT = re.compile(r"0 channels|\d+ kb/s|[us]\d+p?|fltp?|dblp?|dsd")


@dataclass(frozen=True)
class SoundTrack:
    """A stream of sound in a file, as its header describes it: what is really there is another question."""

    number: int
    """Among the file's sound tracks, counted from 1."""
    codec: str
    """ffmpeg's name; `none` where ffmpeg does not know it."""
    layout: str
    """ffmpeg's name of the channel layout, as `stereo` or `5.1(side)`; empty where the file does not say."""
    rate: int
    """Samples per second; 0 where the file does not say."""
    language: str = ""
    """As tagged, in most files three letters; empty where the file does not say."""
    title: str = ""
    """As tagged."""
    is_default: bool = False
    """Whether the file marks it as the one that is played unless another is asked for."""

    @property
    def label(self) -> str:
        """In words: `2 (aac, 5.1, fre, default)`."""
        details = (self.codec, self.layout, self.language, self.title[:40], "default" if self.is_default else "")
        return f"{self.number} ({', '.join(filter(None, details))})"


@dataclass(frozen=True)
class SoundFile:
    """A file with sound, or without, as its header describes it."""

    path: Path
    container: str
    """Names of ffmpeg's demuxer, with commas between them."""
    start: Fraction
    """Time of the container's beginning in seconds; 0 where it does not say."""
    tracks: tuple[SoundTrack, ...]
    """In the file's order."""


def sound_tracks(path: AnyPath) -> tuple[SoundTrack, ...]:
    """The sound tracks of a film or sound file, in the file's order. Raises SourceError as `sound_file` does."""
    return sound_file(path).tracks


def sound_file(path: AnyPath) -> SoundFile:
    """What the header of a film or sound file says of its sound.

    Raises SourceError when it is missing, no regular file, unreadable, or neither film nor sound.
    """
    path = Path(path)
    stderr = run(checked_input(path), path).stderr
    container, start = _INPUT.search(stderr), _START.search(stderr)
    if container is None:
        raise SourceError(f"{path} is not a sound or film file that ffmpeg can read: {error_summary(stderr)}")
    return SoundFile(path, container[1], Fraction(start[1]) if start else Fraction(0), parse_sound_tracks(stderr))


def parse_sound_tracks(stderr: str) -> tuple[SoundTrack, ...]:
    """The sound tracks in what ffmpeg prints of its first input."""
    streams = list(_STREAM.finditer(stderr.partition("\nStream mapping:\n")[0]))
    ends = [*(stream.start() for stream in streams[1:]), len(stderr)]
    sounds: dict[str, tuple[re.Match[str], str]] = {}
    for stream, end in zip(streams, ends, strict=False):  # an end more where there is no stream
        if stream[3] == "Audio":  # one that is in several programs of a broadcast is printed for each
            sounds.setdefault(stream[1], (stream, stderr[stream.end() : end]))
    in_order = sorted(sounds.values(), key=lambda sound: int(sound[0][1]))
    return tuple(_track(number, stream, details) for number, (stream, details) in enumerate(in_order, 1))


def _track(number: int, stream: re.Match[str], details: str) -> SoundTrack:
    parts = _COMMA.split(stream[4])
    rate = next((index for index, part in enumerate(parts) if _RATE.match(part)), None)
    layout = parts[1 if rate is None else rate + 1 :][:1]
    title = _TITLE.search(details)
    language = stream[2] or ""
    return SoundTrack(
        number=number,
        codec=parts[0].split()[0],
        layout=re.sub(r" \((?!.*\+).*", "", layout[0]) if layout and not _NO_LAYOUT.fullmatch(layout[0]) else "",
        rate=0 if rate is None else int(parts[rate].split()[0]),
        language="" if language == "und" else "".join(filter(str.isprintable, language)),
        title="".join(filter(str.isprintable, title[1])).strip() if title else "",
        is_default="(default)" in stream[4],
    )


def choose_track(path: Path, tracks: Sequence[SoundTrack], number: int | None) -> SoundTrack:
    """The track with a number; None: the default one, or the first. Raises SettingError where there is none such."""
    if number is None:
        return next((track for track in tracks if track.is_default), tracks[0])
    if not 1 <= number <= len(tracks):
        there = ", ".join(track.label for track in tracks)
        raise SettingError(f"{path.name} has no sound track {number}: it has {there}")
    return tracks[number - 1]


def decode_failure(path: AnyPath, track: SoundTrack) -> str | None:
    """Why nothing of a track can be decoded; None where it can. Reads on to the first packets of the track."""
    path = Path(path)
    arguments = [*input_file(path), "-map", f"0:a:{track.number - 1}", "-frames:a", "4", "-f", "framecrc", "pipe:1"]
    try:
        result = run(["-max_error_rate", "1", *arguments], path, loglevel="error")
    except FFmpegError as error:  # ended by a signal: the file did it
        return str(error)
    if any(line and not line.startswith("#") for line in result.stdout.splitlines()):
        return None
    # Of a track that a header only announces, ffmpeg says that it has no sample rate.
    return error_summary(result.stderr) if track.rate and result.stderr.strip() else "nothing is in it"
