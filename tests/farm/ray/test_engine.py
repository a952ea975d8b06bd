"""The engine on a Ray cluster of two nodes on this machine: what it renders, and what becomes of it when parts fail."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest

from tests.support.clips import lossless, read_film
from tests.support.commands import QUIET, zoomdream
from tests.support.films import shot
from tests.support.object_store import ObjectStore, object_store
from tests.support.ray_cluster import ROOT, RayCluster, ray_cluster
from tests.support.renders import zoom_preset
from zoomdream.errors import ClusterError
from zoomdream.farm.engine import Event
from zoomdream.farm.ray.engine import ray_engine
from zoomdream.farm.ray.worker import versions
from zoomdream.farm.tasks import RenderTask
from zoomdream.farm.work import perform
from zoomdream.films.journal import journal_folder
from zoomdream.films.parts.splitting import independent_parts
from zoomdream.films.preparation import prepare
from zoomdream.presets.loading import load_preset
from zoomdream.temporary_files import is_own_name, stale_files

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(sys.platform == "win32", reason="Ray's clusters of several nodes are for Unix"),
]


def forget_token() -> None:
    """Ray keeps the token that a process has had first, which may be another test's."""
    from ray._private.authentication_test_utils import reset_auth_token_state

    reset_auth_token_state()


@pytest.fixture(scope="module")
def bucket() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture(scope="module")
def one_node(bucket: ObjectStore) -> Iterator[RayCluster]:
    """A cluster whose head is enough: tests of two nodes may have added one. It reaches the bucket."""
    with pytest.MonkeyPatch.context() as patch, ray_cluster() as cluster:
        for name, value in cluster.environment.items():
            patch.setenv(name, value)
        patch.delenv("RAY_ADDRESS", raising=False)
        forget_token()
        yield cluster


@pytest.fixture
def cluster(one_node: RayCluster) -> RayCluster:
    """Of two nodes, which reach the bucket."""
    if not one_node.added:
        one_node.ask("node")
    return one_node


@dataclass
class Log:
    """What an engine has told."""

    events: list[Event] = field(default_factory=list)

    def kinds(self, name: str) -> list[str]:
        return [event.kind for event in self.events if event.task.id == name]


def film_tasks(folder: Path, names: Sequence[str], frames: int = 3) -> list[RenderTask]:
    folder.mkdir(exist_ok=True)
    preset = str(zoom_preset(folder / "film.yaml", frames))
    return [
        RenderTask(name, preset, str(folder / f"{name}.mp4"), changes=(f"seed={seed}",), precision="float32", threads=1)
        for seed, name in enumerate(names)
    ]


def alone(task: RenderTask, folder: Path) -> bytes:
    """The film of a task as one process makes it."""
    folder.mkdir(exist_ok=True)
    output = folder / Path(task.output).name
    perform(replace(task, output=str(output), part=None, device="cpu"))
    return output.read_bytes()


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if is_own_name(path.name) or path.suffix == ".journal")


def test_films_are_those_of_one_process_and_one_that_fails_keeps_none_back(cluster: RayCluster, tmp_path: Path) -> None:
    tasks, log = film_tasks(tmp_path / "out", ["a", "bad", "b", "c"]), Log()
    tasks[1] = replace(tasks[1], changes=("dream.steps=-1",))
    outcomes = ray_engine(cluster.address).run(tasks, log.events.append)
    assert [outcome.task for outcome in outcomes] == tasks
    assert [outcome.frames for outcome in outcomes] == [3, 0, 3, 3]
    error = outcomes[1].error
    assert error is not None
    assert (error.kind, outcomes[1].attempts) == ("PresetError", 1)
    assert log.kinds("bad") == ["started", "failed"]
    assert (log.kinds("a")[0], log.kinds("a")[-1]) == ("started", "done")
    assert "progress" in log.kinds("a")
    assert Path(tasks[0].output).read_bytes() == alone(tasks[0], tmp_path / "alone")
    assert leftovers(tmp_path) == []


FILM = ("film.yaml", "--threads", 1, "--precision", "float32", *QUIET)


