from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from zoomdream.images.pictures.loading import read_picture
from zoomdream.images.pictures.warnings import crop_warnings


@pytest.mark.parametrize(
    ("size", "frame", "expected"),
    [
        (
            (900, 1600),
            (480, 270),
            "p.jpg is 900x1600: 68% of it is cut off to fill 480x270; a size of 270x480 keeps all of it",
        ),
        (
            (1600, 900),
            (640, 640),
            "p.jpg is 1600x900: 44% of it is cut off to fill 640x640; a size of 640x360 keeps all of it",
        ),
        ((1500, 1000), (640, 360), None),
        ((640, 480), (320, 240), None),
    ],
)
def test_a_picture_that_loses_much_is_warned_of(
    size: tuple[int, int], frame: tuple[int, int], expected: str | None
) -> None:
    assert crop_warnings("p.jpg", size, frame) == ([] if expected is None else [expected])


def test_transparency_and_animations_are_warned_of(tmp_path: Path) -> None:
    half = Image.new("RGBA", (8, 8), (255, 0, 0, 128))
    half.save(tmp_path / "half.png")
    Image.new("RGBA", (8, 8), (255, 0, 0, 255)).save(tmp_path / "full.png")
    Image.new("L", (8, 8), 200).save(tmp_path / "gray.png")
    Image.new("RGB", (8, 8)).save(
        tmp_path / "moves.gif", save_all=True, append_images=[Image.new("RGB", (8, 8), "red")]
    )
    assert read_picture(tmp_path / "half.png").warnings == ("what is transparent in half.png counts as black",)
    assert read_picture(tmp_path / "full.png").warnings == read_picture(tmp_path / "gray.png").warnings == ()
    assert read_picture(tmp_path / "moves.gif").warnings == (
        "moves.gif is an animation: only its first picture is used",
    )


def test_a_strip_of_which_hardly_anything_is_seen() -> None:
    warnings = crop_warnings("s.png", (60, 24000), (640, 360))
    assert warnings == ["s.png is 60x24000: nearly all of it is cut off to fill 640x360"]
