"""Small files that are right, one of each form that is read: what is damaged afterwards."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import torch
from PIL import Image
from safetensors.torch import save_file

from tests.support.clips import FAST, X264, ffmpeg, fill, write_film
from tests.support.picture_inputs import gradient
from zoomdream.films.journal.folder import JournalRecord, write_record
from zoomdream.films.journal.segments import OpenSegment
from zoomdream.images.pictures.png import encode_png

YUV = ("-pix_fmt", "yuv420p")
AAC, OPUS, MP3 = ("-c:a", "aac"), ("-c:a", "libopus"), ("-c:a", "libmp3lame")
PICTURES: Mapping[str, Mapping[str, Any]] = {
    "a.png": {},
    "palette.png": {"mode": "P"},
    "gray16.png": {"mode": "I;16"},
    "a.apng": {"format": "PNG", "animated": True},
    "a.jpg": {"quality": 80},
    "progressive.jpg": {"progressive": True},
    "cmyk.jpg": {"mode": "CMYK"},
    "a.mpo": {"animated": True},
    "a.webp": {},
    "lossless.webp": {"lossless": True, "mode": "RGBA"},
    "a.tif": {},
    "lzw.tif": {"compression": "tiff_lzw"},
    "jpeg.tif": {"compression": "jpeg"},
    "float.tif": {"mode": "F"},
    "a.gif": {},
    "a.bmp": {},
    "palette.bmp": {"mode": "P"},
    "a.avif": {},
    "a.heic": {"format": "HEIF"},
    "a.jp2": {},
    "a.j2k": {"irreversible": True},
    "a.ico": {"sizes": [(16, 16), (32, 24)]},
    "a.ppm": {},
    "a.pgm": {"mode": "L"},
    "a.tga": {},
    "rle.tga": {"compression": "tga_rle"},
}
CLIPS: Mapping[str, tuple[str, ...]] = {
    "a.mp4": (*X264, *AAC),
    "b.mp4": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", *YUV, *AAC),
    "a.mkv": (*X264, *OPUS),
    "ffv1.mkv": ("-c:v", "ffv1", "-c:a", "flac"),
    "a.webm": ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime", *YUV, *OPUS),
    "vp8.webm": ("-c:v", "libvpx", "-deadline", "realtime", *YUV, "-c:a", "libvorbis"),
    "a.avi": ("-c:v", "mpeg4", *MP3),
    "mjpeg.avi": ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"),
    "a.ts": (*X264, *AAC),
    "mpeg2.ts": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    "a.mpg": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    "a.mov": ("-c:v", "prores_ks", "-pix_fmt", "yuva444p10le", "-c:a", "pcm_s16le"),
    "qtrle.mov": ("-c:v", "qtrle", "-pix_fmt", "argb", *AAC),
    "a.flv": ("-c:v", "flv1", *MP3, "-ar", "44100"),
    "a.ogv": ("-c:v", "libtheora", *YUV, "-c:a", "libvorbis"),
    "a.gif": ("-an",),
    "moving.webp": ("-c:v", "libwebp_anim", "-an"),
    "moving.apng": ("-f", "apng", "-an"),
    "a.y4m": (*YUV, "-an"),
    "a.wmv": ("-c:v", "wmv2", "-c:a", "wmav2"),
}
SOUNDS: Mapping[str, tuple[str, ...]] = {"a.mp3": MP3, "a.wav": (), "a.flac": (), "a.ogg": OPUS, "a.m4a": AAC}
PRESET = """\
zoomdream: 1
source: sample:clouds  # a photo
canvas: {size: 64x48, fps: 10, duration: 2s}
dream:
  layers:
    - {at: 0s, mix: {fire8: 1, "fire5:3@center": 0.5}}
    - {at: 1s, mix: {"class:espresso": 1}, ease: linear}
  steps: 4
