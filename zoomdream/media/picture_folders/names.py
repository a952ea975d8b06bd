"""Which files of a folder are the pictures of a sequence, and in which order."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from zoomdream.errors import SourceError
from zoomdream.images.pictures.regular_files import is_folder

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
"""Of the pictures that a sequence may hold, in lower case."""

_SAME_SUFFIX = {".jpeg": ".jpg", ".tiff": ".tif"}
_PATTERN = re.compile(r"([^%]*)%(?:0?([1-9]))?d([^%]*)")
_NUMBER = re.compile(r"[0-9]+")
_MOST_NAMED = 4  # of missing numbers, sequences or files in one message


@dataclass(frozen=True)
class NumberedPictures:
    """A sequence's files in their order."""

    files: tuple[Path, ...]
    warnings: tuple[str, ...]
    """About missing numbers, and about pictures that are left out."""


class _Sequence(NamedTuple):
    """What the names of a sequence's files have in common."""

    before: str
    after: str
    suffix: str
    """In lower case, one for each format."""

    def pattern(self, members: Mapping[str, str]) -> str:
        """The sequence as it is named, `a_%04d.png`; `members` are its files with their numbers as written."""
        lengths = {len(number) for number in members.values()}
        is_padded = any(number.startswith("0") and len(number) > 1 for number in members.values())
        number = f"%0{min(lengths)}d" if is_padded and min(lengths) < 10 else "%d"
        return f"{self.before}{number}{self.after}{Path(next(iter(members))).suffix}"


@dataclass(frozen=True)
class Pattern:
    """A name such as `a_%04d.png`, which stands for one sequence of a folder."""

    before: str
    after: str
    digits: int
    """That a number has at least; 1: as many as it needs."""

    def number(self, name: str) -> int | None:
        """The number in a file's name; None where the name is another's."""
        ending = len(name) - len(self.after)
        is_named = name.startswith(self.before) and name[ending:].lower() == self.after.lower()
        middle = name[len(self.before) : ending]
        return int(middle) if is_named and _NUMBER.fullmatch(middle) and len(middle) >= self.digits else None


def pattern_of(name: str) -> Pattern | None:
    """The pattern that a file's name is, with one `%d` or `%04d` in it; None for any other name."""
    parts = _PATTERN.fullmatch(name)
    return Pattern(parts[1], parts[3], int(parts[2] or 1)) if parts else None


def numbered_pictures(path: Path) -> NumberedPictures:
    """The pictures of a folder, or of a pattern such as `frames/a_%04d.png`.

    Hidden files, folders and files that are no pictures by their suffix do not count. Raises SourceError where there is
    no picture, or where it is not clear which.
    """
    pattern = None if is_folder(path) else pattern_of(path.name)
    folder = path.parent if pattern else path
    names = _picture_names(folder, path, any_suffix=pattern is not None)
    if pattern:
        numbers = {name: number for name in names if (number := pattern.number(name)) is not None}
        if not numbers:
            raise SourceError(f"{path}: {folder} has no picture of that name{_hint(folder, names)}")
        return _in_order(path, folder, numbers, ())
    return _of_folder(folder, names)


def _picture_names(folder: Path, path: Path, *, any_suffix: bool) -> list[str]:
    try:
        entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
        files = [entry.name for entry in entries if entry.is_file()]
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no folder {folder}") from None
    except OSError as error:
        raise SourceError(f"{folder} cannot be read: {error.strerror}") from error
    pictures = [name for name in files if any_suffix or Path(name).suffix.lower() in SUFFIXES]
    if not pictures:
        held = _counted_suffixes(files) if files else "no files"
        raise SourceError(
            f"{folder} is a folder without pictures ({', '.join(SUFFIXES)}): it holds {held}; name a photo, a video, "
            f"or a folder of numbered pictures"
        )
    return pictures


