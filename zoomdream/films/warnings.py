"""Warnings about a film, collected before it is rendered."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import torch

from zoomdream.dreaming.ascent import octave_sizes
from zoomdream.films.film_objectives import FilmObjectives
from zoomdream.films.footage import Footage
from zoomdream.films.inputs.mask_files import mask_file_warnings
from zoomdream.films.inputs.source import FilmSource
from zoomdream.images.frame import Size, noise
from zoomdream.images.pictures.warnings import crop_warnings
from zoomdream.media.clip_warnings import clip_warnings
from zoomdream.media.display_size import display_size
from zoomdream.objectives import mask_warning, no_gradient_warning
from zoomdream.presets.preset import Preset
from zoomdream.rng import generator
from zoomdream.schedule.timeline import Timeline


def film_warnings(preset: Preset, source: FilmSource, timeline: Timeline, objectives: FilmObjectives) -> list[str]:
    """All warnings about a film: its keyframes, source, settings, objectives, octaves and tiles."""
    return [
        *preset.keyframe_warnings(timeline.clock),
        *preset.formula_warnings(timeline.clock, timeline.variables),
        *_source_warnings(preset, source),
        *_video_setting_warnings(preset, source),
        *_idle_setting_warnings(preset, source, timeline),
        *_camera_warnings(timeline),
        *_footage_warnings(source, preset.canvas.fps),
        *_term_warnings(objectives, source.size),
        *mask_file_warnings(preset, objectives.masks, source.clock),
        *_no_gradient_warnings(objectives, timeline, source),
        *_octave_warnings(objectives, timeline, source.size),
        *([objectives.tiling.warning(source.size)] if objectives.tiling else []),
    ]


def _source_warnings(preset: Preset, source: FilmSource) -> list[str]:
    """About parts of the photo or video that are not seen."""
    if preset.source is None:
        return []
    is_cropped = preset.canvas.fit == "fill" and (preset.canvas.size or isinstance(source.picture, Footage))
    cropped = crop_warnings(preset.source.name, source.original_size, source.size) if is_cropped else []
    return [*source.file_warnings, *cropped]


def _video_setting_warnings(preset: Preset, source: FilmSource) -> list[str]:
    """About settings that only a film over a video uses, in a film that is none."""
    if isinstance(source.picture, Footage):
        return []
    keys = [f"canvas.{name}" for name in ("start", "times", "deinterlace") if name in preset.canvas.model_fields_set]
    keys += ["carry"] if "carry" in preset.model.model_fields_set else []
    return [f"{', '.join(keys)}: no effect: only films over a video use it"] if keys else []


def _idle_setting_warnings(preset: Preset, source: FilmSource, timeline: Timeline) -> list[str]:
    """About settings that need a photo, or another setting beside them."""
    warnings = []
    if isinstance(source.picture, Footage):
        idle = [key for key in ("dream.source_pull", "focus.rim") if _most(timeline, key) > 0]
        warnings += [f"{', '.join(idle)}: no effect: only films from a photo use it"] if idle else []
    if preset.palette is not None and _most(timeline, "color.coherence") == 0:
        warnings.append("color.palette: no effect, since color.coherence, the share by which colors follow it, is 0")
    uses_focus = any(_most(timeline, f"focus.{key}") > 0 for key in ("calm", "rim"))
    if "focus" in preset.model.model_fields_set and not uses_focus:
        warnings.append("focus: no effect, since focus.calm is 0: 0.8 leaves the rest of the frame calm")
    return warnings


def _most(timeline: Timeline, setting: str) -> float:
    """The highest value of a setting."""
    return max(float(timeline.values(setting, part.start, part.stop).max()) for part in timeline.parts())


def _camera_warnings(timeline: Timeline) -> list[str]:
    """About a mirror beside a kaleidoscope."""
    if timeline[0].camera.mirror == "none":
        return []
    several = _most(timeline, "camera.symmetry") > 1
    return ["camera.mirror: no effect where camera.symmetry is over 1, which has mirrors of its own"] * several


def _footage_warnings(source: FilmSource, fps: Fraction | None) -> list[str]:
    """About a video's fields, colors, transparency, rate, which the preset may set to `fps`, sides, and a folder's
    pictures."""
    if not isinstance(source.picture, Footage):
        return []
    clip, (width, height) = source.picture.clip, source.size
    own_width, own_height = display_size(clip)
    warnings = clip_warnings(clip)
    if clip.pictures:
        warnings += clip.pictures.content_warnings(source.picture.background)
        if fps is None:
            rate = f"{float(clip.fps):g} per second, the rate of canvas.fps"
            warnings.append(f"{clip.path.name}: its {clip.frames} pictures are shown at {rate} where none is set")
    else:
        warnings += source.picture.decoding.warnings
    if clip.variable_rate:
        warnings.append(f"{clip.path.name} has a variable frame rate and is read at {source.clock.fps} per second")
    if max(abs(width - own_width), abs(height - own_height)) == 1:
        warnings.append(
            f"{clip.path.name} is {own_width}x{own_height}; video wants even sides, so it becomes {width}x{height}"
        )
    return warnings


def _term_warnings(objectives: FilmObjectives, size: Size) -> list[str]:
    """About the pictures that objectives name, each once."""
    terms = objectives.terms.values()
    of_masks = filter(None, (mask_warning(term, size) for term in terms))
    return list(dict.fromkeys([*(warning for term in terms for warning in term.warnings), *of_masks]))


def _no_gradient_warnings(objectives: FilmObjectives, timeline: Timeline, source: FilmSource) -> list[str]:
    """About features that a ReLU hides on the photo. A video's frames are not read yet."""
    hidden = [term for term in objectives.terms.values() if term.may_hide]
    if not hidden:
        return []
    objective = replace(objectives.all, terms=tuple((term, 1.0) for term in hidden), tiling=objectives.tiling)
    picture = source.first_octave(timeline[0].dream, objective)
    return [] if picture is None else [no_gradient_warning(term) for term in objective.without_gradient(picture)]


