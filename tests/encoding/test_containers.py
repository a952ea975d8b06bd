"""Containers: what each takes besides the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.clips import FAST, noise, write_film
from zoomdream.encoding.codecs import encoder_arguments
from zoomdream.encoding.containers import CONTAINERS
from zoomdream.media import probe
from zoomdream.settings import OutputSettings

SIZE = (64, 48)


def test_the_index_comes_first_so_that_a_film_plays_while_it_loads(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4", noise(5, SIZE))
    data = (tmp_path / "a.mp4").read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_every_codec_of_a_container_has_arguments_and_is_written(tmp_path: Path, suffix: str) -> None:
    container = CONTAINERS[suffix]
    codec: Any
    for codec in container.codecs:
        assert encoder_arguments(codec, container.muxer, FAST)
        write_film(tmp_path / f"{codec}{suffix}", noise(2, SIZE), output=OutputSettings(codec=codec, speed="ultrafast"))
        assert container.muxer in probe(tmp_path / f"{codec}{suffix}").container


def test_only_mp4_and_mov_have_an_index_to_move() -> None:
    flagged = {suffix for suffix, container in CONTAINERS.items() if "-movflags" in container.muxer_arguments}
    assert flagged == {".mp4", ".mov"}
