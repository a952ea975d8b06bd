"""Samples come on the clock of their file, whatever holds them, and are left and right in one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.clips import ffmpeg
from tests.support.sounds import sound_file
from zoomdream.errors import SourceError
from zoomdream.media import probe
from zoomdream.media.sound_samples import BLOCK, open_sound, read_samples
from zoomdream.media.sound_tracks import sound_file as described

RATE = 48000
TONE = f"aevalsrc='if(between(t,1,1.2),0.8*sin(2*PI*1000*t),0)':s={RATE}:d=2"
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=3")


def samples(path: Path) -> np.ndarray:
    return np.concatenate(list(read_samples(open_sound(path), RATE)))


def begins(path: Path) -> float:
    """When the tone begins, in seconds of the video."""
    return int(np.argmax(np.abs(samples(path)) > 0.3)) / RATE - float(probe(path).start_time)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("late", [0, 0.7])
def test_a_sound_that_begins_late_is_late(suffix: str, late: float, tmp_path: Path) -> None:
    film = tmp_path / f"a{suffix}"
    ffmpeg(*PICTURE, "-itsoffset", late, "-f", "lavfi", "-i", TONE, "-c:a", "aac", film)
    assert begins(film) == pytest.approx(1 + late, abs=0.002)


def test_channels_are_mixed_evenly(tmp_path: Path) -> None:
    left, right = 0.5 * np.ones(9000), 0.2 * np.ones(9000)
    mixed = samples(sound_file(tmp_path / "a.wav", np.stack([left, right], 1), rate=RATE))
    assert mixed[4000] == pytest.approx(0.35, abs=1e-4)


def test_channels_without_a_place_are_mixed_too(tmp_path: Path) -> None:
    file = sound_file(tmp_path / "a.wav", np.full((9000, 17), 0.25), rate=RATE)
    assert samples(file)[4000] == pytest.approx(0.25, abs=1e-3)


def test_blocks_have_a_limit(tmp_path: Path) -> None:
    file = sound_file(tmp_path / "a.wav", np.zeros(2 * BLOCK + 5), rate=RATE)
    lengths = [len(block) for block in read_samples(open_sound(file), RATE)]
    assert lengths == [BLOCK, BLOCK, 5]


def test_numbers_that_are_no_sound_are_taken_for_silence_or_the_loudest(tmp_path: Path) -> None:
    strange = np.array([0.0, np.nan, np.inf, -np.inf, 1e30, 0.5] * 1000)
    heard = samples(sound_file(tmp_path / "a.wav", strange, "-c:a", "pcm_f32le", rate=RATE))
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() <= 8


def test_a_reader_that_stops_early_leaves_nothing(tmp_path: Path, nothing_left: None) -> None:
    blocks = read_samples(open_sound(sound_file(tmp_path / "a.wav", np.zeros(4 * BLOCK), rate=RATE)), RATE)
    assert len(next(blocks)) == BLOCK
    blocks.close()


def test_a_track_that_the_header_only_announces_cannot_be_decoded(tmp_path: Path) -> None:
    film = tmp_path / "a.ts"
    ffmpeg(*PICTURE, "-f", "lavfi", "-i", TONE, "-c:a", "mp2", film)
    data = film.read_bytes()
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    film.write_bytes(b"".join(packet for packet in packets if (packet[1] & 31) << 8 | packet[2] != 0x101))
    assert len(described(film).tracks) == 1
    with pytest.raises(SourceError, match=r"a\.ts: sound track 1 \(.*\) cannot be decoded: "):
        samples(film)
