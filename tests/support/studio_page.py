"""A studio in a process of its own, and what a person does on its page."""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.support.commands import ZOOMDREAM

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
"""The browser of this machine; None without one."""

TINY = """\
# A tiny film: two seconds that take a moment to render.
zoomdream: 1
source: sample:clouds
canvas: {size: 64x48, fps: 6, duration: 2s}
dream:
  layers: {fire2: 1}   # the quickest
  octaves: 1
  steps: 1
camera:
  zoom: {0s: 1.1, 1s: 1.3}
"""


@contextmanager
def open_studio(folder: Path) -> Iterator[str]:
    """The address, with its token, of a studio on a folder. It is ended after the block."""
    command = [*ZOOMDREAM, "studio", str(folder), "--port", "0", "--no-browser"]
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            log.seek(0)
            assert address.startswith("http"), log.read()
            yield address
        finally:
            process.terminate()


def drop_file(page: Page, path: Path, name: str) -> None:
    """Drop a file on the page, as from the system's file manager."""
    data = page.evaluate_handle(
        """([text, name]) => {
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name));
            return transfer;
        }""",
        [base64.b64encode(path.read_bytes()).decode(), name],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("main", event, {"dataTransfer": data})


def preset_text(page: Page) -> str:
    """The text in the editor."""
    return "\n".join(page.locator(".cm-line").all_inner_texts()).replace("\u00a0", " ")


def drag(page: Page, selector: str, across: float, down: float) -> None:
    """Drag what a selector finds by so many pixels."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across / 2, y + down / 2)
    page.mouse.move(x + across, y + down)
    page.mouse.up()


def is_played(page: Page, selector: str) -> Any:
    """Waits until a film has a frame to show; its width."""
    page.wait_for_function("(selector) => document.querySelector(selector)?.readyState >= 2", arg=selector)
    return page.locator(selector).evaluate("(film) => film.videoWidth")
