"""Where a preset writes its masks, for messages about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from zoomdream.errors import SettingError
from zoomdream.objectives.specs.regions import Region
from zoomdream.objectives.specs.short_form import parse
from zoomdream.presets.documents.yaml_document import Document, KeyPath

LAYERS = ("dream", "layers")


def place_of_number(document: Document, path: KeyPath, text: str | None = None) -> KeyPath:
    """The place of a mask's numbers, whose `path` is `dream.layers.mask.circle` in whichever objective it is.

    Of several masks with such numbers it is the one that holds `text`, else all of them: `dream.layers`.
    """
    if path[:3] != (*LAYERS, "mask"):
        return path
    places = [place for place in document.marks if place[:2] == LAYERS and place[-2:] == path[2:]]
    if len(places) > 1:
        places = [place for place in places if any(each == text for _, each in document.texts(place))]
    return places[0] if len(places) == 1 else LAYERS


def place_of_mask(document: Document, mask: Path | Region, locate: Callable[[str], Path]) -> KeyPath:
    """The place of a mask that is a file or a motion; `locate` gives the file of a path as it is written."""
    for path, text in document.texts(LAYERS):
        if isinstance(mask, Region) and mask.motion:
            if path[-2:] == ("mask", "motion") and text == mask.motion:
                return path
        elif _file_of(path, text, locate) == (mask.file if isinstance(mask, Region) else mask):
            return path
    return LAYERS


def _file_of(path: KeyPath, text: str, locate: Callable[[str], Path]) -> Path | None:
    """The mask's file that a text names: the text itself, or the end of a short form."""
    if path[-1:] == ("mask",) and text != "mask":
        return locate(text)
    if path[-2:] == ("mask", "file") and text != "file":
        return locate(text)
    try:
        mask = parse(text).mask if " in " in text else None
    except SettingError:
        return None
    return locate(str(mask)) if isinstance(mask, Path) else None
