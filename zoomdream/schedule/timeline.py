"""The timeline: tracks compiled before rendering into one table of settings per frame.

Settings never change while a frame is made, so the render loop only indexes the table:
`timeline[frame].dream.step_size`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from zoomdream.errors import UnknownNameError, nearest
from zoomdream.schedule.adaptation import Adaptation, AdaptedTable
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.expressions.variables import Variables
from zoomdream.schedule.tables.comparison import Tables, difference, digest
from zoomdream.schedule.tables.mix_table import Groups, MixRun, MixTable
from zoomdream.schedule.tables.region_table import RegionNumbers, RegionTable
from zoomdream.schedule.tables.settings_table import AnyTable, SettingsTable, SettingsType, Values, naming_track
from zoomdream.schedule.tracks import Crossfade, Key, KeyType, Sweep
from zoomdream.settings import (
    CameraSettings,
    CarrySettings,
    ColorSettings,
    DreamSettings,
    FocusSettings,
    PaletteSettings,
    Settings,
)

SECTIONS: Mapping[str, type[Settings]] = {
    "dream": DreamSettings,
    "focus": FocusSettings,
    "camera": CameraSettings,
    "color": ColorSettings,
    "palette": PaletteSettings,
    "carry": CarrySettings,
}
"""The settings that may change from frame to frame, by the name of their section: the fields of `Row`."""

_PART = 2**16  # frames whose values are computed at once: half a megabyte for each setting


@dataclass(frozen=True)
class Row:
    """All that one frame is made with."""

    index: int
    """The frame's number, from 0."""

    mix: tuple[tuple[Key, float], ...]
    """Objectives with their weights, without zeros; empty where every weight is 0: nothing is dreamed."""

    dream: DreamSettings
    focus: FocusSettings
    camera: CameraSettings
    color: ColorSettings
    palette: PaletteSettings
    carry: CarrySettings

    regions: RegionNumbers = field(default_factory=dict)
    """The numbers of the masks that move, of every objective of the film."""


