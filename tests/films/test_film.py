"""A film is a plain value: making one reads no file and runs no network."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from zoomdream.films.film import Film
from zoomdream.films.film_objectives import FilmObjectives
from zoomdream.networks import Network
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.timeline import Timeline


@pytest.fixture
def timeline() -> Timeline:
    return Timeline.steady(Clock(Fraction(25), 4), {"fire4": 1.0, "fire5": -0.5})


def test_a_film_is_made_of_its_parts_alone(timeline: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise AssertionError("a constructor does no work")

    from zoomdream.networks import blueprint

    network = blueprint("squeezenet1_1")
    objectives = FilmObjectives.resolve(network, timeline)
    for name in (
        "zoomdream.films.film_objectives.resolve",
        "zoomdream.networks.Network.activations",
        "pathlib.Path.open",
    ):
        monkeypatch.setattr(name, fail)
    film = Film(timeline, torch.zeros(1, 3, 48, 64), objectives, seed=3)
    assert film.size == (64, 48)
    assert film.clock == Clock(Fraction(25), 4)
    assert film.network is network
    assert film.tiling is None
    assert film.warnings == ()
    assert film.inputs == ()
    assert film.provenance.endswith(": squeezenet1_1 fire4, fire5, seed 3")


def test_a_frames_objective_has_its_rows_weights(timeline: Timeline, network: Network) -> None:
    objectives = FilmObjectives.resolve(network, timeline)
    film = Film(timeline, torch.zeros(1, 3, 48, 64), objectives)
    assert [(str(term.spec), weight) for term, weight in film.objective(timeline[0]).terms] == [
        ("l2:fire4", 1.0),
        ("l2:fire5", -0.5),
    ]
    assert [weight for _, weight in objectives.all.terms] == [1.0, 1.0]
