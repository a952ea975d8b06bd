"""What runs in the process of previews: `python -m zoomdream.studio.previews.worker KIND`.

It reads requests from stdin, each a line of JSON, and writes reports to stdout. A request that is not wanted any more
ends at its next frame.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from zoomdream.errors import ZoomdreamError

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
        if self.id in self.requests.unwanted:
            raise Unwanted
        self.write({"id": self.id, "event": event, **facts})


def work(kind: str, stdin: TextIO, stdout: TextIO) -> None:
    """Make previews of one kind until stdin ends."""
    from zoomdream.studio.previews.makers import MAKERS, warm_up

    lock = threading.Lock()

    def write(report: Mapping[str, object]) -> None:
        with lock:
            stdout.write(json.dumps(report) + "\n")
            stdout.flush()

    requests = Requests()
    threading.Thread(target=requests.read, args=(stdin,), daemon=True).start()
    warm_up(kind)
    while (request := requests.waiting.get()) is not None:
        task = Task(request, requests, write)
        if task.id in requests.unwanted:
            continue
        try:
            task.report("progress", done=0, total=None)
            facts = MAKERS[kind](task)
            task.report("done", **facts)
        except Unwanted:
            continue
        except ZoomdreamError as error:
            write({"id": task.id, "event": "failed", "message": str(error)})
        except Exception as error:  # the process goes on: the next request may be of another preset
            write({"id": task.id, "event": "failed", "message": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    own_stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print goes elsewhere
    work(sys.argv[1], sys.stdin, own_stdout)
