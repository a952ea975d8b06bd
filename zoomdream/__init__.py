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
    "Film": "plan",
    "Network": "networks",
    "Objective": "objectives",
    "OutputSettings": "settings",
    "Preset": "preset",
    "VisualizeSettings": "settings",
    "ZoomdreamError": "errors",
    "channel_sheet": "atlas",
    "draw_saliency": "saliency",
    "dream": "ascent",
    "dream_still": "still",
    "frames": "film",
    "layer_sheet": "atlas",
    "load_image": "image",
    "load_network": "networks",
    "load_preset": "preset",
    "move": "camera",
    "pixel_gradient": "saliency",
    "prepare": "preparation",
    "render": "film",
    "save_image": "image",
    "sweep_preset": "sweep",
    "visualize": "visualization",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoomdream' has no attribute {name!r}")
    return getattr(import_module(f"zoomdream.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
