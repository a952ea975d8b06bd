"""Every mistake is named with its line, its value and what is allowed."""

from __future__ import annotations

import pytest

from tests.support.presets import refusal, with_layers


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
        ("3: 3", "5: 3: there is no such key; known: zoomdream, extends, source"),
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
        ("  schedule: every", "5: dream.schedule is 'every': it is no choice here; did you mean every-frame"),
        ("  schedule: {0s: amortized}", "5: dream.schedule is a mapping: it must be one of every-frame, amortized"),
        ("canvas: {size: 640}", "5: canvas.size: 640 is no size: write WIDTHxHEIGHT in pixels, such as 640x360"),
        ("canvas: {size: 9x9}", "5: canvas.size: 9x9 is no size for a film: each side must be from 16 to 16384 pixels"),
        ("canvas: {fps: fast}", "5: canvas.fps: 'fast' is not a frame rate: write 30, 24000/1001 or 23.976"),
        ("canvas: {duration: 12}", "5: canvas.duration: 12 has no unit: write 12s for seconds or 12f for frames"),
        ("canvas: {duration: 50%}", "5: canvas.duration: a film cannot last 50%: write 12s, 1:30 or 360f"),
        ('weights: "a\\0b"', "5: weights is 'a\\x00b': it must be a path"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_its_value_and_the_way_out(more: str, message: str) -> None:
    text = refusal(more)
    assert text.startswith(f"film.yaml:{message}")
    assert "\n" not in text


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
        ("{wander: {channels: fire8}}", "dream.layers.hold is missing: say how long each layer stays"),
        ("{wander: {channels: fire8}, hold: 0}", "dream.layers: a walk whose hold and fade are both 0 never shows"),
        ("{wander: {}, hold: 3s}", "dream.layers: a walk goes through channels or classes: write channels: fire8"),
        ("{wander: fire8, hold: 3s}", "dream.layers.wander: this must be a mapping with the keys channels, classes"),
        ("{wander: {classes: [birdz]}, hold: 3s}", "dream.layers: there is no family and no class 'birdz'; did you"),
        (
            "{wander: {classes: birds, distance: wide}, hold: 3s}",
            "dream.layers.wander.distance is 'wide': it is no choice here",
        ),
        ("{wander: {classes: birds, sed: 3}, hold: 3s}", "dream.layers.wander.sed: there is no such key; did you mean"),
        ("{sweep: [a], hold: 0}", "dream.layers: a sweep whose hold and fade are both 0 never shows a layer"),
    ],
)
def test_mistakes_in_layers_are_named(layers: str, message: str) -> None:
    text = refusal("", with_layers(layers))
    assert text.startswith(f"film.yaml:4: {message}")
    assert "\n" not in text


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
    text = refusal("", with_layers(layers))
    assert text.startswith(f"film.yaml:4: {message}"), text


def test_several_mistakes_are_reported_in_the_order_of_the_file() -> None:
    preset = "zoomdream: 1\noutput: {crf: -1}\ndream:\n  steps: x\n  layers: {a: 1}\nsource: 3\n"
    lines = refusal("", preset).splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "4", "6"]


def test_only_five_mistakes_are_reported() -> None:
    zooms = "".join(f"    {second}s: 0\n" for second in range(9))
    lines = refusal(f"camera:\n  zoom:\n{zooms}").splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("film.yaml:7: camera.zoom.0s")
    assert lines[5] == "and 4 more"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n\tb: 1", "film.yaml:2:1: there is a tab: YAML is indented with spaces"),
        ("a: 1\n  b: 2", "film.yaml:2: a colon too many, or a line indented too far"),
        ("a: [1,\n", "film.yaml:2: the text ends in the middle: a bracket, a brace or a quote is not closed"),
        ("a: [1}", "film.yaml:1: this is not YAML: expected ',' or ']', but got '}'"),
        ("a: 1\n---\nb: 1", "film.yaml:2: a second document begins here"),
        ("a: 1\nb: *c", "film.yaml:2: this is not YAML: found undefined alias 'c'"),
    ],
)
def test_a_mistake_of_syntax_is_named_with_its_line(text: str, message: str) -> None:
    assert refusal("", text).startswith(message)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("", "2: source: there is no sample picture 'cluods'; did you mean clouds?"),
        ("weights: sample:cluods", "2: source: there is no sample picture 'cluods'; did you mean clouds?"),
    ],
)
def test_a_sample_that_does_not_exist_is_named(more: str, message: str) -> None:
    text = refusal(more, "zoomdream: 1\nsource: sample:cluods\ndream:\n  layers: {fire8: 1}\n")
    assert text == f"film.yaml:{message}"


@pytest.mark.parametrize(
    ("layers", "key"),
    [
        ("{'cosine:fire5:sample:marbel': 1}", "dream.layers"),
        ("{'fire5 in sample:marbel': 1}", "dream.layers"),
        ("{sweep: ['guide:fire5:sample:marbel'], hold: 3s}", "dream.layers"),
        ("[{guide: sample:marbel, layer: fire5}]", "dream.layers.0.guide"),
        ("[{layer: fire5, mask: sample:marbel}]", "dream.layers.0.mask"),
    ],
)
def test_a_sample_that_does_not_exist_is_named_in_objectives(layers: str, key: str) -> None:
    text = refusal("", with_layers(layers))
    assert text == f"film.yaml:4: {key}: there is no sample picture 'marbel'; did you mean marble?"
