"""A preset becomes the film it describes, and every mistake is named with its line and the way out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from zoomdream.errors import PresetError, SettingError
from zoomdream.objectives import ChannelSpec, ClassSpec, DirectionSpec, GuideSpec, LayerSpec, NeuronSpec, parse
from zoomdream.presets.loading import load_preset, load_preset_text, preset_text, json_schema
from zoomdream.presets.preset import Preset
from zoomdream.presets.shipped import shipped_presets
from zoomdream.schedule.clock import TIME_PATTERN, Clock
from zoomdream.schedule.easing import EASES
from zoomdream.schedule.timeline import SECTIONS
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
SMALLEST = """\
zoomdream: 1
source: noise
dream:
  layers: {fire8: 1}
"""
CLOCK = Clock(Fraction(10), 21)


def named(mix: tuple[tuple[object, float], ...]) -> dict[str, float]:
    return {str(key): weight for key, weight in mix}


def load(more: str = "", head: str = SMALLEST) -> Preset:
    return load_preset_text(head + more, "film.yaml")


def refusal(more: str, head: str = SMALLEST) -> str:
    with pytest.raises(PresetError) as caught:
        load(more, head)
    return str(caught.value)


# -- what a preset means ----------------------------------------------------------------------------------------------


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
    assert timeline.keys() == (LayerSpec("fire5"), LayerSpec("fire8"))
    assert named(timeline[60].mix) == {"fire5": 0.5, "fire8": 0.5}
    assert named(timeline[359].mix) == {"fire8": 1.0}
    assert timeline[90].camera == CameraSettings(zoom=1.5, rotate=6.0)
    assert timeline[200].camera.zoom == 1.8
    assert timeline[0].dream == DreamSettings(octaves=3, octave_scale=1.4, steps=4, step_size=0.02, natural_color=1.0)
    assert timeline[0].color.coherence == 0.1


def test_the_smallest_preset_takes_every_default_from_the_settings() -> None:
    preset = load()
    row = preset.timeline(CLOCK)[20]
    assert preset.source is None
    assert (preset.seed, preset.network, preset.weights) == (0, "squeezenet1_1", None)
    assert preset.output == OutputSettings()
    assert all(getattr(row, name) == section() for name, section in SECTIONS.items())
    assert row.mix == ((LayerSpec("fire8"), 1.0),)


@pytest.mark.parametrize(
    ("zoom", "values"),
    [
        ("1.5", [1.5, 1.5, 1.5]),
        ("2", [2, 2, 2]),
        ("{0: 1, 2s: 3}", [1, 2, 3]),
        ("{0s: 1, 50%: 2, end: 5}", [1, 2, 5]),
        ("[{at: 10f, value: 2, ease: hold}, {at: 0s, value: 1, ease: in-quad}, {at: 20f, value: 4}]", [1, 2, 4]),
        ("[{at: 0, value: 1, ease: in-quad}, {at: 2s, value: 3}]", [1, 1.5, 3]),
    ],
)
def test_a_track_may_be_written_in_three_forms(zoom: str, values: list[float]) -> None:
    timeline = load(f"camera: {{zoom: {zoom}}}").timeline(CLOCK)
    assert [timeline[frame].camera.zoom for frame in (0, 10, 20)] == values


@pytest.mark.parametrize(
    ("pan", "middle"),
    [
        ("[0.5, 1]", (0.5, 1)),
        ("{0s: [0, 0], 2s: [1, -1]}", (0.5, -0.5)),
        ("[{at: 0s, value: [0, 0]}, {at: 2s, value: [1, -1]}]", (0.5, -0.5)),
    ],
)
def test_a_pair_is_a_constant_and_not_a_list_of_keyframes(pan: str, middle: tuple[float, float]) -> None:
    assert load(f"camera: {{pan: {pan}}}").timeline(CLOCK)[10].camera.pan == middle


@pytest.mark.parametrize(
    ("layers", "middle"),
    [
        ("{fire5: 1, fire8: -0.5}", {"fire5": 1, "fire8": -0.5}),
        ("{fire8:17: 1, class:espresso: 2}", {"fire8:17": 1, "class:espresso": 2}),
        ("{0s: {fire5: 1}, 2s: {fire8: 1}}", {"fire5": 0.5, "fire8": 0.5}),
        ("[{at: 0s, mix: {fire5: 1}, ease: in-quad}, {at: 2s, mix: {fire8: 1}}]", {"fire5": 0.75, "fire8": 0.25}),
        ("{sweep: [conv1, fire2], hold: 9f, fade: 2f}", {"conv1": 0.5, "fire2": 0.5}),
        ("{sweep: [conv1, fire2], hold: 10f}", {"fire2": 1}),
    ],
)
def test_layers_may_be_a_mix_keyframes_or_a_sweep(layers: str, middle: dict[str, float]) -> None:
    head = f"zoomdream: 1\nsource: noise\ndream: {{layers: {layers}}}"
    assert named(load(head=head).timeline(CLOCK)[10].mix) == middle


def test_the_canvas_fills_its_gaps_from_the_clip_or_from_its_defaults() -> None:
    clip = Clock(Fraction(25), 100)
    assert load().canvas.clock() == Clock(Fraction(30), 300)
    assert load().canvas.clock(clip) == clip
    assert load("canvas: {fps: 23.976}").canvas.clock(clip) == Clock(Fraction(24000, 1001), 96)
    assert load("canvas: {duration: 1:00}").canvas.clock() == Clock(Fraction(30), 1800)
    assert load("canvas: {start: 1s, duration: 2s}").canvas.clock(clip) == Clock(Fraction(25), 50)
    assert load("canvas: {start: 1s}").canvas.clock(clip) == Clock(Fraction(25), 75)
    assert load("canvas: {start: 1s, times: clip}").canvas.clock(clip) == Clock(Fraction(25), 75, Fraction(1))
    with pytest.raises(SettingError, match=r"begins at 4s, but the clip lasts 4\.000 s"):
        load("canvas: {start: 4s}").canvas.clock(clip)
    with pytest.raises(SettingError, match=r"at most 3\.000 s are left"):
        load("canvas: {start: 1s, duration: 1:00}").canvas.clock(clip)
    assert load("canvas: {size: 1920 x 1080, fit: fit}").canvas.size == (1920, 1080)


def test_paths_are_relative_to_the_preset_and_home_is_known(tmp_path: Path) -> None:
    text = SMALLEST.replace("noise", "~/a.png") + "weights: net.pth"
    preset = load_preset_text(text, base=tmp_path)
    assert preset.source == Path.home() / "a.png"
    assert preset.weights == tmp_path / "net.pth"


def test_the_recipe_is_a_preset_of_the_same_film() -> None:
    preset = load("camera: {zoom: {0: 1, 1:30: 2}}\nseed: 5\n")
    again = load_preset_text(preset.recipe())
    assert again.model == preset.model
    assert json.loads(preset.recipe())["seed"] == 5


EVERYTHING_NAMED = """
zoomdream: 1
source: photo.jpg
weights: weights/net.pth
dream:
  layers:
    - {at: 0, mix: {fire8: 1, "fire8:17 in mask.png": -0.5}}
    - {at: 1s, mix: [{direction: {17: 1, 31: -0.5}, layer: fire8}, {direction: v.npy, layer: fire8, match: cosine}]}
    - {at: 2s, mix: [{class: 967, mask: ~/face.png}, {layer: fire5, channels: [3, 17]}]}
    - {at: 50%, mix: [{guide: /pictures/cat.jpg, layer: fire5}, {layer: fire6, channel: 2, x: 0.1, y: 0.9}]}
