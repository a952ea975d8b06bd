from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image

from zoomdream.errors import OutputError, SourceError
from zoomdream.images.files import load_image, save_image
from zoomdream.images.filters import blur, separable
from zoomdream.images.frame import from_uint8, noise, size_of, to_uint8
from zoomdream.images.resample import fit


def test_uint8_round_trip_is_exact() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)[..., None].repeat(3, axis=2)
    assert np.array_equal(to_uint8(from_uint8(levels)), levels)


def test_to_uint8_rounds_and_clamps() -> None:
    frame = torch.tensor([-0.5, 0.499 / 255, 0.501 / 255, 2.0]).view(1, 1, 1, 4).expand(1, 3, 1, 4)
    assert to_uint8(frame)[0, :, 0].tolist() == [0, 0, 1, 255]


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
        read = opened.getexif().get(ExifTags.Base.ImageDescription)
        found = {".png": opened.info.get("Comment"), ".jpg": opened.info.get("comment"), ".webp": read}[suffix]
    wanted = r"fire8 \u2192 f\xfcr" if suffix == ".webp" else "fire8 \u2192 f\u00fcr"
    assert (found.decode() if isinstance(found, bytes) else found) == wanted


def test_save_into_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a\.png"):
        save_image(torch.zeros(1, 3, 4, 4), tmp_path / "none" / "a.png")


def test_fill_crops_the_middle() -> None:
    wide = torch.zeros(1, 3, 10, 30)
    wide[..., 10:20] = 1
    filled = fit(wide, (10, 10), "fill")
    assert filled.shape == (1, 3, 10, 10)
    assert filled.min() == 1


def test_fit_shows_all_and_reflects_into_the_rest() -> None:
    wide = torch.rand(1, 3, 10, 30, generator=torch.Generator().manual_seed(0))
    fitted = fit(wide, (30, 40), "fit")
    assert fitted.shape == (1, 3, 40, 30)
    assert torch.equal(fitted[..., 15:25, :], wide)
    assert torch.equal(fitted[..., 25:34, :], wide[..., :9, :].flip(2))
    assert torch.equal(fitted[..., 6:15, :], wide[..., 1:, :].flip(2))


def test_separable_equals_a_plain_convolution() -> None:
    frame = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(1))
    half = np.array([0.4, 0.2, 0.1])
    kernel = torch.tensor([0.1, 0.2, 0.4, 0.2, 0.1])
    padded = torch.nn.functional.pad(frame, (2, 2, 2, 2), mode="reflect")
    plane = torch.outer(kernel, kernel)[None, None].expand(3, 1, 5, 5)
    plain = torch.nn.functional.conv2d(padded, plane, groups=3)
    assert torch.allclose(separable(frame, half), plain, atol=1e-6)


def test_blur_has_the_width_asked_for_and_keeps_the_sum() -> None:
    point = torch.zeros(1, 3, 41, 41)
    point[..., 20, 20] = 1
    spread = blur(point, 2.0)[0, 0]
    offsets = torch.arange(41.0) - 20
    assert spread.sum().item() == pytest.approx(1, abs=1e-5)
    assert (spread.sum(0) * offsets**2).sum().sqrt().item() == pytest.approx(2.0, rel=0.03)
    assert blur(point, 0) is point


def test_noise_is_reproducible_and_gray() -> None:
    one, two = (noise((64, 32), np.random.default_rng(5)) for _ in range(2))
    assert torch.equal(one, two)
    assert one.shape == (1, 3, 32, 64)
    assert one.mean().item() == pytest.approx(0.5, abs=0.01)
