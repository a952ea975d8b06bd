"""Writes tensors as a safetensors file, piece by piece: `safetensors.torch.save` holds them twice more in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import BinaryIO

import torch

_TYPES = {torch.float64: "F64", torch.float32: "F32", torch.int64: "I64", torch.uint8: "U8"}
_PIECE = 2**24  # bytes that are hashed and written at once


def write_tensors(file: BinaryIO, tensors: Mapping[str, torch.Tensor]) -> str:
    """Write contiguous float32, float64, int64 or uint8 tensors on the CPU, by name; gives the file's sha256 in hex.

    The bytes are those of `safetensors.torch.save`. Raises OSError; KeyError for another type.
    """
    digest = hashlib.sha256()
    ordered = sorted(tensors.items(), key=lambda item: (-item[1].element_size(), item[0]))
    entries, end = dict[str, object](), 0
    for name, tensor in ordered:
        begin, end = end, end + tensor.numel() * tensor.element_size()
        entries[name] = {"dtype": _TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
    header = json.dumps(entries, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    contents: list[bytes | memoryview] = [len(header).to_bytes(8, "little") + header]
    contents += [_bytes(tensor) for _, tensor in ordered]
    for content in contents:
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _bytes(tensor: torch.Tensor) -> memoryview:
    return tensor.detach().numpy().data.cast("B")
