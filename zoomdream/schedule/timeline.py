"""The timeline: tracks compiled before rendering into one table of settings per frame.

Settings never change while a frame is made, so the render loop only indexes the table:
`timeline[frame].dream.step_size`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic.fields import FieldInfo

from zoomdream.errors import UnknownNameError, nearest
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.tracks import Crossfade, Key, KeyType, Sweep, Track
from zoomdream.settings import CameraSettings, CarrySettings, ColorSettings, DreamSettings, Settings

Column = FloatArray | NDArray[np.int64]
SettingsType = TypeVar("SettingsType", bound=Settings)

SECTIONS: Mapping[str, type[Settings]] = {
    "dream": DreamSettings,
    "camera": CameraSettings,
    "color": ColorSettings,
    "carry": CarrySettings,
}
"""The settings that may change from frame to frame, by the name of their section: the fields of `Row`."""


@dataclass(frozen=True)
class Row:
    """All that one frame is made with."""

    index: int
    """The frame's number, from 0."""

    mix: tuple[tuple[Key, float], ...]
    """Objectives with their weights, without zeros; empty where every weight is 0: nothing is dreamed."""

    dream: DreamSettings
    camera: CameraSettings
    color: ColorSettings
    carry: CarrySettings


class Timeline:
    """The compiled table: `len()` rows, `timeline[i]` a `Row`, `clock` its time.

    `sections` gives each setting a `Track` or a constant; a setting that is left out has its default. Raises
    SettingError when two keyframes share an instant or a constant is out of its range, UnknownNameError for a section
    that does not exist or a track of a setting that does not.
    """

    def __init__(
        self, clock: Clock, mix: Crossfade | Sweep, sections: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        sections = sections or {}
        for name in sections:
            if name not in SECTIONS:
                raise UnknownNameError(f"there is no section {name!r} of settings{nearest(name, SECTIONS)}")
        self.clock = clock
        self._keys = mix.keys
        self._weights = mix.sample(clock)
        self._dream = _SettingsTable(DreamSettings, sections.get("dream", {}), clock)
        self._camera = _SettingsTable(CameraSettings, sections.get("camera", {}), clock)
        self._color = _SettingsTable(ColorSettings, sections.get("color", {}), clock)
        self._carry = _SettingsTable(CarrySettings, sections.get("carry", {}), clock)
        self[0]  # constants are checked now, not when the first frame is due

    @classmethod
    def steady(cls, clock: Clock, mix: Mapping[KeyType, float], **sections: Settings) -> Timeline:
        """A timeline on which nothing changes: `Timeline.steady(clock, {"fire8": 1}, dream=DreamSettings(steps=8))`."""
        constants = {name: settings.model_dump() for name, settings in sections.items()}
        return cls(clock, Crossfade.of((Time.parse(0), mix, "linear")), constants)

    @property
    def objectives(self) -> tuple[Key, ...]:
        """Every objective that any frame mixes, so that all can be checked before the first frame."""
        return self._keys

    def __len__(self) -> int:
        return self.clock.frames

    def __iter__(self) -> Iterator[Row]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Row:
        index = range(len(self))[index]
        weights = zip(self._keys, self._weights[index].tolist(), strict=True)
        return Row(
            index=index,
            mix=tuple((key, weight) for key, weight in weights if weight),
            dream=self._dream.row(index),
            camera=self._camera.row(index),
            color=self._color.row(index),
            carry=self._carry.row(index),
        )




class _SettingsTable(Generic[SettingsType]):
    """One section's settings at every frame: constants, and a column of values for each track."""

    def __init__(self, section: type[SettingsType], values: Mapping[str, object], clock: Clock) -> None:
        self._section = section
        self._constants = {name: value for name, value in values.items() if not isinstance(value, Track)}
        self._columns = {
            name: _column(_field(section, name), value, clock)
            for name, value in values.items()
            if isinstance(value, Track)
        }

    def row(self, index: int) -> SettingsType:
        if not self._columns:
            return self._unchanging
        values = {name: column[index].tolist() for name, column in self._columns.items()}
        return self._section(**self._constants, **values)

    @cached_property
    def _unchanging(self) -> SettingsType:
        """The settings of every frame where no track moves any: validated once, for films have many frames."""
        return self._section(**self._constants)


def _field(section: type[Settings], name: str) -> FieldInfo:
    if name not in section.model_fields:
        raise UnknownNameError(f"{section.__name__} has no setting {name!r}{nearest(name, section.model_fields)}")
    return section.model_fields[name]


def _column(field: FieldInfo, track: Track, clock: Clock) -> Column:
    """One setting for every frame: frames, or frames x 2 for a pair.

    An ease that overshoots is clamped to the setting's bounds, and whole numbers are rounded.
    """
    table = np.clip(track.sample(clock), *_bounds(field))
    values = np.rint(table).astype(np.int64) if field.annotation is int else table
    return values[:, 0] if values.shape[1] == 1 else values


def _bounds(field: FieldInfo) -> tuple[float, float]:
    """The lowest and the highest value that a setting may have."""
    low, high = -np.inf, np.inf
    for limit in field.metadata:
        low = getattr(limit, "ge", low)
        high = getattr(limit, "le", high)
        low = np.nextafter(limit.gt, np.inf) if hasattr(limit, "gt") else low
        high = np.nextafter(limit.lt, -np.inf) if hasattr(limit, "lt") else high
    return low, high
