"""The commands that show a film before it is rendered: frame, preview, curves.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoomdream.cli.echo import echo, echo_json, echo_warnings
from zoomdream.cli.options.preset_options import (
    FPS_HELP,
    INPUT_HELP,
    SEED_HELP,
    SIZE_HELP,
    ChangesOption,
    PresetArgument,
    QualityOption,
    film_name,
    load_changed,
    local_source,
    option_changes,
    preset_option,
    set_changes,
)
from zoomdream.cli.options.shared_options import ComputeOptions, JournalFlags, JsonOption, RunOptions, command
from zoomdream.cli.requests.film_request import FilmRequest
from zoomdream.cli.viewing.opening import OpenOption, show
from zoomdream.errors import SettingError, UsageError

if TYPE_CHECKING:
    from zoomdream.films.previews.frame import PreviewFrame
    from zoomdream.presets.preset import Preset

app = typer.Typer()

OverwriteOption = Annotated[bool, typer.Option("-y", "--overwrite", help="Replace the output if it exists.")]


@dataclass(frozen=True)
class PreviewOptions:
    """What a preview changes in a preset."""

    source: Annotated[
        str | None,
        typer.Option("--input", metavar="PATH", help=INPUT_HELP, show_default="the preset's"),
    ] = None
    changes: ChangesOption = None
    fps: Annotated[str | None, preset_option(FPS_HELP)] = None
    start: Annotated[str | None, preset_option("Where in a video the film begins, such as 10s.")] = None
    duration: Annotated[str | None, preset_option("Length, such as 8s or 1:30.")] = None
    seed: Annotated[int | None, preset_option(SEED_HELP, least=0)] = None

    def load(self, preset: str, *, draft: bool = False, size: str | None = None) -> Preset:
        """The preset with these changes, or its draft's. Raises PresetError, SourceError."""
        values = {
            "canvas.size": size,
            "canvas.fps": self.fps,
            "canvas.start": self.start,
            "canvas.duration": self.duration,
            "seed": self.seed,
        }
        changes = [*set_changes(self.changes), *option_changes(values)]
        return load_changed(
            preset, changes, local_source(self.source), f"--input {self.source}", draft=draft, size=size, fps=self.fps
        )


def preview_name(preset: str, output: Path | None, ending: str) -> Path:
    """The output, or a file of the preset's name in this folder. Raises UsageError for an empty name."""
    if output is not None and not output.name:
        raise UsageError(f"the output has no name: give it one such as {Path(preset).stem}{ending}")
    return Path(f"{Path(preset).stem}{ending}") if output is None else output


@command(app)
def frame(
    preset: PresetArgument,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The picture: .png, .jpg or .webp.", show_default="PRESET-frame.png"),
    ] = None,
    *,
    at: Annotated[str, typer.Option(help="When in the film: 3s, 1:30, 50%, 120f (a frame), 2bar, end.")] = "50%",
    quality: QualityOption = "final",
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Dream all frames before it too: the film's own frame, however long it takes."),
    ] = False,
    film: Annotated[
        str | None,
        typer.Option(help="The film's file, as for render -o: frames kept of it are used.", show_default="PRESET.mp4"),
    ] = None,
    options: PreviewOptions,
    size: Annotated[str | None, preset_option(SIZE_HELP)] = None,
    compute: ComputeOptions,
    run: RunOptions,
    shown: OpenOption = False,
) -> None:
    """Make one frame of a film: its own where it is near, else a stand-in; which of them is said."""
    from zoomdream.images.pictures.saving import check_picture_file, save_image
    from zoomdream.output_lock import output_lock

    draft = quality == "draft"
    picture = preview_name(preset, output, "-frame.png")
    loaded = options.load(preset, draft=draft, size=size)
    inputs = [path for path in (loaded.file, loaded.source) if path]
    check_picture_file(picture, overwrite=run.overwrite, inputs=inputs)
    wanted = FilmRequest(
        loaded, film_name(preset, film, draft=draft), compute, JournalFlags(), replace(run, overwrite=True)
    )
    with output_lock(picture):
        check_picture_file(picture, overwrite=run.overwrite, inputs=inputs)  # another run may just have ended
        made, provenance = _make_frame(wanted, at, exact, picture.name)
        save_image(made.frame, picture, provenance, overwrite=run.overwrite)
    width, height = made.frame.shape[-1], made.frame.shape[-2]
    echo(f"{picture}: {width}x{height}, frame {made.index} at {made.seconds:.3f} s; {made.description}")
    if shown:
        show(picture)


