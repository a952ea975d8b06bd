"""What a finished film carries about how it was made: its recipe, versions, network, encoder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoomdream.encoding.hardware import ENCODER_TAG
from zoomdream.errors import SourceError
from zoomdream.media import Clip, probe, read_tags

_COMMENT = re.compile(r"zoomdream (?P<version>\S+): (?P<rest>.*)", re.DOTALL)
_RECIPE_TAG, _COMPUTE_TAG = "zoomdream_preset", "zoomdream_compute"


@dataclass(frozen=True)
class FilmFacts:
    """What a film's file says of itself."""

    clip: Clip
    version: str | None
    """Of the zoomdream that rendered it; None where it does not say: another program has made or changed it."""
    made_of: str
    """Network, objectives and seed, in one line; empty where it does not say."""
    recipe: Mapping[str, Any] | None
    """The preset that makes it again; None where it carries none, or one that is damaged."""
    compute: Mapping[str, Any] | None
    """How the network ran: device, precision, threads, versions; None where it does not say."""
    encoder: str | None
    """ffmpeg's encoder; None where it does not say."""

    @property
    def network(self) -> str | None:
        """The network that dreamed it; None where it does not say."""
        return self.made_of.partition(" ")[0] or None

    @property
    def files(self) -> Mapping[str, str]:
        """The names of the files that it was made from, each with its sha256."""
        files = (self.recipe or {}).get("files")
        return {str(name): str(digest) for name, digest in files.items()} if isinstance(files, dict) else {}


def film_facts(film: Path) -> FilmFacts:
    """Read a film's tags. Raises SourceError for what is no film, or a folder of pictures, which carries none."""
    clip = probe(film)
    if clip.pictures is not None:
        raise SourceError(f"{film} is a folder of pictures, which carries no recipe: name a film's file")
    tags = read_tags(film)
    comment = _COMMENT.match(tags.get("comment", ""))
    return FilmFacts(
        clip,
        comment["version"] if comment else None,
        comment["rest"] if comment else "",
        _json(tags.get(_RECIPE_TAG)),
        _json(tags.get(_COMPUTE_TAG)),
        tags.get(ENCODER_TAG),
    )


def _json(text: str | None) -> dict[str, Any] | None:
    """A tag's mapping; None where there is none, and where it is damaged."""
    try:
        data = json.loads(text) if text else None
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
