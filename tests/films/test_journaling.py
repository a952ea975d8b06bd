"""Films that go on after an interruption, to the bit, and journals that are another film's."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.support.clips import lossless
from tests.support.films import ZoomPreset, prepared, shot, video_film
from tests.support.other_readers import read_deep_png
from zoomdream.errors import EncodeError, JournalError, OutputExistsError
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import frames
from zoomdream.films.journal import Journal, find_journal, journal_folder
from zoomdream.films.journaling import FilmJournal, JournalOptions
from zoomdream.films.rendering import render
from zoomdream.films.states import STATE_FORMAT, state_from
from zoomdream.images.frame import to_uint8, to_uint16
from zoomdream.images.pictures.loading import load_image
from zoomdream.progress import OnProgress, Progress

KEEP = JournalOptions(keep=True)


class StopError(Exception):
    """What ends a render in these tests."""


def stop_after(count: int) -> OnProgress:
    """A progress callback that fails after that many frames."""

    def on_progress(progress: Progress) -> None:
        if progress.done == count and progress.before < count:
            raise StopError

    return on_progress


def interrupted(film: Film, output: Path | str, count: int, **options: object) -> Journal:
    """Render until `count` frames are done; the journal that is left."""
    with pytest.raises(StopError):
        render(film, output, on_progress=stop_after(count), **options)  # type: ignore[arg-type]
    left = find_journal(journal_folder(Path(output)))
    assert left is not None
    assert left.frames == count
    return left


@pytest.fixture
def moving_preset(preset: ZoomPreset) -> ZoomPreset:
    """A zoom film in which every kind of state matters."""
    return lambda **changes: preset(**({"camera": "{zoom: 1.5, rotate: 20}", "color": "{coherence: 0.3}"} | changes))


@pytest.fixture(scope="module")
def clip(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shots of a moving picture."""
    return lossless(
        tmp_path_factory.mktemp("clip") / "clip.mkv",
        shot(photos, "coffee.png", 5, 2) + shot(photos, "astronaut.png", 4, 2),
    )


def test_a_zoom_film_goes_on_with_the_same_file(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    film = prepared(moving_preset())
    render(film, tmp_path / "whole.mp4")
    left = interrupted(film, tmp_path / "a.mp4", 2)
    assert left.record.output == "a.mp4"
    assert left.record.frames == 6
    interrupted(prepared(moving_preset()), tmp_path / "a.mp4", 5)
    log: list[Progress] = []
    render(prepared(moving_preset()), tmp_path / "a.mp4", on_progress=log.append)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "whole.mp4"]
    assert [(p.done, p.before) for p in log] == [(5, 5), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 5)]


AMORTIZED = "{layers: {fire4: 1}, octaves: 2, steps: 2, schedule: amortized}"


