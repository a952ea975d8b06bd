"""The ffmpeg process itself."""

from __future__ import annotations

import pytest

from zoomdream.errors import ZoomdreamError
from zoomdream.media.ffmpeg import FFmpeg, executable, last_words


@pytest.fixture
def fresh_executable():
    executable.cache_clear()
    yield
    executable.cache_clear()


def test_an_ffmpeg_that_is_not_there(monkeypatch, fresh_executable):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/none/ffmpeg")
    with pytest.raises(ZoomdreamError, match=r"/none/ffmpeg cannot be run.*IMAGEIO_FFMPEG_EXE"):
        executable()


def test_last_words_leave_out_addresses_and_summaries():
    said = (
        "[libx264 @ 0x5629135ade00] invalid width x height (32768x2)\n"
        "[vf#0:0 @ 0x5629135af180] Error sending frames to consumers: Generic error in an external library\n"
        "[vf#0:0 @ 0x5629135af180] Task finished with error code: -542398533\n"
        "Conversion failed!\n"
    )
    assert last_words(said) == "invalid width x height (32768x2)"
    assert last_words("Conversion failed!\n") == "Conversion failed!"
    assert last_words("") == "no reason given"


def test_a_talkative_ffmpeg_does_not_stall():
    """Far more on stderr than a pipe holds, and only the end of it is kept."""
    picture = ("-f", "lavfi", "-i", "color=s=16x16:r=25:d=400")
    with FFmpeg(["-loglevel", "debug", *picture, "-f", "null", "-"]) as ffmpeg:
        assert ffmpeg.wait(30) == 0
        assert 0 < len(ffmpeg.said().splitlines()) <= 40


def test_waiting_has_an_end():
    endless = ("-re", "-f", "lavfi", "-i", "color=s=16x16", "-f", "null", "-")
    with FFmpeg(endless) as ffmpeg:
        assert ffmpeg.wait(0.3) < 0
    ffmpeg.close()
