"""Gradients recorded as CUDA graphs: a step that was recorded once is started by one call instead of hundreds.

A film has few sizes of frames, its octaves', and few choices of terms. Each pair of them is recorded when it has been
asked for often enough to be worth it. A recording reads its frame and its factors from memory of its own, so a
crossfade, which changes the factors with every frame, needs no new one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from zoomdream.images.frame import Frame

MOST = 24
"""Recordings that are kept; the one that was not used for longest makes room."""

USES = 4
"""Times that a gradient is computed before it is recorded, which takes about as long as five of them."""

_MOST_KEYS = 1024  # of which uses and failures are known
_TOLERANCE = 1e-2  # of the largest value: bfloat16's sums differ by less, a recording of other memory by much more

Compute = Callable[[Frame, torch.Tensor], Sequence[Frame]]
"""From a frame and the factors of its terms' scores, a vector, to gradients. It must not ask for any number."""


class Recording(Protocol):
    """Work that was recorded."""

    @property
    def results(self) -> Sequence[torch.Tensor]:
        """What the work returned: each replay fills the same memory."""

    def replay(self) -> None:
        """Do the work again on what its inputs' memory holds now."""


class Recorder(Protocol):
    """Records work on a device."""

    def record(self, work: Callable[[], Sequence[torch.Tensor]]) -> Recording:
        """Record `work`, which may be done several times for it. Raises RuntimeError where it cannot be recorded."""


class CudaRecording:
    """A recording of `CudaRecorder`."""

    def __init__(self, graph: torch.cuda.CUDAGraph, results: Sequence[torch.Tensor]) -> None:
        self.results = results
        self._graph = graph

    def replay(self) -> None:
        """See `Recording`."""
        self._graph.replay()


class CudaRecorder:
    """Records CUDA graphs, which share their memory: of two, each may overwrite the other's results."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._pool: Any = torch.cuda.graph_pool_handle()

    def record(self, work: Callable[[], Sequence[torch.Tensor]]) -> CudaRecording:
        """See `Recorder`."""
        with torch.cuda.device(self._device):
            return self._recorded(work)

    def _recorded(self, work: Callable[[], Sequence[torch.Tensor]]) -> CudaRecording:
        # What libraries set up at their first use of a stream must not be recorded.
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(2):
                work()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        # thread_local: the thread that reads a video ahead may ask for memory meanwhile.
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            results = work()
        return CudaRecording(graph, results)


@dataclass(frozen=True)
class _Entry:
    recording: Recording
    frame: Frame
    factors: torch.Tensor


class GradientGraphs:
    """The recorded gradients of a film. Not for several threads at once.

    `failures` says, by key, why a gradient is not recorded; it is computed operation by operation then.
    """

    def __init__(self, recorder: Recorder, *, most: int = MOST, uses: int = USES) -> None:
        """`most` recordings are kept, each of a gradient that was computed `uses` times before."""
        self._recorder = recorder
        self._most = most
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._uses: OrderedDict[Hashable, int] = OrderedDict()
        self.uses = uses
        self.failures: OrderedDict[Hashable, str] = OrderedDict()

    @classmethod
    def on(cls, device: torch.device) -> GradientGraphs | None:
        """For gradients on this device; None where it records nothing."""
        return cls(CudaRecorder(device)) if device.type == "cuda" else None

    def for_trial(self) -> GradientGraphs:
        """Of the same recorder, for a gradient that is recorded at once."""
        return GradientGraphs(self._recorder, most=1, uses=0)

    def __len__(self) -> int:
        """How many recordings there are."""
        return len(self._entries)

    def gradients(self, key: Hashable, compute: Compute, frame: Frame, factors: torch.Tensor) -> list[Frame]:
        """What `compute` gives for a frame and factors, as new tensors.

        `key` stands for `compute` and the frame's size: whatever has the same key does the same work.
        """
        entry = self._entries.get(key)
        if entry is None:
            if key in self.failures or self._count(key) <= self.uses:
                return list(compute(frame, factors))
            entry = self._record(key, compute, frame, factors)
            if entry is None:
                return list(compute(frame, factors))
        self._entries.move_to_end(key)
        return _replayed(entry, frame, factors)

    def _count(self, key: Hashable) -> int:
        self._uses[key] = self._uses.pop(key, 0) + 1
        if len(self._uses) > _MOST_KEYS:
            self._uses.popitem(last=False)
        return self._uses[key]

    def _record(self, key: Hashable, compute: Compute, frame: Frame, factors: torch.Tensor) -> _Entry | None:
        """Record a gradient, with another frame and other factors than those that it is then compared for."""
        own_frame, own_factors = frame.flip(-1).contiguous(), factors * 0.5
        try:
            recording = self._recorder.record(lambda: compute(own_frame, own_factors))
        except RuntimeError as error:
            self._fail(key, str(error).partition("\n")[0])
            return None
        entry = _Entry(recording, own_frame, own_factors)
        pairs = zip(_replayed(entry, frame, factors), compute(frame, factors), strict=True)
        if not all(_is_same(ours, expected) for ours, expected in pairs):
            self._fail(key, "what was recorded gives another gradient")
            return None
        if len(self._entries) >= self._most:
            self._entries.popitem(last=False)
        self._entries[key] = entry
        return entry

    def _fail(self, key: Hashable, reason: str) -> None:
        self.failures[key] = reason
        if len(self.failures) > _MOST_KEYS:
            self.failures.popitem(last=False)


def _replayed(entry: _Entry, frame: Frame, factors: torch.Tensor) -> list[Frame]:
    entry.frame.copy_(frame)
    entry.factors.copy_(factors)
    entry.recording.replay()
    return [result.clone() for result in entry.recording.results]  # another recording may have the same memory


def _is_same(ours: Frame, expected: Frame) -> bool:
    """Whether they differ by rounding alone: some operations add up in any order. Of two that are no numbers, yes."""
    largest = torch.nan_to_num(expected).abs().max()
    return bool(((ours - expected).abs() <= _TOLERANCE * largest).logical_or(expected.isnan()).all())
