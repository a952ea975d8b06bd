"""The sound of a film, and how it is put into a container: planned and tried before the first frame.

A film is never lost for its sound: what a container does not take is encoded anew, remapped, mixed down, replaced by
another track or left out, and the plan says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from zoomdream.encoding.containers import Container
from zoomdream.encoding.sound_layouts import layout_for, rate_for
from zoomdream.encoding.sound_trial import TOLERATE_DAMAGE, Encoded, Excerpt, try_copy, try_encoding
from zoomdream.encoding.target import Target
from zoomdream.media.clip import AnyPath
from zoomdream.media.sound_tracks import SoundTrack, choose_track, decode_failure, sound_tracks

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
    tracks = sound_tracks(path)
    if not tracks:
        return SoundPlan()
    first = choose_track(path, tracks, sound.track)
    container = target.container
    if container is None or container.sound_encoder is None:
        what = "a folder of PNGs" if container is None else f"a {target.path.suffix} file"
        return SoundPlan(warnings=(f"{path.name}: its sound is left out, since {what} holds none",))
    seconds = film_seconds if sound.duration is None else min(sound.duration, film_seconds)
    others = [] if sound.track else [track for track in tracks if track != first]
    excerpts = (Excerpt(path, track.number - 1, sound.start, seconds) for track in (first, *others))
    return _first_that_works(excerpts, (first, *others), container, target.path.suffix)


def _first_that_works(
    excerpts: Iterable[Excerpt], tracks: Sequence[SoundTrack], container: Container, suffix: str
) -> SoundPlan:
    """The plan for the first track that can be used, with all departures in one warning."""
    said: list[str] = []
    name = ""
    for excerpt, track in zip(excerpts, tracks, strict=True):
        name = excerpt.path.name
        way = _way(excerpt, track, container, suffix)
        if way.output:
            taken = [f"track {track.label} is taken instead"] if said else []
            said += [*taken, *(f"{'it' if said else f'sound track {track.label}'} {words}" for words in way.words)]
            output = ("-map", f"{_INPUT}:a:{excerpt.index}", *way.output, *TOLERATE_DAMAGE)
            return SoundPlan(excerpt.input, output, (f"{name}: {'; '.join(said)}",) if said else ())
        said += [f"sound track {track.label} {words}" for words in way.words]
        if way.is_over:
            break
    return SoundPlan(warnings=(f"{name}: {'; '.join(said)}; the film has no sound",))


class _Way(NamedTuple):
    """How a track goes into a container."""

    output: tuple[str, ...]
    """ffmpeg's output options; empty where there is no way."""
    words: Sequence[str] = ()
    """What is to be told, after the track's name."""
    is_over: bool = False
    """Whether the track is sound enough, but not under this film: another would say something else there."""


def _way(excerpt: Excerpt, track: SoundTrack, container: Container, suffix: str) -> _Way:
    """Copied where the container takes it and nothing is lost by that, else encoded anew."""
    encoder = container.sound_encoder
    assert encoder is not None
    copied = try_copy(excerpt, container.muxer)
    is_listed = track.codec in container.sound_copied
    if copied.packets and copied.failure is None and copied.is_steady and is_listed:
        return _Way(excerpt.copy(container.muxer))
    result = Encoded(Fraction(0), 0, "")
    for filters, layout in _filters(encoder, track, excerpt.seconds):
        result = try_encoding(excerpt, filters, ("-c:a", encoder), container.muxer)
        if result.failure is None:
            has_gaps = is_listed and copied.packets and not copied.is_steady
            why = "its times have gaps" if has_gaps else f"{suffix} does not take it as it is"
            words = f"is encoded anew as {_codec(encoder)}{_layout_words(track, layout)}, since {why}"
            return _Way(("-af", filters, "-c:a", encoder), [words, *_damage(result)])
        if not result.seconds and not copied.packets:
            break
    failure = decode_failure(excerpt.path, track)
    if failure is None and not result.seconds:
        return _Way((), ["has nothing under the film"], is_over=True)
    return _Way((), [f"cannot be used ({failure or result.failure})"])


def _filters(encoder: str, track: SoundTrack, seconds: Fraction) -> Iterator[tuple[str, str]]:
    """Filters that make a track what an encoder takes, and the layout that comes out; the best first.

    Gaps become silence, and what comes before the film or overlaps is cut, so that sound and picture stay in step.
    """
    rate, layout = rate_for(encoder, track.rate), layout_for(encoder, track.layout)
    on_time = f"aresample={rate}:async=1:first_pts=0:rematrix_maxval=1"
    end = f"atrim=end={float(seconds):.6f}"
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


def _codec(encoder: str) -> str:
    return encoder.removeprefix("lib")


def _layout_words(track: SoundTrack, layout: str) -> str:
    if not track.layout or track.layout == layout:
        return ""
    return ", mixed down to stereo" if layout == "stereo" and track.layout != "mono" else f" in {layout}"


def _damage(result: Encoded) -> list[str]:
    """About packets that cannot be decoded."""
    if not result.damaged:
        return []
    return ["is damaged in one place" if result.damaged == 1 else f"is damaged in {result.damaged} places"]
