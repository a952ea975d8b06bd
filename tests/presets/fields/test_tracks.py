"""A setting that may change over time has three forms, with its bounds in each."""

from __future__ import annotations

import re

import pytest

from tests.support.presets import CLOCK, load
from zoomdream.presets.loading import json_schema
from zoomdream.schedule.clock import TIME_PATTERN
from zoomdream.schedule.easing import EASES
from zoomdream.settings import CameraSettings


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


@pytest.mark.parametrize("text", ["0", "2s", "2.5s", "250ms", "1:30.5", "1:02:03", "120f", "50%", "end"])
def test_an_editor_and_the_parser_agree_on_times(text: str) -> None:
    assert re.search(TIME_PATTERN, text)
    assert load(f"camera: {{zoom: {{{text}: 1}}}}").timeline(CLOCK)[0].camera.zoom == 1


def test_the_schema_knows_the_forms_of_a_track_its_bounds_and_the_eases() -> None:
    schema = json_schema()
    zoom = schema["$defs"]["CameraSection"]["properties"]["zoom"]
    number, times, keyframes, expression, follow, string, converted, repeating = zoom["oneOf"]
    assert number == {"maximum": 100, "minimum": 0.01, "type": "number"}
    formulas = [{"$ref": "#/$defs/ExpressionEntry"}, {"$ref": "#/$defs/FollowEntry"}]
    assert [expression, follow] == formulas
    assert string["type"] == "string"
    assert converted == {"$ref": "#/$defs/ConversionEntry"}
    assert repeating == {"$ref": "#/$defs/ZoomRepetition"}
    assert schema["$defs"]["ZoomRepetition"]["properties"]["keyframes"]["oneOf"] == [times, keyframes]
    assert times["patternProperties"] == {TIME_PATTERN: {"oneOf": [number, *formulas]}}
    assert times["additionalProperties"] is False
    assert keyframes["items"] == {"$ref": "#/$defs/ZoomKeyframe"}
    assert schema["$defs"]["ZoomKeyframe"]["properties"]["ease"]["anyOf"][0]["enum"] == list(EASES)
    assert zoom["description"] == CameraSettings.model_fields["zoom"].description
    assert zoom["default"] == CameraSettings().zoom
    assert len(schema["$defs"]["DreamSection"]["properties"]["layers"]["oneOf"]) == 6
    assert schema["required"] == ["zoomdream", "source", "dream"]
    assert schema["additionalProperties"] is False
