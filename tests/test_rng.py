"""Random numbers depend on seed, frame and purpose, and on nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zoomdream.rng import generator

Key = tuple[int, int, str]
keys: st.SearchStrategy[Key] = st.tuples(
    st.integers(0, 2**64), st.integers(0, 10**7), st.sampled_from(["jitter", "noise", "visualize fire8:17"]) | st.text()
)


def numbers(key: Key) -> list[float]:
    drawn: list[float] = generator(*key).random(4).tolist()
    return drawn


@given(st.lists(keys, min_size=2, max_size=6, unique=True), st.randoms())
def test_equal_keys_give_equal_numbers_in_any_order(keys: list[Key], random: np.random.Generator) -> None:
    first = {key: numbers(key) for key in keys}
    random.shuffle(keys)
    assert {key: numbers(key) for key in keys} == first


@given(keys, keys)
def test_other_keys_give_other_numbers(one: Key, other: Key) -> None:
    assert (numbers(one) == numbers(other)) == (one == other)


def test_numpys_own_generator_is_left_alone() -> None:
    before = np.random.get_state()[1].tolist()  # type: ignore[index]
    generator(0, 0, "jitter").random()
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]
