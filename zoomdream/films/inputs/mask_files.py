"""The files of a preset's masks: opened with messages that name their place, and warnings about them."""

from __future__ import annotations

from zoomdream.films.film_objectives import specs_of
from zoomdream.films.footage import Footage
from zoomdream.films.inputs.source import FilmSource
from zoomdream.films.masks.moving_masks import FilmMasks
from zoomdream.media.clip_warnings import clip_warnings
from zoomdream.presets.preset import Preset
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.timeline import Timeline


def open_masks(preset: Preset, timeline: Timeline, source: FilmSource) -> FilmMasks:
    """The masks of a film that are drawn or move. Raises SourceError and SettingError, with the place in the preset."""
    over = source.picture if isinstance(source.picture, Footage) else None
    return FilmMasks.opened(
        specs_of(timeline),
        timeline.clock.fps,
        preset.canvas.fit,
        over,
        lambda mask: preset.locating_errors(*preset.mask_place(mask)),
    )


def mask_file_warnings(preset: Preset, masks: FilmMasks, clock: Clock) -> list[str]:
    """About masks that end before the film, and what their files hold."""
    warnings: list[str] = []
    for mask, file in masks.files.items():
        name, path = file.clip.path.name, preset.mask_place(mask)
        warnings += clip_warnings(file.clip)
        missing = clock.frames - file.frames
        if missing > 0:
            place = preset.document.where(path).label
            lacks = "one frame" if missing == 1 else f"{missing} frames"
            warnings.append(
                f"{place}: {'.'.join(path)}: mask {name} ends after {file.seconds:.3f} s, {lacks} before the film: its "
                f"last picture stays until the end"
            )
    return list(dict.fromkeys(warnings))
