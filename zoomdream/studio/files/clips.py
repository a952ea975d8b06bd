"""What a clip's file says of itself, asked once: its length, and whether it is a film that carries its preset."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from zoomdream.errors import ZoomdreamError
from zoomdream.media.ffmpeg import input_file, run
from zoomdream.media.probing.stream_info import parse_file_info
from zoomdream.media.tags import parse_ffmetadata
from zoomdream.output_files import whole_file


@dataclass(frozen=True)
class ClipFacts:
    """What is known of a file."""

    seconds: float | None
    """None: the file does not say, or is no clip."""
    is_film: bool
    """Whether it carries a preset, as films of zoomdream do."""
    is_readable: bool = True


class ClipIndex:
    """Facts of a folder's clips, kept by name, size and time of change. Threads may use it at the same time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._known: dict[str, ClipFacts] | None = None

    def facts(self, path: Path) -> ClipFacts:
        """The facts of a clip; reads its header where it is new."""
        status = path.stat()
        key = f"{path.name} {status.st_size} {status.st_mtime_ns}"
        with self._lock:
            if self._known is None:
                self._known = self._read()
            known = self._known.get(key)
        if known is not None:
            return known
        found = _facts(path)
        with self._lock:
            assert self._known is not None
            old = [each for each in self._known if each.rsplit(" ", 2)[0] == path.name]
            for each in old:
                del self._known[each]
            self._known[key] = found
            self._write()
        return found

    def _read(self) -> dict[str, ClipFacts]:
        try:
            return TypeAdapter(dict[str, ClipFacts]).validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            return {}

    def _write(self) -> None:
        assert self._known is not None
        with suppress(OSError), whole_file(self._file) as part:  # else it is asked again next time
            part.write_text(json.dumps({key: asdict(facts) for key, facts in self._known.items()}), encoding="utf-8")


def _facts(path: Path) -> ClipFacts:
    try:
        result = run([*input_file(path), "-f", "ffmetadata", "pipe:1"], path)
    except ZoomdreamError:
        return ClipFacts(None, False, False)
    info = parse_file_info(result.stderr)
    if info is None:
        return ClipFacts(None, False, False)
    tags = {name.lower() for name in parse_ffmetadata(result.stdout)}
    return ClipFacts(float(info.duration) or None, "zoomdream_preset" in tags)
