"""A film is shared: its file tells nothing of the machine that made it, and reads only what lies beside it."""

from __future__ import annotations

import getpass
import platform
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.support.clips import FAST, ffmpeg, fill, write_film
from tests.support.commands import QUIET, zoomdream
from zoomdream.images.frame import from_uint8
from zoomdream.images.pictures.saving import save_image
from zoomdream.media import read_frames
from zoomdream.media.tags import read_tags

SECRET = "Client-Secret"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder whose name nobody else should read, with a preset that names files in every way."""
    folder = tmp_path / SECRET
    (folder / "photos").mkdir(parents=True)
    for name in ("photo.png", "guide.png", "mask.png"):
        save_image(from_uint8(np.full((48, 64, 3), len(name) * 20, np.uint8)), folder / "photos" / name)
    of_sound = (f"title={SECRET}", f"comment={folder}")
    tags = [word for tag in of_sound for word in ("-metadata", tag, "-metadata:s:a", tag)]
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", *tags, "-metadata:s:a", f"handler_name={SECRET}", folder / "song.m4a")
    ffmpeg("-i", folder / "song.m4a", "-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=0.3", folder / "clip.mkv")
    (folder / "film.yaml").write_text(
        "zoomdream: 1\nsource: photos/photo.png\ncanvas: {size: 64x48, fps: 10, duration: 2f}\n"
        f'dream: {{layers: {{"guide:fire2:photos/guide.png in {folder}/photos/mask.png": 1}}, octaves: 1, steps: 1}}\n'
        f"output: {{audio: {folder}/song.m4a, speed: ultrafast}}\n",
        encoding="utf-8",
    )
    return folder


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm", ".gif"])
def test_no_byte_of_a_film_tells_where_it_was_made(project: Path, tmp_path: Path, suffix: str) -> None:
    film = tmp_path / f"film{suffix}"
    given = ("--input", project / "clip.mkv", "--audio", "source") if suffix == ".mkv" else ()
    result = zoomdream("render", project / "film.yaml", "-o", film, *given, *QUIET)
    assert result.exit_code == 0, result.output
    content = film.read_bytes()
    for word in (SECRET, str(tmp_path), str(Path.home()), str(Path.cwd())):
        assert word.encode() not in content, word
    if suffix != ".gif":
        tags = " ".join(read_tags(film).values())
        assert not {getpass.getuser(), platform.node()} & set(re.findall(r"[\w.-]+", tags))
        assert all(f'"{name}"' in tags for name in ("guide.png", "mask.png"))


def test_a_picture_tells_its_masks_name_alone(project: Path, tmp_path: Path) -> None:
    photo, layers = project / "photos" / "photo.png", f"fire2 in {project}/photos/mask.png"
    for suffix in (".png", ".jpg", ".webp"):
        picture = tmp_path / f"a{suffix}"
        result = zoomdream("dream", photo, "-o", picture, "--layers", layers, "--steps", "1", "--octaves", "1", *QUIET)
        assert result.exit_code == 0, result.output
        content = picture.read_bytes()
        assert b"mask.png" in content
        assert SECRET.encode() not in content


def test_a_film_is_made_again_where_its_files_lie_beside_it(project: Path, tmp_path: Path) -> None:
    first, again = tmp_path / "film.mkv", tmp_path / "again.mkv"
    assert zoomdream("render", project / "film.yaml", "-o", first, *QUIET).exit_code == 0
    result = zoomdream("render", first, "-o", again, *QUIET)
    assert result.exit_code == 3
    assert "was made from photo.png, which does not lie beside it: put it into" in result.stderr
    assert result.stderr.rstrip().endswith(", or another with --input")
    for file in [*(project / "photos").iterdir(), project / "song.m4a"]:
        shutil.copy(file, tmp_path)
    for source, target in ((first, again), (again, tmp_path / "third.mkv")):
        result = zoomdream("render", source, "-o", target, *QUIET)
        assert result.exit_code == 0, result.output
        assert read_tags(target)["zoomdream_preset"] == read_tags(first)["zoomdream_preset"]
        with read_frames(first) as one, read_frames(target) as other:
            assert all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def test_another_source_of_the_same_name_is_taken_only_where_it_is_asked_for(project: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    fast = ("--audio", "none", "--set", "dream.layers={fire2: 1}", *QUIET)
    assert zoomdream("render", project / "film.yaml", "-o", film, *fast).exit_code == 0
    other = tmp_path / "photo.png"
    save_image(from_uint8(np.zeros((48, 64, 3), np.uint8)), other)
    result = zoomdream("render", film, "-o", tmp_path / "b.mkv", *QUIET)
    assert result.exit_code == 3
    assert "photo.png is not the file that" in result.stderr
    assert "put that one there, or another with --input" in result.stderr
    assert zoomdream("render", film, "-o", tmp_path / "b.mkv", "--input", other, *QUIET).exit_code == 0


def test_a_strangers_film_reads_no_file_of_ours(project: Path, tmp_path: Path) -> None:
    """A recipe of the old form, as a stranger may write it: with a folder, and paths that leave it."""
    source = f'"source": "{project}/photos/photo.png", "folder": "{project}", "weights": "../../etc/net.pth"'
    recipe = f'{{"zoomdream": 1, {source}, "dream": {{"layers": {{"fire2": 1}}}}}}'
    film = tmp_path / "film.mkv"
    write_film(film, [fill((9, 9, 9))], output=FAST, metadata={"zoomdream_preset": recipe})
    result = zoomdream("render", film, "-o", tmp_path / "b.mkv", *QUIET)
    assert result.exit_code == 3
    assert f"was made from photo.png (it was {project}/photos/photo.png), which does not lie beside it" in result.stderr
