from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image

from zoomdream.errors import OutputError, OutputExistsError, SourceError, UsageError
from zoomdream.images.frame import size_of, to_uint8
from zoomdream.images.pictures.loading import is_picture, load_image, picture_size
from zoomdream.images.pictures.saving import check_picture_file, save_image


def test_load_gives_a_frame_of_the_photo(photos: Path) -> None:
    frame = load_image(photos / "coffee.png")
    assert frame.shape == (1, 3, 400, 600)
    assert frame.dtype == torch.float32
    assert np.array_equal(to_uint8(frame), np.asarray(Image.open(photos / "coffee.png").convert("RGB")))


def test_load_turns_the_picture_as_exif_says(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 20), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees to show
    picture.save(tmp_path / "turned.jpg", exif=exif)
    assert size_of(load_image(tmp_path / "turned.jpg")) == (20, 40)


def test_load_lays_transparency_over_black_and_scales_16_bits(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (255, 255, 255, 128)).save(tmp_path / "clear.png")
    assert to_uint8(load_image(tmp_path / "clear.png"))[0, 0].tolist() == [128] * 3
    Image.fromarray(np.full((4, 4), 200 * 257, np.uint16)).save(tmp_path / "deep.png")
    assert to_uint8(load_image(tmp_path / "deep.png"))[0, 0].tolist() == [200] * 3


def test_load_takes_floating_point_pictures_as_fractions_or_as_16_bits(tmp_path: Path) -> None:
    ramp = np.linspace(0, 1, 32, dtype=np.float32).reshape(4, 8)
    for name, scale in (("fractions.tiff", 1), ("counts.tiff", 65535)):
        Image.fromarray(ramp * scale).save(tmp_path / name)
        assert load_image(tmp_path / name)[0, 0].numpy() == pytest.approx(ramp, abs=1 / 500)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_picture_is_a_source_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.png").write_bytes(content)
    with pytest.raises(SourceError, match=r"odd\.png"):
        load_image(tmp_path / "odd.png")


def test_a_truncated_picture_is_a_source_error(tmp_path: Path, photos: Path) -> None:
    whole = (photos / "coffee.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="cannot be read"):
        load_image(tmp_path / "half.png")


def test_missing_file_and_folder_are_source_errors(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        load_image(tmp_path / "none.png")
    with pytest.raises(SourceError, match="is a folder"):
        load_image(tmp_path)


def test_save_and_load_again(tmp_path: Path, photos: Path) -> None:
    frame = load_image(photos / "chelsea.png")
    save_image(frame, tmp_path / "again.png")
    assert torch.equal(load_image(tmp_path / "again.png"), frame)
    assert [p.name for p in tmp_path.iterdir()] == ["again.png"]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_comment_goes_into_the_file(tmp_path: Path, suffix: str) -> None:
    save_image(torch.zeros(1, 3, 4, 4), tmp_path / f"a{suffix}", "fire8 \u2192 f\u00fcr")
    with Image.open(tmp_path / f"a{suffix}") as opened:
        description = opened.getexif().get(ExifTags.Base.ImageDescription)
        comments = {".png": opened.info.get("Comment"), ".jpg": opened.info.get("comment"), ".webp": description}
    comment = comments[suffix]
    expected = r"fire8 \u2192 f\xfcr" if suffix == ".webp" else "fire8 \u2192 f\u00fcr"
    assert (comment.decode() if isinstance(comment, bytes) else comment) == expected


def test_save_into_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a\.png"):
        save_image(torch.zeros(1, 3, 4, 4), tmp_path / "none" / "a.png")


def test_a_picture_that_exists_is_replaced_only_with_leave(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_text("mine")
    black = torch.zeros(1, 3, 4, 4)
    with pytest.raises(OutputExistsError):
        check_picture_file(path)
    with pytest.raises(OutputExistsError):
        save_image(black, path, overwrite=False)
    assert path.read_text() == "mine"
    check_picture_file(path, overwrite=True)
    save_image(black, path)
    assert torch.equal(load_image(path), black)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("a.gif", None, r"a picture's name ends in \.png, \.jpg, \.jpeg, \.webp"),
        ("", None, "the output has no name"),
        ("a.webp", (16384, 10), r"a \.webp has at most 16383 pixels a side, and this one would be 16384x10"),
        ("a.jpg", (10, 65501), r"a \.jpg has at most 65500 pixels a side"),
    ],
)
def test_pictures_that_a_format_does_not_take(name: str, size: tuple[int, int] | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_picture_file(Path(name), size)


def test_a_picture_is_told_from_an_animation_by_its_content(tmp_path: Path) -> None:
    red, blue = (Image.new("RGB", (8, 8), color) for color in ("red", "blue"))
    red.save(tmp_path / "still.dat", format="PNG")
    red.save(tmp_path / "animation.png", save_all=True, append_images=[blue])
    (tmp_path / "damaged.jpg").write_text("no picture")
    (tmp_path / "film.mp4").write_text("no picture")
    (tmp_path / "folder").mkdir()
    pictures = {path.name for path in tmp_path.iterdir() if is_picture(path)}
    assert pictures == {"still.dat", "damaged.jpg"}
    assert is_picture(tmp_path / "missing.png")
    assert not is_picture(tmp_path / "missing.mp4")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_size_from_the_header_is_the_frames(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (40, 24)).save(tmp_path / "a.jpg", exif=exif)
    assert picture_size(tmp_path / "a.jpg") == size_of(load_image(tmp_path / "a.jpg"))


def test_a_size_of_no_picture_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    for path, message in ((tmp_path / "none.jpg", "no such file"), (tmp_path / "text.jpg", "is no picture")):
        with pytest.raises(SourceError, match=message):
            picture_size(path)


def test_paths_may_be_text(tmp_path: Path) -> None:
    save_image(torch.zeros(1, 3, 4, 6), f"{tmp_path}/a.png")
    assert size_of(load_image(f"{tmp_path}/a.png")) == (6, 4)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_picture_with_numbers_that_are_none_is_refused(tmp_path: Path, value: float) -> None:
    pixels = np.zeros((4, 6), np.float32)
    pixels[1, :2] = value
    Image.fromarray(pixels).save(tmp_path / "a.tif")
    with pytest.raises(SourceError, match=r"a.tif cannot be read as a picture: 2 of its 24 pixels are NaN or infinite"):
        load_image(tmp_path / "a.tif")


def test_a_picture_is_written_in_the_format_of_its_name_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a.bmp: a picture's name ends in \.png, \.jpg, \.jpeg, \.webp"):
        save_image(torch.zeros(1, 3, 4, 4), tmp_path / "a.bmp")
    assert not list(tmp_path.iterdir())
