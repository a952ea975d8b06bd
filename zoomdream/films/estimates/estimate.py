"""The time, the disk and the memory that a film takes, estimated before it is rendered."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zoomdream.encoding.codecs import encoder_bytes, frame_bits
from zoomdream.encoding.containers import CONTAINERS
from zoomdream.encoding.target import STDOUT
from zoomdream.films.estimates.step_times import frame_seconds, step_times, window_size
from zoomdream.films.estimates.workload import Workload, workloads
from zoomdream.films.film import Film
from zoomdream.films.footage import Footage
from zoomdream.films.playback.playing_order import played_frames, plays_forward
from zoomdream.memory import format_bytes, used_memory
from zoomdream.objectives.tile_plan import dream_bytes
from zoomdream.runtime import usable_cores

DAY = 86_400
"""Seconds; a film that takes longer gets a warning."""

# Bytes for each pixel of a frame of the shipped presets' dreams, as `docs/performance.md` lists them.
_PNG_BYTES: Mapping[int, float] = {8: 2.5, 16: 5.6}  # the journal's, which are written faster than small
_DELIVERY_BYTES: Mapping[str, float] = {
    **{"h264": 0.25, "h265": 0.17, "vp9": 0.13, "av1": 0.16, "prores": 0.8, "prores4444": 1.2, "ffv1": 1.8},
    **{"gif": 0.95, "webp": 0.4, "apng": 2.4, "avif": 0.18, "png": 2.1, "y4m": 1.5},
}
_DEEP_SHARE: Mapping[str, float] = {"ffv1": 2.8, "apng": 2.3, "png": 2.5, "y4m": 2}  # of 10 or 16 bits over 8
# Nanoseconds of one core for each pixel of a frame, measured with them.
_ENCODE_NS: Mapping[str, float] = {
    **{"h264": 130, "h265": 450, "vp9": 800, "av1": 370, "prores": 300, "prores4444": 330, "ffv1": 200},
    **{"gif": 1200, "webp": 170, "apng": 300, "avif": 1900, "png": 160, "y4m": 30},
}
_PNG_NS: Mapping[int, float] = {8: 25, 16: 60}
_STATE_FRAMES = 2  # in float32; where steps are amortized, or a loop begins in the midst of a dream, one more


@dataclass(frozen=True)
class Estimate:
    """What rendering a film takes. Dreams differ: each number may be off by half."""

    seconds: float
    """Time, from the first frame to the finished file."""
    disk_bytes: int
    """Bytes on the output's disk while it runs: the output, and the working folder beside it if there is one."""
    memory_bytes: int
    """The most bytes that this process, with what it holds now, and the ffmpeg that it starts hold at one time."""

    @property
    def summary(self) -> str:
        """For people: `about 4 min, 240 MB of disk, 1.1 GB of memory`."""
        disk, memory = format_bytes(self.disk_bytes), format_bytes(self.memory_bytes)
        return f"about {format_seconds(self.seconds)}, {disk} of disk, {memory} of memory"


def estimate(
    film: Film,
    span: range | None = None,
    *,
    output: Path | str = "film.mp4",
    journal: bool = True,
    finished: int = 0,
) -> Estimate:
    """Estimate a film's time, disk and memory; the frames of the film are the same with and without.

    It runs a few steps on a small frame, which takes about a second on two cores.

    Args:
        film: what `prepare` returned.
        span: the frames that are rendered; those before are dreamed too. None: all.
        output: where the film goes; the suffix says how large a frame is there.
        journal: whether finished frames and states are kept in a working folder while it runs.
        finished: how many frames an earlier run has finished.
    """
    span = range(len(film.timeline)) if span is None else span
    codec = _codec(film, output)
    memory = used_memory(film.network.device) + _more_memory(film) + encoder_bytes(codec, film.size)
    work = workloads(film, span.stop)
    share = 1 - _pixels(workloads(film, min(finished, span.stop))) / max(_pixels(work), 1) if finished else 1.0
    seconds = share * _seconds(film, work, span, codec, journal)
    return Estimate(seconds, _disk(film, span, codec, journal, str(output) == STDOUT), memory)


