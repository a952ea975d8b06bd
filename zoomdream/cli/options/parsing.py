"""From the text of options to values."""

from __future__ import annotations

from zoomdream.errors import UsageError
from zoomdream.runtime import MOST_THREADS

_LARGEST_WEIGHT = 1_000_000
_MOST_DIGITS = 9  # of a frame's number; Python refuses to read numbers of thousands of digits
_SMALLEST_LIMIT = 10**6  # bytes; less is a typing error


def split_names(text: str | None, option: str) -> tuple[str, ...]:
    """A list written with commas, `fire2,fire3`; empty when the option was not given. Raises UsageError."""
    parts = tuple(part.strip() for part in (text or "").split(","))
    if text is not None and not all(parts):
        raise UsageError(f"{option} {text!r} names nothing between two commas: write fire2,fire3")
    return parts if text else ()


def memory_limit(text: str) -> int:
    """Bytes of --max-memory, from `6GB`, `800 MB` or `4GiB`. Raises UsageError."""
    from pydantic import ByteSize, TypeAdapter, ValidationError

    unit = text.strip()
    try:
        size = TypeAdapter(ByteSize).validate_python(f"{unit}B" if unit[-1:] in "iI" else unit)
    except ValidationError:
        size = ByteSize(0)
    if size < _SMALLEST_LIMIT:
        raise UsageError(f"--max-memory {text!r} is no amount of memory: write 6GB, 800MB or 4GiB")
    return int(size)


def thread_count(text: str) -> int | None:
    """The number of --threads; None for `auto`. Raises UsageError."""
    if text == "auto":
        return None
    count = int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else 0
    if not 1 <= count <= MOST_THREADS:
        raise UsageError(f"--threads {text!r:.60} is no number of threads: write auto, or 1 to {MOST_THREADS}")
    return count


def parse_layers(text: str) -> dict[str, float]:
    """`fire8=1,fire5:17=0.3` -> objectives' short forms and weights; a weight left out is 1. Raises UsageError."""
    mix: dict[str, float] = {}
    for part in text.split(","):
        name, equals, weight = part.strip().rpartition("=")
        name, weight = (name.strip(), weight) if equals else (weight, "")
        try:
            value = float(weight or 1)
        except ValueError:
            value = float("nan")
        if name in mix:
            raise UsageError(f"--layers {text!r}: {name} is there twice: give it one weight")
        if not name or not abs(value) <= _LARGEST_WEIGHT:
            raise UsageError(
                f"--layers {text!r}: {part.strip()!r} is no objective and weight, from {-_LARGEST_WEIGHT} to "
                f"{_LARGEST_WEIGHT}; write fire8=1,fire5:17=0.3 (a file whose name has , or = needs a preset)"
            )
        mix[name] = value
    return mix


def frame_span(text: str) -> range:
    """`0:30` -> frames 0 to 29. Raises UsageError."""
    first, colon, stop = text.partition(":")
    if not (colon and all(end.isdecimal() and len(end) <= _MOST_DIGITS for end in (first, stop))):
        raise UsageError(f"--frames {text!r:.60} is no range of frames: write A:B, such as 0:30 for the first thirty")
    return range(int(first), int(stop))


def seconds(option: str, text: str) -> float:
    """`120ms` or `1.5s` -> seconds. Raises UsageError."""
    from zoomdream.schedule.clock import Time

    try:
        time = Time.parse(text)
    except UsageError as error:
        raise UsageError(f"{option} {text!r:.60}: {error}") from None
    if time.unit != "s":
        raise UsageError(f"{option} {text!r:.60}: a sound has no frames and no end of a film: write 120ms or 1.5s")
    return float(time.amount)
