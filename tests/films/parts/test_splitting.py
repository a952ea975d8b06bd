"""Parts of films that depend on no other, and films put together from them, to the bit."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import torch

from tests.support.clips import lossless
from tests.support.films import prepared, shot, video_film, video_preset
from zoomdream.errors import JournalError, OutputBusyError
from zoomdream.films.film import Film
from zoomdream.films.footage import source_frames
from zoomdream.films.frame_loops import dreamed_frames, frames, part_start
from zoomdream.films.journal import find_journal, journal_folder
from zoomdream.films.journal.part_locks import part_lock
from zoomdream.films.journaling import JournalOptions
from zoomdream.films.parts.part_rendering import PartJob, finished_in
from zoomdream.films.parts.splitting import SHORTEST, independent_parts, is_cut_at
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import RenderJob, render
from zoomdream.output_lock import output_lock
from zoomdream.progress import Progress

PARTS = (range(5), range(5, 9), range(9, 12))
MOVING = {"camera": "{zoom: 1.5, rotate: 20}", "color": "{coherence: 0.3}"}
AMORTIZED = {"dream": "{layers: {fire4: 1}, octaves: 2, steps: 3, schedule: amortized}", "carry": "{steps: 2}"}


@pytest.fixture(scope="module")
def clip(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shots of moving pictures."""
    shots = shot(photos, "coffee.png", 5, 2), shot(photos, "astronaut.png", 4, 2), shot(photos, "rocket.jpg", 3, 2)
    return lossless(tmp_path_factory.mktemp("clip") / "clip.mkv", [*itertools.chain(*shots)])


def test_a_video_splits_at_its_cuts(clip: Path) -> None:
    log: list[Progress] = []
    assert independent_parts(video_film(clip), log.append) == PARTS
    assert (log[-1].done, log[-1].total) == (12, 12)
    later = video_film(clip, canvas="{start: 3f, duration: 8f}")
    assert independent_parts(later) == (range(2), range(2, 6), range(6, 8))


def test_what_is_carried_over_cuts_does_not_split(clip: Path) -> None:
    assert independent_parts(video_film(clip, carry="{cuts: ignore}")) == (range(12),)


def test_a_zoom_film_is_one_part(tmp_path: Path, photos: Path) -> None:
    film = prepared(video_preset(photos / "coffee.png", canvas="{size: 96x64, fps: 10, duration: 4f}", carry="{}"))
    assert independent_parts(film) == (range(4),)


def test_where_nothing_is_carried_a_film_splits_anywhere_but_not_too_often(photos: Path, tmp_path: Path) -> None:
    still = lossless(tmp_path / "long.mkv", shot(photos, "coffee.png", 3 * SHORTEST + 5, 1))
    film = video_film(still, carry="{strength: 0}")
    assert independent_parts(film) == (range(24), range(24, 48), range(48, 77))


def test_a_cut_that_small_frames_do_not_show_to_the_loop_is_none(clip: Path) -> None:
    film = video_film(clip)
    assert [index for index in range(1, 12) if is_cut_at(film, index)] == [5, 9]
    assert not is_cut_at(video_film(clip, carry="{cuts: ignore}"), 5)


@pytest.mark.parametrize("changes", [{}, MOVING, AMORTIZED, AMORTIZED | MOVING, {"carry": "{cuts: fade, steps: 1}"}])
def test_a_part_dreamed_alone_has_the_films_bits(clip: Path, changes: dict[str, str]) -> None:
    film = video_film(clip, **changes)
    whole = list(frames(film))
    for part in PARTS[1:]:
        loop = dreamed_frames(film, part_start(film, part.start))
        alone = [frame.clone() for frame, _ in itertools.islice(loop, len(part))]
        loop.close()
        assert all(torch.equal(a, b) for a, b in zip(alone, whole[part.start : part.stop], strict=True))


def test_the_camera_has_come_as_far_as_in_the_loop(clip: Path) -> None:
    film = video_film(clip, **MOVING)
    sources = source_frames(film.source, film.timeline, "medium", film.network.device)  # type: ignore[arg-type]
    for index, source in enumerate(itertools.islice(sources, 11), 1):
        assert torch.equal(torch.from_numpy(film.camera_track[index].copy()), source.next_camera)
    sources.close()


@pytest.fixture(scope="module")
def film(clip: Path) -> Film:
    return video_film(clip, **(AMORTIZED | MOVING))


