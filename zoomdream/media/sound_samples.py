"""The samples of a sound track, decoded by ffmpeg: mono, at one rate, on the clock of the track's file."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zoomdream import interruption
from zoomdream.errors import FFmpegError, SourceError
from zoomdream.media.clip import AnyPath
from zoomdream.media.ffmpeg import FFmpeg, error_summary, input_file, run, signal_name
from zoomdream.media.sound_tracks import SoundFile, SoundTrack, choose_track, sound_file
from zoomdream.prefetch import on_early_end

Samples = NDArray[np.float32]

BLOCK = 2**18
"""Samples that are read at once: a megabyte."""
MOST_HOURS = 12
"""A longer sound is one whose times are damaged: what seems to be missing would be filled with silence."""
ON_TIME = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "wav", "mp3", "flac")
"""Containers, in ffmpeg's names, in which it leaves a sound that begins late where it is."""
_AT_ONCE = 2**16  # samples that ffmpeg's threads hand on: a third of its time went into waking one another for 4096
_LOUDEST = 8.0  # a float file may hold anything; its squares must not become infinite
_FIRST = re.compile(r"^\d+, *(-?\d+), *(-?\d+),", re.MULTILINE)
_TIME_BASE = re.compile(r"^#tb 0: (\d+)/(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class SoundSource:
    """A track of a film or sound file."""

    file: SoundFile
    track: SoundTrack

    @property
    def path(self) -> Path:
        """The file."""
        return self.file.path


def open_sound(path: AnyPath, number: int | None = None) -> SoundSource:
    """The track `number` of a file, counted from 1; None: the default one, or the first.

    Raises SourceError for a file that cannot be read or has no sound, SettingError for a track that it does not have.
    """
    file = sound_file(path)
    if not file.tracks:
        raise SourceError(f"{path} has no sound: name a file that has")
    return SoundSource(file, choose_track(file.path, file.tracks, number))


def read_samples(source: SoundSource, rate: int) -> Generator[Samples, None, None]:
    """A track's samples, mixed to mono, at `rate` a second, in blocks of at most `BLOCK`; full scale is 1.

    Sample n is heard n / rate seconds after the file's beginning, as `encoding.sound` lays it under a film: gaps are
    silence. What is damaged is left out. Close the iterator when done with it. Raises SourceError where nothing can be
    decoded, and for more than `MOST_HOURS`; FFmpegError where ffmpeg cannot be started or is ended by a signal.
    """
    count, reason = 0, ""
    for mix in _mixes(source.track):
        with FFmpeg(_arguments(source, rate, mix), stdout=True) as ffmpeg:
            on_early_end(ffmpeg.kill)
            for block in _blocks(ffmpeg, source.path):
                count += len(block)
                if count > MOST_HOURS * 3600 * rate:
                    raise SourceError(f"{source.path}: its sound lasts more than {MOST_HOURS} hours: cut it into parts")
                yield block
            if ffmpeg.end_signal:
                raise FFmpegError(
                    f"ffmpeg was ended by {signal_name(ffmpeg.end_signal)} while it read the sound of {source.path}"
                )
            reason = ffmpeg.error_output()
        if count:
            return
    words = error_summary(reason) if reason.strip() else "nothing is in it"
    raise SourceError(f"{source.path}: sound track {source.track.label} cannot be decoded: {words}")


def _blocks(ffmpeg: FFmpeg, path: Path) -> Iterator[Samples]:
    with interruption.waiting(f"ffmpeg to read {path.name} (process {ffmpeg.process_id})"):
        data = ffmpeg.stdout.read(4 * BLOCK)
    while data:
        block = np.frombuffer(data[: len(data) // 4 * 4], np.float32)
        yield _limited(block)
        with interruption.waiting(f"ffmpeg to read {path.name} (process {ffmpeg.process_id})"):
            data = ffmpeg.stdout.read(4 * BLOCK)


def _limited(block: Samples) -> Samples:
    """Samples that can be squared: none is infinite, and one that is no number is silence."""
    limited = np.clip(block, -_LOUDEST, _LOUDEST)
    return limited if np.isfinite(limited.sum()) else np.nan_to_num(limited, copy=False)


def _arguments(source: SoundSource, rate: int, mix: str) -> list[str]:
    late = _late_by(source)
    delay = ("-itsoffset", f"{float(late):.6f}") if late else ()
    filters = f"{mix},aresample={rate}:async=1:first_pts=0:osf=flt,asetnsamples={_AT_ONCE}:pad=0"
    return [
        *("-max_error_rate", "1", "-threads", "1"),
        *input_file(source.path, "-vn", "-sn", "-dn", *delay),
        *("-map", f"0:a:{source.track.number - 1}", "-af", filters, "-f", "f32le", "pipe:1"),
    ]


def _mixes(track: SoundTrack) -> list[str]:
    """Filters that make a track mono; the second for channels without a place, which the first cannot mix."""
    words = track.layout.split()
    usual = "aresample=ochl=mono:rematrix_maxval=1"
    if words[1:2] == ["channels"] and words[0].isdigit():
        return [usual, "pan=mono|c0<" + "+".join(f"c{index}" for index in range(int(words[0])))]
    return [usual]


def _late_by(source: SoundSource) -> Fraction:
    """By how much ffmpeg must move a sound, in seconds.

    In a stream for broadcast it takes the first packet of the streams that it reads for the file's beginning: a sound
    that begins after the picture comes too early.
    """
    if source.file.container in ON_TIME:
        return Fraction(0)
    own, read = _first_time(source, "-copyts"), _first_time(source)
    return Fraction(0) if own is None or read is None else own - source.file.start - read


def _first_time(source: SoundSource, *options: str) -> Fraction | None:
    """When the first packet is presented, in seconds; None where there is none, or without a time."""
    listing = ("-map", f"0:a:{source.track.number - 1}", "-c", "copy", "-frames:a", "1", "-f", "framecrc", "pipe:1")
    arguments = [*options, *input_file(source.path, "-vn", "-sn", "-dn"), *listing]
    text = run(arguments, source.path, loglevel="error").stdout
    base, first = _TIME_BASE.search(text), _FIRST.search(text)
    if base is None or first is None or int(first[2]) == -(2**63):
        return None
    return int(first[2]) * Fraction(int(base[1]), int(base[2]))
