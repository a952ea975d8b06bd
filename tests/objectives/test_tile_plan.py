"""How the size of tiles depends on the memory, and what tiles change."""

from __future__ import annotations

from functools import cache

import pytest

from tests.support.memory_readings import SteadyMemory
from tests.support.networks import tiny_network
from zoomdream.errors import OutOfMemoryError
from zoomdream.networks import Network, blueprint, blueprints
from zoomdream.objectives import Objective, plan_tiles
from zoomdream.objectives.tile_plan import LARGE_STEP, tile_geometry


@cache
def drawn(name: str) -> Network:
    """A network without weights, which counts a step's bytes once for all tests."""
    return blueprint(name)


@pytest.mark.parametrize(
    ("name", "objective", "limitations"),
    [
        ("efficientnet_b0", "features.2", ["gates of efficientnet_b0 average a tile"]),
        ("squeezenet1_1", "fire5", []),
        ("alexnet", "class:483", ["alexnet scores each tile as a picture of its own"]),
        ("resnet18", "class:483", []),
    ],
)
def test_limitations_of_tiles_are_in_the_warning(
    name: str, objective: str, limitations: list[str], steady_memory: SteadyMemory
) -> None:
    mix = Objective.of(drawn(name), {objective: 1.0})
    tiling = plan_tiles(mix, (4000, 4000), steady_memory.held + 2800 * 10**6)
    assert tiling is not None
    assert len(tiling.limitations) == len(limitations)
    assert all(limitation in tiling.warning((4000, 4000)) for limitation in limitations)


def test_two_networks_need_the_memory_of_both_and_the_message_offers_one(steady_memory: SteadyMemory) -> None:
    both = blueprints(["squeezenet1_1", "squeezenet1_0"])
    objective = Objective.of(both, {"fire5": 1.0, "squeezenet1_0/fire5": 1.0})
    alone = Objective.of(both, {"fire5": 1.0})
    size, enough = (1280, 720), steady_memory.held + alone.network.step_bytes(alone.taps, (1280, 720)) + 400_000_000
    assert plan_tiles(alone, size, enough) is None
    tiling = plan_tiles(objective, size, enough)
    assert tiling is not None
    assert tiling.stride == 8
    words = r"squeezenet1_1\+squeezenet1_0 needs .*: choose a smaller size, one network or a shallower layer$"
    with pytest.raises(OutOfMemoryError, match=words):
        plan_tiles(objective, size, steady_memory.held + 100_000_000)


def test_a_bit_more_memory_gives_the_same_tiles(steady_memory: SteadyMemory) -> None:
    objective = Objective.of(drawn("squeezenet1_1"), {"fire5": 1.0})
    windows = []
    for held in (700, 720, 740, 760):
        steady_memory.held = held * 10**6
        tiling = plan_tiles(objective, (1200, 900), 1150 * 10**6)
        assert tiling is not None
        windows.append(tiling.window)
    assert len(set(windows)) == 1
    assert plan_tiles(objective, (1200, 900), 1250 * 10**6) != tiling


def test_a_frame_that_fits_is_not_cut(steady_memory: SteadyMemory) -> None:
    objective = Objective.of(drawn("squeezenet1_1"), {"fire5": 1.0})
    assert plan_tiles(objective, (320, 240), steady_memory.held + 4 * 10**9) is None
    assert plan_tiles(Objective(objective.network, ()), (32000, 24000), steady_memory.held + 4 * 10**9) is None


def test_a_large_frame_has_the_same_tiles_however_much_memory_is_free(steady_memory: SteadyMemory) -> None:
    objective, size = Objective.of(drawn("squeezenet1_1"), {"fire8": 1.0}), (3840, 2160)
    plans = []
    for free in (9, 16, 200):
        steady_memory.free = free * 10**9
        plans.append(plan_tiles(objective, size))
    assert plans[0] is not None
    assert plans[0] == plans[1] == plans[2]
    assert objective.network.step_bytes(objective.taps, plans[0].largest_window(size)) <= LARGE_STEP
    assert plans[0].work(size) < 1.4
    assert plan_tiles(objective, size, steady_memory.held + 8 * 10**9) is None  # it is allowed


def test_a_frame_of_1920x1080_is_seen_in_one_piece_where_half_of_the_free_memory_holds_it(
    steady_memory: SteadyMemory,
) -> None:
    objective = Objective.of(drawn("resnet50"), {"layer3": 1.0})
    assert objective.network.step_bytes(objective.taps, (1920, 1080)) > LARGE_STEP
    assert plan_tiles(objective, (1920, 1080)) is None
    assert plan_tiles(objective, (1920, 1082)) is not None


def test_what_is_held_beside_a_dream_counts_where_a_limit_is_set(steady_memory: SteadyMemory) -> None:
    objective, size = Objective.of(drawn("squeezenet1_1"), {"fire5": 1.0}), (1200, 900)
    limit = 1250 * 10**6
    alone, beside = (plan_tiles(objective, size, limit, beside=held) for held in (0, 2 * 10**8))
    assert alone != beside
    assert beside is not None
    assert beside == plan_tiles(objective, size, limit - 2 * 10**8)


def test_what_is_never_read_in_one_step_need_not_fit_in_one_step(steady_memory: SteadyMemory) -> None:
    steady_memory.held = 2**28
    network, size = drawn("squeezenet1_1"), (1280, 720)
    both = Objective.of(network, {"conv1": 1.0, "fire6": 1.0})
    together, alone = network.step_bytes(both.taps, size), network.step_bytes(["fire6"], size)
    limit = 2**28 + (together + alone) // 2 + 8 * 12 * size[0] * size[1]
    assert plan_tiles(both, size, limit) is not None
    assert plan_tiles(both, size, limit, [both.taps[:1], both.taps[1:]]) is None


def test_too_little_for_the_smallest_tile_is_refused_with_what_is_enough(steady_memory: SteadyMemory) -> None:
    objective, size = Objective.of(drawn("squeezenet1_1"), {"fire5": 1.0}), (1200, 900)
    with pytest.raises(OutOfMemoryError, match=r"1200x900 at layer fire5 of squeezenet1_1 needs .* even in") as error:
        plan_tiles(objective, size, steady_memory.held + 10**6)
    assert error.value.needed is not None
    assert plan_tiles(objective, size, error.value.needed) is not None
    with pytest.raises(OutOfMemoryError):
        plan_tiles(objective, size, error.value.needed - 2**28)


@pytest.mark.parametrize(
    ("name", "mix", "stride", "margin"),
    [
        # fire5 sees 63 pixels in steps of 8, fire8 175 in steps of 16: three quarters of that, up to whole steps.
        ("squeezenet1_1", {"fire5": 1.0}, 8, 48),
        ("squeezenet1_1", {"fire5": 1.0, "fire8": 1.0}, 16, 144),
    ],
)
def test_tiles_lie_on_the_networks_grid_with_margins_of_three_quarters_of_what_is_seen(
    name: str, mix: dict[str, float], stride: int, margin: int
) -> None:
    assert tile_geometry(Objective.of(drawn(name), mix)) == (stride, margin)


def test_tiles_lie_on_the_windows_of_attention() -> None:
    """7 places, 8 pixels apart; with a margin of three windows."""
    assert tile_geometry(Objective.of(tiny_network("swin"), {"features.3": 1.0})) == (56, 168)
