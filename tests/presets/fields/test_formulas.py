"""A preset may write a number as an expression, as a followed sound, or as a Deforum string; a mistake has a column."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.support.plain_sound import PlainSound
from tests.support.presets import CLOCK, SMALLEST, load, named, with_layers
from zoomdream.errors import PresetError
from zoomdream.presets.loading import json_schema, load_preset_text
from zoomdream.presets.preset import Preset


def refusal(preset: str, *changes: str) -> str:
    """What is said of a preset that is refused when it is read, or when it becomes a timeline."""
    with pytest.raises(PresetError) as caught:
        load_preset_text(preset, "film.yaml", changes=changes).timeline(CLOCK)
    return str(caught.value)


def zooms(preset: Preset) -> list[float]:
    timeline = preset.timeline(CLOCK)
    return [round(timeline[frame].camera.zoom, 9) for frame in (0, 10, 20)]


@pytest.mark.parametrize(
    ("zoom", "values"),
    [
        ('{expr: "1 + time"}', [1, 2, 3]),
        ("{expr: 1 + progress}", [1, 1.5, 2]),
        ("{expr: 5}", [5, 5, 5]),
        ('{0s: 1, 1s: {expr: "1 + frame / 10"}}', [1, 2, 3]),
        ('[{at: 0s, value: {expr: "1 + frame"}}, {at: 1s, value: 3}, {at: 2s, value: 4}]', [1, 3, 4]),
        ('"0:(1), 20:(3)"', [1, 2, 3]),
        ('"0:(1+t/10), 15:(7)"', [1, 2, 7]),
        ("{0s: 1, 2s: {follow: bass, from: 3, to: 4}}", [1, 2, 3]),
        ("[{at: 0, value: 1, ease: easeInQuad}, {at: 2s, value: 3}]", [1, 1.5, 3]),
        ('[{at: 0, value: 1, ease: "steps(2)"}, {at: 2s, value: 3}]', [1, 2, 3]),
    ],
)
def test_a_number_may_be_computed(zoom: str, values: list[float]) -> None:
    assert zooms(load(f"camera: {{zoom: {zoom}}}")) == values


@pytest.mark.parametrize(
    ("pan", "middle"),
    [
        ('[{expr: "progress"}, 0]', (0.5, 0)),
        ('["0:(0), 20:(1)", {expr: "-progress"}]', (0.5, -0.5)),
        ('{0s: [0, 0], 1s: [{expr: "time"}, 1]}', (1, 1)),
        ('[{at: 0s, value: [0, {expr: "frame"}]}, {at: 2s, value: [1, 0]}]', (0.5, 10)),
    ],
)
def test_each_of_a_pair_may_be_computed(pan: str, middle: tuple[float, float]) -> None:
    assert load(f"camera: {{pan: {pan}}}").timeline(CLOCK)[10].camera.pan == middle


@pytest.mark.parametrize(
    ("layers", "middle"),
    [
        ('{fire8: {expr: "progress"}, fire5: "0:(0), 10:(1)", fire3: 0.5}', {"fire8": 0.5, "fire5": 1, "fire3": 0.5}),
        ('[{layer: fire8, weight: {expr: "time"}}, fire5]', {"fire8": 1, "fire5": 1}),
        ('{0s: {fire8: {expr: "2"}}, 1s: {fire5: {expr: "time"}}}', {"fire5": 1}),
        ('[{at: 0s, mix: {fire8: 0}}, {at: 2s, mix: {fire8: {expr: "time"}}}]', {"fire8": 1}),
        ('[{layer: fire8, weight: "0:(0), 20:(1)"}]', {"fire8": 0.5}),
    ],
)
def test_a_weight_may_be_computed(layers: str, middle: dict[str, float]) -> None:
    assert named(load(head=with_layers(layers)).timeline(CLOCK)[10].mix) == middle


def test_a_films_sound_and_size_are_what_expressions_read() -> None:
    preset = load('seed: 5\nbeats_per_bar: 2\ncamera: {zoom: {expr: "1 + bass"}, rotate: {expr: "width + seed + bar"}}')
    timeline = preset.timeline(CLOCK, preset.variables(CLOCK, (64, 36), PlainSound(), 0.5))
    assert timeline[0].camera.zoom == pytest.approx(1 + 0.5 / 1.1)
    assert timeline[0].camera.rotate == 64 + 5 + 0.5


def test_without_them_a_preset_is_checked_in_silence() -> None:
    timeline = load('camera: {zoom: {follow: bass, from: 1.5, to: 9}, rotate: {expr: "width"}}').timeline(CLOCK)
    assert (timeline[0].camera.zoom, timeline[0].camera.rotate) == (1.5, 640)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('camera: {zoom: {expr: "1 + tme"}}', "5:28: camera.zoom.expr: there is no name 'tme'; did you mean time"),
        ("camera: {zoom: {expr: '1 + tme'}}", "5:28: camera.zoom.expr: there is no name 'tme'"),
        ("camera: {zoom: {expr: 1 + tme}}", "5:27: camera.zoom.expr: there is no name 'tme'"),
        ("camera:\n  zoom:\n    expr: >\n      1\n      + tme\n", "9:9: camera.zoom.expr: there is no name 'tme'"),
        ("camera:\n  zoom:\n    expr: |\n      1 +\n      tme\n", "9:7: camera.zoom.expr: there is no name 'tme'"),
        ('camera: {zoom: {expr: "\\x31 + tme"}}', "5: camera.zoom.expr: there is no name 'tme'"),
        ('camera: {zoom: {expr: ""}}', "5: camera.zoom.expr: the expression is empty"),
        ("camera: {zoom: {expr: [1]}}", "5: camera.zoom.expr: an expression is text in quotes"),
        ("camera: {zoom: {expr: min(time, 2)}}", "5: camera.zoom.2): there is no such key beside expr; an expression "),
        ('camera: {zoom: {0s: 1, 9s: {expr: "1 +"}}}', "5:38: camera.zoom.9s.expr: the expression ends in the middle"),
        ('camera: {zoom: {expr: "1 / (frame - 4)"}}', "5:24: camera.zoom: 1 / (frame - 4) divides by zero at frame 4"),
        ('camera: {zoom: {expr: "1 + frame * 9"}}', "5:24: camera.zoom: the value at frame 12 is 109: it must be from"),
        ('camera:\n  zoom: "0:(1), 8:(1*pi)"', "6:22: camera.zoom: there is no name 'pi' in a Deforum string"),
        ('camera:\n  zoom: "0:(1), 8(2)"', "6:17: camera.zoom: a keyframe is frame:(value)"),
        ('camera:\n  rotate: "0:(1), 5:(1/(t-7))"', "6:22: camera.rotate: 1/(t-7) divides by zero at frame 7"),
        (
            'camera:\n  zoom: "0:(1), 9:(500)"',
            "6:12: camera.zoom: the value at frame 2 is 111.889: it must be",
        ),
        ('camera:\n  zoom: "0: (0)"', "6:13: camera.zoom: the value at frame 0 is 0: it must be from 0.01 to 100"),
        ("camera: {zoom: 0:(1), 60:(2)}", '5: camera.60:(2): a Deforum string goes in quotes: "0:(1), 60:(1.05)"'),
        ("camera:\n  zoom: 0: (1), 60: (2)", '6: a Deforum string goes in quotes: "0:(1), 60:(1.05)"'),
        ("camera: {zoom: {0: (1)}}", "5: camera.zoom.0 is '(1)': it must be a number; a Deforum string goes in quotes"),
        ('camera: {zoom: "1 + time"}', "5: camera.zoom: '1 + time' is no Deforum string, which begins with a frame"),
        ('camera: {pan: {expr: "time"}}', "5: camera.pan: here is one value, and two are needed"),
        ('camera: {pan: "0:(1)"}', "5: camera.pan: here is one value, and two are needed"),
        ("camera: {pan: [a, 0]}", "5: camera.pan.0 is 'a': it must be a number"),
        (
            "camera: {zoom: {follow: base, from: 1, to: 2}}",
            "5: camera.zoom.follow: there is no feature 'base'",
        ),
        (
            "camera: {zoom: {follow: beat, from: 1, to: 2}}",
            "5: camera.zoom.follow: 'beat' is a number that grows",
        ),
        ("camera: {zoom: {follow: bass, form: 1, to: 2}}", "5: camera.zoom.form: there is no such key; did you mean f"),
        ("camera: {zoom: {follow: bass, to: 2}}", "5: camera.zoom.from is missing"),
        (
            'camera: {zoom: [{at: 0s, value: {expr: "1"}, ease: linear}]}',
            "5: camera.zoom: the keyframe at 0s has an ease, and its value is computed until the next one",
        ),
        ("camera: {zoom: [{at: 0s, value: 1, ease: cubic-bezier(1, 0, 1, 1)}]}", "5: camera.zoom.0.0: there is no suc"),
    ],
)
def test_a_mistake_is_named_with_line_and_column(text: str, message: str) -> None:
    assert refusal(SMALLEST + text).startswith(f"film.yaml:{message}")


def test_a_mistake_in_a_weight_is_named_with_its_column() -> None:
    told = refusal(with_layers("{fire8: {expr: '1 / (frame - 4)'}}"))
    assert told == "film.yaml:4:27: dream.layers: 1 / (frame - 4) divides by zero at frame 4"
    told = refusal(with_layers("[{layer: fire8, weight: {expr: 'tim'}}]"))
    assert told == "film.yaml:4:43: dream.layers.0.weight.expr: there is no name 'tim'; did you mean time?"
    assert "which has times of its own" in refusal(with_layers("{0s: {fire8: '0:(1)'}, 1s: {fire5: 1}}"))


@pytest.mark.parametrize(
    ("change", "values"),
    [
        ("camera.zoom=0:(1.5)", [1.5, 1.5, 1.5]),
        ("camera.zoom=0: (1), 20: (3)", [1, 2, 3]),
        ("camera.zoom=0: (1)", [1, 1, 1]),
        ('camera.zoom="0:(1), 20:(3)"', [1, 2, 3]),
        ('camera.zoom="max_f-2":(1), 0:(2)', [2, pytest.approx(1.444444444), 1]),
        ("camera.zoom={expr: 1 + time}", [1, 2, 3]),
        ("camera.zoom={0: 1, 2s: 3}", [1, 2, 3]),
        ("camera.zoom=0: 1", [1, 1, 1]),
    ],
)
def test_an_override_may_be_a_deforum_string_without_quotes(change: str, values: list[float]) -> None:
    assert zooms(load_preset_text(SMALLEST, "film.yaml", changes=[change])) == values


def test_a_mistake_in_an_override_has_a_column_of_its_value() -> None:
    assert refusal(SMALLEST, "camera.zoom=0:(1+tme)").startswith("camera.zoom=0:(1+tme): column 6: camera.zoom: there")


def test_gaps_of_a_deforum_string_are_warned_of() -> None:
    preset = load(
        'camera: {zoom: "0:((3-t)**0.5+1), 9:(4)", rotate: "0:(t)"}', head=with_layers("{a: '0:((t-9)**0.5)'}\n")
    )
    variables = preset.variables(CLOCK, None)
    assert preset.formula_warnings(CLOCK, variables) == [
        "dream.layers: not a number at one place, first at frame 0: filled linearly, as Deforum does",
        "camera.zoom: not a number at one place, first at frame 4: filled linearly, as Deforum does",
    ]
    assert load('camera: {zoom: {expr: "2"}}').formula_warnings(CLOCK, variables) == []


# -- time in beats ----------------------------------------------------------------------------------------------------


def test_times_may_be_in_beats_and_bars() -> None:
    preset = load("bpm: 120\nbeat_offset: 500ms\nbeats_per_bar: 3\ncamera: {zoom: {0b: 1, 1bar: 4}}")
    timeline = preset.timeline(CLOCK)
    assert [timeline[n].camera.zoom for n in (0, 5, 10, 15, 20)] == [1, 1, 2, 3, 4]


def test_a_film_may_last_beats() -> None:
    preset = load("bpm: 90\ncanvas: {duration: 4bar, fps: 30}")
    clock = preset.clock()
    assert (clock.frames, clock.seconds) == (320, Fraction(16 * 60, 90))


def test_a_sweep_may_go_with_the_beat() -> None:
    timeline = load("bpm: 120", head=with_layers("{sweep: [conv1, fire2], hold: 1b, fade: 1b}\n")).timeline(CLOCK)
    assert [named(timeline[n].mix) for n in (0, 5, 10)] == [{"conv1": 1}, {"conv1": 1}, {"fire2": 1}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("camera: {zoom: {0: 1, 4b: 2}}", "5: camera.zoom: '4b' is in beats, and there is no tempo: write bpm: 120"),
        ("beat_offset: 1s", "5: beat_offset: there is no tempo whose first beat this would be: write bpm: 120"),
        ("bpm: 120\nbeat_offset: 3f", "6: beat_offset: 3f is no time of the first beat: write seconds"),
        ("bpm: {0s: 120, 10s: 140}", "5: bpm: the tempo of a film cannot change yet"),
        ('bpm: "0:(120), 60:(140)"', "5: bpm: the tempo of a film cannot change yet"),
        ("bpm: 0", "5: bpm: 0 is no tempo: write beats per minute, a number from 1 to 1000"),
        ("bpm: fast", "5: bpm: 'fast' is no tempo"),
        ("beats_per_bar: 0", "5: beats_per_bar is 0: it must be at least 1"),
        ('camera: {zoom: {expr: "1 + beat"}}\nbpm: 120\nbeat_offset: 2x', "7: beat_offset: '2x' is not a time"),
    ],
)
def test_a_tempo_that_makes_no_sense_is_refused(text: str, message: str) -> None:
    assert refusal(SMALLEST + text).startswith(f"film.yaml:{message}")


def test_a_length_in_beats_without_a_tempo_is_refused_with_its_place() -> None:
    with pytest.raises(PresetError, match=r"film.yaml:5: canvas.duration: '2bar' is in beats, and there is no tempo"):
        load("canvas: {duration: 2bar}").clock()


def test_the_schema_knows_every_form() -> None:
    schema = json_schema()
    expression, follow = (schema["$defs"][name] for name in ("ExpressionEntry", "FollowEntry"))
    assert expression["required"] == ["expr"]
    assert follow["required"] == ["follow", "from", "to"]
    assert {"bass", "on_beat", "low"} <= set(follow["properties"]["follow"]["enum"])
    weight = schema["$defs"]["LayerEntry"]["properties"]["weight"]
    assert len(weight["oneOf"]) == 5
    assert {"bpm", "beat_offset", "beats_per_bar"} <= schema["properties"].keys()


CONVERTED = '{deforum: "0:(1.02), 8:(1.05)", expr: "next ** fps"}'


def test_a_deforum_string_is_converted() -> None:
    text = f"""
