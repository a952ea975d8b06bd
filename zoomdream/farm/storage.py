"""Storages that are no folder: addresses such as s3://BUCKET/FILM.mp4, which fsspec reads and writes.

A file is there whole or not at all: what is sent gets its name when all of it has arrived.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoomdream.errors import OutputError, OutputExistsError, SourceError, UsageError, ZoomdreamError
from zoomdream.interruption import waiting
from zoomdream.output_files import whole_file
from zoomdream.runtime import cache_folder
from zoomdream.temporary_files import temporary_name

_ADDRESS = re.compile(r"(?P<protocol>[A-Za-z][A-Za-z0-9+.-]+)://(?P<place>.*)", re.DOTALL)
_FOLDERS = ("file://", "local://")
_BLOCK = 2**20  # bytes


def is_address(name: str) -> bool:
    """Whether a name is that of a file in a storage, and no path."""
    return _ADDRESS.fullmatch(name) is not None


def kept_folder(*parts: str) -> Path:
    """A folder of this user's for copies of a storage's files, created where it is missing. Raises OutputError."""
    folder = cache_folder(parts[0]).joinpath(*parts[1:])
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}, for copies of a storage's files, cannot be made: {error.strerror}") from error
    return folder


def digest(text: str) -> str:
    """A short name for a text: sixteen hexadecimal digits."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]


@dataclass(frozen=True)
class StoredFile:
    """A file in a storage, which may not be there yet.

    Every method raises OutputError where the storage cannot be reached or refuses; UsageError for an address of an
    unknown kind, and where the package for its kind is not installed.
    """

    address: str
    """As s3://BUCKET/NAME."""

    @property
    def name(self) -> str:
        """The last part of its address."""
        return self.address.rstrip("/").rpartition("/")[2]

    @property
    def folder(self) -> str:
        """Its address without the name."""
        return self.address.rstrip("/").rpartition("/")[0]

    @property
    def is_one(self) -> bool:
        """Whether the address is a file's, and no folder's."""
        return bool(self.name) and not self.address.endswith("/")

    def exists(self) -> bool:
        """Whether it is there."""
        with _file_system(self.address) as (system, path):
            return bool(system.exists(path))

    def version(self) -> str | None:
        """What changes when its content does; None where it is not there."""
        with _file_system(self.address) as (system, path):
            try:
                return str(system.ukey(path))
            except FileNotFoundError:
                return None

    def send(self, file: Path) -> None:
        """Put a file of this machine there, whole or not at all; it replaces what is there. Raises FileNotFoundError
        where this machine has no such file."""
        with (
            file.open("rb") as source,
            _file_system(self.address) as (system, path),
            system.transaction,
            system.open(path, "wb") as target,
        ):
            shutil.copyfileobj(source, target, _BLOCK)

    def write(self, content: str) -> None:
        """Put a text there."""
        with _file_system(self.address) as (system, path), system.transaction, system.open(path, "wb") as target:
            target.write(content.encode())

    def read(self) -> str | None:
        """Its text; None where it is not there."""
        with _file_system(self.address) as (system, path):
            try:
                return str(system.cat_file(path).decode(errors="replace"))
            except FileNotFoundError:
                return None

    def fetch(self, file: Path) -> None:
        """Copy it to this machine. `file` is there when all of it has come. Raises FileNotFoundError, OSError."""
        with whole_file(file) as part, _file_system(self.address) as (system, path):
            try:
                system.get_file(path, str(part))
            except FileNotFoundError as error:
                raise _Gone(self.address) from error

    def remove(self) -> None:
        """Remove it, where it is there."""
        with _file_system(self.address) as (system, path), suppress(FileNotFoundError):
            system.rm_file(path)


class _Gone(FileNotFoundError):
    """A file of a storage that is not there: known from whatever else a storage says in Python's words."""


