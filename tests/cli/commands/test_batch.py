"""batch, as a user runs it; the engine does its films in this process."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import Result

from tests.support.commands import QUIET, zoomdream
from tests.support.farm import InProcessEngine
from tests.support.forks import fork_zoomdream, wait
from tests.support.memory_readings import SteadyMemory
from zoomdream.cli.progress.batch_progress import BatchProgress
from zoomdream.cli.progress.progress_bar import Display
from zoomdream.errors import SourceError, WorkerError
from zoomdream.farm.division import Division
from zoomdream.farm.engine import Event, OnEvent, Outcome, TaskError
from zoomdream.farm.tasks import RenderTask
from zoomdream.media import probe, read_tags
from zoomdream.progress import Progress


class RecordingEngine(InProcessEngine):
    """The same, noting what it was asked to do."""

    asked: list[tuple[Division, list[RenderTask]]]

    def __init__(self, division: Division) -> None:
        """One of the command's."""
        self._division = division

    def run(self, tasks: Sequence[RenderTask], on_event: OnEvent | None = None) -> list[Outcome]:
        """See `engine.Engine.run`."""
        self.asked.append((self._division, list(tasks)))
        return super().run(tasks, on_event)


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> type[RecordingEngine]:
    """What was asked of the engine."""
    monkeypatch.setattr(RecordingEngine, "asked", [], raising=False)
    monkeypatch.setattr("zoomdream.farm.processes.ProcessEngine", RecordingEngine)
    return RecordingEngine


