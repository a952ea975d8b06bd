"""What a film will do otherwise than one might think, told before its first frame."""

from __future__ import annotations

from dataclasses import replace

from zoomdream.dreaming.ascent import octave_sizes
from zoomdream.films.film import Film
from zoomdream.films.footage import Footage
from zoomdream.images.files import load_image
from zoomdream.images.frame import Frame, size_of
from zoomdream.images.warnings import crop_warnings, picture_warnings
from zoomdream.media.display import display_size
from zoomdream.objectives import mask_warning, no_gradient_warning
from zoomdream.presets.preset import Preset


def film_warnings(film: Film) -> list[str]:
    """About the film itself: how its source is read, its objectives, octaves and tiles."""
    of_footage = _footage_warnings(film.source) if isinstance(film.source, Footage) else []
    of_tiles = [film.tiling.warning] if film.tiling else []
    return [*of_footage, *_term_warnings(film), *_no_gradient_warnings(film), *_octave_warnings(film), *of_tiles]


def preset_warnings(preset: Preset, film: Film, allow_truncated: bool = False) -> list[str]:
    """About what of a preset the film does not show, or does not heed."""
    return [
        *preset.unreached(film.clock),
        *_source_warnings(preset, film),
        *_idle_settings(preset, film.source, allow_truncated),
    ]


def _term_warnings(film: Film) -> list[str]:
    masked = (mask_warning(term, film.size) for term in film.terms.values())
    warnings = [warning for term in film.terms.values() for warning in term.warnings]
    return list(dict.fromkeys([*warnings, *(warning for warning in masked if warning)]))


def _no_gradient_warnings(film: Film) -> list[str]:
    """Features that a ReLU hides on the photo. A video's frames are not read yet."""
    hidden = [term for term in film.terms.values() if term.may_hide]
    objective = replace(film.all_objectives, terms=tuple((term, 1.0) for term in hidden), tiling=film.tiling)
    shown = film.first_octave(objective) if hidden else None
    return [] if shown is None else [no_gradient_warning(term) for term in objective.without_gradient(shown)]


def _source_warnings(preset: Preset, film: Film) -> list[str]:
    """What of the photo or video is not seen."""
    if preset.source is None:
        return []
    if isinstance(film.source, Footage):
        return (
            crop_warnings(preset.source.name, display_size(film.source.clip), film.size) if film.fit == "fill" else []
        )
    size = size_of(load_image(preset.source)) if preset.canvas.size and film.fit == "fill" else film.size
    return [*picture_warnings(preset.source), *crop_warnings(preset.source.name, size, film.size)]


def _idle_settings(preset: Preset, source: Frame | Footage, allow_truncated: bool) -> list[str]:
    """What only a video heeds, where there is none."""
    if isinstance(source, Footage):
        return []
    named = [f"canvas.{name}" for name in ("start", "times") if name in preset.canvas.model_fields_set]
    named += ["carry"] if "carry" in preset.model.model_fields_set else []
    named += ["--allow-truncated"] if allow_truncated else []
    return [f"{', '.join(named)}: without effect, for only a video heeds it"] if named else []


def _footage_warnings(footage: Footage) -> list[str]:
    clip, (width, height) = footage.clip, footage.size
    shown = display_size(clip)
    warnings = []
    if clip.variable_rate:
        warnings.append(f"{clip.path.name} has a variable frame rate and is read at {footage.fps} per second")
    if (width, height) != shown and max(abs(width - shown[0]), abs(height - shown[1])) == 1:
        warnings.append(
            f"{clip.path.name} is {shown[0]}x{shown[1]}; video wants even sides, so it becomes {width}x{height}"
        )
    return warnings


def _octave_warnings(film: Film) -> list[str]:
    objective = film.all_objectives
    most = max((row.dream for row in film.timeline), key=lambda dream: dream.octaves * dream.octave_scale)
    kept = len(octave_sizes(film.size, most, objective.smallest_input))
    if kept == most.octaves:
        return []
    return [
        f"{most.octaves - kept} of {most.octaves} octaves are left out: at a scale of {most.octave_scale:g} they are "
        f"smaller than the {objective.smallest_input} pixels that {objective.deepest} needs"
    ]
