"""Keyframes that are moved, added, removed or eased on the timeline, written back in the preset's own style.

Times keep the unit that they are written in; a new one has that of its neighbours. Values by time stay values by time
until an ease is wanted, which needs a list of keyframes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

from zoomdream.films.previews.outline import outline
from zoomdream.films.previews.track_curves import track_curves
from zoomdream.presets.documents.yaml_document import Data
from zoomdream.presets.preset import Preset
from zoomdream.schedule.clock import Time
from zoomdream.schedule.ease_names import ease_name
from zoomdream.schedule.timeline import SECTIONS
from zoomdream.studio.answers import Refused
from zoomdream.studio.editing.edits import Edit, edited
from zoomdream.studio.editing.spans import Path, path_of
from zoomdream.studio.editing.written_tracks import WrittenTrack

Action = Literal["move", "add", "delete", "ease"]

_DIGITS = 4  # of a value, after the point


@dataclass(frozen=True)
class Change:
    """What is done to a track's keyframes."""

    path: Path
    """The track: `("camera", "zoom")`, and of a pair the component, `("camera", "pan", 0)`."""
    action: Action
    key: Path | None = None
    """Which keyframe, as the timeline names it; None where one is added."""
    seconds: float | None = None
    """Its time in the film."""
    value: float | None = None
    ease: str | None = None

    @classmethod
    def of(cls, data: dict[str, object]) -> Change:
        """From JSON. Raises Refused."""
        action = data.get("action")
        if action not in get_args(Action):
            raise Refused(400, f"action is {action!r:.40}: it must be one of {', '.join(get_args(Action))}")
        path, key, ease = _path(data.get("path"), "path"), data.get("key"), data.get("ease")
        if ease is not None and not isinstance(ease, str):
            raise Refused(400, "ease is no text: it is an ease's name")
        if action != "add" and key is None:
            raise Refused(400, "key is missing: it says which keyframe, as the timeline names it")
        return cls(
            path,
            cast(Action, action),
            None if key is None else _path(key, "key"),
            _number(data.get("time"), "time"),
            _number(data.get("value"), "value"),
            ease,
        )


def _path(value: object, name: str) -> Path:
    if not isinstance(value, list) or not value:
        raise Refused(400, f"{name} is no list of keys: hand it back as the timeline gives it")
    return path_of(value)


