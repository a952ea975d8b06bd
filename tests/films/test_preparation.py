"""What a film names is looked up, checked and told before its first frame: objectives, their pictures, tiles."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.support.memory_readings import SteadyMemory
from zoomdream.errors import OutOfMemoryError, SettingError, SourceError, UnknownNameError, WeightsError
from zoomdream.films.film import Film
from zoomdream.films.loops import ZoomState, first_zoom_state, frames, zoom_step
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import render
from zoomdream.images.files import save_image
from zoomdream.media import read_tags
from zoomdream.memory import parse_memory
from zoomdream.networks import blueprint
from zoomdream.objectives import Objective, plan_tiles
from zoomdream.presets.loading import load_preset, load_preset_text

FOUR_KINDS = """
    - {at: 0f, mix: {fire4: 1}}
    - {at: 4f, mix: {"fire6:17": 1}}
    - {at: 8f, mix: [{class: espresso}]}
    - {at: 12f, mix: [{guide: chelsea.png, layer: fire5, match: cosine}]}"""


SMALL = "{size: 128x96, fps: 10, duration: 13f}"


def planned(photos: Path, layers: str, canvas: str = SMALL, **more: object) -> Film:
    text = (
        f"zoomdream: 1\nsource: rocket.jpg\ncanvas: {canvas}\n"
        f"dream:\n  octaves: 2\n  steps: 1\n  step_size: 0.03\n  layers: {layers}\n"
    )
    preset = load_preset_text(text, base=photos)
    return prepare(preset, device="cpu", precision="float32", **more)  # type: ignore[arg-type]


def test_a_film_fades_from_kind_to_kind(photos: Path) -> None:
    """Each kind's own score rises most while it is on: layer, channel, class, guide."""
    made = planned(photos, FOUR_KINDS)
    dreamed_frames = list(frames(made))
    assert len(dreamed_frames) == 13
    rows = [{str(key): weight for key, weight in row.mix} for row in made.timeline]
    assert rows[2] == {"fire4": 0.5, "fire6:17": 0.5}
    assert rows[6] == {"fire6:17": 0.5, "class:espresso": 0.5}
    assert rows[12] == {"cosine:fire5:chelsea.png": 1.0}
    for index, frame in enumerate(dreamed_frames[:-1]):
        opening = ZoomState(index, frame, first_zoom_state(made).palette)
        dreamed, _ = zoom_step(made, opening)
        objective = made.objective(made.timeline[index])
        balance = objective.balance(frame)
        before, after = (
            sum(w * b * s for (_, w), b, s in zip(objective.terms, balance, objective.scores(picture), strict=True))
            for picture in (frame, dreamed)
        )
        assert after > before


def test_the_recipe_with_its_pictures_is_kept_and_tags_name_every_kind(photos: Path, tmp_path: Path) -> None:
    made = planned(photos, FOUR_KINDS)
    render(made, tmp_path / "out.mp4", span=range(1))
    assert "fire4, fire6:17, class:espresso, cosine:fire5:chelsea.png" in read_tags(tmp_path / "out.mp4")["comment"]


