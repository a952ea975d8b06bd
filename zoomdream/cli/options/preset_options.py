"""Options that change a preset, and what they change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from zoomdream.cli.options.parsing import frame_span
from zoomdream.farm.storage import fetched_source, is_address

if TYPE_CHECKING:
    from zoomdream.presets.documents.yaml_document import Change
    from zoomdream.presets.preset import Preset
    from zoomdream.settings import Deinterlace

ChangesOption = Annotated[list[str] | None, typer.Option("--set", help="Change a key: dream.steps=6. May be repeated.")]
PresetArgument = Annotated[
    str, typer.Argument(help="A YAML file, a shipped preset's name, or a film that carries its recipe.")
]
FilmOption = Annotated[
    str | None,
    typer.Option("-o", "--output", help="The film; its suffix chooses the format.", show_default="PRESET.mp4"),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check everything, say what would be done, stop.")]

QualityOption = Annotated[
    Literal["draft", "final"],
    typer.Option(
        "-q",
        "--quality",
        help="draft: the same look, at most about 512x288 pixels; by default in PRESET-draft.mp4.",
    ),
]

BACKGROUND_HELP = "What is seen where the source is transparent: white, '#102030'."
INPUT_HELP = "A photo, a video, or a folder of numbered pictures; a file also as s3://BUCKET/NAME."
FPS_HELP = "Frames per second, such as 30 or 24000/1001."
SEED_HELP = "Another seed, another dream."
SIZE_HELP = "Width and height in pixels, such as 640x360."


def film_name(preset: str, output: str | None, *, draft: bool = False) -> str:
    """The output, or a film of the preset's name in this folder."""
    return f"{Path(preset).stem}{'-draft' if draft else ''}.mp4" if output is None else output


def preset_option(help_text: str, default: str = "the preset's", least: int | None = None) -> Any:
    """An option that replaces a key of the preset."""
    return typer.Option(help=help_text, show_default=default, min=least)


@dataclass(frozen=True)
class PresetOptions:
    """What the command line changes in a preset, and which of the film's frames are wanted."""

    source: Annotated[
        str | None,
        typer.Option("--input", metavar="PATH", help=INPUT_HELP, show_default="the preset's"),
    ] = None
    changes: ChangesOption = None
    size: Annotated[str | None, preset_option(SIZE_HELP)] = None
    fps: Annotated[str | None, preset_option(FPS_HELP)] = None
    start: Annotated[str | None, preset_option("Where in a video the film begins, such as 10s.")] = None
    duration: Annotated[str | None, preset_option("Length, such as 8s or 1:30.")] = None
    background: Annotated[str | None, preset_option(BACKGROUND_HELP)] = None
    deinterlace: Annotated[
        Deinterlace | None, preset_option("Whether interlaced frames of a video are deinterlaced.")
    ] = None
    audio: Annotated[str | None, preset_option("source (a video's own sound), none, or a sound file.")] = None
    audio_track: Annotated[int | None, preset_option("Which of its sound tracks, from 1.", "its default", 1)] = None
    frames: Annotated[str | None, typer.Option(help="A:B renders frames A to B-1.", show_default="all")] = None
    seed: Annotated[int | None, preset_option(SEED_HELP, least=0)] = None

    @property
    def span(self) -> range | None:
        """The frames that are wanted; None: all. Raises UsageError."""
        return None if self.frames is None else frame_span(self.frames)

    def load(self, preset: str, *, draft: bool = False) -> Preset:
        """The preset with these changes, or its draft's. Raises PresetError, SourceError."""
        changes = [*set_changes(self.changes), *option_changes(self._values)]
        source, label = local_source(self.source), f"--input {self.source}"
        return load_changed(preset, changes, source, label, draft=draft, size=self.size, fps=self.fps)

    @property
    def stored_source(self) -> str | None:
        """The source's address, where it is in a storage."""
        return self.source if self.source is not None and is_address(self.source) else None

    @property
    def _values(self) -> dict[str, object]:
        audio = self.audio
        if audio not in (None, "source", "none"):
            audio = str(Path(str(audio)).absolute())  # relative to this folder, not to the preset's
        return {
            "canvas.size": self.size,
            "canvas.fps": self.fps,
            "canvas.start": self.start,
            "canvas.duration": self.duration,
            "canvas.background": self.background and json.dumps(self.background),
            "canvas.deinterlace": self.deinterlace,
            "seed": self.seed,
            "output.audio": audio and json.dumps(audio),
            "output.audio_track": self.audio_track,
        }


def load_changed(
    preset: str,
    changes: list[Change],
    source: str | None,
    source_label: str,
    *,
    draft: bool = False,
    size: str | None = None,
    fps: str | None = None,
) -> Preset:
    """A preset with changes and another source; as a draft in its size and at its rate, where `size` and `fps` name no
    other. Raises PresetError, SourceError.
    """
    from zoomdream.presets.loading import load_preset

    loaded = load_preset(preset, changes, source, source_label=source_label)
    if not draft:
        return loaded
    from zoomdream.films.previews.draft import draft_changes
    from zoomdream.films.previews.outline import outline

    small = draft_changes(outline(loaded), keep_size=size is not None, keep_rate=fps is not None)
    return load_preset(preset, [*changes, *small], source, source_label=source_label)


def local_source(source: str | None) -> str | None:
    """The source of `--input` as a file of this machine, fetched where it is in a storage. Raises SourceError."""
    return source if source is None or not is_address(source) else str(fetched_source(source))


def option_changes(values: Mapping[str, object]) -> list[Change]:
    """The options that the user gave, as changes of preset keys; messages call each by its option."""
    from zoomdream.presets.documents.yaml_document import Change

    names = {key: key.rpartition(".")[2].replace("_", "-") for key in values}
    return [Change(f"{k}={v}", f"--{names[k]} {v}") for k, v in values.items() if v is not None]


def set_changes(assignments: Iterable[str] | None) -> list[Change]:
    """The assignments of `--set`; messages call each by that option."""
    from zoomdream.presets.documents.yaml_document import Change

    return [Change(assignment, f"--set {assignment}") for assignment in assignments or ()]
