"""A film before it is rendered: a plain value."""

from __future__ import annotations

import html
import itertools
from base64 import b64encode
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zoomdream.encoding import Sound
from zoomdream.films.camera_path import CameraPath
from zoomdream.films.film_objectives import FilmObjectives
from zoomdream.films.footage import Footage, next_camera
from zoomdream.films.loops import Loop
from zoomdream.images.frame import Frame, Size, size_of, to_uint8
from zoomdream.images.png import encode_png
from zoomdream.images.resample import resize
from zoomdream.motion.camera import STILL
from zoomdream.networks import Network
from zoomdream.objectives import Objective, Tiling
from zoomdream.presets.recipe import Recipe
from zoomdream.provenance import provenance_line
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.timeline import Row, Timeline
from zoomdream.settings import Fit, OutputSettings

_SHOWN_WIDTH = 320  # pixels of a film's source in a notebook


@dataclass(frozen=True)
class Film:
    """A film with everything resolved and checked, and nothing rendered yet. `films.preparation.prepare` makes one."""

    timeline: Timeline
    """The settings of every frame."""
    source: Frame | Footage
    """The picture that a zoom film begins with, on the network's device, or the footage that a video film dreams over;
    in the film's size."""
    objectives: FilmObjectives
    """What the frames amplify, on the network that dreams."""
    seed: int = 0
    fit: Fit = "fill"
    """How the source and the masks meet the frame where their shapes differ."""
    output: OutputSettings = field(default_factory=OutputSettings)
    """How the film is written."""
    sound: Sound | None = None
    """What is heard; None: nothing."""
    origin: Recipe | None = None
    """The preset that makes the film, and its files."""
    warnings: tuple[str, ...] = ()
    """What a user should know before the film is rendered."""
    loop: Loop | None = None
    """How a zoom film's end leads into its beginning; None: it does not."""
    inputs: tuple[Path, ...] = ()
    """Every file that the film is made from: none of them may be written over."""

    @property
    def network(self) -> Network:
        """The network that dreams."""
        return self.objectives.network

    @property
    def on_gpu(self) -> bool:
        """Whether it is dreamed on an NVIDIA GPU, whose encoder may write it."""
        return self.network.device.type == "cuda"

    @property
    def tiling(self) -> Tiling | None:
        """How frames too large for memory are cut; None: they are dreamed in one piece."""
        return self.objectives.tiling

    @property
    def size(self) -> Size:
        """(width, height) in pixels."""
        return self.source.size if isinstance(self.source, Footage) else size_of(self.source)

    @property
    def clock(self) -> Clock:
        """Frame rate and number of frames."""
        return self.timeline.clock

    @property
    def provenance(self) -> str:
        """What makes the film, in one line for its metadata: network, objectives, seed, tiles."""
        keys = ", ".join(map(str, self.timeline.objectives))
        return provenance_line(self.network.name, keys, self.seed, self.tiling.label if self.tiling else "")

    @property
    def recipe(self) -> str:
        """A preset that makes the film again, as one line of JSON. Reads the files that it names for their sha256.

        Empty where the film was made of no preset. Raises SourceError.
        """
        return self.origin.text if self.origin else ""

    @cached_property
    def camera(self) -> CameraPath:
        """Where the camera is at each frame, and how it comes there."""
        return CameraPath(self.timeline, self.size, self.seed)

    @cached_property
    def camera_track(self) -> NDArray[np.float64]:
        """Where the camera of a video film has come before each frame, frames x 3 x 3: see `VideoState.camera`."""
        footage, count = self.source, len(self.timeline)
        assert isinstance(footage, Footage)
        if all(np.all(self.timeline.values(f"camera.{name}", 0, count) == still) for name, still in STILL.items()):
            return np.broadcast_to(np.eye(3), (count, 3, 3))
        steps = (self.timeline[index] for index in range(count - 1))
        return np.stack(
            [*itertools.accumulate(steps, lambda at, row: next_camera(at, row, footage), initial=np.eye(3))]
        )

    def _repr_html_(self) -> str:
        """For a notebook: what the film begins with, and what it is made of."""
        (width, height), clock = self.size, self.clock
        facts = {
            "film": f"{width}x{height}, {clock.frames} frames at {float(clock.fps):.6g} per second",
            "length": f"{float(clock.seconds):.2f} s",
            "network": f"{self.network.name} on {self.network.device}",
            "objectives": ", ".join(map(str, self.timeline.objectives)),
            "seed": str(self.seed),
            **{f"warning {number}": warning for number, warning in enumerate(self.warnings, 1)},
        }
        rows = "".join(f"<tr><th>{name}</th><td>{html.escape(words)}</td></tr>" for name, words in facts.items())
        return f"{self._picture}<table>{rows}</table>"

    @property
    def _picture(self) -> str:
        """The source as HTML, where it is no video."""
        if isinstance(self.source, Footage):
            return ""
        scale = min(1.0, _SHOWN_WIDTH / self.size[0])
        small = resize(self.source, (max(1, round(self.size[0] * scale)), max(1, round(self.size[1] * scale))))
        return f'<img src="data:image/png;base64,{b64encode(encode_png(to_uint8(small))).decode()}">'

    def objective(self, row: Row) -> Objective:
        """What one frame amplifies."""
        follows = isinstance(self.source, Footage) and self.objectives.masks.follow_camera
        return self.objectives.of_frame(row, self.camera_track[row.index] if follows else None)