def _make_frame(wanted: FilmRequest, at: str, exact: bool, name: str) -> tuple[PreviewFrame, str]:
    """The frame, and what made it."""
    from zoomdream.cli.progress.progress_bar import progress_bar
    from zoomdream.films.previews.frame import frame_index, preview_frame

    path = wanted.check_output()
    prepared, _ = wanted.prepare(path)
    try:
        index = frame_index(prepared.clock, at)
    except (SettingError, UsageError) as error:
        raise UsageError(f"--at {error}") from None
    with progress_bar(wanted.run.progress, name) as display:
        made = preview_frame(prepared, index, output=path, exact=exact, on_progress=display)
    return made, prepared.provenance


@command(app)
def preview(
    preset: PresetArgument,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="The film; its suffix chooses the format.",
            show_default="PRESET-draft.mp4, PRESET-motion.mp4",
        ),
    ] = None,
    *,
    motion: Annotated[
        bool, typer.Option("--motion", help="Only how the camera moves: the source under a grid, nothing is dreamed.")
    ] = False,
    options: PreviewOptions,
    compute: ComputeOptions,
    run: RunOptions,
    shown: OpenOption = False,
) -> None:
    """Render a draft, the same look but small; with --motion how the camera moves, in seconds."""
    if motion:
        film = preview_name(preset, output, "-motion.mp4")
        _draw_motion(options.load(preset), film, run)
    else:
        film = preview_name(preset, output, "-draft.mp4")
        FilmRequest(options.load(preset, draft=True), str(film), compute, JournalFlags(), run).render()
    if shown:
        show(film)


def _draw_motion(preset: Preset, film: Path, run: RunOptions) -> None:
    from zoomdream.cli.progress.progress_bar import progress_bar
    from zoomdream.films.previews.motion.frames import motion_preview
    from zoomdream.films.previews.motion.job import MotionJob
    from zoomdream.films.previews.outline import outline

    job = MotionJob(motion_preview(outline(preset)), film, run.overwrite)
    job.check()
    echo_warnings(job.warnings)
    with progress_bar(run.progress, film.name) as display:
        job.run(display)
    (width, height), fps = job.size, float(job.preview.fps)
    seconds = job.played / fps
    echo(f"{film}: {job.played} frames of {width}x{height} at {fps:.4g} per second ({seconds:.1f} s), motion only")


@command(app)
def curves(
    preset: PresetArgument,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The picture, a PNG.", show_default="PRESET-curves.png")
    ] = None,
    *,
    options: PreviewOptions,
    as_json: JsonOption = False,
    overwrite: OverwriteOption = False,
    shown: OpenOption = False,
) -> None:
    """Draw all that moves in a film over its time: tracks with their keyframes, the mix, the sound, the clip's cuts."""
    from zoomdream.films.previews.clip_cuts import MOST_FRAMES, clip_cuts
    from zoomdream.films.previews.curves_picture import save_curves
    from zoomdream.films.previews.film_curves import film_curves
    from zoomdream.films.previews.outline import outline
    from zoomdream.images.plots import check_plot
    from zoomdream.output_lock import output_lock

    if as_json and (output is not None or shown):
        raise UsageError("--json writes the curves' numbers to stdout, and draws nothing: leave out -o and --open")
    loaded = options.load(preset)
    picture = preview_name(preset, output, "-curves.png")
    inputs = [path for path in (loaded.file, loaded.source, loaded.music) if path]
    if not as_json:
        check_plot(picture, overwrite=overwrite, inputs=inputs)
    film = outline(loaded)
    drawn = film_curves(loaded, film=film)
    echo_warnings(drawn.warnings)
    if as_json:
        return echo_json(drawn.to_json())
    cuts = clip_cuts(film)
    if cuts is None:
        echo_warnings([f"cuts are not drawn: the film has more than {MOST_FRAMES} frames; zoomdream shots finds them"])
    with output_lock(picture):
        check_plot(picture, overwrite=overwrite, inputs=inputs)  # another run may just have ended
        save_curves(drawn, picture, title=Path(preset).stem, cuts=cuts, overwrite=overwrite)
    echo(f"{picture}: {len(drawn.moving)} moving tracks over {drawn.seconds:g} s")
    if shown:
        show(picture)
    return None
