"""The settings of one frame, of an output and of a picture from noise: frozen, and validated by their constructors.

Each default, range and help text is written once, in this folder: presets, the command line and the JSON schema take
them from the fields. A film's preset can give every number a track over time (`schedule.tracks`); the pipeline takes
one of these values for each frame. Scripts construct them directly: `DreamSettings(octaves=4, steps=10)`.
"""

from __future__ import annotations

from zoomdream.settings.base import Deinterlace, Fit, Pair, Settings
from zoomdream.settings.camera import Border, CameraSettings
from zoomdream.settings.carry import CarrySettings
from zoomdream.settings.colors import ColorSettings, PaletteSettings
from zoomdream.settings.dreaming import DreamSettings, FocusSettings, VisualizeSettings
from zoomdream.settings.output import OutputSettings

__all__ = [
    "Border",
    "CameraSettings",
    "CarrySettings",
    "ColorSettings",
    "Deinterlace",
    "DreamSettings",
    "Fit",
    "FocusSettings",
    "OutputSettings",
    "Pair",
    "PaletteSettings",
    "Settings",
    "VisualizeSettings",
]
