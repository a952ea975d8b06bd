"""Outputs that are refused before anything is rendered."""

from __future__ import annotations

import sys
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.clips import FAST, pattern
from zoomdream.encoding import check_output, open_film
from zoomdream.encoding.encoders import choose_encoder
from zoomdream.errors import EncodeError, OutputError, OutputExistsError, UsageError
from zoomdream.settings import OutputSettings

SIZE = (64, 48)


@pytest.mark.parametrize(
    ("name", "codec", "message"),
    [
        ("a", "auto", r"suffix '' is not one of \.mp4, \.mov, \.mkv, \.webm, \.gif, \.webp, .*, or a folder of PNGs"),
        ("a.avi", "auto", r"suffix '\.avi' is not one of \.mp4"),
        ("a.png", "auto", r"suffix '\.png'.*frames/%06d\.png"),
        ("f/%d.png", "auto", "frames/%06d"),
        ("a.mov", "vp9", r"vp9 does not go into \.mov, which takes h264 or h265"),
        ("a.mp4", "gif", r"gif does not go into \.mp4"),
        ("a.gif", "h264", r"h264 does not go into \.gif"),
        ("a.webm", "h264", r"\.webm, which takes vp9"),
        ("a.mp4", "png", "png does not go into"),
        ("f/", "h264", "h264 needs a file"),
    ],
)
def test_outputs_that_make_no_sense(tmp_path: Path, name: str, codec: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_output(f"{tmp_path}/{name}", SIZE, OutputSettings(codec=codec))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("size", "even"), [((65, 48), "64x48"), ((64, 1), "64x2"), ((641, 361), "640x360")])
def test_odd_sizes_need_a_format_that_has_them(tmp_path: Path, size: tuple[int, int], even: str) -> None:
    for name in ("a.mp4", "a.webm", "a.mkv"):
        with pytest.raises(UsageError, match=f"needs even sides, such as {even}"):
            check_output(tmp_path / name, size, FAST)
    check_output(tmp_path / "a.gif", size, FAST)
    check_output(f"{tmp_path}/a/", size, FAST)


def test_sides_that_a_pixel_format_needs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="size 65x49: prores needs an even width, such as 64x49"):
        check_output(tmp_path / "a.mov", (65, 49), OutputSettings(codec="prores"))
    with pytest.raises(UsageError, match="size 16384x48: webp takes sides of at most 16383"):
        check_output(tmp_path / "a.webp", (16384, 48), FAST)


@pytest.mark.parametrize(
    ("name", "codec", "depth", "message"),
    [
        ("a.mp4", "auto", 10, "depth 10: h264 takes 8 bits a channel"),
        ("a.mp4", "h265", 16, "depth 16: h265 takes 8 or 10 bits a channel"),
        ("a.mov", "prores", 8, "depth 8: prores takes 10 bits a channel"),
        ("a.gif", "auto", 16, "depth 16: gif takes 8 bits"),
        ("a.webp", "auto", 10, "depth 10: webp takes 8 bits"),
        ("frames/", "auto", 10, "depth 10: png takes 8 or 16 bits"),
        ("a.apng", "auto", 10, "depth 10: apng takes 8 or 16 bits"),
    ],
)
def test_depths_that_a_codec_does_not_take(tmp_path: Path, name: str, codec: Any, depth: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_output(f"{tmp_path}/{name}", SIZE, OutputSettings(codec=codec, depth=depth))


def test_a_codec_says_where_it_goes(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"prores does not go into \.mp4, .*; prores goes into \.mov$"):
        check_output(tmp_path / "a.mp4", SIZE, OutputSettings(codec="prores"))
    with pytest.raises(UsageError, match=r"av1 goes into \.mp4 or \.mkv or \.webm$"):
        check_output(tmp_path / "a.mov", SIZE, OutputSettings(codec="av1"))


def test_an_ffmpeg_without_the_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoomdream.encoding.encoders.available_encoders", lambda: frozenset({"libx264", "libaom-av1"}))
    check_output(tmp_path / "a.mp4", SIZE, OutputSettings())
    assert choose_encoder("av1", tmp_path / "a.mp4") == "libaom-av1"
    check_output(f"{tmp_path}/frames/", SIZE, OutputSettings())
    with pytest.raises(EncodeError, match=r"a\.mov could not be written: .* has no encoder prores_ks for prores"):
        check_output(tmp_path / "a.mov", SIZE, OutputSettings(codec="prores"))


def test_numbers_out_of_range(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="crf 52: h264 takes 0 to 51"):
        check_output(tmp_path / "a.mp4", SIZE, OutputSettings(crf=52))
    check_output(tmp_path / "a.webm", SIZE, OutputSettings(crf=63))
    with pytest.raises(UsageError, match="60 fps: a GIF shows at most 50"):
        check_output(tmp_path / "a.gif", SIZE, FAST, fps=Fraction(60))
    for frames, fps in [(0, Fraction(25)), (3, Fraction(0))]:
        with pytest.raises(UsageError, match="at least one frame and a rate above 0"):
            open_film(tmp_path / "a.mp4", SIZE, fps, FAST, frames=frames)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("exists.mp4", r"exists\.mp4 exists$"),
        ("none/a.mp4", "there is no folder .*none; create it"),
        ("none/frames/", "there is no folder .*none; create it"),
        ("exists.mp4/a.mp4", r"exists\.mp4 is a file, not a folder"),
        ("exists.mp4/frames/", r"exists\.mp4 is a file, not a folder"),
        ("plain/", "plain is a file, not a folder"),
        ("folder.mp4", r"folder\.mp4 is a folder"),
        ("x" * 300 + ".mp4", "cannot be written: File name too long"),
        ("x" * 300 + "/", "cannot be written: File name too long"),
        ("new/" + "x" * 249 + "%06d.png", "cannot be written: File name too long"),
    ],
)
def test_outputs_that_cannot_be(tmp_path: Path, name: str, message: str) -> None:
    pattern(tmp_path / "exists.mp4", seconds=0.2)
    (tmp_path / "plain").touch()
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(OutputError, match=message):
        open_film(f"{tmp_path}/{name}", SIZE, Fraction(25), FAST, frames=1)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files, from root neither")
