from __future__ import annotations

from zoomdream.dreaming.feature_visualization import Visualization
from zoomdream.films.rendering import RenderJob
from zoomdream.progress import Job, Progress, part_of
from zoomdream.stills.job import PictureJob
from zoomdream.stills.still import Still


def test_a_part_counts_on_from_what_came_before() -> None:
    reports: list[Progress] = []
    report = part_of(reports.append, 8, 20, "fire5, 2 of 3")
    assert report is not None
    report(Progress(3, 8, "step", "octave 1 of 2", {"layers": {}}))
    assert reports == [Progress(11, 20, "step", "fire5, 2 of 3", {"layers": {}})]


def test_a_part_of_a_job_that_nobody_watches_is_not_watched() -> None:
    assert part_of(None, 8, 20, "fire5") is None


def test_every_kind_of_job_has_a_size_warnings_and_provenance() -> None:
    members = {name for name in vars(Job) if not name.startswith("_")}
    assert members == {"size", "warnings", "provenance", "run"}
    for kind in (PictureJob, RenderJob, Still, Visualization):
        assert members <= {*vars(kind), *kind.__annotations__}


def test_a_part_keeps_what_an_earlier_run_had_done() -> None:
    reports: list[Progress] = []
    report = part_of(reports.append, 8, 20, "second")
    assert report is not None
    report(Progress(3, 8, "step", before=2))
    assert reports == [Progress(11, 20, "step", "second", before=2)]
    assert Progress(1, 2, "frame").before == 0
