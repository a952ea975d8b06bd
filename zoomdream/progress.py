"""How far a job is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Steps:
    """Steps of ascent, done and to do, of all that is made; `now` is what is made now, such as `octave 2 of 4`."""

    done: int
    total: int
    now: str
