"""Text files as editors and shells write them."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from zoomdream.errors import PresetError
from zoomdream.presets.documents.text_files import MOST_BYTES, read_text

TEXT = "source: café.png\r\nseed: 3\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode("utf-32-le"),
        TEXT.encode("utf-32-be"),
        codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
    ],
)
def test_every_encoding_of_unicode_is_read(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "film.yaml"
    file.write_bytes(raw)
    assert read_text(file) == TEXT


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"#" * (MOST_BYTES + 1), " is larger than 10 MB"),
        (
            "a: 1\nb: caf\u00e9".encode("cp1252"),
            ":2:7: this is not UTF-8 text: the byte 0xE9 (in Windows-1252 it is 'é')",
        ),
        (
            codecs.BOM_UTF8 + "é1\r\nüb".encode() + b"\x81",
            ":2:3: this is not UTF-8 text: the byte 0x81 stands here; save",
        ),
        (codecs.BOM_UTF8 + "éü".encode() + b"\xdc", ":1:3: this is not UTF-8 text: the byte 0xDC"),
        ("a: é1\r\rb: 2".encode() + b"\x81", ":3:5: this is not UTF-8 text: the byte 0x81 stands here; save"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), ": this is a PNG picture: a preset is a YAML file"),
        (b"\xff\xd8\xff\xe0" + bytes(40), ": this is a JPEG picture"),
        (b"PK\x03\x04" + bytes(40), ": this is a ZIP archive, as Word and other office programs write"),
        (b"\0\0\0\x20ftypheic" + bytes(40), ": this is a film or a picture"),
        (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\xff\xfe", ": this is no text"),
        ("a: 1".encode("utf-16")[:-1], ": it begins as UTF-16 text and is damaged at byte 8"),
    ],
)
def test_files_that_are_no_text_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "film.yaml"
    file.write_bytes(content)
    with pytest.raises(PresetError) as caught:
        read_text(file)
    assert str(caught.value).startswith(f"{file}{message}")


def test_a_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="cannot be read: No such file or directory"):
        read_text(tmp_path / "none.yaml")