class Timeline:
    """The compiled table: `len()` rows, `timeline[i]` a `Row`, `clock` its time, `variables` what expressions may name.

    `sections` gives each setting a track or a constant; a setting that is left out has its default. Without
    `variables` expressions know the clock's alone. An `adaptation` keeps the look on another canvas.

    What is asked about many frames at once (`values`, `mix_runs`, `digest`, `difference`) is computed without building
    their rows; the table takes no memory for each frame. Threads may read it at the same time.

    Raises TrackError, a SettingError, when two keyframes share an instant, or a formula has a value that is out of its
    setting's range or no number at all, SettingError when a constant is out of its range, UnknownNameError for a
    section that does not exist or a track of a setting that does not.
    """

    def __init__(
        self,
        clock: Clock,
        mix: Crossfade | Sweep,
        sections: Mapping[str, Mapping[str, object]] | None = None,
        variables: Variables | None = None,
        adaptation: Adaptation | None = None,
    ) -> None:
        sections = sections or {}
        for name in sections:
            if name not in SECTIONS:
                raise UnknownNameError(f"there is no section {name!r} of settings{nearest(name, SECTIONS)}")
        self.clock = clock
        self.variables = variables or Variables(clock)
        with naming_track("dream"), naming_track("layers"):
            self._mix = MixTable(mix, clock, variables)
            self._regions = RegionTable(mix.keys, clock, variables)

        written: dict[str, SettingsTable[Any]] = {}
        for name, section in SECTIONS.items():
            with naming_track(name):
                written[name] = SettingsTable(section, sections.get(name, {}), clock, variables)

        def table(name: str, section: type[SettingsType]) -> AnyTable[SettingsType]:
            if adaptation is None:
                return written[name]
            return AdaptedTable(name, section, written[name], adaptation, partial(_values, written), clock.frames)

        self._dream = table("dream", DreamSettings)
        self._focus = table("focus", FocusSettings)
        self._camera = table("camera", CameraSettings)
        self._color = table("color", ColorSettings)
        self._palette = table("palette", PaletteSettings)
        self._carry = table("carry", CarrySettings)
        self[0]  # constants are checked now, not when the first frame is due

    @classmethod
    def steady(cls, clock: Clock, mix: Mapping[KeyType, float], **sections: Settings) -> Timeline:
        """A timeline on which nothing changes: `Timeline.steady(clock, {"fire8": 1}, dream=DreamSettings(steps=8))`."""
        constants = {name: settings.model_dump() for name, settings in sections.items()}
        return cls(clock, Crossfade.of((Time.parse(0), mix, "linear")), constants)

    @property
    def objectives(self) -> tuple[Key, ...]:
        """Every objective that any frame mixes, so that all can be checked before the first frame."""
        return self._mix.keys

    def __len__(self) -> int:
        return self.clock.frames

    def __iter__(self) -> Iterator[Row]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Row:
        index = range(len(self))[index]
        return Row(
            index=index,
            mix=self._mix.row(index),
            dream=self._dream.row(index),
            focus=self._focus.row(index),
            camera=self._camera.row(index),
            color=self._color.row(index),
            palette=self._palette.row(index),
            carry=self._carry.row(index),
            regions=self._regions.row(index),
        )

    def parts(self, stop: int | None = None) -> Iterator[range]:
        """The frames from 0 to `stop` - 1, or all, in ranges whose values fit into little memory."""
        stop = len(self) if stop is None else stop
        return (range(first, min(first + _PART, stop)) for first in range(0, stop, _PART))

    def values(self, setting: str, start: int, stop: int) -> Values:
        """A setting, such as `dream.steps`, at the frames from `start` to `stop` - 1, or once where it holds still.

        Frames, or frames x 2 for a pair. Raises UnknownNameError.
        """
        return _values(self._tables.sections, setting, start, stop)

    def mix_runs(self, stop: int | None = None, groups: Groups = ()) -> list[MixRun]:
        """The frames from 0 to `stop` - 1, or all, as runs that mix the same objectives with the same signs.

        `groups` are keys that stand for one objective: the sign of the sum of their weights is the same in a run, too,
        and so is whether they cancel.
        """
        return self._mix.runs(len(self) if stop is None else stop, groups)

    def digest(self, start: int, stop: int, names: Mapping[Key, str]) -> str:
        """The sha256, in hex, of all that the rows from `start` to `stop` - 1 hold.

        Equal rows at the same place have equal digests, whatever else the films do, however the rows are written, and
        whatever the films' lengths and rates. `names` says what the objectives are called, without the numbers of their
        masks (`Spec.without_tracks`), which are rows as well; those that are not mixed in these frames need none.
        Raises IndexError where the film has no such frames.
        """
        return digest(self._tables, self._checked(start, stop), names)

    def difference(self, other: Timeline, start: int, stop: int) -> str | None:
        """The first thing in which the rows from `start` to `stop` - 1 differ, in words; None where they are equal.

        `dream.step_size at frame 120: 0.01 and 0.02`. Raises IndexError where one of the films has no such frames.
        """
        other._checked(start, stop)
        return difference(self._tables, other._tables, self._checked(start, stop))

    @property
    def _tables(self) -> Tables:
        sections = {
            "dream": self._dream,
            "focus": self._focus,
            "camera": self._camera,
            "color": self._color,
            "palette": self._palette,
            "carry": self._carry,
        }
        return Tables(self._mix, cast(Mapping[str, AnyTable[Settings]], sections), self._regions)

    def _checked(self, start: int, stop: int) -> range:
        if not 0 <= start <= stop <= len(self):
            raise IndexError(f"the frames {start}:{stop} are not in a timeline of {len(self)}")
        return range(start, stop)


def _values(sections: Mapping[str, AnyTable[Any]], setting: str, start: int, stop: int) -> Values:
    section, _, name = setting.partition(".")
    if section not in SECTIONS:
        raise UnknownNameError(f"there is no section {section!r} of settings{nearest(section, SECTIONS)}")
    return sections[section].values(name, start, stop)
