"""Films whose steps are amortized: the momentum begins with a shot, comes along, and goes on from any state."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
import torch

from tests.support.clips import lossless
from tests.support.films import ZoomPreset, equal_frames, prepared, shot, video_film
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import dreamed_frames, first_zoom_state, frames, zoom_start, zoom_step
from zoomdream.films.states import State, VideoState, ZoomState, state_from
from zoomdream.images.frame import Frame
from zoomdream.motion.camera import move_change

AMORTIZED = "{layers: {fire4: 1}, octaves: 1, steps: 2, schedule: amortized}"
EVERY_FRAME = AMORTIZED.replace("amortized", "every-frame")
CARRY = "{steps: 2, strength: 0.9}"


@pytest.fixture(scope="module")
def cut_clip(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three frames of one shot and three of another."""
    pictures = [*shot(photos, "astronaut.png", 3), *shot(photos, "coffee.png", 3)]
    return lossless(tmp_path_factory.mktemp("cut") / "cut.mkv", pictures)


def steps(film: Film, state: State | None = None) -> Iterator[tuple[Frame, ZoomState | VideoState]]:
    return dreamed_frames(film, state)


def begun(film: Film, count: int = 3) -> list[Frame]:
    """The film's first frames."""
    return list(islice(frames(film), count))


def continued_alike(film: Film) -> list[bool]:
    """For each state but the last, kept as tensors and made again: whether the film goes on with the same bits."""
    whole = list(steps(film))
    alike = []
    for number, (_, state) in enumerate(whole[:-1], 1):
        again = state_from(state.kind, state.index, state.tensors(), film.network.device)
        frame, _ = next(steps(film, again))
        alike.append(torch.equal(frame, whole[number][0]))
    return alike


@pytest.mark.parametrize("camera", ["{zoom: 1.5, rotate: 20}", "{zoom: 0.6}"])
def test_a_zoom_film_goes_on_from_each_of_its_states(preset: ZoomPreset, camera: str) -> None:
    assert continued_alike(prepared(preset(dream=AMORTIZED, camera=camera))) == [True] * 5


def test_a_video_film_goes_on_from_each_of_its_states(cut_clip: Path) -> None:
    assert continued_alike(video_film(cut_clip, dream=AMORTIZED, carry=CARRY)) == [True] * 5


def test_a_zoom_film_moves_the_momentum_with_its_camera(preset: ZoomPreset) -> None:
    """The first frame's momentum is what it has changed, less its further steps; the camera moves it."""
    film = prepared(preset(dream=AMORTIZED, color="{coherence: 0}"))
    first = first_zoom_state(film)
    dreamed, state = zoom_step(film, first)
    change = (dreamed - first.dreamed.clamp(0, 1)) * (2 / 4) ** 0.5
    assert state.momentum is not None
    assert torch.allclose(state.momentum, change, atol=1e-7)
    _, momentum, _ = zoom_start(film, state)
    expected = move_change(state.momentum, film.timeline[0].camera, float(1 / film.clock.fps))
    assert momentum is not None
    assert torch.equal(momentum, expected)


def test_one_step_a_frame_gives_the_every_frame_film(preset: ZoomPreset, cut_clip: Path) -> None:
    both = [text.replace("steps: 2", "steps: 1") for text in (AMORTIZED, EVERY_FRAME)]
    assert all(equal_frames(*(begun(prepared(preset(dream=dream))) for dream in both)))
    assert all(equal_frames(*(begun(video_film(cut_clip, dream=dream, carry="{steps: 1}")) for dream in both)))


def test_an_every_frame_film_has_no_momentum(preset: ZoomPreset, cut_clip: Path) -> None:
    films = prepared(preset(dream=EVERY_FRAME)), video_film(cut_clip, dream=EVERY_FRAME)
    for film in films:
        assert all("momentum" not in state.tensors() for _, state in islice(steps(film), 2))


@pytest.mark.parametrize("cuts", ["reset", "fade"])
def test_a_shot_begins_without_the_momentum_of_the_one_before(cuts: str, cut_clip: Path) -> None:
    """Its first frame is that of a film with all steps, where `fade` takes few of them; the next is not."""
    carry = f"{{steps: {2 if cuts == 'reset' else 3}, strength: 0.9, cuts: {cuts}}}"
    both = (video_film(cut_clip, dream=dream, carry=carry) for dream in (AMORTIZED, EVERY_FRAME))
    ours, theirs = (begun(film, 4) for film in both)
    assert equal_frames(ours, theirs) == [True, False, False, True]


def test_without_strength_every_frame_has_all_its_steps(cut_clip: Path) -> None:
    films = (video_film(cut_clip, dream=dream, carry="{strength: 0}") for dream in (AMORTIZED, EVERY_FRAME))
    assert all(equal_frames(*(begun(film) for film in films)))


def test_layers_that_begin_later_have_no_momentum_before(preset: ZoomPreset) -> None:
    """Nothing is dreamed while every weight is 0; what is dreamed first takes a frame's steps, not a film's."""
    layers = "{0f: {fire4: 0}, 2f: {fire4: 0}, 3f: {fire4: 1}, 4f: {fire4: 0}}"
    both = [prepared(preset(dream=text.replace("{fire4: 1}", layers))) for text in (AMORTIZED, EVERY_FRAME)]
    ours, theirs = (list(steps(film)) for film in both)
    assert [row.mix != () for row in both[0].timeline] == [False, False, False, True, False, False]
    assert [state.momentum is not None for _, state in ours] == [False, False, False, True, False, False]
    assert equal_frames([frame for frame, _ in ours], [frame for frame, _ in theirs]) == [True] * 6
