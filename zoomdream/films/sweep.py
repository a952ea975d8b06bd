"""A sweep as a preset: every layer of a network in turn over a photo, shallow to deep, while the camera zooms on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from zoomdream.errors import SettingError, UsageError
from zoomdream.films.inputs.film_size import LARGEST_DEFAULT_SIZE, default_size
from zoomdream.images.pictures.loading import picture_size
from zoomdream.networks import EMBEDDED, Network, blueprints
from zoomdream.objectives.layer_choice import choose_layers, step_size_factor
from zoomdream.presets.documents.yaml_document import Change
from zoomdream.presets.loading import load_preset_text, preset_text
from zoomdream.presets.preset import Preset
from zoomdream.presets.sample_pictures import is_sample, sample_file
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.tracks import Sweep

BASE_PRESET = "layer-sweep"
"""The shipped preset that gives a sweep its steps, eases and colors."""
_STEP_SIZE = 0.012  # of layers that see shapes


def sweep_preset(
    photo: Path,
    *,
    network: str = EMBEDDED,
    weights: Path | None = None,
    layers: Sequence[str] = (),
    hold: str = "5s",
    fade: str = "1s",
    zoom: float = 1.2,
    changes: Iterable[str | Change] = (),
) -> tuple[Preset, tuple[str, ...]]:
    """The shipped layer sweep for any photo and network, as long as its layers take.

    Args:
        photo: a picture's path, or a sample picture: `sample:NAME`.
        network: which network dreams; several are joined by commas.
        weights: a file with its weights.
        layers: layers, or other objectives in their short form, in order; the network's outline when left out.
        hold, fade: how long a layer stays alone, and how long the crossfade to the next takes: `5s`, `150f`.
        zoom: magnification per second.
        changes: further `key.path=value`, which may also set `dream.layers.hold` and so on.

    Returns the preset, and warnings about layers that are left out because the film's frame is too small for them.

    Raises SourceError for the photo, UnknownNameError, PresetError, UsageError.
    """
    changes = list(changes)
    values: dict[str, object] = {
        "source": str(photo) if is_sample(photo) else str(Path(photo).absolute()),
        **({"networks": names} if len(names := network.split(",")) > 1 else {"network": network}),
        "weights": str(Path(weights).absolute()) if weights else None,
        "canvas": {"fps": 30},
        "camera.zoom": zoom,
        "dream.layers.hold": _length_text("hold", hold),
        "dream.layers.fade": _length_text("fade", fade),
    }
    draft = _changed_preset(values, changes)
    size = draft.canvas.size or default_size(picture_size(_file(draft)), LARGEST_DEFAULT_SIZE)
    described = blueprints(draft.networks, draft.weights)
    choice = choose_layers(described, size, layers, _located)
    values |= _layer_values(draft, described, choice.objectives)
    return _changed_preset(values, changes), choice.warnings


def _file(draft: Preset) -> Path:
    if draft.source is None:
        raise UsageError("a sweep begins with a photo, not with noise: name one")
    return draft.source


def _located(path: Path) -> Path:
    return sample_file(path) if is_sample(path) else path


def _changed_preset(values: Mapping[str, object], changes: Iterable[str | Change]) -> Preset:
    """The base preset with these values by key path; None leaves a key as it is."""
    assignments = [f"{key}={json.dumps(value)}" for key, value in values.items() if value is not None]
    return load_preset_text(preset_text(BASE_PRESET), "sweep", changes=[*assignments, *changes])


def _layer_values(draft: Preset, network: Network, objectives: Sequence[str]) -> dict[str, object]:
    """What depends on the layers: the sweep, the film's length, and shorter steps for shallow layers."""
    sweep = draft.layers
    if not isinstance(sweep, Sweep):
        raise UsageError("dream.layers of a sweep is its own: choose the sweep's layers, or write a preset")
    clock = draft.clock()
    fade = _seconds(sweep.fade, clock)
    period = _seconds(sweep.hold, clock) + fade
    step_sizes = [round(_STEP_SIZE * step_size_factor(network, objective), 5) for objective in objectives]
    return {
        "dream.layers.sweep": objectives,
        "canvas.duration": _milliseconds(len(objectives) * period - fade),
        "dream.step_size": {_milliseconds(index * period): size for index, size in enumerate(step_sizes)},
    }


def _milliseconds(seconds: Fraction) -> str:
    return f"{round(seconds * 1000)}ms"


def _length_text(name: str, text: str) -> str:
    try:
        return Time.parse(text).text
    except SettingError as error:
        raise UsageError(f"{name}: {error}") from error


def _seconds(length: Time, clock: Clock) -> Fraction:
    if length.unit == "%":
        raise SettingError(
            f"a sweep lasts as long as its layers take, so none can last {length.text}: write 5s or 150f"
        )
    return Fraction(clock.length(length) / clock.fps)