def graph_warnings(objectives: FilmObjectives, timeline: Timeline, size: Size) -> list[str]:
    """About gradients that a GPU cannot record. It is tried, with all objectives at once at the smallest octave."""
    if objectives.graphs is None:
        return []
    terms = list(objectives.terms.values())
    moving, still = ([term for term in terms if term.follows_shift is moves] for moves in (True, False))
    slower = "each of its steps is started operation by operation, which takes longer where the frame is small"
    warnings = [
        f"{term.spec} is not recorded as a CUDA graph, since its place in the network moves with every step: {slower}"
        for term in moving
    ]
    if still:
        trial = objectives.graphs.for_trial()
        objective = replace(objectives.all, terms=tuple((term, 1.0) for term in still), graphs=trial)
        smallest = octave_sizes(size, timeline[0].dream, objectives.all.smallest_input)[0]
        device = objectives.network.device
        objective.gradient(
            noise(smallest, generator(0, 0, "trial"), device), [torch.ones((), device=device)] * len(still)
        )
        warnings += [
            f"the film's gradients cannot be recorded as CUDA graphs ({reason}): {slower}"
            for reason in trial.failures.values()
        ]
    return warnings


def _octave_warnings(objectives: FilmObjectives, timeline: Timeline, size: Size) -> list[str]:
    """About octaves that are too small for the network."""
    objective = objectives.all
    settings = timeline[_deepest_octaves(timeline)].dream
    left_out = settings.octaves - len(octave_sizes(size, settings, objective.smallest_input))
    if not left_out:
        return []
    return [
        f"{left_out} of {settings.octaves} octaves are left out: at a scale of {settings.octave_scale:g} they are "
        f"smaller than the {objective.smallest_input} pixels that {objective.deepest} needs"
    ]


def _deepest_octaves(timeline: Timeline) -> int:
    """The first frame of those with the largest product of octaves and their scale."""
    deepest, most = 0, 0.0
    for part in timeline.parts():
        octaves, scales = (
            timeline.values(f"dream.{name}", part.start, part.stop) for name in ("octaves", "octave_scale")
        )
        products = octaves * scales
        first = int(products.argmax())
        if products[first] > most:
            deepest, most = part.start + first, float(products[first])
    return deepest


def span_warnings(span: range, finished: int = 0) -> list[str]:
    """A warning where frames before a range are dreamed too; an earlier run has `finished` the film's first ones."""
    first, last = finished, span.start - 1
    if last < first:
        return []
    before = f"frame {first} is" if first == last else f"frames {first} to {last} are"
    return [f"{before} dreamed too, since each frame starts from the one before"]
