"""Recorded gradients: those of every step, whatever is recorded, kept, dropped or cannot be recorded.

A recorder that records nothing and does the work again stands in for CUDA's; so the tests cover which memory is read
and written and what is kept, and not the recording itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch

from tests.support.films import planned
from zoomdream.films.frame_loops import frames
from zoomdream.films.warnings import graph_warnings
from zoomdream.images.frame import Frame
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.networks import Network
from zoomdream.objectives import Objective, tiles_of_side
from zoomdream.objectives.gradient_graphs import CudaRecorder, GradientGraphs

Work = Callable[[], Sequence[torch.Tensor]]


class Again:
    """Does its work again, into the same memory; `spoil` is done to the results, as by a recording of other memory."""

    def __init__(self, work: Work, spoil: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self.work, self.spoil = work, spoil
        self.results = [result.clone() for result in work()]

    def replay(self) -> None:
        for result, new in zip(self.results, self.work(), strict=True):
            result.copy_(self.spoil(new))


class Recorder:
    def __init__(self, spoil: Callable[[torch.Tensor], torch.Tensor] = lambda new: new) -> None:
        self.recorded = 0
        self.spoil = spoil

    def record(self, work: Work) -> Again:
        self.recorded += 1
        return Again(work, self.spoil)


class Failing(Recorder):
    def record(self, work: Work) -> Again:
        self.recorded += 1
        raise RuntimeError("operation not permitted when stream is capturing\nand more")


def gradients_of(graphs: GradientGraphs | None, objective: Objective, frames: Sequence[Frame]) -> list[Frame]:
    objective = replace(objective, graphs=graphs)
    return [objective.gradient(frame, [torch.tensor(0.3 + k)] * len(objective.terms)) for k, frame in enumerate(frames)]


@pytest.fixture
def pictures(coffee: Frame) -> list[Frame]:
    whole = fit_frame(coffee, (64, 48))
    return [torch.roll(whole, 5 * k, 3) for k in range(6)]


@pytest.mark.parametrize(
    "layers", [{"fire5": 1.0}, {"fire4": 1.0, "fire5:3+9": -0.5}, {"class:espresso": 0.7, "direction:fire4:1+2": 0.3}]
)
def test_a_recorded_gradient_is_that_of_its_frame_and_factors(
    network: Network, pictures: list[Frame], layers: dict[str, float]
) -> None:
    objective, recorder = Objective.of(network, layers), Recorder()
    graphs = GradientGraphs(recorder, uses=2)
    ours, expected = gradients_of(graphs, objective, pictures), gradients_of(None, objective, pictures)
    assert all(torch.equal(a, b) for a, b in zip(ours, expected, strict=True))
    assert (recorder.recorded, len(graphs), graphs.failures) == (1, 1, {})
    separate = replace(objective, graphs=graphs).balance(pictures[0])
    assert separate == objective.balance(pictures[0])


def test_a_crossfade_records_each_octave_once_and_gives_the_same_film(photos: Path) -> None:
    film = planned(photos, "{sweep: [fire3, fire4], hold: 0.4s, fade: 0.5s}\n  jitter: 4")
    recorder = Recorder()
    graphs = GradientGraphs(recorder, uses=0)
    recorded = replace(film, objectives=film.objectives.recorded(graphs))
    assert all(torch.equal(a, b) for a, b in zip(frames(recorded), frames(film), strict=True))
    # fire3, both and fire4 at two octaves; both have a balance of their own at the first octave
    assert (recorder.recorded, len(graphs)) == (7, 7)


def test_the_recording_that_was_not_used_for_longest_makes_room(network: Network, coffee: Frame) -> None:
    recorder = Recorder()
    graphs, objective = GradientGraphs(recorder, most=2, uses=0), Objective.of(network, {"fire2": 1.0})
    small, middle, large = (fit_frame(coffee, (side, side)) for side in (32, 40, 48))
    gradients_of(graphs, objective, [small, middle, small, large, small])
    assert (recorder.recorded, len(graphs)) == (3, 2)
    gradients_of(graphs, objective, [middle])
    assert recorder.recorded == 4


def test_what_cannot_be_recorded_is_tried_once_and_computed(network: Network, pictures: list[Frame]) -> None:
    objective, recorder = Objective.of(network, {"fire2": 1.0}), Failing()
    graphs = GradientGraphs(recorder, uses=1)
    ours, expected = gradients_of(graphs, objective, pictures), gradients_of(None, objective, pictures)
    assert all(torch.equal(a, b) for a, b in zip(ours, expected, strict=True))
    assert (recorder.recorded, len(graphs)) == (1, 0)
    assert list(graphs.failures.values()) == ["operation not permitted when stream is capturing"]


def test_a_recording_that_gives_something_else_is_not_used(network: Network, pictures: list[Frame]) -> None:
    objective = Objective.of(network, {"fire2": 1.0})
    graphs = GradientGraphs(Recorder(lambda new: new.flip(-1)), uses=0)
    ours, expected = gradients_of(graphs, objective, pictures), gradients_of(None, objective, pictures)
    assert all(torch.equal(a, b) for a, b in zip(ours, expected, strict=True))
    assert (len(graphs), list(graphs.failures.values())) == (0, ["what was recorded gives another gradient"])


def test_neurons_and_tiles_are_not_recorded(network: Network, pictures: list[Frame], coffee: Frame) -> None:
    recorder = Recorder()
    graphs = GradientGraphs(recorder, uses=0)
    gradients_of(graphs, Objective.of(network, {"fire4:3@center": 1.0, "fire4": 1.0}), pictures[:1])
    whole = Objective.of(network, {"conv1": 1.0})
    gradients_of(graphs, whole.tiled(tiles_of_side(whole, 32)), [fit_frame(coffee, (96, 64))])
    assert recorder.recorded == 0


@pytest.mark.parametrize(
    ("recorder", "expected"), [(Recorder(), []), (Failing(), ["cannot be recorded as CUDA graphs"])]
)
def test_what_a_gpu_cannot_record_is_a_warning(photos: Path, recorder: Recorder, expected: list[str]) -> None:
    film = planned(photos, "{fire3: 1, fire4: 0.5}")
    graphs = GradientGraphs(recorder)
    told = graph_warnings(film.objectives.recorded(graphs), film.timeline, film.size)
    assert [warning.partition("gradients ")[2].partition(" (")[0] for warning in told] == expected
    assert (recorder.recorded, len(graphs)) == (1, 0)
    assert graph_warnings(film.objectives, film.timeline, film.size) == []


def test_a_neuron_is_named_in_the_warning(photos: Path) -> None:
    film = planned(photos, "{'fire4:3@center': 1}")
    (warning,) = graph_warnings(film.objectives.recorded(GradientGraphs(Recorder())), film.timeline, film.size)
    assert warning.startswith("fire4:3@center is not recorded as a CUDA graph, since its place")


def test_cudas_recorder_warms_up_and_records_into_one_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    class Stream:
        def wait_stream(self, other: Stream) -> None:
            calls.append("wait")

    class Graph:
        def replay(self) -> None:
            calls.append("replay")

    @contextmanager
    def within(name: str, *_: object, **options: object) -> Iterator[None]:
        calls.append(f"{name} begins")
        pools.append(options.get("pool"))
        assert options.get("capture_error_mode", "thread_local") == "thread_local"
        yield
        calls.append(f"{name} ends")

    pools: list[object] = []
    monkeypatch.setattr("torch.cuda.Stream", Stream)
    monkeypatch.setattr("torch.cuda.current_stream", Stream)
    monkeypatch.setattr("torch.cuda.device", nullcontext)
    monkeypatch.setattr("torch.cuda.stream", partial(within, "stream"))
    monkeypatch.setattr("torch.cuda.CUDAGraph", Graph)
    monkeypatch.setattr("torch.cuda.graph", partial(within, "graph"))

    def work() -> list[torch.Tensor]:
        calls.append("work")
        return [torch.ones(2)]

    recorder = CudaRecorder(torch.device("cuda"))
    recording = recorder.record(work)
    assert torch.equal(recording.results[0], torch.ones(2))
    recording.replay()
    warm = ["wait", "stream begins", "work", "work", "stream ends", "wait"]
    assert calls == [*warm, "graph begins", "work", "graph ends", "replay"]
    recorder.record(work)
    assert pools[1] is not None
    assert pools[1] == pools[3]


def test_graphs_are_cudas_alone() -> None:
    assert GradientGraphs.on(torch.device("cpu")) is None
    assert GradientGraphs.on(torch.device("mps")) is None
    assert isinstance(GradientGraphs.on(torch.device("cuda")), GradientGraphs)
