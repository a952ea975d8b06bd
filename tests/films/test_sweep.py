from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from zoomdream.errors import PresetError, SettingError, SourceError, UnknownNameError, UsageError
from zoomdream.films.sweep import BASE_PRESET, sweep_preset
from zoomdream.presets.loading import load_preset, load_preset_text
from zoomdream.presets.preset import Preset
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import Sweep


def stops(preset: Preset) -> list[str]:
    assert isinstance(preset.layers, Sweep)
    return [str(stop) for stop in preset.layers.stops]


def timeline(preset: Preset) -> Timeline:
    return preset.timeline(preset.canvas.clock())


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({}, 3 * 5 + 2 * 1),
        ({"hold": "2s", "fade": "500ms"}, 3 * 2 + 2 * 0.5),
        ({"hold": "60f", "fade": "1s"}, 3 * 2 + 2 * 1),
        ({"hold": "30f", "fade": "0", "changes": ["canvas.fps=15"]}, 3 * 2),
        ({"changes": ["dream.layers.hold=1s"]}, 3 * 1 + 2 * 1),
        ({"changes": ["canvas.duration=4s"]}, 4),
    ],
)
def test_a_sweep_lasts_as_long_as_its_layers_take(photos: Path, options: dict[str, object], seconds: float) -> None:
    preset, _ = sweep_preset(photos / "rocket.jpg", layers=["fire2", "fire5", "fire8"], **options)  # type: ignore[arg-type]
    assert preset.canvas.clock().seconds == Fraction(seconds)


def test_every_layer_is_alone_in_its_turn_and_half_there_in_the_middle_of_a_fade(photos: Path) -> None:
    preset, warnings = sweep_preset(photos / "rocket.jpg", layers=["fire2", "fire5"], hold="2s", fade="1s")
    table = timeline(preset)
    assert warnings == ()
    assert len(table) == 150
    shares = [{str(key): weight for key, weight in table[index].mix} for index in (0, 59, 75, 90, 149)]
    assert shares[0] == shares[1] == {"fire2": 1}
    assert shares[2] == pytest.approx({"fire2": 0.5, "fire5": 0.5})
    assert shares[3] == shares[4] == {"fire5": 1}


def test_the_look_is_the_shipped_presets_and_the_rest_is_as_asked(photos: Path) -> None:
    preset, _ = sweep_preset(photos / "rocket.jpg", zoom=1.5, changes=["seed=9", "canvas.size=320x192"])
    row, model = timeline(preset)[0], timeline(load_preset(BASE_PRESET))[0]
    assert row.dream.model_dump(exclude={"step_size"}) == model.dream.model_dump(exclude={"step_size"})
    assert row.color == model.color
    assert row.camera.zoom == 1.5
    assert (preset.seed, preset.canvas.size, preset.source) == (9, (320, 192), photos / "rocket.jpg")


def test_shallow_layers_take_shorter_steps_and_the_camera_sways(photos: Path) -> None:
    preset, _ = sweep_preset(photos / "rocket.jpg", layers=["conv1", "fire5", "class:daisy"], hold="1s", fade="1s")
    table = timeline(preset)
    step_sizes = [table[index].dream.step_size for index in (0, 60, 120)]
    assert step_sizes[0] < 0.2 * step_sizes[2]
    assert step_sizes[0] < step_sizes[1] < step_sizes[2] == 0.012
    assert table[0].camera.rotate > 0 > table[75].camera.rotate
    constant, _ = sweep_preset(photos / "rocket.jpg", layers=["conv1", "fire5"], changes=["dream.step_size=0.02"])
    assert timeline(constant)[0].dream.step_size == 0.02


def test_any_network_is_swept_through_its_own_layers(photos: Path) -> None:
    preset, _ = sweep_preset(photos / "rocket.jpg", network="googlenet")
    assert preset.network == "googlenet"
    assert any(stop.startswith("inception4") for stop in stops(preset))
    assert not any(stop.startswith("fire") for stop in stops(preset))


def test_the_recipe_makes_the_sweep_again(photos: Path) -> None:
    preset, _ = sweep_preset(photos / "rocket.jpg", layers=["fire3", "fire5:7"], changes=["dream.steps=5"])
    again = load_preset_text(preset.recipe(), base=photos)
    assert stops(again) == ["fire3", "fire5:7"]
    assert again.canvas.clock() == preset.canvas.clock()
    assert timeline(again)[0].dream.steps == 5
    assert again.source == preset.source


def test_what_a_small_frame_cannot_show_is_left_out_and_told(photos: Path) -> None:
    small = ["canvas.size=64x16"]
    preset, warnings = sweep_preset(photos / "rocket.jpg", layers=["fire3", "fire5", "fire8"], changes=small)
    assert stops(preset) == ["fire3", "fire5"]
    assert preset.canvas.clock().seconds == 2 * 5 + 1
    assert "fire8: left out" in warnings[0]
    with pytest.raises(UsageError, match="too small"):
        sweep_preset(photos / "rocket.jpg", layers=["fire8", "fire9"], changes=small)


def test_mistakes(photos: Path, tmp_path: Path) -> None:
    photo = photos / "rocket.jpg"
    (tmp_path / "text.jpg").write_text("no picture")
    for error, words, arguments in (
        (SourceError, "no such file", {"photo": tmp_path / "none.jpg"}),
        (SourceError, "no picture", {"photo": tmp_path / "text.jpg"}),
        (UnknownNameError, "vgg16", {"network": "vgg61"}),
        (UnknownNameError, "fire4", {"layers": ["fire44"]}),
        (UsageError, "hold: 'long' is not a time", {"hold": "long"}),
        (UsageError, "fade: '1.5' is not a time", {"fade": "1.5"}),
        (PresetError, "camera.zoom", {"zoom": 0.0}),
        (PresetError, "steps", {"changes": ["dream.stepz=3"]}),
        (SettingError, "write 5s", {"hold": "10%"}),
        (UsageError, "dream.layers of a sweep is its own", {"changes": ["dream.layers={fire3: 1}"]}),
    ):
        with pytest.raises(error, match=words):
            sweep_preset(**{"photo": photo, **arguments})  # type: ignore[arg-type]
