"""Whether rows of two timelines are the same: a digest of them, and the first difference in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.tables.mix_table import MixTable
from zoomdream.schedule.tables.region_table import RegionTable
from zoomdream.schedule.tables.settings_table import SettingsTable
from zoomdream.schedule.tracks import Key, region_of
from zoomdream.settings import Settings

_BLOCK = 4096  # frames; blocks begin at multiples of it, so that a digest depends on nothing but the rows


class Tables(NamedTuple):
    """All that the rows of a timeline hold."""

    mix: MixTable
    sections: Mapping[str, SettingsTable[Settings]]
    regions: RegionTable


class _MixPart(NamedTuple):
    """Neighbouring frames that mix the same objectives."""

    start: int
    keys: tuple[Key, ...]
    """The objectives with a weight other than 0, in the order in which a row names them."""
    weights: FloatArray
    """Frames x keys."""
    numbers: tuple[FloatArray, ...]
    """Of each key the numbers of its mask: frames x numbers, or once where none changes."""

    def values(self, frames: range) -> FloatArray:
        """Some frames' weights and numbers: frames x all of them."""
        first, last = frames.start - self.start, frames.stop - self.start
        numbers = [each if len(each) == 1 else each[first:last] for each in self.numbers]
        tables = [np.broadcast_to(each, (len(frames), each.shape[1])) for each in numbers]
        return np.hstack([self.weights[first:last], *tables])


def digest(tables: Tables, rows: range, names: Mapping[Key, str]) -> str:
    """The sha256 of what these rows hold; see `Timeline.digest`."""
    found = hashlib.sha256(f"{rows.start}:{rows.stop}".encode())
    for block in _blocks(rows):
        for section, table in tables.sections.items():
            for name in table.names:
                found.update(f"\n{section}.{name} ".encode())
                found.update(_content(table.values(name, block.start, block.stop)))
        for part in _mix_parts(tables, block):
            found.update(f"\nmix {part.start} {len(part.keys)}".encode())
            for key, weights, numbers in zip(part.keys, part.weights.T, part.numbers, strict=True):
                called = names[key].encode()
                found.update(b"\n%d %b " % (len(called), called) + _content(weights))
                if numbers.size:
                    found.update(b" in " + _content(numbers))
    return found.hexdigest()


def difference(ours: Tables, theirs: Tables, rows: range) -> str | None:
    """The first difference between two timelines' rows; see `Timeline.difference`."""
    for block in _blocks(rows):
        differences = [*_setting_differences(ours, theirs, block), *_mix_differences(ours, theirs, block)]
        if differences:
            frame, setting, one, other = min(differences, key=lambda found: found[0])
            return f"{setting} at frame {frame}: {one} and {other}"
    return None


_Difference = tuple[int, str, str, str]


def _setting_differences(ours: Tables, theirs: Tables, rows: range) -> Iterator[_Difference]:
    """For each setting: the first frame at which it differs, its name, and the two values."""
    for section, table in ours.sections.items():
        for name in table.names:
            pair = [each.sections[section].values(name, rows.start, rows.stop) for each in (ours, theirs)]
            one, other = np.broadcast_arrays(*pair)
            unequal = (one != other).reshape(len(one), -1).any(1)
            if unequal.any():
                first = int(unequal.argmax())
                yield rows.start + first, f"{section}.{name}", _text(one[first]), _text(other[first])


def _mix_differences(ours: Tables, theirs: Tables, rows: range) -> Iterator[_Difference]:
    """The first frame whose mixes, or their masks' numbers, differ, if there is one."""
    parts = [list(_mix_parts(tables, rows)) for tables in (ours, theirs)]
    starts = sorted({part.start for of_one in parts for part in of_one})
    for start, stop in zip(starts, [*starts[1:], rows.stop], strict=True):
        one, other = (next(part for part in reversed(of_one) if part.start <= start) for of_one in parts)
        first, frames = start, range(start, stop)
        if list(map(_without_tracks, one.keys)) == list(map(_without_tracks, other.keys)):
            a, b = one.values(frames), other.values(frames)
            unequal = (a != b).any(1) if a.shape == b.shape else np.array([True])
            if not unequal.any():
                continue
            first += int(unequal.argmax())
        yield first, "dream.layers", *_mix_texts(one, other, first)
        return


def _without_tracks(key: Key) -> Key:
    return key if isinstance(key, str) else key.without_tracks


def _blocks(rows: range) -> Iterator[range]:
    for start in range(rows.start - rows.start % _BLOCK, rows.stop if rows else 0, _BLOCK):
        yield range(max(start, rows.start), min(start + _BLOCK, rows.stop))


def _mix_parts(tables: Tables, rows: range) -> Iterator[_MixPart]:
    """The rows cut where other objectives are mixed."""
    mix = tables.mix
    weights = np.broadcast_to(mix.values(rows.start, rows.stop), (len(rows), len(mix.keys)))
    mixed = weights != 0
    cuts = (np.flatnonzero((mixed[1:] != mixed[:-1]).any(1)) + 1).tolist()
    for first, last in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        columns = np.flatnonzero(mixed[first])
        keys, start = tuple(mix.keys[k] for k in columns), rows.start + first
        numbers = tuple(tables.regions.values(region_of(key), start, rows.start + last) for key in keys)
        yield _MixPart(start, keys, weights[first:last][:, columns], numbers)


def _content(values: NDArray[Any]) -> bytes:
    """What a setting is, with its type: one value where all are equal, else the value of every frame."""
    if len(values) > 1 and (values == values[0]).all():
        values = values[:1]
    if values.dtype.kind == "U":
        return ("text " + ",".join(values.tolist())).encode()
    # -0.0 equals 0.0 and has other bytes.
    numbers = values.astype("<i8") if values.dtype.kind == "i" else (values + 0.0).astype("<f8")
    return f"{numbers.dtype.str} {len(numbers)} ".encode() + numbers.tobytes()


def _text(value: Any) -> str:
    return str(value.tolist())


def _mix_texts(one: _MixPart, other: _MixPart, frame: int) -> tuple[str, str]:
    """Two mixes in words; the objectives with their files' folders where the names alone are equal."""
    short = [_mix_text(part, frame, str) for part in (one, other)]
    if short[0] != short[1]:
        return short[0], short[1]
    return _mix_text(one, frame, repr), _mix_text(other, frame, repr)


def _mix_text(part: _MixPart, frame: int, named: Callable[[Key], str]) -> str:
    index = frame - part.start
    words = []
    for key, weight, numbers in zip(part.keys, part.weights[index].tolist(), part.numbers, strict=True):
        of_mask = numbers[min(index, len(numbers) - 1)].tolist()
        words.append(" ".join((named(_without_tracks(key)), *([str(of_mask)] if of_mask else []), str(weight))))
    return " + ".join(words) or "nothing"