output: {audio: song.wav}
"""


def test_the_recipe_makes_the_same_film_from_anywhere(tmp_path: Path) -> None:
    preset = load_preset_text(EVERYTHING_NAMED, base=tmp_path / "films")
    again = load_preset_text(preset.recipe(), base=tmp_path / "elsewhere")
    assert again.layers == preset.layers
    assert (again.source, again.weights, again.audio) == (preset.source, preset.weights, preset.audio)
    assert again.source == tmp_path / "films" / "photo.jpg"
    assert load_preset_text(again.recipe(), base=tmp_path).source == again.source


def test_a_recipe_without_relative_paths_names_no_folder(tmp_path: Path) -> None:
    for source in ("noise", "~/photo.jpg", "/pictures/photo.jpg"):
        preset = load_preset_text(SMALLEST.replace("noise", source), base=tmp_path)
        assert "folder" not in json.loads(preset.recipe())


def test_a_folder_may_be_relative_itself(tmp_path: Path) -> None:
    preset = load_preset_text(SMALLEST.replace("noise", "a.jpg") + "folder: ../photos\n", base=tmp_path / "films")
    assert preset.source is not None
    assert preset.source.resolve() == tmp_path.resolve() / "photos" / "a.jpg"


@pytest.mark.parametrize("name", list(shipped_presets()))
def test_the_recipes_of_shipped_presets_find_their_samples(name: str, tmp_path: Path) -> None:
    preset = load_preset(name, ["source=noise"] if load_preset(name).source is None else [])
    again = load_preset_text(preset.recipe(), base=tmp_path)
    assert (again.source, again.layers) == (preset.source, preset.layers)


def test_a_preset_does_not_change() -> None:
    preset = load()
    with pytest.raises(AttributeError):
        preset.file = Path("other.yaml")  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        preset.canvas.fit = "fit"


# -- mistakes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "message"),
    [
        # numbers
        ("  step_size: 3", "5: dream.step_size is 3: it must be at most 1"),
        ("  octave_scale: 1", "5: dream.octave_scale is 1: it must be more than 1"),
        ("  steps: true", "5: dream.steps is true: it must be a whole number, or keyframes such as {0s: 2, 6s: 4}"),
        ("  steps: 4.5", "5: dream.steps is 4.5: it must be a whole number"),
        ("  steps: '6'", "5: dream.steps is '6': it must be a whole number: write 6, without quotes"),
        ("  step_size: 0,02", "5: dream.step_size is '0,02': it must be a number: write 0.02, without quotes"),
        ("  step_size: .nan", "5: dream.step_size is nan: it must be a finite number"),
        ("camera: {zoom: 0}", "5: camera.zoom is 0: it must be at least 0.01"),
        ("camera: {zoom: fast}", "5: camera.zoom is 'fast': it must be a number, or keyframes such as {0s: 1, 6s: 2}"),
        ("camera: {pan: 1}", "5: camera.pan is 1: it must be two numbers such as [0, 0], or keyframes"),
        ("camera: {pan: [1]}", "5: camera.pan.1 is missing: two numbers are needed, such as [0, 0]"),
        ("camera: {pan: [1, 2, 3]}", "5: camera.pan is a list: it must be two numbers such as [0, 0]"),
        ("seed: -1", "5: seed is -1: it must be at least 0"),
        ("seed: 9223372036854775808", "5: seed is 9223372036854775808: it must be at most 9223372036854775807"),
        # keyframes
        ("camera:\n  zoom:\n    0s: 1\n    6s: -1", "8: camera.zoom.6s is -1: it must be at least 0.01"),
        ("camera:\n  zoom:\n    0s: 1\n    6s: .inf", "8: camera.zoom.6s is inf: it must be a finite number"),
        ("camera:\n  zoom:\n    0s: 1\n    7: 2", "8: camera.zoom: 7 has no unit: write 7s for seconds or 7f"),
        ("camera:\n  zoom:\n  - at: 0s\n    value: 0", "8: camera.zoom.0.value is 0: it must be at least 0.01"),
        ("camera:\n  zoom:\n  - at: 2m\n    value: 1", "7: camera.zoom.0.at: '2m' is not a time: write 2s"),
        ("camera:\n  zoom:\n  - value: 1", "7: camera.zoom.0.at is missing: a keyframe needs its time, such as at: 2s"),
        ("camera:\n  zoom: {at: 0s, value: 1}", "6: camera.zoom is a mapping: it must be a list, each entry begun"),
        ("camera:\n  zoom: {}", "6: camera.zoom is empty: it must have at least one entry"),
        (
            "camera:\n  zoom:\n  - {at: 0s, value: 1}\n  - {at: 1s, value: 1,\n     ease: in-out-sin}",
            "9: camera.zoom.1.ease: 'in-out-sin' is no ease; did you mean in-out-sine",
        ),
        # keys
        ("  step_sise: 1", "5: dream.step_sise: there is no such key; did you mean step_size"),
        ("colour: {}", "5: colour: there is no such key; did you mean color"),
        ("canvas: {x: 3}", "5: canvas.x: there is no such key; known: size, fps, duration, fit"),
        ("3: 3", "5: 3: there is no such key; known: zoomdream, source"),
        ("camera: {zoom:1.2}", "5: camera.zoom:1.2: a colon needs a space after it, 'zoom: 1.2'"),
        ("camera: {zoom: {0s:1.2}}", "5: camera.zoom.0s:1.2: a colon needs a space after it, '0s: 1.2'"),
        ("source: a.png", "5: source is given twice, first at film.yaml:2: keep one"),
        ("camera:", "5: camera has no value: give it one, or leave the line out"),
        ("camera: {zoom: }", "5: camera.zoom has no value"),
        ("camera: 3", "5: camera: this must be a mapping with the keys zoom, rotate, pan, center"),
        # choices, sizes, rates, durations
        ("output: {codec: h246}", "5: output.codec is 'h246': it is no choice here; did you mean h26"),
        ("output: {crf: 99}", "5: output.crf is 99: it must be at most 63"),
        ("  objective: {0s: l2}", "5: dream.objective is a mapping: it must be one of l2, mean"),
        ("canvas: {size: 640}", "5: canvas.size: 640 is no size: write WIDTHxHEIGHT in pixels, such as 640x360"),
        ("canvas: {size: 9x9}", "5: canvas.size: 9x9 is no size for a film: each side must be from 16 to 16384 pixels"),
        ("canvas: {fps: fast}", "5: canvas.fps: 'fast' is not a frame rate: write 30, 24000/1001 or 23.976"),
        ("canvas: {duration: 12}", "5: canvas.duration: 12 has no unit: write 12s for seconds or 12f for frames"),
        ("canvas: {duration: 50%}", "5: canvas.duration: a film cannot last 50%: write 12s, 1:30 or 360f"),
        ('weights: "a\\0b"', "5: weights is 'a\\x00b': it must be a path"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_its_value_and_the_way_out(more: str, message: str) -> None:
    found = refusal(more)
    assert found.startswith(f"film.yaml:{message}")
    assert "\n" not in found


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("fire8", "dream.layers is 'fire8': it must be a mix such as {fire8: 1}"),
        ("[3]", "dream.layers.0: this must be a mapping with the keys weight, mask, layer"),
        ("{}", "dream.layers is empty: it must have at least one entry"),
        ("{3: 1}", "dream.layers: the key 3 is no name: put it in quotes if it is one"),
        ("{a:1}", "dream.layers.a:1: a colon needs a space after it, 'a: 1'"),
        ("{a: strong}", "dream.layers.a is 'strong': it must be a number"),
        ("{a: .inf}", "dream.layers.a is inf: it must be a finite number"),
        ("[{at: 0s, a: 1}]", "dream.layers.0.a: there is no such key"),
        ("[{at: 0s}]", "dream.layers.0.mix is missing: a keyframe needs its layers, such as mix: {fire8: 1}"),
        ("{sweep: a, hold: 3s}", "dream.layers.sweep is 'a': it must be a list"),
        ("{sweep: [a, b]}", "dream.layers.hold is missing: say how long each layer stays, such as hold: 5s"),
        ("{sweep: [a, b], hld: 3s}", "dream.layers.hld: there is no such key; did you mean hold"),
        ("{sweep: [a, 3], hold: 3s}", "dream.layers.sweep.1 is 3: it must be text"),
        ("{sweep: [a], hold: 0}", "dream.layers: a sweep whose hold and fade are both 0 never shows a layer"),
    ],
)
def test_mistakes_in_layers_are_named(layers: str, message: str) -> None:
    found = refusal("", f"zoomdream: 1\nsource: noise\ndream:\n  layers: {layers}")
    assert found.startswith(f"film.yaml:4: {message}")
    assert "\n" not in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "film.yaml: it is empty: a preset needs zoomdream: 1, source and dream.layers"),
        ("# nothing yet", "film.yaml: it is empty"),
        ("- a", "film.yaml: it is a list: a preset is keys, such as zoomdream: 1"),
        ("hello", "film.yaml: it is 'hello'"),
        (SMALLEST.replace("1\n", "2\n", 1), "film.yaml:1: zoomdream: version 2 of the preset format is unknown"),
        (SMALLEST.replace("1\n", "true\n", 1), "film.yaml:1: zoomdream: version true of the preset format is unknown"),
        (SMALLEST.replace("zoomdream: 1\n", ""), "film.yaml: zoomdream is missing: begin the file with zoomdream: 1"),
        ("zoomdream: 1\nsource: a\ndream:\n  steps: 1", "film.yaml:3: dream.layers is missing: say what to amplify"),
    ],
)
def test_what_is_no_preset_at_all_is_refused(text: str, message: str) -> None:
    assert refusal("", text).startswith(message)


def test_several_mistakes_are_reported_in_the_order_of_the_file() -> None:
    text = "zoomdream: 1\noutput: {crf: -1}\ndream:\n  steps: x\n  layers: {a: 1}\nsource: 3\n"
    lines = refusal("", text).splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "4", "6"]


def test_only_five_mistakes_are_reported() -> None:
    zooms = "".join(f"    {second}s: 0\n" for second in range(9))
    lines = refusal(f"camera:\n  zoom:\n{zooms}").splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("film.yaml:7: camera.zoom.0s")
    assert lines[5] == "and 4 more"


def test_keyframes_at_one_instant_are_found_on_the_clock_with_their_line() -> None:
    preset = load("camera:\n  rotate: 1\n  zoom: {1s: 1, 10f: 2}")
    assert preset.timeline(Clock(Fraction(30), 90))[10].camera.zoom == 2
    with pytest.raises(
        PresetError, match=r"^film.yaml:7: camera.zoom: 1s and 10f are the same instant in a film of 21"
    ):
        preset.timeline(CLOCK)


# -- files, names, overrides ------------------------------------------------------------------------------------------


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two shipped presets, seen from an empty working folder."""
    folder = tmp_path / "checkout" / "presets"
    folder.mkdir(parents=True)
    (folder / "clouds.yaml").write_text(f"# An endless zoom into clouds.\n# More.\n{SMALLEST}", encoding="utf-8")
    (folder / "static.yaml").write_text(SMALLEST, encoding="utf-8")
    (folder / "README.md").write_text("no preset", encoding="utf-8")
    monkeypatch.setattr("zoomdream.presets.shipped.__file__", str(tmp_path / "checkout/zoomdream/presets/shipped.py"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return folder


def test_shipped_presets_are_found_by_name(shipped: Path) -> None:
    assert shipped_presets() == {"clouds": "An endless zoom into clouds.", "static": ""}
    assert preset_text("clouds").startswith("# An endless zoom into clouds.")
    assert (load_preset("clouds").base, load_preset("clouds").name) == (shipped, "clouds")


def test_an_installed_package_carries_its_presets_inside(shipped: Path) -> None:
    inside = shipped.parent / "zoomdream" / "presets" / "yaml"
    inside.mkdir(parents=True)
    (inside / "other.yaml").write_text(SMALLEST, encoding="utf-8")
    assert list(shipped_presets()) == ["other"]


def test_a_file_comes_before_a_shipped_preset_and_a_folder_does_not(shipped: Path) -> None:
    Path("static").mkdir()
    assert load_preset("static").base == shipped
    Path("clouds").write_text(SMALLEST + "seed: 9", encoding="utf-8")
    assert load_preset("clouds").seed == 9


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cluods", "cluods is neither a file nor a shipped preset; did you mean clouds?"),
        ("films/cloud.yaml", "films/cloud.yaml is neither a file nor a shipped preset; did you mean clouds?"),
        (".", ". is a folder, not a preset: name a YAML file in it"),
        ("x" * 5000, "cannot be read: File name too long"),
    ],
)
def test_a_preset_that_is_not_there_is_refused(shipped: Path, name: str, message: str) -> None:
    with pytest.raises(PresetError) as caught:
        load_preset(name)
    assert message in str(caught.value)


