"""Which files of a folder are a sequence of pictures, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoomdream.errors import SourceError
from zoomdream.media.picture_folders.names import numbered_pictures, pattern_of

MANY = [f"a_{number:04d}.png" for number in range(4)]


def folder_of(path: Path, *names: str) -> Path:
    path.mkdir(exist_ok=True)
    for name in names:
        (path / name).touch()
    return path


def names_in(path: Path) -> list[str]:
    return [file.name for file in numbered_pictures(path).files]


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (["10.jpg", "9.jpg", "8.jpg"], ["8.jpg", "9.jpg", "10.jpg"]),
        (["f001_v2.png", "f000_v2.png"], ["f000_v2.png", "f001_v2.png"]),
        (["shot2_0002.tif", "shot2_0001.TIFF"], ["shot2_0001.TIFF", "shot2_0002.tif"]),
        (["000.webp", "010.webp", "020.webp"], ["000.webp", "010.webp", "020.webp"]),
        (["a1.PNG", "a0.png"], ["a0.png", "a1.PNG"]),
        (["only.bmp"], ["only.bmp"]),
        (["4294967296.png", "4294967295.png"], ["4294967295.png", "4294967296.png"]),
    ],
)
def test_the_numbers_decide_the_order(tmp_path: Path, present: list[str], expected: list[str]) -> None:
    folder = folder_of(tmp_path / "pictures", *present)
    assert names_in(folder) == expected
    assert numbered_pictures(folder).warnings == ()


def test_what_is_no_picture_does_not_count(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "pictures", *MANY, "Thumbs.db", "notes.txt", "._a_0000.png", ".a_0009.png", "0001")
    (folder / "a_0007.png").mkdir()
    (folder / ".zoomdream.journal").mkdir()
    assert names_in(folder) == MANY
    assert numbered_pictures(folder).warnings == ()


@pytest.mark.parametrize(
    ("present", "words"),
    [
        (["0.png", "1.png", "4.png", "5.png", "7.png"], "3 numbers are missing (2 to 3, 6)"),
        (["0.png", "1.png", "3.png"], "1 number is missing (2)"),
        (["120000.jpg", "120007.jpg", "120059.jpg", "120130.jpg"], "numbered unevenly"),
        (["cat.png", "dog.png"], "not numbered"),
        ([*MANY, "poster.png"], "left out, since they have no number of the sequence: poster.png"),
        ([*MANY, "cover1.jpg"], "cover1.jpg"),
    ],
)
def test_what_one_may_not_expect_is_said(tmp_path: Path, present: list[str], words: str) -> None:
    (warning,) = numbered_pictures(folder_of(tmp_path / "pictures", *present)).warnings
    assert warning.startswith("pictures: ")
    assert words in warning


def test_pictures_without_numbers_come_in_the_natural_order_of_their_names(tmp_path: Path) -> None:
    names = ["apple9.png", "apple10.png", "cat.png", "Dog.png"]
    assert names_in(folder_of(tmp_path / "pictures", *reversed(names))) == names


@pytest.mark.parametrize(
    ("present", "words"),
    [
        (
            [*MANY, "b_1.png", "b_10.png"],
            "2 sequences, a_%04d.png (4 pictures), b_%d.png (2 pictures): name one of them, such as ",
        ),
        (["0001.png", "0002.png", "0001.jpeg", "0002.jpeg"], "%04d.jpeg (2 pictures)"),
        (["1.png", "001.png", "2.png"], "001.png and 1.png are both number 1"),
        ([], "it holds no files"),
        (["a.exr", "b.exr", "c.txt"], "it holds 2 .exr, 1 .txt"),
    ],
)
def test_it_must_be_clear_which_pictures_are_meant(tmp_path: Path, present: list[str], words: str) -> None:
    with pytest.raises(SourceError) as caught:
        numbered_pictures(folder_of(tmp_path / "pictures", *present))
    assert words in str(caught.value)
    assert str(tmp_path / "pictures") in str(caught.value)


def test_a_pattern_names_one_of_several_sequences(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, *MANY, "b_1.jpg", "b_10.jpg", "b_2.JPG", "a_12345.png", "a_1.png")
    assert names_in(folder / "a_%04d.png") == [*MANY, "a_12345.png"]
    assert names_in(folder / "b_%d.jpg") == ["b_1.jpg", "b_2.JPG", "b_10.jpg"]
    with pytest.raises(SourceError, match=r"no picture of that name; it has a_%01d\.png, b_%d\.jpg"):
        numbered_pictures(folder / "c_%04d.png")
    with pytest.raises(SourceError, match="there is no folder"):
        numbered_pictures(folder / "nosuch" / "%04d.png")


def test_only_one_number_makes_a_pattern() -> None:
    assert pattern_of("%06d.png") is not None
    assert pattern_of("a_%d_final.jpg") is not None
    for name in ("a.png", "50%.png", "%d_%d.png", "%s.png", "a_%x.png"):
        assert pattern_of(name) is None
