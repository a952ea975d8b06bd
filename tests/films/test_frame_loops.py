"""The two loops: frames that follow one another, and what each begins with."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.support.clips import lossless
from tests.support.films import (
    FOUR_KINDS,
    Pixels,
    ZoomPreset,
    dreamed,
    equal_frames,
    planned,
    prepared,
    shot,
    shot_of,
    video_film,
)
from tests.support.threads import differing_threads
from zoomdream.dreaming.ascent import dream
from zoomdream.errors import (
    DreamError,
    OutOfMemoryError,
)
from zoomdream.films.film import Film
from zoomdream.films.footage import SourceFrame
from zoomdream.films.frame_loops import (
    first_zoom_state,
    frames,
    video_start,
    zoom_frames,
    zoom_step,
)
from zoomdream.films.states import VideoState, ZoomState
from zoomdream.images.colors.color import palette_of
from zoomdream.images.frame import Frame, from_uint8
from zoomdream.motion.optical_flow.reliability import Motion
from zoomdream.objectives import Objective
from zoomdream.presets.loading import load_preset_text
from zoomdream.rng import generator
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.timeline import Row, Timeline
from zoomdream.settings import CarrySettings, DreamSettings


def test_frames_are_frames(preset: ZoomPreset) -> None:
    dreamed_frames = list(frames(prepared(preset())))
    assert len(dreamed_frames) == 6
    for frame in dreamed_frames:
        assert frame.shape == (1, 3, 64, 96)
        assert frame.dtype == torch.float32
        assert 0 <= frame.min() <= frame.max() <= 1


def test_same_preset_gives_the_same_bits_and_another_seed_does_not(preset: ZoomPreset) -> None:
    first, again, other = (list(frames(prepared(preset(seed=seed)))) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("camera", ["{zoom: 1.5}", "{zoom: 0.6}"])
def test_a_film_goes_on_from_any_state_as_if_it_had_not_stopped(preset: ZoomPreset, camera: str) -> None:
    whole = prepared(preset(camera=camera))
    state = first_zoom_state(whole)
    for _ in range(3):
        _, state = zoom_step(whole, state)
    rest = [frame for frame, _ in zoom_frames(prepared(preset(camera=camera)), state)]
    assert all(torch.equal(a, b) for a, b in zip(islice(frames(whole), 3, None), rest, strict=True))


def test_frames_that_a_caller_changes_do_not_change_the_film(preset: ZoomPreset) -> None:
    standing = preset(camera="{zoom: 1}", color="{coherence: 0}")
    untouched = [frame.clone() for frame in frames(prepared(standing))]
    spoiled = []
    for frame in frames(prepared(standing)):
        spoiled.append(frame.clone())
        frame.zero_()
    assert all(torch.equal(a, b) for a, b in zip(untouched, spoiled, strict=True))


def test_running_out_of_memory_says_what_to_do(preset: ZoomPreset, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried ..."),
    ):

        def fail(*args: object, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr("zoomdream.films.frame_loops.dream_on", fail)
        with pytest.raises(OutOfMemoryError, match="96x64"):
            next(frames(prepared(preset())))


@pytest.mark.parametrize(("size", "count"), [("112x64", 90), pytest.param("160x96", 300, marks=pytest.mark.slow)])
def test_a_slow_zoom_keeps_detail_color_and_range(photos: Path, size: str, count: int) -> None:
    """Many frames at 1.05 per second: no blur or ringing that builds up, no drift of color, hardly any clipping."""
    slow = load_preset_text(
        f"""
        zoomdream: 1
        source: {photos / "rocket.jpg"}
        canvas: {{size: {size}, fps: 30, duration: {count}f}}
        dream: {{layers: {{fire7: 1}}, octaves: 2, steps: 1, step_size: 0.008, smoothing: 0.5}}
        camera: {{zoom: 1.05}}
        color: {{coherence: 0.1}}
        """
    )
    film = prepared(slow)
    sharpness, means, clipped = [], [], []
    for frame in frames(film):
        luma = frame[0].mean(0)
        laplacian = 4 * luma[1:-1, 1:-1] - luma[:-2, 1:-1] - luma[2:, 1:-1] - luma[1:-1, :-2] - luma[1:-1, 2:]
        sharpness.append(laplacian.var().item())
        means.append(frame.mean(dim=(0, 2, 3)) * 255)
        clipped.append(((frame <= 0) | (frame >= 1)).float().mean().item())
    some = count // 6
    early, late = np.mean(sharpness[some : 2 * some]), np.mean(sharpness[-some:])
    assert 0.5 < late / early < 2
    assert (means[-1] - means[0]).abs().max() < 10
    assert np.mean(clipped[-some:]) < 0.05


def test_the_same_video_film_has_the_same_bits_and_another_seed_does_not(clip: Path) -> None:
    first = dreamed(clip, seed=1)
    assert all(equal_frames(first, dreamed(clip, seed=1)))
    assert not any(equal_frames(first, dreamed(clip, seed=2)))


STILL = torch.eye(3, dtype=torch.float64)


def row(index: int = 1, **carry: Any) -> Row:
    settings = CarrySettings(**({"strength": 0.75, "steps": 3} | carry))
    return Timeline.steady(Clock(Fraction(25), 9), {"fire4": 1.0}, dream=DreamSettings(steps=7), carry=settings)[index]


def known_source_frame(*, is_cut: bool = False) -> tuple[SourceFrame, VideoState, Frame]:
    """A view whose content was two pixels further right a frame earlier, half reliable on its left half, and the frame
    that carrying is to start from, by hand."""
    random = torch.Generator().manual_seed(0)
    source, before, last = (torch.rand(1, 3, 32, 48, generator=random) for _ in range(3))
    reliability = np.ones((32, 48), np.float32)
    reliability[:, :24] = 0.5
    backward = np.zeros((32, 48, 2), np.float32)
    backward[..., 0] = 2
    carried = torch.roll(last - before, -2, -1)
    expected = source + 0.75 * torch.from_numpy(reliability) * carried
    state = VideoState(1, last, before, STILL)
    return SourceFrame(source, Motion(backward, reliability), is_cut, STILL), state, expected


def test_what_the_dream_added_is_carried_along_the_motion_as_far_as_it_is_reliable() -> None:
    source_frame, state, expected = known_source_frame()
    start, momentum, settings = video_start(row(), state, source_frame)
    assert (start - expected)[..., :40].abs().max() < 1e-4  # the last columns come from beyond the frame
    assert settings == DreamSettings(steps=3)
    assert momentum is None


def test_the_momentum_is_carried_as_far_as_the_motion_is_reliable_whatever_the_strength() -> None:
    source_frame, state, _ = known_source_frame()
    assert source_frame.motion is not None
    source_frame.motion.reliability[:, :8] = 0
    change = torch.rand(1, 3, 32, 48, generator=torch.Generator().manual_seed(1)) - 0.5
    _, momentum, _ = video_start(row(), replace(state, momentum=change), source_frame)
    assert momentum is not None
    expected = torch.roll(change, -2, -1) * torch.from_numpy(source_frame.motion.reliability)
    assert (momentum - expected)[..., :40].abs().max() < 1e-4
    assert not momentum[..., :8].any()


@pytest.mark.parametrize("cuts", ["reset", "fade", "ignore"])
def test_a_films_first_frame_is_dreamed_from_the_source_with_all_steps(cuts: str) -> None:
    source_frame, _, _ = known_source_frame()
    start, momentum, settings = video_start(
        row(0, cuts=cuts), None, SourceFrame(source_frame.frame, None, False, STILL)
    )
    assert torch.equal(start, source_frame.frame)
    assert momentum is None
    assert settings.steps == 7


@pytest.mark.parametrize(("cuts", "carried", "steps"), [("reset", False, 7), ("fade", False, 3), ("ignore", True, 3)])
def test_what_a_cut_does(cuts: str, carried: bool, steps: int) -> None:
    source_frame, state, expected = known_source_frame(is_cut=True)
    state = replace(state, momentum=torch.ones_like(state.dreamed))
    start, momentum, settings = video_start(row(cuts=cuts), state, source_frame)
    assert settings.steps == steps
    assert (momentum is not None) == carried
    if carried:
        assert (start - expected)[..., :40].abs().max() < 1e-4
    else:
        assert torch.equal(start, source_frame.frame)


def alone(film: Film, pixels: list[Pixels], index: int) -> Frame:
    """A frame dreamed from its bare source."""
    settings = film.timeline[index]
    objective = Objective.of(film.network, dict(settings.mix), settings.dream.objective)
    return dream(from_uint8(pixels[index]), objective, settings.dream, generator(film.seed, index, "jitter"))


def test_without_strength_every_frame_is_dreamed_alone(clip: Path) -> None:
    film = video_film(clip, carry="{strength: 0}")
    expected = [alone(film, shot_of(clip), index).clamp(0, 1) for index in range(8)]
    assert all(equal_frames(list(frames(film)), expected))


def test_with_strength_the_dream_stays_with_what_it_is_on(clip: Path) -> None:
    """The dream of a frame resembles the one before, moved with the pan of a pixel; alone, it does so less."""

    def likeness(frames: list[Frame]) -> float:
        added = [frame - from_uint8(pixels) for frame, pixels in zip(frames, shot_of(clip), strict=True)]
        pairs = zip(added[3:], added[2:], strict=False)
        both = [torch.stack([now[..., 8:80].flatten(), then[..., 9:81].flatten()]) for now, then in pairs]
        return float(np.mean([torch.corrcoef(pair)[0, 1] for pair in both]))

    carried, apart = dreamed(clip), dreamed(clip, carry="{strength: 0}")
    assert likeness(carried) > 0.8
    assert likeness(carried) > likeness(apart) + 0.1


@pytest.mark.parametrize(("cuts", "forgotten"), [("reset", True), ("fade", True), ("ignore", False)])
def test_nothing_of_a_shot_is_left_in_the_next(cuts: str, forgotten: bool, photos: Path, tmp_path: Path) -> None:
    second = shot(photos, "coffee.png", 4)
    films = []
    for name in ("astronaut.png", "rocket.jpg"):
        path = lossless(tmp_path / f"{name}.mkv", [*shot(photos, name, 4), *second])
        films.append(dreamed(path, carry=f"{{steps: 1, strength: 0.9, cuts: {cuts}, flow: medium}}"))
    same = equal_frames(*films)
    assert not any(same[:4])
    assert all(same[4:]) if forgotten else not same[4]


def test_a_shots_first_frame_is_dreamed_from_its_source_alone(photos: Path, tmp_path: Path) -> None:
    pixels = [*shot(photos, "astronaut.png", 3), *shot(photos, "coffee.png", 3)]
    film = video_film(lossless(tmp_path / "a.mkv", pixels))
    found = list(frames(film))
    assert torch.equal(found[3], alone(film, pixels, 3).clamp(0, 1))
    assert not torch.equal(found[4], alone(film, pixels, 4).clamp(0, 1))


def test_over_a_still_shot_the_dream_grows_no_further(photos: Path, tmp_path: Path) -> None:
    """Carrying a share of the dream and adding a little to it comes to rest."""
    still = shot(photos, "coffee.png", 1)[0]
    frames = dreamed(lossless(tmp_path / "a.mkv", [still] * 60))
    strength = [(frame - from_uint8(still)).abs().mean().item() * 255 for frame in frames]
    early, late = np.mean(strength[20:36]), np.mean(strength[-15:])
    assert late > 2
    assert late / early == pytest.approx(1, abs=0.1)


def test_colors_are_held_to_the_source_of_now(photos: Path, tmp_path: Path) -> None:
    """A clip that goes from dark to light keeps doing so."""
    picture = shot(photos, "coffee.png", 1)[0]
    clip = [(picture * share).astype(np.uint8) for share in np.linspace(0.3, 0.9, 7)]
    found = dreamed(lossless(tmp_path / "a.mkv", clip), color="{coherence: 1}")
    for frame, pixels in zip(found, clip, strict=True):
        ours, theirs = palette_of(frame), palette_of(from_uint8(pixels))
        assert (ours.mean - theirs.mean).abs().max() < 1.5
        assert (ours.std - theirs.std).abs().max() < 2.5


def test_a_film_fades_from_kind_to_kind(photos: Path) -> None:
    """Each kind's own score rises most while it is on: layer, channel, class, guide."""
    film = planned(photos, FOUR_KINDS)
    dreamed_frames = list(frames(film))
    assert len(dreamed_frames) == 13
    rows = [{str(key): weight for key, weight in row.mix} for row in film.timeline]
    assert rows[2] == {"fire4": 0.5, "fire6:17": 0.5}
    assert rows[6] == {"fire6:17": 0.5, "class:espresso": 0.5}
    assert rows[12] == {"cosine:fire5:chelsea.png": 1.0}
    rises = []
    for index, frame in enumerate(dreamed_frames[:-1]):
        opening = ZoomState(index, frame, first_zoom_state(film).palette)
        dreamed, _ = zoom_step(film, opening)
        objective = film.objective(film.timeline[index])
        balance = objective.balance(frame)
        before, after = (
            sum(w * b * s for (_, w), b, s in zip(objective.terms, balance, objective.scores(picture), strict=True))
            for picture in (frame, dreamed)
        )
        rises.append(bool(after > before))
    assert sum(rises) >= 10, rises  # where two kinds pull apart, a step as long as these may miss


