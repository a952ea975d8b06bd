"""Tags: of any length, with any characters."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.clips import noise, write_film
from zoomdream.errors import SourceError
from zoomdream.media import read_tags
from zoomdream.media.tags import parse_ffmetadata, to_ffmetadata

SIZE = (64, 48)
VALUES = st.text().filter(lambda value: not value.endswith("\\"))  # those get a newline more


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm"])
def test_metadata_of_any_kind_comes_back(tmp_path: Path, name: str) -> None:
    preset = (
        "# a: 'b' # c\nlayers: {fire8=1; fire5: 2}\n[flow, list]\n\tback\\slash \\\\ \\n end\\\n" * 200
        + "\U0001f642 — ü\nlast = 1"
    )
    tags = {"title": "=;#\\ x", "comment": "zoomdream 1\nsecond line; a=b", "zoomdream_preset": preset}
    write_film(tmp_path / name, noise(2, SIZE), metadata=tags)
    assert read_tags(tmp_path / name).items() >= tags.items()


def test_a_backslash_at_the_end_does_not_swallow_the_next_tag(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4", noise(2, SIZE), metadata={"title": "C:\\", "comment": "safe"})
    assert read_tags(tmp_path / "a.mp4").items() >= {"title": "C:\\\n", "comment": "safe"}.items()


@given(st.dictionaries(st.text(min_size=1), VALUES))
@example({"comment": "a list:\n[fire8, fire5]\nlast", "title": "after"})
@example({"[STREAM]": "x", "a\nb=c;#\\": "\n"})
def test_what_is_written_is_read_again(tags: dict[str, str]) -> None:
    assert parse_ffmetadata(to_ffmetadata(tags)) == tags


def test_tags_of_streams_are_not_the_films() -> None:
    assert parse_ffmetadata(";FFMETADATA1\ntitle=film\n[STREAM]\nlanguage=und\n") == {"title": "film"}


def test_a_file_without_tags_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no film")
    with pytest.raises(SourceError, match=r"a\.mp4 has no tags that can be read"):
        read_tags(tmp_path / "a.mp4")
