"""A preset: one YAML file that describes a film, read, checked and ready to become a timeline."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zoomdream.errors import PresetError, SettingError, SourceError, UnknownNameError
from zoomdream.presets.sample_pictures import is_sample, sample_file
from zoomdream.presets.schema import Canvas, PresetModel
from zoomdream.presets.yaml_document import Document, KeyPath
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import Crossfade, Key, Sweep, Track
from zoomdream.settings import OutputSettings

_NO_YAML = re.compile(
    "[\x7f-\x84\x86-\x9f\ufffe\uffff]"
)  # characters that JSON may hold as they are, YAML only escaped


@dataclass(frozen=True)
class Preset:
    """A checked preset."""

    document: Document
    """Its data, overrides included, with the place of each value."""

    model: PresetModel
    """The same, validated."""

    base: Path
    """Where its relative paths begin."""

    file: Path | None = None
    """The file that it was read from; None for text from elsewhere."""

    @property
    def name(self) -> str:
        """Its name in messages: the file's path as the caller wrote it, or the shipped preset's name."""
        return self.document.name

    @property
    def source(self) -> Path | None:
        """The photo or video; None: the film begins with noise."""
        if self.model.source == "noise":
            return None
        return sample_file(self.model.source) if is_sample(self.model.source) else self._path(self.model.source)

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
        return OutputSettings.model_validate(self.model.output.written())

    @property
    def audio(self) -> Path | None:
        """A file with the film's sound, when the preset names one."""
        return self._path(self._audio_text) if self._audio_text else None

    @property
    def layers(self) -> Crossfade | Sweep:
        """What is dreamed when, with its objectives' files where they are."""
        return self.model.dream.layers.located(self._located)

    def timeline(self, clock: Clock) -> Timeline:
        """The table of settings per frame. Raises PresetError when two keyframes fall on one instant of this clock."""
        for path, track in self._tracks():
            try:
                track.curve(clock)
            except SettingError as error:
                raise PresetError(f"{self.document.where(path).label}: {'.'.join(path)}: {error}") from None
        return Timeline(clock, self.layers, self.model.timeline_sections())

    def keyframe_warnings(self, clock: Clock) -> list[str]:
        """One warning for each key whose keyframes lie after the end of a film with this clock, and are not reached."""
        late = [(".".join(path), track.after_end(clock)) for path, track in self._tracks()]
        return [f"{key}: the film ends before {', '.join(times)}" for key, times in late if times]

    def _tracks(self) -> list[tuple[KeyPath, Track | Crossfade | Sweep]]:
        """Everything that changes over time, with its key."""
        tracks: list[tuple[KeyPath, Track]] = [
            ((section, name), value)
            for section, values in self.model.timeline_sections().items()
            for name, value in values.items()
            if isinstance(value, Track)
        ]
        return [(("dream", "layers"), self.layers), *tracks]

    def recipe(self) -> str:
        """The preset's data after overrides as one line of JSON, which is YAML and so itself a preset, anywhere.

        `folder` says where its relative paths begin, if it has any.
        """
        relative = any(map(_is_relative, self._paths()))
        document = self.document.replace(("folder",), str(self.base), "folder") if relative else self.document
        text = json.dumps(document.data, ensure_ascii=False)
        return _NO_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)

    def _paths(self) -> list[Path]:
        """Every path in it, as written, and the names of samples."""
        source = None if self.source is None else self.model.source
        paths = [Path(text) for text in (source, self.model.weights, self._audio_text) if text]
        return [*paths, *(path for key in self.model.dream.layers.keys for path in _files(key))]

    @property
    def _audio_text(self) -> str | None:
        audio = self.output.audio
        return None if audio in ("source", "none") else audio

    @contextmanager
    def locating_errors(self, *path: str) -> Iterator[None]:
        """Errors of names, settings and sources within begin with the place of a key: file, line, key."""
        try:
            yield
        except (SettingError, UnknownNameError, SourceError) as error:
            place = f"{self.document.where(path).label}: {'.'.join(path)}"
            error.args = (f"{place}: {error}",)
            raise

    def _path(self, text: str) -> Path:
        return self.base / (Path(text).expanduser() if text.startswith("~/") else Path(text))

    def _located(self, path: Path) -> Path:
        return sample_file(path) if is_sample(path) else self.base / path.expanduser()


def _files(key: Key) -> tuple[Path, ...]:
    return () if isinstance(key, str) else key.files


def _is_relative(path: Path) -> bool:
    return not (path.is_absolute() or path.parts[:1] == ("~",) or is_sample(path))
