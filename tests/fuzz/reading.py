"""Reads files that may be damaged, in a process of its own: `python -m tests.fuzz.reading ROLE SECONDS FILE...`.

Each file may be refused with an error of the program's own. A line of JSON on stdout says what became of it; anything
else than that, a file that takes too long and too much memory end up on stderr, and in the exit status.
"""

from __future__ import annotations

import faulthandler
import functools
import json
import resource
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import torch

from tests.fuzz.properties import refuse_unclear
from tests.support.commands import zoomdream
from zoomdream.encoding.sound import Sound, plan_sound
from zoomdream.encoding.target import output_target
from zoomdream.errors import WeightsError, ZoomdreamError
from zoomdream.films.journal.folder import find_journal
from zoomdream.films.journal.listing import list_journals
from zoomdream.films.states import STATE_FORMAT
from zoomdream.images.pictures.loading import is_picture, picture_size, read_picture
from zoomdream.media import audio_codec, probe, read_frames
from zoomdream.networks import Network, load_network
from zoomdream.networks.weights import read_weights
from zoomdream.objectives.resolver import resolve
from zoomdream.presets.loading import load_preset
from zoomdream.schedule.music.audio_features import audio_features

MOST_BYTES = 2 * 10**9
"""What reading a file may take at most, in this process beyond what it held, and in ffmpeg."""

_PICTURE_BYTES = 10**9  # that the reader of pictures is told to keep to, beyond what this process holds


def read_picture_file(file: Path) -> None:
    """Read a picture in its own size, and in the one that a film needs."""
    is_picture(file)
    budget = max_rss(resource.RUSAGE_SELF) + _PICTURE_BYTES
    attempts: list[Callable[[], object]] = [
        lambda: picture_size(file),
        lambda: read_picture(file, max_memory=budget),
        lambda: read_picture(file, (24, 16), max_memory=budget),
    ]
    in_turn(*attempts)


def read_clip(file: Path) -> None:
    """Read a clip's frames as they are wanted and as they come, and plan its sound for two containers."""
    clip = probe(file)

    def frames(*, allow_truncated: bool) -> None:
        count = 0
        with read_frames(clip, size=(16, 16), allow_truncated=allow_truncated) as shown:
            for count, _ in enumerate(shown, 1):
                if count >= 300:
                    break
        assert count or allow_truncated

    in_turn(
        lambda: frames(allow_truncated=False),
        lambda: frames(allow_truncated=True),
        *(functools.partial(plan, file, clip.start_time, container) for container in (".mp4", ".webm")),
    )


def read_sound(file: Path) -> None:
    """Find a sound file's codec, listen to it, and plan it for two containers."""
    in_turn(
        lambda: audio_codec(file),
        lambda: audio_features(file),
        *(functools.partial(plan, file, Fraction(0), suffix) for suffix in (".mp4", ".webm")),
    )


def check_film(file: Path) -> None:
    """Examine a picture or a clip and prepare a film over it, by the commands that do so."""
    preset = file.with_suffix(".yaml")
    preset.write_text("{zoomdream: 1, source: x.png, dream: {layers: {fire8: 1}, steps: 0}}")
    film = ("render", preset, "-o", file.with_name(f"film of {file.stem}.mkv"), "--input", file, "--dry-run")
    commands: list[tuple[object, ...]] = [("probe", file, "--json"), film, (*film, "--allow-truncated", "--fps", "30")]
    for command in commands:
        result = zoomdream(*command)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code in (0, 2, 3, 6), f"{command} ends with {result.exit_code}: {result.stderr}"
        if result.exit_code:
            refuse_unclear(result.stderr)


def plan(file: Path, start: Fraction, suffix: str) -> None:
    """Plan a file's sound for a film of half a second."""
    plan_sound(Sound(file, start), output_target(f"film{suffix}"), Fraction(1, 2))


def read_preset(file: Path) -> None:
    """Read a preset, or a film that carries one, up to its timeline."""
    preset = load_preset(file)
    timeline = preset.timeline(preset.canvas.clock())
    assert timeline[len(timeline) - 1].index == len(timeline) - 1


def read_journal(folder: Path) -> None:
    """Read all frames and the last state of a journal, and list it among others."""
    list_journals(folder.parent)
    journal = find_journal(folder)
    if journal is not None:
        assert journal.frames >= 0
        assert journal.bytes >= 0
        in_turn(
            lambda: [frame.shape for frame in journal.read(0, journal.frames)],
            lambda: [each.load_state() for each in journal.with_states(journal.frames, STATE_FORMAT).segments],
        )


def read_direction(file: Path) -> None:
    """Read a direction as an objective of the embedded network."""
    term = resolve(_network(), f"direction:fire8:{file}")
    assert term is not None


@functools.cache
def _network() -> Network:
    return load_network()


def read_weights_file(file: Path) -> None:
    """Read the tensors in a weights file, and offer them to a network, which they do not fit."""
    read_weights(file)
    try:
        load_network(weights=file)
    except WeightsError as error:
        refuse_unclear(str(error))


ROLES: Mapping[str, Callable[[Path], None]] = {
    "picture": read_picture_file,
    "clip": read_clip,
    "sound": read_sound,
    "preset": read_preset,
    "journal": read_journal,
    "film": check_film,
    "direction": read_direction,
    "weights": read_weights_file,
}


def in_turn(*attempts: Callable[[], object]) -> None:
    """Make all attempts, of which each may be refused. Raises the first refusal at the end."""
    refusals = []
    for attempt in attempts:
        try:
            attempt()
        except ZoomdreamError as error:
            refuse_unclear(str(error))
            refusals.append(error)
    if refusals:
        raise refusals[0]


def max_rss(who: int) -> int:
    """The most memory that this process, or one that it has waited for, has held, in bytes."""
    return resource.getrusage(who).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def report(role: str, file: Path) -> bool:
    """Read a file and say what became of it. Returns whether that is allowed."""
    before, began, failure = max_rss(resource.RUSAGE_SELF), time.monotonic(), ""
    outcome = "read"
    try:
        ROLES[role](file)
    except ZoomdreamError as error:
        outcome = type(error).__name__
        refuse_unclear(str(error))
    except Exception:
        outcome, failure = "failure", traceback.format_exc()
    taken = max_rss(resource.RUSAGE_SELF) - before
    in_ffmpeg = max_rss(resource.RUSAGE_CHILDREN)
    if max(taken, in_ffmpeg - before) > MOST_BYTES and not failure:
        outcome, failure = "failure", f"{taken / 1e6:.0f} MB were taken, and {in_ffmpeg / 1e6:.0f} MB by ffmpeg"
    if failure:
        print(f"{file}: {failure}", file=sys.stderr, flush=True)
    seconds = time.monotonic() - began
    line = {"file": str(file), "outcome": outcome, "seconds": seconds, "taken": taken, "ffmpeg": in_ffmpeg}
    print(json.dumps(line), flush=True)
    return not failure


def main(role: str, seconds: str, *files: str) -> int:
    """Read each file, none for longer than `seconds`: else all threads' places are written, and the process ends."""
    torch.set_num_threads(1)
    is_good = True
    for name in files:
        faulthandler.dump_traceback_later(float(seconds), exit=True)
        is_good = report(role, Path(name)) and is_good
        faulthandler.cancel_dump_traceback_later()
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
