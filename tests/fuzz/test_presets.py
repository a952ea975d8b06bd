"""Presets, assignments, times, short forms and options by chance: read, or refused in one sentence."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.presets import ODD_TEXTS, assignment, preset, preset_text, short_form, with_flips
from tests.fuzz.properties import is_accepted, refuse_unclear
from tests.support.commands import zoomdream
from zoomdream.errors import ZoomdreamError
from zoomdream.objectives.specs.short_form import parse, parse_channels
from zoomdream.presets.loading import load_preset_text
from zoomdream.schedule.clock import Time, parse_rate

SEEDS = st.integers(0, 2**32)


def test_presets_are_read_or_refused_in_a_sentence_and_a_third_is_read(fuzz_examples: int) -> None:
    accepted, rng = 0, Random(11)
    for _ in range(fuzz_examples):
        text = preset_text(rng)
        try:
            accepted += is_accepted(text)
        except Exception as error:
            error.add_note(f"the preset: {text[:5000]}")
            raise
    print(f"{accepted} of {fuzz_examples} presets accepted")
    assert accepted >= fuzz_examples // 3


@given(SEEDS)
def test_a_preset_made_from_the_schema_is_accepted(seed: int) -> None:
    text = json.dumps(preset(Random(seed)))
    load_preset_text(text, "film.yaml")


@given(SEEDS)
def test_assignments_change_a_preset_or_are_refused(seed: int) -> None:
    rng = Random(seed)
    is_accepted(
        '{"zoomdream": 1, "source": "noise", "dream": {"layers": {"fire8": 1}}}', (assignment(rng), assignment(rng))
    )


@settings(max_examples=100)
@given(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(ODD_TEXTS),
        SEEDS.map(lambda seed: with_flips(Random(seed), short_form(Random(seed)))),
    )
)
@pytest.mark.parametrize("read", [parse, parse_channels, Time.parse, parse_rate])
def test_short_texts_are_read_or_refused(read: object, text: str) -> None:
    assert callable(read)
    try:
        read(text)
    except ZoomdreamError as error:
        refuse_unclear(str(error), quoted=3 * len(text))


@settings(max_examples=15)
@given(SEEDS)
def test_options_are_taken_or_refused(seed: int) -> None:
    rng = Random(seed)
    names = (
        "--size",
        "--fps",
        "--duration",
        "--start",
        "--frames",
        "--seed",
        "--set",
        "--max-memory",
        "--threads",
        "--audio",
    )
    options = [
        part for name in rng.sample(names, 2) for part in (name, rng.choice((*ODD_TEXTS, "0:5", "1s", "64x48", "30")))
    ]
    result = zoomdream("render", "nosuch-preset", "-o", "x.mp4", "--dry-run", *options)
    assert result.exit_code in (2, 3)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    refuse_unclear(result.stderr, quoted=8 * sum(map(len, options)))