zoomdream: 1
source: noise
canvas: {{size: 64x64, fps: 10, duration: 10f}}
dream:
  layers: {{fire5: {{deforum: "0:(2)", expr: "value / 4"}}}}
camera:
  zoom: {CONVERTED}
  pan: [{{deforum: "0:(5)", expr: "-next / 64 * fps"}}, 0]
"""
    preset = load_preset_text(text)
    timeline = preset.timeline(preset.clock())
    assert timeline[0].camera.zoom ** 0.1 == pytest.approx(1.02 + 0.03 / 8)
    assert timeline[7].camera.zoom ** 0.1 == pytest.approx(1.05)
    assert timeline[3].camera.pan == pytest.approx((-5 / 6.4, 0))
    assert [weight for _, weight in timeline[0].mix] == [0.5]


@pytest.mark.parametrize(
    ("zoom", "message"),
    [
        ('{deforum: 3, expr: "next"}', "a Deforum string is text in quotes"),
        ('{deforum: "0:(1)", expr: 3}', "an expression is text in quotes"),
        ('{deforum: "0:(1)", expr: "nxt ** fps"}', "there is no name 'nxt' in an expression; did you mean next"),
        ('{0s: {deforum: "0:(1)", expr: "next"}}', "has keyframes of its own, and stands for the whole setting"),
        ('{deforum: "0:(1", expr: "next"}', "this parenthesis is never closed"),
        ('{deforum: "0:(1)"}', "expr is missing"),
        ('{deforum: "0:(1)", expr: "next", to: 3}', "there is no such key"),
        ('{expr: "next ** fps"}', "there is no name 'next'"),
        (CONVERTED.replace("1.02", "9"), "clamp(..., 0.01, 100) keeps it there"),
    ],
)
def test_a_conversion_that_makes_no_sense_is_told(zoom: str, message: str) -> None:
    said = refusal(f"{SMALLEST}camera: {{zoom: {zoom}}}\n")
    assert said.startswith("film.yaml:")
    assert message in said
