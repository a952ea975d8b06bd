"""What decides a film's bits is recorded, and differs where the bits may."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.support.clips import lossless
from tests.support.films import ZoomPreset, planned, prepared, shot, video_film
from zoomdream.films.identity import (
    ComputeRecord,
    film_identity,
    journal_compute,
    objective_names,
    recorded_compute,
)
from zoomdream.films.journaling import JournalOptions
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import render
from zoomdream.images.pictures.saving import save_image
from zoomdream.media.ffmpeg import ffmpeg_version
from zoomdream.networks import load_network
from zoomdream.provenance import code_digest


def test_equal_films_have_equal_identities(preset: ZoomPreset) -> None:
    assert film_identity(prepared(preset())) == film_identity(prepared(preset(output="{crf: 30}")))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("seed", {"seed": 4}),
        ("size", {"canvas": "{size: 112x64, fps: 24000/1001, duration: 6f}"}),
        ("fps", {"canvas": "{size: 96x64, fps: 25, duration: 6f}"}),
        ("source", {"source": "sample:reef"}),
        ("objective", {"dream": "{layers: {fire4: 1}, octaves: 2, steps: 1, objective: mean}"}),
        ("network", {"networks": "[squeezenet1_1, efficientnet_lite0]"}),
        ("weights", {"networks": "[squeezenet1_1, efficientnet_lite0]"}),
    ],
)
def test_what_differs_is_named(name: str, change: dict[str, object], preset: ZoomPreset) -> None:
    ours, theirs = film_identity(prepared(preset())), film_identity(prepared(preset(**change)))
    assert name in [key for key in ours if ours[key] != theirs[key]]


def test_a_videos_identity_is_its_content_and_its_range(photos: Path, tmp_path: Path) -> None:
    clip = lossless(tmp_path / "a.mkv", shot(photos, "coffee.png", 6))
    whole = film_identity(video_film(clip))
    (tmp_path / "b.mkv").write_bytes(clip.read_bytes())
    assert film_identity(video_film(tmp_path / "b.mkv")) == whole
    later = film_identity(video_film(clip, canvas='{start: "2f"}'))
    assert later["first frame of the video"] == 2
    assert whole["first frame of the video"] == 0
    assert whole["ffmpeg"] == ffmpeg_version() != ""


def test_names_of_objectives_follow_the_content_of_their_files(photos: Path, tmp_path: Path) -> None:
    def names(text: str) -> list[str]:
        mask = tmp_path / "mask.png"
        save_image(torch.full((1, 3, 64, 96), float(text)), mask)
        film = planned(photos, f'[{{at: 0f, mix: [{{layer: fire4, mask: "{mask}"}}]}}]')
        return list(objective_names(film).values())

    assert names("1.0") == names("1.0")
    assert names("1.0") != names("0.5")
    assert str(tmp_path) not in names("1.0")[0]


def test_the_weights_decide(preset: ZoomPreset) -> None:
    first, again, other = (load_network(random=seed).weights_digest for seed in (1, 1, 2))
    assert first == again != other
    halves = load_network(random=1, dtype=torch.bfloat16)
    assert halves.weights_digest != first


def test_a_film_carries_how_it_was_computed_and_no_path(preset: ZoomPreset, tmp_path: Path) -> None:
    film = prepared(preset())
    render(film, tmp_path / "a.mp4", journal=JournalOptions(keep=True))
    record = recorded_compute(tmp_path / "a.mp4")
    assert record == ComputeRecord.of(film.network, None)
    assert record == journal_compute(tmp_path / "a.mp4")
    assert record is not None
    assert (record.threads, record.precision, record.tile) == (torch.get_num_threads(), "float32", 0)
    assert record.weights == film.network.weights_digest
    assert code_digest() in record.zoomdream
    assert str(Path.home()) not in record.to_json()


def test_a_record_of_another_program_is_none() -> None:
    assert ComputeRecord.from_json("") is None
    assert ComputeRecord.from_json("[]") is None
    assert ComputeRecord.from_json('{"threads": 2}') is None
    assert ComputeRecord.from_json('{"threads": 2, "later": 1}') is None


def test_a_tile_that_was_chosen_before_is_taken(preset: ZoomPreset) -> None:
    loaded = preset()
    film = prepare(loaded, device="cpu", precision="float32", tile=64)
    assert film.tiling is not None
    assert film.tiling.side == 64
    assert film_identity(film)["tiles"] == film.tiling.label
    assert prepare(loaded, device="cpu", precision="float32", tile=0).tiling is None