def test_overrides_apply_before_validation(shipped: Path) -> None:
    preset = load_preset("clouds", ["dream.steps=6", "camera.zoom={0: 1, end: 2}", "canvas.fps=24000/1001"])
    row = preset.timeline(CLOCK)[20]
    assert (row.dream.steps, row.camera.zoom, preset.canvas.fps) == (6, 2.0, Fraction(24000, 1001))
    assert json.loads(preset.recipe())["dream"] == {"layers": {"fire8": 1}, "steps": 6}


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("dream.stps=6", "dream.stps: there is no such key; did you mean steps"),
        ("dream.steps=-1", "dream.steps is -1: it must be at least 0"),
        ("camra.zoom=2", "camra: there is no such key; did you mean camera"),
        ("dream.layers={a:1}", "dream.layers.a:1: a colon needs a space after it"),
    ],
)
def test_a_wrong_override_is_named_by_itself(shipped: Path, assignment: str, message: str) -> None:
    with pytest.raises(PresetError) as caught:
        load_preset("clouds", [assignment])
    assert str(caught.value).startswith(f"--set {assignment}: {message}")


def test_another_source_is_relative_to_the_working_folder(shipped: Path) -> None:
    name = Path("odd: name #1.png")
    assert load_preset("clouds", source=name).source == Path.cwd() / name


