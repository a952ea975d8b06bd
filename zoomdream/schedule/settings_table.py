"""One section's settings at every frame: constants, and a column of values for each track."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic.fields import FieldInfo

from zoomdream.errors import SettingError, UnknownNameError, nearest
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.curve import Curve, Rows
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.formulas import Bounds
from zoomdream.schedule.tracks import AnyTrack
from zoomdream.schedule.variables import Variables
from zoomdream.settings import Settings

Values = NDArray[Any]
"""A setting's values as floats, int64 or text: one for each frame, or frames x 2 for a pair.

A first axis of 1 stands for all frames.
"""

SettingsType = TypeVar("SettingsType", bound=Settings)


class SettingsTable(Generic[SettingsType]):
    """The settings of one section, whose `values` are tracks or constants; those left out have their default."""

    def __init__(
        self,
        section: type[SettingsType],
        values: Mapping[str, object],
        clock: Clock,
        variables: Variables | None = None,
    ) -> None:
        self._section = section
        self._constants = {name: value for name, value in values.items() if not isinstance(value, AnyTrack)}
        self._columns: dict[str, _Column] = {}
        for name, value in values.items():
            if isinstance(value, AnyTrack):
                with naming_track(name):
                    self._columns[name] = _Column(_field(section, name), value.curve(clock, variables))

    @property
    def names(self) -> tuple[str, ...]:
        """Every setting of the section, in its order."""
        return tuple(self._section.model_fields)

    def row(self, index: int) -> SettingsType:
        """The settings of one frame."""
        if not self._columns:
            return self._first
        values = {name: column.rows[index] for name, column in self._columns.items()}
        return self._section(**self._constants, **values)

    def values(self, name: str, start: int, stop: int) -> Values:
        """A setting at the frames from `start` to `stop` - 1, or once where nothing changes it. UnknownNameError."""
        if column := self._columns.get(name):
            return column.values(start, start + 1 if column.curve.is_still(start, stop) else stop)
        _field(self._section, name)
        return np.array([getattr(self._first, name)])

    @cached_property
    def _first(self) -> SettingsType:
        """The first frame's settings, and every frame's where no track moves any: validated once."""
        return self._section(**self._constants, **{name: column.rows[0] for name, column in self._columns.items()})


class _Column:
    """A setting that a track moves.

    An ease that overshoots is clamped to the setting's bounds, and whole numbers are rounded. Raises SettingError, with
    the frame, where a formula leaves the bounds: nobody has asked for what would come of clamping it.
    """

    def __init__(self, field: FieldInfo, curve: Curve) -> None:
        self.curve = curve
        self.rows: Rows[Any] = Rows(self.values, curve.frames)
        self._bounds = bounds_of(field)
        self._is_whole = field.annotation is int
        curve.refuse_outside(Bounds(*self._bounds, self._is_whole))

    def values(self, start: int, stop: int) -> FloatArray | NDArray[np.int64]:
        table = np.clip(self.curve.values(start, stop), *self._bounds)
        values = np.rint(table).astype(np.int64) if self._is_whole else table
        return values[:, 0] if values.shape[1] == 1 else values


class TrackError(SettingError):
    """A track that makes no sense on a film. `key` is its setting, section first; `cause` says why."""

    def __init__(self, key: tuple[str, ...], cause: SettingError) -> None:
        super().__init__(f"{'.'.join(key)}: {cause}")
        self.key = key
        self.cause = cause


@contextmanager
def naming_track(name: str) -> Iterator[None]:
    """A SettingError within becomes a TrackError of this setting, or of this section where it is one already."""
    try:
        yield
    except TrackError as error:
        raise TrackError((name, *error.key), error.cause) from None
    except SettingError as error:
        raise TrackError((name,), error) from None


def _field(section: type[Settings], name: str) -> FieldInfo:
    if name not in section.model_fields:
        raise UnknownNameError(f"{section.__name__} has no setting {name!r}{nearest(name, section.model_fields)}")
    return section.model_fields[name]


def bounds_of(field: FieldInfo) -> tuple[float, float]:
    """The lowest and the highest value that a setting may have."""
    low, high = -np.inf, np.inf
    for limit in field.metadata:
        low = getattr(limit, "ge", low)
        high = getattr(limit, "le", high)
        low = np.nextafter(limit.gt, np.inf) if hasattr(limit, "gt") else low
        high = np.nextafter(limit.lt, -np.inf) if hasattr(limit, "lt") else high
    return low, high
