from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
import torch
from PIL import Image, ImageCms, ImageOps

from tests.support.picture_inputs import gradient, png_chunk, with_notes, write_png
from zoomdream.errors import OutOfMemoryError, SourceError
from zoomdream.images.frame import Frame, to_uint8
from zoomdream.images.pictures.canvas_part import PictureFit
from zoomdream.images.pictures.loading import is_picture, load_image, picture_size, read_picture
from zoomdream.images.sampling.resample import fit_frame, resize

RGB = np.asarray(gradient(), np.int16)
TURNED = Image.Exif()
TURNED[274] = 6


def pixels(path: Path) -> np.ndarray:
    return to_uint8(load_image(path)).astype(np.int16)


def test_a_phones_photo_with_a_second_picture_is_a_photo(tmp_path: Path) -> None:
    small = gradient((16, 12)).convert("L").convert("RGB")
    gradient().save(tmp_path / "phone.jpg", "MPO", save_all=True, append_images=[small], quality=95, exif=TURNED)
    gradient().save(tmp_path / "plain.jpg", quality=95, exif=TURNED)
    photo = read_picture(tmp_path / "phone.jpg")
    assert is_picture(tmp_path / "phone.jpg")
    assert (photo.warnings, photo.original_size) == ((), (48, 64))
    assert torch.equal(photo.frame, load_image(tmp_path / "plain.jpg"))


def test_of_several_pages_and_several_heic_pictures_one_is_read_and_that_is_said(tmp_path: Path) -> None:
    small = gradient((16, 12))
    gradient().save(tmp_path / "pages.tif", save_all=True, append_images=[small])
    heic = pillow_heif.from_pillow(gradient())
    heic.add_from_pillow(small)
    heic.save(tmp_path / "two.heic", quality=-1, chroma=444)
    for name, warning in (
        ("pages.tif", "pages.tif has several pages: only the first is used"),
        ("two.heic", "two.heic holds 2 pictures: only the main one is used"),
    ):
        photo = read_picture(tmp_path / name)
        assert is_picture(tmp_path / name)
        assert photo.warnings == (warning,)
        assert abs(to_uint8(photo.frame).astype(np.int16) - RGB).max() <= 1


def test_an_icons_sizes_are_one_picture(tmp_path: Path) -> None:
    gradient((48, 48)).save(tmp_path / "a.ico", sizes=[(16, 16), (48, 48)])
    photo = read_picture(tmp_path / "a.ico")
    assert is_picture(tmp_path / "a.ico")
    assert (photo.original_size, photo.warnings) == ((48, 48), ())


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
@pytest.mark.parametrize(
    ("durations", "moves", "shown"),
    [([100, 200], True, 0), ([0, 0], True, 0), ([0, 200], False, 1), ([200, 0], False, 0)],
)
def test_what_moves_is_told_by_durations(
    tmp_path: Path, suffix: str, durations: list[int], moves: bool, shown: int
) -> None:
    colors = ["red", "blue"]
    first, second = (Image.new("RGB", (16, 16), color) for color in colors)
    path = tmp_path / f"a.{suffix}"
    lossless: dict[str, Any] = {"lossless": True} if suffix == "webp" else {}
    first.save(path, save_all=True, append_images=[second], duration=durations, **lossless)
    photo = read_picture(path)
    assert is_picture(path) != moves
    assert photo.warnings == ((f"a.{suffix} is an animation: only its first picture is used",) if moves else ())
    assert to_uint8(photo.frame)[0, 0].tolist() == ([255, 0, 0], [0, 0, 255])[shown]


def test_sequences_of_avif_move_and_single_frames_do_not(tmp_path: Path) -> None:
    first, second = gradient(), gradient().rotate(180)
    first.save(tmp_path / "moves.avif", save_all=True, append_images=[second], duration=100)
    first.save(tmp_path / "photo.avif", quality=95)
    first.save(tmp_path / "one.gif")
    second.save(tmp_path / "one.png", save_all=True, append_images=[first], default_image=True, duration=100)
    assert [is_picture(tmp_path / name) for name in ("moves.avif", "photo.avif", "one.gif", "one.png")] == [
        False,
        True,
        True,
        True,
    ]
    assert abs(pixels(tmp_path / "photo.avif") - RGB).mean() < 2
    assert np.array_equal(pixels(tmp_path / "one.png"), np.asarray(second))


