"""render, batch, plan, join with outputs and sources in a bucket, as a user runs them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from typer.testing import Result

from tests.support.clips import lossless
from tests.support.commands import QUIET, zoomdream
from tests.support.farm import InProcessEngine
from tests.support.films import shot
from tests.support.object_store import ObjectStore, object_store


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture(scope="module")
def clip(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two shots of 5 and 4 frames."""
    shots = shot(photos, "coffee.png", 5, 2), shot(photos, "astronaut.png", 4, 2)
    return lossless(tmp_path_factory.mktemp("clip") / "clip.mkv", [*itertools.chain(*shots)]).read_bytes()


@pytest.fixture
def bucket(server: ObjectStore, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """With clip.mkv; the working folder has the presets film.yaml and video.yaml."""
    dream = "dream: {layers: {fire4: 1}, octaves: 2, steps: 2}\ncarry: {steps: 1}\n"
    canvas = "canvas: {size: 64x48, duration: 4f}\n"
    (tmp_path / "film.yaml").write_text(f"zoomdream: 1\nsource: sample:clouds\n{canvas}{dream}")
    (tmp_path / "video.yaml").write_text(f"zoomdream: 1\nsource: elsewhere.mkv\n{dream}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOOMDREAM_CACHE", str(tmp_path / "cache"))
    for engine in ("processes.ProcessEngine", "ray.engine.RayEngine"):
        monkeypatch.setattr(f"zoomdream.farm.{engine}", InProcessEngine)
    server.clear()
    server.put("clip.mkv", clip)
    return server


VIDEO = ("video.yaml", "--input", "s3://films/clip.mkv")


def ran(*arguments: object, code: int = 0) -> Result:
    result = zoomdream(*arguments, "--threads", 1, *QUIET)
    assert result.exit_code == code, result.stderr
    return result


@cache
def whole_film() -> bytes:
    """The film over the bucket's clip as one process makes it."""
    ran("render", *VIDEO, "-o", "whole.mp4")
    return Path("whole.mp4").read_bytes()


def test_a_film_goes_from_bucket_to_bucket(bucket: ObjectStore) -> None:
    told = ran("render", *VIDEO, "-o", "s3://films/out.mp4")
    assert told.stderr.splitlines()[-1].startswith("s3://films/out.mp4: 9 frames of ")
    assert bucket.content("out.mp4") == whole_film()
    assert bucket.names == ["clip.mkv", "out.mp4"]
    assert (
        "s3://films/out.mp4 exists; replace it with -y"
        in ran("render", *VIDEO, "-o", "s3://films/out.mp4", code=4).stderr
    )


@pytest.mark.parametrize("workers", [("-j", 2), ("--on", "ray"), ("-j", 2, "--fresh")])
def test_workers_make_the_film_of_one(bucket: ObjectStore, workers: tuple[object, ...]) -> None:
    told = ran("render", *VIDEO, "-o", "s3://films/out.mp4", *workers)
    assert "2 parts, 2 of them to render" in told.stderr
    assert bucket.content("out.mp4") == whole_film()
    assert bucket.names == ["clip.mkv", "out.mp4"]


def test_tasks_by_number_meet_in_the_bucket(bucket: ObjectStore) -> None:
    film = (*VIDEO, "-o", "s3://films/out.mp4")
    plan = json.loads(ran("plan", *film, "--json").stdout)
    assert plan["output"] == "s3://films/out.mp4"
    assert [(task["first"], task["stop"]) for task in plan["tasks"]] == [(0, 5), (5, 9)]
    told = ran("join", *film, code=4)
    assert "s3://films/out.mp4.journal" in told.stderr
    for number in (1, 0):
        ran("render", *film, "--task", number)
    assert [task["finished"] for task in json.loads(ran("plan", *film, "--json").stdout)["tasks"]] == [5, 4]
    ran("join", *film)
    assert bucket.content("out.mp4") == whole_film()
    assert bucket.names == ["clip.mkv", "out.mp4"]


def test_a_batch_goes_into_a_bucket(bucket: ObjectStore) -> None:
    words = ("batch", "film.yaml", "--vary", "seed=1..2", "-o", "s3://films/{preset}-{seed}.mp4")
    assert "2 films made" in ran(*words).stderr
    assert bucket.names == ["clip.mkv", "film-1.mp4", "film-2.mp4"]
    ran("render", "film.yaml", "--seed", 2, "-o", "two.mp4")
    assert bucket.content("film-2.mp4") == Path("two.mp4").read_bytes()
    assert "2 there already" in ran(*words).stderr  # by the recipes that they carry
    bucket.put("film-1.mp4", b"another")
    assert "s3://films/film-1.mp4 exists and is not known to be this film" in ran(*words, code=4).stderr


def test_a_dry_run_leaves_nothing(bucket: ObjectStore) -> None:
    ran("render", *VIDEO, "-o", "s3://films/out.mp4", "--dry-run")
    ran("batch", "film.yaml", "-o", "s3://films/{preset}.mp4", "--dry-run")
    assert bucket.names == ["clip.mkv"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--input", "s3://films/none.png", "-o", "a.mp4"), 3, "s3://films/none.png: no such file"),
        (("-o", "s3://nowhere/a.mp4"), 4, "s3://nowhere: there is no such bucket or folder"),
        (("-o", "s3://films/frames/"), 2, "in a storage a film is one file"),
        (
            ("-o", "s3://films/a.mp4", "--set", "output.codec=gif"),
            2,
            "s3://films/a.mp4: codec gif does not go into .mp4",
        ),
        (("-o", "odd://films/a.mp4"), 2, "odd://films/a.mp4 is no address of a storage"),
    ],
)
def test_what_cannot_be_is_told(bucket: ObjectStore, arguments: tuple[object, ...], code: int, message: str) -> None:
    told = ran("render", "film.yaml", *arguments, code=code)
    assert message in told.stderr
    assert told.stderr.count("error: ") == 1
    assert bucket.names == ["clip.mkv"]
