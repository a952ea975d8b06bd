"""What an imported preset holds: it is checked as any other, says where its values come from, and harms nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.presets.importing.foreign_settings import FILES
from tests.schedule.deforum_corpus import WEBUI
from zoomdream.errors import OutputError, OutputExistsError
from zoomdream.presets.importing import import_preset, table
from zoomdream.presets.importing.findings import Finding
from zoomdream.presets.importing.writing import imported_text
from zoomdream.presets.loading import load_preset, load_preset_text

PLANE = {"W": 640, "H": 360, "fps": 24, "max_frames": 60, "animation_mode": "2D", "prompts": {}}


def imported(written: Any, folder: Path, picture: str | None = None) -> tuple[str, dict[str, Any], list[Finding]]:
    """The preset's text, its data, and the findings."""
    file = folder / "settings.txt"
    file.write_text(json.dumps(written), encoding="utf-8")
    text, draft = imported_text(file, picture)
    data: Any = load_preset_text(text).document.data
    return text, data, draft.findings


def how(findings: list[Finding], theirs: str) -> str:
    """What became of the setting whose name begins so."""
    return next(each.how for each in findings if each.theirs.startswith(theirs))


@pytest.mark.parametrize("name", FILES)
def test_files_of_public_projects_become_presets(name: str, tmp_path: Path) -> None:
    text, data, findings = imported(FILES[name], tmp_path)
    assert text.startswith("# Made from settings.txt.\nzoomdream: 1\n")
    for finding in findings:
        assert finding.path is None or finding.path[0] in data
    for left in (each for each in findings if each.path is None):
        assert left.theirs.split()[0] in text
    assert all(len(line) <= 118 for line in text.splitlines() if line.lstrip().startswith("#"))


def test_the_default_settings_value_by_value(tmp_path: Path) -> None:
    _, data, findings = imported(FILES[f"{WEBUI} scripts/default_settings.txt"], tmp_path)
    assert data["canvas"] == {"size": "512x512", "fps": 15, "duration": "120f"}
    assert data["source"] == "noise"
    lens = "tan(pi * 70 / 360)"
    assert data["camera"]["zoom"] == {"deforum": "0: (1.75)", "expr": f"(1 - next / (200 - next) / {lens}) ** -fps"}
    assert set(data["camera"]) == {"zoom", "border"}
    assert data["dream"]["step_size"] == {"deforum": "0: (0.65)", "expr": "0.04 * clamp(1 - value, 0, 1)"}
    assert how(findings, "zoom") == "Deforum uses it in 2D only"
    assert how(findings, "prompts").startswith("words cannot be dreamed")
    assert how(findings, "diffusion_cadence 2") == "every frame is dreamed, none is in between"


def test_a_document_of_parseq_alone(tmp_path: Path) -> None:
    _, data, _ = imported(FILES[f"{WEBUI} tests/testdata/parseq.json"], tmp_path)
    assert data["bpm"] == 140
    assert data["canvas"] == {"size": "512x512", "fps": 60, "duration": "3f"}
    string = "0:(0), 1:(30.11087728614862), 2:(14.642608005423675)"
    assert data["camera"] == {"rotate": {"deforum": string, "expr": "next * fps"}}


def test_parseq_counts_before_deforums_strings(tmp_path: Path) -> None:
    frames = [{"frame": n, "zoom": 1.5 * n, "zoom_delta": 1.01, "angle": n * n, "fov": 40.0} for n in range(9)]
    manifest = json.dumps({"rendered_frames": frames, "options": {"output_fps": 30}})
    written = {**PLANE, "zoom": "0:(3)", "translation_x": "0:(2)", "parseq_manifest": manifest}
    _, data, _ = imported(written, tmp_path)
    assert data["canvas"] == {"size": "640x360", "fps": 30, "duration": "9f"}
    assert data["camera"]["zoom"] == {"deforum": "0:(1.01)", "expr": "next ** fps"}
    assert data["camera"]["rotate"]["deforum"] == ", ".join(f"{n}:({n * n})" for n in range(9))
    assert data["camera"]["pan"] == [{"deforum": "0:(2)", "expr": "-next / 640 * fps"}, 0]
    _, data, _ = imported({**written, "parseq_use_deltas": False}, tmp_path)
    assert data["camera"]["zoom"]["deforum"].startswith("0:(0), 1:(1.5)")


