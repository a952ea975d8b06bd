"""Frames from the device into memory: nothing within a frame waits for the device, and the pixels come at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.support.films import ZoomPreset, planned, prepared
from tests.support.meta_device import QuickSampling, Synchronisations, network_on_meta, without_synchronisations
from zoomdream.dreaming.soundness import LaterChecks
from zoomdream.errors import DreamError, OutOfMemoryError
from zoomdream.films.delivery import delivered, finished_frames
from zoomdream.films.film import Film
from zoomdream.films.film_objectives import FilmObjectives
from zoomdream.films.footage import SourceFrame
from zoomdream.films.frame_loops import dreamed_frames, first_zoom_state, video_step, zoom_step
from zoomdream.films.states import State, VideoState, ZoomState
from zoomdream.images.frame import Frame, levels_on_device
from zoomdream.motion.optical_flow.reliability import Motion

SETTINGS = "\n  ".join(
    ("natural_color: 0.7", "smoothing: 0.6", "laplacian: 2", "octave_blur: 0.5", "jitter: 8", "octave_blend: 0.9")
)


def on_meta(film: Film) -> Film:
    """The same film on a device that has shapes and no content."""
    objectives = FilmObjectives.resolve(network_on_meta(), film.timeline)
    assert isinstance(film.source, torch.Tensor)
    return replace(film, source=film.source.to("meta"), objectives=objectives)


@pytest.mark.parametrize(
    ("layers", "steps"),
    [
        (f"{{fire5: 1}}\n  {SETTINGS}", 1),
        (f"{{fire5: 1}}\n  {SETTINGS}\n  schedule: amortized", 2),
        ("[{layer: fire3, channels: [1, 7, 9]}, {layer: fire4, channel: 2, x: 0.3, y: 0.5}, {layer: fire2}]", 1),
    ],
)
def test_nothing_within_a_frame_waits_for_the_device(photos: Path, layers: str, steps: int) -> None:
    text = f"{layers}\ncamera: {{zoom: 1.4, rotate: 4}}\ncolor: {{coherence: 0.5}}"
    film, checks = on_meta(planned(photos, text, steps=steps)), LaterChecks()
    state = first_zoom_state(film)
    with QuickSampling():
        for _ in range(2):  # which copy constants: a film's first frame, and one that goes on
            _, state = zoom_step(film, state, checks.add)
    assert (state.momentum is not None) == ("amortized" in layers)
    with without_synchronisations():
        frame, _ = zoom_step(film, state, checks.add)
        assert levels_on_device(frame, 8).is_meta
    assert all(checks.take()[1].is_meta for _ in range(3))


@pytest.mark.parametrize("border", ["mirror-tile", "wrap", "replicate"])
def test_a_camera_in_depth_and_mirrors_wait_for_nothing(photos: Path, border: str) -> None:
    moving = f"zoom: 0.8, yaw: 9, tilt: {{0f: [0, 0], 3f: [5, 0]}}, shake: [0.01, 1], symmetry: 3, border: {border}"
    film = on_meta(planned(photos, f"{{fire5: 1}}\n  schedule: amortized\ncamera: {{{moving}}}", steps=2))
    checks, state = LaterChecks(), first_zoom_state(film)
    with QuickSampling():
        for _ in range(2):
            _, state = zoom_step(film, state, checks.add)
    with without_synchronisations():
        zoom_step(film, state, checks.add)


def test_beyond_the_border_only_noise_is_copied(photos: Path) -> None:
    film = on_meta(planned(photos, "{fire5: 1}\ncamera: {zoom: 0.7}"))
    checks, state = LaterChecks(), first_zoom_state(film)
    _, state = zoom_step(film, state, checks.add)
    with Synchronisations() as mode:
        zoom_step(film, state, checks.add)
    # The noise and the two lists of places where it is measured go to the device, from page-locked memory of a GPU's.
    assert (mode.found, mode.float64) == (["aten::_to_copy"] * 3, [])


@pytest.mark.parametrize("schedule", ["every-frame", "amortized"])
def test_a_video_frame_copies_its_motion_to_the_device_and_nothing_back(photos: Path, schedule: str) -> None:
    text = f"{{fire5: 0.5, fire4: 0.5}}\n  octave_blur: 0.5\n  schedule: {schedule}\ncolor: {{coherence: 0.5}}"
    film = on_meta(planned(photos, text))
    width, height = film.size
    motion = Motion(np.ones((height, width, 2), np.float32), np.ones((height, width), np.float32))
    source = SourceFrame(torch.empty(1, 3, height, width, device="meta"), motion, False, torch.eye(3))
    checks, state = LaterChecks(), VideoState(1, source.frame, source.frame, torch.eye(3))
    with QuickSampling():
        for _ in range(2):
            _, state = video_step(film, state, source, checks.add)
    assert (state.momentum is not None) == (schedule == "amortized")
    with Synchronisations() as mode:
        frame, _ = video_step(film, state, source, checks.add)
        levels_on_device(frame, 16)
    assert (mode.found, mode.float64) == (["aten::_to_copy"] * 2, [])


def test_what_would_wait_is_found(photos: Path) -> None:
    film = on_meta(planned(photos, "{fire5: 1}"))
    with pytest.raises(RuntimeError, match="meta"):
        zoom_step(film, first_zoom_state(film))  # its check asks for the answer at once
    with pytest.raises(AssertionError), without_synchronisations():
        torch.zeros(3, 3).to("meta")


class Arriving:
    """Copies that have arrived when they are asked for, and count how many are on their way."""

    def __init__(self) -> None:
        self.under_way = 0
        self.most = 0

    def begin(self, tensors: Sequence[torch.Tensor]) -> Arriving.One:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        return self.One(self, [tensor.clone() for tensor in tensors])

    class One:
        def __init__(self, owner: Arriving, tensors: Sequence[torch.Tensor]) -> None:
            self.owner, self.tensors = owner, tensors

        def wait(self) -> Sequence[torch.Tensor]:
            self.owner.under_way -= 1
            return self.tensors


@pytest.mark.parametrize("bits", [8, 16])
def test_delivered_frames_are_those_of_the_loop(preset: ZoomPreset, bits: int) -> None:
    film, checks, copies = prepared(preset()), LaterChecks(), Arriving()
    ours = list(delivered(dreamed_frames(film, None, checks.add), checks, bits, copies.begin))
    plain = list(finished_frames(film, None, 6, bits))
    assert len(ours) == len(plain) == 6
    assert copies.most == 2  # one is read while the next is dreamed
    for (pixels, state), (expected, after) in zip(ours, plain, strict=True):
        assert (pixels.dtype, pixels.flags.c_contiguous) == (expected.dtype, True)
        assert np.array_equal(pixels, expected)
        assert state.index == after.index
        assert all(torch.equal(tensor, after.tensors()[name]) for name, tensor in state.tensors().items())


def test_no_more_frames_are_dreamed_than_are_asked_for(preset: ZoomPreset) -> None:
    film = prepared(preset())
    assert [state.index for _, state in finished_frames(film, None, 2, 8)] == [1, 2]


def loop_of(frames: Sequence[Frame | Exception], checks: LaterChecks) -> Iterator[tuple[Frame, State]]:
    for index, frame in enumerate(frames):
        if isinstance(frame, Exception):
            raise frame
        checks.add(frame, f"frame {index + 1} of 3")
        yield frame, ZoomState(index + 1, frame, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spoiled", "message"),
    [(torch.full((1, 3, 8, 8), torch.nan), "frame 2 of 3: .* NaN"), (torch.zeros(1, 3, 8, 8), "frame 2 of 3: .* flat")],
)
def test_a_frame_that_is_no_picture_is_never_given(spoiled: Frame, message: str) -> None:
    checks = LaterChecks()
    frames = delivered(loop_of([torch.rand(1, 3, 8, 8), spoiled, spoiled], checks), checks, 8, Arriving().begin)
    assert next(frames)[1].index == 1
    with pytest.raises(DreamError, match=message):
        next(frames)


def test_the_frame_before_a_failure_is_given() -> None:
    checks = LaterChecks()
    loop = loop_of([torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8), OutOfMemoryError("full")], checks)
    frames = delivered(loop, checks, 8, Arriving().begin)
    given = [next(frames)[1].index, next(frames)[1].index]
    with pytest.raises(OutOfMemoryError):
        next(frames)
    assert given == [1, 2]


def test_a_film_on_cuda_is_delivered_through_page_locked_memory(
    preset: ZoomPreset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tensors stay on the CPU; the network says that it is on a GPU, and stand-ins take what only a GPU does."""
    film, log = prepared(preset(canvas="{size: 96x64, duration: 3f}")), list[str]()
    expected = list(finished_frames(film, None, 3, 8))
    plain_empty = torch.empty

    class Event:
        def __init__(self, *, blocking: bool) -> None:
            assert blocking

        def record(self, stream: str) -> None:
            log.append(f"recorded on {stream}")

        def synchronize(self) -> None:
            log.append("waited")

    def empty(*args: Any, pin_memory: bool = False, **options: Any) -> torch.Tensor:
        log.extend(["pinned"] * pin_memory)
        return plain_empty(*args, **options)

    monkeypatch.setattr("torch.cuda.Event", Event)
    monkeypatch.setattr("torch.cuda.current_stream", lambda device: "its stream")
    monkeypatch.setattr("torch.empty", empty)
    monkeypatch.setattr(film.network, "device", torch.device("cuda"))
    assert film.on_gpu
    ours = list(finished_frames(film, None, 3, 8))
    # Off the CPU the network's gradient is autograd's own, which rounds differently.
    assert all(
        np.abs(a.astype(int) - b.astype(int)).mean() < 0.5 for (a, _), (b, _) in zip(ours, expected, strict=True)
    )
    begun = ["pinned", "pinned", "recorded on its stream"]  # pixels and the check's two answers
    assert log == [*begun, *begun, "waited", *begun, "waited", "waited"]
