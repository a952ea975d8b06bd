"""The timeline: tracks compiled before rendering into one table of settings per frame.

Settings never change while a frame is made, so the render loop only indexes the table:
`timeline[frame].dream.step_size`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from zoomdream.errors import UnknownNameError, nearest
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.tracks import Crossfade, Key, Sweep, Track
from zoomdream.settings import CameraSettings, CarrySettings, ColorSettings, DreamSettings, Settings


@dataclass(frozen=True)
class Row:
    """All that one frame is made with. A new section of settings is a new field here, and nothing else.

    `mix` holds (objective key, weight) pairs without zeros; it is empty where every weight is 0: nothing to dream.
    """

    index: int
    mix: tuple[tuple[Key, float], ...]
    dream: DreamSettings
    camera: CameraSettings
    color: ColorSettings
    carry: CarrySettings


SECTIONS: Mapping[str, type[Settings]] = {
    name: hint for name, hint in get_type_hints(Row).items() if isinstance(hint, type) and issubclass(hint, Settings)
}
"""The settings that may change from frame to frame, by section."""


def is_tracked(section: type[Settings], field: str) -> bool:
    """Whether a setting is a number or a pair of numbers, which a track can move; other settings are constants."""
    return section.model_fields[field].annotation in (int, float, tuple[float, float])


class Timeline:
    """The compiled table: `len()` rows, `timeline[i]` a `Row`, `clock` its time.

    `sections` gives each setting a `Track` or a constant; what is left out has its default. Raises SettingError when
    two keyframes share an instant or a constant is out of its range, UnknownNameError for an unknown section.
    """

    def __init__(
        self, clock: Clock, mix: Crossfade | Sweep, sections: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        self.clock = clock
        self._keys = mix.keys
        self._weights = mix.sample(clock)
        self._constants: dict[str, dict[str, object]] = {name: {} for name in SECTIONS}
        self._columns: dict[str, dict[str, NDArray[Any]]] = {name: {} for name in SECTIONS}
        for name, settings in (sections or {}).items():
            if name not in SECTIONS:
                raise UnknownNameError(f"there is no section {name!r} of settings{nearest(name, SECTIONS)}")
            for field, value in settings.items():
                if isinstance(value, Track):
                    self._columns[name][field] = _column(SECTIONS[name], field, value, clock)
                else:
                    self._constants[name][field] = value
        self[0]  # constants are checked now, not when the first frame is due

    @classmethod
    def steady(cls, clock: Clock, mix: Mapping[Any, float], **sections: Settings) -> Timeline:
        """A timeline on which nothing changes: `Timeline.steady(clock, {"fire8": 1}, dream=DreamSettings(steps=8))`."""
        constants = {name: settings.model_dump() for name, settings in sections.items()}
        return cls(clock, Crossfade.of((Time.parse(0), mix, "linear")), constants)

    def keys(self) -> tuple[Key, ...]:
        """Every objective used anywhere, so that all can be checked before the first frame."""
        return self._keys

    def __len__(self) -> int:
        return self.clock.frames

    def __iter__(self) -> Iterator[Row]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Row:
        index = range(len(self))[index]
        weights = zip(self._keys, self._weights[index].tolist(), strict=True)
        settings: dict[str, Any] = {}
        for name, section in SECTIONS.items():
            moving = {field: column[index].tolist() for field, column in self._columns[name].items()}
            settings[name] = section(**self._constants[name], **moving)
        return Row(index=index, mix=tuple((key, weight) for key, weight in weights if weight), **settings)


def _column(section: type[Settings], field: str, track: Track, clock: Clock) -> NDArray[Any]:
    """One setting for every frame: frames, or frames x 2 for a pair; overshoots clamped, whole numbers rounded."""
    info = section.model_fields[field]
    low, high = -np.inf, np.inf
    for limit in info.metadata:
        low = getattr(limit, "ge", low)
        high = getattr(limit, "le", high)
        low = np.nextafter(limit.gt, np.inf) if hasattr(limit, "gt") else low
        high = np.nextafter(limit.lt, -np.inf) if hasattr(limit, "lt") else high
    table = np.clip(track.sample(clock), low, high)
    table = np.rint(table).astype(np.int64) if info.annotation is int else table
    return table[:, 0] if table.shape[1] == 1 else table
