"""Other programs' files in a preset's place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zoomdream.errors import ForeignFileError
from zoomdream.presets.foreign_files import refuse_foreign
from zoomdream.presets.loading import load_preset, preset_text

DEFORUM = {"W": 512, "H": 512, "max_frames": 120, "animation_mode": "2D", "prompts": {"0": "a cat"}, "zoom": "0:(1.02)"}
PARSEQ = {"managedFields": ["seed", "zoom"], "keyframes": [{"frame": 0, "zoom": 1}], "options": {"output_fps": 20}}
COMFYUI = {"3": {"class_type": "KSampler", "inputs": {}}, "4": {"class_type": "SaveImage", "inputs": {}}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps(DEFORUM, indent=4), "a settings file of Deforum"),
        (json.dumps(DEFORUM, indent="\t"), "a settings file of Deforum"),
        ("\n" + json.dumps(PARSEQ), "a document of Parseq"),
        (json.dumps({"rendered_frames": [], "meta": {}}), "a document of Parseq"),
        (json.dumps(COMFYUI), "a workflow of ComfyUI"),
        (json.dumps({"nodes": [], "links": [], "last_node_id": 9}), "a workflow of ComfyUI"),
        (json.dumps({"samples_save": True, "sd_model_checkpoint": "x"}), "a settings file of Stable Diffusion web UI"),
        (json.dumps({"0": "a cat", "30": "a dog"}), "a list of prompts by frame"),
        ("{\\rtf1\\ansi zoomdream: 1}", "an RTF document"),
        ("<!DOCTYPE html><html><body>zoomdream: 1</body></html>", "a web page"),
        ("<?xml version='1.0'?><a/>", "an XML file"),
    ],
)
def test_it_is_called_by_its_name(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "settings.txt"
    file.write_text(text)
    for read in (load_preset, preset_text):
        with pytest.raises(ForeignFileError) as caught:
            read(file)
        assert str(caught.value).startswith(f"{file}: this is {words}")
        assert "YAML" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"zoomdream": 1, "source": "noise", "prompts": {}, "W": 1, "H": 1, "max_frames": 1}',
        "{zoomdream: 1, source: noise}",
        "[1, 2]",
        "{}",
        "{",
        "[" * 5000,
        "",
        "source: <html>",
    ],
)
def test_what_may_be_a_preset_is_left_to_its_own_messages(text: str) -> None:
    refuse_foreign(text, "film.yaml")