def _number(value: object, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise Refused(400, f"{name} is {value!r:.40}: it must be a number")
    return float(value)


def changed(text: str, preset: Preset, change: Change) -> str:
    """The text after a change of its keyframes; `preset` is what the text says.

    Raises Refused for a track or a keyframe that is not there, or whose values are computed; SettingError.
    """
    component = change.path[-1] if len(change.path) > 2 and isinstance(change.path[-1], int) else None
    path = change.path if component is None else change.path[:-1]
    film = outline(preset)
    track = _Track(preset, film.clock, tuple(map(str, path)), component if isinstance(component, int) else None)
    return edited(text, track.edits(change))


class _Track(WrittenTrack):
    """A track whose keyframes are changed."""

    def edits(self, change: Change) -> list[Edit]:
        """The edits of the text that make the change."""
        if change.action == "add":
            return self._add(change)
        assert change.key is not None
        key = self.known(change.key)
        if change.action == "delete":
            return self._delete(key)
        if change.action == "ease":
            return self._ease(key, change.ease)
        return self._move(key, change)

    def _move(self, key: Path, change: Change) -> list[Edit]:
        name = str(key[-1])
        edits: list[Edit] = []
        value_path: Path = (*key, "mix" if self.is_mix else "value") if self.is_list else key
        if change.value is not None:
            if self.is_mix:
                raise Refused(400, "a mix has no single value: edit its weights in the text or the form")
            edits.append(Edit(value_path, self._with_component(self.value_of(name), change.value)))
        if change.seconds is not None:
            old = self.time_of(name)
            new = self.time_text(change.seconds, Time.parse(old).unit)
            self.refuse_taken(new, but=name)
            if new != old:
                edits.append(Edit((*key, "at"), new) if self.is_list else Edit(key, rename=new))
        return edits

    def _delete(self, key: Path) -> list[Edit]:
        if len(self.names()) == 1:
            raise Refused(400, "this is the only keyframe: a setting has one value at least")
        if self.place != self.path and len(self.names()) == 2:
            raise Refused(400, "what repeats needs two keyframes: take the repetition out first")
        return [Edit(key, None)]

    def _ease(self, key: Path, ease: str | None) -> list[Edit]:
        if ease is None:
            raise Refused(400, "ease is missing: it is an ease's name")
        name = ease_name(ease)
        if self.is_list:
            written = self.written
            assert isinstance(written, list)
            return [Edit((*key, "ease"), name)]
        items = self._as_list()
        items[self.names().index(str(key[-1]))]["ease"] = name
        return [Edit(self.place, cast(Data, items))]

    def _as_list(self) -> list[dict[str, Data]]:
        kind = "mix" if self.is_mix else "value"
        return [{"at": name, kind: self.value_of(name)} for name in self.names()]

    def _add(self, change: Change) -> list[Edit]:
        if change.seconds is None:
            raise Refused(400, "time is missing: it is when the keyframe is, in seconds of the film")
        names = self.names()
        if not names:
            return self._begin(change)
        units = [Time.parse(self.time_of(name)).unit for name in names]
        unit = max(units, key=units.count)
        time = self.time_text(change.seconds, unit)
        self.refuse_taken(time)
        value = self._value_at(change)
        at = self.clock.at(time)
        earlier = [number for number, name in enumerate(names) if self.clock.at(self.time_of(name)) < at]
        position = earlier[-1] + 1 if earlier else 0
        if not self.is_list:
            return [Edit((*self.place, time), value, position=position)]
        ease: dict[str, Data] = {"ease": ease_name(change.ease)} if change.ease else {}
        item: dict[str, Data] = {"at": time, ("mix" if self.is_mix else "value"): value, **ease}
        return [Edit((*self.place, len(names)), cast(Data, item), position=position)]

    def _begin(self, change: Change) -> list[Edit]:
        """Make keyframes of a value that is constant, or left out."""
        assert change.seconds is not None
        value = self._constant()
        first = self.time_text(0.0, "s")
        time = self.time_text(change.seconds, "s")
        if self.clock.at(time) <= self.clock.at(first):
            return [Edit(self.path, {first: self._new_value(value, change)})]
        return [Edit(self.path, {first: value, time: self._new_value(value, change)})]

    def _constant(self) -> Data:
        """The value of a track without keyframes. Raises Refused for one that is computed."""
        written = self.preset.document.value(self.path)
        if self.is_mix:
            if isinstance(written, dict) and not written.keys() & {"sweep", "wander", "hold", "fade"}:
                return written
            raise Refused(400, "this mix is no list of weights: edit it in the text")
        if written is None:
            return self._default()
        numbers = written if isinstance(written, list) else [written]
        if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in numbers):
            raise Refused(400, f"{'.'.join(self.path)} is computed: edit it in the text")
        return written

    def _default(self) -> Data:
        section, _, name = ".".join(self.path).partition(".")
        if section not in SECTIONS or name not in SECTIONS[section].model_fields:
            raise Refused(400, f"{'.'.join(self.path)} is no setting that changes over time")
        value = SECTIONS[section].model_fields[name].default
        return list(value) if isinstance(value, tuple) else value

    def _value_at(self, change: Change) -> Data:
        """The value of a new keyframe: what the curve has there, with the new number in its component."""
        if self.is_mix:
            assert change.seconds is not None
            at = change.seconds
            before = [name for name in self.names() if self.seconds(self.time_of(name)) <= at]
            nearest = max(before, key=lambda name: self.seconds(self.time_of(name)), default=self.names()[0])
            return self.value_of(nearest)
        if self.component is None:
            return self._new_value(None, change)
        assert change.seconds is not None
        numbers = [self._sampled(number, change.seconds) for number in range(2)]
        return self._new_value(cast(Data, numbers), change)

    def _new_value(self, before: Data, change: Change) -> Data:
        if self.is_mix:
            return before
        if change.value is None:
            if before is None or change.seconds is None:
                raise Refused(400, "value is missing: it is the keyframe's")
            return before
        return self._with_component(before, change.value)

    def _sampled(self, component: int, seconds: float) -> float:
        """A component of the curve at a time."""
        curves = track_curves(self.preset)
        curve = next(each for each in curves if each.path == self.path and each.component == component)
        later = [number for number, time in enumerate(curve.times) if time <= seconds]
        return round(curve.values[later[-1] if later else 0], _DIGITS)

    def _with_component(self, written: Data, value: float) -> Data:
        """A value as it is written, with a new number."""
        new: Data = self._rounded(value)
        if self.component is None:
            if isinstance(written, dict | str | list):
                raise Refused(400, f"{'.'.join(self.path)} is computed there: edit it in the text")
            return new
        if not isinstance(written, list) or self.component >= len(written):
            raise Refused(400, f"{'.'.join(self.path)} is computed there: edit it in the text")
        return [new if position == self.component else item for position, item in enumerate(written)]

    def _rounded(self, value: float) -> int | float:
        section, name = self.path[0], self.path[-1]
        setting = SECTIONS[section].model_fields.get(name) if section in SECTIONS and len(self.path) == 2 else None
        if setting is not None and setting.annotation is int:
            return round(value)
        rounded = round(value, _DIGITS)
        return float(f"{value:.3g}") if rounded == 0 and value else rounded
