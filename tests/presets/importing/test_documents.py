"""What is imported is read within limits, and what is neither Deforum's nor Parseq's is called by its name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.presets.importing.foreign_settings import FILES
from tests.schedule.deforum_corpus import WEBUI
from zoomdream.errors import PresetError
from zoomdream.presets.importing.documents import MOST_BYTES, read_foreign

PARSEQ = FILES[f"{WEBUI} tests/testdata/parseq.json"]


def written(folder: Path, text: str | bytes) -> Path:
    """A file with this text."""
    file = folder / "settings.txt"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


@pytest.mark.parametrize("name", FILES)
def test_files_of_public_projects_are_known(name: str, tmp_path: Path) -> None:
    document = read_foreign(written(tmp_path, json.dumps(FILES[name], indent=4)))
    is_parseq = "rendered_frames" in FILES[name]
    assert dict(document.settings) == ({} if is_parseq else FILES[name])
    assert len(document.frames) == (3 if is_parseq else 0)


def test_encodings_of_editors_are_read(tmp_path: Path) -> None:
    text = json.dumps(PARSEQ)
    for encoding in ("utf-8-sig", "utf-16"):
        assert read_foreign(written(tmp_path, text.encode(encoding))).frames


def test_a_document_of_parseq_may_lie_in_settings(tmp_path: Path) -> None:
    settings = {**FILES[f"{WEBUI} scripts/default_settings.txt"], "parseq_manifest": json.dumps(PARSEQ)}
    assert len(read_foreign(written(tmp_path, json.dumps(settings))).frames) == 3
    address = "https://firebasestorage.googleapis.com/v0/b/sd-parseq.appspot.com/o/a.json"
    document = read_foreign(written(tmp_path, json.dumps({**settings, "parseq_manifest": address})))
    assert (document.frames, document.parseq_address) == ((), address)


NOT_RENDERED = json.dumps({"managedFields": ["zoom"], "keyframes": [{"frame": 0}], "options": {}})
NO_FRAMES = json.dumps({"rendered_frames": [{"zoom": 1}]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (NOT_RENDERED, "no rendered_frames: render it in Parseq first"),
        (json.dumps({"rendered_frames": []}), "no rendered_frames: render it in Parseq first"),
        (NO_FRAMES, "rendered_frames must be a list of frames, each with its number as frame"),
        (json.dumps({"rendered_frames": "x"}), "rendered_frames must be a list of frames"),
        (
            json.dumps({"W": 1, "H": 1, "prompts": {}, "parseq_manifest": NOT_RENDERED}),
            "parseq_manifest: this document",
        ),
        (
            json.dumps({"W": 1, "H": 1, "prompts": {}, "parseq_manifest": "{"}),
            "parseq_manifest:1:2: the JSON is damaged",
        ),
        ('{"W": 512,\n "H": 512,,}', "settings.txt:2:11: the JSON is damaged here (Expecting property name"),
        (
            json.dumps({"3": {"class_type": "KSampler"}}),
            "this is a workflow of ComfyUI; what is imported is a settings",
        ),
        (json.dumps({"zoomdream": 1, "source": "noise"}), "this is a preset of zoomdream already"),
        (json.dumps({"a": 1}), "this is another JSON"),
        ("[1, 2]", "this is another JSON"),
        ("zoomdream: 1\nsource: noise", "this is no JSON"),
        ("", "this is no JSON"),
        ("<html>", "this is a web page"),
        (b"\x89PNG\r\n\x1a\n", "this is a PNG picture: what is imported is a settings file"),
        ("[" * 100_000, "a nesting that no settings file has"),
        ('{"W": ' + "9" * 5000 + "}", "a number or a nesting"),
    ],
)
def test_anything_else_is_called_by_its_name(text: str | bytes, message: str, tmp_path: Path) -> None:
    file = written(tmp_path, text)
    with pytest.raises(PresetError) as caught:
        read_foreign(file)
    assert str(caught.value).startswith(str(file))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="is a folder"):
        read_foreign(tmp_path)
    with pytest.raises(PresetError, match="is no file that is there"):
        read_foreign(tmp_path / "none.txt")


def test_a_file_of_any_length_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "large.txt"
    with file.open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    with pytest.raises(PresetError, match="is larger than 64 MB"):
        read_foreign(file)
