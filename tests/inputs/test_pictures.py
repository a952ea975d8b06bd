"""Photos and picture folders of many formats, alphas and turns; and what is no input at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.inputs.outcome import Film, Refusal, check
from tests.inputs.pictures import BLACK, GRAY, GREEN, PATCHES, film, patches, still, turned
from tests.inputs.test_films import X264, YUV
from tests.support.clips import tone

PICTURE = Image.fromarray(patches())
LUMA = tuple((round(0.299 * r + 0.587 * g + 0.114 * b),) * 3 for r, g, b in PATCHES)

SAVED: dict[str, tuple[str, Callable[[Path], object], Film]] = {
    "png": ("a.png", PICTURE.save, Film()),
    "jpeg": ("a.jpg", lambda path: PICTURE.save(path, quality=97), Film()),
    "cmyk jpeg": ("a.jpg", lambda path: PICTURE.convert("CMYK").save(path, quality=97), Film(tolerance=12)),
    "gray jpeg": ("a.jpeg", lambda path: PICTURE.convert("L").save(path, quality=97), Film(corners=LUMA)),
    "webp": ("a.webp", lambda path: PICTURE.save(path, lossless=True), Film()),
    "avif": ("a.avif", lambda path: PICTURE.save(path, quality=95), Film()),
    "bmp": ("a.bmp", PICTURE.save, Film()),
    "tiff": ("a.tif", lambda path: PICTURE.save(path, compression="tiff_lzw"), Film()),
    "palette png": ("a.png", lambda path: PICTURE.quantize(8).save(path), Film()),
    "one gif": ("a.gif", lambda path: PICTURE.quantize(8).save(path), Film()),
    "16-bit gray png": (
        "a.png",
        lambda path: Image.fromarray(np.asarray(PICTURE.convert("L")).astype(np.uint16) * 257).save(path),
        Film(corners=LUMA),
    ),
    "float tiff of 0 to 1": (
        "a.tif",
        lambda path: Image.fromarray(np.asarray(PICTURE.convert("L")).astype(np.float32) / 255).save(path),
        Film(corners=LUMA),
    ),
    "float tiff of 0 to 255": (
        "a.tif",
        lambda path: Image.fromarray(np.asarray(PICTURE.convert("L")).astype(np.float32)).save(path),
        Film(corners=LUMA),
    ),
    "mpo": (
        "a.jpg",
        lambda path: PICTURE.save(
            path, format="MPO", save_all=True, append_images=[PICTURE.resize((16, 12))], quality=97
        ),
        Film(),
    ),
    "two pages": (
        "a.tif",
        lambda path: PICTURE.save(path, save_all=True, append_images=[PICTURE.rotate(180)]),
        Film(warns="page"),
    ),
    "a name that lies": ("a.png", lambda path: PICTURE.save(path, format="JPEG", quality=97), Film()),
    "no suffix": ("photo", lambda path: PICTURE.save(path, format="PNG"), Film()),
}


@pytest.mark.parametrize("name", SAVED)
def test_photos(name: str, tmp_path: Path) -> None:
    file, save, expected = SAVED[name]
    save(tmp_path / file)
    check(tmp_path / file, expected)


@pytest.mark.parametrize(("orientation", "degrees"), [(3, 180), (6, 270), (8, 90)])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_turned_photos(orientation: int, degrees: int, suffix: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x112] = orientation
    PICTURE.save(tmp_path / f"a{suffix}", exif=exif, quality=97)
    check(tmp_path / f"a{suffix}", Film(corners=turned(degrees), size=(64, 48) if degrees == 180 else (48, 64)))


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [(".png", "RGBA"), (".png", "LA"), (".png", "P"), (".webp", "RGBA"), (".tif", "RGBA"), (".avif", "RGBA")],
)
def test_transparent_photos(suffix: str, mode: str, tmp_path: Path) -> None:
    background = None if mode == "RGBA" else "#2850c8"
    alpha = np.full((48, 64), 255, np.uint8)
    alpha[:, :32] = 0
    layer = Image.fromarray(np.dstack([patches(), alpha]))
    picture = layer.quantize(16) if mode == "P" else layer.convert(mode)
    more_options: dict[str, Any] = {"lossless": True} if suffix == ".webp" else {}
    picture.save(tmp_path / f"a{suffix}", **more_options)
    behind = (40, 80, 200) if background else BLACK
    right = (LUMA[1], LUMA[3]) if mode == "LA" else (GREEN, GRAY)
    more = ("--background", background) if background else ()
    expected = Film(corners=(behind, right[0], behind, right[1]), warns="transparent", options=more, tolerance=7)
    check(tmp_path / f"a{suffix}", expected)


@pytest.mark.parametrize("name", ["{:04d}.png", "shot_{}.png", "IMG_{:05d}.JPG", "take2.{:03d}.tif"])
def test_folders_of_pictures(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(8, 13):
        PICTURE.save(folder / name.format(number), quality=97)
    (folder / "Thumbs.db").write_bytes(b"\0")
    check(folder, Film(options=("--fps", "10")))


def test_an_animation_of_which_only_one_picture_lasts_is_no_film(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.png", save_all=True, append_images=[], default_image=False)
    check(tmp_path / "a.png", Film())


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _truncated(path: Path) -> None:
    whole = film(path.parent / "whole.mp4", *X264, *YUV, seconds=2)
    path.write_bytes(whole.read_bytes()[:-3000])


REFUSED: dict[str, tuple[str, Callable[[Path], object], Refusal]] = {
    "nothing there": ("a.mp4", lambda path: None, Refusal(3, "no such file")),
    "empty": ("a.mp4", lambda path: path.write_bytes(b""), Refusal(3, "empty")),
    "empty photo": ("a.png", lambda path: path.write_bytes(b""), Refusal(3, "a.png")),
    "text as film": ("a.mp4", lambda path: path.write_text("words " * 100), Refusal(3, "a.mp4")),
    "text as photo": ("a.jpg", lambda path: path.write_text("words " * 100), Refusal(3, "a.jpg")),
    "zeros": ("a.mkv", lambda path: path.write_bytes(bytes(5000)), Refusal(3, "a.mkv")),
    "eps as png": ("a.png", lambda path: PICTURE.save(path, format="EPS"), Refusal(3, "a.png")),
    "pdf as jpg": ("a.jpg", lambda path: PICTURE.save(path, format="PDF"), Refusal(3, "a.jpg")),
    "svg": ("a.svg", lambda path: path.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>"), Refusal(3, "a.svg")),
    "a playlist": ("a.m3u8", lambda path: path.write_text("#EXTM3U\nhttp://127.0.0.1:9/a.ts\n"), Refusal(3, "a.m3u8")),
    "fifo as photo": ("a.png", _fifo, Refusal(3, "a.png")),
    "fifo as film": ("a.mp4", _fifo, Refusal(3, "a.mp4")),
    "half a photo": (
        "a.png",
        lambda path: path.write_bytes((still(path.parent)).read_bytes()[:60]),
        Refusal(3, "a.png"),
    ),
    "sound alone": ("a.wav", tone, Refusal(3, "a.wav")),
    "a folder of nothing": ("a", lambda path: path.mkdir(), Refusal(3, "a")),
    "cut short": ("a.mp4", _truncated, Refusal(3, "a.mp4")),
    "a device": ("/dev/null", lambda path: None, Refusal(3, "/dev/null")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_input(name: str, tmp_path: Path) -> None:
    file, make, expected = REFUSED[name]
    folder = tmp_path / "inputs"
    folder.mkdir()
    source = folder / file
    make(source)
    check(source, expected, tmp_path)
