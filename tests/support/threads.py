"""The same work on several numbers of threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import cv2
import torch
from torch import Tensor


def differing_threads(work: Callable[[], Sequence[Tensor]], threads: Sequence[int] = (1, 2, 3)) -> list[int]:
    """The numbers of threads with which the results are not bit for bit those of the first number."""
    with ExitStack() as afterwards:
        afterwards.callback(torch.set_num_threads, torch.get_num_threads())
        afterwards.callback(cv2.setNumThreads, cv2.getNumThreads())
        results = []
        for count in threads:
            torch.set_num_threads(count)
            cv2.setNumThreads(count)
            results.append(list(work()))
    first = results[0]
    return [
        count
        for count, result in zip(threads, results, strict=True)
        if len(result) != len(first) or not all(map(torch.equal, first, result))
    ]
