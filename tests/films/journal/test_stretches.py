"""Frames that are finished and frames that are missing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoomdream.errors import JournalError
from zoomdream.films.journal.stretches import Stretch, needed_stretches, refuse_missing, stretches_of


@given(st.sets(st.integers(0, 30)), st.integers(0, 15), st.integers(16, 30))
def test_stretches_cover_the_frames_in_turns(finished: set[int], first: int, stop: int) -> None:
    ranges = [range(index, index + 1) for index in sorted(finished)]
    stretches = stretches_of(range(first, stop), ranges)
    assert [index for each in stretches for index in each.frames] == list(range(first, stop))
    assert all(one.is_finished != other.is_finished for one, other in pairwise(stretches))
    assert all(each.is_finished == (index in finished) for each in stretches for index in each.frames)


def test_what_the_frames_do_not_depend_on_is_left_out() -> None:
    missing, finished = Stretch(range(5), is_finished=False), Stretch(range(5, 8), is_finished=True)
    rest = Stretch(range(8, 12), is_finished=False)
    assert needed_stretches([missing, finished, rest], range(6, 12)) == [finished, rest]
    assert needed_stretches([missing, finished, rest], range(4, 12)) == [missing, finished, rest]
    assert needed_stretches([missing], range(5, 6)) == [missing]
    assert needed_stretches([Stretch(range(9), is_finished=False)], range(6, 9)) == [
        Stretch(range(9), is_finished=False)
    ]


def test_missing_frames_are_named() -> None:
    refuse_missing(Path("a.journal"), [Stretch(range(5), is_finished=True)])
    missing = [Stretch(range(first, first + 2), is_finished=False) for first in range(0, 20, 4)]
    with pytest.raises(JournalError, match=r"a.journal lacks the frames 0:2, 4:6, 8:10 and 2 more"):
        refuse_missing(Path("a.journal"), missing)