def test_every_preset_in_the_box_is_valid_and_described() -> None:
    for name, description in shipped_presets().items():
        preset = load_preset(name)
        assert description
        needs_a_clip = "--input" in description
        assert preset.source is None or preset.source.is_file() != needs_a_clip
        assert len(preset.timeline(preset.canvas.clock())) > 0


# -- the schema -------------------------------------------------------------------------------------------------------


def test_the_schema_knows_the_forms_of_a_track_its_bounds_and_the_eases() -> None:
    found = json_schema()
    zoom = found["$defs"]["CameraSettings"]["properties"]["zoom"]
    number, times, keyframes = zoom["oneOf"]
    assert number == {"maximum": 100, "minimum": 0.01, "type": "number"}
    assert times["patternProperties"] == {TIME_PATTERN: number}
    assert times["additionalProperties"] is False
    assert keyframes["items"] == {"$ref": "#/$defs/ZoomKeyframe"}
    assert found["$defs"]["ZoomKeyframe"]["properties"]["ease"]["enum"] == list(EASES)
    assert zoom["description"] == CameraSettings.model_fields["zoom"].description
    assert zoom["default"] == CameraSettings().zoom
    assert len(found["$defs"]["DreamSettings"]["properties"]["layers"]["oneOf"]) == 4
    assert found["required"] == ["zoomdream", "source", "dream"]
    assert found["additionalProperties"] is False


