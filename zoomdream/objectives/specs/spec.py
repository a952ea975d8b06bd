"""Each kind of objective as a small value with a short form (see `short_form`). Needs no torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from zoomdream.errors import SettingError
from zoomdream.objectives.specs.regions import Region

LayerScore = Literal["l2", "mean"]
Match = Literal["dot", "cosine"]
Relu = Literal["before", "after"]

CANCELLED = 1e-9
"""The weights of one objective under two names cancel where their sum is less than this share of the largest."""


@dataclass(frozen=True, kw_only=True)
class Spec(ABC):
    """Base of all kinds of objectives.

    `mask` is a grayscale picture, or in a film a video or a folder of them: white where the objective works, black
    where it does not. A `Region` is any other.
    """

    mask: Path | Region | None = None

    def located(self, locate: Callable[[Path], Path]) -> Spec:
        """The same, with each path of its files replaced by `locate(path)`."""
        paths = {f.name: getattr(self, f.name) for f in fields(self) if isinstance(getattr(self, f.name), Path)}
        changes: dict[str, Any] = {name: locate(path) for name, path in paths.items()}
        if isinstance(self.mask, Region):
            changes["mask"] = self.mask.located(locate)
        return replace(self, **changes)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it reads: a mask, a guide, a vector."""
        of_region = (self.mask.file,) if isinstance(self.mask, Region) and self.mask.file else ()
        return (*(value for f in fields(self) if isinstance(value := getattr(self, f.name), Path)), *of_region)

    @property
    def without_tracks(self) -> Spec:
        """The same without the numbers over time of its region."""
        return replace(self, mask=self.mask.without_tracks) if isinstance(self.mask, Region) else self

    @property
    @abstractmethod
    def short_form(self) -> str:
        """The text that `short_form.parse` reads, without the mask and with files' names instead of their paths."""

    def __str__(self) -> str:
        name = " ".join((self.short_form, *self._not_in_short_form))
        if self.mask is None:
            return name
        return f"{name} in {self.mask if isinstance(self.mask, Region) else self.mask.name}"

    @property
    def _not_in_short_form(self) -> tuple[str, ...]:
        """Words for what differs from the defaults and the short form has no signs for."""
        return ()


@dataclass(frozen=True)
class LayerSpec(Spec):
    """A whole layer: its energy (l2), or its mean. None: what `dream.objective` says.

    `relu` says whether the layer is read before or after its ReLU. The default (None) is after it for "l2" and before
    it for "mean".
    """

    layer: str
    score: LayerScore | None = None
    relu: Relu | None = None

    @property
    def short_form(self) -> str:
        """`fire8` or `mean:fire8`."""
        return f"{self.score}:{self.layer}" if self.score else self.layer

    @property
    def _not_in_short_form(self) -> tuple[str, ...]:
        default = {"l2": "after", "mean": "before"}.get(self.score or "")
        return () if self.relu in (None, default) else (f"{self.relu} ReLU",)


@dataclass(frozen=True)
class ChannelSpec(Spec):
    """The mean of a layer's channels."""

    layer: str
    channels: tuple[int, ...]
    relu: Relu = "before"

    @property
    def short_form(self) -> str:
        """`fire8:17` or `fire8:0:8+31`."""
        return f"{self.layer}:{format_channels(self.channels)}"

    @property
    def _not_in_short_form(self) -> tuple[str, ...]:
        return ("after ReLU",) if self.relu == "after" else ()


@dataclass(frozen=True)
class NeuronSpec(Spec):
    """One unit of a channel: the one at `x`, `y`, in fractions of the frame from its top left corner."""

    layer: str
    channel: int
    x: float = 0.5
    y: float = 0.5
    relu: Relu = "before"

    def __post_init__(self) -> None:
        for axis, value in (("x", self.x), ("y", self.y)):
            if not 0 <= value <= 1:
                raise SettingError(f"a neuron's {axis} is {value:g}: it must be from 0 to 1, a fraction of the frame")

    @property
    def short_form(self) -> str:
        """`fire8:17@center` or `fire8:17@0.3/0.7`."""
        place = "center" if self.x == self.y == 0.5 else f"{self.x:g}/{self.y:g}"
        return f"{self.layer}:{self.channel}@{place}"

    @property
    def _not_in_short_form(self) -> tuple[str, ...]:
        return ("after ReLU",) if self.relu == "after" else ()


@dataclass(frozen=True)
class ClassSpec(Spec):
    """The logit of a class, by its index or its name."""

    name: str | int

    @property
    def short_form(self) -> str:
        """`class:espresso`."""
        return f"class:{self.name}"


@dataclass(frozen=True)
class GuideSpec(Spec):
    """The features of another picture: every place of the frame moves towards the one that it resembles most.

    "dot" measures resemblance by the dot product, so strong features draw more (google/deepdream); "cosine" by angle.
    """

    layer: str
    picture: Path
    match: Match = "dot"
    relu: Relu = "after"

    @property
    def short_form(self) -> str:
        """`guide:fire6:flowers.jpg`."""
        return f"{'guide' if self.match == 'dot' else 'cosine'}:{self.layer}:{self.picture.name}"

    @property
    def _not_in_short_form(self) -> tuple[str, ...]:
        return ("before ReLU",) if self.relu == "before" else ()


@dataclass(frozen=True)
class DirectionSpec(Spec):
    """A direction in the space of a layer's channels: (channel, factor) pairs, or a file with one number per channel.

    "dot" makes the activations longer along it, "cosine" only turns them towards it.
    """

    layer: str
    vector: tuple[tuple[int, float], ...] | Path
    match: Match = "dot"
    relu: Relu = "before"

    @property
    def short_form(self) -> str:
        """`direction:fire8:17+31*-0.5`."""
        if isinstance(self.vector, Path):
            return f"direction:{self.layer}:{self.vector.name}"
        # A plus joins the channels: 1e+06 is written 1e06.
        factors = [f"{factor:g}".replace("e+", "e") for _, factor in self.vector]
        parts = (
            f"{c}" if factor == "1" else f"{c}*{factor}" for (c, _), factor in zip(self.vector, factors, strict=True)
        )
        return f"direction:{self.layer}:{'+'.join(parts)}"

    @property
    def _not_in_short_form(self) -> tuple[str, ...]:
        of_relu = ("after ReLU",) if self.relu == "after" else ()
        of_match = ("cosine",) if self.match == "cosine" else ()
        return of_relu + of_match


def format_channels(channels: tuple[int, ...]) -> str:
    """Channels as `short_form.parse_channels` reads them: `0:8+31`, runs of three and more as ranges."""
    runs: list[list[int]] = []
    for channel in channels:
        if runs and channel == runs[-1][-1] + 1:
            runs[-1].append(channel)
        else:
            runs.append([channel])
    return "+".join(f"{run[0]}:{run[-1] + 1}" if len(run) > 2 else "+".join(map(str, run)) for run in runs)
