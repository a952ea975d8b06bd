"""Analyses that are kept in the user's cache, so that a sound is analysed once: whole files, or none."""

from __future__ import annotations

import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import numpy as np

from zoomdream.output_files import whole_file
from zoomdream.runtime import cache_folder
from zoomdream.schedule.music.analysis import FEATURES, Analysis
from zoomdream.temporary_files import remove, stale_files

_MOST_FILES = 200  # a song takes half a megabyte, an hour eight
_DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError)


def analyses_folder() -> Path:
    """Where analyses are kept: see `runtime.cache_folder`."""
    return cache_folder("audio")


def read_analysis(name: str) -> Analysis | None:
    """The analysis that is kept under a name; None where there is none, or its file is damaged."""
    try:
        with np.load(analyses_folder() / f"{name}.npz", allow_pickle=False) as kept:
            seconds, bpm = (float(value) for value in kept["sound"])
            features = {feature: kept[feature] for feature in FEATURES}
            beats = kept["beats"]
    except _DAMAGED:
        return None
    analysis = Analysis(seconds, features, bpm or None, beats)
    return analysis if _is_sound(analysis) else None


def keep_analysis(name: str, analysis: Analysis) -> None:
    """Keep an analysis under a name. Where nothing can be written it is not kept, and computed again the next time."""
    folder = analyses_folder()
    arrays = {**analysis.features, "beats": analysis.beats, "sound": np.array([analysis.seconds, analysis.bpm or 0])}
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(folder / f"{name}.npz") as part, part.open("wb") as file:
            np.savez(file, **cast(dict[str, Any], arrays))
        _tidy(folder)


def _is_sound(analysis: Analysis) -> bool:
    """Whether an analysis is one that could have been made here."""
    arrays = [np.asarray(values) for values in (analysis.beats, *analysis.features.values())]
    are_numbers = all(values.ndim == 1 and values.dtype.kind == "f" and np.isfinite(values).all() for values in arrays)
    lengths = {len(values) for values in analysis.features.values()}
    return are_numbers and len(lengths) == 1 and lengths != {0} and analysis.seconds > 0


def _tidy(folder: Path) -> None:
    """Remove the oldest files where there are many, and what killed runs have left."""
    files = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_MOST_FILES:]:
        file.unlink(missing_ok=True)
    for left in stale_files(folder):
        remove(left)