@pytest.fixture(scope="module")
def whole(film: Film, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "whole.mp4"
    render(film, path)
    return path.read_bytes()


def test_parts_in_any_order_make_the_same_file(film: Film, whole: bytes, tmp_path: Path) -> None:
    output, log = tmp_path / "out.mp4", list[Progress]()
    for part in (PARTS[2], PARTS[0], PARTS[1]):
        assert PartJob(film, output, part).run(log.append) == journal_folder(output)
        assert (log[-1].done, log[-1].total) == (len(part), len(part))
    assert finished_in(film, output, PARTS, JournalOptions()) == [5, 4, 3]
    PartJob(film, output, PARTS[1]).run(log.append)
    assert log[-1].before == log[-1].done == 4  # nothing is dreamed again
    RenderJob(film, output, journal=JournalOptions(complete_only=True)).run(log.append)
    assert output.read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_a_render_dreams_what_parts_have_left_out(film: Film, whole: bytes, tmp_path: Path) -> None:
    output, log = tmp_path / "out.mp4", list[Progress]()
    PartJob(film, output, PARTS[1]).run()
    with pytest.raises(JournalError, match=r"lacks the frames 0:5, 9:12"):
        RenderJob(film, output, journal=JournalOptions(complete_only=True)).run()
    found = find_journal(journal_folder(output))
    assert found is not None
    assert found.frames == 4
    render(film, output, on_progress=log.append)
    assert output.read_bytes() == whole
    dreamed = [progress.done for progress in log if progress.done > progress.before]
    assert dreamed == [1, 2, 3, 4, 5, 10, 11, 12]


class StopError(Exception):
    """What ends a job in these tests."""


@contextmanager
def in_another_thread(hold: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """Hold a lock in another thread, which counts as somebody else."""
    held, done = threading.Event(), threading.Event()

    def run() -> None:
        with hold():
            held.set()
            done.wait(60)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        assert held.wait(60)
        try:
            yield
        finally:
            done.set()
        running.result()


def test_a_part_that_was_interrupted_goes_on_by_itself_and_in_a_render(
    film: Film, whole: bytes, tmp_path: Path
) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 2 and progress.before < 2:
            raise StopError

    for name in ("a.mp4", "b.mp4"):
        with pytest.raises(StopError):
            PartJob(film, tmp_path / name, PARTS[1]).run(stop)
    log: list[Progress] = []
    PartJob(film, tmp_path / "a.mp4", PARTS[1]).run(log.append)
    assert [(each.done, each.before) for each in log] == [(2, 2), (3, 2), (4, 2)]
    for name in ("a.mp4", "b.mp4"):
        render(film, tmp_path / name)
        assert (tmp_path / name).read_bytes() == whole


def test_a_part_goes_on_where_a_render_has_stopped(film: Film, whole: bytes, tmp_path: Path) -> None:
    output, log = tmp_path / "out.mp4", list[Progress]()

    def stop(progress: Progress) -> None:
        if progress.done == 7:
            raise StopError

    with pytest.raises(StopError):
        render(film, output, on_progress=stop)
    for part in PARTS:
        PartJob(film, output, part).run(log.append)
    assert [(each.done, each.before) for each in log] == [(5, 5), (2, 2), (3, 2), (4, 2), (1, 0), (2, 0), (3, 0)]
    render(film, output)
    assert output.read_bytes() == whole


def test_another_camera_before_a_part_makes_other_frames_of_it(clip: Path, film: Film, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    for part in PARTS:
        PartJob(film, output, part).run()
    changed = AMORTIZED | MOVING | {"camera": "{zoom: {0f: 1.4, 1f: 1.5, 2f: 1.5}, rotate: 20}"}
    with pytest.raises(JournalError, match="settings differ from frame 0") as caught:
        render(video_film(clip, **changed), output)
    assert caught.value.matching == 0


def test_frames_of_a_later_part_need_none_before(film: Film, tmp_path: Path) -> None:
    output, log = tmp_path / "out.mp4", list[Progress]()
    PartJob(film, output, PARTS[1]).run()
    render(film, output, span=range(5, 8), on_progress=log.append)
    assert all(progress.done == progress.before for progress in log)
    assert find_journal(journal_folder(output)) is not None


def test_a_part_and_a_render_exclude_each_other(film: Film, tmp_path: Path) -> None:
    output, folder = tmp_path / "out.mp4", tmp_path / "out.mp4.journal"
    with in_another_thread(lambda: part_lock(output, folder, PARTS[1], is_led=False)):
        with pytest.raises(OutputBusyError, match="parts of the film are being rendered"):
            render(film, output)
        with pytest.raises(OutputBusyError, match=r"frames 5:9 of .* are being rendered"):
            PartJob(film, output, PARTS[1]).run()
        PartJob(film, output, PARTS[2]).run()
    with in_another_thread(lambda: output_lock(output)):
        with pytest.raises(OutputBusyError):
            PartJob(film, output, PARTS[0]).run()
        PartJob(film, output, PARTS[0], is_led=True).run()


def test_damage_to_a_state_costs_a_part_no_more_than_its_own_frames(film: Film, whole: bytes, tmp_path: Path) -> None:
    output, log = tmp_path / "out.mp4", list[Progress]()
    for part in PARTS[:2]:
        PartJob(film, output, part).run()
    for state in journal_folder(output).glob("state-*"):
        state.write_bytes(b"damaged")
    render(film, output, on_progress=log.append)
    assert output.read_bytes() == whole


def test_nothing_is_dreamed_twice_by_other_compute(clip: Path, film: Film, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    PartJob(film, output, PARTS[1]).run()
    tiled = prepare(video_preset(clip, **(AMORTIZED | MOVING)), device="cpu", precision="float32", tile=64)
    with pytest.raises(JournalError, match="tile is 0 there and 64 here"):
        PartJob(tiled, output, PARTS[2]).run()
