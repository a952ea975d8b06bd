from __future__ import annotations

from pathlib import Path

import pytest
import torch

from zoomdream.dreaming.visualization import visualize
from zoomdream.errors import SettingError, UsageError
from zoomdream.images.contact_sheet import Layout, lay_out
from zoomdream.images.files import save_image
from zoomdream.images.frame import size_of
from zoomdream.images.resample import resize
from zoomdream.networks import Network
from zoomdream.objectives import Objective
from zoomdream.progress import Steps
from zoomdream.settings import DreamSettings, VisualizeSettings
from zoomdream.stills.job import step_counter
from zoomdream.stills.sheets import cell_photo, channel_sheet, layer_sheet, objective_sheet, with_step_size_factor
from zoomdream.stills.stages import Stages
from zoomdream.stills.still import dream_still

QUICK = DreamSettings(octaves=2, steps=2)


def picture(sheet: torch.Tensor, layout: Layout, index: int) -> torch.Tensor:
    (x, y), (width, height) = layout.corner(index), layout.cell
    return sheet[..., y : y + height, x : x + width]


def test_a_photo_keeps_its_shape_in_a_cell(coffee: torch.Tensor) -> None:
    assert size_of(cell_photo(coffee, 80)) == (80, 56)
    assert size_of(cell_photo(coffee.transpose(2, 3), 80)) == (56, 80)


def test_the_layers_sheet_begins_with_the_photo_and_raises_each_layer_in_its_cell(
    network: Network, coffee: torch.Tensor
) -> None:
    stops = ["fire3", "fire5", "class:espresso"]
    sheet = layer_sheet(network, coffee, stops, QUICK).draw()
    layout = lay_out(4, size_of(coffee))
    assert size_of(sheet) == layout.size
    assert torch.allclose(picture(sheet, layout, 0), coffee, atol=0.6 / 255)
    for index, stop in enumerate(stops, 1):
        objective = Objective.of(network, {stop: 1.0})
        here = objective.scores(picture(sheet, layout, index))[0]
        assert here > 1.1 * objective.scores(coffee)[0]
        dreamed = dream_still(coffee, network, {stop: 1.0}, with_step_size_factor(QUICK, network, stop))
        assert torch.allclose(picture(sheet, layout, index), dreamed, atol=0.6 / 255)


def test_the_layers_sheet_tells_its_steps_one_by_one_to_the_last(network: Network, coffee: torch.Tensor) -> None:
    """Of 160x112 the octave at a fourth is too small for fire9, which needs 17 pixels a side: 112 / 8 = 14."""
    told: list[Steps] = []
    settings = DreamSettings(octaves=2, octave_scale=4, steps=3)
    small = cell_photo(coffee, 80)
    layer_sheet(network, small, ["fire3", "fire9"], settings).draw(told.append)
    assert [(steps.done, steps.total) for steps in told] == [(n, 9) for n in range(1, 10)]
    assert told[0].now == "fire3, 1 of 2"
    assert told[-1].now == "fire9, 2 of 2"


def test_stages_are_kept_every_few_steps_in_every_octave_and_at_its_end(network: Network, coffee: torch.Tensor) -> None:
    settings = DreamSettings(octaves=2, steps=5)
    stages = Stages(coffee, settings, every=2, cell=160)
    dreamed = dream_still(coffee, network, {"fire5": 1.0}, settings, on_step=stages.take)
    assert [cell.label for cell in stages.cells] == [
        "photo",
        *(f"octave {octave}, step {step}" for octave in (1, 2) for step in (2, 4, 5)),
    ]
    sheet, layout = stages.draw("title"), lay_out(7, (160, 112))
    assert size_of(sheet) == layout.size
    assert torch.allclose(picture(sheet, layout, 0), coffee, atol=0.6 / 255)
    assert torch.allclose(picture(sheet, layout, 6), dreamed, atol=0.6 / 255)
    objective = Objective.of(network, {"fire5": 1.0})
    scores = [objective.scores(picture(sheet, layout, index))[0] for index in (0, 1, 3, 6)]
    assert scores == sorted(scores)


def test_small_octaves_are_enlarged_whole(coffee: torch.Tensor, network: Network) -> None:
    """An octave's picture, enlarged, must lie over the photo: nothing shifted, nothing cropped."""
    settings = DreamSettings(octaves=2, octave_scale=2, steps=1, step_size=0.0)
    stages = Stages(coffee, settings, every=1, cell=160)
    dream_still(coffee, network, {"fire3": 1.0}, settings, on_step=stages.take)
    enlarged = resize(resize(coffee, (80, 56)).clamp(0, 1), (160, 112))
    assert torch.allclose(stages.cells[1].frame, enlarged, atol=1e-5)


def test_too_many_stages_are_refused_before_the_dream(coffee: torch.Tensor) -> None:
    with pytest.raises(UsageError, match="pictures"):
        Stages(coffee, DreamSettings(octaves=16, steps=2000), every=1)


def test_steps_of_one_dream_are_counted_over_its_octaves(network: Network, coffee: torch.Tensor) -> None:
    told: list[Steps] = []
    dream_still(coffee, network, {"fire3": 1.0}, QUICK, on_step=step_counter(told.append))
    assert [(steps.done, steps.total, steps.now) for steps in told] == [
        (1, 4, "octave 1 of 2"),
        (2, 4, "octave 1 of 2"),
        (3, 4, "octave 2 of 2"),
        (4, 4, "octave 2 of 2"),
    ]


def test_the_channels_sheet_has_each_channels_picture_in_its_cell(network: Network) -> None:
    told: list[Steps] = []
    sheet = channel_sheet(network, "fire3", [5, 70], 64, steps=3, seed=2).draw(told.append)
    layout = lay_out(2, (64, 64))
    assert size_of(sheet) == layout.size
    made = visualize(network, ["fire3:5", "fire3:70"], VisualizeSettings(size=64, steps=3), seed=2)
    for index, frame in enumerate(made):
        assert torch.allclose(picture(sheet, layout, index), frame, atol=0.6 / 255)
    assert (told[-1].done, told[-1].total) == (6, 6)


def test_cells_smaller_than_the_layer_can_see_are_made_larger_and_reduced(network: Network) -> None:
    sheet = channel_sheet(network, "fire9", [0], 16, steps=1).draw()
    assert size_of(sheet) == lay_out(1, (16, 16)).size


def test_a_channel_that_is_none_is_told(network: Network) -> None:
    with pytest.raises(SettingError, match="from 0 to 127"):
        channel_sheet(network, "fire3", [3, 128])


def test_a_sheet_tells_its_size_its_recipe_and_what_is_unlike_the_wish_before_it_is_drawn(
    network: Network, coffee: torch.Tensor, tmp_path: Path
) -> None:
    save_image(coffee[..., :64, :64], tmp_path / "mask.png")
    masked = f"fire5 in {tmp_path / 'mask.png'}"
    for sheet, size in (
        (layer_sheet(network, coffee, [masked], QUICK, seed=5), (160, 112)),
        (objective_sheet(network, [masked, "fire3:2"], ["a", "b"], steps=2, seed=5, cell=96), (96, 96)),
    ):
        assert sheet.size == lay_out(2, size).size
        assert "fire5" in sheet.recipe
        assert "seed 5" in sheet.recipe
        assert '"steps":2' in sheet.recipe
        assert sheet.warnings == (f"mask mask.png is 64x64 and is read at {size[0]}x{size[1]}",)
