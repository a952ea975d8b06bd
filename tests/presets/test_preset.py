"""A preset becomes the film that it describes, here and, as a recipe, anywhere."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.presets import CLOCK, SMALLEST, load, named, with_layers
from zoomdream.errors import PresetError, UnknownNameError
from zoomdream.objectives import LayerSpec
from zoomdream.presets.loading import load_preset, load_preset_text
from zoomdream.schedule.clock import Clock
from zoomdream.settings import CameraSettings, DreamSettings, OutputSettings

EXAMPLE = """\
zoomdream: 1                         # schema version
source: ../samples/clouds.png        # photo, video, or noise; relative to this file; --input overrides
canvas: {size: 640x360, fps: 30, duration: 12s}
seed: 7
network: squeezenet1_1
dream:
  layers:                            # which layers, how strongly, when
    - {at: 0s, mix: {fire5: 1}}
    - {at: 4s, mix: {fire8: 1}, ease: in-out-sine}
  octaves: 3
  octave_scale: 1.4
  steps: 4                           # ascent steps per octave and frame
  step_size: 0.02
  natural_color: 1.0
camera:
  zoom: {0s: 1.2, 6s: 1.8}           # times per second
  rotate: 6                          # degrees per second
  pan: [0, 0]                        # fractions of the frame per second
