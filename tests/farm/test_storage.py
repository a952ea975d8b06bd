"""Files in storages that are no folder: a server on this machine that speaks S3, and storages that fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.object_store import ObjectStore, object_store
from zoomdream.errors import OutputError, SourceError, UsageError
from zoomdream.farm.storage import StoredFile, StoredFolder, check_output_address, fetched, fetched_source, is_address


@pytest.fixture(scope="module")
def bucket() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOOMDREAM_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s3://films/a.mp4", True),
        ("memory://a", True),
        ("a.mp4", False),
        ("/tmp/a.mp4", False),
        ("C:\\films\\a.mp4", False),
        ("a:b", False),
        ("-", False),
    ],
)
def test_addresses_are_told_from_paths(name: str, expected: bool) -> None:
    assert is_address(name) is expected


def test_a_file_is_sent_and_fetched(bucket: ObjectStore, tmp_path: Path) -> None:
    here, again = tmp_path / "a.bin", tmp_path / "b.bin"
    here.write_bytes(bytes(range(256)) * 9)
    file = StoredFile(f"{bucket.address}/sent/a.bin")
    assert (file.name, file.folder, file.exists(), file.version()) == ("a.bin", "s3://films/sent", False, None)
    file.send(here)
    assert file.exists()
    file.fetch(again)
    assert again.read_bytes() == here.read_bytes()
    assert StoredFolder("s3://films/sent").sizes() == {"a.bin": 2304}
    with fetched(file) as copy:
        assert copy.name == "a.bin"
        assert copy.read_bytes() == here.read_bytes()
    assert not copy.exists()
    file.remove()
    file.remove()
    assert not file.exists()
    with pytest.raises(FileNotFoundError):
        file.fetch(again)


def test_a_file_that_breaks_off_is_not_there(
    bucket: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "a.bin"
    here.write_bytes(b"new" * 2000)
    file = StoredFile(bucket.put("broken/a.bin", b"old"))

    def break_off(source: object, target: object, size: int) -> None:
        target.write(b"new")  # type: ignore[attr-defined]
        raise ConnectionError("the line is dead")

    monkeypatch.setattr("zoomdream.farm.storage.shutil.copyfileobj", break_off)
    with pytest.raises(OutputError, match=r"s3://films/broken/a\.bin has failed: the line is dead"):
        file.send(here)
    assert bucket.content("broken/a.bin") == b"old"


def test_a_text_is_written_and_read(bucket: ObjectStore) -> None:
    file = StoredFile(f"{bucket.address}/text")
    assert file.read() is None
    file.write("é")
    assert file.read() == "é"
    first = file.version()
    file.write("another")
    assert file.version() != first


def test_a_source_is_fetched_once(bucket: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    address = bucket.put("in/photo.png", b"first")
    file = fetched_source(address)
    assert (file.name, file.read_bytes()) == ("photo.png", b"first")
    with monkeypatch.context() as patch:
        patch.setattr(StoredFile, "fetch", lambda self, file: pytest.fail("it is here already"))
        assert fetched_source(address) == file
    bucket.put("in/photo.png", b"second")
    assert fetched_source(address).read_bytes() == b"second"


def test_a_source_that_is_not_there_is_told(bucket: ObjectStore) -> None:
    with pytest.raises(SourceError, match=r"^s3://films/in/none\.png: no such file$"):
        fetched_source(f"{bucket.address}/in/none.png")
    with pytest.raises(SourceError, match=r"no such file|no such bucket"):
        fetched_source("s3://nowhere/none.png")


@pytest.mark.parametrize(
    ("address", "kind", "message"),
    [
        ("odd://bucket/a.mp4", UsageError, "odd://bucket/a.mp4 is no address of a storage: Protocol not known: odd"),
        ("file:///tmp/a.mp4", UsageError, "file:///tmp/a.mp4 is a file of this machine: write its path"),
        ("s3://nowhere/a.mp4", OutputError, "s3://nowhere: there is no such bucket or folder"),
    ],
)
def test_what_is_no_storage_is_told(bucket: ObjectStore, address: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=f"^{message}$"):
        StoredFile(address).write("a")


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(address: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr("fsspec.core.url_to_fs", missing)
    with pytest.raises(UsageError, match=r"Install s3fs to access S3; pip install 'zoomdream\[cloud\]'"):
        StoredFile("s3://films/a.mp4").exists()


def test_a_server_that_is_not_there_is_told(bucket: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    import fsspec

    fsspec.get_filesystem_class("s3").clear_instance_cache()
    try:
        with pytest.raises(OutputError, match=r"the storage of s3://films/a\.mp4 has failed: Could not connect"):
            StoredFile("s3://films/a.mp4").exists()
    finally:
        fsspec.get_filesystem_class("s3").clear_instance_cache()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("s3://films/frames/", "s3://films/frames/: in a storage a film is one file"),
        ("s3://films/a.xyz", "a.xyz: the suffix '.xyz' is not one of"),
        ("s3://films/a", "a: the suffix '' is not one of"),
    ],
)
def test_what_is_no_films_address_is_told(bucket: ObjectStore, address: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_output_address(address)


def test_an_address_is_tried_before_the_work(bucket: ObjectStore) -> None:
    names = bucket.names
    check_output_address("s3://films/new/a.mp4")
    assert bucket.names == names
    with pytest.raises(OutputError, match="s3://nowhere: there is no such bucket"):
        check_output_address("s3://nowhere/a.mp4")
