"""The numbers of a film's masks at every frame: where a circle is, how wide a soft edge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from zoomdream.objectives.specs.regions import Region
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.curve import Curve, Rows
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.formulas import Bounds
from zoomdream.schedule.expressions.variables import Variables
from zoomdream.schedule.tables.settings_table import naming_track
from zoomdream.schedule.tracks import AnyTrack, Key, mask_regions

RegionNumbers = Mapping[Region, tuple[float, ...]]
"""A frame's masks: the numbers of each, in the order of `Region.columns`."""


class RegionTable:
    """The numbers of all regions that the objectives of a film name. Regions without numbers are not in it.

    An ease that overshoots is clamped to a number's bounds. Raises TrackError where a formula leaves them.
    """

    def __init__(self, keys: Iterable[Key], clock: Clock, variables: Variables | None = None) -> None:
        self._columns = {region: _Columns(region, clock, variables) for region in mask_regions(keys)}

    def row(self, index: int) -> RegionNumbers:
        """One frame's numbers."""
        return {region: tuple(columns.rows[index]) for region, columns in self._columns.items()}

    def values(self, region: Region | None, start: int, stop: int) -> FloatArray:
        """Frames x numbers, or once where none changes; without numbers, once none."""
        columns = None if region is None else self._columns.get(region)
        if columns is None:
            return np.empty((1, 0))
        return columns.values(start, start + 1 if columns.curve.is_still(start, stop) else stop)


class _Columns:
    def __init__(self, region: Region, clock: Clock, variables: Variables | None) -> None:
        curves = []
        with naming_track("mask"):
            for key, track in ((region.kind, region.numbers), ("feather", region.feather)):
                if track is not None:
                    assert isinstance(track, AnyTrack)
                    columns = [each for each in region.columns if (each.name == "feather") is (key == "feather")]
                    with naming_track(key):
                        curve = track.curve(clock, variables)
                        _refuse_outside(curve, [Bounds(each.low, each.high) for each in columns])
                    curves.append(curve)
        self.curve = Curve.joined(curves)
        self.rows: Rows[Any] = Rows(self.values, clock.frames)
        self._bounds = [each.low for each in region.columns], [each.high for each in region.columns]

    def values(self, start: int, stop: int) -> FloatArray:
        clipped: FloatArray = np.clip(self.curve.values(start, stop), *self._bounds)
        return clipped


def _refuse_outside(curve: Curve, bounds: list[Bounds]) -> None:
    for segment in curve.segments:
        for component, formula in segment.formulas.items():
            formula.refuse_outside(segment.start, segment.stop, bounds[component])