def test_damaged_animations_and_streams_of_jpegs(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "blue", "lime")]
    for suffix in ("gif", "webp", "png"):
        frames[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=frames[1:], duration=100)
        data = (tmp_path / f"a.{suffix}").read_bytes()
        for length in range(12, len(data), 37):
            (tmp_path / "cut").write_bytes(data[:length])
            assert is_picture(tmp_path / "cut") in (True, False)
    frames[0].save(tmp_path / "a.mjpeg", format="JPEG")
    assert not is_picture(tmp_path / "a.mjpeg")


HIDDEN = np.dstack([np.asarray(gradient()), np.full((48, 64), 255, np.uint8)])
HIDDEN[:, :32] = [254, 0, 254, 0]


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tif", "a.tga", "a.ico", "a.avif", "a.heic", "deep.png"])
def test_hidden_colors_are_not_seen_over_the_background(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "deep.png":
        write_png(path, (64, 48), 16, 6, [(row.astype(">u2") * 257).tobytes() for row in HIDDEN])
    elif name == "a.heic":
        pillow_heif.from_pillow(Image.fromarray(HIDDEN)).save(path, quality=-1, chroma=444)
    else:
        options: dict[str, Any] = {
            "a.webp": {"lossless": True, "exact": True},
            "a.avif": {"quality": 100, "subsampling": "4:4:4"},
        }
        sizes = {"sizes": [(64, 48)]} if name == "a.ico" else {}
        Image.fromarray(HIDDEN).save(path, **options.get(name, sizes))
    photo = read_picture(path, background=(255, 128, 0))
    found = to_uint8(photo.frame).astype(np.int16)
    assert photo.warnings == (f"what is transparent in {name} counts as #ff8000",)
    assert abs(found[:, :30] - [255, 128, 0]).max() <= 2
    assert abs(found[:, 34:] - RGB[:, 34:]).max() <= 3
    small = to_uint8(read_picture(path, (8, 6)).frame)
    assert small[:, :3].max() < 16, "nor mixed into their neighbours where the picture is reduced"
    assert read_picture(path).warnings == (f"what is transparent in {name} counts as black",)


@pytest.mark.parametrize(
    ("depth", "row", "transparent", "expected"),
    [
        (1, b"\x50", 1, [0, 0, 0, 0]),
        (2, b"\x1b", 3, [0, 85, 170, 0]),
        (4, b"\x0f\x5a", 15, [0, 0, 85, 170]),
        (8, b"\x01\x02\x03\xff", 2, [1, 0, 3, 255]),
        (16, struct.pack(">4H", 257, 514, 771, 65535), 514, [1, 0, 3, 255]),
    ],
)
def test_the_gray_that_a_png_declares_transparent(
    tmp_path: Path, depth: int, row: bytes, transparent: int, expected: list[int]
) -> None:
    write_png(tmp_path / "a.png", (4, 1), depth, 0, [row], png_chunk(b"tRNS", struct.pack(">H", transparent)))
    assert pixels(tmp_path / "a.png")[0, :, 0].tolist() == expected


def test_the_color_that_a_png_of_16_bits_declares_transparent(tmp_path: Path) -> None:
    row = struct.pack(">6H", 257, 514, 771, 65535, 0, 0)
    write_png(tmp_path / "a.png", (2, 1), 16, 2, [row], png_chunk(b"tRNS", struct.pack(">3H", 257, 514, 771)))
    assert pixels(tmp_path / "a.png")[0].tolist() == [[0, 0, 0], [255, 0, 0]]


def test_a_palette_with_transparency(tmp_path: Path) -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([255, 0, 255, 0, 200, 0])
    picture.putdata([0, 1])
    picture.save(tmp_path / "a.png", transparency=0)
    picture.save(tmp_path / "a.gif", transparency=0)
    for name in ("a.png", "a.gif"):
        assert pixels(tmp_path / name)[0].tolist() == [[0, 0, 0], [0, 200, 0]]


@pytest.mark.parametrize(("factor", "white"), [(1 / 255, None), (1, 255), (257, 65535)])
@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_numbers_without_a_range_are_read_by_the_largest(
    tmp_path: Path, factor: float, white: int | None, kind: type
) -> None:
    if kind is np.int32 and white is None:
        factor, white = 257, 65535
    Image.fromarray((RGB[..., 0].astype(np.float64) * factor).astype(kind)).save(tmp_path / "a.tif")
    photo = read_picture(tmp_path / "a.tif")
    told = (f"a.tif does not say which of its numbers is white: {white} is taken for it",) if white else ()
    assert photo.warnings == told
    assert abs(to_uint8(photo.frame)[..., 0] - RGB[..., 0]).max() <= 1


def test_a_dark_picture_of_16_bits_stays_dark(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 200, np.uint16)).save(tmp_path / "a.png")
    assert pixels(tmp_path / "a.png").max() == 1


