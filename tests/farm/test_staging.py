"""Films whose output is in a bucket: rendered by `perform`, broken off, gone on with, joined."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.clips import lossless
from tests.support.farm import break_off
from tests.support.films import shot
from tests.support.object_store import ObjectStore, object_store
from tests.support.renders import zoom_preset
from zoomdream.errors import OutputBusyError, OutputError, OutputExistsError
from zoomdream.farm.staging import Stage
from zoomdream.farm.storage import StoredFile
from zoomdream.farm.tasks import RenderTask
from zoomdream.farm.work import perform
from zoomdream.films.journal import journal_folder
from zoomdream.progress import Progress


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture
def bucket(server: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    monkeypatch.setenv("ZOOMDREAM_CACHE", str(tmp_path / "cache"))
    server.clear()
    return server


@pytest.fixture
def task(bucket: ObjectStore, tmp_path: Path) -> RenderTask:
    """A film of six small frames."""
    preset = zoom_preset(tmp_path / "a.yaml", 6)
    return RenderTask("a", str(preset), f"{bucket.address}/out/a.mp4", precision="float32", threads=1)


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment for each frame, and a look for closed ones after each."""
    monkeypatch.setattr("zoomdream.films.journal.writer.MIN_SECONDS", 0.0)
    monkeypatch.setattr("zoomdream.films.journal.writer.SHARE", 1e9)
    monkeypatch.setattr("zoomdream.farm.staging.PAUSE", 0.0)


