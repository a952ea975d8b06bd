"""The films of a batch: each of several presets in each of several variations, checked before any is rendered."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zoomdream.encoding import check_output
from zoomdream.errors import MissingSourceError, SourceError, ZoomdreamError
from zoomdream.farm.storage import StoredFile, check_output_address, fetched, is_address
from zoomdream.farm.variations import (
    Axis,
    Variation,
    default_template,
    output_name,
    refuse_collisions,
    variations,
)
from zoomdream.media.tags import read_tags
from zoomdream.presets.documents.yaml_document import Change
from zoomdream.presets.loading import is_film, load_preset, load_preset_text, preset_text
from zoomdream.presets.preset import Preset
from zoomdream.presets.recipe import is_there

_ANY_SIZE = (640, 360)  # that every format takes


@dataclass(frozen=True)
class BatchFilm:
    """One film of a batch."""

    preset: str
    """A file, a film that carries its recipe, or a shipped preset's name."""
    variation: Variation
    output: str
    """The file or folder that it goes into. No two films of a batch have the same."""
    text: str | None = None
    """What was read from `preset` where that can be read but once, as a pipe; else None."""

    def load(
        self, changes: Sequence[Change] = (), source: str | Path | None = None, label: str | None = None
    ) -> Preset:
        """The preset with `changes` and its variation. Raises what `load_preset` does."""
        own = [Change(change, f"variation {change}") for change in self.variation.changes]
        if self.text is None:
            return load_preset(self.preset, [*changes, *own], source, source_label=label)
        other = [] if source is None else [Change(f"source={json.dumps(str(source))}", label or f"source {source}")]
        return load_preset_text(self.text, self.preset, changes=[*other, *changes, *own])


def batch_films(
    presets: Sequence[str], axes: Sequence[Axis] = (), template: str | None = None, *, is_zipped: bool = False
) -> list[BatchFilm]:
    """Each preset in each variation.

    Args:
        presets: files, films or shipped presets' names. They are not read, but for pipes.
        axes: the keys that vary.
        template: the outputs' name: see `variations.output_name`; None: the preset's name, and the keys that vary.
        is_zipped: whether the values of the keys go together, or every one with every other.

    Raises UsageError where values do not make sense, or two films would have the same output; PresetError for a pipe
    that cannot be read.
    """
    chosen = variations(axes, is_zipped=is_zipped)
    template = default_template(axes, presets) if template is None else template
    width = len(str(len(presets) * len(chosen)))
    texts = {preset: preset_text(preset) for preset in presets if _is_pipe(preset)}
    films = [
        BatchFilm(
            preset,
            variation,
            output_name(template, preset, position * len(chosen) + number, variation, width),
            texts.get(preset),
        )
        for position, preset in enumerate(presets)
        for number, variation in enumerate(chosen, 1)
    ]
    refuse_collisions([film.output for film in films], template)
    return films


def check_film(preset: Preset, output: str, *, overwrite: bool) -> str:
    """Check what can be checked of a film without PyTorch: its files are there, and its output may be written.

    Returns the output's full path, or its address in a storage. Raises SourceError, OutputError, UsageError.
    """
    preset.check_files()
    if preset.source is not None and not is_there(preset.source):
        raise MissingSourceError(f"{preset.source}: no such file; name another in the preset's source")
    size = preset.canvas.size or _ANY_SIZE
    files = (preset.file, preset.source, preset.weights, preset.audio, preset.music)
    inputs = [path for path in files if path is not None]
    if not is_address(output):
        return str(check_output(output, size, preset.output, overwrite=overwrite, inputs=inputs).path)
    check_output_address(output, overwrite=overwrite)
    with tempfile.TemporaryDirectory(prefix="zoomdream-") as folder:
        check_output(Path(folder) / StoredFile(output).name, size, preset.output)
    return output


def is_made(preset: Preset, output: str | Path, *, allow_truncated: bool = False) -> bool:
    """Whether an output is there that is the whole film of this preset: by the recipe that it carries, and its length.

    Films of another version of zoomdream count, and those that were computed in another way. False for formats that
    carry no recipe. Raises SourceError where the preset's source cannot be read, and what `StoredFile` raises.
    """
    name = str(output)
    if not is_address(name):
        return _is_made(preset, Path(output), allow_truncated)
    with fetched(StoredFile(name)) as copy:
        return _is_made(preset, copy, allow_truncated)


def _is_made(preset: Preset, output: Path, allow_truncated: bool) -> bool:
    if not is_film(output) or not output.is_file():
        return False
    try:
        tags = read_tags(output)
    except SourceError:
        return False
    return tags.get("zoomdream_preset") == preset.recipe() and _has_whole_length(preset, output, allow_truncated)


def _has_whole_length(preset: Preset, output: Path, allow_truncated: bool) -> bool:
    import torch

    from zoomdream.films.inputs.source import load_source
    from zoomdream.media import probe

    try:
        frames = probe(output).frames
    except ZoomdreamError:
        return False
    source = load_source(preset, torch.device("cpu"), allow_truncated=allow_truncated)
    return frames == source.clock.frames


def _is_pipe(preset: str) -> bool:
    """Whether it is something that can be read but once, as /dev/stdin; other processes could not read it at all."""
    path = Path(preset)
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except (OSError, ValueError):  # `load_preset` says what is wrong with it
        return False
