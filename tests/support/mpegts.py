"""MPEG transport streams, cut at their packets."""

from __future__ import annotations

from pathlib import Path

_PACKET = 188  # bytes
_TABLES = (0, 0x1000)  # the numbers of the streams that say what the others are


def without_beginning(path: Path, target: Path, share: float) -> Path:
    """Write a stream without the first `share` of its packets, as a receiver that was switched on too late."""
    data = path.read_bytes()
    packets = [data[k : k + _PACKET] for k in range(0, len(data) // _PACKET * _PACKET, _PACKET)]
    tables = [packet for packet in packets if ((packet[1] & 31) << 8 | packet[2]) in _TABLES][:2]
    target.write_bytes(b"".join(tables + packets[int(len(packets) * share) :]))
    return target
