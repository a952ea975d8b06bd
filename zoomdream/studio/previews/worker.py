"""What runs in the process of previews: `python -m zoomdream.studio.previews.worker KIND`.

It reads requests from stdin, each a line of JSON, and writes reports to stdout. A request that is not wanted any more
ends at its next frame.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from typing import TextIO

from zoomdream.errors import ZoomdreamError
from zoomdream.studio.previews.tasks import Requests, Task, Unwanted


def work(kind: str, stdin: TextIO, stdout: TextIO) -> None:
    """Make previews of one kind until stdin ends."""
    lock = threading.Lock()

    def write(report: Mapping[str, object]) -> None:
        with lock:
            stdout.write(json.dumps(report) + "\n")
            stdout.flush()

    requests = Requests()
    threading.Thread(target=requests.read, args=(stdin,), daemon=True).start()
    from zoomdream.studio.previews.makers import MAKERS, warm_up  # after the thread that ends this process

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
