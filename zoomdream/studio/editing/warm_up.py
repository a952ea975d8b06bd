"""Makes ready what is needed while one types, so that no keystroke waits for it."""

from __future__ import annotations

import gc
from threading import Thread

from zoomdream.errors import ZoomdreamError
from zoomdream.presets.shipped import shipped_files
from zoomdream.studio.editing.checks import check_text
from zoomdream.studio.workspace import Workspace

_PRESET = "quickstart"


def warm_up(workspace: Workspace) -> Thread:
    """Check a preset beside what is served, and leave all that is loaded by then out of later garbage collections.

    Those look through every object that there is, a tenth of a second for what the studio has loaded: as long as three
    checks of 200 keyframes take.
    """

    def run() -> None:
        try:
            check_text(shipped_files()[_PRESET].read_text(encoding="utf-8"), workspace)
        except (OSError, KeyError, ZoomdreamError):
            return  # a damaged installation: whoever opens a preset is told
        finally:
            gc.freeze()

    thread = Thread(target=run, name="warm-up", daemon=True)
    thread.start()
    return thread
