"""The films of a batch, and which of them are there already."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.renders import video_preset, zoom_preset
from zoomdream.errors import MissingSourceError, OutputError, OutputExistsError, UsageError
from zoomdream.farm.batch import batch_films, check_film, is_made
from zoomdream.farm.tasks import RenderTask
from zoomdream.farm.variations import parse_axis
from zoomdream.farm.work import perform
from zoomdream.presets.documents.yaml_document import Change
from zoomdream.presets.loading import load_preset


def test_each_preset_in_each_variation() -> None:
    films = batch_films(["x/a.yaml", "b.yaml"], [parse_axis("seed=1..2")], "out/{index}-{preset}-{seed}.mp4")
    assert [(film.preset, film.output) for film in films] == [
        ("x/a.yaml", "out/1-a-1.mp4"),
        ("x/a.yaml", "out/2-a-2.mp4"),
        ("b.yaml", "out/3-b-1.mp4"),
        ("b.yaml", "out/4-b-2.mp4"),
    ]


def test_an_index_has_as_many_digits_as_the_last() -> None:
    names = [film.output for film in batch_films(["a.yaml"], [parse_axis("seed=1..12")], "{index}.mp4")]
    assert (names[0], names[-1]) == ("01.mp4", "12.mp4")


def test_a_film_has_its_name_without_a_template() -> None:
    assert [film.output for film in batch_films(["a.yaml", "x/b.yaml"])] == ["a.mp4", "b.mp4"]


def test_one_name_for_two_films_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'film\.mp4': films 1 and 2 of 2 would both be film\.mp4"):
        batch_films(["a.yaml", "b.yaml"], (), "film.mp4")


def test_a_variation_is_over_the_changes_of_all(tmp_path: Path) -> None:
    (film,) = batch_films([str(zoom_preset(tmp_path / "a.yaml", 4))], [parse_axis("seed=7")])
    preset = film.load([Change("seed=1", "--set"), Change("canvas.size=32x32", "--set")], "sample:reef")
    assert (preset.seed, preset.canvas.size, preset.model.source) == (7, (32, 32), "sample:reef")


@pytest.mark.skipif(os.name != "posix", reason="named pipes")
def test_a_pipe_is_read_once_for_all_of_its_films(tmp_path: Path) -> None:
    text = zoom_preset(tmp_path / "a.yaml", 4).read_text()
    reader, writer = os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    films = batch_films([f"/dev/fd/{reader}"], [parse_axis("seed=1..2")], "{seed}.mp4")
    os.close(reader)
    assert [film.load().seed for film in films] == [1, 2]
    assert films[0].load(source="sample:reef").model.source == "sample:reef"
    assert films[0].text == text


def test_what_can_be_found_out_before_the_first_frame(tmp_path: Path) -> None:
    preset = load_preset(zoom_preset(tmp_path / "a.yaml", 4))
    output = str(tmp_path / "a.mp4")
    assert check_film(preset, output, overwrite=False) == str(tmp_path / "a.mp4")
    Path(output).touch()
    with pytest.raises(OutputExistsError):
        check_film(preset, output, overwrite=False)
    check_film(preset, output, overwrite=True)
    with pytest.raises(OutputError, match="there is no folder"):
        check_film(preset, str(tmp_path / "none" / "a.mp4"), overwrite=False)
    with pytest.raises(UsageError, match=r"\.avi"):
        check_film(preset, "a.avi", overwrite=False)
    photo = tmp_path / "a.png"
    photo.touch()
    of_photo = load_preset(tmp_path / "a.yaml", source=photo)
    photo.unlink()
    with pytest.raises(MissingSourceError, match=r"a\.png: no such file"):
        check_film(of_photo, output, overwrite=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a preset of four frames and films of it."""
    folder = tmp_path_factory.mktemp("made")
    preset = str(zoom_preset(folder / "a.yaml", 4))
    for name, frames in (("a.mp4", None), ("a.gif", None), ("part.mp4", (0, 3))):
        perform(RenderTask(name, preset, str(folder / name), frames=frames))
    return folder


def test_a_film_is_made_when_its_recipe_and_length_are_those_of_the_preset(made: Path) -> None:
    assert is_made(load_preset(made / "a.yaml"), made / "a.mp4")
    assert not is_made(load_preset(made / "a.yaml", ["seed=3"]), made / "a.mp4")


def test_a_part_of_a_film_is_not_the_film(made: Path) -> None:
    assert not is_made(load_preset(made / "a.yaml"), made / "part.mp4")


def test_what_carries_no_recipe_is_not_known_to_be_made(made: Path, tmp_path: Path) -> None:
    preset = load_preset(made / "a.yaml")
    (tmp_path / "text.mp4").write_text("no film")
    assert not is_made(preset, made / "a.gif")
    assert not is_made(preset, made / "none.mp4")
    assert not is_made(preset, tmp_path / "text.mp4")


def test_the_length_of_a_video_is_known(clips: Path, tmp_path: Path) -> None:
    preset = video_preset(tmp_path / "v.yaml", str(clips / "carphone_pristine.mp4"))
    short = ("canvas.start=3s", "canvas.size=32x32")
    perform(RenderTask("v", str(preset), str(tmp_path / "v.mp4"), changes=(*short, "canvas.duration=3f")))
    assert is_made(load_preset(preset, [*short, "canvas.duration=3f"]), tmp_path / "v.mp4")
    assert not is_made(load_preset(preset, short), tmp_path / "v.mp4")


def test_the_driver_of_workers_needs_no_pytorch(made: Path) -> None:
    code = (
        "import sys\n"
        "from zoomdream.farm import batch, division, processes\n"
        "film = batch.batch_films([sys.argv[1]])[0]\n"
        "batch.check_film(film.load(), film.output, overwrite=True)\n"
        "division.divide(3, device='cpu')\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(made / "a.yaml")], check=True)
