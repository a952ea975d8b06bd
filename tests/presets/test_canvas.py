"""The canvas that a preset's settings were written for, and what becomes of it where another one is asked for."""

from __future__ import annotations

from fractions import Fraction

import pytest

from zoomdream.errors import PresetError
from zoomdream.presets.loading import load_preset, load_preset_text
from zoomdream.presets.preset import Preset
from zoomdream.schedule.adaptation import Adaptation


def load(canvas: str, *changes: str) -> Preset:
    text = f"zoomdream: 1\nsource: noise\ncanvas: {canvas}\ndream: {{layers: {{fire8: 1}}}}\n"
    return load_preset_text(text, "film.yaml", changes=changes)


def adaptation(preset: Preset, size: tuple[int, int] = (320, 180), fps: int = 15) -> Adaptation | None:
    """Of a film of this size and rate, from a photo that would make it 160x90 at 30 fps."""
    return preset.canvas.adaptation(size, Fraction(fps), ((160, 90), Fraction(30)), is_video=False)


@pytest.mark.parametrize(
    ("canvas", "changes", "authored"),
    [
        ("{size: 640x360, fps: 30}", ["canvas.size=320x180"], "640x360@30"),
        ("{size: 640x360, fps: 30}", ["canvas.fps=60"], "640x360@30"),
        ("{size: 640x360}", ["canvas.fps=60"], "640x360@source"),
        ("{fps: 24000/1001}", ["canvas.fps=60", "canvas.size=320x180"], "any@24000/1001"),
        ("{}", ["canvas.fps=60"], "any@source"),
        ("{}", ["canvas.size=320x180"], None),
        ("{size: 640x360, fps: 30}", ["canvas.duration=2s", "dream.steps=2"], None),
        ("{size: 640x360, fps: 30}", ["canvas={size: 320x180}"], "640x360@30"),
        ("{size: 640x360, authored: 1920x1080@24}", ["canvas.fps=60"], "1920x1080@24"),
        ("{size: 640x360}", ["canvas.fps=60", "canvas.authored=none"], "none"),
    ],
)
def test_overrides_of_the_canvas_keep_the_presets_own(canvas: str, changes: list[str], authored: str | None) -> None:
    written = load(canvas, *changes).document.data
    assert isinstance(written, dict)
    assert isinstance(written["canvas"], dict)
    assert written["canvas"].get("authored") == authored


@pytest.mark.parametrize(
    ("authored", "scale", "rate"),
    [
        ("640x360@30", 0.5, 2.0),
        ("640x360", 0.5, 1.0),
        ("Any@60", 1.0, 4.0),
        ("source@source", 2.0, 2.0),
        ("source", 2.0, 1.0),
        ("160x360", 1.0, 1.0),  # another shape of the same area
        ("none", 1.0, 1.0),
    ],
)
def test_forms_of_an_authored_canvas(authored: str, scale: float, rate: float) -> None:
    found = adaptation(load(f"{{authored: {authored}}}"))
    assert (found or Adaptation()) == Adaptation(scale, rate)
    assert (found is None) == (scale == rate == 1)


def test_a_preset_on_its_own_canvas_is_not_adapted() -> None:
    assert adaptation(load("{size: 640x360, fps: 30}")) is None


@pytest.mark.parametrize(
    ("authored", "message"),
    [
        ("'@30'", "write its size and rate, such as 640x360@30, or none"),
        ("640x360@", "write its size and rate"),
        ("big", "'big' is no size: write WIDTHxHEIGHT"),
        ("640x360@0", "is no frame rate"),
    ],
)
def test_what_is_no_canvas(authored: str, message: str) -> None:
    with pytest.raises(PresetError, match=f"film.yaml:3: canvas.authored: .*{message}"):
        load(f"{{authored: {authored}}}")


def test_a_recipe_renders_again_as_it_was() -> None:
    once = load_preset("endless-zoom", ["canvas.size=320x180", "canvas.fps=12"])
    again = load_preset_text(once.recipe())
    assert again.canvas.authored == once.canvas.authored
    assert again.canvas.authored is not None