def _of_folder(folder: Path, names: Sequence[str]) -> NumberedPictures:
    sequences = _sequences(names)
    long = {key: members for key, members in sequences.items() if len(members) > 1}
    if len(long) > 1:
        by_size = sorted(long.items(), key=lambda item: -len(item[1]))
        listed = [f"{key.pattern(members)} ({len(members)} pictures)" for key, members in by_size]
        first = folder / by_size[0][0].pattern(by_size[0][1])
        raise SourceError(f"{folder} holds {len(long)} sequences, {_some(listed)}: name one of them, such as {first}")
    numbered = sum(map(len, long.values()))
    if len(names) > 1 and numbered <= len(names) / 2:  # a few of a kind are no sequence
        unsure = f"{folder.name}: its {len(names)} pictures are not numbered, and come in the order of their names"
        files = sorted(names, key=_natural_key)
        return NumberedPictures(tuple(folder / name for name in files), (unsure,))
    members = next(iter(long.values())) if long else {names[0]: "0"}
    others = sorted(set(names) - set(members), key=_natural_key)
    left_out = (
        [f"{folder.name}: left out, since they have no number of the sequence: {_some(others)}"] if others else []
    )
    return _in_order(folder, folder, {name: int(number) for name, number in members.items()}, left_out)


def _in_order(path: Path, folder: Path, numbers: Mapping[str, int], warnings: Iterable[str]) -> NumberedPictures:
    """Files by their numbers. Raises SourceError where two have the same one."""
    names = sorted(numbers, key=lambda name: (numbers[name], name))
    for one, other in pairwise(names):
        if numbers[one] == numbers[other]:
            raise SourceError(f"{folder}: {one} and {other} are both number {numbers[one]}: remove or rename one")
    ordered = [numbers[name] for name in names]
    return NumberedPictures(tuple(folder / name for name in names), (*warnings, *_gap_warnings(path, ordered)))


def _gap_warnings(path: Path, numbers: Sequence[int]) -> list[str]:
    steps = {after - before for before, after in pairwise(numbers)}
    missing = numbers[-1] - numbers[0] + 1 - len(numbers)
    if not missing or (len(steps) == 1 and len(numbers) > 2):
        return []  # every second or tenth one is a choice
    gaps = [
        str(before + 1) if after - before == 2 else f"{before + 1} to {after - 1}"
        for before, after in pairwise(numbers)
        if after - before > 1
    ]
    if len(gaps) > 1 and len(gaps) > len(numbers) / 2:  # times of day, and the like
        return [f"{path.name}: its pictures are numbered unevenly, and follow each other directly"]
    what = "number is" if missing == 1 else "numbers are"
    return [f"{path.name}: {missing} {what} missing ({_some(gaps)}); the film goes on without them"]


def _sequences(names: Sequence[str]) -> dict[_Sequence, dict[str, str]]:
    """The names, each with its number, grouped by what stands around it.

    Of several numbers in each name, the one that makes the fewest groups counts.
    """
    most = max(len(_NUMBER.findall(Path(name).stem)) for name in names)
    groupings = [_grouped(names, position) for position in range(max(1, most))]
    return min(groupings, key=len)


def _grouped(names: Sequence[str], position: int) -> dict[_Sequence, dict[str, str]]:
    """The names grouped by all but their number at `position`, counted from the end of the name."""
    groups: dict[_Sequence, dict[str, str]] = defaultdict(dict)
    for name in names:
        stem, suffix = Path(name).stem, Path(name).suffix.lower()
        found = list(_NUMBER.finditer(stem))
        if position < len(found):
            number = found[-1 - position]
            around = (stem[: number.start()], stem[number.end() :])
            groups[_Sequence(*around, _SAME_SUFFIX.get(suffix, suffix))][name] = number[0]
        else:
            groups[_Sequence(name, "", "")][name] = "0"
    return groups


def _hint(folder: Path, names: Sequence[str]) -> str:
    pictures = [name for name in names if Path(name).suffix.lower() in SUFFIXES]
    long = [(key, members) for key, members in _sequences(pictures).items() if len(members) > 1] if pictures else []
    return f"; it has {_some([key.pattern(members) for key, members in long])}" if long else ""


def _natural_key(name: str) -> tuple[list[tuple[int, str]], str]:
    """Sorts `a2` before `a10`, as people read them."""
    parts = re.split(r"([0-9]+)", name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], name


def _counted_suffixes(files: Sequence[str]) -> str:
    counts = Counter(Path(name).suffix.lower() or "no suffix" for name in files)
    return _some([f"{count} {suffix}" for suffix, count in counts.most_common()])


def _some(items: Sequence[str]) -> str:
    more = f" and {len(items) - _MOST_NAMED} more" if len(items) > _MOST_NAMED else ""
    return ", ".join(items[:_MOST_NAMED]) + more
