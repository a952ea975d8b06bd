from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.stability import compared, fake_result, panning
from zoomdream.errors import OutputError, UsageError
from zoomdream.stability import check_plot, format_table, save_plot


def test_the_plot_is_a_picture_with_a_line_at_each_cut(tmp_path: Path) -> None:
    pictures = []
    for name, cuts in (("a.png", ()), ("b.png", (30,))):
        save_plot(fake_result([10] * 60, cuts=cuts), tmp_path / name)
        with Image.open(tmp_path / name) as picture:
            assert picture.format == "PNG"
            assert picture.width > 1000
            pictures.append(np.asarray(picture.convert("L"), float))
    # A dashed upright line at the middle of five panels is the darkest thing that has come.
    darker = (pictures[0] - pictures[1] > 30).sum(0)
    assert darker.argmax() == pytest.approx(pictures[0].shape[1] * 0.53, abs=40)
    assert darker.max() > 0.3 * pictures[0].shape[0]
    assert "matplotlib.pyplot" not in sys.modules
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_one_frame_has_a_table_and_a_plot(tmp_path: Path) -> None:
    clip = panning(1, 0)
    result = compared(tmp_path, clip, clip)
    assert "1 frame of 96x64" in format_table(result)
    save_plot(result, tmp_path / "plot.png")


def test_a_plot_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"plot\.svg: a plot is a PNG"):
        check_plot(tmp_path / "plot.svg")
    with pytest.raises(OutputError, match=r"there is no folder .*nowhere"):
        check_plot(tmp_path / "nowhere" / "plot.png")
    (tmp_path / "diary.png").write_text("precious")
    with pytest.raises(OutputError, match="exists"):
        check_plot(tmp_path / "diary.png")
    check_plot(tmp_path / "diary.png", overwrite=True)
    with pytest.raises(OutputError, match=r"diary\.png"):
        check_plot(tmp_path / "diary.png", overwrite=True, inputs=[tmp_path / "diary.png"])
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(OutputError, match=r"taken\.png is a folder"):
        save_plot(fake_result([1, 2]), tmp_path / "taken.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["diary.png", "taken.png"]