@pytest.fixture
def folder(preset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the preset film.yaml."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def batch(*arguments: object) -> Result:
    return zoomdream("batch", *arguments, *QUIET)


def films(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.mp4"))


def test_a_film_for_each_value(folder: Path) -> None:
    result = batch("film.yaml", "--vary", "seed=1..2", "--vary", "dream.layers=fire3,fire4", "--size", "64x48")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert films(folder) == [f"film-{seed}-{layer}.mp4" for seed in (1, 2) for layer in ("fire3", "fire4")]
    assert re.search(r"^4 films made, in 0:\d\d$", result.stderr, re.MULTILINE)
    recipe = json.loads(read_tags(folder / "film-2-fire3.mp4")["zoomdream_preset"])
    assert (recipe["seed"], recipe["dream"]["layers"], recipe["canvas"]["size"]) == (2, {"fire3": 1}, "64x48")


def test_values_go_together(folder: Path) -> None:
    result = batch(
        "film.yaml", "--vary", "seed=1..2", "--vary", "dream.layers=fire3,fire4", "--zip", "-o", "{seed}{layers}.mp4"
    )
    assert result.exit_code == 0, result.stderr
    assert films(folder) == ["1fire3.mp4", "2fire4.mp4"]


def test_several_presets_share_options(folder: Path, photos: Path) -> None:
    (folder / "b.yaml").write_text((folder / "film.yaml").read_text())
    options = ("--input", photos / "coffee.png", "--fps", "12", "--duration", "3f", "--frames", "1:3", "--seed", "9")
    assert batch("film.yaml", "b.yaml", *options, "--set", "dream.steps=2").exit_code == 0
    assert films(folder) == ["b.mp4", "film.mp4"]
    assert probe(folder / "b.mp4").frames == 2
    recipe = json.loads(read_tags(folder / "b.mp4")["zoomdream_preset"])
    assert (recipe["source"], recipe["seed"], recipe["dream"]["steps"]) == ("coffee.png", 9, 2)


def test_a_film_is_the_one_that_render_makes(folder: Path) -> None:
    assert batch("film.yaml", "--vary", "seed=3", "-o", "ours.mp4").exit_code == 0
    assert zoomdream("render", "film.yaml", "--seed", "3", "-o", "theirs.mp4", *QUIET).exit_code == 0
    assert (folder / "ours.mp4").read_bytes() == (folder / "theirs.mp4").read_bytes()


def test_workers_and_memory_are_divided(
    folder: Path, engine: type[RecordingEngine], steady_memory: SteadyMemory
) -> None:
    result = batch("film.yaml", "--vary", "seed=1..3", "-j", "2", "--max-memory", "3GB", "--threads", "1")
    assert result.exit_code == 0, result.stderr
    ((division, tasks),) = engine.asked
    assert division.workers == 2
    assert {(task.max_memory, task.threads) for task in tasks} == {(1_500_000_000, 1)}
    assert f"3 films, 2 at one time, {division.threads} thread" in result.stderr


def test_each_gpu_has_one_film_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoomdream.farm.division.visible_gpus", lambda: ("0", "3"))
    result = batch("film.yaml", "--vary", "seed=1..3", "-j", "4", "--duration", "1f")
    assert result.exit_code == 0, result.stderr
    assert "warning: -j 4: there are 2 GPUs here, and each has one film at a time\n" in result.stderr
    assert "3 films, 2 at one time on GPU 0, 3, " in result.stderr


def test_tasks_have_full_paths(folder: Path, engine: type[RecordingEngine]) -> None:
    batch("film.yaml", "quickstart", "--size", "64x48", "--duration", "1f", "--input", "none.jpg")
    assert engine.asked == []
    batch("film.yaml", "quickstart", "--size", "64x48", "--duration", "1f", "--input", "sample:reef")
    ((_, tasks),) = engine.asked
    assert [task.preset for task in tasks] == [str(folder / "film.yaml"), "quickstart"]
    assert [task.output for task in tasks] == [str(folder / "film.mp4"), str(folder / "quickstart.mp4")]
    assert {task.source for task in tasks} == {"sample:reef"}


def test_one_wrong_preset_among_many_keeps_nobody_up(folder: Path) -> None:
    (folder / "wrong.yaml").write_text("zoomdream: 1\nsource: noise\ndream: {layers: {fire4: 1}, stepz: 1}\n")
    (folder / "lost.yaml").write_text("zoomdream: 1\nsource: lost.jpg\ndream: {layers: {fire4: 1}}\n")
    result = batch("lost.yaml", "film.yaml", "wrong.yaml")
    assert result.exit_code == 3, "that of the first"
    assert films(folder) == ["film.mp4"]
    lines = result.stderr.splitlines()
    errors = [line for line in lines if line.startswith("error: ")]
    assert [line.split(": ")[1] for line in errors] == ["lost.mp4", "wrong.mp4"] * 2, "at once and at the end"
    assert errors[2].endswith("lost.jpg: no such file; name another in the preset's source, or another with --input")
    end = lines[lines.index("1 film made, 2 failed, in 0:00") :] if "1 film made, 2 failed, in 0:00" in lines else lines
    assert "    to go on: zoomdream render lost.yaml -o lost.mp4" in end


def test_a_film_that_fails_is_told_at_once_and_at_the_end(folder: Path) -> None:
    result = batch("film.yaml", "--vary", "dream.layers=fire3,fire99,fire4")
    assert result.exit_code == 2
    assert films(folder) == ["film-fire3.mp4", "film-fire4.mp4"]
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: film-fire99.mp4: ")]
    assert len(errors) == 2
    assert errors[0] == errors[1]
    assert "(zoomdream layers squeezenet1_1 lists all)" in errors[0]
    assert result.stderr.endswith(
        "to go on: zoomdream render film.yaml -o film-fire99.mp4 --set 'dream.layers={\"fire99\": 1}'\n"
    )


def test_the_command_that_goes_on_makes_the_film(folder: Path, photos: Path) -> None:
    options = ("--size", "64x48", "--set", "output.crf=30", "--device", "cpu", "--precision", "float32")
    command = ("film.yaml", "--vary", "source=late.png,sample:reef", *options, "-o", "{index} film.mp4")
    result = batch(*command)
    assert result.exit_code == 3
    words = shlex.split(result.stderr.splitlines()[-1].partition("to go on: ")[2])
    assert words[:5] == ["zoomdream", "render", "film.yaml", "-o", "1 film.mp4"]
    (folder / "late.png").write_bytes((photos / "coffee.png").read_bytes())
    assert zoomdream(*words[1:], *QUIET).exit_code == 0
    assert "0 films made, 2 there already" in batch(*command).stderr


def test_the_same_command_goes_on(folder: Path, engine: type[RecordingEngine]) -> None:
    command = ("film.yaml", "--vary", "seed=1..3", "-o", "{seed}.mp4", "--duration", "1f")
    assert batch(*command).exit_code == 0
    (folder / "2.mp4").unlink()
    untouched = (folder / "1.mp4").stat().st_mtime_ns
    result = batch(*command)
    assert result.exit_code == 0, result.stderr
    assert [task.output for task in engine.asked[-1][1]] == [str(folder / "2.mp4")]
    assert (folder / "1.mp4").stat().st_mtime_ns == untouched
    assert "1 film made, 2 there already" in result.stderr
    last = batch(*command)
    assert (last.exit_code, len(engine.asked)) == (0, 2)
    assert "0 films made, 3 there already" in last.stderr


def test_other_films_are_in_the_way_before_anything_is_rendered(folder: Path, engine: type[RecordingEngine]) -> None:
    command = ("film.yaml", "--vary", "seed=1..3", "-o", "{seed}.mp4", "--duration", "1f")
    (folder / "1.mp4").write_text("another film")
    (folder / "3.mp4").write_text("another film")
    result = batch(*command)
    assert result.exit_code == 4
    assert result.stderr == (
        "error: 1.mp4, 3.mp4 exist and are not known to be these films: -y replaces, --skip-existing leaves them, or "
        "choose other names\n"
    )
    assert engine.asked == []
    assert batch(*command, "--skip-existing").exit_code == 0
    assert [task.id for task in engine.asked[-1][1]] == ["2.mp4"]
    assert (folder / "1.mp4").read_text() == "another film"
    assert batch(*command, "-y").exit_code == 0
    assert [task.id for task in engine.asked[-1][1]] == ["1.mp4", "3.mp4"], "2.mp4 is this film already"
    assert probe(folder / "3.mp4").frames == 1


def test_all_is_made_anew_where_the_user_says_so(folder: Path, engine: type[RecordingEngine]) -> None:
    for more in ((), ("-y", "--fresh")):
        assert batch("film.yaml", "--duration", "1f", *more).exit_code == 0
    assert [len(tasks) for _, tasks in engine.asked] == [1, 1]
    assert batch("film.yaml", "--duration", "1f", "--fresh").exit_code == 4


def test_a_part_of_a_film_is_not_known_to_be_the_one(folder: Path) -> None:
    command = ("film.yaml", "--frames", "0:2")
    assert batch(*command).exit_code == 0
    result = batch(*command)
    assert result.exit_code == 4
    assert result.stderr.startswith("error: film.mp4 exists and is not known to be this film: ")
    assert batch("film.yaml").exit_code == 4


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ("--vary seed", 2, "'seed' varies nothing: write KEY=VALUES"),
        ("--vary seed=1..2 --seed 3", 2, "--vary seed and --seed set the same key: leave one of them out"),
        ("--vary canvas.size=64x48,96x64 --size 64x48", 2, "--vary canvas.size and --size set the same key"),
        ("--vary seed=1..2 -o film.mp4", 2, "'film.mp4': films 1 and 2 of 2 would both be film.mp4"),
        (
            "--vary seed=1..2 -o {sed}.mp4",
            2,
            "'{sed}.mp4': {sed} stands for nothing: there are {preset}, {index}, {seed}",
        ),
        ("--vary seed=1..2 --vary dream.steps=1..3 --zip", 2, "values that go together must be as many"),
        ("--vary seed=1..2 -o none/{seed}.mp4", 4, "none/1.mp4 cannot be written: there is no folder"),
        ("--size 97x", 2, "--size 97x: canvas.size: '97x' is no size"),
        ("--vary seed=1..9 --set dream.stepz=1", 2, "--set dream.stepz=1: dream.stepz: there is no such key"),
        ("--vary seed=-1", 2, "variation seed=-1: seed is -1"),
        ("-j 0", 2, "-j / --jobs 0: it must be from 1 to 1024"),
        ("--frames 3", 2, "--frames '3' is no range of frames"),
    ],
)
def test_what_is_wrong_with_all_is_one_sentence(
    folder: Path, arguments: str, code: int, sentence: str, engine: type[RecordingEngine]
) -> None:
    result = batch("film.yaml", *arguments.split())
    assert result.exit_code == code
    assert sentence in result.stderr
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1, result.stderr
    assert engine.asked == []