@pytest.mark.parametrize("values", [[0.0, 3e6], [-100.0, 150.0], [-2e9, 2e9]])
def test_numbers_of_another_range_are_refused(tmp_path: Path, values: list[float]) -> None:
    Image.fromarray(np.array([values], np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(SourceError, match="where 0 to 1, 0 to 255 and 0 to 65535 are read: scale them"):
        load_image(tmp_path / "a.tif")


def test_other_color_models(tmp_path: Path) -> None:
    picture = gradient()
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    picture.convert("CMYK").save(tmp_path / "cmyk.tif")
    picture.convert("CMYK").save(tmp_path / "cmyk.jpg", quality=100)
    picture.convert("YCbCr").save(tmp_path / "ycc.tif")
    transform = ImageCms.buildTransform(srgb, lab, "RGB", "LAB")
    transform.apply(picture).save(tmp_path / "lab.tif")
    picture.convert("1").save(tmp_path / "bits.png")
    for name in ("cmyk.tif", "cmyk.jpg", "ycc.tif", "lab.tif"):
        assert abs(pixels(tmp_path / name) - RGB).mean() < 2, name
    assert set(np.unique(pixels(tmp_path / "bits.png"))) == {0, 255}


def test_samples_that_are_not_read_are_named(tmp_path: Path) -> None:
    tags = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 64), (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1)]
    tags += [(278, 3, 1, 1), (279, 4, 1, 8), (339, 3, 1, 3)]
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    (tmp_path / "a.tif").write_bytes(struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries + bytes(4))
    with pytest.raises(SourceError, match=r"a.tif is no picture .* save it with 8 or 16 bits a sample"):
        load_image(tmp_path / "a.tif")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("size", "canvas"), [((61, 601), (64, 37)), ((643, 37), (38, 21)), ((96, 64), (40, 30))])
def test_what_is_cropped_first_equals_what_is_scaled_first(
    tmp_path: Path, size: tuple[int, int], canvas: tuple[int, int], orientation: int
) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png", exif=exif)
    whole = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / "a.png")))
    assert np.array_equal(pixels(tmp_path / "a.png"), whole)
    expected = fit_frame(load_image(tmp_path / "a.png"), canvas)
    assert (read_picture(tmp_path / "a.png", canvas).frame - expected).abs().max() < 1e-4


@pytest.mark.parametrize("suffix", ["png", "jpg"])
@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("fit", ["fill", "fit", "stretch"])
def test_a_large_picture_is_reduced_and_stays_where_it_was(
    tmp_path: Path, suffix: str, orientation: int, fit: PictureFit
) -> None:
    """No side is a multiple of a block; a shift by a quarter of a pixel of the canvas would be a level and more."""
    exif = Image.Exif()
    exif[274] = orientation
    options: dict[str, Any] = {"quality": 100, "subsampling": 0} if suffix == "jpg" else {}
    gradient((1203, 817)).save(tmp_path / f"a.{suffix}", exif=exif, **options)
    whole, canvas = load_image(tmp_path / f"a.{suffix}"), (64, 36)
    expected = resize(whole, canvas).clamp(0, 1) if fit == "stretch" else fit_frame(whole, canvas, fit)
    photo = read_picture(tmp_path / f"a.{suffix}", canvas, fit)
    assert photo.original_size == picture_size(tmp_path / f"a.{suffix}")
    assert levels(photo.frame - expected) < 1.5
    assert abs((photo.frame - expected).mean() * 255) < 0.3


def levels(difference: Frame) -> float:
    return float(difference.abs().max() * 255)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "avif", "heic", "tif"])
