"""How far a batch is: all films' frames as one number, and a line for what becomes of each film."""

from __future__ import annotations

from dataclasses import dataclass, replace

from zoomdream.cli.echo import visible
from zoomdream.cli.exit_codes import message
from zoomdream.cli.progress.progress_bar import Display
from zoomdream.farm.engine import Event
from zoomdream.progress import Progress


@dataclass(frozen=True)
class _FilmProgress:
    """Frames of one film."""

    done: int
    total: int
    before: int


class BatchProgress:
    """What an engine calls with each event of a batch."""

    def __init__(self, display: Display, count: int) -> None:
        """`count`: how many films are rendered."""
        self._display, self._count = display, count
        self._films: dict[str, _FilmProgress] = {}
        self._finished = self._failed = 0
        self._told: set[str] = set()

    @property
    def progress(self) -> Progress:
        """Of all films. A film that has not begun is taken for as long as the others are on average."""
        films = list(self._films.values())
        known = sum(film.total for film in films)
        total = round(known * max(1.0, self._count / len(films))) if films else None
        return Progress(
            sum(film.done for film in films),
            total,
            "frame",
            f"{self._finished} of {self._count} films",
            {"films": self._count, "films_done": self._finished, "films_failed": self._failed},
            sum(film.before for film in films),
        )

    @property
    def summary(self) -> str:
        """How far it is, in words."""
        begun = self.progress
        return f"{self._finished} of {self._count} films are finished, {begun.done} frames of all"

    def __call__(self, event: Event) -> None:
        """Show an event."""
        name = event.task.id
        match event.kind:
            case "started" if not self._films:
                self._show(name)  # the time until then, in which workers import PyTorch, is no frame's
            case "progress":
                self._on_progress(name, event.progress)
            case "warning" | "lost":
                self._on_warning(name, event.text, event.kind)
            case "done":
                self._finished += 1
                film = self._films.get(name)
                self._tell(f"{name}: {film.total if film else 0} frames", film=name, event="done")
                self._show(name)
            case "failed":
                self._on_failure(name, event)

    def _on_progress(self, name: str, progress: Progress | None) -> None:
        if progress is None:
            return
        if progress.unit != "frame":  # weights that are downloaded
            self._once(f"{name}: {progress.now}", film=name, event="download")
            return
        earlier = self._films.get(name)
        # Frames are reported again when they are read back, and after a worker was lost, whose frames are this run's.
        before = progress.before if earlier is None else earlier.before
        done = progress.done if earlier is None else max(progress.done, earlier.done)
        self._films[name] = _FilmProgress(done, progress.total or done, before)
        self._show(name)

    def _on_warning(self, name: str, text: str, kind: str) -> None:
        """Many films have the same warnings: each is told once, but for a lost worker."""
        if kind == "lost":
            self._tell(f"warning: {name}: {text}; another goes on", film=name, event="lost", text=text)
        elif text not in self._told:
            self._told.add(text)
            self._tell(f"warning: {name}: {text}", film=name, event="warning", text=text)

    def _on_failure(self, name: str, event: Event) -> None:
        assert event.error is not None
        self._failed += 1
        film = self._films.get(name)
        if film is not None:
            self._films[name] = replace(film, total=film.done)  # nothing more comes of it
        text = message(event.error.exception)
        self._tell(f"{event.error.trace}error: {name}: {text}", film=name, event="failed", text=text)

    def _once(self, text: str, /, **record: object) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(text, **record)

    def _tell(self, text: str, /, **record: object) -> None:
        self._display.tell(visible(text), **record)

    def _show(self, name: str) -> None:
        progress = self.progress
        self._display(replace(progress, detail={**progress.detail, "film": name}))
