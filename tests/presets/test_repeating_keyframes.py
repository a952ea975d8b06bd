"""How a preset writes keyframes that repeat."""

from __future__ import annotations

import pytest

from zoomdream.errors import PresetError
from zoomdream.presets.loading import load_preset_text
from zoomdream.schedule.timeline import Timeline


def timeline(camera: str = "{}", layers: str = "{fire4: 1}") -> Timeline:
    text = f"zoomdream: 1\nsource: noise\ncanvas: {{size: 64x64, fps: 4, duration: 24f}}\ncamera: {camera}\n"
    preset = load_preset_text(f"{text}dream:\n  layers: {layers}\n")
    return preset.timeline(preset.clock())


def test_times_and_keyframes_repeat() -> None:
    by_time = timeline("{zoom: {keyframes: {0s: 1, 1s: 2}, loop: cycle}}")
    assert by_time.values("camera.zoom", 0, 6).tolist() == [1, 1.25, 1.5, 1.75, 1, 1.25]
    listed = "[{at: 0s, value: [0, 0]}, {at: 1s, value: [1, 0], ease: hold}]"
    pair = timeline(f"{{pan: {{keyframes: {listed}, loop: pingpong}}}}")
    assert pair.values("camera.pan", 0, 7)[:, 0].tolist() == [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5]


@pytest.mark.parametrize(
    "keyframes", ["{0s: {fire4: 1}, 1s: {fire5: 1}}", "[{at: 0s, mix: {fire4: 1}}, {at: 1s, mix: {fire5: 1}}]"]
)
def test_mixes_repeat(keyframes: str) -> None:
    rows = timeline(layers=f"{{keyframes: {keyframes}, loop: pingpong}}")
    weights = [{str(key): weight for key, weight in row.mix}.get("fire5", 0) for row in rows]
    assert weights[:10] == [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0, 0.25]


@pytest.mark.parametrize(
    ("zoom", "message"),
    [
        ("{0s: 1, 1s: 2, loop: cycle}", r"4: camera\.zoom\.0s: what repeats goes into keyframes: \{keyframes"),
        ("{keyframes: {0s: 1}, loop: cycle}", r"4: camera\.zoom: one keyframe is no movement"),
        ("{keyframes: {0s: 1, 1s: 2}, loop: round}", r"4: camera\.zoom\.loop is 'round'.*cycle, pingpong"),
        ("{keyframes: {0s: 1, 1s: 2}}", r"4: camera\.zoom\.loop is missing"),
        ("{keyframes: {0s: 1, 1s: {expr: time}}, loop: cycle}", r"4: camera\.zoom: keyframes that repeat are numbers"),
        ("{keyframes: {0s: 1, 0f: 2}, loop: cycle}", r"4: camera\.zoom: 0s and 0f are the same instant"),
        ("{keyframes: {0s: 1, 1s: 200}, loop: cycle}", r"camera\.zoom"),
    ],
)
def test_mistakes(zoom: str, message: str) -> None:
    with pytest.raises(PresetError, match=message):
        timeline(f"{{zoom: {zoom}}}")