@pytest.fixture
def two_shots(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clip of two shots, in the working folder; beside it the preset film.yaml."""
    (tmp_path / "film.yaml").write_text(
        "zoomdream: 1\nsource: elsewhere.mkv\ndream: {layers: {fire4: 1}, octaves: 2, steps: 2}\ncarry: {steps: 1}\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOOMDREAM_CACHE", str(tmp_path / "cache"))
    return lossless(tmp_path / "clip.mkv", [*shot(photos, "coffee.png", 6, 2), *shot(photos, "rocket.jpg", 4, 2)])


def test_the_command_line_renders_parts_from_a_bucket_into_it(
    cluster: RayCluster, bucket: ObjectStore, two_shots: Path
) -> None:
    bucket.put("clip.mkv", two_shots.read_bytes())
    said = zoomdream(
        "render", *FILM, "--input", "s3://films/clip.mkv", "-o", "s3://films/out.mp4", "--on", cluster.address
    )
    assert said.exit_code == 0, said.stderr
    assert f"2 parts, 2 of them to render, on the Ray cluster at {cluster.address}" in said.stderr
    assert bucket.names == ["clip.mkv", "out.mp4"]
    zoomdream("render", *FILM, "--input", "clip.mkv", "-o", "alone.mp4")
    assert Path("alone.mp4").read_bytes() == bucket.content("out.mp4")
    assert leftovers(two_shots.parent) == []


@pytest.mark.slow
def test_the_command_line_renders_parts_into_a_folder(cluster: RayCluster, two_shots: Path) -> None:
    """Slow because workers import PyTorch once more; the killed node's test has parts in a folder, too."""
    said = zoomdream("render", *FILM, "--input", "clip.mkv", "-o", "here.mp4", "-j", 2, "--on", cluster.address)
    assert said.exit_code == 0, said.stderr
    zoomdream("render", *FILM, "--input", "clip.mkv", "-o", "alone.mp4")
    assert Path("here.mp4").read_bytes() == Path("alone.mp4").read_bytes()
    assert leftovers(two_shots.parent) == []


def test_a_node_that_is_killed_loses_no_finished_frame(cluster: RayCluster, photos: Path, tmp_path: Path) -> None:
    clip = lossless(tmp_path / "clip.mkv", [*shot(photos, "coffee.png", 40), *shot(photos, "rocket.jpg", 40)])
    preset = tmp_path / "film.yaml"
    preset.write_text(
        f"zoomdream: 1\nsource: {json.dumps(str(clip))}\ndream: {{layers: {{fire4: 1}}, octaves: 3, steps: 5}}\n"
        "carry: {steps: 3, strength: 0.9}\n"
    )
    output = tmp_path / "out.mp4"
    tasks = [
        RenderTask(f"{a}:{b}", str(preset), str(output), part=(a, b), precision="float32", threads=1)
        for a, b in ((0, 40), (40, 80))
    ]
    journal, log, kept = journal_folder(output), Log(), dict[Path, int]()

    def on_event(event: Event) -> None:
        log.events.append(event)
        files = list(journal.glob("frames-*.zip"))
        firsts = [int(file.stem[-8:]) for file in files]
        if not kept and min(firsts, default=99) < 40 <= max(firsts, default=0):  # both have finished something
            kept.update({file: file.stat().st_mtime_ns for file in files})
            cluster.ask("kill")

    outcomes = ray_engine(cluster.address).run(tasks, on_event)
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert [event.kind for event in log.events].count("lost") == 1
    assert kept
    assert {file: file.stat().st_mtime_ns for file in kept} == kept  # they were not written again
    again = [event.progress for event in log.events if event.progress and event.progress.before]
    assert all(progress.done >= progress.before for progress in again)
    join = RenderTask("join", str(preset), str(output), precision="float32", threads=1)
    perform(replace(join, device="cpu"))
    assert output.read_bytes() == alone(join, tmp_path / "alone")


@pytest.mark.slow
def test_another_kind_of_machine_does_not_go_on_with_a_film(cluster: RayCluster, tmp_path: Path) -> None:
    cluster.ask("node accelerator_type:H100")  # a node of another kind, by name alone
    tasks, under_way, killed = film_tasks(tmp_path, ["a", "b", "c"], frames=150), set[str](), list[str]()

    def on_event(event: Event) -> None:
        if event.kind == "started":
            under_way.add(event.task.id)
        if len(under_way) == 3 and not killed:
            killed.append(cluster.ask("kill"))

    outcomes = ray_engine(cluster.address).run(tasks, on_event)
    failed = [outcome for outcome in outcomes if outcome.error]
    assert len(failed) == 1
    assert failed[0].error is not None
    assert "no machine of its kind is left in the cluster" in failed[0].error.message
    assert "H100" in failed[0].error.message


def test_other_versions_are_refused(one_node: RayCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoomdream.farm.ray.engine.versions", lambda: {**versions(), "PyTorch": "1.0"})
    log = Log()
    with pytest.raises(ClusterError, match=rf"PyTorch 1\.0 there and {versions()['PyTorch']} here"):
        ray_engine(one_node.address).run(film_tasks(tmp_path, ["a"]), log.events.append)
    assert log.events == []


def test_a_folder_that_machines_do_not_see_is_told(
    one_node: RayCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def elsewhere(tasks: Sequence[RenderTask]) -> Iterator[list[tuple[str, str]]]:
        yield [("/nowhere/out/.proof", "1")]

    monkeypatch.setattr("zoomdream.farm.ray.engine.proofs", elsewhere)
    with pytest.raises(ClusterError, match="does not see the folder /nowhere/out"):
        ray_engine(one_node.address).run(film_tasks(tmp_path, ["a"]))


def test_more_processors_than_any_machine_has_are_told(one_node: RayCluster, tmp_path: Path) -> None:
    (task,) = film_tasks(tmp_path, ["a"])
    with pytest.raises(ClusterError, match="no machine of the cluster has 7 processors for a: the largest has 1"):
        ray_engine(one_node.address).run([replace(task, threads=7)])


def test_a_wrong_token_is_told(one_node: RayCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_TOKEN", "x" * 40)
    with pytest.raises(ClusterError, match="does not take the token that is set here"):
        ray_engine(one_node.address).run(film_tasks(tmp_path, ["a"]))


def start_batch(cluster: RayCluster, folder: Path) -> subprocess.Popen[str]:
    zoom_preset(folder / "film.yaml", 200)
    words = ["batch", "film.yaml", "--vary", "seed=1..2", "-o", "{seed}.mp4", "--on", cluster.address]
    return subprocess.Popen(
        [sys.executable, "-m", "zoomdream", *words, "--progress", "json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_frames(driver: subprocess.Popen[str]) -> None:
    assert driver.stderr is not None
    said = []
    for line in driver.stderr:
        said.append(line)
        if line.startswith("{") and json.loads(line).get("frame", 0) > 4:
            return
    raise AssertionError(said[-5:])


def wait_until_idle(cluster: RayCluster) -> None:
    deadline = time.monotonic() + 20
    while workers := cluster.workers():
        assert time.monotonic() < deadline, workers
        psutil.wait_procs(workers, timeout=0.2)


@pytest.mark.slow
def test_the_same_command_goes_on_after_ctrl_c_and_after_kill(cluster: RayCluster, tmp_path: Path) -> None:
    with start_batch(cluster, tmp_path) as driver:
        wait_for_frames(driver)
        driver.send_signal(signal.SIGINT)
        _, stderr = driver.communicate()
    assert driver.returncode == 130
    assert "the same command goes on" in stderr
    assert cluster.workers() == []
    assert any(journal_folder(tmp_path / f"{seed}.mp4").is_dir() for seed in (1, 2))
    with start_batch(cluster, tmp_path) as driver:
        wait_for_frames(driver)
        driver.kill()
    wait_until_idle(cluster)
    with start_batch(cluster, tmp_path) as driver:
        _, stderr = driver.communicate()
    assert driver.returncode == 0, stderr
    stale = stale_files(tmp_path)  # the killed driver's proof, which `jobs --clean` removes
    assert len(stale) <= 1
    assert sorted(path.name for path in {*tmp_path.iterdir()} - {*stale}) == ["1.mp4", "2.mp4", "film.yaml"]


@pytest.mark.slow
def test_the_client_server_takes_tasks_too(cluster: RayCluster, tmp_path: Path) -> None:
    (task,) = film_tasks(tmp_path, ["a"])
    script = (
        "import sys\nfrom zoomdream.farm.ray.engine import ray_engine\nfrom zoomdream.farm.tasks import RenderTask\n"
        "print(ray_engine(sys.argv[1]).run([RenderTask.from_json(sys.argv[2])])[0].frames)"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, cluster.client_address, task.to_json()],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == "3\n", found.stderr


@pytest.mark.slow
def test_every_frame_of_a_real_clip_is_that_of_one_process(cluster: RayCluster, clips: Path, tmp_path: Path) -> None:
    source = clips / "bikes.mp4"
    preset = tmp_path / "film.yaml"
    preset.write_text(
        f"zoomdream: 1\nsource: {json.dumps(str(source))}\ncanvas: {{size: 160x90}}\n"
        "dream: {layers: {fire4: 1}, octaves: 2, steps: 2}\ncarry: {steps: 1, strength: 0.9}\n"
    )
    whole = RenderTask("whole", str(preset), str(tmp_path / "out.mp4"), precision="float32", threads=1)
    parts = independent_parts(prepare(load_preset(str(preset)), device="cpu", precision="float32", threads=1))
    assert len(parts) > 1
    tasks = [replace(whole, id=str(part.start), part=(part.start, part.stop)) for part in parts]
    outcomes = ray_engine(cluster.address).run(tasks)
    assert [outcome.error for outcome in outcomes] == [None] * len(parts)
    perform(replace(whole, device="cpu"))
    assert Path(whole.output).read_bytes() == alone(whole, tmp_path / "alone")


@pytest.mark.slow
def test_many_films_are_all_there_though_workers_are_killed(cluster: RayCluster, tmp_path: Path) -> None:
    tasks = film_tasks(tmp_path / "out", [f"f{number:03}" for number in range(200)], frames=2)
    tasks = [replace(task, changes=(*task.changes, "canvas.size=32x32")) for task in tasks]
    chance, kills = random.Random(0), list[int]()

    def on_event(event: Event) -> None:
        workers = cluster.workers()
        if event.kind == "started" and workers and chance.random() < 0.08:
            worker = chance.choice(workers)
            kills.append(worker.pid)
            worker.kill()

    outcomes = ray_engine(cluster.address).run(tasks, on_event)
    assert len(kills) > 5
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert all(len(read_film(Path(task.output))) == 2 for task in tasks)
    assert len(list((tmp_path / "out").iterdir())) == 201  # the preset, and no temporary file
    wait_until_idle(cluster)