def test_a_picture_of_any_format_is_turned_once(tmp_path: Path, suffix: str, orientation: int) -> None:
    """Pillow turns TIFFs itself, and libheif HEIC."""
    exif, path, canvas = Image.Exif(), tmp_path / f"a.{suffix}", (24, 24)
    exif[274] = orientation
    stored, options = gradient((48, 40)), {"compression": "tiff_lzw"} if suffix == "tif" else {"quality": 100}
    stored.save(tmp_path / "plain.png", exif=exif)
    writer: Any = pillow_heif.from_pillow(stored) if suffix == "heic" else stored
    writer.save(path, exif=exif.tobytes(), **options)
    expected = ImageOps.exif_transpose(Image.open(tmp_path / "plain.png"))
    assert abs(pixels(path) - np.asarray(expected)).mean() < 5
    assert picture_size(path) == read_picture(path, canvas).original_size == expected.size
    assert (read_picture(path, canvas).frame - fit_frame(load_image(path), canvas)).abs().max() < 0.01


def test_a_tiff_whose_turn_is_told_elsewhere_than_in_its_tags_is_turned_once(tmp_path: Path) -> None:
    note = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    gradient().save(tmp_path / "a.tif", tiffinfo={700: note})
    assert np.array_equal(pixels(tmp_path / "a.tif"), np.rot90(RGB, -1))
    assert picture_size(tmp_path / "a.tif") == (48, 64)


def test_decoders_do_not_write_warnings(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    gradient((8, 8)).save(tmp_path / "a.tif", tiffinfo={270: "a long description of the picture"})
    data = (tmp_path / "a.tif").read_bytes()
    entry = data.index(struct.pack("<HH", 270, 2))
    (tmp_path / "a.tif").write_bytes(data[: entry + 4] + struct.pack("<I", 90000) + data[entry + 8 :])
    assert load_image(tmp_path / "a.tif").shape == (1, 3, 8, 8)
    assert not recwarn.list


def test_exif_behind_a_pngs_pixels_turns_it_without_decoding_it(tmp_path: Path) -> None:
    gradient().save(tmp_path / "a.png", exif=TURNED)
    data = (tmp_path / "a.png").read_bytes()
    start = data.index(b"eXIf") - 4
    stop = start + 12 + int.from_bytes(data[start : start + 4])
    end = data.index(b"IEND") - 4
    (tmp_path / "late.png").write_bytes(data[:start] + data[stop:end] + data[start:stop] + data[end:])
    assert picture_size(tmp_path / "late.png") == (48, 64)
    assert torch.equal(load_image(tmp_path / "late.png"), load_image(tmp_path / "a.png"))
    broken = data.replace(b"IDAT", b"IDAT", 1)
    place = broken.index(b"IDAT") + 6
    (tmp_path / "broken.png").write_bytes(broken[:place] + bytes(8) + broken[place + 8 :])
    assert picture_size(tmp_path / "broken.png") == (48, 64), "from its header alone"
    with pytest.raises(SourceError, match="cannot be read as a picture"):
        load_image(tmp_path / "broken.png")


@pytest.mark.parametrize(
    ("depth", "color", "size"), [(1, 0, (60000, 60000)), (8, 2, (13300, 13300)), (8, 6, (30000, 30000))]
)
def test_memory_is_asked_before_anything_is_decoded(
    tmp_path: Path, depth: int, color: int, size: tuple[int, int]
) -> None:
    write_png(tmp_path / "a.png", size, depth, color, [b"no pixels"])
    for canvas in (None, (64, 48)):
        with pytest.raises(OutOfMemoryError, match=rf"a.png has {size[0]}x{size[1]} pixels, and reading it") as raised:
            read_picture(tmp_path / "a.png", canvas, max_memory=800_000_000)
        assert raised.value.needed
        assert raised.value.needed > 800_000_000


def test_pillows_own_limit_refuses_no_picture_and_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gradient().save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(Image.DecompressionBombError):
        Image.open(tmp_path / "a.png")
    assert picture_size(tmp_path / "a.png") == (64, 48)
    assert Image.MAX_IMAGE_PIXELS == 100


NOTE = b"k\0\0" + zlib.compress(bytes(900_000), 9)


@pytest.mark.parametrize(
    "chunks",
    [
        [png_chunk(b"zTXt", NOTE)] * 100,
        [png_chunk(b"iTXt", b"k\0\1\0\0\0" + NOTE[3:])] * 100,
        [png_chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(5_000_000), 9))],
        [png_chunk(b"tEXt", b"k\0a")] * 10_000,
    ],
    ids=["zTXt", "iTXt", "iCCP", "many"],
)
def test_metadata_that_unpack_to_very_much_are_refused(tmp_path: Path, chunks: list[bytes]) -> None:
    gradient().save(tmp_path / "a.png")
    with_notes(tmp_path / "a.png", *chunks)
    with pytest.raises(SourceError, match=r"too large: save it without them|holds 10000 notes or more"):
        load_image(tmp_path / "a.png")


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.png"))
        for path, message in (
            (tmp_path / "pipe.png", "is a pipe, not a picture"),
            (tmp_path / "socket.png", "is a socket, not a picture"),
            (Path("/dev/zero"), "is a device, not a picture"),
            (tmp_path, "is a folder, not a picture"),
            (tmp_path / ("x" * 300), "cannot be read: File name too long"),
            (Path("a\0b.png"), "cannot be read: embedded null byte"),
        ):
            with pytest.raises(SourceError, match=message):
                load_image(path)
            assert is_picture(path) == (path.suffix == ".png")


