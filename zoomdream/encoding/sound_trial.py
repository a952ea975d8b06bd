"""Trials of a sound before a film is begun: its packets are read and decoded, the muxer and the encoder opened."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median_low

from zoomdream.errors import FFmpegError
from zoomdream.media.ffmpeg import RunResult, error_summary, input_file, run

TOLERATE_DAMAGE = ("-max_error_rate", "1")
"""ffmpeg's option: packets that cannot be decoded, however many, do not make the run a failure."""

_MOMENT = "1"  # seconds of sound that are decoded of a copy, or encoded
_LARGEST_STEP = Fraction(4, 1000)  # seconds; containers round times to milliseconds
_LARGEST_SUM = Fraction(20, 1000)  # seconds by which sound and picture may part where a player ignores gaps
_NOWHERE = ("-y", f"file:{os.devnull}" if os.name == "posix" else os.devnull)
_DAMAGE = re.compile(r"Decoding error:|Error submitting packet to decoder")
_REPEATED = re.compile(r"Last message repeated (\d+) times")
_OUT_TIME = re.compile(r"^out_time_us=(\d+)$", re.MULTILINE)
_NO_TIMESTAMP = -(2**63)
_OF_ONE_LENGTH = ("aac", "mp3", "mp2", "ac3", "eac3", "dts")  # codecs whose packets all last equally long


@dataclass(frozen=True)
class Excerpt:
    """The part of a file's sound track that lies under a film."""

    path: Path
    index: int
    """Of the track, among the file's sound tracks, from 0."""
    start: Fraction
    """In seconds after the file's beginning."""
    seconds: Fraction
    delay: Fraction = Fraction(0)
    """By which ffmpeg is to move it, in seconds, for it to be in step with the picture: see `late_by`."""

    @property
    def input(self) -> tuple[str, ...]:
        """ffmpeg's options that open it."""
        seek = ("-ss", f"{float(self.start):.6f}") if self.start > 0 else ()
        late = self.delay + max(Fraction(0), -self.start)  # a film may begin before its sound's file does
        delay = ("-itsoffset", f"{float(late):.6f}") if late else ()
        return tuple(input_file(self.path, "-vn", "-sn", "-dn", *delay, *seek, "-t", f"{float(self.seconds):.6f}"))

    @property
    def listing(self) -> tuple[str, ...]:
        """ffmpeg's output options that list its packets on stdout."""
        return ("-map", f"0:a:{self.index}", "-c", "copy", "-f", "framecrc", "pipe:1")

    def copy(self, muxer: str) -> tuple[str, ...]:
        """ffmpeg's output options that copy its packets into a container.

        Packets before the start (the seek's, an encoder's delay) are copied too unless that is turned off, and shift
        picture and sound of the film; only the edit lists of MP4 and MOV hide a delay.
        """
        hides_delay = muxer in ("mp4", "mov") and self.start <= 0
        return ("-c:a", "copy") if hides_delay else ("-c:a", "copy", "-copypriorss:a", "0")


@dataclass(frozen=True)
class Copied:
    """What came of copying an excerpt into a container."""

    packets: int
    """How many there are under the film; 0 also where ffmpeg could not even list them."""
    first: Fraction | None
    """Time of the first packet on the film's clock, in seconds; None where it has none."""
    is_steady: bool
    """Whether each packet begins where the one before ends, so that every player keeps the sound in step."""
    failure: str | None
    """Why the container does not take it, or a player could not decode it; None where all is well."""


def try_copy(excerpt: Excerpt, muxer: str) -> Copied:
    """Copy all of an excerpt into a container that is thrown away, and decode a moment of it."""
    source = ("-map", f"0:a:{excerpt.index}")
    muxing = (*source, *excerpt.copy(muxer), "-f", muxer, *_NOWHERE)
    decoding = (*source, "-t", _MOMENT, "-f", "null", *_NOWHERE)
    # Where most of that moment cannot be decoded, ffmpeg ends with an error, here without TOLERATE_DAMAGE.
    result = _run(excerpt, (*muxing, *excerpt.listing, *decoding))
    if not result.status:
        return _copied(result.stdout, None)
    return _copied(_run(excerpt, excerpt.listing).stdout, error_summary(result.stderr))


