"""What a preset may hold: the sections are those of the settings, with their defaults."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.support.presets import CLOCK, load
from zoomdream.errors import PresetError, SettingError
from zoomdream.objectives import LayerSpec
from zoomdream.presets.fields.common import Section
from zoomdream.presets.loading import json_schema
from zoomdream.presets.schema import (
    CameraSection,
    CarrySection,
    ColorSection,
    DreamSection,
    FocusSection,
    OutputSection,
)
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.timeline import SECTIONS
from zoomdream.schedule.tracks import AnyTrack, Track
from zoomdream.settings import (
    CameraSettings,
    CarrySettings,
    ColorSettings,
    DreamSettings,
    FocusSettings,
    OutputSettings,
    Settings,
)

PAIRS: list[tuple[type[Section], type[Settings]]] = [
    (DreamSection, DreamSettings),
    (FocusSection, FocusSettings),
    (CameraSection, CameraSettings),
    (ColorSection, ColorSettings),
    (CarrySection, CarrySettings),
    (OutputSection, OutputSettings),
]


@pytest.mark.parametrize(("section", "settings"), PAIRS)
def test_a_section_has_the_fields_of_its_settings(section: type[Section], settings: type[Settings]) -> None:
    assert [name for name in section.model_fields if name not in ("layers", "palette")] == list(settings.model_fields)
    assert section.__doc__ == settings.__doc__


@pytest.mark.parametrize(("section", "settings"), PAIRS)
def test_numbers_of_a_timeline_are_tracks_and_choices_are_not(section: type[Section], settings: type[Settings]) -> None:
    for name, setting in settings.model_fields.items():
        is_number = setting.annotation in (int, float, tuple[float, float])
        is_track = section.model_fields[name].annotation == AnyTrack
        assert is_track == (is_number and settings in SECTIONS.values()), name


@pytest.mark.parametrize(("section", "settings"), PAIRS)
def test_an_editor_knows_the_default_and_the_description_of_every_setting(
    section: type[Section], settings: type[Settings]
) -> None:
    properties = json_schema()["$defs"][section.__name__]["properties"]
    for name, setting in settings.model_fields.items():
        default = list(setting.default) if isinstance(setting.default, tuple) else setting.default
        assert properties[name]["default"] == default
        assert properties[name]["description"] == setting.description


@pytest.mark.parametrize(("section", "settings"), PAIRS[1:])
def test_a_section_that_is_left_out_has_the_defaults(section: type[Section], settings: type[Settings]) -> None:
    left_out = section.of_defaults()
    assert left_out.written() == {}
    for name, setting in settings.model_fields.items():
        components = setting.default if isinstance(setting.default, tuple) else (setting.default,)
        expected = Track.constant(*components) if section.model_fields[name].annotation == AnyTrack else setting.default
        assert getattr(left_out, name) == expected


def test_what_a_section_holds_is_in_the_schemas_order() -> None:
    text = "camera: {pan: [0, 1], zoom: 2}\ncarry: {cuts: fade}"
    sections = load(text).model.timeline_sections()
    assert sections.keys() == SECTIONS.keys() - {"palette"}  # computed from color.palette
    assert list(sections["camera"].items()) == [("zoom", Track.constant(2)), ("pan", Track.constant(0, 1))]
    assert sections["carry"] == {"cuts": "fade"}
    assert sections["dream"] == {}


def test_the_smallest_preset_takes_every_default_from_the_settings() -> None:
    preset = load()
    row = preset.timeline(CLOCK)[20]
    assert preset.source is None
    assert (preset.seed, preset.network, preset.weights) == (0, "squeezenet1_1", None)
    assert preset.output == OutputSettings()
    assert all(getattr(row, name) == section() for name, section in SECTIONS.items())
    assert row.mix == ((LayerSpec("fire8"), 1.0),)


def test_the_canvas_fills_its_gaps_from_the_clip_or_from_its_defaults() -> None:
    clip = Clock(Fraction(25), 100)
    assert load().canvas.clock() == Clock(Fraction(30), 300)
    assert load().canvas.clock(clip) == clip
    assert load("canvas: {fps: 23.976}").canvas.clock(clip) == Clock(Fraction(24000, 1001), 96)
    assert load("canvas: {duration: 1:00}").canvas.clock() == Clock(Fraction(30), 1800)
    assert load("canvas: {start: 1s, duration: 2s}").canvas.clock(clip) == Clock(Fraction(25), 50)
    assert load("canvas: {start: 1s}").canvas.clock(clip) == Clock(Fraction(25), 75)
    assert load("canvas: {start: 1s, times: clip}").canvas.clock(clip) == Clock(Fraction(25), 75, Fraction(1))
    with pytest.raises(SettingError, match=r"begins at 4s, but the clip lasts 4\.000 s"):
        load("canvas: {start: 4s}").canvas.clock(clip)
    with pytest.raises(SettingError, match=r"at most 3\.000 s are left"):
        load("canvas: {start: 1s, duration: 1:00}").canvas.clock(clip)
    assert load("canvas: {size: 1920 x 1080, fit: fit}").canvas.size == (1920, 1080)


def test_the_canvas_has_a_background_and_a_switch_for_fields() -> None:
    assert (load().canvas.background, load().canvas.deinterlace) == ((0, 0, 0), "auto")
    canvas = load('canvas: {background: "#ffcc00", deinterlace: off}').canvas
    assert (canvas.background, canvas.deinterlace) == ((255, 204, 0), "off")
    with pytest.raises(PresetError, match=r"canvas.background: 'nocolor' is no color"):
        load("canvas: {background: nocolor}")
    with pytest.raises(PresetError, match=r"canvas.background has no value: .* a color needs quotes: '#rrggbb'"):
        load("canvas:\n  background: #ffcc00")
    with pytest.raises(PresetError, match=r"canvas.deinterlace is 'on'.*auto, off"):
        load("canvas: {deinterlace: on}")
