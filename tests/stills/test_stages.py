from __future__ import annotations

import pytest
import torch

from zoomdream.errors import UsageError
from zoomdream.images.contact_sheet import Layout, lay_out
from zoomdream.images.frame import size_of
from zoomdream.images.sampling.resample import resize
from zoomdream.networks import Network
from zoomdream.objectives import Objective
from zoomdream.progress import Progress
from zoomdream.settings import DreamSettings
from zoomdream.stills.sheets import CELL
from zoomdream.stills.stages import StagesJob, stages_size
from zoomdream.stills.still import prepare_still


def picture(sheet: torch.Tensor, layout: Layout, index: int) -> torch.Tensor:
    (x, y), (width, height) = layout.corner(index), layout.cell
    return sheet[..., y : y + height, x : x + width]


@pytest.fixture
def photo(coffee: torch.Tensor) -> torch.Tensor:
    """In the size of a cell, so that nothing on the sheet is resampled but small octaves."""
    return resize(coffee, (CELL, 180)).clamp(0, 1)


def test_the_sheet_has_every_few_steps_of_every_octave_and_its_end(network: Network, photo: torch.Tensor) -> None:
    """Of five steps, with every second on the sheet: 2, 4 and the last."""
    settings = DreamSettings(octaves=2, steps=5)
    still = prepare_still(photo, network, {"fire5": 1.0}, settings)
    frame, sheet = StagesJob(still, 2, "title").run()
    assert torch.equal(frame, still.run()), "to be watched must not change the dream"
    layout = lay_out(7, size_of(photo))
    assert size_of(sheet) == layout.size == stages_size(size_of(photo), settings, 2)
    assert torch.allclose(picture(sheet, layout, 0), photo, atol=0.6 / 255)
    assert torch.allclose(picture(sheet, layout, 6), frame, atol=0.6 / 255)
    objective = Objective.of(network, {"fire5": 1.0})
    scores = [objective.scores(picture(sheet, layout, index))[0] for index in (0, 1, 3, 6)]
    assert scores == sorted(scores)


def test_small_octaves_are_enlarged_whole(network: Network, photo: torch.Tensor) -> None:
    """An octave's picture, enlarged, must lie over the photo: nothing shifted, nothing cropped."""
    settings = DreamSettings(octaves=2, octave_scale=2, steps=1, step_size=0.0)
    _, sheet = StagesJob(prepare_still(photo, network, {"fire3": 1.0}, settings), 1, "title").run()
    enlarged = resize(resize(photo, (CELL // 2, 90)).clamp(0, 1), size_of(photo)).clamp(0, 1)
    assert torch.allclose(picture(sheet, lay_out(3, size_of(photo)), 1), enlarged, atol=0.6 / 255)


def test_a_job_has_the_stills_facts_and_reports_its_steps(network: Network, photo: torch.Tensor) -> None:
    still = prepare_still(photo, network, {"fire3": 2.0}, DreamSettings(octaves=1, steps=3), seed=4)
    job = StagesJob(still, 2, "title")
    assert (job.size, job.provenance, job.warnings) == (still.size, still.provenance, still.warnings)
    assert "seed 4" in job.provenance
    assert job.warnings
    reports: list[Progress] = []
    job.run(reports.append)
    assert [(report.done, report.total) for report in reports] == [(1, 3), (2, 3), (3, 3)]


def test_too_many_stages_are_refused_before_the_dream() -> None:
    with pytest.raises(UsageError, match="fewer pictures"):
        stages_size((640, 480), DreamSettings(octaves=16, steps=2000), 1)
