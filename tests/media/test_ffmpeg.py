"""The ffmpeg process itself."""

from __future__ import annotations

import errno
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clips import children, pattern
from zoomdream.errors import FFmpegError, ZoomdreamError
from zoomdream.media import audio_codec, probe, read_tags
from zoomdream.media.ffmpeg import FFmpeg, error_summary, executable, queue_length

ENDLESS = ("-re", "-f", "lavfi", "-i", "color=s=16x16", "-f", "null", "-")


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
    with FFmpeg(ENDLESS) as ffmpeg:
        assert ffmpeg.wait(0.3) < 0
        assert ffmpeg.end_signal is None
    ffmpeg.close()


def test_a_signal_from_outside_is_told_from_our_own() -> None:
    with FFmpeg(ENDLESS) as killed, FFmpeg(ENDLESS) as ours, FFmpeg(["-version"]) as ended:
        assert killed.end_signal is None
        os.kill(killed.process_id, signal.SIGKILL)
        assert killed.wait(10) == -signal.SIGKILL
        ours.kill()
        ours.wait(10)
        ended.wait(10)
        assert (killed.end_signal, ours.end_signal, ended.end_signal) == (signal.SIGKILL, None, None)


def test_an_ffmpeg_that_was_asked_to_end_is_known_by_its_exit_status(tmp_path: Path) -> None:
    """It handles SIGTERM, and its exit status is not that of a process which a signal has ended."""
    with FFmpeg([*ENDLESS[:-2], "rawvideo", "pipe:1"], stdout=True) as terminated:
        terminated.stdout.read(1)  # it runs
        os.kill(terminated.process_id, signal.SIGTERM)
        assert terminated.wait(10) == 255
        assert terminated.end_signal == signal.SIGTERM


@pytest.mark.parametrize("read", [probe, audio_codec, read_tags])
def test_a_file_is_not_blamed_for_an_ffmpeg_that_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: object
) -> None:
    clip = pattern(tmp_path / "a.mp4", seconds=0.3)
    killed = tmp_path / "killed"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr("zoomdream.media.ffmpeg.executable", lambda: str(killed))
    assert callable(read)
    with pytest.raises(FFmpegError, match=r"^ffmpeg was ended by signal 9 \(SIGKILL\) while it read .*a\.mp4$"):
        read(clip)


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EMFILE, errno.ENOMEM])
def test_an_ffmpeg_that_cannot_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    clip = pattern(tmp_path / "a.mp4", seconds=0.3)

    class Refused(subprocess.Popen[bytes]):
        def __init__(self, *arguments: object, **options: object) -> None:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(subprocess, "Popen", Refused)
    for start in (lambda: probe(clip), lambda: FFmpeg(ENDLESS)):
        with pytest.raises(FFmpegError, match=f"^ffmpeg could not be started: {os.strerror(number)}$"):
            start()


def test_without_a_thread_beside_it_ffmpeg_does_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(FFmpegError, match=r"^ffmpeg could not be started: can't start new thread$"):
        FFmpeg(ENDLESS)
    assert children() == []


def has_ended(process: int, milliseconds: int) -> bool:
    """Whether a process ends within some time; `process` is its file descriptor."""
    poll = select.poll()
    poll.register(process, select.POLLIN)
    return bool(poll.poll(milliseconds))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
@pytest.mark.parametrize("stopped", [False, True])
def test_no_ffmpeg_outlives_a_killed_parent(tmp_path: Path, stopped: bool) -> None:
    """A reader and an encoder, both of which wait for the parent."""
    clip = pattern(tmp_path / "a.mp4", size="320x240", seconds=5)
    script = (
        "import sys, numpy as np; from fractions import Fraction\n"
        "from zoomdream.settings import OutputSettings\n"
        "from zoomdream.encoding import open_film; from zoomdream.media import read_frames\n"
        "from zoomdream.prefetch import prefetch\n"
        "def read():\n"
        "    with read_frames(sys.argv[1]) as frames: yield from frames\n"
        "frames = prefetch(read(), 2); next(frames)\n"
        "film = open_film(sys.argv[1] + '.mkv', (64, 48), Fraction(25), OutputSettings(), frames=400)\n"
        "for number in range(200): film.write(np.zeros((48, 64, 3), np.uint8))  # more than pipe and queue hold\n"
        "print('ready', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(clip)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        reader_and_encoder = children(process.pid)
        assert len(reader_and_encoder) == 2
        descriptors = [os.pidfd_open(child) for child in reader_and_encoder]
        if stopped:
            for child in reader_and_encoder:
                os.kill(child, signal.SIGSTOP)
        assert [has_ended(descriptor, 0) for descriptor in descriptors] == [False, False]
        process.kill()
    try:
        assert [has_ended(descriptor, 10_000) for descriptor in descriptors] == [True, True], "ffmpeg is still there"
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def test_queues_hold_few_large_frames() -> None:
    assert queue_length(3840 * 2160 * 3) == 2
    assert queue_length(1280 * 720 * 3) == 16
    assert queue_length(64 * 48 * 3) == 16
    assert queue_length(1920 * 1080 * 3) == 10
