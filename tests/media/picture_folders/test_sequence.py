"""Folders of pictures as films: sizes, pixels, and what is wrong with a picture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.clips import fill, noise, read_film
from zoomdream.errors import SourceError, UsageError
from zoomdream.media import is_picture_sequence, probe, read_frames

SIZE = (64, 48)


def saved(folder: Path, pictures: list[Image.Image], suffix: str = "png", **options: Any) -> Path:
    folder.mkdir(exist_ok=True)
    for index, picture in enumerate(pictures):
        picture.save(folder / f"{index:03d}.{suffix}", **options)
    return folder


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    return saved(tmp_path / "numbered", [Image.fromarray(pixels) for pixels in noise(6, SIZE)])


def warnings_of(folder: Path) -> tuple[str, ...]:
    pictures = probe(folder).pictures
    assert pictures is not None
    return (*pictures.warnings, *pictures.content_warnings())


def test_every_picture_is_a_frame_at_any_rate(numbered: Path) -> None:
    clip = probe(numbered)
    assert (clip.size, clip.frames, clip.fps, clip.audio, clip.codec) == (SIZE, 6, 30, None, "png")
    assert warnings_of(numbered) == ()
    for options in ({}, {"fps": Fraction(5)}, {"fps": Fraction(24000, 1001)}):
        assert np.array_equal(read_film(clip, **options), noise(6, SIZE))
    assert np.array_equal(read_film(numbered / "%03d.png", start=2, frames=3), noise(6, SIZE)[2:5])
    with pytest.raises(UsageError, match="6 frames"):
        read_film(clip, start=6)


def test_frames_come_in_the_size_that_is_asked_for(numbered: Path) -> None:
    flat = saved(numbered.parent / "flat", [Image.new("RGB", SIZE, (200, 30, 60))] * 2)
    assert np.array_equal(read_film(flat, size=(32, 20)), [fill((200, 30, 60), (32, 20))] * 2)


def test_another_size_is_fitted_in_and_never_stretched(tmp_path: Path) -> None:
    white = [Image.new("RGB", size, "white") for size in (SIZE, (24, 48), SIZE)]
    folder = saved(tmp_path / "sizes", white)
    assert "001.png is 24x48, and is fitted into the first one's 64x48" in warnings_of(folder)[0]
    first, other, _ = read_film(folder)
    assert first.min() == 255
    assert other.shape == first.shape
    assert other[:, 20:44].min() == 255
    assert other[:, :20].max() == other[:, 44:].max() == 0


def test_turned_pictures_are_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    folder = saved(tmp_path / "turned", [Image.new("RGB", SIZE)] * 2, "jpg", exif=exif)
    assert probe(folder).size == (48, 64)
    assert read_film(folder)[0].shape == (64, 48, 3)
    assert warnings_of(folder) == ()


def test_what_is_transparent_is_black_and_said(tmp_path: Path) -> None:
    folder = saved(tmp_path / "alpha", [Image.new("RGBA", SIZE, (255, 0, 255, 0))] * 3)
    assert warnings_of(folder) == ("alpha: what is transparent in 000.png counts as black, and all others alike",)
    assert max(frame.max() for frame in read_film(folder)) == 0


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 9 // 10])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def other_content(file: Path) -> None:
    file.write_text("no picture at all")


@pytest.mark.parametrize("damage", [cut, empty, other_content])
@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_damaged_picture_is_named_before_the_first_frame(tmp_path: Path, suffix: str, damage: object) -> None:
    folder = saved(tmp_path / "damaged", [Image.fromarray(pixels) for pixels in noise(5, SIZE)], suffix)
    assert callable(damage)
    damage(folder / f"001.{suffix}")
    with pytest.raises(SourceError, match=rf"001\.{suffix} (is no picture|cannot be read)"):
        probe(folder)


@pytest.mark.parametrize("change", [cut, Path.unlink])
def test_a_picture_that_changes_meanwhile_is_named(numbered: Path, change: object) -> None:
    clip = probe(numbered)
    assert callable(change)
    change(numbered / "002.png")
    with read_frames(clip) as frames:
        assert np.array_equal([next(frames), next(frames)], noise(2, SIZE))
        with pytest.raises(SourceError, match=r"002\.png was changed, replaced or removed"):
            next(frames)


def test_damage_inside_of_a_picture_is_an_error_of_that_picture(numbered: Path) -> None:
    file = numbered / "001.png"
    content = bytearray(file.read_bytes())
    content[60:400] = bytes(340)
    file.write_bytes(content)
    clip = probe(numbered)
    with read_frames(clip) as frames:
        next(frames)
        with pytest.raises(SourceError, match=r"001\.png cannot be read"):
            next(frames)


def test_bytes_behind_a_picture_do_no_harm(numbered: Path) -> None:
    with (numbered / "001.png").open("ab") as file:
        file.write(bytes(10_000))
    assert np.array_equal(read_film(numbered), noise(6, SIZE))


def test_a_file_is_no_sequence(numbered: Path) -> None:
    file = (numbered / "000.png").rename(numbered / "a_%03d.png")
    assert not is_picture_sequence(file)
    assert is_picture_sequence(numbered / "b_%03d.png")
    assert is_picture_sequence(numbered)
    assert not is_picture_sequence(numbered / "001.png")
