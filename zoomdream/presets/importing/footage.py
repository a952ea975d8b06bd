"""What a film is made from, and what is heard: paths of another program's settings, taken as text and never opened."""

from __future__ import annotations

import re
from collections.abc import Mapping

from zoomdream.presets.importing.findings import Draft
from zoomdream.presets.importing.schedules import shown

_NOT_FETCHED = "it is not fetched: download it, and name the file"


def write_source(draft: Draft, settings: Mapping[str, object], mode: str, picture: str | None) -> None:
    """Write `source`: what the user names, else the video or the picture that the settings name, else noise."""
    key, path = ("video_init_path", settings.get("video_init_path")) if mode == "Video Input" else _picture(settings)
    if picture is not None:
        draft.data["source",] = picture
        if path:
            draft.leave(shown(key, path), f"the film is made from {picture}")
        return
    problem = _problem(path)
    if path and problem is None:
        how = "the camera stands still" if mode == "Video Input" else ""
        draft.take(("source",), str(path), shown(key, path), how)
        _leave_extract(draft, settings, mode)
        return
    draft.data["source",] = "noise"
    if path:
        draft.leave(shown(key, path), f"{problem}; until then the film begins with noise")
    else:
        theirs = shown("use_init", settings["use_init"]) if "use_init" in settings else "no picture"
        draft.leave(theirs, "the first frame is made from a prompt there, here from noise: name a photo")


def write_sound(draft: Draft, settings: Mapping[str, object], mode: str) -> None:
    """Write `audio.file` where the film has a sound."""
    kind, path = settings.get("add_soundtrack"), settings.get("soundtrack_path")
    if kind == "File" and path:
        problem = _problem(path)
        if problem:
            draft.leave(shown("soundtrack_path", path), problem)
        else:
            draft.take(("audio", "file"), str(path), shown("soundtrack_path", path))
    elif kind == "Init Video" and mode == "Video Input":
        draft.take(("output", "audio"), "source", "add_soundtrack Init Video")
    elif kind == "Init Video":
        draft.leave("add_soundtrack Init Video", "the film is not made from this video: name it as audio.file")


def _picture(settings: Mapping[str, object]) -> tuple[str, object]:
    return "init_image", settings.get("init_image") if settings.get("use_init") is True else None


def _problem(path: object) -> str | None:
    """Why a path cannot be taken; None: it can."""
    if not isinstance(path, str) or not path.isprintable() or len(path) > 4000:
        return "it is no path"
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", path.strip()):
        return _NOT_FETCHED
    return "it is a name that stands for something else here" if path.startswith("sample:") else None


def _leave_extract(draft: Draft, settings: Mapping[str, object], mode: str) -> None:
    stills = {"extract_nth_frame": 1, "extract_from_frame": 0, "extract_to_frame": -1}
    for key, still in stills.items():
        if mode == "Video Input" and settings.get(key, still) != still:
            draft.leave(shown(key, settings[key]), "see canvas.start, canvas.duration and canvas.fps")