def test_a_dry_run_says_what_would_be_done(folder: Path, engine: type[RecordingEngine]) -> None:
    batch("film.yaml", "-o", "film-1.mp4", "--set", "seed=1")
    result = batch(
        "film.yaml", "--vary", "seed=1..2", "--vary", "dream.steps=1", "--dry-run", "-o", "film-{seed}.mp4", "-j", "2"
    )
    assert result.exit_code == 0, result.stderr
    assert len(engine.asked) == 1
    assert "film-2.mp4:\n" in result.stderr
    assert "4 frames of 96x64 at 24 per second" in result.stderr
    assert re.search(
        r"1 film to render, 2 at one time, \d+ threads? each; 1 there already, 0 with errors", result.stderr
    )
    wrong = batch("film.yaml", "--vary", "dream.layers=fire4,fire99", "--dry-run")
    assert wrong.exit_code == 2
    assert "1 film to render" in wrong.stderr


def test_json_progress_is_of_all_films(folder: Path) -> None:
    result = zoomdream("batch", "film.yaml", "--vary", "seed=1..2", "--progress", "json")
    records = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    frames = [record for record in records if "frame" in record]
    assert [record["frame"] for record in frames] == [0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 8]
    assert {record["frames"] for record in frames[1:]} == {8}
    last = frames[-1]
    assert (last["film"], last["films"], last["films_done"], last["films_failed"]) == ("film-2.mp4", 2, 2, 0)
    ends = [record for record in records if record.get("event") == "done"]
    assert [record["film"] for record in ends] == ["film-1.mp4", "film-2.mp4"]


