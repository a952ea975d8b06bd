"""The sound of a film, and how it is put into a container: planned and tried before the first frame.

A film is never lost for its sound: what a container does not take is encoded anew, remapped, mixed down, replaced by
another track or left out, and the plan says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from zoomdream.encoding.containers import Container
from zoomdream.encoding.sound_layouts import keeps_layout, layout_for, rate_for
from zoomdream.encoding.sound_trial import TOLERATE_DAMAGE, Encoded, Excerpt, late_by, try_copy, try_encoding
from zoomdream.encoding.target import Target
from zoomdream.media.clip import AnyPath
from zoomdream.media.sound_samples import ON_TIME
from zoomdream.media.sound_tracks import SoundFile, SoundTrack, choose_track, decode_failure, sound_file

_INPUT = 2  # the film's third one, after the frames and the tags


@dataclass(frozen=True)
class Sound:
    """Sound for a film: a track of a file. A file without one gives a film without sound."""

    path: AnyPath
    """A film or a sound file."""
    start: Fraction = Fraction(0)
    """Seconds into the file at which the film begins; `clip.start_time + k / clip.fps` for a clip from frame k on."""
    duration: Fraction | None = None
    """In seconds; None: as long as the film."""
    track: int | None = None
    """Which of the file's sound tracks, counted from 1. None: the one marked as default, or the first; where that one
    cannot be used, another."""
    is_continuous: bool = True
    """Whether the file's clock does; where it jumps, nothing can be sought in it, and the sound is decoded from the
    file's beginning on."""


@dataclass(frozen=True)
class SoundPlan:
    """How a sound is put into a film's file; one without `input` gives a film without sound."""

    input: tuple[str, ...] = ()
    """ffmpeg's options that open the sound's file."""
    output: tuple[str, ...] = ()
    """ffmpeg's options that put the sound into the film."""
    warnings: tuple[str, ...] = ()
    """In what the film's sound departs from the source's."""


def plan_sound(sound: Sound | None, target: Target, film_seconds: Fraction) -> SoundPlan:
    """Find a way to put a sound into the file of a film that lasts `film_seconds`, and try it.

    The sound under the film is read to its end, or decoded where it is encoded anew, at several hundred times its
    speed; its beginning goes through the real encoder and muxer. Raises SourceError when the sound's file cannot be
    read, SettingError for a track that it does not have.
    """
    if sound is None:
        return SoundPlan()
    path = Path(sound.path)
    file = sound_file(path)
    if not file.tracks:
        return SoundPlan()
    first = choose_track(path, file.tracks, sound.track)
    container = target.container
    if container is None or container.sound_encoder is None:
        what = (
            "y4m" if target.is_stream else "a folder of PNGs" if container is None else f"a {target.path.suffix} file"
        )
        return SoundPlan(warnings=(f"{path.name}: its sound is left out, since {what} holds none",))
    seconds = film_seconds if sound.duration is None else min(sound.duration, film_seconds)
    others = [] if sound.track else [track for track in file.tracks if track != first]
    skipped = Fraction(0) if sound.is_continuous else max(Fraction(0), sound.start)
    ways = _Ways(file, sound.start - skipped, seconds, container, target.path.suffix, skipped)
    return _first_that_works(ways, [first, *others])


def _first_that_works(ways: _Ways, tracks: Sequence[SoundTrack]) -> SoundPlan:
    """The plan for the first track that can be used, with all departures in one warning."""
    said: list[str] = []
    name = ways.file.path.name
    for track in tracks:
        way = ways.of_track(track)
        if way.output:
            taken = [f"track {track.label} is taken instead"] if said else []
            subjects = ["it"] * len(way.words) if said else [f"sound track {track.label}", "it"]
            said += [*taken, *(f"{subject} {words}" for subject, words in zip(subjects, way.words, strict=False))]
            return SoundPlan(way.input, way.output, (f"{name}: {'; '.join(said)}",) if said else ())
        said += [f"sound track {track.label} {words}" for words in way.words]
        if way.is_over:
            break
    return SoundPlan(warnings=(f"{name}: {'; '.join(said)}; the film has no sound",))


class _Way(NamedTuple):
    """How a track goes into a container."""

    input: tuple[str, ...]
    """ffmpeg's options that open it."""
    output: tuple[str, ...]
    """ffmpeg's output options; empty where there is no way."""
    words: Sequence[str] = ()
    """What is to be told, after the track's name."""
    is_over: bool = False
    """Whether the track is sound enough, but not under this film: another would say something else there."""