@pytest.mark.parametrize("text", ["0", "2s", "2.5s", "250ms", "1:30.5", "1:02:03", "120f", "50%", "end"])
def test_an_editor_and_the_parser_agree_on_times(text: str) -> None:
    assert re.search(TIME_PATTERN, text)
    assert load(f"camera: {{zoom: {{{text}: 1}}}}").timeline(CLOCK)[0].camera.zoom == 1


def test_presets_are_read_without_torch_or_opencv() -> None:
    code = "import sys, zoomdream.preset; sys.exit(bool({'torch', 'cv2'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0


@pytest.mark.parametrize(
    ("entry", "spec"),
    [
        ("layer: fire8", LayerSpec("fire8")),
        ("layer: fire8, score: mean, relu: after", LayerSpec("fire8", "mean", "after")),
        ("layer: fire8, channel: 17", ChannelSpec("fire8", (17,))),
        ("layer: fire8, channels: [3, 17], relu: after", ChannelSpec("fire8", (3, 17), "after")),
        ("layer: fire8, channels: 4", ChannelSpec("fire8", (4,))),
        ("layer: fire8, channels: 0:3", ChannelSpec("fire8", (0, 1, 2))),
        ("layer: fire8, channel: 17, x: 0.5, y: 0.5", NeuronSpec("fire8", 17)),
        ("layer: fire8, channel: 17, x: 0.25, y: 1", NeuronSpec("fire8", 17, 0.25, 1.0)),
        ("class: espresso", ClassSpec("espresso")),
        ("class: 967, mask: half.png", ClassSpec(967, mask=Path("/films/half.png"))),
        ("guide: flowers.jpg, layer: fire6", GuideSpec("fire6", Path("/films/flowers.jpg"))),
        ("guide: /a/b.jpg, layer: fire6, match: cosine", GuideSpec("fire6", Path("/a/b.jpg"), "cosine")),
        ("direction: {17: 1, 31: -0.5}, layer: fire8", DirectionSpec("fire8", ((17, 1.0), (31, -0.5)))),
        ("direction: v.npy, layer: fire8, match: cosine", DirectionSpec("fire8", Path("/films/v.npy"), "cosine")),
    ],
)
def test_an_objective_as_a_mapping(entry: str, spec: object) -> None:
    text = f"zoomdream: 1\nsource: noise\ndream:\n  layers: [{{layer: conv1}}, {{{entry}, weight: -0.5}}]"
    mix = dict(load_preset_text(text, base=Path("/films")).timeline(CLOCK)[0].mix)
    assert mix == {LayerSpec("conv1"): 1.0, spec: -0.5}


