"""What tiles change, and how their size depends on the memory."""

from __future__ import annotations

import pytest

from tests.support.memory_readings import SteadyMemory
from zoomdream.networks import blueprint
from zoomdream.objectives import Objective, plan_tiles


@pytest.mark.parametrize(
    ("name", "objective", "differences"),
    [
        ("efficientnet_b0", "features.2", ["gates of efficientnet_b0 average a tile"]),
        ("vgg11", "pool1", []),
        ("alexnet", "class:483", ["alexnet scores each tile as a picture of its own"]),
        ("resnet18", "class:483", []),
    ],
)
def test_tiles_that_see_otherwise_than_the_frame_are_told(
    name: str, objective: str, differences: list[str], steady_memory: SteadyMemory
) -> None:
    mix = Objective.of(blueprint(name), {objective: 1.0})
    tiling = plan_tiles(mix, (4000, 4000), steady_memory.held + 4 * 10**9)
    assert tiling is not None
    assert len(tiling.limitations) == len(differences)
    assert all(difference in tiling.warning for difference in differences)


def test_a_bit_more_memory_gives_the_same_tiles(steady_memory: SteadyMemory) -> None:
    objective = Objective.of(blueprint("squeezenet1_1"), {"fire5": 1.0})
    found = []
    for held in (700, 720, 740, 760):
        steady_memory.held = held * 10**6
        tiling = plan_tiles(objective, (1200, 900), 1150 * 10**6)
        assert tiling is not None
        found.append(tiling.window)
    assert len(set(found)) == 1
    assert plan_tiles(objective, (1200, 900), 1250 * 10**6) != tiling
