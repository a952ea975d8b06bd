"""Small films for the tests of films."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tests.support.clips import ffmpeg
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import frames
from zoomdream.films.preparation import prepare
from zoomdream.images.frame import Frame, to_uint8
from zoomdream.images.pictures.loading import load_image
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset

ZoomPreset = Callable[..., Preset]


def prepared(preset: Preset) -> Film:
    return prepare(preset, device="cpu", precision="float32")


Pixels = NDArray[np.uint8]


def video_preset(source: Path | str, **changes: object) -> Preset:
    text = {
        "source": f'"{source}"',
        "dream": "{layers: {fire4: 1}, octaves: 2, steps: 2}",
        "carry": "{steps: 1, strength: 0.9}",
    } | changes
    return load_preset_text("zoomdream: 1\n" + "\n".join(f"{key}: {value}" for key, value in text.items()))


def video_film(source: Path | str, **changes: object) -> Film:
    return prepare(video_preset(source, **changes), device="cpu", precision="float32")


def dreamed(source: Path | str, **changes: object) -> list[Frame]:
    return list(frames(video_film(source, **changes)))


def equal_frames(ours: list[Frame], theirs: list[Frame]) -> list[bool]:
    return [torch.equal(a, b) for a, b in zip(ours, theirs, strict=True)]


def shot(photos: Path, name: str, count: int, step: int = 1) -> list[Pixels]:
    """A pan over a photo, 96x64."""
    wide = to_uint8(fit_frame(load_image(photos / name), (96 + step * count, 64)))
    return [wide[:, step * i : step * i + 96] for i in range(count)]


def shot_of(clip: Path) -> list[Pixels]:
    raw = ffmpeg("-i", clip, "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1")
    return list(np.frombuffer(bytearray(raw), np.uint8).reshape(-1, 64, 96, 3))


FOUR_KINDS = """
    - {at: 0f, mix: {fire4: 1}}
    - {at: 4f, mix: {"fire6:17": 1}}
    - {at: 8f, mix: [{class: espresso}]}
    - {at: 12f, mix: [{guide: chelsea.png, layer: fire5, match: cosine}]}"""


SMALL = "{size: 128x96, fps: 10, duration: 13f}"


def planned(photos: Path, layers: str, canvas: str = SMALL, *, steps: int = 1, **more: object) -> Film:
    text = (
        f"zoomdream: 1\nsource: rocket.jpg\ncanvas: {canvas}\n"
        f"dream:\n  octaves: 2\n  steps: {steps}\n  step_size: 0.03\n  layers: {layers}\n"
    )
    preset = load_preset_text(text, base=photos)
    return prepare(preset, device="cpu", precision="float32", **more)  # type: ignore[arg-type]