def test_mappings_stand_wherever_a_mix_does() -> None:
    forms = ("{0s: {conv1: 1}, 2s: [{class: 3}]}", "[{at: 0s, mix: {conv1: 1}}, {at: 2s, mix: [{class: 3}]}]")
    for form in forms:
        timeline = load_preset_text(f"zoomdream: 1\nsource: noise\ndream:\n  layers: {form}").timeline(CLOCK)
        assert named(timeline[10].mix) == {"conv1": 0.5, "class:3": 0.5}


def test_short_forms_find_their_files_from_the_presets_folder() -> None:
    text = 'zoomdream: 1\nsource: noise\ndream:\n  layers: {"guide:fire6:a.jpg in b.png": 1}'
    ((key, _),) = load_preset_text(text, base=Path("/films")).timeline(CLOCK)[0].mix
    assert key == GuideSpec("fire6", Path("/films/a.jpg"), mask=Path("/films/b.png"))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("{'fire8:x': 1}", "dream.layers: 'fire8:x' is no objective: 'fire8' is none of its kinds"),
        ("{'fire8:17@here': 1}", "dream.layers: 'fire8:17@here' has no place after @: write @center"),
        ("{'fire8:1+2@center': 1}", "dream.layers: 'fire8:1+2@center' names 2 channels: a neuron belongs to one"),
        ("{'guide:fire6': 1}", "dream.layers: 'guide:fire6' names no picture or no layer"),
        ("[{class: espresso, layer: fire8}]", "dream.layers.0.layer: it does not go with the other keys"),
        ("[{layer: fire8, chanel: 1}]", "dream.layers.0.chanel: there is no such key; did you mean channel"),
        ("[{layer: fire8, channel: 1, channels: 2}]", "dream.layers.0.channel: it does not go with the other keys"),
        ("{'l2:fire8:17': 1}", "dream.layers: 'l2:fire8:17': l2 is of a whole layer"),
        ("{'fire8 in': 1}", "dream.layers: 'fire8 in' names no mask"),
        ("['CLASS:castle']", "dream.layers: 'CLASS:castle' is no objective: 'CLASS' is none of its kinds"),
        ("[{layer: fire8, channel: 1, x: 2}]", "dream.layers.0.x is 2: it must be at most 1"),
        ("[{layer: fire8, channel: 1, x: 0.5}]", "dream.layers.0.y is missing: say where, such as y: 0.5"),
        ("[{layer: fire8, channels: []}]", "dream.layers.0.channels is empty: it must have at least one entry"),
        ("[{class: -3}]", "dream.layers.0.class is -3: it must be at least 0"),
        ("[{class: 1.5}]", "dream.layers.0.class is 1.5: it must be text"),
        ("[{direction: {a: 1}, layer: fire8}]", "dream.layers.0.direction: the key 'a' is no channel: write"),
        ("[{direction: {}, layer: fire8}]", "dream.layers.0.direction is empty: it must have at least one entry"),
        ("[{layer: fire8, channels: -7}]", "dream.layers.0.channels is -7: it must be at least 0"),
        ("[{layer: fire8, chanels: 1}]", "dream.layers.0.chanels: there is no such key"),
        ("[{channel: 3}]", "dream.layers.0.layer is missing: name a layer"),
        ("[{layer: fire8, channels: 8:3}]", "dream.layers: '8:3' is no list of channels"),
        ("[{layer: a}, {layer: a, weight: 2}]", "dream.layers: a is there twice: give it one weight"),
        ("{sweep: ['class:'], hold: 3s}", "dream.layers: 'class:' is no objective"),
    ],
)
def test_mistakes_in_objectives_are_named(layers: str, message: str) -> None:
    found = refusal("", f"zoomdream: 1\nsource: noise\ndream:\n  layers: {layers}")
    assert found.startswith(f"film.yaml:4: {message}"), found


