"""A small film of each loop, a still and a visualization against pictures that somebody has looked at.

They change when the arithmetic of a dream changes. If that was meant: look at the picture that the failure names, then
`pytest tests/golden --update-golden`, and say in the commit what changed and why.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support.clips import lossless
from tests.support.golden import Difference, GoldenPictures
from zoomdream.dreaming.feature_visualization import visualize
from zoomdream.films.frame_loops import frames
from zoomdream.films.preparation import prepare
from zoomdream.images.frame import Frame
from zoomdream.networks import Network
from zoomdream.presets.loading import load_preset_text
from zoomdream.settings import DreamSettings, VisualizeSettings
from zoomdream.stills.still import dream_still

SIZE = (96, 64)
TOLERANCE = Difference(mean=2, high=16)
"""In levels of 255, for every frame.

What machines do: one thread or two, and PyTorch, oneDNN and OpenCV with AVX2 or without it, differ by less than 0.01.
Noise of 1e-7 on what every ascent begins with, near float32's rounding, moves no frame by more than 0.3, noise of 1e-6
by 0.8 at most, its 99th percentile by 10.
What a change does: a step size 5 % larger moves the last frame by 3.2, a spectrum's decay 3 % lower by 4,
coherence of 0.05 instead of 0.1 by 2.8, a zoom of 1.52 instead of 1.5 by 7.6, another seed by 20.
"""


def film_frames(text: str) -> list[Frame]:
    """The frames of a preset's film, in float32 on the CPU."""
    return list(frames(prepare(load_preset_text(text), device="cpu", precision="float32")))


def zoom_film(photo: Path) -> list[Frame]:
    """Four frames into a photo: two octaves, a turn, a layer that fades into another."""
    return film_frames(f"""
        zoomdream: 1
        source: {photo}
        canvas: {{size: 96x64, fps: 4, duration: 4f}}
        seed: 5
        dream:
          layers: [{{at: 0s, mix: {{fire2: 1}}}}, {{at: 2s, mix: {{fire3: 1}}, ease: in-out-sine}}]
          octaves: 2
          steps: 1
          step_size: 0.08
          smoothing: 1
        camera: {{zoom: 1.5, rotate: 20, pan: [0.1, 0]}}
        color: {{coherence: 0.2}}
        """)


def amortized_film(photo: Path) -> list[Frame]:
    """Five frames into a photo whose steps are amortized: the first takes all, the momentum turns with the others."""
    return film_frames(f"""
        zoomdream: 1
        source: {photo}
        canvas: {{size: 96x64, fps: 4, duration: 5f}}
        seed: 5
        dream:
          layers: {{fire3: 1, fire2: 0.5}}
          octaves: 2
          steps: 2
          step_size: 0.03
          smoothing: 1
          schedule: amortized
        camera: {{zoom: 1.5, rotate: 20}}
        color: {{coherence: 0.2}}
        """)


def moving_clip(photos: Path, path: Path) -> Path:
    """A camera that moves over a photo for three frames, then a cut to two frames of another, without loss."""
    cup, cat = (shrink(photos / name, factor) for name, factor in (("coffee.png", 4), ("chelsea.png", 3)))
    moves = [cup[10:74, x : x + 96] for x in (20, 23, 26)] + [cat[y : y + 64, 24:120] for y in (10, 12)]
    return lossless(path, moves, fps=10)


def shrink(photo: Path, factor: int) -> NDArray[np.uint8]:
    """A photo as HxWx3, made smaller in whole numbers: one level in one pixel of the source makes another dream."""
    pixels = np.array(Image.open(photo).convert("RGB"), int)
    height, width = (side // factor for side in pixels.shape[:2])
    blocks = pixels[: height * factor, : width * factor].reshape(height, factor, width, factor, 3)
    return (blocks.sum((1, 3)) // factor**2).astype(np.uint8)


def video_film(clip: Path) -> list[Frame]:
    """Five frames over a clip: the first frame of a shot dreamed anew, the others carried."""
    return film_frames(f"""
        zoomdream: 1
        source: {clip}
        seed: 5
        dream: {{layers: {{fire4: 0.5, fire2: 1}}, octaves: 1, steps: 2, step_size: 0.1, smoothing: 1}}
        carry: {{steps: 1}}
        color: {{coherence: 0.1}}
        """)


def still(network: Network, photo: Path, seed: int = 5) -> Frame:
    """A still of two objectives, one of them a channel."""
    settings = DreamSettings(octaves=2, steps=2, step_size=0.05, smoothing=0.5)
    return dream_still(photo, network, {"fire6": 1, "fire4:20": 0.5}, settings, size=SIZE, seed=seed)


def visualization(network: Network) -> list[Frame]:
    """What two channels look for."""
    settings = VisualizeSettings(size=64, steps=12, learning_rate=0.15)
    return visualize(network, ["fire2:20", "fire3:8"], settings, seed=5)


def test_a_zoom_film(golden: GoldenPictures, photos: Path) -> None:
    golden.check("zoom_film", zoom_film(photos / "chelsea.png"), TOLERANCE)


def test_a_film_of_amortized_steps(golden: GoldenPictures, photos: Path) -> None:
    golden.check("amortized_film", amortized_film(photos / "chelsea.png"), TOLERANCE)


def test_a_video_film(golden: GoldenPictures, photos: Path, tmp_path: Path) -> None:
    golden.check("video_film", video_film(moving_clip(photos, tmp_path / "clip.mkv")), TOLERANCE)


def test_a_still(golden: GoldenPictures, network: Network, photos: Path) -> None:
    golden.check("still", [still(network, photos / "coffee.png")], TOLERANCE)


def test_a_visualization(golden: GoldenPictures, network: Network) -> None:
    golden.check("visualization", visualization(network), TOLERANCE)
