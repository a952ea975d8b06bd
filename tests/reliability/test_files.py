"""The output, its folder, the journal and the clip change while a film is rendered."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.clips import pattern, read_film
from tests.support.faults import at_frame, contents, kept_frames, leave_journal, rendered

pytestmark = pytest.mark.system

Whole = Mapping[str, list[bytes]]


def test_the_output_folder_is_removed(presets: Path, tmp_path: Path, whole: Whole) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    end = rendered(presets / "zoom.yaml", folder / "a.mp4", at_frame(10, lambda: shutil.rmtree(folder)))
    assert end.code == 5, end
    assert f"the folder {folder}/a.mp4.journal was removed meanwhile" in end.words
    assert not folder.exists()
    folder.mkdir()
    assert rendered(presets / "zoom.yaml", folder / "a.mp4").code == 0
    assert contents(folder / "a.mp4") == whole["zoom"]


@pytest.mark.slow
def test_the_output_folder_is_renamed_and_comes_back(presets: Path, tmp_path: Path, whole: Whole) -> None:
    folder, moved = tmp_path / "films", tmp_path / "moved"
    folder.mkdir()
    leave_journal(presets / "zoom.yaml", folder / "a.mp4", 10)
    end = rendered(presets / "zoom.yaml", folder / "a.mp4", at_frame(20, lambda: folder.rename(moved)))
    assert end.code == 5, end
    assert "was removed meanwhile" in end.words
    moved.rename(folder)
    assert kept_frames(folder / "a.mp4") == 10
    assert rendered(presets / "zoom.yaml", folder / "a.mp4").code == 0
    assert contents(folder / "a.mp4") == whole["zoom"]
    assert [path.name for path in folder.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize(("output", "name"), [("a.mp4", "zoom"), ("a/", "frames")])
def test_something_appears_under_the_outputs_name(
    output: str, name: str, presets: Path, tmp_path: Path, whole: Whole
) -> None:
    """Somebody's folder with a file in it, which stays; all frames are kept, and nothing is dreamed again."""
    path = tmp_path / output

    def appear() -> None:
        path.mkdir()
        (path / "000001.png").write_text("mine")

    end = rendered(presets / "zoom.yaml", f"{tmp_path}/{output}", at_frame(10, appear))
    assert end.code == 4, end
    assert "-y" in end.words
    assert (path / "000001.png").read_text() == "mine"
    path.rename(tmp_path / "theirs")
    dreamed: list[int] = []
    again = rendered(
        presets / "zoom.yaml", f"{tmp_path}/{output}", lambda p: dreamed.append(p.done) if p.done > p.before else None
    )
    assert (again.code, dreamed) == (0, [])
    assert contents(path) == whole[name]


def _truncate(clip: Path) -> None:
    os.truncate(clip, clip.stat().st_size // 2)


def _replace(clip: Path) -> None:
    pattern(clip.with_name("other.mkv"), size="32x32", seconds=5).replace(clip)


@pytest.mark.parametrize(
    ("change", "words", "code"), [(_truncate, "was changed", 3), (_replace, "was replaced by another file", 4)]
)
def test_the_clip_changes(
    change: Callable[[Path], None], words: str, code: int, place: Path, presets: Path, whole: Whole
) -> None:
    """It is refused at once; the same command refuses it too, and goes on when the former clip is back."""
    clip, output = place / "clip.mkv", place / "a.mp4"
    end = rendered(place / "video.yaml", output, at_frame(5, lambda: change(clip)))
    assert end.code == 3, end
    assert f"{clip} {words}" in end.words
    assert end.kept >= 5
    again = rendered(place / "video.yaml", output)
    assert (again.code, again.kept) == (code, end.kept), again
    shutil.copy2(presets / "clip.mkv", clip)
    assert rendered(place / "video.yaml", output).code == 0
    frames = [frame.tobytes() for frame in read_film(output)]
    (place / "b.mp4").write_bytes(whole["video"][0])
    assert frames == [frame.tobytes() for frame in read_film(place / "b.mp4")]


# --- a damaged journal ---


def _flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 255
    path.write_bytes(content)


DAMAGE: Mapping[str, Callable[[Path], object]] = {
    "a segment is cut short": lambda journal: os.truncate(journal / "frames-00000000.zip", 5000),
    "a segment is empty": lambda journal: os.truncate(journal / "frames-00000000.zip", 0),
    "a state is altered": lambda journal: _flip(journal / "state-00000010.safetensors", -10),
    "a state is gone": lambda journal: (journal / "state-00000010.safetensors").unlink(),
}


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_what_is_damaged_is_dreamed_again(
    damage: Callable[[Path], object], presets: Path, tmp_path: Path, whole: Whole
) -> None:
    output = tmp_path / "a.mp4"
    leave_journal(presets / "zoom.yaml", output, 10)
    leave_journal(presets / "zoom.yaml", output, 20)
    damage(tmp_path / "a.mp4.journal")
    end = rendered(presets / "zoom.yaml", output)
    assert end.code == 0, end
    assert contents(output) == whole["zoom"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