@pytest.mark.parametrize(
    "text",
    [
        "fire8",
        "l2:fire8",
        "mean:features.11",
        "fire8:17",
        "fire8:3+17",
        "fire8:0:8+31",
        "fire8:17@center",
        "fire8:17@0.3/0.7",
        "class:967",
        "class:Egyptian cat",
        "guide:fire6:flowers.jpg",
        "cosine:fire6:flowers.jpg in mask.png",
        "direction:fire8:17+31*-0.5",
        "direction:fire8:vector.npy",
    ],
)
def test_short_forms_are_read_as_they_are_shown(text: str) -> None:
    assert str(parse(text)) == text


def test_file_names_may_hold_the_word_that_leads_to_a_mask() -> None:
    assert parse("fire8:3 in mask in the box.png") == ChannelSpec("fire8", (3,), mask=Path("mask in the box.png"))
    guide = parse("guide:fire6:girl in red.jpg in mask.png")
    assert guide == GuideSpec("fire6", Path("girl in red.jpg"), mask=Path("mask.png"))
    assert guide.files == (Path("mask.png"), Path("girl in red.jpg"))


def test_what_differs_is_shown_differently() -> None:
    specs = [
        LayerSpec("fire8"),
        LayerSpec("fire8", relu="before"),
        LayerSpec("fire8", "mean"),
        LayerSpec("fire8", "mean", relu="after"),
        LayerSpec("fire8", "l2"),
        LayerSpec("fire8", "l2", relu="before"),
        ChannelSpec("fire8", (3,)),
        ChannelSpec("fire8", (3,), relu="after"),
        DirectionSpec("fire8", ((3, 1.0),)),
        DirectionSpec("fire8", ((3, 1.0),), "cosine"),
        DirectionSpec("fire8", ((3, 1.0),), "cosine", relu="after"),
        GuideSpec("fire6", Path("a.jpg")),
        GuideSpec("fire6", Path("a.jpg"), relu="before"),
        GuideSpec("fire6", Path("a.jpg"), relu="before", mask=Path("m.png")),
    ]
    assert len({str(spec) for spec in specs}) == len(specs)


def test_a_list_takes_short_forms_too() -> None:
    text = "zoomdream: 1\nsource: noise\ndream:\n  layers: [fire4, {class: castle, weight: 0.5}]"
    mix = load_preset_text(text).timeline(CLOCK)[0].mix
    assert {str(key): weight for key, weight in mix} == {"fire4": 1.0, "class:castle": 0.5}
