"""A server on this machine that speaks S3, for what is kept in buckets."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class ObjectStore:
    """A bucket, empty at first."""

    address: str
    """s3://BUCKET."""
    system: Any
    """fsspec's file system for it."""

    @property
    def names(self) -> list[str]:
        """What is in the bucket."""
        self.system.invalidate_cache()
        return sorted(name.partition("/")[2] for name in self.system.find(self.address))

    def content(self, name: str) -> bytes:
        """Of a file in it."""
        return bytes(self.system.cat_file(f"{self.address}/{name}"))

    def put(self, name: str, content: bytes) -> str:
        """Put a file there; returns its address."""
        self.system.pipe_file(f"{self.address}/{name}", content)
        return f"{self.address}/{name}"

    def clear(self) -> None:
        """Empty the bucket."""
        for name in self.names:
            self.system.rm_file(f"{self.address}/{name}")


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """A bucket for the length of the block, which this process and those that it starts reach."""
    import fsspec
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "a secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            for name in [name for name in os.environ if name.lower() in ("http_proxy", "all_proxy")]:
                patch.delenv(name)
            fsspec.get_filesystem_class("s3").clear_instance_cache()  # of another server
            system = fsspec.core.url_to_fs("s3://films")[0]
            store = ObjectStore("s3://films", system)
            with suppress(FileExistsError):  # the servers of one process share what is in them
                system.mkdir("films")
            store.clear()
            yield store
    finally:
        server.stop()
