from __future__ import annotations

from pathlib import Path

import pytest
import torch

from zoomdream.dreaming.feature_visualization import visualize
from zoomdream.errors import SettingError, UsageError
from zoomdream.images.contact_sheet import Layout, lay_out
from zoomdream.images.frame import size_of
from zoomdream.images.pictures.saving import save_image
from zoomdream.networks import Network, blueprint
from zoomdream.objectives import Objective
from zoomdream.objectives.layer_choice import step_size_factor
from zoomdream.progress import Progress
from zoomdream.settings import DreamSettings, VisualizeSettings
from zoomdream.stills.sheets import (
    cell_photo,
    channel_sheet,
    layer_sheet,
    objective_label,
    objective_picture,
    objective_sheet,
)
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
    objectives = ["fire3", "fire5", "class:espresso"]
    sheet = layer_sheet(network, coffee, objectives, QUICK).run()
    layout = lay_out(4, size_of(coffee))
    assert size_of(sheet) == layout.size
    assert torch.allclose(picture(sheet, layout, 0), coffee, atol=0.6 / 255)
    for index, name in enumerate(objectives, 1):
        objective = Objective.of(network, {name: 1.0})
        here = objective.scores(picture(sheet, layout, index))[0]
        assert here > 1.1 * objective.scores(coffee)[0]
        step_size = QUICK.step_size * step_size_factor(network, name)
        dreamed = dream_still(coffee, network, {name: 1.0}, QUICK.model_copy(update={"step_size": step_size}))
        assert torch.allclose(picture(sheet, layout, index), dreamed, atol=0.6 / 255)


def test_the_layers_sheet_reports_its_steps_one_by_one_to_the_last(network: Network, coffee: torch.Tensor) -> None:
    """Of 160x112 the octave at a fourth is too small for fire9, which needs 17 pixels a side: 112 / 8 = 14."""
    reports: list[Progress] = []
    settings = DreamSettings(octaves=2, octave_scale=4, steps=3)
    small = cell_photo(coffee, 80)
    layer_sheet(network, small, ["fire3", "fire9"], settings).run(reports.append)
    assert [(report.done, report.total) for report in reports] == [(n, 9) for n in range(1, 10)]
    assert reports[0].now == "fire3, 1 of 2"
    assert reports[-1].now == "fire9, 2 of 2"


def test_the_channels_sheet_has_each_channels_picture_in_its_cell(network: Network) -> None:
    reports: list[Progress] = []
    sheet = channel_sheet(network, "fire3", [5, 70], 64, steps=3, seed=2).run(reports.append)
    layout = lay_out(2, (64, 64))
    assert size_of(sheet) == layout.size
    pictures = visualize(network, ["fire3:5", "fire3:70"], VisualizeSettings(size=64, steps=3), seed=2)
    for index, frame in enumerate(pictures):
        assert torch.allclose(picture(sheet, layout, index), frame, atol=0.6 / 255)
    assert (reports[-1].done, reports[-1].total) == (6, 6)


def test_cells_smaller_than_the_layer_can_see_are_made_larger_and_reduced(network: Network) -> None:
    sheet = channel_sheet(network, "fire9", [0], 16, steps=1).run()
    assert size_of(sheet) == lay_out(1, (16, 16)).size


def test_a_channel_that_the_layer_does_not_have_is_refused(network: Network) -> None:
    with pytest.raises(SettingError, match="from 0 to 127"):
        channel_sheet(network, "fire3", [3, 128])


def test_too_many_pictures_for_one_sheet_are_refused(network: Network) -> None:
    with pytest.raises(UsageError, match="fewer pictures"):
        objective_sheet(network, ["fire3:0"] * 200, cell=2048)


def test_a_sheet_has_its_size_provenance_and_warnings_before_it_is_drawn(
    network: Network, coffee: torch.Tensor, tmp_path: Path
) -> None:
    save_image(coffee[..., :64, :64], tmp_path / "mask.png")
    masked = f"fire5 in {tmp_path / 'mask.png'}"
    for sheet, size in (
        (layer_sheet(network, coffee, [masked], QUICK, seed=5), (160, 112)),
        (objective_sheet(network, [masked, "fire3:2"], ["a", "b"], steps=2, seed=5, cell=96), (96, 96)),
    ):
        assert sheet.size == lay_out(2, size).size
        assert "fire5" in sheet.provenance
        assert "seed 5" in sheet.provenance
        assert '"steps":2' in sheet.provenance
        assert sheet.warnings == (f"mask mask.png is 64x64 and is read at {size[0]}x{size[1]}",)


def test_one_objective_is_a_picture_without_a_sheet(network: Network) -> None:
    settings = VisualizeSettings(size=64, steps=2)
    job = objective_picture(network, "fire3:5", settings, seed=2)
    assert job.size == (64, 64)
    assert torch.equal(job.run(), visualize(network, ["fire3:5"], settings, seed=2)[0])


def test_a_class_is_labelled_with_its_name_and_a_file_without_its_folder(photos: Path) -> None:
    described = blueprint("squeezenet1_1")
    assert objective_label(described, "class:483") == "castle"
    assert objective_label(described, f"cosine:fire5:{photos}/coffee.png") == "cosine:fire5:coffee.png"
    assert objective_label(described, "fire5:3") == "fire5:3"


def test_objectives_have_their_labels_where_no_others_are_chosen(network: Network) -> None:
    objectives = ["class:espresso", "fire3:1"]
    own, same, other = (
        objective_sheet(network, objectives, labels, cell=64, steps=1).run()
        for labels in (None, ["espresso", "fire3:1"], ["a", "b"])
    )
    assert torch.equal(own, same)
    assert not torch.equal(own, other)
