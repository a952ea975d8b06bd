"""What is dragged on the timeline, written back in the preset's own style."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.studio import PRESET

ZOOM = ["camera", "zoom"]
HEAD = "zoomdream: 1\nsource: noise\nbpm: 120\ncanvas: {fps: 10, duration: 8s}\ndream: {layers: {fire8: 1}}\n"


def changed(client: TestClient, text: str, **change: Any) -> str:
    """The text after a change of a keyframe, which is a preset that is fine."""
    answer = client.post("/api/keyframes", json={"text": text, **change})
    assert answer.status_code == 200, answer.json()
    new: str = answer.json()["text"]
    assert client.post("/api/check", json={"text": new}).json()["errors"] == []
    return new


STYLES = {
    "values by time": ("{0s: 1.1, 4s: 2}", "move", "4s", 3.21, 1.5, "{0s: 1.1, 3.21s: 1.5}"),
    "frames": ("{0f: 1.1, 40f: 2}", "move", "40f", 3.24, None, "{0f: 1.1, 32f: 2}"),
    "percent": ("{0%: 1.1, 50%: 2}", "move", "50%", 3.95, None, "{0%: 1.1, 50%: 2}"),
    "beats": ("{0b: 1.1, 4b: 2}", "move", "4b", 3, None, "{0b: 1.1, 6b: 2}"),
    "the end": ("{0s: 1.1, end: 2}", "move", "end", 3.95, None, "{0s: 1.1, 50%: 2}"),
    "keyframes": (
        "[{at: 0s, value: 1.1, ease: in-quad}, {at: 4s, value: 2}]",
        "move",
        "1",
        5,
        3,
        "[{at: 0s, value: 1.1, ease: in-quad}, {at: 5s, value: 3.0}]",
    ),
    "a new one among others": ("{0s: 1.1, 4s: 2}", "add", None, 2, 1.7, "{0s: 1.1, 2s: 1.7, 4s: 2}"),
    "a new one in beats": ("{0b: 1.1, 8b: 2}", "add", None, 2, 1.7, "{0b: 1.1, 4b: 1.7, 8b: 2}"),
    "the first of a constant": ("1.2", "add", None, 2, 1.7, "{0s: 1.2, 2s: 1.7}"),
    "less": ("{0s: 1.1, 4s: 2}", "delete", "4s", None, None, "{0s: 1.1}"),
}


@pytest.mark.parametrize("case", STYLES)
def test_a_change_keeps_the_style(client: TestClient, case: str) -> None:
    before, action, key, time, value, after = STYLES[case]
    text = f"{HEAD}camera:\n  zoom: {before}  # a comment\n"
    change = {
        "path": ZOOM,
        "action": action,
        "time": time,
        "value": value,
        "key": None if key is None else [*ZOOM, key],
    }
    new = changed(client, text, **change)
    line = new.splitlines()[-1]
    assert line.partition("#")[0].strip() == f"zoom: {after}"
    assert line.endswith("# a comment")
    assert new.startswith(HEAD)


def test_an_ease_makes_values_by_time_a_list(client: TestClient) -> None:
    new = changed(client, PRESET, path=ZOOM, action="ease", key=[*ZOOM, "0s"], ease="in-out-sine")
    assert "zoom: [{at: 0s, value: 1.1, ease: in-out-sine}, {at: 1s, value: 1.5}]" in new
    again = changed(client, new, path=ZOOM, action="ease", key=[*ZOOM, "0"], ease="hold")
    assert "{at: 0s, value: 1.1, ease: hold}" in again


def test_comments_of_other_keyframes_stay(client: TestClient) -> None:
    text = HEAD + "camera:\n  zoom:\n    0s: 1.1   # slow\n    # and then\n    4s: 2     # fast\n"
    assert changed(client, text, path=ZOOM, action="add", time=2, value=1.5) == text.replace(
        "    # and then\n    4s", "    # and then\n    2s: 1.5\n    4s"
    )


def test_a_component_of_a_pair_moves_alone(client: TestClient) -> None:
    text = f"{HEAD}camera:\n  pan: {{0s: [0.1, 0], 4s: [0.2, 0.4]}}\n"
    pan = ["camera", "pan", 1]
    moved = changed(client, text, path=pan, action="move", key=["camera", "pan", "4s"], value=0.3)
    assert moved.endswith("pan: {0s: [0.1, 0], 4s: [0.2, 0.3]}\n")
    added = changed(client, text, path=pan, action="add", time=2, value=0.5)
    assert added.endswith("pan: {0s: [0.1, 0], 2s: [0.15, 0.5], 4s: [0.2, 0.4]}\n")


def test_a_setting_that_is_left_out_gets_keyframes_and_whole_numbers_stay_whole(client: TestClient) -> None:
    assert "rotate: {0s: 0.0, 1.5s: 20.0}" in changed(
        client, PRESET, path=["camera", "rotate"], action="add", time=1.5, value=20
    )
    assert "steps: {0s: 1, 1s: 3}" in changed(client, PRESET, path=["dream", "steps"], action="add", time=1, value=2.6)


def test_keyframes_of_the_mix(client: TestClient) -> None:
    layers = ["dream", "layers"]
    begun = changed(client, PRESET, path=layers, action="add", time=1)
    assert "layers: {0s: {fire6: 1}, 1s: {fire6: 1}}" in begun
    moved = changed(client, begun, path=layers, action="move", key=[*layers, "1s"], time=1.25)
    assert "1.25s: {fire6: 1}" in moved
    eased = changed(client, moved, path=layers, action="ease", key=[*layers, "0s"], ease="in-sine")
    assert "{at: 0s, mix: {fire6: 1}, ease: in-sine}" in eased


def test_keyframes_that_repeat_stay_inside(client: TestClient) -> None:
    text = f"{HEAD}camera:\n  zoom: {{keyframes: {{0s: 1.1, 2s: 1.5}}, loop: cycle}}\n"
    key = [*ZOOM, "keyframes", "2s"]
    moved = changed(client, text, path=ZOOM, action="move", key=key, time=3)
    assert "{keyframes: {0s: 1.1, 3s: 1.5}, loop: cycle}" in moved
    refused = client.post("/api/keyframes", json={"text": text, "path": ZOOM, "action": "delete", "key": key})
    assert refused.status_code == 400


def test_what_cannot_be_done_is_said_in_a_sentence(client: TestClient) -> None:
    computed = f'{HEAD}camera: {{zoom: {{expr: "1 + 0.1 * sin(time)"}}}}\n'
    cases: list[tuple[str, dict[str, Any], int]] = [
        (PRESET, {"path": ZOOM, "action": "move", "key": [*ZOOM, "9s"], "time": 1}, 409),
        (PRESET, {"path": ZOOM, "action": "move", "key": [*ZOOM, "1s"], "time": 0}, 409),
        (PRESET, {"path": ZOOM, "action": "add", "time": 1, "value": 1.2}, 409),
        (PRESET, {"path": ZOOM, "action": "add", "value": 1.2}, 400),
        (PRESET, {"path": ZOOM, "action": "add", "time": 0.5}, 400),
        (PRESET, {"path": ZOOM, "action": "explode"}, 400),
        (PRESET, {"path": ZOOM, "action": "move"}, 400),
        (PRESET, {"path": [], "action": "add", "time": 1}, 400),
        (PRESET, {"path": ZOOM, "action": "move", "key": [*ZOOM, "1s"], "time": "x"}, 400),
        (PRESET, {"path": ["camera", "nothing"], "action": "add", "time": 1, "value": 1}, 400),
        (PRESET, {"path": ZOOM, "action": "ease", "key": [*ZOOM, "0s"], "ease": "wobbly"}, 400),
        (computed, {"path": ZOOM, "action": "add", "time": 1, "value": 1.2}, 400),
        ("a: [", {"path": ZOOM, "action": "add", "time": 1, "value": 1.2}, 400),
    ]
    for text, change, status in cases:
        answer = client.post("/api/keyframes", json={"text": text, **change})
        assert answer.status_code == status, (change, answer.json())
        assert answer.json()["message"]
