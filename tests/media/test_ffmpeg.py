"""The ffmpeg process itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zoomdream.errors import ZoomdreamError
from zoomdream.media.ffmpeg import FFmpeg, error_summary, executable, queue_length


@pytest.fixture
def fresh_executable() -> Iterator[None]:
    executable.cache_clear()
    yield
    executable.cache_clear()


def test_an_ffmpeg_that_is_not_there(monkeypatch: pytest.MonkeyPatch, fresh_executable: None) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/none/ffmpeg")
    with pytest.raises(ZoomdreamError, match=r"/none/ffmpeg cannot be run.*IMAGEIO_FFMPEG_EXE"):
        executable()


def test_the_summary_of_errors_leaves_out_addresses_and_lines_without_a_cause() -> None:
    stderr = (
        "[libx264 @ 0x5629135ade00] invalid width x height (32768x2)\n"
        "[vf#0:0 @ 0x5629135af180] Error sending frames to consumers: Generic error in an external library\n"
        "[vf#0:0 @ 0x5629135af180] Task finished with error code: -542398533\n"
        "Conversion failed!\n"
    )
    assert error_summary(stderr) == "invalid width x height (32768x2)"
    assert error_summary("Conversion failed!\n") == "Conversion failed!"
    assert error_summary("") == "no reason given"


def test_much_on_stderr_does_not_stall_ffmpeg() -> None:
    """Far more on stderr than a pipe holds, and only the end of it is kept."""
    picture = ("-f", "lavfi", "-i", "color=s=16x16:r=25:d=400")
    with FFmpeg(["-loglevel", "debug", *picture, "-f", "null", "-"]) as ffmpeg:
        assert ffmpeg.wait(30) == 0
        assert 0 < len(ffmpeg.error_output().splitlines()) <= 40


def test_waiting_has_an_end() -> None:
    endless = ("-re", "-f", "lavfi", "-i", "color=s=16x16", "-f", "null", "-")
    with FFmpeg(endless) as ffmpeg:
        assert ffmpeg.wait(0.3) < 0
    ffmpeg.close()


def test_queues_hold_few_large_frames() -> None:
    assert queue_length(3840 * 2160 * 3) == 2
    assert queue_length(1280 * 720 * 3) == 16
    assert queue_length(64 * 48 * 3) == 16
    assert queue_length(1920 * 1080 * 3) == 10