@dataclass(frozen=True)
class StoredFolder:
    """The files below an address. Errors are those of `StoredFile`."""

    address: str

    def file(self, name: str) -> StoredFile:
        """A file in it."""
        return StoredFile(f"{self.address}/{name}")

    def sizes(self) -> dict[str, int]:
        """The files that are in it, by name, with their bytes."""
        with _file_system(self.address) as (system, path):
            system.invalidate_cache()
            try:
                found = system.ls(path, detail=True)
            except FileNotFoundError:
                return {}
            return {str(each["name"]).rpartition("/")[2]: int(each["size"]) for each in found if each["type"] == "file"}

    def create(self) -> None:
        """Create it where a storage has folders of its own."""
        with _file_system(self.address) as (system, path), suppress(FileExistsError, NotImplementedError):
            system.mkdir(path, create_parents=False)

    def remove(self) -> None:
        """Remove it where a storage has folders of its own, and nothing is in it."""
        with _file_system(self.address) as (system, path), suppress(OSError, NotImplementedError):
            system.rmdir(path)


def check_output_address(address: str, *, overwrite: bool = False) -> None:
    """Check, before the work, that a film may be sent to an address. Leaves nothing behind.

    Raises OutputExistsError where it is there and `overwrite` is false, UsageError for what is no address of a film,
    OutputError where nothing can be written.
    """
    from zoomdream.encoding import output_target  # what is asked of an address needs no codecs

    film = StoredFile(address)
    if not film.is_one:  # a folder would not appear at once
        raise UsageError(f"{address}: in a storage a film is one file: name one such as film.mp4 or film.webp")
    output_target(film.name, "auto")
    if not overwrite and film.exists():
        raise OutputExistsError(f"{address} exists")
    trial = StoredFile(f"{film.folder}/{temporary_name()}")
    trial.write("")
    trial.remove()


def fetched_source(address: str) -> Path:
    """A source of a storage as a file of this machine, fetched where it is not here already.

    Raises SourceError, UsageError.
    """
    source = StoredFile(address)
    try:
        with waiting(f"the storage of {address}"):
            version = source.version()
            if version is None:
                raise SourceError(f"{address}: no such file")
            file = kept_folder("sources", digest(f"{address} {version}")) / source.name
            if not file.is_file():
                source.fetch(file)
    except OutputError as error:
        raise SourceError(str(error)) from error
    except FileNotFoundError:
        raise SourceError(f"{address}: no such file") from None
    except OSError as error:
        raise SourceError(f"{address} cannot be fetched to {file.parent}: {error.strerror}") from error
    return file


@contextmanager
def fetched(file: StoredFile) -> Iterator[Path]:
    """A copy of a storage's file on this machine for the length of the block. Raises FileNotFoundError, OSError."""
    with tempfile.TemporaryDirectory(prefix="zoomdream-") as folder:
        copy = Path(folder) / file.name
        file.fetch(copy)
        yield copy


@contextmanager
def _file_system(address: str) -> Iterator[tuple[Any, str]]:
    """fsspec's file system for an address, and the path there. What goes wrong within becomes an error of ours."""
    if address.startswith(_FOLDERS):
        raise UsageError(f"{address} is a file of this machine: write its path")
    try:
        import fsspec

        system, path = fsspec.core.url_to_fs(address)
    except ImportError as error:  # whose message says what to install
        raise UsageError(
            f"{address}: {_line(error)}; pip install 'zoomdream[cloud]' brings what S3, Google and Azure need"
        ) from error
    except ValueError as error:
        raise UsageError(f"{address} is no address of a storage: {_line(error)}") from error
    except Exception as error:  # every kind of storage has errors of its own
        raise OutputError(f"the storage of {address} cannot be used: {_line(error)}") from error
    try:
        yield system, path
    except (ZoomdreamError, _Gone):
        raise
    except FileNotFoundError as error:
        raise OutputError(f"{address.rpartition('/')[0]}: there is no such bucket or folder") from error
    except Exception as error:
        raise OutputError(f"the storage of {address} has failed: {_line(error)}") from error


def _line(error: Exception) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return words[:400].removesuffix(".")