def test_a_file_meets_the_decoder_of_its_content_and_no_other(tmp_path: Path) -> None:
    gradient().save(tmp_path / "a.eps")
    (tmp_path / "a.eps").rename(tmp_path / "a.png")
    gradient().save(tmp_path / "b.tif")
    (tmp_path / "b.tif").rename(tmp_path / "b.nef")
    gradient().save(tmp_path / "jpeg.png", format="JPEG")
    with pytest.raises(
        SourceError, match=r"a.png is no picture that can be read, but PostScript: .* \(PNG, JPEG, .* are\)"
    ):
        load_image(tmp_path / "a.png")
    with pytest.raises(SourceError, match="is a camera's raw file: develop it"):
        load_image(tmp_path / "b.nef")
    assert abs(pixels(tmp_path / "jpeg.png") - RGB).mean() < 3


@pytest.mark.parametrize(
    "suffix", ["png", "jpg", "webp", "tif", "bmp", "gif", "avif", "heic", "jp2", "ico", "ppm", "tga"]
)
def test_damaged_pictures_are_source_errors(tmp_path: Path, suffix: str) -> None:
    if suffix == "heic":
        pillow_heif.from_pillow(gradient()).save(tmp_path / "a.heic")
    else:
        gradient().save(tmp_path / f"a.{suffix}")
    data = (tmp_path / f"a.{suffix}").read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(12):
        damaged = bytearray(data)
        for place in rng.integers(0, min(len(data), 200), 3):
            damaged[place] = rng.integers(256)
        path = tmp_path / f"b.{suffix}"
        path.write_bytes(damaged)
        with suppress(SourceError, OutOfMemoryError):
            assert read_picture(path, (16, 12), max_memory=3_000_000_000).frame.shape == (1, 3, 12, 16)


_READ = """
import resource, sys
from pathlib import Path
from zoomdream.images.pictures.loading import read_picture
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read_picture(Path(sys.argv[1]), (640, 360))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "size", "most"), [("L", (20992, 10496), 400), ("RGB", (13300, 13300), 850)])
def test_large_pictures_take_little_memory(tmp_path: Path, mode: str, size: tuple[int, int], most: int) -> None:
    """`most` MB: the decoded picture, and little besides."""
    Image.new(mode, size, 9).save(tmp_path / "a.png")
    command = [sys.executable, "-c", _READ, str(tmp_path / "a.png")]
    taken = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert taken < most


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7", "is no picture that can be read, but a PDF: export it as PNG"),
        (b"v/1\x01", "is no picture that can be read, but an OpenEXR"),
        (b"<svg/>", "is no picture that can be read, but an SVG"),
        (b"", "is no picture that can be read, but empty"),
        (b"hello", "is no picture that can be read"),
    ],
)
def test_what_is_no_picture_is_named(tmp_path: Path, data: bytes, kind: str) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(SourceError, match=f"a.png {kind}"):
        load_image(tmp_path / "a.png")


def test_floats_a_little_brighter_than_1_are_refused_and_not_shown_black(tmp_path: Path) -> None:
    Image.fromarray(RGB[..., 0].astype(np.float32) / 32).save(tmp_path / "a.tif")
    with pytest.raises(SourceError, match=r"its numbers lie between 0 and 7\.9"):
        load_image(tmp_path / "a.tif")
