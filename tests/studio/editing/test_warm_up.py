"""What is made ready while the studio starts."""

from __future__ import annotations

import gc

from zoomdream.studio.editing.warm_up import warm_up
from zoomdream.studio.workspace import Workspace


def test_later_garbage_collections_leave_out_what_is_loaded(workspace: Workspace) -> None:
    before = gc.get_freeze_count()
    try:
        warm_up(workspace).join()
        assert gc.get_freeze_count() > before + 10_000
    finally:
        gc.unfreeze()