def late_by(excerpt: Excerpt, copied: Copied, file_start: Fraction) -> Fraction:
    """By how much an excerpt must be moved to be in step with the picture, in seconds.

    In a stream for broadcast ffmpeg takes the first packet of the streams that it reads for the file's beginning: a
    sound that begins after the picture comes too early. `file_start` is the container's beginning in the file's times.
    """
    first = _copied(
        _run(excerpt, (*excerpt.listing[:-3], "-frames:a", "1", *excerpt.listing[-3:]), "-copyts").stdout, None
    )
    if first.first is None or copied.first is None:
        return Fraction(0)
    late = first.first - file_start - excerpt.start - copied.first
    return late if abs(late) > _LARGEST_STEP else Fraction(0)


def _copied(framecrc: str, failure: str | None) -> Copied:
    """What a listing of packets says."""
    time_base, codec = Fraction(1), ""
    times: list[tuple[int, int]] = []
    for line in framecrc.splitlines():
        if line.startswith("#"):
            key, _, value = line.partition(":")
            time_base = Fraction(value.strip()) if key.startswith("#tb") else time_base
            codec = value.strip() if key.startswith("#codec_id") else codec
        elif line.count(",") > 3:
            start, length = line.split(",")[2:4]
            times.append((int(start), int(length)))
    gaps = _gaps(times, time_base, codec)
    first = times[0][0] * time_base if times and times[0][0] != _NO_TIMESTAMP else None
    under_film = [start for start, length in times if start + length > 0 or start == _NO_TIMESTAMP]
    return Copied(len(under_film), first, gaps <= _LARGEST_SUM, failure)


def _gaps(times: Sequence[tuple[int, int]], time_base: Fraction, codec: str) -> Fraction:
    """How many seconds are missing or there twice between packets, of which the presentation time and length is given.

    MP4 has no times but lengths: before a gap a packet is too long.
    """
    timed = [(start, length) for start, length in times if start != _NO_TIMESTAMP and length > 0]
    usual = median_low(length for _, length in timed) if timed and codec in _OF_ONE_LENGTH else None
    gaps = Fraction(0)
    for (start, length), (following, _) in pairwise(timed):
        steps = [abs(following - start - length), 0 if usual is None else length - usual]
        gaps += sum(step * time_base for step in steps if step * time_base > _LARGEST_STEP)
    return gaps


@dataclass(frozen=True)
class Encoded:
    """What came of decoding an excerpt to its end, and encoding its beginning."""

    seconds: Fraction
    """How much was decoded, silence before and in it counted; 0 where nothing was."""
    damaged: int
    """Packets that could not be decoded."""
    failure: str | None
    """Why it cannot be decoded, filtered, encoded or put into the container; None where all is well."""


def try_encoding(excerpt: Excerpt, filters: str, encoding: Sequence[str], muxer: str) -> Encoded:
    """Decode all of an excerpt through `filters`, and encode a moment of it into a container that is thrown away.

    `encoding`: ffmpeg's options that name the encoder.
    """
    source = ("-map", f"0:a:{excerpt.index}", "-af", filters)
    moment = (*source, "-t", _MOMENT, *encoding, "-f", muxer, *_NOWHERE)
    result = _run(excerpt, (*source, "-f", "null", *_NOWHERE, *moment), *TOLERATE_DAMAGE, "-progress", "pipe:1")
    times = _OUT_TIME.findall(result.stdout)
    seconds = Fraction(int(times[-1]), 10**6) if times else Fraction(0)
    failure = error_summary(result.stderr) if result.status else None
    if failure is None and not seconds:
        failure = error_summary(result.stderr) if result.stderr.strip() else "nothing of it can be decoded"
    return Encoded(seconds, _damaged_packets(result.stderr), failure)


def _damaged_packets(stderr: str) -> int:
    count, is_damage = 0, False
    for line in stderr.splitlines():
        repeated = _REPEATED.search(line)
        if repeated:
            count += int(repeated[1]) if is_damage else 0
            continue
        is_damage = _DAMAGE.search(line) is not None
        count += is_damage
    return count


def _run(excerpt: Excerpt, outputs: Sequence[str], *options: str) -> RunResult:
    """Run ffmpeg on an excerpt. A signal that ends it counts as a failure of the trial: the file has done it."""
    try:
        return run([*options, *excerpt.input, *outputs], excerpt.path, loglevel="error")
    except FFmpegError as error:
        return RunResult(1, "", str(error))
