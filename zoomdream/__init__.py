"""zoomdream: DeepDream films from one YAML file.

    import zoomdream

    film = zoomdream.prepare(zoomdream.load_preset("quickstart"))
    for frame in zoomdream.frames(film):          # 1x3xHxW float32 sRGB in [0, 1]
        ...
    zoomdream.render(film, "out.mp4")

Names are loaded when they are first used: `import zoomdream` costs nothing and does not import torch.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "CameraSettings": "settings",
    "ColorSettings": "settings",
    "DreamSettings": "settings",
    "Film": "films.film",
    "Network": "networks",
    "Objective": "objectives",
    "OutputSettings": "settings",
    "Preset": "presets.preset",
    "VisualizeSettings": "settings",
    "ZoomdreamError": "errors",
    "channel_sheet": "stills.sheets",
    "draw_saliency": "stills.saliency",
    "dream": "dreaming.ascent",
    "dream_still": "stills.still",
    "frames": "films.loops",
    "layer_sheet": "stills.sheets",
    "load_image": "images.files",
    "load_network": "networks",
    "load_preset": "presets.loading",
    "move": "motion.camera",
    "pixel_gradient": "stills.saliency",
    "prepare": "films.preparation",
    "render": "films.rendering",
    "save_image": "images.files",
    "sweep_preset": "films.sweep",
    "visualize": "dreaming.visualization",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoomdream' has no attribute {name!r}")
    return getattr(import_module(f"zoomdream.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
