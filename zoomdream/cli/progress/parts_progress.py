"""How far the parts of a film are: their frames as one number."""

from __future__ import annotations

from collections.abc import Sequence

from zoomdream.cli.echo import visible
from zoomdream.cli.progress.progress_bar import Display
from zoomdream.farm.engine import Event
from zoomdream.progress import Progress


class PartsProgress:
    """What an engine calls with each event of a film's parts, whose tasks are named by their frames: `30:61`."""

    def __init__(self, display: Display, parts: Sequence[range], finished: Sequence[int]) -> None:
        """`finished`: how many frames of each part earlier runs have finished."""
        names = [f"{part.start}:{part.stop}" for part in parts]
        self._display, self._done = display, dict(zip(names, finished, strict=True))
        self._total, self._before = sum(map(len, parts)), sum(finished)
        self._ended = sum(done == len(part) for done, part in zip(finished, parts, strict=True))
        self._told: set[str] = set()

    @property
    def progress(self) -> Progress:
        """Of the film."""
        now = f"{self._ended} of {len(self._done)} parts"
        detail = {"parts": len(self._done), "parts_done": self._ended}
        return Progress(sum(self._done.values()), self._total, "frame", now, detail, self._before)

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event.kind:
            case "progress" if event.progress is not None and event.progress.unit == "frame":
                self._done[event.task.id] = event.progress.done
                self._display(self.progress)
            case "done":
                self._ended += 1
                self._display(self.progress)
            case "warning":
                self._tell_once(event.text)
            case "lost":
                text = f"warning: frames {event.task.id}: {event.text}; another worker goes on"
                self._display.tell(visible(text), frames=event.task.id, event="lost", text=event.text)

    def _tell_once(self, text: str) -> None:
        """What each worker says of the film is the same."""
        if text not in self._told:
            self._told.add(text)
            self._display.tell(visible(f"warning: {text}"), event="warning", text=text)
