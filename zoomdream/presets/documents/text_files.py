"""Text of a preset's file, in whichever encoding of Unicode an editor or a shell has written it."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from zoomdream.errors import PresetError

MOST_BYTES = 10_000_000

# a longer mark first: UTF-32's begins with UTF-16's
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# where the zeros are among the first bytes of ASCII text (YAML 1.2, section 5.2)
_ZEROS = {
    (0, 0, 0, 1): "utf-32-be",
    (1, 0, 0, 0): "utf-32-le",
    (0, 1, 0, 1): "utf-16-be",
    (1, 0, 1, 0): "utf-16-le",
}
_KINDS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF"),
    (b"RIFF", "a WebP picture, a sound or an AVI film"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive, as Word and other office programs write"),
    (b"\xd0\xcf\x11\xe0", "a document of Word or another office program"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM film"),
)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read_text(path: Path) -> str:
    """A small text file in UTF-8, UTF-16 or UTF-32, with or without a mark. Raises PresetError."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise PresetError(f"{path} cannot be read: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        raise PresetError(f"{path} is larger than {MOST_BYTES // 1_000_000} MB: that is no preset")
    return decoded(raw, str(path))


_WANTED = "a preset is a YAML file, which is plain text"


def decoded(raw: bytes, name: str, wanted: str = _WANTED) -> str:
    """Bytes as text; `name` begins the message, `wanted` says what would be right.

    Raises PresetError for what is no text in an encoding of Unicode.
    """
    raw = raw.removeprefix(codecs.BOM_UTF8)  # by hand: the codec that skips it counts an error's place from after it
    kind = next((words for start, words in _KINDS if raw.startswith(start)), None)
    if kind is None and raw[4:8] == b"ftyp":
        kind = "a film or a picture"
    if kind is not None:
        raise PresetError(f"{name}: this is {kind}: {wanted}")
    encoding = next((known for mark, known in _MARKS if raw.startswith(mark)), None)
    encoding = encoding or _ZEROS.get(tuple(int(byte > 0) for byte in raw[:4])) or "utf-8"  # type: ignore[arg-type]
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            label = encoding.upper()[:6]
            raise PresetError(f"{name}: it begins as {label} text and is damaged at byte {error.start}") from None
        raise PresetError(_no_utf8(raw, error.start, name, wanted)) from None


def _no_utf8(raw: bytes, start: int, name: str, wanted: str) -> str:
    """What is said about bytes that are no UTF-8."""
    before = raw[:start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if _BINARY.search(raw[:4096]):
        return f"{name}: this is no text: {wanted} in UTF-8"
    line, column = before.count(b"\n") + 1, len(before.rpartition(b"\n")[2].decode()) + 1
    byte = raw[start : start + 1]
    letter = byte.decode("cp1252", "replace")
    guess = "" if letter == "\ufffd" else f" (in Windows-1252 it is '{letter}')"
    return (
        f"{name}:{line}:{column}: this is not UTF-8 text: the byte 0x{byte.hex().upper()}{guess} stands here; "
        f"save the file as UTF-8"
    )
