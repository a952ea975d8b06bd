"""Reads many files in processes of their own, a batch in each, and adds up what became of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.forks import fork_module, wait

LONGEST = 30  # seconds for a file
_BATCH = 100


@dataclass
class Figures:
    """What became of files."""

    outcomes: Counter[str] = field(default_factory=Counter)
    read: set[str] = field(default_factory=set)
    """The files that were not refused."""
    longest: tuple[float, str] = (0.0, "")
    """Seconds, and the file."""
    most_taken: tuple[int, str] = (0, "")
    """Bytes that reading a file took in the process, and the file."""
    most_in_ffmpeg: tuple[int, str] = (0, "")

    def add(self, line: str) -> None:
        """Count a line of `reading`."""
        one = json.loads(line)
        self.outcomes[one["outcome"]] += 1
        if one["outcome"] == "read":
            self.read.add(one["file"])
        name = Path(one["file"]).name
        self.longest = max(self.longest, (one["seconds"], name))
        self.most_taken = max(self.most_taken, (one["taken"], name))
        self.most_in_ffmpeg = max(self.most_in_ffmpeg, (one["ffmpeg"], name))

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.most_common())
        return (
            f"{self.outcomes.total()} files: {counts}; longest {self.longest[0]:.1f} s ({self.longest[1]}), "
            f"most memory {self.most_taken[0] / 1e6:.0f} MB ({self.most_taken[1]}), "
            f"in ffmpeg {self.most_in_ffmpeg[0] / 1e6:.0f} MB ({self.most_in_ffmpeg[1]})"
        )


def refuse_failures(role: str, files: Sequence[Path], folder: Path, right: int) -> Figures:
    """Read files as `role`; print the figures.

    Raises AssertionError where one is neither read nor refused, takes longer than `LONGEST` seconds or more memory than
    it may, or ends the process, and where one of the first `right` is refused. `folder` is where the output goes.
    """
    figures, failures = Figures(), []
    for first in range(0, len(files), _BATCH):
        batch = files[first : first + _BATCH]
        failures += _read_batch(role, batch, folder / f"{role}-{first}", figures)
    failures += [f"{file} is right, and was refused" for file in map(str, files[:right]) if file not in figures.read]
    print(f"{role}: {figures}")
    assert not failures, f"{len(failures)} of {role}:\n" + "\n".join(failures)[:20000]
    return figures


def _read_batch(role: str, files: Sequence[Path], report: Path, figures: Figures) -> list[str]:
    """What went wrong with the files of one batch: those after one that ends its process are read in another."""
    failures, left = [], list(files)
    while left:
        out, err = report.with_suffix(".out"), report.with_suffix(".err")
        with out.open("w") as output, err.open("w") as errors:
            arguments = [role, str(LONGEST), *map(str, left)]
            process = fork_module("tests.fuzz.reading", arguments, stdout=output.fileno(), stderr=errors.fileno())
            code = wait(process, (LONGEST + 5) * len(left))
        lines = out.read_text().splitlines()
        for line in lines:
            figures.add(line)
        said = err.read_text()
        if code not in (0, 1) or len(lines) < len(left):
            failures.append(f"{left[len(lines)]}: the process ended with {code}: {said[-3000:]}")
            figures.outcomes["failure"] += 1
            left = left[len(lines) + 1 :]
            continue
        if code:
            failures.append(said)
        break
    return failures
