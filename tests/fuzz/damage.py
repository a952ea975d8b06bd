"""Damage to files by chance: bytes, numbers and blocks changed, moved, dropped, and ends that are missing."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from random import Random

HEAD, TAIL = 600, 2500  # bytes at the beginning and the end, where headers and indexes are
ODD_WORDS = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x10000, 0x00FFFFFF, 20000)


def damaged(rng: Random, data: bytes) -> bytes:
    """The bytes with one kind of damage, or two."""
    content = bytearray(data)
    for change in rng.choices(CHANGES, WEIGHTS, k=rng.choice([1, 1, 1, 2])):
        if len(content) < 16:
            break
        content = change(rng, content)
    return bytes(content)


def damaged_files(rng: Random, original: Path, copies: int, folder: Path) -> list[Path]:
    """That many damaged copies of a file, each with its number before its name, in a folder that is made."""
    folder.mkdir(parents=True, exist_ok=True)
    data, files = original.read_bytes(), []
    for number in range(copies):
        files.append(folder / f"{number}-{original.name}")
        files[-1].write_bytes(damaged(rng, data))
    return files


def _place(rng: Random, content: bytearray, length: int = 1) -> int:
    """Where damage begins, most of it near the beginning or the end."""
    most = max(1, len(content) - length + 1)
    where = rng.random()
    if where < 0.4:
        return rng.randrange(min(most, HEAD))
    return rng.randrange(max(0, most - TAIL) if where < 0.7 else 0, most)


def _bytes(rng: Random, content: bytearray) -> bytearray:
    for _ in range(rng.randint(1, 8)):
        content[_place(rng, content)] = rng.randrange(256)
    return content


def _bits(rng: Random, content: bytearray) -> bytearray:
    for _ in range(rng.randint(1, 4)):
        content[_place(rng, content)] ^= 1 << rng.randrange(8)
    return content


def _number(rng: Random, content: bytearray) -> bytearray:
    """A number of two or four bytes at its limits: sizes, counts, lengths."""
    form = rng.choice(["<I", ">I", "<H", ">H"])
    word = struct.pack(form, rng.choice(ODD_WORDS) & (0xFFFF if form[1] == "H" else 0xFFFFFFFF))
    at = _place(rng, content, len(word))
    content[at : at + len(word)] = word
    return content


def _block(rng: Random, content: bytearray) -> bytearray:
    """A block of one value, or of noise."""
    length = rng.randint(4, max(5, len(content) // 8))
    at = _place(rng, content, length)
    content[at : at + length] = rng.choice([bytes(length), b"\xff" * length, rng.randbytes(length)])
    return content


def _cut(rng: Random, content: bytearray) -> bytearray:
    return content[: rng.randrange(1, len(content))]


def _drop(rng: Random, content: bytearray) -> bytearray:
    length = rng.randint(1, max(2, len(content) // 8))
    at = _place(rng, content, length)
    del content[at : at + length]
    return content


def _double(rng: Random, content: bytearray) -> bytearray:
    length = rng.randint(1, max(2, len(content) // 8))
    at = _place(rng, content, length)
    content[at:at] = content[at : at + length]
    return content


def _swap(rng: Random, content: bytearray) -> bytearray:
    """Two blocks that have changed places."""
    length = rng.randint(1, max(2, len(content) // 8))
    one, other = (_place(rng, content, length) for _ in range(2))
    first, second = content[one : one + length], content[other : other + length]
    content[one : one + length], content[other : other + length] = second, first
    return content


CHANGES: tuple[Callable[[Random, bytearray], bytearray], ...] = (
    _bytes, _bits, _number, _block, _cut, _drop, _double, _swap,
)  # fmt: skip
WEIGHTS = (5, 3, 5, 2, 2, 1, 1, 2)
