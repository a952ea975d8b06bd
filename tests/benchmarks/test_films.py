"""Films side by side: what is counted and measured, the other programs' films, and the tables."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import films
from benchmarks.film_measures import look_of, saturation, score_of, sharpness, spread_layers
from benchmarks.rival_films import NeuralDream, guided, rival_frames
from benchmarks.rivals import plain_modules
from tests.support.clips import X264, ffmpeg
from zoomdream.films.preparation import prepare
from zoomdream.images.frame import from_uint8
from zoomdream.networks import load_network
from zoomdream.objectives import Objective
from zoomdream.presets.loading import load_preset
from zoomdream.settings import DreamSettings

SMALL = ["canvas.size=64x48", "canvas.authored=none", "dream.octaves=2", "dream.steps=2"]


@pytest.fixture(scope="module")
def street(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three frames of a street."""
    path = tmp_path_factory.mktemp("street") / "street.mp4"
    ffmpeg("-i", clips / "bikes.mp4", "-vf", "scale=64:48", "-frames:v", 3, *X264, path)
    return path


def test_all_tables_and_the_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.png"
    changes = [option for change in SMALL for option in ("--set", change)]
    variants = ["--variant", "", "--variant", "dream.steps=1 dream.step_size=0.024"]
    films.main(["quickstart", *changes, *variants, "--rival", "--frames", "3", "--last", "2", "--sheet", str(sheet)])
    printed = capsys.readouterr().out
    assert "quickstart, 3 frames of 64x48, float32" in printed
    costs, looks = printed.split("\n\n")[1:3]
    labels = ["as it is", "as it is, seed 8", "dream.steps=1 dream.step_size=0.024", "the other program"]
    for table in costs, looks:
        assert [line[:35].strip() for line in table.splitlines()[1:5]] == labels
    gradients = {line[:35].strip(): float(line[35:].split()[-4]) for line in costs.splitlines()[1:5]}
    assert gradients["the other program"] == 4  # two octaves, two steps
    assert (
        gradients["as it is"] == 4
    )  # the first frame takes four steps; those that mix two layers balance them in the same pass
    distances = [float(line.split()[-1]) for line in looks.splitlines()[1:5]]
    assert distances[0] == 0
    assert min(distances[1:]) > 0
    assert Image.open(sheet).size[0] > 3 * films.CELL


@pytest.mark.slow
def test_a_video_beside_the_other_program(street: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = ["--set", "dream.octaves=2", "--set", "dream.steps=3", "--set", "carry.steps=1"]
    films.main(["street-animals", "--input", str(street), *changes, "--no-other-seed", "--rival", "--frames", "3"])
    rows = re.findall(r"^(as it is|the other program) .+ (\d+\.\d\d) +\d+\.\d\d +\d+\.\d\d +\d+\.\d\d$",
                      capsys.readouterr().out, re.MULTILINE)  # fmt: skip
    assert rows == [("as it is", "3.33"), ("the other program", "3.33")]  # (2 x 3 + 2 x 1 + 2 x 1) / 3


def test_a_film_that_ends_early_is_told() -> None:
    film = prepare(load_preset("quickstart", SMALL))
    count = films.Evaluations(film.size)
    run = films.Run("the film", film, (frame for frame in [torch.zeros(1, 3, 48, 64)]), count)
    run.advance(is_shown=True)
    assert len(run.shown) == len(run.wall) == len(run.times.processor) == 1
    with pytest.raises(EOFError, match="the film ended after 1 frames"):
        run.advance(is_shown=True)


def test_an_evaluation_of_half_the_width_and_height_is_a_quarter() -> None:
    count = films.Evaluations((64, 48))
    count.add((32, 24))
    count.add((64, 48))
    assert (count.count, count.whole) == (2, 1.25)


def test_the_film_of_the_other_program_dreams_on_from_its_last_frame() -> None:
    film = prepare(load_preset("quickstart", [*SMALL, "dream.steps=1"]))
    sizes: list[tuple[int, int]] = []
    loop = rival_frames(film, sizes.append)
    first, second = next(loop), next(loop)
    loop.close()
    assert isinstance(film.source, torch.Tensor)
    assert first.shape == second.shape == film.source.shape
    assert sizes == [(46, 34), (64, 48)] * 2
    near, far = ((second - other).abs().mean() for other in (first, film.source))
    assert 0 < near < far


def test_the_other_program_amplifies_its_layer() -> None:
    modules, network = plain_modules("squeezenet1_1"), load_network()
    pixels = np.random.default_rng(0).integers(60, 200, (48, 64, 3), np.uint8)
    dreamer = NeuralDream(modules, lambda size: None)
    settings = DreamSettings(steps=4, step_size=0.02, jitter=2)
    dreamed = dreamer.picture(pixels, ["features.11"], [(64, 48)], settings)
    objective = Objective.of(network, {"fire8": 1.0})
    before, after = (score_of(from_uint8(each[..., ::-1].copy()), objective) for each in (pixels, dreamed))
    assert after > 1.3 * before


def test_a_dream_is_mixed_in_where_the_frames_agree() -> None:
    frame, dream = np.full((64, 64, 3), 100, np.uint8), np.full((64, 64, 3), 200, np.uint8)
    last = frame.copy()
    last[:, 32:] = 140
    start = guided(frame, last, dream, np.zeros((64, 64, 2), np.float32))
    assert start[32, 8].tolist() == [150] * 3
    assert start[32, 56].tolist() == [100] * 3


def test_measures_by_hand() -> None:
    frame = torch.zeros(1, 3, 8, 8)
    frame[:, 0] = 0.5
    frame[:, 1] = 0.25
    assert saturation(frame) == 1
    assert sharpness(frame) == 0
    frame[..., 4, 4] = 1
    luma = np.zeros((8, 8))
    luma[4, 4] = 255 - (0.299 * 127.5 + 0.587 * 63.75)
    assert sharpness(frame) == pytest.approx(cv2.Laplacian(luma, cv2.CV_64F).var(), rel=1e-4)


def test_a_look() -> None:
    network = load_network()
    objective = Objective.of(network, {"fire5": 0.5, "fire3": 2.0})
    noise = from_uint8(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    layers = spread_layers(network, 64)
    assert [network.layer(layer).label for layer in layers] == ["fire3", "fire5", "fire7", "fire9"]
    look = look_of([noise, noise], [objective, objective], layers)
    assert look.score == pytest.approx(score_of(noise, objective))
    fire5, fire3 = (float(score) for score in objective.scores(noise))
    assert look.score == pytest.approx(0.5 * fire5 + 2 * fire3)
    assert look.color == pytest.approx((127.5,) * 3, abs=3)
    assert look.clipped == pytest.approx(2 / 256, abs=2e-3)
    assert look.distance(look) == 0
    shifted = look_of([noise * 0.5], [objective], layers)
    values = [network.activations(each, layers)[layers[0]].mean((0, 2, 3)) for each in (noise, noise * 0.5)]
    assert shifted.distance(look) > 0
    assert float((shifted.features[0] - values[1]).norm()) == pytest.approx(0, abs=1e-4)
