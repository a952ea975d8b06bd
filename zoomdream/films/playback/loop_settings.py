"""Whether and how a film loops, from its preset, and what a user should know of it."""

from __future__ import annotations

import numpy as np

from zoomdream.errors import SettingError
from zoomdream.films.footage import Footage
from zoomdream.films.inputs.source import FilmSource
from zoomdream.films.playback.loops import Loop
from zoomdream.motion.camera import STILL
from zoomdream.presets.fields.loops import DEFAULT_FADE
from zoomdream.presets.preset import Preset
from zoomdream.schedule.timeline import Timeline

_MOVING = (*(f"camera.{name}" for name in STILL), "camera.tilt", "camera.shake")
_SMALL_TURN = 0.1  # degrees that nobody sees
_LARGEST_STEP = 3  # times the largest between two frames of a film: more than that at the seam is a jump


def loop_of(preset: Preset, source: FilmSource) -> Loop | None:
    """How a preset's film loops; None: it does not.

    Raises SettingError, with the place, for a film over a video, and for times in beats without a tempo.
    """
    settings, clock = preset.model.loop, source.clock
    if settings is None:
        return None
    with preset.locating_errors("loop"):
        if isinstance(source.picture, Footage):
            raise SettingError(
                "a film over a video cannot loop, since its end follows the video: leave loop out, or write "
                "output.pingpong: true, which plays it there and back"
            )
        run_in = round(clock.length(settings.run_in))
        fade = clock.length(DEFAULT_FADE if settings.fade is None else settings.fade)
    most = clock.frames if settings.fade else clock.frames // 2
    return Loop(max(1, min(round(fade), most)), run_in)


def loop_warnings(preset: Preset, timeline: Timeline) -> list[str]:
    """About a fade that is longer than a film that loops, and a camera that jumps where its end meets its beginning."""
    settings, clock = preset.model.loop, timeline.clock
    if settings is None:
        return []
    if settings.fade is None or clock.length(settings.fade) <= clock.frames:
        return [*_jump_warnings(timeline), *_mirror_warnings(timeline)]
    long = f"loop.fade: {settings.fade.text} is longer than the film, all of which draws its beginning in"
    return [long, *_jump_warnings(timeline), *_mirror_warnings(timeline)]


def _jump_warnings(timeline: Timeline) -> list[str]:
    count, jumps = len(timeline), []
    for name in _MOVING:
        values = timeline.values(name, 0, count)
        if _jumps(values) or (name == "camera.shake" and np.any(values)):
            jumps.append(name)
    if not jumps:
        return []
    be = "is" if len(jumps) == 1 else "are"
    return [
        f"loop: {' and '.join(jumps)} {be} not at the end what {'it is' if be == 'is' else 'they are'} at the "
        "beginning, so that the camera jumps there: let its keyframes end where they begin"
    ]


def _mirror_warnings(timeline: Timeline) -> list[str]:
    """About mirrors that have not turned to where they began."""
    count, first = len(timeline), timeline[0].camera
    if first.symmetry == 1 and first.mirror == "none":
        return []
    rates, sector = timeline.values("camera.rotate", 0, count), 360 / first.symmetry
    turn = float(np.broadcast_to(rates, (count,)).sum() / timeline.clock.fps)
    if abs(turn - round(turn / sector) * sector) < _SMALL_TURN:
        return []
    return [
        f"loop: the mirrors turn by {turn:.4g} degrees until the film's end, so that they jump there: let "
        f"camera.rotate add up to a multiple of {sector:.4g}"
    ]


def _jumps(values: np.ndarray) -> bool:
    if len(values) == 1:  # it holds still
        return False
    most = np.abs(np.diff(values, axis=0)).max(axis=0)
    return bool(np.any(np.abs(values[0] - values[-1]) > _LARGEST_STEP * most + 1e-9))
