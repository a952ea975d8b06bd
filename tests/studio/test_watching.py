"""Files that others change while a studio is open."""

from __future__ import annotations

import os

from tests.support.studio import PRESET
from zoomdream.studio.editing.documents import version_of
from zoomdream.studio.watching import Watch
from zoomdream.studio.workspace import Workspace


def test_a_preset_that_has_changed_is_told_with_its_version_and_files_that_come_and_go_are_told(
    workspace: Workspace,
) -> None:
    told: list[object] = []
    watch = Watch(workspace, lambda name, version: told.append((name, version)), lambda: told.append("files"))
    watch.look()
    assert told == []
    preset = workspace.folder / "mine.yaml"
    preset.write_text(PRESET + "# more\n")
    os.utime(preset, (1, 1))  # clocks of files may be coarse
    watch.look()
    assert told == [("mine.yaml", version_of(PRESET + "# more\n"))]
    (workspace.folder / "photo.jpg").write_bytes(b"x")
    (workspace.folder / "notes.txt").write_bytes(b"x")
    (workspace.folder / ".hidden.yaml").write_bytes(b"x")
    watch.look()
    watch.look()
    assert told[1:] == ["files"]
    preset.unlink()
    watch.look()
    assert told[2:] == ["files"]


def test_it_looks_by_itself_and_ends(workspace: Workspace) -> None:
    watch = Watch(workspace, lambda name, version: None, lambda: None)
    watch.open()
    watch.close()
