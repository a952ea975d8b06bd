from __future__ import annotations

import pytest
import torch

from zoomdream.dreaming.soundness import refuse_no_picture
from zoomdream.errors import DreamError


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_single_number_that_is_none_is_found(value: float) -> None:
    frame = torch.rand(1, 3, 70, 90)
    frame[0, 1, 33, 47] = value
    with pytest.raises(DreamError, match="frame 12 of 240: the dream has become NaN"):
        refuse_no_picture(frame, "frame 12 of 240")


def test_one_flat_color_is_no_picture_unless_the_start_was_one() -> None:
    flat = torch.tensor([0.2, 0.4, 0.6]).view(1, 3, 1, 1).expand(1, 3, 70, 90).clone()
    for start in (None, torch.rand(1, 3, 70, 90)):
        with pytest.raises(DreamError, match="the picture: the dream has become one flat color"):
            refuse_no_picture(flat, "the picture", start)
    refuse_no_picture(flat, "the picture", torch.zeros(1, 3, 70, 90))
    refuse_no_picture(flat, "the picture", 1 + torch.rand(1, 3, 70, 90))  # white, once it is in [0, 1]


@pytest.mark.parametrize("place", [(0, 0), (33, 47), (69, 89)])
def test_a_single_pixel_of_another_color_makes_a_picture(place: tuple[int, int]) -> None:
    frame = torch.zeros(1, 3, 70, 90)
    frame[0, 2, place[0], place[1]] = 0.1
    refuse_no_picture(frame, "the picture")
