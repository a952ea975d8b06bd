from __future__ import annotations

import torch

from zoomdream.progress import Job, OnProgress, Progress
from zoomdream.stills.job import PictureJob


def test_a_picture_job_is_a_job_that_makes_a_frame_and_reports() -> None:
    def make(on_progress: OnProgress | None) -> torch.Tensor:
        if on_progress:
            on_progress(Progress(1, 1, "step"))
        return torch.zeros(1, 3, 4, 6)

    job: Job[torch.Tensor] = PictureJob((6, 4), "zoomdream: x", ("a warning",), make)
    reports: list[Progress] = []
    assert job.run(reports.append).shape == job.run().shape == (1, 3, 4, 6)
    assert reports == [Progress(1, 1, "step")]
    assert (job.size, job.provenance, job.warnings) == ((6, 4), "zoomdream: x", ("a warning",))