def estimate_warnings(estimate: Estimate, output: Path | str) -> list[str]:
    """Warnings where a film takes more than a day, or more disk than is free where `output` goes."""
    warnings = []
    free = free_disk(Path(output))
    if free < estimate.disk_bytes:
        warnings.append(
            f"the film needs about {format_bytes(estimate.disk_bytes)} of disk while it is rendered and "
            f"{_whole_megabytes(free)} are free at {output}: free some, choose another disk, or make it smaller or "
            f"shorter"
        )
    if estimate.seconds > DAY:
        warnings.append(
            f"the film takes about {format_seconds(estimate.seconds)}: a smaller size, fewer steps, fewer octaves or a "
            f"lower frame rate make it faster"
        )
    return warnings


def _whole_megabytes(count: int) -> str:
    """Rounded down, unlike what is needed: 0.4 MB of free disk are not 10."""
    return f"{count // 10**8 / 10:.1f} GB" if count >= 10**9 else f"{count // 10**6} MB"


def free_disk(path: Path) -> int:
    """Bytes that are free where a file or a folder of this name would lie, whether its folder exists yet or not."""
    folder = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
    return shutil.disk_usage(folder).free


def format_seconds(seconds: float) -> str:
    """A length of time for people: `40 s`, `4 min`, `2.5 h`, `3.1 days`."""
    for unit, length, most in (("s", 1, 90), ("min", 60, 90), ("h", 3600, 48)):
        amount = seconds / length
        if amount < most:
            return f"{max(1, math.ceil(amount)) if unit != 'h' else round(amount, 1):g} {unit}"
    return f"{seconds / DAY:.1f} days"


def _pixels(work: list[Workload]) -> float:
    return sum(each.pixels for each in work)


def _seconds(film: Film, work: list[Workload], span: range, codec: str, journal: bool) -> float:
    dreaming = 0.0
    for each, time in zip(work, step_times(film, work), strict=True):
        objective = film.objective(film.timeline[each.example])
        dreaming += time.seconds(each.steps, each.pixels)
        terms = len(objective.terms)
        if terms > 1:  # each term's strength is measured by a gradient of its own
            hides = any(term.may_hide for term, _ in objective.terms)
            pixels = each.octave_pixels if hides else each.first_pixels
            # Where steps are amortized, a step measures them as well: a pass backward more for each further term.
            more = terms - 1 if film.timeline[0].dream.schedule == "amortized" else terms + 1
            dreaming += time.seconds(each.frames, pixels) * more / 2
    size = film.size[0] * film.size[1]
    bits = frame_bits(film.output)
    played = played_frames(film.output, span)
    kept = span.stop if journal else 0 if plays_forward(film.output) else len(span)
    encoding = played * size * _ENCODE_NS[codec] * 1e-9 + kept * size * _PNG_NS[bits] * 1e-9
    frames = span.stop + (film.loop.run_in if film.loop else 0)
    return dreaming + frames * frame_seconds(film, film.timeline[span.stop - 1]) + encoding / usable_cores()


def _disk(film: Film, span: range, codec: str, journal: bool, is_stream: bool) -> int:
    """The output's bytes, and the journal's: its frames as PNG, and states that take no more than these, or two."""
    size = film.size[0] * film.size[1]
    bits = frame_bits(film.output)
    share = _DEEP_SHARE.get(codec, 1) if bits > 8 else 1
    delivery = 0 if is_stream else played_frames(film.output, span) * size * _DELIVERY_BYTES[codec] * share
    if not journal:
        return round(delivery + (0 if plays_forward(film.output) else len(span) * size * _PNG_BYTES[bits]))
    frames = span.stop * size * _PNG_BYTES[bits]
    more = (film.timeline[0].dream.schedule == "amortized") + bool(film.loop and film.loop.run_in)
    state = 12 * size * (_STATE_FRAMES + more)
    return round(delivery + frames + max(frames, state))


def _more_memory(film: Film) -> int:
    """Bytes that the frames take beside what this process holds: a step, copies of the frame, those of the source."""
    network = film.network
    taps = max(
        (objective.taps for objective in film.objectives.distinct(film.timeline)),
        key=lambda taps: (
            len({network.owner(tap.layer)[0].name for tap in taps}),
            network.smallest_input([tap.layer for tap in taps]),
        ),
    )
    beside = film.source.bytes_beside if isinstance(film.source, Footage) else 0
    return dream_bytes(network.measured_step_bytes(taps, window_size(film)), film.size) + beside


def _codec(film: Film, output: Path | str) -> str:
    container = CONTAINERS.get(".y4m" if str(output) == STDOUT else Path(output).suffix.lower())
    if film.output.codec != "auto":
        return film.output.codec
    return container.codecs[0] if container else "png"
