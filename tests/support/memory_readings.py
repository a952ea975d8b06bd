"""Readings of memory that stand still."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SteadyMemory:
    """What this process is said to hold and the machine to have free, in bytes."""

    held: int = 500 * 10**6
    free: int = 12 * 10**9
