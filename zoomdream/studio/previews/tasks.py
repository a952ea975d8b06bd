"""Requests for previews as the process that makes them has them: those that wait, and one that is worked at."""

from __future__ import annotations

import json
import os
import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

Request = Mapping[str, Any]


class Unwanted(Exception):
    """A preview that nobody waits for any more."""


@dataclass
class Requests:
    """The requests that have come: those that wait, and those that are not wanted any more."""

    waiting: queue.Queue[Request | None] = field(default_factory=queue.Queue)
    unwanted: set[str] = field(default_factory=set)

    def read(self, stream: TextIO) -> None:
        """Read requests until there are no more. What is under way then is unwanted, too."""
        for line in stream:
            request = json.loads(line)
            if "cancel" in request:
                self.unwanted.add(request["cancel"])
            else:
                self.waiting.put(request)
        self.waiting.put(None)
        os._exit(0)  # the studio has ended: so does what is computed for it


@dataclass(frozen=True)
class Task:
    """A request that is worked at."""

    request: Request
    requests: Requests
    write: Callable[[Mapping[str, object]], None]

    @property
    def id(self) -> str:
        """Its name."""
        return str(self.request["id"])

    def file(self, suffix: str) -> Path:
        """A file of its own."""
        return Path(self.request["folder"]) / f"{self.id}{suffix}"

    def report(self, event: str, **facts: object) -> None:
        """Tell the studio. Raises Unwanted where nobody waits for it any more."""
        self.refuse_unwanted()
        self.write({"id": self.id, "event": event, **facts})

    def refuse_unwanted(self) -> None:
        """Raise Unwanted where nobody waits for it any more."""
        if self.id in self.requests.unwanted:
            raise Unwanted
