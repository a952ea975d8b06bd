"""Presets as text, for tests."""

from __future__ import annotations

from fractions import Fraction

import pytest

from zoomdream.errors import PresetError
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset
from zoomdream.schedule.clock import Clock

SMALLEST = """\
zoomdream: 1
source: noise
dream:
  layers: {fire8: 1}
"""
CLOCK = Clock(Fraction(10), 21)  # two seconds, and the frame at 2 s


def load(more: str = "", head: str = SMALLEST) -> Preset:
    """The smallest preset and more lines."""
    return load_preset_text(head + more, "film.yaml")


def with_layers(layers: str) -> str:
    """A preset's text with these `dream.layers`, in its fourth line."""
    return f"zoomdream: 1\nsource: noise\ndream:\n  layers: {layers}"


def refusal(more: str, head: str = SMALLEST) -> str:
    """The message with which such a preset is refused."""
    with pytest.raises(PresetError) as caught:
        load(more, head)
    return str(caught.value)


def named(mix: tuple[tuple[object, float], ...]) -> dict[str, float]:
    """A row's mix with its objectives as text."""
    return {str(key): weight for key, weight in mix}