def test_prompts_that_name_classes_are_dreamed(tmp_path: Path) -> None:
    prompts = {"0": "a (golden retriever:1.2), 4k --neg volcano", "30": "again a Golden  Retriever", "max_f-9": "words"}
    text, data, findings = imported({**PLANE, "prompts": prompts}, tmp_path)
    layers = data["dream"]["layers"]
    assert [keyframe["at"] for keyframe in layers] == ["0f", "50f"]
    assert layers[0]["mix"] == {"class:golden retriever": 1, "fire8": 0.3}
    assert how(findings, "prompt 30") == "it names the class golden retriever"
    assert how(findings, "prompt 50") == "it names no class: layers are dreamed"
    assert "# a (golden retriever:1.2), 4k --neg volcano" in text


@pytest.mark.parametrize(("prompts", "layers"), [(["a crane"], 1), ("a tabby", 1), ('{"0": "tabby", "9": "x"}', 2)])
def test_prompts_in_other_forms(prompts: object, layers: int, tmp_path: Path) -> None:
    _, data, _ = imported({**PLANE, "prompts": prompts}, tmp_path)
    written = data["dream"]["layers"]
    assert len(written if isinstance(written, list) else [written]) == layers


def test_sources_and_sounds_are_names_and_nothing_more(tmp_path: Path) -> None:
    written = {**PLANE, "use_init": True, "init_image": "/home/x/a: b #c.png", "add_soundtrack": "File"}
    _, data, _ = imported({**written, "soundtrack_path": "C:\\music\\a.mp3"}, tmp_path)
    assert (data["source"], data["audio"]) == ("/home/x/a: b #c.png", {"file": "C:\\music\\a.mp3"})
    address = "https://deforum.github.io/a1/I1.png"
    _, data, findings = imported({**written, "init_image": address, "soundtrack_path": address}, tmp_path)
    assert (data["source"], "audio" in data) == ("noise", False)
    assert "not fetched" in how(findings, f"init_image {address}")
    _, data, findings = imported(written, tmp_path, "photo.jpg")
    assert data["source"] == "photo.jpg"
    assert how(findings, "init_image") == "the film is made from photo.jpg"


def test_a_film_over_a_video_has_no_camera(tmp_path: Path) -> None:
    written = {**PLANE, "animation_mode": "Video Input", "video_init_path": "clip.mp4", "zoom": "0:(1.1)"}
    _, data, findings = imported({**written, "add_soundtrack": "Init Video", "extract_nth_frame": 2}, tmp_path)
    assert (data["source"], data["output"]) == ("clip.mp4", {"audio": "source"})
    assert "duration" not in data["canvas"]
    assert "camera" not in data
    assert "Video Input" in how(findings, "zoom")
    assert how(findings, "extract_nth_frame 2").startswith("see canvas.start")


def test_the_perspective_flip(tmp_path: Path) -> None:
    flip = {"perspective_flip_phi": "0:(0.5*sin(t))", "perspective_flip_fv": "0:(53)", "translation_x": "0:(3)"}
    _, data, findings = imported({**PLANE, **flip, "enable_perspective_flip": True}, tmp_path)
    assert data["camera"] == {"flip_phi": {"deforum": "0:(0.5*sin(t))", "expr": "next * fps"}}
    assert how(findings, "translation_x") == "Deforum does not move the picture where it flips the perspective"
    _, data, _ = imported({**PLANE, **flip}, tmp_path)
    assert set(data["camera"]) == {"pan"}