color: {coherence: 0.1}
output: {codec: h264, crf: 18}
"""


def test_the_example_of_the_design_is_the_film_it_describes(tmp_path: Path) -> None:
    file = tmp_path / "presets" / "film.yaml"
    file.parent.mkdir()
    file.write_text(EXAMPLE, encoding="utf-8")
    preset = load_preset(file)
    clock = preset.canvas.clock()
    timeline = preset.timeline(clock)
    assert (preset.canvas.size, clock) == ((640, 360), Clock(Fraction(30), 360))
    assert preset.source == file.parent / "../samples/clouds.png"
    assert (preset.file, preset.base, preset.name) == (file, file.parent, str(file))
    assert (preset.seed, preset.network, preset.weights) == (7, "squeezenet1_1", None)
    assert preset.output == OutputSettings(codec="h264", crf=18)
    assert timeline.objectives == (LayerSpec("fire5"), LayerSpec("fire8"))
    assert named(timeline[60].mix) == {"fire5": 0.5, "fire8": 0.5}
    assert named(timeline[359].mix) == {"fire8": 1.0}
    assert timeline[90].camera == CameraSettings(zoom=1.5, rotate=6.0)
    assert timeline[200].camera.zoom == 1.8
    assert timeline[0].dream == DreamSettings(octaves=3, octave_scale=1.4, steps=4, step_size=0.02, natural_color=1.0)
    assert timeline[0].color.coherence == 0.1


def test_paths_are_relative_to_the_preset_and_home_is_known(tmp_path: Path) -> None:
    text = SMALLEST.replace("noise", "~/a.png") + "weights: net.pth"
    preset = load_preset_text(text, base=tmp_path)
    assert preset.source == Path.home() / "a.png"
    assert preset.weights == tmp_path / "net.pth"


def test_a_folder_may_be_relative_itself(tmp_path: Path) -> None:
    preset = load_preset_text(SMALLEST.replace("noise", "a.jpg") + "folder: ../photos\n", base=tmp_path / "films")
    assert preset.source is not None
    assert preset.source.resolve() == tmp_path.resolve() / "photos" / "a.jpg"


def test_keyframes_at_one_instant_are_found_on_the_clock_with_their_line() -> None:
    preset = load("camera:\n  rotate: 1\n  zoom: {1s: 1, 10f: 2}")
    assert preset.timeline(Clock(Fraction(30), 90))[10].camera.zoom == 2
    with pytest.raises(
        PresetError, match=r"^film.yaml:7: camera.zoom: 1s and 10f are the same instant in a film of 21"
    ):
        preset.timeline(CLOCK)


def test_a_preset_does_not_change() -> None:
    preset = load()
    with pytest.raises(AttributeError):
        preset.file = Path("other.yaml")  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        preset.canvas.fit = "fit"


def test_keyframes_that_the_film_does_not_reach_are_warned_of() -> None:
    preset = load("  steps: {0s: 1, 3s: 2}\ncamera: {zoom: {0s: 1, 1:00: 2, 99f: 3}, rotate: {0s: 1, end: 2}}")
    assert preset.keyframe_warnings(CLOCK) == [
        "dream.steps: the film ends before 3s",
        "camera.zoom: the film ends before 1:00, 99f",
    ]
    assert preset.keyframe_warnings(Clock(Fraction(10), 601)) == []
    swept = load(head=with_layers("{sweep: [conv1, fire8], hold: 1:00}"))
    assert swept.keyframe_warnings(CLOCK) == ["dream.layers: the film ends before fire8"]


def test_an_error_of_something_that_a_key_names_begins_with_its_place() -> None:
    with pytest.raises(UnknownNameError, match=r"^film.yaml:4: dream.layers: no such layer$"):  # noqa: SIM117
        with load().locating_errors("dream", "layers"):
            raise UnknownNameError("no such layer")


# -- recipes ----------------------------------------------------------------------------------------------------------


def test_the_recipe_is_a_preset_of_the_same_film() -> None:
    preset = load("camera: {zoom: {0: 1, 1:30: 2}}\nseed: 5\n")
    again = load_preset_text(preset.recipe())
    assert again.model == preset.model
    assert json.loads(preset.recipe())["seed"] == 5


seconds = st.integers(1, 600).map("{}s".format)
zooms = st.floats(0.01, 100)
mixes = st.dictionaries(
    st.sampled_from(["fire5", "fire8:17", "class:castle", "cosine:fire5:sample:marble", "fire3 in masks/a.png"]),
    st.floats(-10, 10),
    min_size=1,
)
presets = st.fixed_dictionaries(
    {
        "zoomdream": st.just(1),
        "source": st.sampled_from(["noise", "photo.jpg", "/pictures/photo.jpg", "~/photo.jpg", "sample:reef"]),
        "dream": st.fixed_dictionaries(
            {
                "layers": mixes
                | st.dictionaries(seconds, mixes, min_size=1)
                | st.builds(lambda hold: {"sweep": ["fire5", "class:3"], "hold": hold}, seconds)
            },
            optional={"steps": st.integers(0, 2000), "objective": st.sampled_from(["l2", "mean"])},
        ),
    },
    optional={
        "seed": st.integers(0, 2**63 - 1),
        "camera": st.fixed_dictionaries({}, optional={"zoom": zooms | st.dictionaries(seconds, zooms, min_size=1)}),
        "canvas": st.fixed_dictionaries({}, optional={"fps": st.sampled_from([30, "24000/1001"])}),
        "weights": st.sampled_from(["net.pth", "/nets/net.pth"]),
    },
)


@given(data=presets)
def test_a_recipe_loaded_again_makes_the_same_timeline(data: dict[str, object]) -> None:
    preset = load_preset_text(json.dumps(data), base=Path("/films"))
    again = load_preset_text(preset.recipe(), base=Path("/elsewhere"))
    rows, rows_again = list(preset.timeline(CLOCK)), list(again.timeline(CLOCK))
    assert [(row.dream, row.camera, row.color) for row in rows_again] == [
        (row.dream, row.camera, row.color) for row in rows
    ]
    assert [named(row.mix) for row in rows_again] == [named(row.mix) for row in rows]
    assert (again.seed, again.canvas, again.network) == (preset.seed, preset.canvas, preset.network)
    assert again.recipe() == preset.recipe()


def test_a_recipe_with_control_characters_can_be_read_again() -> None:
    preset = load(head='zoomdream: 1\nsource: "a\\x7f\\x9f.png"\ndream: {layers: {fire8: 1}}\n')
    assert load_preset_text(preset.recipe()).source == Path.cwd() / "a\x7f\x9f.png"


def test_half_a_character_is_refused() -> None:
    with pytest.raises(PresetError, match=r"film.yaml:2: half a character"):
        load(head='zoomdream: 1\nsource: "\\ud83d.png"\ndream: {layers: {fire8: 1}}\n')
