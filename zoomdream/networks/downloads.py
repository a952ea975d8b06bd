"""Downloads of weights: whether there may be any, and who is told; one file, checked, or none.

A preset may be a stranger's and name any network, so what would be downloaded, and how large it is, is said before.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from zoomdream.errors import OfflineError, WeightsError
from zoomdream.networks.registry import NetworkInfo
from zoomdream.progress import OnProgress, Progress
from zoomdream.temporary_files import flush

OFFLINE = "ZOOMDREAM_OFFLINE"
"""The environment variable that turns downloads off, set to anything but 0."""

_CHUNK = 1 << 20
_TIMEOUTS = (10, 30)  # seconds to wait for a connection, and for the next bytes
_RETRIES = 2


@dataclass(frozen=True)
class _Downloads:
    allowed: bool = True
    on_progress: OnProgress | None = None


_USUAL = _Downloads()
_downloads: ContextVar[_Downloads] = ContextVar("downloads", default=_USUAL)


@contextmanager
def downloads(*, allowed: bool = True, on_progress: OnProgress | None = None) -> Iterator[None]:
    """A block in which weights may be downloaded or not, and `on_progress` is told of each that no one else is."""
    token = _downloads.set(_Downloads(allowed, on_progress))
    try:
        yield
    finally:
        _downloads.reset(token)


def downloads_allowed() -> bool:
    """Whether weights may be downloaded now: neither the block nor the environment turns it off."""
    return _downloads.get().allowed and os.environ.get(OFFLINE, "0") in ("", "0")


def download(info: NetworkInfo, on_progress: OnProgress | None, instead: str) -> None:
    """Fetch a network's weights by pooch, which retries, and gives the file its name only when it is whole.

    `on_progress` is called first with 0 bytes of about the registry's size, before anything is fetched. Raises
    WeightsError, OfflineError where downloads are turned off; `instead` is what their messages offer.
    """
    url, path = info.url, info.path
    assert url is not None
    assert path is not None
    if not downloads_allowed():
        raise OfflineError(
            f"the weights of {info.name}, {info.file} ({info.megabytes} MB), are not in {path.parent}, and downloads "
            f"are turned off: {instead}",
            network=info.name,
        )
    import pooch

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(
            f"the folder for weights, {path.parent}, cannot be made ({error}): set TORCH_HOME"
        ) from error
    meter = _Meter(on_progress or _downloads.get().on_progress, f"downloading the weights of {info.name}, {info.file}")
    meter.report(0, round(info.megabytes * 1e6))
    cache = pooch.create(path.parent, "", registry={path.name: None}, urls={path.name: url}, retry_if_failed=_RETRIES)
    try:
        with _silent(pooch.get_logger()):
            cache.fetch(path.name, downloader=_Downloader(info.sha256, meter))
    except _DamagedDownloadError as error:
        raise WeightsError(f"{url} arrived damaged or not complete: run again") from error
    except OSError as error:  # those of requests are among them
        raise WeightsError(
            f"the weights of this network could not be downloaded from {url} ({_reason(error)}). "
            f"Put {path.name} into {path.parent} yourself, or {instead}"
        ) from error


def digest(path: Path) -> str:
    """sha256 of a file in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _silent(logger: logging.Logger) -> Iterator[None]:
    """Pooch logs what it downloads to stderr."""
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


class _DamagedDownloadError(ValueError):
    """A file whose hash is not the expected one. Pooch tries again after a ValueError."""


@dataclass
class _Meter:
    """What pooch takes for a progress bar: it sets `total`, and calls `update` with the bytes of each chunk."""

    on_progress: OnProgress | None
    now: str
    total: int = 0
    _done: int = field(default=0, init=False)

    def report(self, done: int, total: int | None) -> None:
        """Tell whoever listens."""
        if self.on_progress:
            self.on_progress(Progress(done, total, "byte", self.now))

    def update(self, count: int) -> None:
        """Pooch counts the last chunk as a whole one, and all of the file once more at the end."""
        done = min(self._done + count, self.total) if self.total else self._done + count
        if done > self._done:
            self._done = done
            self.report(done, self.total or None)

    def reset(self) -> None:
        """Called before the file is counted once more."""

    def close(self) -> None:
        """Nothing to close."""


@dataclass(frozen=True)
class _Downloader:
    """What pooch calls to download a file: checks its sha256, or the beginning that is known of it."""

    sha256: str
    meter: _Meter

    def __call__(self, url: str, output_file: str, pooch: object, check_only: bool = False) -> None:
        from pooch import HTTPDownloader

        path = Path(output_file)
        path.unlink()  # pooch has made it readable for its owner alone, and the cache may be shared
        meter = _Meter(self.meter.on_progress, self.meter.now)  # each try counts anew
        HTTPDownloader(meter, _CHUNK, timeout=_TIMEOUTS, headers={"User-Agent": "zoomdream"})(url, path, pooch)
        if not digest(path).startswith(self.sha256):
            raise _DamagedDownloadError
        flush(path)  # it gets its name next, which must not stand for half a file after a power cut


def _reason(error: Exception) -> str:
    """The error that all others were raised from: `[Errno 111] Connection refused`."""
    inner: BaseException = error
    while (cause := inner.__cause__ or inner.__context__) is not None:
        inner = cause
    return str(inner)