def test_values_out_of_our_range_are_kept_in_it(tmp_path: Path) -> None:
    text, data, _ = imported({**PLANE, "zoom": "0:(1.1), 30:(1.5)"}, tmp_path)
    assert data["camera"]["zoom"]["expr"] == "clamp(next ** fps, 0.01, 100)"
    assert "# zoom: kept from 0.01 to 100" in text


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"zoom": "0:(1.0"}, "it cannot be read: column 3: this parenthesis is never closed"),
        ({"zoom": "0:(1/(t-5))"}, "divides by zero at frame 5"),
        ({"zoom": "90:(1.2)"}, "no keyframe of this Deforum string lies in a film of 60 frames"),
        ({"fps": 0}, "it must be from 0.1 to 1000 frames per second; 15 count"),
        ({"max_frames": "many"}, "it is no number of frames: the film lasts 10 s"),
        ({"max_frames": -3}, "it is no number of frames"),
        ({"W": 0}, "is no size for a film"),
        ({"seed": 2**70}, "a seed by chance"),
        ({"border": "warp"}, "continued with noise"),
        ({"parseq_manifest": "https://x.org/a.json"}, "it is not fetched"),
        ({"use_init": True, "init_image": "a\nb"}, "it is no path"),
        ({"use_init": True, "init_image": ["a"]}, "it is no path"),
        ({"use_init": True, "init_image": "sample:secret"}, "stands for something else"),
        ({"cn_2_enabled": True}, "there is no ControlNet"),
    ],
)
def test_what_cannot_be_taken_is_said_and_left_out(setting: dict[str, object], words: str, tmp_path: Path) -> None:
    text, _, findings = imported({**PLANE, **setting}, tmp_path)
    assert any(words in each.how for each in findings if each.path is None), findings
    assert "# What has no counterpart here:" in text


def test_a_strangers_words_end_no_comment_and_command_no_terminal(tmp_path: Path) -> None:
    evil = "a cat\nweights: /etc/passwd\n\x1b[2J\u202e\r# " + "x" * 3000
    written = {**PLANE, "prompts": {"0": evil, evil: evil}, "color_coherence": evil, "border": evil}
    text, data, findings = imported({**written, "zoom": evil, "noise_schedule": evil, "seed": evil}, tmp_path)
    assert set(data) == {"zoomdream", "source", "canvas", "dream", "color"}
    assert all(line.isprintable() for line in (*text.splitlines(), *table(findings).splitlines()))
    assert len(text) < 5000


def test_a_sound_that_strings_follow_is_not_needed_to_import(tmp_path: Path) -> None:
    _, data, _ = imported({**PLANE, "zoom": "0:(1.01 + 0.02*beat)"}, tmp_path)
    assert data["camera"]["zoom"]["deforum"] == "0:(1.01 + 0.02*beat)"


def test_the_file_is_written_whole_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("films").mkdir()
    Path("a.txt").write_text(json.dumps(PLANE), encoding="utf-8")
    preset = Path("films/a.yaml")
    findings = import_preset(Path("a.txt"), preset, "photo.jpg")
    assert load_preset(preset).source == tmp_path / "films" / ".." / "photo.jpg"
    with pytest.raises(OutputExistsError):
        import_preset(Path("a.txt"), preset)
    import_preset(Path("a.txt"), preset, "noise", overwrite=True)
    assert load_preset(preset).model.source == "noise"
    assert table(findings).splitlines()[0].split() == ["there", "here", "how"]


def test_the_file_that_is_imported_stays(tmp_path: Path) -> None:
    file = tmp_path / "film.yaml"
    file.write_text(json.dumps(PLANE), encoding="utf-8")
    with pytest.raises(OutputError, match="is the file that is imported"):
        import_preset(file, file, overwrite=True)
    assert json.loads(file.read_text()) == PLANE


KEYS = sorted({key for each in FILES.values() for key in each if key != "rendered_frames"})
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**400), "0:(1.1)", "2D", "3D", "None", "0:(t/0)", "\0", "0:(", "{", "1e999", [], {}]),
    st.floats(),
    st.text(max_size=20),
    st.recursive(st.text(max_size=5), lambda part: st.lists(part, max_size=3), max_leaves=4),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1, max_size=8))
def test_any_values_make_a_preset(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Short films only: `max_frames` may be any number."""
    text, data, _ = imported({**PLANE, **changes, "max_frames": 9, "parseq_manifest": ""}, tmp_path)
    assert data["zoomdream"] == 1
    assert "\0" not in text


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.dictionaries(st.sampled_from([*KEYS, "zoom_delta", "deforum_prompt"]), VALUES), min_size=1, max_size=4)
)
def test_any_frames_of_parseq_make_a_preset(tmp_path: Path, frames: list[dict[str, Any]]) -> None:
    _, data, _ = imported({"rendered_frames": [{**each, "frame": n} for n, each in enumerate(frames)]}, tmp_path)
    assert data["canvas"]["duration"] == f"{len(frames)}f"
