"""What there is to run on this repository: `nox -l` lists it, `nox -s tests` runs the tests.

Each session has an environment of its own, which is kept. `nox --no-venv -s tests` uses the one that nox runs in.
"""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.sessions = ["tests", "lint", "types"]
nox.options.reuse_existing_virtualenvs = True


@nox.session
def tests(session: nox.Session) -> None:
    """The tests, offline; what follows `--` goes to pytest."""
    session.install("-e", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """The tests, and which lines they reach."""
    session.install("-e", ".[test]")
    session.run("pytest", "--cov", "--cov-report=term-missing:skip-covered", *session.posargs)


@nox.session
def slow(session: nox.Session) -> None:
    """The tests that take minutes."""
    session.install("-e", ".[test]")
    session.run("pytest", "-m", "slow", *session.posargs)


@nox.session
def lowest(session: nox.Session) -> None:
    """The tests that reach every dependency, with the lowest version of each that pyproject.toml allows."""
    session.install("uv")
    python = f"--python={Path(session.bin) / 'python'}"
    session.run("uv", "pip", "install", python, "--resolution", "lowest-direct", "-e", ".[test]")
    folders = ("media", "images", "presets", "schedule", "networks", "cli/commands/test_films.py")
    session.run("pytest", *(session.posargs or [f"tests/{folder}" for folder in folders]))


@nox.session
def fuzz(session: nox.Session) -> None:
    """Inputs by chance, for half an hour: 20,000 presets, and damaged files and command lines in proportion.

    `-- --fuzz-examples N` says how many others.
    """
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "0", "-m", "", "tests/fuzz", *(session.posargs or ("--fuzz-examples", "20000")))


@nox.session
def lint(session: nox.Session) -> None:
    """Style, formatting, and the direction of imports."""
    session.install("-e", ".[test]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly."""
    session.install("-e", ".[test]")
    session.run("mypy", *session.posargs)


@nox.session
def golden(session: nox.Session) -> None:
    """Draw the golden pictures anew; look at the differences before you commit them."""
    session.install("-e", ".[test]")
    session.run("pytest", "tests/golden", "--update-golden", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """What a step and a picture cost, the speed of the quickstart, and another program's film beside it."""
    session.install("-e", ".")
    session.run("python", "-m", "benchmarks.ascent")
    session.run("python", "-m", "benchmarks.film", "quickstart")
    session.run("python", "-m", "benchmarks.films", "quickstart", "--rival")
