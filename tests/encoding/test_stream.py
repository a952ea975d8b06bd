"""Films written to a stream: y4m, whole or an error, whatever becomes of the reader."""

from __future__ import annotations

import io
import os
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.clips import FAST, fill, noise, write_film
from tests.support.other_readers import read_by_pyav
from zoomdream.encoding import check_output, open_film, output_warnings
from zoomdream.encoding.target import STDOUT
from zoomdream.errors import EncodeError, UsageError
from zoomdream.settings import OutputSettings

SIZE = (64, 48)


@pytest.mark.parametrize("depth", [8, 10])
def test_a_stream_is_the_file(tmp_path: Path, depth: Any, nothing_left: None) -> None:
    output = OutputSettings(depth=depth)
    frames = [frame.astype(np.uint8 if depth == 8 else np.uint16) for frame in noise(5, SIZE)]
    stream = io.BytesIO()
    write_film(STDOUT, frames, output=output, stream=stream)
    write_film(tmp_path / "a.y4m", frames, output=output)
    assert stream.getvalue() == (tmp_path / "a.y4m").read_bytes()
    assert stream.getvalue().startswith(b"YUV4MPEG2 W64 H48 F25:1 ")
    assert len(read_by_pyav(tmp_path / "a.y4m").frames) == 5
    assert not Path(STDOUT).exists()


def test_an_exception_ends_it(nothing_left: None) -> None:
    def fails() -> None:
        with open_film(STDOUT, SIZE, Fraction(25), FAST, frames=9, stream=io.BytesIO()) as film:
            film.write(fill((1, 2, 3)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), ZeroDivisionError("the stream's own")])
def test_what_the_stream_raises_comes_out(error: Exception, nothing_left: None) -> None:
    class Closed(io.BytesIO):
        def write(self, data: Any) -> int:
            raise error

    expected = EncodeError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected, match=r"Broken pipe|the stream's own"):
        write_film(STDOUT, noise(60, (640, 480)), stream=Closed())


def test_a_reader_that_does_not_read_can_be_left(nothing_left: None) -> None:
    """The film is given up while the stream waits: at once, and the stream's thread ends when the reader goes."""
    read, write = os.pipe()
    threads = threading.active_count()
    stream: Any = os.fdopen(write, "wb", buffering=0)
    film = open_film(STDOUT, (640, 480), Fraction(25), FAST, frames=9, stream=stream)
    film.write(fill((1, 2, 3), (640, 480)))
    film.abort()
    os.close(read)
    for thread in threading.enumerate():
        if thread.name == "film-stream":
            thread.join(10)
    stream.close()
    assert threading.active_count() == threads


def test_a_stream_that_is_missing_and_codecs_that_do_not_go_there() -> None:
    with pytest.raises(UsageError, match="- is no file: hand over the stream"):
        open_film(STDOUT, SIZE, Fraction(25), FAST, frames=1)
    with pytest.raises(UsageError, match="-: codec h264 does not go to stdout, which takes y4m"):
        check_output(STDOUT, SIZE, OutputSettings(codec="h264"))
    with pytest.raises(UsageError, match="size 65x48: y4m needs even sides, such as 64x48"):
        check_output(STDOUT, (65, 48), FAST)
    assert check_output(STDOUT, SIZE, OutputSettings(codec="y4m")).is_stream


def test_a_file_of_that_name_is_a_file(tmp_path: Path) -> None:
    assert not check_output(tmp_path / "-.y4m", SIZE, FAST).is_stream


def test_warnings_about_settings_without_effect(tmp_path: Path) -> None:
    output = OutputSettings(crf=18, loop=2)

    def warnings(name: str, **more: Any) -> list[str]:
        settings = output.model_copy(update=more)
        target = check_output(f"{tmp_path}/{name}", SIZE, settings)
        return output_warnings(target, settings, Fraction(120))

    assert warnings("a.mp4") == ["output.loop: no effect: h264 does not say how often it plays"]
    assert warnings("a.mov", codec="prores", loop=0) == ["output.crf: no effect: prores has no constant rate factor"]
    assert warnings("a.apng") == [
        "output.crf: no effect: apng has no constant rate factor",
        "browsers play apng of more than 90 frames per second slowly",
    ]
    assert len(warnings("frames/")) == 2
