"""A track as it stands in a preset's text: its keyframes, their times and values, in the style of whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from zoomdream.errors import SettingError
from zoomdream.presets.preset import Preset
from zoomdream.presets.yaml_document import Data
from zoomdream.schedule.clock import Clock, Time
from zoomdream.studio.answers import Refused
from zoomdream.studio.editing.spans import Path

LAYERS = ("dream", "layers")


@dataclass(frozen=True)
class WrittenTrack:
    """A track as it is written."""

    preset: Preset
    clock: Clock
    """The film's."""
    path: tuple[str, ...]
    """Its key."""
    component: int | None
    """Which of a pair's numbers is meant; None: the setting is one number, or the mix."""

    @property
    def is_mix(self) -> bool:
        """Whether it is that of the objectives."""
        return self.path == LAYERS

    @property
    def place(self) -> tuple[str, ...]:
        """Where its keyframes are written: inside of what repeats."""
        value = self.preset.document.value(self.path)
        return (*self.path, "keyframes") if isinstance(value, dict) and "keyframes" in value else self.path

    @property
    def written(self) -> Data:
        """What stands at `place`."""
        return self.preset.document.value(self.place)

    def known(self, key: Path) -> Path:
        """The path of a keyframe that is there. Raises Refused."""
        texts = tuple(map(str, key))
        names = self.names()
        if texts[:-1] != self.place or texts[-1] not in names:
            raise Refused(409, f"{'.'.join(texts)} is no keyframe (any more): load the timeline again")
        return texts

    def names(self) -> list[str]:
        """The last parts of the keyframes' paths, in the order in which they are written."""
        written = self.written
        if isinstance(written, dict) and self._is_by_time(written):
            return [str(key) for key in written]
        if isinstance(written, list) and all(isinstance(item, dict) and "at" in item for item in written):
            return [str(position) for position in range(len(written))]
        return []

    def _is_by_time(self, written: dict[object, object] | Data) -> bool:
        assert isinstance(written, dict)
        try:
            return bool(written) and all(Time.parse(key) is not None for key in written)
        except SettingError:
            return False

    @property
    def is_list(self) -> bool:
        """Whether they are written as a list, each with `at`."""
        return isinstance(self.written, list) and bool(self.names())

    def time_of(self, name: str) -> str:
        """The time of a keyframe, as it is written."""
        written = self.written
        if isinstance(written, list):
            item = written[int(name)]
            assert isinstance(item, dict)
            return str(item["at"])
        return name

    def value_of(self, name: str) -> Data:
        """The value, or the mix, of a keyframe, as it is written."""
        written = self.written
        if isinstance(written, list):
            item = written[int(name)]
            assert isinstance(item, dict)
            return item.get("mix" if self.is_mix else "value")
        assert isinstance(written, dict)
        return next(value for key, value in written.items() if str(key) == name)

    def refuse_taken(self, time: str, but: str | None = None) -> None:
        """Raise Refused where another keyframe is at this instant."""
        at = self.clock.at(time)
        for name in self.names():
            if name != but and self.clock.at(self.time_of(name)) == at:
                raise Refused(409, f"there is a keyframe at {self.time_of(name)} already")

    def seconds(self, time: str) -> float:
        """A time that is written, in seconds of the film."""
        return float(self.clock.at(time) / self.clock.fps)

    def time_text(self, seconds: float, unit: str) -> str:
        """A time of the film, as it is written in a unit."""
        at = max(Fraction(0), Fraction(str(round(seconds, 4))))
        clock, frame = self.clock, max(Fraction(0), Fraction(str(round(seconds, 4)))) * self.clock.fps
        if unit == "f":
            return f"{round(frame + clock.origin * clock.fps)}f"
        if unit == "%" and clock.frames > 1:
            return f"{_short(min(Fraction(100), 100 * frame / (clock.frames - 1)), 3)}%"
        grid = clock.beats
        if unit in ("b", "bar") and grid is not None:
            beats = (at + clock.origin - grid.offset) * grid.bpm / 60 / (grid.per_bar if unit == "bar" else 1)
            return f"{_short(max(Fraction(0), beats), 3)}{unit}"
        return f"{_short(at + clock.origin, 3)}s"


def _short(amount: Fraction, digits: int) -> str:
    return f"{float(amount):.{digits}f}".rstrip("0").rstrip(".")