@dataclass(frozen=True)
class _Ways:
    """The ways of a file's tracks into a container."""

    file: SoundFile
    start: Fraction
    """Where the sound is read from, in seconds after the file's beginning."""
    seconds: Fraction
    """Of the film."""
    container: Container
    suffix: str
    skipped: Fraction = Fraction(0)
    """Seconds of what is read that come before the film: they are decoded, and cut off then."""

    def of_track(self, track: SoundTrack) -> _Way:
        """Copied where the container takes it and nothing is lost by that, else re-encoded."""
        excerpt = Excerpt(self.file.path, track.number - 1, self.start, self.skipped + self.seconds)
        copied = try_copy(excerpt, self.container.muxer)
        if self.file.container not in ON_TIME and copied.packets:
            excerpt = replace(excerpt, delay=late_by(excerpt, copied, self.file.start))
        is_listed = (
            not self.skipped and track.codec in self.container.sound_copied and keeps_layout(track.codec, track.layout)
        )
        if copied.packets and copied.failure is None and copied.is_steady and is_listed:
            return _used(excerpt, excerpt.copy(self.container.muxer))
        has_gaps = is_listed and copied.packets > 0 and not copied.is_steady
        why = "its clock jumps" if self.skipped else "its times have gaps" if has_gaps else None
        return self._encoded(excerpt, track, why)

    def _encoded(self, excerpt: Excerpt, track: SoundTrack, why: str | None) -> _Way:
        encoder = self.container.sound_encoder
        assert encoder is not None
        result = None
        for filters, layout in _filters(encoder, track, self.skipped, self.seconds):
            result = try_encoding(excerpt, filters, ("-c:a", encoder), self.container.muxer)
            if result.failure is None:
                why = why or f"{self.suffix} does not take it as it is"
                words = f"is re-encoded as {encoder.removeprefix('lib')}{_layout_words(track, layout)}, since {why}"
                return _used(excerpt, ("-af", filters, "-c:a", encoder), words, *_damage(result, excerpt))
        failure = decode_failure(excerpt.path, track)
        if failure is None and result is not None and not result.seconds:
            return _Way((), (), ["has nothing under the film"], is_over=True)
        return _Way((), (), [f"cannot be used ({failure or (result and result.failure)})"])


def _used(excerpt: Excerpt, output: tuple[str, ...], *words: str) -> _Way:
    return _Way(excerpt.input, ("-map", f"{_INPUT}:a:{excerpt.index}", *output, *TOLERATE_DAMAGE), words)


def _filters(encoder: str, track: SoundTrack, skipped: Fraction, seconds: Fraction) -> Iterator[tuple[str, str]]:
    """Filters that make a track what an encoder takes, and the layout that comes out; the best first.

    Gaps become silence, and what comes before the film or overlaps is cut, so that sound and picture stay in step.
    """
    rate, layout = rate_for(encoder, track.rate), layout_for(encoder, track.layout)
    on_time = f"aresample={rate}:async=1:first_pts=0:rematrix_maxval=1"
    end = f"atrim=end={float(skipped + seconds):.6f}"
    if skipped:
        end += f":start={float(skipped):.6f},asetpts=PTS-STARTPTS"
    for name in dict.fromkeys((layout, "stereo")):
        yield f"{on_time}:ochl={name},{end}", name
    # Channels without a place, as of a recorder of many tracks, cannot be mixed by their places.
    count = _channels(track.layout)
    if count > 2:
        left, right = ("+".join(f"c{index}" for index in range(side, count, 2)) for side in (0, 1))
        yield f"pan=stereo|c0<{left}|c1<{right},{on_time},{end}", "stereo"
    yield f"channelmap=map=0|1:channel_layout=stereo,{on_time},{end}", "stereo"


def _channels(layout: str) -> int:
    """The number of channels of a layout that ffmpeg has no name for, as `17 channels`; 0 for others."""
    words = layout.split()
    return int(words[0]) if words[1:2] == ["channels"] and words[0].isdigit() else 0


def _layout_words(track: SoundTrack, layout: str) -> str:
    if not track.layout or track.layout == layout:
        return ""
    return ", mixed down to stereo" if layout == "stereo" and track.layout != "mono" else f" in {layout}"


def _damage(result: Encoded, excerpt: Excerpt) -> list[str]:
    """About packets that cannot be decoded. One is where a film begins midway: it is cut in two there."""
    count = result.damaged - (excerpt.start > 0)
    return [f"is damaged in {count} place{'s' if count > 1 else ''}, and silent there"] if count > 0 else []
