"""Studios for tests: over a folder of their own, without processes unless a test starts them."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from zoomdream.studio.application import create_application
from zoomdream.studio.security import Access, access
from zoomdream.studio.studio import Studio

TOKEN = "a-token-of-the-tests"
HOST = "127.0.0.1:8700"
ORIGIN = f"http://{HOST}"
ACCESS: Access = access(TOKEN, "127.0.0.1", 8700)
PROGRAM = {"Authorization": f"Bearer {TOKEN}"}
"""What a program shows, in place of a page's cookie and origin."""

PRESET = """# A test: nothing much happens
zoomdream: 1
source: sample:clouds   # a sky
canvas: {size: 64x48, fps: 4, duration: 2s}
dream: {layers: {fire6: 1}, steps: 1, octaves: 1}
camera:
  zoom: {0s: 1.1, 1s: 1.5}   # faster
"""


def client_of(studio: Studio, page: Path | None = None, *, headers: dict[str, str] | None = None) -> TestClient:
    """A client of a studio's application, as a program unless other headers are given."""
    app = create_application(studio, ACCESS) if page is None else create_application(studio, ACCESS, page=page)
    return TestClient(app, base_url=ORIGIN, headers=PROGRAM if headers is None else headers, follow_redirects=False)
