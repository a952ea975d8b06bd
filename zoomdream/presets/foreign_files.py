"""Files of other programs that people give for presets: recognised, and called by their name."""

from __future__ import annotations

import json
from collections.abc import Mapping

from zoomdream.errors import ForeignFileError

_OURS = "zoomdream's presets are YAML files of its own"
DEFORUM, PARSEQ = "a settings file of Deforum", "a document of Parseq"
_DEFORUM = {
    *("W", "H", "max_frames", "animation_mode", "prompts", "strength_schedule", "animation_prompts", "cadence"),
    *("translation_x", "rotation_3d_x", "noise_schedule", "color_coherence", "diffusion_cadence"),
}
_DEFORUM_LEAST = 3  # of these keys
_A1111 = ("sd_model_checkpoint", "samples_save", "outdir_samples", "sd_checkpoint_hash")


def refuse_foreign(text: str, name: str) -> None:
    """Raise ForeignFileError where a text is another program's file. `name` begins the message."""
    kind = foreign_kind(text)
    if kind is not None:
        raise ForeignFileError(f"{name}: this is {kind}; {_OURS}", can_be_imported=kind in (DEFORUM, PARSEQ))


def foreign_kind(text: str) -> str | None:
    """What another program's file is, from its text; None where it may be a preset."""
    start = text[:1000].lstrip("\ufeff \t\r\n")
    lower = start.lower()
    if lower.startswith("{\\rtf"):
        return "an RTF document, as word processors write it: save it as plain text"
    if lower.startswith(("<!doctype html", "<html")):
        return "a web page: download the file itself, not the page that shows it"
    if lower.startswith(("<?xml", "<svg")):
        return "an XML file"
    return _json_kind(text) if start.startswith(("{", "[")) else None


def _json_kind(text: str) -> str | None:
    """What a JSON text is; None where it may be a preset, which may be written in JSON too."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or "zoomdream" in data:
        return None
    if len(_DEFORUM & data.keys()) >= _DEFORUM_LEAST:
        return DEFORUM
    if "rendered_frames" in data or ("keyframes" in data and ("managedFields" in data or "prompts" in data)):
        return PARSEQ
    if _is_comfyui(data):
        return "a workflow of ComfyUI"
    if any(key in data for key in _A1111) or any(str(key).startswith("txt2img/") for key in data):
        return "a settings file of Stable Diffusion web UI"
    if data and all(str(key).isdecimal() and isinstance(value, str) for key, value in data.items()):
        return "a list of prompts by frame, as Deforum has it"
    return None


def _is_comfyui(data: Mapping[str, object]) -> bool:
    if isinstance(data.get("nodes"), list) and "links" in data:
        return True
    return bool(data) and all(isinstance(node, dict) and "class_type" in node for node in data.values())
