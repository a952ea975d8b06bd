"""Numbers in a film's header that cannot be right: it is read as well as it can be, or refused in a sentence."""

from __future__ import annotations

import struct
from contextlib import nullcontext, suppress
from fractions import Fraction
from pathlib import Path

import pytest

from tests.support.clips import X264, ffmpeg, pattern, read_film
from zoomdream.errors import SourceError
from zoomdream.media import probe
from zoomdream.media.clip import display_size
from zoomdream.media.probing.packets import pixel_shape
from zoomdream.media.sound_tracks import sound_tracks

LARGEST = 2**31 - 1
TURNED_BY_30 = (56756, 32768, 0, -32768, 56756, 0, 0, 0, 2**30)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An MP4 of 64x48 with six frames, whose pixels' shape is given."""
    path = tmp_path_factory.mktemp("film") / "a.mp4"
    return pattern(path, *X264, "-vf", "setsar=2/3", seconds=0.6).read_bytes()


def changed(film: bytes, folder: Path, box: bytes, offset: int, *numbers: int) -> Path:
    """The film with 32-bit numbers at an offset in the first box of a kind, or 16-bit ones in `avc1`."""
    at = film.index(box) + 4 + offset
    number = "H" if box == b"avc1" else "i"
    data = struct.pack(f">{len(numbers)}{number}", *numbers)
    path = folder / "changed.mp4"
    path.write_bytes(film[:at] + data + film[at + len(data) :])
    return path


@pytest.mark.parametrize("shape", [(1, LARGEST), (LARGEST, 1), (-1, 1), (1, 65535)])
def test_pixels_of_an_impossible_shape_are_square(film: bytes, tmp_path: Path, shape: tuple[int, int]) -> None:
    clip = probe(changed(film, tmp_path, b"pasp", 0, *shape))
    square = probe(changed(film, tmp_path, b"pasp", 0, 1, 1))
    assert clip.sample_aspect in (1, Fraction(2, 3))  # the stream has its own, too
    assert display_size(clip) in ((64, 48), (43, 48))
    frames = read_film(clip, size=(64, 48))
    assert len(frames) == 6
    assert all(frame[:, :2].any() for frame in frames)
    assert square.frames == clip.frames


@pytest.mark.parametrize(
    ("box", "offset", "numbers"),
    [
        (b"mdhd", 12, (0,)),
        (b"mdhd", 12, (-1,)),
        (b"mvhd", 12, (0,)),
        (b"stts", 12, (0,)),
        (b"stts", 12, (-1,)),
        (b"stts", 12, (LARGEST,)),
        (b"tkhd", 40, TURNED_BY_30),
        (b"tkhd", 40, (0,) * 9),
        (b"tkhd", 76, (0, 0)),
        (b"avc1", 24, (65535, 65535)),
        (b"elst", 8, (-1, LARGEST)),
        (b"elst", 8, (600, 100000)),
        (b"stsz", 8, (0x0FFFFFFF,)),
    ],
)
def test_impossible_numbers(film: bytes, tmp_path: Path, box: bytes, offset: int, numbers: tuple[int, ...]) -> None:
    path = changed(film, tmp_path, box, offset, *numbers)
    with suppress(SourceError):
        clip = probe(path)
        assert min(display_size(clip)) >= 1
        assert clip.duration > 0
        assert clip.fps > 0
        assert len(read_film(clip, size=(16, 16), frames=1, allow_truncated=True)) == 1


@pytest.mark.parametrize(
    ("numbers", "shape"), [((4, 3), Fraction(4, 3)), ((0, 1), 1), ((1, 0), 1), ((21, 1), 1), ((1, 20), Fraction(1, 20))]
)
def test_the_shape_of_a_pixel_by_two_numbers(numbers: tuple[int, int], shape: Fraction) -> None:
    assert pixel_shape(*numbers) == shape


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("title", "rotation of 90.00 degrees"),
        ("title", "rotation of 1.2.3 degrees"),
        ("displaymatrix", "rotation of 90.00 degrees"),
        ("language", "a)\n  Stream #0:0: Video: \n"),
        ("language", "a)\n  Stream #0:1: Audio: , \n"),
        ("language", "a\n  Duration: 1:2:3, start: 1.2.3\n"),
        ("language", f"a\n  Stream #0:{'9' * 5000}: Audio: x\n"),
    ],
)
def test_tags_that_read_like_ffmpegs_words(tmp_path: Path, tag: str, text: str) -> None:
    """What a stranger writes into a tag is printed among what ffmpeg says, and is not taken for it."""
    inputs = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.3", "-f", "lavfi", "-i", "sine=d=0.3")
    tags = [part for kind in ("v", "a") for part in (f"-metadata:s:{kind}", f"{tag}={text}")]
    path = tmp_path / "a.mkv"
    ffmpeg(*inputs, *X264, *tags, path)
    assert all(track.language.isprintable() for track in sound_tracks(path))
    with suppress(SourceError) if "Stream" in text else nullcontext():  # a line of its own may be taken for a stream
        clip = probe(path)
        assert (clip.size, clip.rotation, clip.codec, clip.frames) == ((64, 48), 0, "h264", 3)
