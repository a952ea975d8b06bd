from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zoomdream.cli.app import app
from zoomdream.errors import OutputError
from zoomdream.media import check_output
from zoomdream.output_files import refuse_overwriting
from zoomdream.settings import OutputSettings


def test_an_input_is_known_by_any_of_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    photo = tmp_path / "photo.png"
    photo.touch()
    (tmp_path / "link.png").symlink_to(photo)
    for name in ("photo.png", "./a/../photo.png", str(photo), "link.png"):
        with pytest.raises(OutputError, match=r"would be written over .*photo.png, which is read"):
            refuse_overwriting(name, [tmp_path / "other.png", photo])
    refuse_overwriting("dream.png", [photo])


def test_a_folder_of_frames_does_not_swallow_a_picture_that_has_a_frames_name(tmp_path: Path) -> None:
    for name in ("000012.png", "photo.png", "photo1.png"):
        (tmp_path / name).touch()
    for target in (f"{tmp_path}/", f"{tmp_path}/%06d.png"):
        check = partial(check_output, target, (64, 48), OutputSettings(), overwrite=True)
        with pytest.raises(OutputError, match=r"000012.png, which is read"):
            check(inputs=[tmp_path / "photo.png", tmp_path / "000012.png"])
        check(inputs=[tmp_path / "photo.png", tmp_path / "photo1.png"])
    check_output(f"{tmp_path}/f%03d.png", (64, 48), OutputSettings(), overwrite=True, inputs=[tmp_path / "000012.png"])


@pytest.mark.parametrize(
    "command",
    [
        "dream photo.png -o photo.png",
        "dream photo.png -o guide.png --layers guide:fire6:guide.png",
        "dream photo.png -o guide.png --layers fire8=1,fire5in",
        "dream photo.stages.png -o photo.png --stages 1",
        "visualize -o guide.png cosine:fire6:guide.png",
        "sheet squeezenet1_1 --image photo.png -o photo.png",
        "saliency photo.png --layer fire8 -o photo.png",
        "render quickstart --input clip.mp4 --duration 1f -o clip.mp4",
        "sweep photo.png -o %06d.png",
    ],
)
def test_no_command_writes_over_what_it_reads(
    photos: Path, clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [word.replace("fire5in", "fire5 in guide.png") for word in command.split()]
    for name in ("photo.png", "guide.png", "photo.stages.png", "000001.png"):
        shutil.copy(photos / "coffee.png", name)
    shutil.copy(clips / "carphone_pristine.mp4", "clip.mp4")
    if "sweep" in words:
        words[1] = "000001.png"
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    result = CliRunner().invoke(app, [*words, "-y"])
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert result.exit_code == 4, result.output