def test_a_folder_that_takes_no_files() -> None:
    for name in ("/proc/a.mp4", "/proc/frames/"):
        with pytest.raises(OutputError, match="cannot be written: "):
            check_output(name, SIZE, FAST, overwrite=True)


def test_checking_changes_nothing(tmp_path: Path) -> None:
    before = pattern(tmp_path / "a.mp4", seconds=0.2).read_bytes()
    check_output(tmp_path / "a.mp4", SIZE, FAST, overwrite=True)
    check_output(f"{tmp_path}/frames/", SIZE, FAST)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == before


def test_a_new_file_or_folder_may_be_written_and_one_that_exists_needs_leave(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "frames").mkdir()
    assert check_output(f"{tmp_path}/frames/", SIZE, FAST).path == tmp_path / "frames"
    (tmp_path / "frames" / "000000.png").touch()
    for name in ("a.mp4", "frames/", "frames/%03d.png"):
        with pytest.raises(OutputExistsError):
            check_output(f"{tmp_path}/{name}", SIZE, FAST)
        check_output(f"{tmp_path}/{name}", SIZE, FAST, overwrite=True)


def test_the_names_of_a_folders_frames(tmp_path: Path) -> None:
    target = check_output(f"{tmp_path}/shot_%03d.v2.png", SIZE, FAST)
    assert [target.frame_name(index) for index in (0, 7, 1234)] == [
        "shot_000.v2.png",
        "shot_007.v2.png",
        "shot_1234.v2.png",
    ]
    assert all(target.is_frame(target.frame_name(index)) for index in (0, 999, 10**6))
    assert not any(map(target.is_frame, ("shot_00.v2.png", "shot_000.png", "a_shot_000.v2.png", "shot_abc.v2.png")))


@pytest.mark.parametrize("name", ["", "%06d.png"])
def test_a_folder_of_frames_does_not_replace_an_input_that_has_a_frames_name(tmp_path: Path, name: str) -> None:
    for file in ("000012.png", "photo.png", "photo1.png"):
        (tmp_path / file).touch()
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.png"
    link.symlink_to(tmp_path / "000012.png")
    check = partial(check_output, f"{tmp_path}/{name}", SIZE, FAST, overwrite=True)
    for read in (tmp_path / "000012.png", link):
        with pytest.raises(OutputError, match=r"000012.png would be written over .*, which is read"):
            check(inputs=[tmp_path / "photo.png", read])
    check(inputs=[tmp_path / "photo.png", tmp_path / "photo1.png"])
    check_output(f"{tmp_path}/f%03d.png", SIZE, FAST, overwrite=True, inputs=[tmp_path / "000012.png"])
