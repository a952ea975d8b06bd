"""Characters that look like others or like nothing are named where they make a mistake, and allowed elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoomdream.errors import PresetError, UnknownNameError
from zoomdream.networks import blueprint
from zoomdream.objectives import verify
from zoomdream.presets.documents.characters import character_name, first_odd, first_unreadable, plain_text, visible_text
from zoomdream.presets.documents.yaml_document import Change
from zoomdream.presets.loading import load_preset_text

FILM = """\
zoomdream: 1
source: noise
dream:
  layers: {fire2: 1}
  step_size: 0.5
"""


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("\u00a0steps", " steps"),
        ("\u3000\u2003\u202fa", "   a"),
        ("st\u200beps\u2060", "steps"),
        ("\u202esteps\ufeff\u00ad", "steps"),
        ("steps：１２", "steps:12"),
        ("−0.5", "-0.5"),
        ("–0.5", "-0.5"),
        ("“noise”", '"noise"'),
        ("f\u0456re8", "fire8"),
        ("\u0441\u043e\u0440y", "copy"),
        ("c\u03bflor", "color"),
        ("fıre8", "fire8"),
        ("\ufb01re8", "fire8"),
        ("٣", "3"),
        ("a\u2028b", "a\nb"),
        ("a\x00b", "ab"),
    ],
)
def test_what_was_meant(odd: str, plain: str) -> None:
    assert plain_text(odd) == plain
    assert first_odd(odd) is not None
    assert first_odd(plain) is None


@pytest.mark.parametrize(
    "text", ["", "fire8: 1\r\n\t", "фото.png", "café", "写真", "Ελλάδα", "ελληνικά", "👍", "640×360"]
)
def test_other_scripts_are_no_mistakes(text: str) -> None:
    assert first_odd(text) is None
    assert plain_text(text) == visible_text(text) == text


def test_names() -> None:
    assert character_name("\u00a0") == "NO-BREAK SPACE (U+00A0)"
    assert character_name("\x00") == "NULL (U+0000)"
    assert character_name("\x01") == "control character (U+0001)"
    assert visible_text("a\u200bb\u00a0ｃ") == "a<U+200B>b<U+00A0>ｃ"
    unreadable = first_unreadable("a: \x07\n")
    assert unreadable is not None
    assert (unreadable.position, unreadable.name) == (3, "BELL (U+0007)")


def refusal(text: str, *changes: str | Change) -> str:
    with pytest.raises(PresetError) as caught:
        load_preset_text(text, "film.yaml", changes=changes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "  step_size",
            "\u00a0\u00a0step_size",
            "5:1: the character NO-BREAK SPACE (U+00A0) is here: type a plain space; <U+00A0>",
        ),
        ("  step_size", "\u3000\u3000step_size", "5:1: the character IDEOGRAPHIC SPACE (U+3000) is here"),
        ("step_size:", "step\u200b_size:", "5:7: the invisible character ZERO WIDTH SPACE (U+200B) is here: remove it"),
        (
            "step_size:",
            "st\u0435p_size:",
            "5:5: '\u0435' is the character CYRILLIC SMALL LETTER IE (U+0435): type a plain e",
        ),
        ("step_size:", "step_size：", "5:12: '：' is the character FULLWIDTH COLON (U+FF1A): type a plain :"),
        ("\ndream:", "\ndream：", "3:6: '：' is the character FULLWIDTH COLON (U+FF1A)"),
        ("size: 0.5", "size:\u00a00.5", "5:13: the character NO-BREAK SPACE (U+00A0) is here"),
        ("0.5", "−0.5", "5:14: '−' is the character MINUS SIGN (U+2212): type a plain -; dream.step_size is '−0.5'"),
        ("0.5", "０.5", "5:14: '０' is the character FULLWIDTH DIGIT ZERO (U+FF10): type a plain 0"),
        ("0.5", "“0.5”", "5:14: '“' is the character LEFT DOUBLE QUOTATION MARK (U+201C)"),
        ("0.5", "\u202e0.5", "5:14: the invisible character RIGHT-TO-LEFT OVERRIDE (U+202E) is here: remove it"),
        ("0.5", '"\\u00a0x"', "5: dream.step_size is '\\xa0x'"),
        ("\n  step", "\u2028  step", "4:21: the character LINE SEPARATOR (U+2028) is here: type a plain line break"),
        ("fire2: 1}", "fire2： 1}", "4:17: '：' is the character FULLWIDTH COLON (U+FF1A)"),
        ("1}", "1｝", "4:20: '｝' is the character FULLWIDTH RIGHT CURLY BRACKET (U+FF5D): type a plain }"),
        ("noise", "no\x07ise", "2:11: the invisible character BELL (U+0007) is here: remove it"),
    ],
)
def test_a_mistake_names_the_character_first(before: str, after: str, message: str) -> None:
    assert refusal(FILM.replace(before, after, 1)).startswith(f"film.yaml:{message}")


def test_lines_are_counted_as_editors_do() -> None:
    for end in ("\r", "\r\n"):
        broken = FILM.replace("  step_size", "\u00a0\u00a0step_size").replace("\n", end)
        assert refusal(broken).startswith("film.yaml:5:1: the character NO-BREAK SPACE")
        load_preset_text(FILM.replace("\n", end))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("source: noise", "source: \u041f\u043bяж\u00a0–\u00a0“x”.png  # no-break\u00a0space"),
        ("zoomdream", "# \u202eсору\u200b\nzoomdream"),
        ("source: noise", 'source: "a\u200db：.png"'),
    ],
)
def test_they_are_allowed_where_they_make_no_mistake(before: str, after: str) -> None:
    load_preset_text(FILM.replace(before, after, 1))


def test_an_unrelated_mistake_blames_no_character() -> None:
    text = FILM.replace("noise", "a\u00a0b.png  # “quoted”")
    assert refusal(f"{text}  colour: 1\n").startswith("film.yaml:6: dream.colour")
    assert refusal(f"{text}  - x\n").startswith("film.yaml:6: ")


def test_the_name_of_a_layer() -> None:
    preset = load_preset_text(FILM.replace("fire2", "f\u0456re2"), "film.yaml")
    (objective,) = preset.timeline(preset.canvas.clock()).objectives
    with pytest.raises(UnknownNameError) as caught, preset.locating_errors("dream", "layers"):
        verify(blueprint("squeezenet1_1"), objective)
    assert str(caught.value).startswith(
        "film.yaml:4:13: '\u0456' is the character CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I"
    )
    assert "dream.layers: " in str(caught.value)


def test_changes_on_the_command_line() -> None:
    change = Change("dream.step_size=−0.5", "--set dream.step_size=−0.5")
    assert refusal(FILM, change).startswith("--set dream.step_size=−0.5: '−' is the character MINUS SIGN (U+2212)")
    assert "CYRILLIC SMALL LETTER IE" in refusal(FILM, "dream.st\u0435ps=3")


def test_a_source_in_typographic_quotes(tmp_path: Path) -> None:
    preset = load_preset_text(FILM.replace("noise", "“photo.png”"), "film.yaml", tmp_path)
    assert preset.odd_character_note("source").startswith(
        "film.yaml:2:9: '“' is the character LEFT DOUBLE QUOTATION MARK"
    )
    assert load_preset_text(FILM).odd_character_note("source") == ""
