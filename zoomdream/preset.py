"""A preset: one YAML file that describes a film, read, checked and ready to become a timeline.

Every mistake in a file is a PresetError that says where it is, what is there, and what would be right:
`film.yaml:12: dream.step_size is 3: it must be at most 1`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from zoomdream.clock import Clock
from zoomdream.errors import PresetError, SettingError, SourceError, UnknownNameError, nearest
from zoomdream.preset_messages import report, show
from zoomdream.preset_model import Canvas, PresetHead, PresetModel
from zoomdream.settings import OutputSettings
from zoomdream.timeline import SECTIONS, Crossfade, Key, Sweep, Timeline, Track
from zoomdream.yaml_source import Change, Document, read_text

_FILMS = (".mp4", ".mov", ".mkv", ".webm")  # those that keep tags


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

    def late(self, clock: Clock) -> list[str]:
        """What to tell about keyframes that lie after the end of a film with this clock, and are not reached."""
        found = [(".".join(path), track.late(clock)) for path, track in self._tracks()]
        return [f"{key}: the film ends before {', '.join(late)}" for key, late in found if late]

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
    def naming(self, *path: str) -> Iterator[None]:
        """Errors of names, settings and sources within begin with the place of a key: file, line, key."""
        try:
            yield
        except (SettingError, UnknownNameError, SourceError) as error:
            place = f"{self.document.where(path).label}: {'.'.join(path)}"
            raise type(error)(f"{place}: {error}") from error.__cause__

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


# -- loading ----------------------------------------------------------------------------------------------------------


def load_preset(preset: str | Path, overrides: Iterable[Change] = (), source: Path | None = None) -> Preset:
    """A preset's file, or a shipped preset by name, with `key.path=value` overrides and another source laid over it.

    The file may be a film that carries its recipe. `source` is relative to the working folder, or `noise`. Raises
    PresetError, and SourceError for a film that cannot be read.
    """
    file = _find(preset)
    document = Document.parse(_text_of(file), str(preset))
    if source is not None:
        named = "noise" if str(source) == "noise" else str(Path.cwd() / source)
        document = document.replace(("source",), named, f"--input {source}")
    for assignment in overrides:
        document = document.override(assignment)
    return _validated(document, file.parent, file)


def load_preset_text(
    text: str, name: str = "preset", base: Path | None = None, overrides: Iterable[Change] = ()
) -> Preset:
    """A preset from YAML text; its paths are relative to `base`, or to the working folder. Raises PresetError."""
    document = Document.parse(text, name)
    for assignment in overrides:
        document = document.override(assignment)
    return _validated(document, base or Path.cwd())


def preset_text(preset: str | Path) -> str:
    """The text of a preset's file, of the recipe that a film carries, or of a shipped preset.

    A shipped preset's sample is named so that the text works anywhere. Raises PresetError, and SourceError for a film.
    """
    file = _find(preset)
    samples = f"{file.absolute().parent.parent / 'samples'}/"
    return read_text(file).replace("../samples/", samples) if _is_shipped(file) else _text_of(file)


def shipped_presets() -> dict[str, str]:
    """The presets that come with zoomdream: name to description, which is the file's first comment."""
    comments = {name: re.search(r"^#+ *(.*?) *$", read_text(file), re.MULTILINE) for name, file in _shipped().items()}
    return {name: comment[1] if comment else "" for name, comment in comments.items()}


def schema() -> dict[str, Any]:
    """The JSON schema of a preset, for editors that complete and check YAML."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PresetModel.model_json_schema()}


def _text_of(file: Path) -> str:
    if file.suffix.lower() not in _FILMS:
        return read_text(file)
    from zoomdream.media import read_tags

    recipe = read_tags(file).get("zoomdream_preset")
    if not recipe:
        raise PresetError(f"{file} is a film without a recipe: those that zoomdream has rendered carry one")
    try:
        return json.dumps(json.loads(recipe), indent=2, ensure_ascii=False) + "\n"
    except ValueError:
        raise PresetError(f"{file} carries a recipe that is damaged: render it from its preset") from None


def _shipped() -> dict[str, Path]:
    package = Path(__file__).parent
    installed = package / "presets"
    folder = installed if installed.is_dir() else package.parent / "presets"  # a checkout has them beside the package
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))}


def _is_shipped(file: Path) -> bool:
    return file in _shipped().values()


def _find(preset: str | Path) -> Path:
    path, shipped = Path(preset), _shipped()
    try:
        is_folder, is_file = path.is_dir(), path.exists() and not path.is_dir()
    except OSError as error:
        raise PresetError(f"{preset} cannot be read: {error.strerror}") from None
    if is_file:
        return path
    if str(preset) in shipped:
        return shipped[str(preset)]
    if is_folder:
        raise PresetError(f"{preset} is a folder, not a preset: name a YAML file in it")
    raise PresetError(f"{preset} is neither a file nor a shipped preset{nearest(path.stem, shipped)}")


def _validated(document: Document, base: Path, file: Path | None = None) -> Preset:
    if document.data is None:
        raise PresetError(f"{document.name}: it is empty: a preset needs zoomdream: 1, source and dream.layers")
    if not isinstance(document.data, dict):
        raise PresetError(f"{document.name}: it is {show(document.data)}: a preset is keys, such as zoomdream: 1")
    try:
        model = PresetModel.model_validate(document.data)
    except ValidationError as error:
        raise PresetError(report(document, error.errors(include_url=False))) from None
    folder = Path(model.folder).expanduser() if model.folder else Path()
    return Preset(document, model, base.absolute() / folder, file)
