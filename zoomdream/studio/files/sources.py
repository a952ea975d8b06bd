"""Photos, clips and sounds of the workspace: what each holds, and those that are dropped into the page."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool

from zoomdream.errors import OutputExistsError
from zoomdream.images.picture_formats import open_decoder
from zoomdream.images.picture_kinds import is_picture
from zoomdream.images.regular_files import open_regular
from zoomdream.media import probe
from zoomdream.media.clip import display_size
from zoomdream.media.clip_warnings import clip_warnings
from zoomdream.media.sound_tracks import sound_tracks
from zoomdream.memory import format_bytes
from zoomdream.output_files import PartFile
from zoomdream.presets.sample_pictures import is_sample, sample_file
from zoomdream.studio.answers import Refused
from zoomdream.studio.files.clips import ClipIndex
from zoomdream.studio.files.posters import Posters
from zoomdream.studio.workspace import SUFFIXES, Kind, Workspace, check_name

MOST_BYTES = 4 * 2**30
"""Of a file that is dropped into the page."""

_PART = 2**20  # bytes that are written at once
_KINDS: tuple[Kind, ...] = ("photo", "clip", "sound")


class Sources:
    """The sources of a workspace. Threads may use it at the same time."""

    def __init__(self, workspace: Workspace, clips: ClipIndex, posters: Posters, most_bytes: int = MOST_BYTES) -> None:
        self._workspace = workspace
        self._clips = clips
        self._posters = posters
        self.most_bytes = most_bytes

    def listing(self) -> list[dict[str, Any]]:
        """All sources, by name. Films that carry a preset are none."""
        found = [(name, kind) for kind in _KINDS for name in self._workspace.names(kind)]
        facts = (self._facts(name, kind) for name, kind in sorted(found, key=lambda pair: pair[0].casefold()))
        return [each for each in facts if each is not None]

    def _facts(self, name: str, kind: Kind) -> dict[str, Any] | None:
        path = self._workspace.file(name, kind)
        clip = self._clips.facts(path) if kind == "clip" else None
        if clip is not None and clip.is_film:
            return None
        status = path.stat()
        poster = f"/api/sources/{quote(name)}/poster?v={status.st_mtime_ns}"
        return {
            "name": name,
            "kind": kind,
            "bytes": status.st_size,
            "seconds": clip.seconds if clip else None,
            "poster": None if kind == "sound" or (clip and not clip.is_readable) else poster,
        }

    def file(self, name: str) -> Path:
        """A source's file, or the one of `sample:NAME`. Raises Refused: 404 where it is not there (any more)."""
        if is_sample(name):
            return sample_file(name)
        return self._workspace.file(name, self.kind(name))

    def kind(self, name: str) -> Kind:
        """What a file is by the end of its name. Raises Refused."""
        if is_sample(name):
            return "photo" if sample_file(name).suffix == ".jpg" else "sound"
        suffix = Path(name).suffix.lower()
        for kind in _KINDS:
            if suffix in SUFFIXES[kind]:
                return kind
        known = ", ".join(each for kind in _KINDS for each in SUFFIXES[kind])
        raise Refused(400, f"{name!r:.80} is no photo, clip or sound that is known here: {known}")

    def poster(self, name: str, seconds: float | None = None) -> bytes:
        """A JPEG of a photo, or of a clip's frame. Raises Refused: 404 for a sound, SourceError."""
        if self.kind(name) == "sound":
            raise Refused(404, f"{name} is a sound, and has no picture")
        return self._posters.of_file(self.file(name), seconds)

    def probe(self, name: str) -> dict[str, Any]:
        """What a source holds. Raises SourceError for what cannot be read."""
        path, kind = self.file(name), self.kind(name)
        if kind == "sound":
            tracks = sound_tracks(path)
            return _probed(None, None, None, self._clips.facts(path).seconds, bool(tracks), [])
        if is_picture(path):
            with open_regular(path, "picture") as file:
                _, opened = open_decoder(file, path)
                return _probed(opened.size, None, 1, None, False, [])
        clip = probe(path)
        warnings = clip_warnings(clip)
        if clip.frames < clip.promised_frames:
            warnings.append(f"{name} is cut short: {clip.frames} of about {clip.promised_frames} frames are there")
        return _probed(
            display_size(clip), float(clip.fps), clip.frames, float(clip.duration), clip.audio is not None, warnings
        )

    def delete(self, name: str) -> None:
        """Remove a source's file. Raises Refused: 404 where it is not there."""
        if is_sample(name):
            raise Refused(400, f"{name} comes with zoomdream, and stays")
        self.file(name).unlink()

    async def receive(self, name: str, body: AsyncIterator[bytes], announced: int | None) -> str:
        """Keep a file that the page sends; the name that it has got: `clouds-2.jpg` where another has its own.

        Raises Refused: 413 where it is too large, 507 where the disk has no room, 400 where it is empty. What is not
        whole leaves nothing.
        """
        self.kind(check_name(name))
        self._refuse_large(announced or 0)
        free = shutil.disk_usage(self._workspace.folder).free
        if announced is not None and announced > free:
            raise Refused(507, f"{name} has {format_bytes(announced)}, and the disk has room for {format_bytes(free)}")
        part = await run_in_threadpool(PartFile, self._workspace.folder / check_name(name), overwrite=False)
        try:
            size = await self._write(part.path, body)
            if not size:
                raise Refused(400, f"{name} is empty")
            if announced is not None and size != announced:
                raise Refused(400, f"{name} has not come whole: {size} of {announced} bytes")
            return await run_in_threadpool(self._name, part)
        finally:
            await run_in_threadpool(part.discard)

    async def _write(self, path: Path, body: AsyncIterator[bytes]) -> int:
        size, waiting = 0, bytearray()
        with path.open("wb") as file:
            async for piece in body:
                size += len(piece)
                self._refuse_large(size)
                waiting += piece
                if len(waiting) >= _PART:
                    await run_in_threadpool(file.write, bytes(waiting))
                    waiting.clear()
            await run_in_threadpool(file.write, bytes(waiting))
        return size

    def _refuse_large(self, size: int) -> None:
        if size > self.most_bytes:
            most, folder = format_bytes(self.most_bytes), self._workspace.folder
            raise Refused(413, f"this file has more than {most}: copy it into {folder} yourself")

    def _name(self, part: PartFile) -> str:
        """Give a file that is whole its name, or the next that is free."""
        wanted = part.target
        number = 1
        while True:
            try:
                part.commit()
            except OutputExistsError:
                number += 1
                part.target = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
            else:
                return part.target.name


def _probed(
    size: tuple[int, int] | None,
    fps: float | None,
    frames: int | None,
    seconds: float | None,
    sound: bool,
    warnings: list[str],
) -> dict[str, Any]:
    return {
        "width": size[0] if size else None,
        "height": size[1] if size else None,
        "fps": fps,
        "frames": frames,
        "seconds": seconds,
        "sound": sound,
        "warnings": warnings,
    }
