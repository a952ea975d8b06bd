"""The page's own files, which come with zoomdream: nothing is fetched from anywhere else."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path

from starlette.responses import FileResponse, Response

from zoomdream.studio.answers import Refused

PAGE = Path(__file__).parent / "page"
"""Where the page's files lie: `index.html`, styles, modules, and what is vendored."""

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".html": "text/html"}
_TEXTS = ("text/", "application/json", "image/svg+xml")


def page_file(folder: Path, name: str) -> Response:
    """A file below a folder. Raises Refused: 404 for what is not there, and for every way out of it."""
    path = Path(os.path.realpath(folder / name.replace("\0", "?")))
    if not path.is_relative_to(os.path.realpath(folder)) or not path.is_file():
        raise Refused(404, f"{name!r:.80} is not a file of the page")
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    kind = f"{kind}; charset=utf-8" if kind.startswith(_TEXTS) else kind
    return FileResponse(path, media_type=kind, headers={"Cache-Control": "no-cache"})
