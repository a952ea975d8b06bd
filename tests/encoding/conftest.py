"""Shared by the media tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clips import children
from zoomdream.temporary_files import is_own_name


@pytest.fixture
def nothing_left(tmp_path: Path) -> Iterator[None]:
    """No thread, no process and no temporary file is left behind."""
    before = threading.active_count()
    yield
    assert threading.active_count() == before
    assert [path for path in tmp_path.rglob("*") if is_own_name(path.name)] == []
    assert children() == []
