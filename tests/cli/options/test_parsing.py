from __future__ import annotations

import pytest

from zoomdream.cli.options.parsing import frame_span, memory_limit, parse_layers, split_names, thread_count
from zoomdream.errors import UsageError


def test_layers_and_weights() -> None:
    assert parse_layers("fire8=1, fire5=-0.3,conv1") == {"fire8": 1.0, "fire5": -0.3, "conv1": 1.0}
    with pytest.raises(UsageError, match="fire8 is there twice"):
        parse_layers("fire8,fire5,fire8=0.3")


@pytest.mark.parametrize("text", ["", "fire8=x", "fire8=nan", "=1", "fire8=1e9", "fire8,,fire5"])
def test_text_that_is_no_layers(text: str) -> None:
    with pytest.raises(UsageError, match="write fire8=1"):
        parse_layers(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("6GB", 6 * 10**9),
        ("1.5 GB", 15 * 10**8),
        ("800MB", 8 * 10**8),
        ("800 mb", 8 * 10**8),
        ("4GiB", 4 * 2**30),
        ("4Gi", 4 * 2**30),
        ("512MiB", 2**29),
        ("6TB", 6 * 10**12),
        ("2000000", 2 * 10**6),
    ],
)
def test_amounts_of_memory(text: str, count: int) -> None:
    assert memory_limit(text) == count


@pytest.mark.parametrize("text", ["", "6", "much", "-6GB", "10KB", "1,5GB", "nanGB"])
def test_text_that_is_no_amount_of_memory(text: str) -> None:
    with pytest.raises(UsageError, match="write 6GB, 800MB or 4GiB"):
        memory_limit(text)


def test_numbers_of_threads() -> None:
    assert [thread_count(text) for text in ("1", "64", "1024", "auto")] == [1, 64, 1024, None]


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "two", "1025", "9" * 5000, "AUTO", "²"])
def test_text_that_is_no_number_of_threads(text: str) -> None:
    with pytest.raises(UsageError, match=r"is no number of threads: write auto, or 1 to 1024$"):
        thread_count(text)


def test_lists_with_commas() -> None:
    assert split_names("fire2, fire3", "--layers") == ("fire2", "fire3")
    assert split_names(None, "--layers") == ()
    for text in ("fire2,,fire3", "", ","):
        with pytest.raises(UsageError, match=r"--layers .* names nothing between two commas"):
            split_names(text, "--layers")


def test_spans_of_frames() -> None:
    assert frame_span("2:30") == range(2, 30)
    for text in ("three", "3", "-1:4", "1:", "1.5:3"):
        with pytest.raises(UsageError, match="is no range of frames: write A:B"):
            frame_span(text)
