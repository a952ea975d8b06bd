"""A preset as one text, with what it extends and what was changed in it, and where each value comes from."""

from __future__ import annotations

from zoomdream.presets.documents.yaml_document import Data, KeyPath
from zoomdream.presets.preset import Preset
from zoomdream.presets.recipe import json_text

_MOST_COLUMNS = 60  # of a value; behind a longer one its origin is far to the right


def resolved_text(preset: Preset) -> str:
    """YAML that renders the same film, one line for each value; a comment behind each says where it is written."""
    data = preset.document.data
    assert isinstance(data, dict)  # it is a valid preset's
    lines: list[str] = []
    for key, value in data.items():
        if isinstance(value, dict) and value:
            lines.append(f"{_key(key)}:")
            lines += [_line(preset, (str(key), str(name)), each, "  ") for name, each in value.items()]
        else:
            lines.append(_line(preset, (str(key),), value, ""))
    return "\n".join(lines) + "\n"


def _line(preset: Preset, path: KeyPath, value: Data, indent: str) -> str:
    text = f"{indent}{_key(path[-1])}: {json_text(value)}"
    return f"{text:{_MOST_COLUMNS}}  # {preset.document.where(path).label}"


def _key(key: object) -> str:
    text = str(key)
    return text if text.isidentifier() else json_text(text)
