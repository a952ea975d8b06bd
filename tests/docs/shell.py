"""Shell blocks as commands, and the options that make each command small and quick."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.docs.markdown import ROOT

NOT_RUN = ("python3", "pip", "pytest", "nox", "pre-commit", "issues", "git", "ruff", "mypy", "lint-imports")
"""Programs whose commands are not run here: they set up, or run the tests that these are part of."""

# Of an option that is given twice the last one counts.
_FILM = ("--size", "64x48", "--duration", "3f", "--set", "dream.steps=1", "--set", "dream.octaves=1")
SMALL: Mapping[str, tuple[str, ...]] = {
    "render": (*_FILM, "--progress", "none"),
    "frame": (*_FILM, "--at", "1f", "--progress", "none"),
    "preview": (*_FILM[2:], "--set", "canvas.size=64x48", "--progress", "none"),
    "plan": _FILM,
    "join": _FILM,
    "batch": _FILM,
    "sweep": ("--size", "64x48", "--hold", "1f", "--fade", "1f", "--set", "dream.steps=1", "--set", "dream.octaves=1"),
    "dream": ("--size", "64x48", "--steps", "1", "--octaves", "1"),
    "visualize": ("--size", "64", "--steps", "1"),
    "sheet": ("--cell", "64", "--steps", "1"),
    "saliency": ("--size", "64x48"),
}


@dataclass(frozen=True)
class Command:
    """A command of a shell block."""

    program: str
    arguments: tuple[str, ...]
    output: str | None = None
    """The file that its stdout goes to."""

    @property
    def small(self) -> tuple[str, ...]:
        """Its arguments, with options that make it small and quick."""
        return (*self.arguments, *SMALL.get(self.arguments[0], ()))


def commands(text: str) -> Iterator[Command]:
    """The commands of a shell block, in order."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        while words:
            end = words.index("&&") if "&&" in words else len(words)
            if end:
                yield _command(words[:end])
            words = words[end + 1 :]


def _command(words: list[str]) -> Command:
    program, *arguments = words
    output = None
    if ">" in arguments:
        place = arguments.index(">")
        arguments, output = arguments[:place], arguments[place + 1]
    return Command(program.removeprefix(".venv/bin/"), tuple(arguments), output)


def is_known(command: Command) -> bool:
    """Whether a command that is not zoomdream's is one that a reader can run."""
    if command.program != "python":
        return command.program in NOT_RUN
    if command.arguments[0] == "-m":
        path = command.arguments[1].replace(".", "/")
        return command.arguments[1] == "pytest" or (ROOT / f"{path}.py").is_file()
    return (ROOT / command.arguments[0]).is_file()
