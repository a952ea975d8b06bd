"""Previews from Python and in notebooks: a draft or a motion preview as a film that plays, curves as a picture."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.films.previews.clip_cuts import clip_cuts
from zoomdream.films.previews.curves_picture import draw_curves, save_curves
from zoomdream.films.previews.draft import draft
from zoomdream.films.previews.film_curves import FilmCurves, film_curves
from zoomdream.films.previews.motion.frames import motion_preview
from zoomdream.films.previews.motion.job import MotionJob
from zoomdream.films.previews.outline import outline
from zoomdream.presets.loading import load_preset
from zoomdream.presets.preset import Preset
from zoomdream.progress import OnProgress

if TYPE_CHECKING:
    from zoomdream.runtime import Threads

_EMBEDDED_BYTES = 32 * 2**20  # of a film in a notebook; a larger one is named


@dataclass(frozen=True)
class PreviewFilm:
    """A preview's file."""

    path: Path
    warnings: tuple[str, ...] = ()
    """What a user should know about it."""

    def _repr_html_(self) -> str:
        """For a notebook: the film, which plays."""
        name = html.escape(str(self.path))
        if self.path.stat().st_size > _EMBEDDED_BYTES:
            return f"<p>{name} is too large to be shown here: open it in a player.</p>"
        kind = "webm" if self.path.suffix.lower() == ".webm" else "mp4"
        data = b64encode(self.path.read_bytes()).decode()
        return f'<video controls loop muted title="{name}" src="data:video/{kind};base64,{data}"></video>'


@dataclass(frozen=True)
class CurvesPicture:
    """A film's curves, which a notebook draws."""

    curves: FilmCurves
    """The numbers."""
    title: str = ""
    cuts: Sequence[float] | None = ()
    """Where new shots of its video begin, in seconds; None: they were not looked for."""

    def save(self, path: Path | str, *, overwrite: bool = False) -> None:
        """Write a PNG. Raises UsageError, OutputError."""
        save_curves(self.curves, Path(path), title=self.title, cuts=self.cuts, overwrite=overwrite)

    def _repr_png_(self) -> bytes:
        """For a notebook."""
        file = BytesIO()
        draw_curves(self.curves, title=self.title, cuts=self.cuts).savefig(file, format="png")
        return file.getvalue()


def curves(preset: Preset | str | Path) -> CurvesPicture:
    """All that moves in a preset's film over its time: its tracks with their keyframes, the mix, the sound, the cuts.

    `preset` is what `load_preset` returns, or takes. Needs no torch, but for a film over a video. Raises PresetError,
    SourceError.
    """
    loaded = _loaded(preset)
    film = outline(loaded)
    return CurvesPicture(film_curves(loaded, film=film), Path(loaded.name).stem, clip_cuts(film))


def preview(
    preset: Preset | str | Path,
    path: Path | str,
    *,
    motion: bool = False,
    overwrite: bool = False,
    device: str = "auto",
    threads: Threads | None = None,
    on_progress: OnProgress | None = None,
) -> PreviewFilm:
    """Make a preview of a preset's film: a draft, the same look but small.

    Args:
        preset: what `load_preset` returns, or takes.
        path: the output; its suffix chooses the format.
        motion: show only how the camera moves: the source under a grid, without the network, in seconds.
        overwrite: replace what is there.
        device, threads: of a draft: see `prepare`.
        on_progress: called after each frame.

    Raises PresetError, SourceError, OutputError and what rendering raises.
    """
    loaded = _loaded(preset)
    if motion:
        job = MotionJob(motion_preview(outline(loaded)), Path(path), overwrite)
        job.check()
        return PreviewFilm(job.run(on_progress), job.warnings)
    from zoomdream.films.preparation import prepare
    from zoomdream.films.rendering import render

    film = prepare(draft(loaded), device=device, threads=threads)
    return PreviewFilm(render(film, path, overwrite=overwrite, on_progress=on_progress), film.warnings)


def _loaded(preset: Preset | str | Path) -> Preset:
    return preset if isinstance(preset, Preset) else load_preset(preset)
