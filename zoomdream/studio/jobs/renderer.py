"""The command line in a process that ends with the studio: `python -m zoomdream.studio.jobs.renderer render ...`.

Its stdin is a pipe from the studio, in which nothing comes; when that ends, however the studio has ended, the render is
asked to end as by `kill`: finished frames are kept.
"""

from __future__ import annotations

import os
import runpy
import signal
import threading

STDIN = 0


def end_with(descriptor: int) -> None:
    """Wait until a pipe ends, and end this process then."""
    while os.read(descriptor, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=end_with, args=(STDIN,), daemon=True).start()
    runpy.run_module("zoomdream", run_name="__main__", alter_sys=False)
