"""Command lines by chance: done, or refused with a sentence and the exit code of its kind."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.command_lines import command_line, write_inputs
from tests.fuzz.properties import refuse_unclear
from tests.support.commands import zoomdream

EXIT_CODES = (0, 2, 3, 4, 5, 6)


def test_commands_are_done_or_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fuzz_examples: int
) -> None:
    monkeypatch.chdir(tmp_path)
    write_inputs(tmp_path)
    rng, codes = Random(3), Counter[int]()
    for _ in range(max(25, fuzz_examples // 10)):
        arguments = command_line(rng)
        try:
            codes[run(arguments)] += 1
        except BaseException as error:
            error.add_note(f"the command: {arguments!r:.5000}")
            raise
    print(f"exit codes: {dict(codes)}")
    assert codes[0] >= codes.total() / 10


def run(arguments: list[str]) -> int:
    """Run a command and return its exit code. Raises AssertionError unless it is done or refused in a sentence."""
    result = zoomdream(*arguments, TORCH_HOME=os.devnull)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in EXIT_CODES, (result.exit_code, result.stderr)
    if result.exit_code:
        refuse_unclear(result.stderr, quoted=8 * sum(map(len, arguments)))
    return result.exit_code
