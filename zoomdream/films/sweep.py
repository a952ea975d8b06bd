"""A sweep as a preset: every layer of a network in turn over a photo, shallow to deep, while the camera zooms on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from zoomdream.errors import SettingError, UsageError
from zoomdream.films.preparation import LARGEST_DEFAULT_SIZE, default_size
from zoomdream.images.files import load_image
from zoomdream.images.frame import size_of
from zoomdream.networks import EMBEDDED, blueprint
from zoomdream.objectives.layer_choice import choose_layers, step_size_factor
from zoomdream.presets.document import Change
from zoomdream.presets.loading import load_preset_text, preset_text
from zoomdream.presets.preset import Preset
from zoomdream.schedule.clock import Time
from zoomdream.schedule.tracks import Sweep

LOOK = "layer-sweep"  # the shipped preset that gives a sweep its steps, eases and colors
_OPTIONS = {"camera.zoom": "--zoom", "dream.layers.hold": "--hold", "dream.layers.fade": "--fade"}
_STEP = 0.012  # of layers that see shapes


def sweep_preset(
    photo: Path,
    *,
    network: str = EMBEDDED,
    weights: Path | None = None,
    layers: Sequence[str] = (),
    hold: str = "5s",
    fade: str = "1s",
    zoom: float = 1.2,
    changes: Iterable[Change] = (),
) -> tuple[Preset, tuple[str, ...]]:
    """The shipped layer sweep for any photo and network, as long as its layers take.

    Args:
        photo: a picture's path.
        network: which network dreams.
        weights: a file with its weights.
        layers: layers, or other objectives in their short form, in order; the network's outline when left out.
        hold, fade: how long a layer stays alone, and how long the crossfade to the next takes.
        zoom: magnification per second.
        changes: further `key.path=value`, as `--set` takes them.

    Returns the preset, and notes on layers that are left out because the film's frame is too small for them.

    Raises SourceError for the photo, UnknownNameError, PresetError, UsageError.
    """
    given = {
        "source": str(Path.cwd() / photo),
        "network": network,
        "weights": str(Path.cwd() / weights) if weights else None,
        "canvas": {"fps": 30},
        "camera.zoom": zoom,
        "dream.layers.hold": _length("--hold", hold),
        "dream.layers.fade": _length("--fade", fade),
    }
    changes = list(changes)
    draft = _preset(given, changes)
    size = draft.canvas.size or default_size(size_of(load_image(photo)), LARGEST_DEFAULT_SIZE)
    plan = blueprint(draft.network, draft.weights)
    choice = choose_layers(plan, size, layers)
    turn, total = _lengths(draft, len(choice.stops))
    steps = [round(_STEP * step_size_factor(plan, stop), 5) for stop in choice.stops]
    made = {
        "dream.layers.sweep": choice.stops,
        "canvas.duration": _milliseconds(total),
        "dream.step_size": {_milliseconds(k * turn): step for k, step in enumerate(steps)},
    }
    return _preset({**given, **made}, changes), choice.warnings


def _preset(given: Mapping[str, object], changes: Iterable[Change]) -> Preset:
    named: list[Change] = [
        (f"{key}={json.dumps(value)}", f"{_OPTIONS[key]} {value}") if key in _OPTIONS else f"{key}={json.dumps(value)}"
        for key, value in given.items()
        if value is not None
    ]
    return load_preset_text(preset_text(LOOK), "sweep", overrides=[*named, *changes])


def _lengths(draft: Preset, stops: int) -> tuple[Fraction, Fraction]:
    """How many seconds a stop takes with the fade after it, and how many the film."""
    sweep = draft.layers
    if not isinstance(sweep, Sweep):
        raise UsageError("dream.layers of a sweep is its own: name the layers with --layers, or write a preset")
    fps = draft.canvas.clock().fps
    fade = _seconds(sweep.fade, fps)
    turn = _seconds(sweep.hold, fps) + fade
    return turn, stops * turn - fade


def _milliseconds(seconds: Fraction) -> str:
    return f"{round(seconds * 1000)}ms"


def _length(option: str, text: str) -> str:
    try:
        return Time.parse(text).text
    except SettingError as error:
        raise UsageError(f"{option}: {error}") from error


def _seconds(length: Time, fps: Fraction) -> Fraction:
    if length.unit == "%":
        raise SettingError(
            f"a sweep lasts as long as its layers take, so none can last {length.text}: write 5s or 150f"
        )
    return length.amount if length.unit == "s" else length.amount / fps