def test_pictures_of_another_size_are_told(photos: Path, tmp_path: Path) -> None:
    save_image(torch.ones(1, 3, 50, 50), tmp_path / "mask.png")
    layers = f"[{{guide: chelsea.png, layer: fire5, mask: {tmp_path}/mask.png}}, {{layer: fire4}}]"
    assert planned(photos, layers).warnings == ("mask mask.png is 50x50 and is read at 128x96",)
    (warning,) = planned(photos, '{"guide:fire5:coffee.png": 1}').warnings
    assert warning == "guide coffee.png is 600x400 and is read at 512x341"


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        (
            '{"fire6:384": 1}',
            SettingError,
            "layer fire6 of squeezenet1_1 has no channel 384: it has 384, from 0 to 383",
        ),
        ('{"class:espreso": 1}', UnknownNameError, "did you mean espresso"),
        ("[{guide: none.jpg, layer: fire5}]", SourceError, r"guide .*/none.jpg: no such file"),
        ("[{layer: fire5, mask: none.png}]", SourceError, r"mask .*/none.png: no such file"),
        ('{"class:967": 1, "class:espresso": -1}', SettingError, "class:967 are 1 and -1 and cancel to nothing"),
        ("{0s: {fire5: 1}, end: {fire5: 1, features.7: -1}}", SettingError, "fire5 are 1 and -1 and cancel"),
        ('{"fire8:17": 1, "direction:fire8:17": -1}', SettingError, r"cancel to nothing: leave one of them out"),
        ('{0s: {fire3: 1}, 6f: {"fire8:17": 1, "direction:fire8:17*-2": 1}}', SettingError, "cancel to nothing"),
        ("{fire8: 0}", SettingError, "every objective's weight is 0 throughout"),
        ("[{layer: classifier.3, channel: 1, x: 0.2, y: 0.2}]", UnknownNameError, "is no map of features"),
    ],
)
def test_objectives_that_make_no_sense_are_refused_before_the_first_frame(
    photos: Path, layers: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        planned(photos, layers)


@pytest.mark.parametrize(
    ("name", "objective", "caveats"),
    [
        ("efficientnet_b0", "features.2", ["gates of efficientnet_b0 average a tile"]),
        ("vgg11", "pool1", []),
        ("alexnet", "class:483", ["alexnet scores each tile as a picture of its own"]),
        ("resnet18", "class:483", []),
    ],
)
def test_tiles_that_see_otherwise_than_the_frame_are_told(
    name: str, objective: str, differences: list[str], steady_memory: SteadyMemory
) -> None:
    mix = Objective.of(blueprint(name), {objective: 1.0})
    tiling = plan_tiles(mix, (4000, 4000), steady_memory.held + 4 * 10**9)
    assert tiling is not None
    assert len(tiling.differences) == len(differences)
    assert all(difference in tiling.warning for difference in differences)


def test_a_bit_more_memory_gives_the_same_tiles(steady_memory: SteadyMemory) -> None:
    objective = Objective.of(blueprint("squeezenet1_1"), {"fire5": 1.0})
    found = []
    for held in (700, 720, 740, 760):
        steady_memory.held = held * 10**6
        tiling = plan_tiles(objective, (1200, 900), 1150 * 10**6)
        assert tiling is not None
        found.append(tiling.window)
    assert len(set(found)) == 1
    assert plan_tiles(objective, (1200, 900), 1250 * 10**6) != tiling


def test_what_only_a_video_heeds_is_told_over_a_photo(photos: Path) -> None:
    text = (
        "zoomdream: 1\nsource: rocket.jpg\ncanvas: {size: 64x48, fps: 10, duration: 1f}\n"
        "dream: {layers: {fire3: 1}, octaves: 1}\n"
    )
    plain = prepare(load_preset_text(text, base=photos), device="cpu")
    assert not plain.warnings
    changes = ["canvas.start=2s", "canvas.times=clip", "carry.strength=0.5"]
    made = prepare(load_preset_text(text, base=photos, overrides=changes), device="cpu", allow_truncated=True)
    named = "canvas.start, canvas.times, carry, --allow-truncated"
    assert made.warnings == (f"{named}: without effect, for only a video heeds it",)


def test_objectives_that_take_turns_need_their_memory_in_turn(photos: Path, steady_memory: SteadyMemory) -> None:
    layers = ["conv1", "fire2", "fire3", "fire4", "fire5", "fire6"]
    sweep, canvas = f"{{sweep: [{', '.join(layers)}], hold: 1f}}", "{size: 1280x720, fps: 10, duration: 6f}"
    made = planned(photos, sweep, canvas)
    all_objectives = made.all_objectives
    together = made.network.step_bytes(all_objectives.taps, made.size)
    most = max(made.network.step_bytes([tap], made.size) for tap in all_objectives.taps)
    assert together > 1.2 * most
    steady_memory.held = 2**28
    limit = 2**28 + (together + most) // 2 + 14 * 12 * 1280 * 720
    assert plan_tiles(all_objectives, made.size, limit) is not None
    assert planned(photos, sweep, canvas, max_memory=limit).tiling is None


def test_a_frame_too_large_for_the_memory_is_planned_in_tiles_and_told(
    photos: Path, tmp_path: Path, steady_memory: SteadyMemory
) -> None:
    canvas = "{size: 1280x720, fps: 10, duration: 1f}"
    assert planned(photos, "{fire3: 1}", canvas).tiling is None
    limit = steady_memory.held + 2**27 + 240 * 10**6
    made = planned(photos, "{fire3: 1}", canvas, max_memory=limit)
    assert made.tiling is not None
    assert made.tiling.window < 1280
    assert f"tiles of {made.tiling.side} pixels with a margin of {made.tiling.margin}" in " ".join(made.warnings)
    render(made, tmp_path / "out.mp4")
    assert f"tiles of {made.tiling.side}+{made.tiling.margin}" in read_tags(tmp_path / "out.mp4")["comment"]
    with pytest.raises(OutOfMemoryError, match=r"a frame of 1280x720 at fire3 .* even in tiles.* 0.501 GB") as told:
        planned(photos, "{fire3: 1}", canvas, max_memory=steady_memory.held + 10**6)
    enough = parse_memory(str(told.value).rpartition(" ")[2])
    assert planned(photos, "{fire3: 1}", canvas, max_memory=enough).tiling is not None


def test_a_name_that_is_wrong_is_told_with_its_place(photos: Path, tmp_path: Path) -> None:
    file = tmp_path / "film.yaml"
    text = f"zoomdream: 1\nsource: {photos}/rocket.jpg\nnetwork: NETWORK\ndream:\n  layers: {{fire99: 1}}\n"
    file.write_text(text.replace("NETWORK", "squeezenet1_1"))
    with pytest.raises(UnknownNameError, match=r"film\.yaml:5: dream\.layers: squeezenet1_1 has no layer 'fire99'"):
        prepare(load_preset(file), device="cpu")
    file.write_text(text.replace("NETWORK", "resnet"))
    with pytest.raises(UnknownNameError, match=r"film\.yaml:3: network: "):
        prepare(load_preset(file), device="cpu")
    file.write_text(text.replace("NETWORK", "squeezenet1_1").replace("{fire99: 1}", "[{guide: no.jpg, layer: fire5}]"))
    with pytest.raises(SourceError, match=r"film\.yaml:5: dream\.layers: guide .*no\.jpg: no such file"):
        prepare(load_preset(file), device="cpu")


def test_noise_may_be_given_as_input() -> None:
    assert load_preset("quickstart", source=Path("noise")).source is None


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ("{0s: {fire3: 1}, 1s: {fire5: 1}, 1100ms: {fire5: 2}}", "dream.layers: the film ends before 1100ms"),
        ("{sweep: [fire2, fire3, fire5], hold: 600ms}", "dream.layers: the film ends before fire5"),
        ("{0s: {fire3: 1}, end: {fire5: 1}}", None),
    ],
)
def test_what_comes_after_the_end_is_told(photos: Path, layers: str, told: str | None) -> None:
    made = planned(photos, layers, "{size: 128x96, fps: 10, duration: 10f}")
    assert [warning for warning in made.warnings if "ends before" in warning] == ([told] if told else [])


def test_a_flow_whose_weights_are_missing_is_told_before_the_first_frame(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "a file"))  # so that no folder for weights can be made
    text = (
        f"zoomdream: 1\nsource: {clips}/carphone_pristine.mp4\ndream: {{layers: {{fire3: 1}}}}\ncarry: {{flow: raft}}\n"
    )
    with pytest.raises(WeightsError, match=r"preset:4: carry\.flow: the folder for weights"):
        prepare(load_preset_text(text), device="cpu")
