"""Containers: what each takes besides the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.clips import FAST, noise, write_film
from zoomdream.encoding.codecs import encoder_arguments, frame_bits
from zoomdream.encoding.containers import CONTAINERS
from zoomdream.media import probe
from zoomdream.settings import OutputSettings

SIZE = (64, 48)
DEMUXERS = {".avif": "mp4"}  # ffmpeg's, where it is called otherwise than the muxer


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
        output = OutputSettings(codec=codec, speed="ultrafast")
        kind = np.uint8 if frame_bits(output) == 8 else np.uint16
        write_film(tmp_path / f"{codec}{suffix}", [frame.astype(kind) for frame in noise(2, SIZE)], output=output)
        assert DEMUXERS.get(suffix, container.muxer) in probe(tmp_path / f"{codec}{suffix}").container


def test_only_mp4_and_mov_have_an_index_to_move() -> None:
    flagged = {suffix for suffix, container in CONTAINERS.items() if "-movflags" in container.muxer_arguments}
    assert flagged == {".mp4", ".mov"}