def test_a_dream_that_becomes_nan_or_flat_ends_with_its_frame(
    preset: ZoomPreset, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value, words in ((float("nan"), "NaN"), (0.0, "one flat color")):
        count = 0

        def break_the_third(frame: Frame, *rest: Any, value: float = value, **named: Any) -> Frame:
            nonlocal count
            count += 1
            return torch.full_like(frame, value) if count == 3 else dream(frame, *rest, **named)

        monkeypatch.setattr("zoomdream.dreaming.amortized.dream", break_the_third)
        with pytest.raises(DreamError, match=f"frame 3 of 6: the dream has become {words}"):
            list(frames(prepared(preset())))
        assert count == 3


def test_a_clip_that_fades_to_black_is_dreamed_to_its_end(photos: Path, tmp_path: Path) -> None:
    """Its black frames may give black ones, where the colors are the source's, and the next picture may be dreamed."""
    pictures = shot(photos, "rocket.jpg", 2)
    black = np.zeros_like(pictures[0])
    clip = lossless(tmp_path / "a.mkv", [pictures[0], black, black, pictures[1]])
    ours = dreamed(clip, color="{coherence: 1.0}")
    assert len(ours) == 4
    assert ours[1].max() < 0.01
    assert ours[3].max() > 0.2


# An odd size, whose pixels and maps no number of threads divides evenly, and large enough to be divided.
ODD = "{size: 245x138, fps: 10, duration: 13f}"


def test_a_zoom_film_has_the_same_bits_on_any_number_of_threads(photos: Path) -> None:
    film = planned(photos, "{fire3: 0.5, fire6: 0.5}", ODD)
    assert differing_threads(lambda: list(islice(frames(film), 2)), (1, 2, 3)) == []


def test_a_video_film_has_the_same_bits_on_any_number_of_threads(clip: Path) -> None:
    layers = "{layers: {fire6: 1}, octaves: 1, steps: 1, laplacian: 3}"
    film = video_film(clip, dream=layers, canvas="{size: 245x138}", color="{coherence: 0.2}")
    assert differing_threads(lambda: list(islice(frames(film), 3)), (1, 2, 3)) == []
