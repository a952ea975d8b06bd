from __future__ import annotations

import pytest
import torch
from PIL import ImageFont

from zoomdream.errors import UsageError
from zoomdream.images.contact_sheet import Cell, Layout, draw_sheet, label_font, lay_out, scaled_to, shortened
from zoomdream.images.frame import size_of

PAPER = torch.tensor([20, 20, 22]) / 255
COLORS = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 1.0, 0.0), (0.0, 1.0, 1.0))


def plain(color: tuple[float, float, float], width: int = 40, height: int = 30) -> torch.Tensor:
    return torch.tensor(color).view(1, 3, 1, 1).expand(1, 3, height, width).contiguous()


def box(sheet: torch.Tensor, left: int, top: int, width: int, height: int) -> torch.Tensor:
    return sheet[0, :, top : top + height, left : left + width]


def test_every_picture_is_at_its_place_row_by_row_and_whole() -> None:
    layout = lay_out(5, (40, 30), columns=3)
    sheet = draw_sheet([Cell(plain(color), "name") for color in COLORS], layout, "title")
    assert size_of(sheet) == layout.size
    corners = [layout.corner(index) for index in range(5)]
    assert [y for _, y in corners] == [corners[0][1]] * 3 + [corners[3][1]] * 2
    assert corners[3][0] == corners[0][0] < corners[1][0] < corners[2][0]
    for (x, y), color in zip(corners, COLORS, strict=True):
        assert torch.equal(box(sheet, x, y, 40, 30), plain(color)[0])
        for rim in ((x - 1, y, 1, 30), (x + 40, y, 1, 30), (x, y - 1, 40, 1), (x, y + 30, 40, 1)):
            assert torch.allclose(box(sheet, *rim), PAPER.view(3, 1, 1)), "a picture has run over its cell"
    empty = (corners[2][0], corners[3][1])
    assert torch.allclose(box(sheet, *empty, 40, 30), PAPER.view(3, 1, 1).expand(3, 30, 40))


def test_labels_are_under_their_pictures_and_keep_clear_of_the_neighbours() -> None:
    layout = lay_out(2, (60, 20), columns=2)
    blank, labelled = (
        draw_sheet([Cell(plain((0.0, 0.0, 0.0)), label), Cell(plain((0.0, 0.0, 0.0)), "")], layout, "")
        for label in ("", "a label that is far too wide for its picture")
    )
    changed = (blank != labelled).any(1)[0].nonzero()
    (x, y), step = layout.corner(0), layout.step
    assert len(changed) > 100
    assert changed[:, 0].min() >= y + 20
    assert changed[:, 0].max() < y + step[1]
    assert changed[:, 1].min() >= x
    assert changed[:, 1].max() < x + 60


def test_a_title_and_a_note_stay_above_the_pictures_and_within_the_margins() -> None:
    layout = lay_out(1, (300, 40))
    cells = [Cell(plain((0.0, 0.0, 0.0)), "")]
    blank = draw_sheet(cells, layout, "")
    for title, note in (("network", ""), ("network", "a note " * 40), ("a title " * 40, "a note")):
        changed = (blank != draw_sheet(cells, layout, title, note)).any(1)[0].nonzero()
        assert len(changed) > 100
        assert changed[:, 0].max() < layout.top
        assert changed[:, 1].min() >= layout.margin - 1
        assert changed[:, 1].max() <= layout.size[0] - layout.margin


def test_frames_of_another_size_are_resampled_to_their_cells() -> None:
    layout = lay_out(1, (64, 48))
    sheet = draw_sheet([Cell(plain((0.0, 1.0, 0.0), 16, 12), "")], layout, "")
    assert torch.equal(box(sheet, *layout.corner(0), 64, 48), plain((0.0, 1.0, 0.0), 64, 48)[0])


@pytest.mark.parametrize(
    ("count", "cell", "columns"),
    [(64, (128, 128), 8), (12, (256, 160), 4), (3, (600, 400), 3), (1, (128, 128), 1), (256, (128, 128), 16)],
)
def test_without_a_number_of_columns_a_sheet_has_full_rows_and_the_shape_of_a_screen(
    count: int, cell: tuple[int, int], columns: int
) -> None:
    assert lay_out(count, cell).columns == columns


def test_no_more_columns_than_pictures() -> None:
    assert lay_out(3, (50, 50), columns=10) == Layout(3, (50, 50), 3)


def test_a_sheet_of_too_many_pixels_is_refused() -> None:
    with pytest.raises(UsageError, match="2048 pictures of 1024x1024 would be"):
        lay_out(2048, (1024, 1024))


def test_texts_that_are_too_wide_end_in_an_ellipsis() -> None:
    font = ImageFont.load_default(14)
    assert shortened("fire8", font, 100) == "fire8"
    cut = shortened("inception4c.branch2 and more", font, 100)
    assert cut.endswith("…")
    assert "inception4c.branch2".startswith(cut[:-1])
    assert 80 < font.getlength(cut) <= 100
    assert shortened("anything", font, 1) == "…"


def test_labels_are_as_large_as_the_longest_of_them_allows() -> None:
    layout = Layout(3, (96, 96), 3)
    short, long = (label_font(["a", text], layout) for text in ("fire8:17", "fire8:170@center"))
    assert isinstance(short, ImageFont.FreeTypeFont)
    assert isinstance(long, ImageFont.FreeTypeFont)
    assert short.size == layout.label_size
    assert long.getlength("fire8:170@center") <= 96
    assert long.size < short.size
    unreadable = label_font(["direction:fire8:17+31*-0.5"], layout)
    assert isinstance(unreadable, ImageFont.FreeTypeFont)
    assert unreadable.size == 11


def test_a_scaled_size_keeps_its_shape() -> None:
    assert scaled_to((640, 360), 256) == (256, 144)
    assert scaled_to((30, 3000), 100) == (1, 100)
