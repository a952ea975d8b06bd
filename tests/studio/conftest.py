"""A workspace with a preset, and a client of its studio."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.support.studio import PRESET, client_of
from zoomdream.studio.studio import Studio
from zoomdream.studio.workspace import Workspace, open_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A folder with one preset, `mine.yaml`."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "mine.yaml").write_text(PRESET, encoding="utf-8")
    (folder / ".zoomdream").mkdir()
    return open_workspace(folder)


@pytest.fixture
def studio(workspace: Workspace) -> Studio:
    """A studio that has not begun: it starts no process by itself."""
    return Studio(workspace, most_bytes=100_000)


@pytest.fixture
def client(studio: Studio) -> Iterator[TestClient]:
    """A program that knows the token."""
    with client_of(studio) as client:
        yield client