camera: {zoom: {0s: 1.02, end: 1.05}, rotate: 1}
output: {crf: 20}
"""


def pictures(folder: Path) -> list[Path]:
    """A picture of each format that is read."""
    files = []
    for name, options in PICTURES.items():
        given = dict(options)
        image = gradient((40, 30)).convert(given.pop("mode", "RGB"))
        if given.pop("animated", False):
            given |= {"save_all": True, "append_images": [image.rotate(90), image.rotate(180)]}
        files.append(folder / name)
        if given.get("format") == "HEIF":
            pillow_heif.from_pillow(image).save(files[-1])
        else:
            exif = Image.Exif()
            exif[0x0112] = 6
            image.save(files[-1], exif=exif, **given)
    files.append(folder / "a.psd")
    files[-1].write_bytes(_psd(gradient((40, 30))))
    return files


def _psd(image: Image.Image) -> bytes:
    """A Photoshop file of one layer, which Pillow does not write."""
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, image.height, image.width, 8, 3)
    planes = b"".join(plane.tobytes() for plane in image.split())
    return header + struct.pack(">III", 0, 0, 0) + struct.pack(">H", 0) + planes


def clips(folder: Path) -> list[Path]:
    """A clip of half a second of each container and several codecs, with sound where it holds some."""
    inputs = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.6", "-f", "lavfi", "-i", "sine=d=0.6")
    for name, options in CLIPS.items():
        ffmpeg(*inputs, *options, folder / name)
    return [folder / name for name in CLIPS]


def sounds(folder: Path) -> list[Path]:
    """A sound file of each common form."""
    for name, options in SOUNDS.items():
        ffmpeg("-f", "lavfi", "-i", "sine=d=0.6", *options, folder / name)
    return [folder / name for name in SOUNDS]


def arrays(folder: Path) -> list[Path]:
    """A direction for a layer of 512 channels, in the types and versions of NumPy's files."""
    values = np.linspace(-1, 1, 512)
    np.save(folder / "a.npy", values)
    np.save(folder / "half.npy", values.astype(np.float16))
    np.save(folder / "ints.npy", (values * 100).astype(np.int32))
    with (folder / "two.npy").open("wb") as file:
        np.lib.format.write_array(file, values.astype(np.float32), version=(2, 0))
    return [folder / name for name in ("a.npy", "half.npy", "ints.npy", "two.npy")]


def weights(folder: Path) -> list[Path]:
    """Small tensors in each form of file; zipped and old ones of torch.save, nested and not."""
    state = {"module.a.weight": torch.linspace(0, 1, 48).view(4, 3, 2, 2), "a.bias": torch.ones(4).half()}
    torch.save(state, folder / "a.pth")
    torch.save({"state_dict": state, "epoch": 3}, folder / "a.pt")
    torch.save(state, folder / "old.pth", _use_new_zipfile_serialization=False)
    save_file(state, folder / "a.safetensors")
    return [folder / name for name in ("a.pth", "a.pt", "old.pth", "a.safetensors")]


def preset_files(folder: Path) -> list[Path]:
    """A preset in several encodings."""
    forms = {"a.yaml": "utf-8", "sixteen.yaml": "utf-16", "marked.yaml": "utf-8-sig"}
    for name, encoding in forms.items():
        (folder / name).write_text(PRESET, encoding=encoding)
    return [folder / name for name in forms]


def recipes(folder: Path) -> list[Path]:
    """Films that carry a preset."""
    recipe = json.dumps({"zoomdream": 1, "source": "noise", "dream": {"layers": {"fire8": 1}, "steps": 3}})
    files = [folder / "recipe.mp4", folder / "recipe.mkv"]
    for file in files:
        write_film(file, [fill((9, 99, 200), (16, 16))] * 2, output=FAST, metadata={"zoomdream_preset": recipe})
    return files


def journal(folder: Path) -> Path:
    """A journal of two segments with their states."""
    write_record(folder, JournalRecord({"seed": 1}, "film.mp4", 9, (24, 16), "25", "zoomdream render", "/"))
    state = {"start": torch.linspace(0, 1, 12).view(1, 3, 2, 2), "clip": torch.ones(3, dtype=torch.uint8)}
    for first in (0, 2):
        segment = OpenSegment(folder, first)
        for index in range(2):
            segment.append(encode_png(np.full((16, 24, 3), first + index, np.uint8)))
        segment.close("rows", "zoom", 1, state)
    return folder