def copies(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def alone(task: RenderTask, folder: Path) -> bytes:
    """The film of a task as a render on this machine makes it."""
    output = folder / "alone.mp4"
    perform(replace(task, output=str(output), part=None))
    return output.read_bytes()


def test_a_film_is_sent_and_nothing_else_stays(task: RenderTask, bucket: ObjectStore, tmp_path: Path) -> None:
    result = perform(task)
    assert (result.path, result.frames) == (task.output, 6)
    assert bucket.names == ["out/a.mp4"]
    assert bucket.content("out/a.mp4") == alone(task, tmp_path)
    assert copies(tmp_path) == []


def test_another_machine_goes_on_with_a_film(task: RenderTask, bucket: ObjectStore, tmp_path: Path) -> None:
    error = break_off(task, 4)
    assert error.__notes__ == ["4 of 6 frames are kept in s3://films/out/a.mp4.journal"]
    assert "out/a.mp4.journal/journal.json" in bucket.names
    assert copies(tmp_path) == []
    befores: list[int] = []
    perform(task, lambda progress: befores.append(progress.before))
    assert befores[-1] == 4
    assert bucket.names == ["out/a.mp4"]
    assert bucket.content("out/a.mp4") == alone(task, tmp_path)


def test_what_is_finished_is_sent_while_the_film_is_dreamed(task: RenderTask, bucket: ObjectStore) -> None:
    reports: list[Progress] = []
    with Stage(task.output) as stage:
        report = stage.following(reports.append)
        folder = journal_folder(stage.path)
        folder.mkdir()
        for name in ("journal.json", "frames-00000000.zip", "state-00000003.safetensors"):
            (folder / name).write_text(name)
        deadline = time.monotonic() + 30
        while len(bucket.names) < 3:
            assert time.monotonic() < deadline
            report(Progress(1, 9, "frame", "", {}))
        (folder / "state-00000003.safetensors").unlink()
        while len(bucket.names) > 2:
            assert time.monotonic() < deadline
            report(Progress(2, 9, "frame", "", {}))
    assert {progress.done for progress in reports} == {1, 2}
    assert bucket.content("out/a.mp4.journal/frames-00000000.zip") == b"frames-00000000.zip"


def test_frames_are_there_with_all_that_they_need(task: RenderTask, bucket: ObjectStore) -> None:
    break_off(replace(task, keep_frames=True), 5)
    names = {name.rpartition("/")[2] for name in bucket.names}
    last = max(name for name in names if name.startswith("frames-"))
    assert "state-00000005.safetensors" in names
    assert last <= "frames-00000004.zip"
    with Stage(task.output) as stage:
        here = {path.name for path in stage.path.parent.glob("*.journal/*")}
    assert here == names  # old states, which were removed here, were removed there


def test_a_film_that_is_there_stays(task: RenderTask, bucket: ObjectStore) -> None:
    bucket.put("out/a.mp4", b"a film")
    with pytest.raises(OutputExistsError, match=r"^s3://films/out/a\.mp4 exists$"):
        perform(task)
    assert bucket.content("out/a.mp4") == b"a film"
    perform(replace(task, overwrite=True))
    assert len(bucket.content("out/a.mp4")) > 1000


def test_a_retry_leaves_the_film_of_a_lost_worker_as_it_is(task: RenderTask, bucket: ObjectStore) -> None:
    break_off(task, 3)
    bucket.put("out/a.mp4", b"the film, whose worker was lost before it removed the journal")
    assert perform(task, is_retry=True).frames == 6
    assert bucket.names == ["out/a.mp4"]


def test_a_storage_that_fails_loses_nothing(
    task: RenderTask, bucket: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: StoredFile, file: Path) -> None:
        raise OutputError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(StoredFile, "send", fail)
        with pytest.raises(OutputError, match="no room") as caught:
            perform(task)
    kept = [note for note in getattr(caught.value, "__notes__", []) if "it is kept in" in note]
    assert len(kept) == 1
    assert bucket.names == []
    assert copies(tmp_path)
    befores: list[int] = []
    perform(task, lambda progress: befores.append(progress.before))
    assert max(befores) > 0  # what was kept here
    assert bucket.names == ["out/a.mp4"]
    assert copies(tmp_path) == []


def test_a_film_that_cannot_be_sent_is_kept(
    task: RenderTask, bucket: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = StoredFile.send

    def fail(self: StoredFile, file: Path) -> None:
        if self.name == "a.mp4":
            raise OutputError("no room")
        send(self, file)

    with monkeypatch.context() as patch:
        patch.setattr(StoredFile, "send", fail)
        with pytest.raises(OutputError, match="no room") as caught:
            perform(task)
    (note,) = caught.value.__notes__
    kept = Path(note.removeprefix("the whole film is kept in "))
    assert kept.read_bytes() == alone(task, tmp_path)
    perform(task)
    assert bucket.names == ["out/a.mp4"]


def test_one_process_of_a_machine_at_a_time(task: RenderTask) -> None:
    with Stage(task.output), pytest.raises(OutputBusyError, match=r"a\.mp4 is being written by"):
        _enter_in_thread(task.output)


def _enter_in_thread(address: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def enter() -> None:
        with Stage(address):
            pass

    with ThreadPoolExecutor(1) as pool:
        pool.submit(enter).result()


def test_parts_meet_in_the_bucket(bucket: ObjectStore, photos: Path, tmp_path: Path) -> None:
    clip = lossless(tmp_path / "clip.mkv", [*shot(photos, "coffee.png", 4, 2), *shot(photos, "rocket.jpg", 3, 2)])
    source = bucket.put("in/clip.mkv", clip.read_bytes())
    clip.unlink()
    preset = tmp_path / "film.yaml"
    preset.write_text(
        "zoomdream: 1\nsource: elsewhere.mkv\ndream: {layers: {fire4: 1}, octaves: 2, steps: 2}\ncarry: {steps: 1}\n"
    )
    film = RenderTask("film", str(preset), f"{bucket.address}/out.mp4", source=source, precision="float32", threads=1)
    for first, stop in ((4, 7), (0, 4)):
        result = perform(replace(film, part=(first, stop)))
        assert (result.path, result.frames) == ("s3://films/out.mp4.journal", stop - first)
        part = [name for name in bucket.names if "frames-" in name]
        assert part
    befores: list[int] = []
    perform(film, lambda progress: befores.append(progress.before))
    assert befores[-1] == 7  # nothing was dreamed again
    assert bucket.names == ["in/clip.mkv", "out.mp4"]
    assert bucket.content("out.mp4") == alone(film, tmp_path)


def test_a_part_fetches_its_own_frames_alone(bucket: ObjectStore, task: RenderTask) -> None:
    for name in ("journal.json", "parts.json", "frames-00000000.zip", "state-00000004.safetensors"):
        bucket.put(f"out/a.mp4.journal/{name}", b"1")
    for name in ("frames-00000004.zip", "state-00000006.safetensors", "notes.txt"):
        bucket.put(f"out/a.mp4.journal/{name}", b"2")
    with Stage(task.output, frames=range(4, 8), task="4:8") as stage:
        here = sorted(path.name for path in stage.path.parent.glob("*.journal/*"))
        assert here == ["frames-00000004.zip", "journal.json", "parts.json", "state-00000006.safetensors"]
    assert len(bucket.names) == 7
