"""Films that are rendered by real processes: done, interrupted, gone on with."""

from __future__ import annotations

import queue
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.studio import PRESET
from zoomdream.films.journal import find_journal, journal_folder
from zoomdream.films.journal.segments import newest_png
from zoomdream.media import probe, read_tags
from zoomdream.presets.preset import Preset
from zoomdream.studio.answers import Refused
from zoomdream.studio.editing.loading import load_text
from zoomdream.studio.files.posters import small_jpeg
from zoomdream.studio.jobs.process import ended_by, report_in, without_options
from zoomdream.studio.jobs.queue import Jobs
from zoomdream.studio.jobs.record import Job, JobFiles
from zoomdream.studio.workspace import Workspace

TIMEOUT = 120.0  # seconds: of a machine that is busy with other tests

Changes = queue.Queue[Job]


@pytest.fixture
def changes() -> Changes:
    """What the jobs tell of."""
    return queue.Queue()


@pytest.fixture
def jobs(workspace: Workspace, changes: Changes) -> Jobs:
    """Jobs that wait: nothing is rendered before `open`."""
    return Jobs(workspace, changes.put)


def until(changes: Changes, wanted: Callable[[Job], bool]) -> Job:
    """The first change of which this is true."""
    while True:
        job = changes.get(timeout=TIMEOUT)
        if wanted(job):
            return job


def preset_of(workspace: Workspace, seconds: float = 0.5) -> Preset:
    """The preset of a film with four frames a second."""
    return load_text(PRESET.replace("duration: 2s", f"duration: {seconds}s"), workspace)


SERVER = """
import sys
from pathlib import Path
from tests.studio.jobs.test_jobs import preset_of
from zoomdream.studio.jobs.queue import Jobs
from zoomdream.studio.workspace import open_workspace

workspace = open_workspace(Path(sys.argv[1]))
jobs = Jobs(workspace, lambda job: print(job.state, job.done, flush=True))
jobs.open()
jobs.add("mine.yaml", preset_of(workspace, 20), "final", "mine.mp4")
sys.stdin.read()
"""


@pytest.mark.system
@pytest.mark.skipif(sys.platform == "win32", reason="kills by a signal")
def test_a_job_goes_on_after_the_server_was_killed(workspace: Workspace, jobs: Jobs, changes: Changes) -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", SERVER, str(workspace.folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=root, text=True, **pipes) as server:  # type: ignore[call-overload]
        assert next(line for line in server.stdout if line.split()[0] == "running" and int(line.split()[1]) >= 5)
        server.send_signal(signal.SIGKILL)
    (left,) = JobFiles(workspace.state / "jobs").read()
    assert left.process is not None
    with suppress(psutil.NoSuchProcess):  # it ends with the studio, and what it has finished is kept
        psutil.Process(left.process[0]).wait(TIMEOUT)
    jobs.open()
    try:
        (job,) = jobs.all()
        assert job.id == left.id
        done = until(changes, lambda job: job.state not in ("waiting", "running"))
    finally:
        jobs.close()
    assert (done.state, done.done, done.total) == ("done", 80, 80)
    assert "going on after" in jobs.log(done.id)
    film = workspace.folder / "mine.mp4"
    assert probe(film).frames == 80
    assert "zoomdream_preset" in read_tags(film)
    assert not journal_folder(film).exists()