class Screen:
    """What a display shows and tells."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.shown: list[Progress] = []
        self.display = Display(self.shown.append, self.lines.append)


def event(name: str, kind: str, **values: object) -> Event:
    return Event(RenderTask(name, "a.yaml", name), kind, **values)  # type: ignore[arg-type]


def test_films_that_have_not_begun_are_taken_for_as_long_as_the_others() -> None:
    screen = Screen()
    progress = BatchProgress(screen.display, 4)
    progress(event("a", "started"))
    assert screen.shown[-1].total is None
    progress(event("a", "progress", progress=Progress(1, 10, "frame")))
    assert screen.shown[-1].total == 40
    progress(event("b", "progress", progress=Progress(1, 30, "frame")))
    assert (screen.shown[-1].done, screen.shown[-1].total) == (2, 80)


def test_frames_that_are_read_back_or_lost_do_not_run_backwards() -> None:
    screen = Screen()
    progress = BatchProgress(screen.display, 1)
    for done, before in ((6, 6), (1, 1), (6, 6), (7, 6), (8, 6)):
        progress(event("a", "progress", progress=Progress(done, 10, "frame", before=before)))
    progress(event("a", "lost", text="its worker was ended by signal 9 (SIGKILL)"))
    progress(event("a", "progress", progress=Progress(7, 10, "frame", before=7)))
    assert [(shown.done, shown.before) for shown in screen.shown] == [(6, 6), (6, 6), (6, 6), (7, 6), (8, 6), (8, 6)]
    assert screen.lines == ["warning: a: its worker was ended by signal 9 (SIGKILL); another goes on"]


def test_a_warning_of_many_films_is_told_once() -> None:
    screen = Screen()
    progress = BatchProgress(screen.display, 9)
    for name in "abc":
        progress(event(name, "warning", text="the picture is cut"))
    assert screen.lines == ["warning: a: the picture is cut"]


def test_a_download_is_told_once_and_is_no_frame() -> None:
    screen = Screen()
    progress = BatchProgress(screen.display, 2)
    for name, done in (("a", 0), ("b", 0), ("a", 5)):
        progress(event(name, "progress", progress=Progress(done, 9, "byte", "vgg16.pth")))
    assert screen.lines == ["a: vgg16.pth", "b: vgg16.pth"]
    assert screen.shown == []


def test_a_failed_film_counts_as_far_as_it_came() -> None:
    screen = Screen()
    progress = BatchProgress(screen.display, 1)
    progress(event("a", "progress", progress=Progress(3, 10, "frame")))
    progress(event("a", "failed", error=TaskError.of(SourceError("no photo"))))
    progress(event("a", "failed", error=TaskError.of(KeyError("x"), "Traceback ...\n")))
    assert progress.progress.total == 3
    assert screen.lines[0] == "error: a: no photo"
    assert screen.lines[1].startswith("Traceback ...\nerror: a: something failed that nobody foresaw: KeyError")


def test_a_lost_worker_has_a_way_out(
    folder: Path, engine: type[RecordingEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(self: object, tasks: Sequence[RenderTask], on_event: OnEvent) -> list[Outcome]:
        return [Outcome(task, TaskError.of(WorkerError("3 workers were lost")), 3, 1.0) for task in tasks]

    monkeypatch.setattr(engine, "run", lose)
    result = batch("film.yaml")
    assert result.exit_code == 1
    assert "error: film.mp4: 3 workers were lost; where memory ran out, fewer at one time (-j) or" in result.stderr


def test_a_preset_from_a_pipe(folder: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, (folder / "film.yaml").read_bytes())
    os.close(writer)
    result = batch(f"/dev/fd/{reader}", "--vary", "seed=1..2", "-o", "{seed}.mp4")
    os.close(reader)
    assert result.exit_code == 0, result.stderr
    assert films(folder) == ["1.mp4", "2.mp4"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_keeps_everything(folder: Path, number: int, code: int, word: str) -> None:
    """Real worker processes: the signal goes to the command, as `kill` sends it."""
    reader, writer = os.pipe()
    null = os.open(os.devnull, os.O_WRONLY)
    arguments = [
        str(folder / "film.yaml"),
        "--vary",
        "seed=1..3",
        "-j",
        "2",
        "--duration",
        "10:00",
        "--progress",
        "json",
    ]
    names = ["-o", f"{folder}/{{seed}}.mp4"]
    process = fork_zoomdream(["batch", *arguments, *names], stdout=null, stderr=writer)
    os.close(null)
    os.close(writer)
    try:
        with os.fdopen(reader) as errors:
            begun: set[str] = set()
            while len(begun) < 2:
                line = errors.readline()
                assert line, "it has ended"
                record = json.loads(line) if line.startswith("{") else {}
                if record.get("frame"):
                    begun.add(record["film"])
            assert process.pid is not None
            os.kill(process.pid, number)
            assert wait(process) == code
            last = errors.read().splitlines()[-1]
    finally:
        process.kill()
        process.join()
    assert re.fullmatch(rf"{word}: 0 of 3 films are finished, \d+ frames of all; the same command goes on", last)
    assert sorted(path.name for path in folder.iterdir()) == ["1.mp4.journal", "2.mp4.journal", "film.yaml"]
    listed = zoomdream("jobs", folder).stdout
    assert len(re.findall(r"to go on: .*zoomdream render", listed)) == 2
