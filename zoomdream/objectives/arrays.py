"""NumPy files of strangers: what the header promises is compared with what is wanted before anything is allocated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from zoomdream.errors import SourceError
from zoomdream.images.pictures.regular_files import open_regular

_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


@dataclass(frozen=True)
class ArrayHeader:
    """What a NumPy file holds, by its header."""

    shape: tuple[int, ...]
    dtype: np.dtype


def read_array(path: Path, role: str, shape: tuple[int, ...]) -> np.ndarray | ArrayHeader:
    """The numbers in a `.npy` file if they are real ones of `shape`; else its header, and no number is read.

    Raises SourceError, whose message begins with `role`, where the file is missing, no regular file, or no NumPy array.
    """
    try:
        file = open_regular(path)
    except SourceError as error:
        raise SourceError(f"{role} {error}") from None
    with file:
        try:
            header = _header(file)
            if header.shape != shape or header.dtype.kind not in "fiu":
                return header
            file.seek(0)
            values: np.ndarray = np.load(file, allow_pickle=False)
        except MemoryError:
            raise
        except Exception as error:  # of any kind: the header is a Python expression
            raise SourceError(f"{role} {path} cannot be read as a NumPy array: {error}") from error
    return values


def _header(file: BinaryIO) -> ArrayHeader:
    version = np.lib.format.read_magic(file)
    if version not in _HEADERS:
        raise ValueError("its version is newer than 2.0, which plain numbers do not need")
    shape, _, dtype = _HEADERS[version](file)
    return ArrayHeader(shape, dtype)