@pytest.mark.slow
def test_a_job_is_paused_gone_on_with_cancelled_and_forgotten(
    workspace: Workspace, jobs: Jobs, changes: Changes
) -> None:
    jobs.open()
    try:
        job = jobs.add("mine.yaml", preset_of(workspace, 500), "final", "mine.mp4")
        until(changes, lambda job: job.done >= 5)
        assert jobs.pause(job.id).message == "pauses after this frame"
        paused = until(changes, lambda job: job.state == "paused")
        png = newest_png(journal_folder(workspace.folder / "mine.mp4"))
        assert png is not None
        assert png[0] in (paused.done - 1, paused.done)  # the last report may be cut off
        assert small_jpeg(png[1])[:2] == b"\xff\xd8"
        journal = find_journal(journal_folder(workspace.folder / "mine.mp4"))
        assert journal is not None
        assert journal.frames >= paused.done - 1 > 0
        assert jobs.resume(job.id).state == "waiting"
        until(changes, lambda job: job.state == "running" and job.done > paused.done)
        assert "going on after" in jobs.log(job.id)
        with pytest.raises(Refused, match="cancel it first"):
            jobs.delete(job.id)
        jobs.cancel(job.id)
        assert until(changes, lambda job: job.state == "cancelled").done == 0
        assert not journal_folder(workspace.folder / "mine.mp4").exists()
        jobs.delete(job.id)
        assert jobs.all() == []
    finally:
        jobs.close()
    assert sorted(path.name for path in workspace.folder.iterdir()) == [".zoomdream", "mine.yaml"]
    assert list((workspace.state / "jobs").iterdir()) == []


@pytest.mark.slow
def test_a_job_that_fails_says_why_and_the_next_one_is_rendered(
    workspace: Workspace, jobs: Jobs, changes: Changes
) -> None:
    """A source that has vanished, and a draft: the second is rendered while the first one's sentence stands."""
    lost = load_text(PRESET.replace("sample:clouds", "gone.jpg"), workspace)
    first = jobs.add("lost.yaml", lost, "final", "lost.mp4")
    second = jobs.add("mine.yaml", load_text(PRESET.replace("64x48", "1280x960"), workspace), "draft", "mine-draft.mp4")
    assert second.command == "zoomdream render mine.yaml -o mine-draft.mp4 -q draft"
    jobs.pause(second.id)  # while the first one fails
    jobs.open()
    try:
        failed = until(changes, lambda job: job.state == "failed")
    finally:
        jobs.close()
    assert failed.id == first.id
    assert "gone.jpg" in failed.message
    assert str(workspace.folder) not in failed.message
    assert "gone.jpg" in jobs.log(first.id)
    assert re.search(r'"size": "\d{3}x\d{3}"', (workspace.state / "jobs" / f"{second.id}.yaml").read_text())


def test_jobs_that_wait_are_kept_and_need_no_process(workspace: Workspace, jobs: Jobs, changes: Changes) -> None:
    preset = preset_of(workspace)
    first, second = (jobs.add("mine.yaml", preset, "final", name) for name in ("a.mp4", "b.mp4"))
    with pytest.raises(Refused, match="there already"):
        jobs.add("mine.yaml", preset, "final", "a.mp4")
    assert jobs.free_output("a") == "a-2.mp4"
    assert jobs.pause(first.id).state == "paused"
    assert jobs.cancel(second.id).state == "cancelled"
    for action in (jobs.pause, jobs.cancel):
        with pytest.raises(Refused, match="already"):
            action(second.id)
    kept = JobFiles(workspace.state / "jobs").read()
    assert [(job.id, job.state) for job in kept] == [(first.id, "paused"), (second.id, "cancelled")]
    assert jobs.resume(first.id).state == "waiting"
    assert jobs.cancel(first.id).state == "cancelled"
    jobs.delete(first.id)
    jobs.delete(second.id)
    assert list((workspace.state / "jobs").iterdir()) == []


def test_reports_and_reasons() -> None:
    assert report_in('{"film": "a.mp4", "frame": 3, "frames": 9, "fps": 1.5}') == {
        "film": "a.mp4",
        "frame": 3,
        "frames": 9,
        "fps": 1.5,
    }
    for line in ("warning: x", "{x", '{"a": 1}', "[1]", ""):
        assert report_in(line) is None
    assert ended_by(3, ["warning: x", "error: a.jpg is not there"]) == "a.jpg is not there"
    assert "signal 9" in ended_by(-9, ["x"])
    assert ended_by(1, ["Traceback", "ValueError: x"]) == "ValueError: x"
    assert without_options("a.jpg is not there, or another with --input") == "a.jpg is not there"
    assert without_options("a.mp4 exists; replace it with -y, or choose another name") == "a.mp4 exists"
    assert without_options("half-open; well-known") == "half-open; well-known"
    assert ended_by(1, []) == "the process ended with status 1 and without a word"