def test_an_amortized_film_goes_on_with_the_same_file(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    render(prepared(moving_preset(dream=AMORTIZED)), tmp_path / "whole.mp4")
    interrupted(prepared(moving_preset(dream=AMORTIZED)), tmp_path / "a.mp4", 3)
    with pytest.raises(JournalError, match="differ"):
        render(prepared(moving_preset(dream=AMORTIZED.replace("amortized", "every-frame"))), tmp_path / "a.mp4")
    render(prepared(moving_preset(dream=AMORTIZED)), tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


MOVED = {"camera": "{zoom: 1.3, pan: [0.1, 0]}", "carry": "{steps: 1, strength: 0.9}"}


@pytest.fixture(scope="module")
def whole_video(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a video film whose camera moves, rendered without an interruption."""
    path = tmp_path_factory.mktemp("whole") / "whole.mp4"
    render(video_film(clip, **MOVED), path)
    return path.read_bytes()


@pytest.mark.parametrize("stop", [1, 4, 5, 6])
def test_a_video_film_goes_on_with_the_same_file(stop: int, clip: Path, whole_video: bytes, tmp_path: Path) -> None:
    """Before, at and after the cut between its shots, while the camera moves."""
    interrupted(video_film(clip, **MOVED), tmp_path / "a.mp4", stop)
    render(video_film(clip, **MOVED), tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == whole_video


def test_a_folder_of_pngs_goes_on(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    film = prepared(moving_preset())
    interrupted(film, f"{tmp_path}/out/", 3)
    render(prepared(moving_preset()), f"{tmp_path}/out/")
    pictures = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert len(pictures) == 6
    for ours, path in zip(frames(film), pictures, strict=True):
        assert np.array_equal(to_uint8(ours), to_uint8(load_image(path)))


def test_a_folder_that_exists_keeps_its_journal_inside(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    left = interrupted(prepared(moving_preset()), f"{tmp_path}/out/", 3)
    assert left.path.parent == tmp_path / "out"
    render(prepared(moving_preset()), f"{tmp_path}/out/")
    assert len(list((tmp_path / "out").iterdir())) == 6


def test_the_states_of_a_film_come_back_to_the_bit(moving_preset: ZoomPreset, clip: Path, tmp_path: Path) -> None:
    amortized = prepared(moving_preset(dream=AMORTIZED))
    for number, film in enumerate((prepared(moving_preset()), amortized, video_film(clip))):
        left = interrupted(film, tmp_path / f"{number}.mp4", 3)
        tensors, saved = left.segments[-1].load_state(), left.segments[-1].state
        assert saved.form == STATE_FORMAT
        assert tensors is not None
        state = state_from(saved.kind, saved.index, tensors, torch.device("cpu"))
        assert state.index == 3
        assert state.tensors().keys() == tensors.keys()
        assert all(torch.equal(tensors[name], tensor) for name, tensor in state.tensors().items())


def test_another_output_section_only_encodes_again(
    moving_preset: ZoomPreset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render(prepared(moving_preset()), tmp_path / "a.mp4", journal=KEEP)
    before = (tmp_path / "a.mp4").read_bytes()

    def fail(*_: object) -> None:
        pytest.fail("a frame was dreamed again")

    monkeypatch.setattr("zoomdream.films.frame_loops.dream_on", fail)
    render(prepared(moving_preset(output="{crf: 40}")), tmp_path / "a.mp4", overwrite=True, journal=KEEP)
    assert len((tmp_path / "a.mp4").read_bytes()) < len(before)
    render(prepared(moving_preset()), tmp_path / "a.mp4", overwrite=True)
    assert (tmp_path / "a.mp4").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_a_longer_film_goes_on(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    longer = {"canvas": '{size: 96x64, fps: 23.976, duration: "9f"}'}
    render(prepared(moving_preset(**longer)), tmp_path / "whole.mp4")
    render(prepared(moving_preset()), tmp_path / "a.mp4", journal=KEEP)
    dreamed: list[int] = []
    render(
        prepared(moving_preset(**longer)),
        tmp_path / "a.mp4",
        overwrite=True,
        on_progress=lambda p: dreamed.append(p.done) if p.done > p.before else None,
    )
    assert dreamed == [7, 8, 9]
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 5}, "seed is 0 there and 5 here"),
        ({"canvas": '{size: 112x64, fps: 23.976, duration: "6f"}'}, "size is 96x64 there and 112x64 here"),
        ({"source": "noise"}, "source is sha256"),
        ({"dream": "{layers: {fire4: 1}, octaves: 2, steps: 3}"}, "settings differ from frame 0 on"),
    ],
)
def test_another_films_frames_are_refused_and_kept(
    change: dict[str, object], words: str, moving_preset: ZoomPreset, tmp_path: Path
) -> None:
    left = interrupted(prepared(moving_preset(seed=0)), tmp_path / "a.mp4", 3)
    with pytest.raises(JournalError, match=words) as caught:
        render(prepared(moving_preset(**({"seed": 0} | change))), tmp_path / "a.mp4")
    assert caught.value.differs
    assert find_journal(left.path) == left


def test_another_number_of_threads_is_another_film(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    interrupted(prepared(moving_preset()), tmp_path / "a.mp4", 3)
    try:
        torch.set_num_threads(before + 1)
        with pytest.raises(JournalError, match=f"threads is {before} there and {before + 1} here"):
            render(prepared(moving_preset()), tmp_path / "a.mp4")
    finally:
        torch.set_num_threads(before)


def test_frames_that_match_are_taken_when_asked_for(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    """Two segments; a keyframe changes the second one's frames."""
    ramp = "{layers: {fire4: 1}, octaves: 2, steps: {0f: 2, 3f: 2, 4f: %d}}"
    old, new = ({"dream": ramp % steps} for steps in (2, 4))
    render(prepared(moving_preset(**new)), tmp_path / "whole.mp4")
    interrupted(prepared(moving_preset(**old)), tmp_path / "a.mp4", 3)
    interrupted(prepared(moving_preset(**old)), tmp_path / "a.mp4", 5)
    with pytest.raises(JournalError, match="from frame 3 on") as caught:
        render(prepared(moving_preset(**new)), tmp_path / "a.mp4")
    assert caught.value.matching == 3
    log: list[Progress] = []
    render(
        prepared(moving_preset(**new)),
        tmp_path / "a.mp4",
        on_progress=log.append,
        journal=JournalOptions(resume=True),
    )
    assert log[-1].before == 3
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def test_a_shorter_film_is_told_as_one(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    render(prepared(moving_preset()), tmp_path / "a.mp4", journal=KEEP)
    shorter = prepared(moving_preset(canvas='{size: 96x64, fps: 23.976, duration: "4f"}'))
    with pytest.raises(JournalError, match="holds 6 frames of a film that is longer or whose settings differ"):
        render(shorter, tmp_path / "a.mp4", overwrite=True)


def test_fresh_begins_anew(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    render(prepared(moving_preset(seed=2)), tmp_path / "whole.mp4")
    interrupted(prepared(moving_preset(seed=1)), tmp_path / "a.mp4", 3)
    render(prepared(moving_preset(seed=2)), tmp_path / "a.mp4", journal=JournalOptions(resume=False))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    assert not journal_folder(tmp_path / "a.mp4").exists()


@pytest.mark.parametrize("journal", [JournalOptions(), JournalOptions(resume=False)])
def test_a_run_that_ends_at_its_very_beginning_spoils_nothing(
    journal: JournalOptions, moving_preset: ZoomPreset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a full disk or a kill does it, before the record is written."""
    render(prepared(moving_preset()), tmp_path / "whole.mp4")
    left = interrupted(prepared(moving_preset()), tmp_path / "a.mp4", 3)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("zoomdream.films.journaling.write_record", fail)
        with pytest.raises(EncodeError, match="is full"):
            render(prepared(moving_preset()), tmp_path / "a.mp4", journal=journal)
    found = find_journal(left.path)
    assert found is not None
    assert found.frames == (0 if journal.resume is False else 3)
    render(prepared(moving_preset()), tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def test_a_journal_that_somebody_removes_does_no_harm(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    """Between the film's last step and the journal's."""
    FilmJournal(prepared(moving_preset()), tmp_path / "a.mp4.journal", "a.mp4", 6, JournalOptions()).remove()
    assert list(tmp_path.iterdir()) == []


def test_a_range_takes_what_is_there_and_leaves_the_rest(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    film = prepared(moving_preset())
    interrupted(film, f"{tmp_path}/out/", 5, journal=JournalOptions(command="the whole film"))
    dreamed: list[int] = []
    render(
        prepared(moving_preset()),
        f"{tmp_path}/out/",
        span=range(1, 4),
        journal=JournalOptions(command="some frames"),
        on_progress=lambda p: dreamed.append(p.done) if p.done > p.before else None,
    )
    assert dreamed == []
    whole = [to_uint8(frame) for frame in frames(film)]
    pictures = [to_uint8(load_image(path)) for path in sorted((tmp_path / "out").iterdir())]
    assert all(np.array_equal(a, b) for a, b in zip(whole[1:4], pictures, strict=True))
    left = find_journal(tmp_path / "out.journal")
    assert left is not None
    assert left.frames == 5
    assert left.record.frames == 6
    assert left.record.command == "the whole film"


def test_a_film_of_16_bits_goes_on_to_the_bit_and_not_after_one_of_8(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    deep = prepared(moving_preset(output="{depth: 16}"))
    interrupted(deep, f"{tmp_path}/out/", 3)
    render(deep, f"{tmp_path}/out/")
    written = [read_deep_png(path) for path in sorted((tmp_path / "out").iterdir())]
    expected = [to_uint16(frame) for frame in frames(deep)]
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(written, expected, strict=True))
    assert any((frame % 257).any() for frame in written)  # no 8 bits made longer
    left = interrupted(prepared(moving_preset()), f"{tmp_path}/new/", 3)
    assert next(left.read(0, 1)).dtype == np.uint8
    with pytest.raises(JournalError, match="another film: bits a channel is 8 there and 16 here"):
        render(deep, f"{tmp_path}/new/")


def test_a_failure_without_a_finished_frame_leaves_nothing(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    film = prepared(moving_preset())
    (tmp_path / "a.mp4").touch()
    with pytest.raises(OutputExistsError):
        render(film, tmp_path / "a.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_without_a_journal_nothing_is_kept(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    with pytest.raises(StopError):
        render(
            prepared(moving_preset()),
            tmp_path / "a.mp4",
            on_progress=stop_after(3),
            journal=JournalOptions(enabled=False),
        )
    assert list(tmp_path.iterdir()) == []


def test_somebodys_own_folder_is_left_alone(moving_preset: ZoomPreset, tmp_path: Path) -> None:
    (tmp_path / "a.mp4.journal").mkdir()
    (tmp_path / "a.mp4.journal" / "monday.txt").write_text("rain")
    with pytest.raises(JournalError, match="move it"):
        render(prepared(moving_preset()), tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4.journal" / "monday.txt").read_text() == "rain"


@pytest.mark.parametrize("name", [".zoomdream-01234567.part", "frames-00000007.zip", "state-00000001.safetensors"])
def test_an_input_in_the_journals_folder_stays(
    name: str, moving_preset: ZoomPreset, photos: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "a.mp4.journal"
    interrupted(prepared(moving_preset()), tmp_path / "a.mp4", 2)
    (folder / name).write_bytes((photos / "rocket.jpg").read_bytes())
    (tmp_path / "link.jpg").symlink_to(folder / name)
    source = {"source": str(tmp_path / "link.jpg")}
    render(prepared(moving_preset(**source)), tmp_path / "a.mp4", journal=JournalOptions(resume=False))
    assert (folder / name).read_bytes() == (photos / "rocket.jpg").read_bytes()
