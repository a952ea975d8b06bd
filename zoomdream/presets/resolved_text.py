"""A preset as one text, with what it extends and what was changed in it, and where each value comes from."""

from __future__ import annotations

from zoomdream.presets.documents.yaml_document import Data, KeyPath
from zoomdream.presets.preset import Preset
from zoomdream.presets.recipe import json_text
from zoomdream.schedule.wandering import Wander

_LAYERS = ("dream", "layers")
_MOST_STOPS = 100  # of a walk
_MOST_COLUMNS = 60  # of a value; behind a longer one its origin is far to the right


def resolved_text(preset: Preset) -> str:
    """YAML that renders the same film, one line for each value; a comment behind each says where it is written.

    Comments below a walk say when it arrives where, on a film of the preset's own length. Raises what
    `Preset.layers_on` does.
    """
    data = preset.document.data
    assert isinstance(data, dict)  # it is a valid preset's
    lines: list[str] = []
    for key, value in data.items():
        if isinstance(value, dict) and value:
            lines.append(f"{_key(key)}:")
            for name, each in value.items():
                path = (str(key), str(name))
                lines += [_line(preset, path, each, "  "), *(_walk(preset) if path == _LAYERS else [])]
        else:
            lines.append(_line(preset, (str(key),), value, ""))
    return "\n".join(lines) + "\n"


def _line(preset: Preset, path: KeyPath, value: Data, indent: str) -> str:
    text = f"{indent}{_key(path[-1])}: {json_text(value)}"
    return f"{text:{_MOST_COLUMNS}}  # {preset.document.where(path).label}"


def _walk(preset: Preset) -> list[str]:
    layers, clock = preset.layers, preset.clock()
    if not isinstance(layers, Wander):
        return []
    count, seconds = layers.count(clock), layers.turn(clock) / clock.fps
    with preset.locating_errors(*_LAYERS):
        stops = layers.stops(min(count, _MOST_STOPS), preset.seed, preset.network, preset.weights)
    lines = [f"    # {float(number * seconds):g}s {stop}" for number, stop in enumerate(stops)]
    return [*lines, "    # and so on"] if count > _MOST_STOPS else lines


def _key(key: object) -> str:
    text = str(key)
    return text if text.isidentifier() else json_text(text)
