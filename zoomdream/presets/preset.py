"""A preset: one YAML file that describes a film, read, checked and ready to become a timeline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoomdream.errors import PresetError, SettingError, SourceError, UnknownNameError
from zoomdream.presets.document import Document
from zoomdream.presets.schema import Canvas, PresetHead
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.timeline import SECTIONS, Timeline
from zoomdream.schedule.tracks import Crossfade, Key, Sweep, Track
from zoomdream.settings import OutputSettings


@dataclass(frozen=True)
class Preset:
    """A checked preset. `base` is where its relative paths begin; `file` is None for text from elsewhere."""

    document: Document
    model: PresetHead
    base: Path
    file: Path | None = None

    @property
    def name(self) -> str:
        """How messages call it: the file as it was given, or the shipped preset's name."""
        return self.document.name

    @property
    def source(self) -> Path | None:
        """The photo or video; None: the film begins with noise."""
        return None if self.model.source == "noise" else self._path(self.model.source)

    @property
    def canvas(self) -> Canvas:
        """The film's size, rate and length, as far as they are set."""
        return self.model.canvas

    @property
    def seed(self) -> int:
        """0 to 2**63 - 1."""
        return self.model.seed

    @property
    def network(self) -> str:
        """The network's name, not yet looked up."""
        return self.model.network

    @property
    def weights(self) -> Path | None:
        """A file with the network's weights, when the preset names one."""
        return self._path(self.model.weights) if self.model.weights else None

    @property
    def output(self) -> OutputSettings:
        """How the film is written."""
        return OutputSettings(**_given(self._section("output")))

    @property
    def audio(self) -> Path | None:
        """A file with the film's sound, when the preset names one."""
        named = self.output.audio
        return None if named in ("source", "none") else self._path(named)

    @property
    def layers(self) -> Crossfade | Sweep:
        """What is dreamed when."""
        found: Crossfade | Sweep = self._section("dream").layers
        return found.within(self.base)

    def timeline(self, clock: Clock) -> Timeline:
        """The table of settings per frame. Raises PresetError when two keyframes fall on one instant of this clock."""
        for path, track in self._tracks():
            try:
                track.sample(clock)
            except SettingError as error:
                raise PresetError(f"{self.document.where(path).label}: {'.'.join(path)}: {error}") from None
        sections = {name: _given(self._section(name)) for name in SECTIONS}
        del sections["dream"]["layers"]
        return Timeline(clock, self.layers, sections)

    def unreached(self, clock: Clock) -> list[str]:
        """What to tell about keyframes that lie after the end of a film with this clock, and are not reached."""
        found = [(".".join(path), track.unreached(clock)) for path, track in self._tracks()]
        return [f"{key}: the film ends before {', '.join(unreached)}" for key, unreached in found if unreached]

    def _tracks(self) -> list[tuple[tuple[str, str], Track | Crossfade | Sweep]]:
        """Everything that changes over time, with its key."""
        fields = [(name, field, value) for name in SECTIONS for field, value in _given(self._section(name)).items()]
        of_sections = [((name, field), value) for name, field, value in fields if isinstance(value, Track)]
        return [(("dream", "layers"), self.layers), *of_sections]

    def recipe(self) -> str:
        """The preset's data after overrides as one line of JSON, which is YAML and so itself a preset, anywhere.

        `folder` says where its relative paths begin, if it has any.
        """
        folder = {"folder": str(self.base)} if any(map(_is_relative, self._named)) else {}
        return json.dumps(self.document.data | folder, ensure_ascii=False)

    @property
    def _named(self) -> list[Path]:
        """Every path in it, as written."""
        model, audio = self.model, self.output.audio
        named = [model.source * (model.source != "noise"), model.weights, audio * (audio not in ("source", "none"))]
        mix: Crossfade | Sweep = self._section("dream").layers
        return [*(Path(text) for text in named if text), *(path for key in mix.keys for path in _files(key))]

    @contextmanager
    def locating_errors(self, *path: str) -> Iterator[None]:
        """Errors of names, settings and sources within begin with the place of a key: file, line, key."""
        try:
            yield
        except (SettingError, UnknownNameError, SourceError) as error:
            place = f"{self.document.where(path).label}: {'.'.join(path)}"
            error.args = (f"{place}: {error}",)
            raise

    def _section(self, name: str) -> Any:
        return getattr(self.model, name)

    def _path(self, text: str) -> Path:
        return self.base / (Path(text).expanduser() if text.startswith("~/") else Path(text))


def _files(key: Key) -> tuple[Path, ...]:
    return () if isinstance(key, str) else key.files


def _is_relative(path: Path) -> bool:
    return not (path.is_absolute() or path.parts[0] == "~")


def _given(section: Any) -> dict[str, Any]:
    """What the preset sets of a section; the rest has its default in the settings."""
    return {name: getattr(section, name) for name in section.model_fields_set}
