"""The same look at another size and rate: the settings of a film's canvas from those of the canvas it was written for.

A film at twice the rate dreams twice as often, and one at half the size shows the network's shapes at twice the size.
So what counts per frame is scaled by the time that a frame stands for, and octaves are added or dropped at the fine
end: the coarse ones, which give the large shapes, keep their size in pixels and with it what the network sees there.
Jitter, smoothing and blur are pixels of an octave, and stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Generic

import numpy as np

from zoomdream.schedule.curve import Rows
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.tables.settings_table import SettingsTable, SettingsType, Values, bounds_of, field_of
from zoomdream.settings import DreamSettings

Written = Callable[[str], FloatArray]
"""A setting, such as `dream.steps`, as the preset has it, at some frames."""

_NO_LOSS = 1 - 1e-9  # a strength so near to 1 counts as it: the formulas divide by what is lost in a frame


@dataclass(frozen=True)
class Adaptation:
    """How a film's canvas differs from the one that its settings were written for."""

    scale: float = 1.0
    """The film's size over that one's: the square root of the ratio of their areas."""
    rate: float = 1.0
    """That one's frames per second over the film's: how many of its frames one of the film's stands for."""
    is_carried: bool = False
    """Whether it is a film over a video, whose frames begin with the next picture of it."""

    @cached_property
    def changed(self) -> Mapping[str, Callable[[Written], FloatArray]]:
        """Each setting that it changes, and the function that computes it from those that are written."""
        changed: dict[str, Callable[[Written], FloatArray]] = {}
        if self.scale != 1:
            changed |= {"dream.octaves": self._octaves, "dream.octave_scale": self._octave_scale}
        if self.scale != 1 or not self.is_carried:
            changed["dream.step_size"] = self._step_size
        if self.rate != 1:
            changed["color.coherence"] = partial(self._share_of_shift, "color.coherence")
            changed["color.texture"] = partial(self._share_of_shift, "color.texture")
            if self.is_carried:
                changed |= {"carry.strength": self._strength, "carry.step_scale": self._step_scale}
            else:
                changed["dream.octave_blur"] = self._octave_blur
                changed["dream.source_pull"] = partial(self._share_of_shift, "dream.source_pull")
        return changed

    def _octaves(self, written: Written) -> FloatArray:
        """As many as keep the coarsest one's size with steps between them that are nearest to those written."""
        octaves, scale = written("dream.octaves"), written("dream.octave_scale")
        more = np.rint(np.log(self.scale) / np.log(scale))
        adapted: FloatArray = np.clip(octaves + more, *bounds_of(field_of(DreamSettings, "octaves")))
        return adapted

    def _octave_scale(self, written: Written) -> FloatArray:
        """The frame's size over the coarsest octave's is `scale` times what is written: shared out anew."""
        octaves, scale = written("dream.octaves"), written("dream.octave_scale")
        more = self._octaves(written) - 1
        whole = np.maximum(self.scale * scale ** (octaves - 1), 1 + 1e-6)
        return np.where(more > 0, whole ** (1 / np.maximum(more, 1)), scale)

    def _step_size(self, written: Written) -> FloatArray:
        """In proportion to a frame's time where the camera carries the dream on, and it adds up.

        What the octaves add is independent: their sum grows like the square root of their number, as was measured.
        """
        octaves: FloatArray = np.sqrt(written("dream.octaves") / self._octaves(written))
        return written("dream.step_size") * octaves * (1 if self.is_carried else self.rate)

    def _octave_blur(self, written: Written) -> FloatArray:
        """Blurs of frame after frame add up, and their variances do: sigma grows like the square root of the time."""
        return written("dream.octave_blur") * math.sqrt(self.rate)

    def _strength(self, written: Written) -> FloatArray:
        """What is lost of a dream in a second stays: s^fps."""
        strength: FloatArray = written("carry.strength") ** self.rate
        return strength

    def _step_scale(self, written: Written) -> FloatArray:
        """A dream that gains k and keeps the share s in a frame comes to k / (1 - s), which stays."""
        kept = np.minimum(written("carry.strength"), _NO_LOSS)
        gain: FloatArray = (1 - kept**self.rate) / (1 - kept)
        return written("carry.step_scale") * gain

    def _share_of_shift(self, setting: str, written: Written) -> FloatArray:
        """A share c by which each frame takes back a shift, of its colors say: in a zoom film what a second leaves of
        it stays, (1 - c)^fps.

        Over a video each frame brings its own colors again. A shift that gains k, of which the share s is carried and
        1 - c left, comes to (1 - c) k / (1 - (1 - c) s), which stays beside the strength.
        """
        left: FloatArray = 1 - written(setting)
        if not self.is_carried:
            shift: FloatArray = 1 - left**self.rate
            return shift
        kept = np.minimum(written("carry.strength"), _NO_LOSS)
        lasting = left * (1 - kept) / (1 - left * kept)
        now = kept**self.rate
        coherence: FloatArray = 1 - lasting / (1 - now + lasting * now)
        return coherence


class AdaptedTable(Generic[SettingsType]):
    """A section's settings at every frame, some of them changed for another canvas; see `SettingsTable`."""

    def __init__(
        self,
        name: str,
        section: type[SettingsType],
        table: SettingsTable[SettingsType],
        adaptation: Adaptation,
        written: Callable[[str, int, int], Values],
        frames: int,
    ) -> None:
        self._section = section
        self._table = table
        self._written = written
        self._changed = {
            setting.partition(".")[2]: change
            for setting, change in adaptation.changed.items()
            if setting.partition(".")[0] == name
        }
        self._rows = {key: Rows(_for_each_frame(self.values, key), frames) for key in self._changed}

    @property
    def names(self) -> tuple[str, ...]:
        """Every setting of the section, in its order."""
        return self._table.names

    def row(self, index: int) -> SettingsType:
        """The settings of one frame."""
        row = self._table.row(index)
        return row.model_copy(update={name: rows[index] for name, rows in self._rows.items()}) if self._rows else row

    def values(self, name: str, start: int, stop: int) -> Values:
        """A setting at the frames from `start` to `stop` - 1, or once where nothing changes it. UnknownNameError."""
        change = self._changed.get(name)
        if change is None:
            return self._table.values(name, start, stop)
        field = field_of(self._section, name)
        table = np.clip(change(lambda setting: self._written(setting, start, stop)), *bounds_of(field))
        return np.rint(table).astype(np.int64) if field.annotation is int else table


def _for_each_frame(values: Callable[[str, int, int], Values], name: str) -> Callable[[int, int], Values]:
    def compute(start: int, stop: int) -> Values:
        return np.broadcast_to(values(name, start, stop), stop - start)

    return compute
