"""Errors at their places, while a preset is typed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.studio import PRESET
from zoomdream.presets.shipped import shipped_files
from zoomdream.studio.page_files import PAGE


def check(client: TestClient, text: str) -> dict[str, Any]:
    """What is said of a text."""
    answer = client.post("/api/check", json={"text": text})
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize("name", sorted(shipped_files()))
def test_shipped_presets_are_fine(client: TestClient, name: str) -> None:
    found = check(client, shipped_files()[name].read_text(encoding="utf-8"))
    assert found["errors"] == found["warnings"] == []
    assert found["form"]["source"]


MISTAKES = {
    "a value out of its range": ("steps: 1,", "steps: -1,", 5, "dream.steps"),
    "a key that is none": ("seed: 1\n", "sead: 1\n", 2, "sead"),
    "a layer that is none": ("fire6: 1", "fire66: 1", 5, "dream.layers"),
    "a channel that is none": ("fire6: 1", "'fire6:9999': 1", 5, "dream.layers"),
    "a layer to walk through that is none": ("{fire6: 1}", "{wander: {channels: fire66}, hold: 1s}", 5, "dream.layers"),
    "a family that is none": ("{fire6: 1}", "{wander: {classes: birdz}, hold: 1s}", 5, "dream.layers"),
    "a class that is none": ("fire6: 1", "'class:castel': 1", 5, "dream.layers"),
    "two keyframes at one instant": ("1s: 1.5", "0f: 1.5", 7, "camera.zoom"),
    "a bracket that is not closed": ("1.5}", "1.5", 7, ""),
    "a time of no use": ("1s: 1.5", "soon: 1.5", 7, "camera.zoom"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_at_its_line(client: TestClient, case: str) -> None:
    old, new, line, path = MISTAKES[case]
    text = PRESET.replace("zoomdream: 1\n", "zoomdream: 1\n" + (new if "seed" in old else "")).replace(old, new)
    found = check(client, text)
    error = found["errors"][0]
    expected = line + (1 if "seed" in old else 0)
    if case == "a bracket that is not closed":
        assert error["line"] >= line
    else:
        assert (error["line"], error["path"]) == (expected, path)
    assert error["column"] >= 1
    assert "preset:" not in error["message"]


def test_walks_are_checked_without_the_networks_weights(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("the network is loaded")

    monkeypatch.setattr("zoomdream.networks.loading.load_network", refuse)
    monkeypatch.setattr("zoomdream.networks.features.channel_responses.load_network", refuse)
    for network, layer in (("squeezenet1_1", "fire8"), ("googlenet", "inception4c")):
        walk = f"network: {network}\ndream: {{layers: {{wander: {{channels: {layer}}}, hold: 1s}}"
        assert check(client, PRESET.replace("dream: {layers: {fire6: 1}", walk))["errors"] == []


def test_names_are_suggested(client: TestClient) -> None:
    assert "did you mean fire6" in check(client, PRESET.replace("fire6", "fir6"))["errors"][0]["message"]
    assert "castle" in check(client, PRESET.replace("fire6: 1", "'class:castel': 1"))["errors"][0]["message"]
    assert check(client, PRESET.replace("fire6: 1", "'class:tiger_cat': 1"))["errors"] == []
    assert check(client, PRESET.replace("fire6: 1", "{}"))["errors"]


def test_several_mistakes_are_told_each_at_its_line(client: TestClient) -> None:
    found = check(client, PRESET.replace("steps: 1", "steps: -1").replace("fps: 4", "fps: 0"))
    assert [error["line"] for error in found["errors"]] == [4, 5]


def test_the_form_has_the_values_as_they_are_written_also_where_one_is_wrong(client: TestClient) -> None:
    form = check(client, PRESET.replace("steps: 1", "steps: -1"))["form"]
    assert form["canvas.size"] == "64x48"
    assert form["camera.zoom"] == {"0s": 1.1, "1s": 1.5}
    assert form["dream.layers"] == {"fire6": 1}
    assert form["dream.steps"] == -1
    assert form["camera.rotate"] is None
    assert check(client, "a: [")["form"] == {}


def test_the_form_has_every_key_that_the_page_shows(client: TestClient) -> None:
    plan = (PAGE / "js" / "form" / "plan.js").read_text(encoding="utf-8")
    shown = re.findall(r'path: "([a-z_.]+)"', plan)
    assert len(shown) > 30
    assert set(shown) <= set(check(client, PRESET)["form"])


def test_what_can_be_chosen_is_listed(client: TestClient) -> None:
    networks = {each["name"]: each for each in client.get("/api/networks").json()}
    assert networks["squeezenet1_1"]["present"]
    assert networks["mobilenet_v2_trunk"]["install"].startswith("pip install")
    assert networks["resnet50"]["install"] is None
    assert {"birds", "flowers"} <= set(client.get("/api/families").json())


def test_warnings_are_told(client: TestClient) -> None:
    assert check(client, PRESET.replace("1s: 1.5", "9s: 1.5"))["warnings"] == ["camera.zoom: the film ends before 9s"]


@pytest.mark.parametrize(
    ("layer", "mistake"),
    [
        ("fire6", ""),
        ("mobilenet_v2_trunk/features.14", ""),
        ("'mobilenet_v2_trunk/features.14:159'", ""),
        ("'class:squeezenet1_1/castle'", ""),
        ("'class:squeezenet1_1/999'", ""),
        ("mobilenet_v2_trunk/features.77", "mobilenet_v2_trunk has no layer 'features.77'"),
        ("'mobilenet_v2_trunk/features.14:160'", "has no channel 160"),
        ("mobilenet/features.14", "'mobilenet' is none of the networks here, squeezenet1_1, mobilenet_v2_trunk"),
        ("'class:mobilenet_v2_trunk/castle'", "mobilenet_v2_trunk has no classes"),
        ("'class:squeezenet1_1/1000'", "has no class 1000"),
    ],
)
def test_layers_and_classes_of_several_networks(client: TestClient, layer: str, mistake: str) -> None:
    text = PRESET.replace("fire6: 1", f"{layer}: 1") + "\nnetworks: [squeezenet1_1, mobilenet_v2_trunk]\n"
    errors = check(client, text)["errors"]
    assert len(errors) == bool(mistake)
    if mistake:
        assert mistake in errors[0]["message"]
        assert errors[0]["path"] == "dream.layers"
