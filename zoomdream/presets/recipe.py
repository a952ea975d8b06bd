"""A recipe: the preset that a film's file carries, and its files as their names and sha256.

A film is shared, and a path tells of the machine that it was made on: of its user, a client, a project. So a recipe
names files and no folders, and its `files` has the sha256 of each, by which they are known again beside the film.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from zoomdream.errors import SettingError, SourceError
from zoomdream.images.pictures.regular_files import exists
from zoomdream.objectives.specs.short_form import with_files
from zoomdream.presets.documents.yaml_document import Data, Scalar
from zoomdream.presets.fields.palettes import names_file
from zoomdream.presets.sample_pictures import is_sample
from zoomdream.provenance import file_digest

_ENTRY_FILES = ("mask", "guide", "direction")  # keys of an objective that is written as a mapping
_NO_YAML = re.compile(r"[\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_NO_FILES = {"source": ("noise",), "output": ("source", "none")}


@dataclass(frozen=True)
class Recipe:
    """A preset's data with names in place of paths, and where the files lie here."""

    data: Mapping[Scalar, Data]
    """The data without `folder` and `files`."""

    files: Mapping[str, Path]
    """Each name that is in the data, and its file on this machine."""

    @property
    def text(self) -> str:
        """One line of JSON, which is YAML and so itself a preset. Reads the files: one that is not there has no sha256.

        Raises SourceError.
        """
        digests = {name: digest for name, path in self.files.items() if (digest := _digest(path))}
        return json_text(dict(self.data) | ({"files": digests} if digests else {}))


def recipe_of(data: Mapping[Scalar, Data], locate: Callable[[str], Path]) -> Recipe:
    """The recipe of a valid preset's data. `locate` gives the file of a path as it is written there.

    Two files with one name get two: the second `mask.png` is `mask-2.png`.
    """
    written = {path: locate(path) for path in written_paths(data)}
    own_names = {path.name for path in written.values()}
    names: dict[Path, str] = {}
    for path in written.values():
        if path not in names:
            names[path] = _as_path(_free_name(path.name, own_names, {Path(name).name for name in names.values()}))
    kept = {key: value for key, value in data.items() if key not in ("folder", "files")}
    renamed = with_paths(kept, lambda path: names[written[path]])
    return Recipe(renamed, {name: path for path, name in names.items()})


def of_names(data: Mapping[Scalar, Data]) -> tuple[dict[Scalar, Data], dict[str, str]]:
    """The data of a film's recipe with every path cut down to its name, and the path of each name as it was written.

    A film may come from a stranger: it reads what lies beside it and nothing else. Earlier films carry paths, and the
    folder that those begin in.
    """
    origins: dict[str, str] = {}
    folder = data.get("folder")

    def name_of(path: str) -> str:
        name = _as_path(_last_part(path))
        origins.setdefault(name, path if not isinstance(folder, str) or _is_full(path) else f"{folder}/{path}")
        return name

    kept = {key: value for key, value in data.items() if key != "folder"}
    return with_paths(kept, name_of), origins


def written_paths(data: Mapping[Scalar, Data]) -> list[str]:
    """Every file that a preset's data names, each once, as it is written there; not noise and samples."""
    paths: dict[str, None] = {}

    def note(path: str) -> str:
        paths[path] = None
        return path

    with_paths(data, note)
    return list(paths)


def with_paths(data: Mapping[Scalar, Data], change: Callable[[str], str]) -> dict[Scalar, Data]:
    """The data with each file's path replaced by `change(path)`; noise, samples and a film's own sound stay."""

    def changed(path: Data) -> Data:
        return change(path) if isinstance(path, str) and not is_sample(path) else path

    result = dict(data)
    for key in ("source", "weights"):
        if key in result and result[key] not in _NO_FILES.get(key, ()):
            result[key] = changed(result[key])
    output, audio, dream = result.get("output"), result.get("audio"), result.get("dream")
    if isinstance(output, dict) and output.get("audio") not in _NO_FILES["output"]:
        result["output"] = {key: changed(value) if key == "audio" else value for key, value in output.items()}
    if isinstance(audio, dict):
        result["audio"] = {key: changed(value) if key == "file" else value for key, value in audio.items()}
    if isinstance(dream, dict) and "layers" in dream:
        result["dream"] = {**dream, "layers": _in_layers(dream["layers"], changed)}
    color = result.get("color")
    if isinstance(color, dict) and "palette" in color:
        result["color"] = {**color, "palette": _in_palette(color["palette"], changed)}
    return result


def _in_palette(node: Data, changed: Callable[[Data], Data]) -> Data:
    """`color.palette`, or what it is at a time; a list of texts has colors alone."""
    if isinstance(node, str):
        return changed(node) if names_file(node) else node
    if isinstance(node, dict):
        kept = ("at", "ease")
        return {key: value if key in kept else _in_palette(value, changed) for key, value in node.items()}
    if isinstance(node, list):
        return [_in_palette(item, changed) if isinstance(item, dict) else item for item in node]
    return node


def _in_layers(node: Data, changed: Callable[[Data], Data]) -> Data:
    """`dream.layers` or a part of it. Words that are no short form of an objective, such as times, name no file."""
    if isinstance(node, list):
        return [_in_text(item, changed) if isinstance(item, str) else _in_layers(item, changed) for item in node]
    if not isinstance(node, dict):
        return node
    result: dict[Scalar, Data] = {}
    for key, value in node.items():
        if key in _ENTRY_FILES and isinstance(value, str):
            result[key] = changed(value)
        elif key == "mask" and isinstance(value, dict):
            result[key] = {name: changed(each) if name == "file" else each for name, each in value.items()}
        else:
            result[_in_text(key, changed)] = _in_layers(value, changed)
    return result


def _in_text(text: Scalar, changed: Callable[[Data], Data]) -> Scalar:
    if not isinstance(text, str):
        return text
    try:
        return with_files(text, lambda path: str(changed(path)))
    except SettingError:
        return text


def _free_name(name: str, own_names: Set[str], given: Set[str]) -> str:
    """The name, or with a number where another file has been `given` it; not one of those that files have already."""
    if name.casefold() not in {each.casefold() for each in given}:
        return name
    taken = {each.casefold() for each in own_names | given}
    path = Path(name)
    return next(
        numbered for number in count(2) if (numbered := f"{path.stem}-{number}{path.suffix}").casefold() not in taken
    )


def _as_path(name: str) -> str:
    """A file's name that is not taken for something else: a film from a picture whose name is `noise`."""
    return f"./{name}" if is_sample(name) or any(name in words for words in _NO_FILES.values()) else name


def _last_part(path: str) -> str:
    """The name at the end of a path of this system or another; `..` and the like are no names."""
    windows = re.match(r"[A-Za-z]:|\\\\", path)
    parts = [part for part in re.split(r"[/\\]" if windows else "/", path) if part not in ("", ".", "..", "~")]
    return parts[-1] if parts else "unnamed"


def json_text(data: object, indent: int | None = None) -> str:
    """JSON in UTF-8, with escapes for what no YAML may hold as it is: halves of characters, which are in names that are
    no UTF-8, and control characters that JSON leaves alone."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    return _NO_YAML.sub(lambda character: f"\\u{ord(character[0]):04x}", text)


def _is_full(path: str) -> bool:
    return path.startswith(("/", "~", "\\")) or re.match(r"[A-Za-z]:", path) is not None


def is_there(path: Path) -> bool:
    """Whether there is a file, a folder, or a folder with the pictures that a pattern names."""
    from zoomdream.media import is_picture_sequence

    return exists(path) or (is_picture_sequence(path) and any(path.parent.glob("*" + path.suffix)))


def source_digest(path: Path) -> str:
    """sha256 of a file, or of a folder's pictures. Raises OSError, SourceError for a folder without pictures."""
    from zoomdream.media import is_picture_sequence
    from zoomdream.media.picture_folders.sequence import find_pictures

    return find_pictures(path).digest if is_picture_sequence(path) else file_digest(path)


def _digest(path: Path) -> str | None:
    try:
        return source_digest(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(f"{path} cannot be read any more: {error.strerror}") from error


def missing_reason(name: str, origin: str | None, path: str, file: Path) -> str | None:
    """What is wrong where a file of the film `name` is not beside it; None: nothing, or it is no film's.

    `path` is how the recipe names the file, `origin` where it was when the film was rendered; None: of no recipe.
    """
    if origin is None or is_there(file):
        return None
    was = "" if origin in (path, file.name) else f" (it was {origin})"
    return f"{name} was made from {file.name}{was}, which does not lie beside it: put it into {file.parent}"


def different_reason(name: str, file: Path, sha256: str | None) -> str | None:
    """What is wrong with a file of which the preset `name` has the sha256; that it is missing is said elsewhere."""
    if sha256 is None or not is_there(file):
        return None
    try:
        digest = source_digest(file)
    except OSError as error:
        return f"{file} cannot be read: {error.strerror}"
    if digest == sha256:
        return None
    return (
        f"{file} is not the file that {name} was made from: its sha256 begins with {digest[:8]}, not with "
        f"{sha256[:8]}; put that one there"
    )
