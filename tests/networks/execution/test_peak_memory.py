"""The estimate of a gradient's memory against what processes really take."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.support.networks import slow
from zoomdream.networks import LOGITS, Tap, blueprint, load_network
from zoomdream.networks.execution.peak_memory import gradient_bytes, most_tensor_bytes, peak_tensor_bytes, process_bytes
from zoomdream.networks.map_shapes import UnknownOperationError

MIB = 2**20

# The most that a process has held, less what it held before the gradient, in bytes.
MEASURE = """
import sys, torch
from zoomdream.networks import load_network

def held(what):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(what))

def gradient(width, height):
    leaf = torch.rand(1, 3, height, width).requires_grad_()
    activation = network.activations(leaf, [layer])[layer]
    torch.autograd.grad(0.5 * activation.float().square().mean(), leaf)

name, layer, dtype, width, height = sys.argv[1:]
network = load_network(name, random=0, dtype=getattr(torch, dtype))
gradient(96, 96)
before = held("VmRSS")
gradient(int(width), int(height))
print(held("VmHWM") - before)
"""


def measured_bytes(name: str, layer: str, dtype: str, size: tuple[int, int]) -> int:
    arguments = [sys.executable, "-c", MEASURE, name, layer, dtype, *map(str, size)]
    root = Path(__file__).parents[3]
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=root, env=environment)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's account of a process")
@pytest.mark.parametrize(
    ("name", "layer", "dtype", "size"),
    [
        ("squeezenet1_1", "fire6", "float32", (800, 600)),
        slow("efficientnet_lite0", "block5_3", "float32", (800, 600)),
        *(
            pytest.param(name, layer, dtype, (1024, 1024), marks=pytest.mark.slow)
            for name, layer in [
                ("squeezenet1_1", "fire8"),
                ("googlenet", "inception4c"),
                ("vgg16", "conv4_3"),
                ("vgg19", "conv5_4"),
                ("inception_v3", "Mixed_6b"),
                ("resnet50", "layer3"),
                ("swin_t", "features.5"),
            ]
            for dtype in ("float32", "bfloat16")
        ),
    ],
)
def test_the_estimate_is_enough_and_less_than_twice_what_is_needed(
    name: str, layer: str, dtype: str, size: tuple[int, int]
) -> None:
    estimate = load_network(name, random=0, dtype=getattr(torch, dtype)).step_bytes([layer], size)
    assert estimate / 2 < measured_bytes(name, layer, dtype, size) < estimate


@pytest.mark.parametrize("depth", [1, 3])
def test_what_is_counted_is_what_autograd_holds_at_once(depth: int) -> None:
    """By hand: every exponential is kept for the way back, which begins with one more map, the first one's gradient."""

    def forward(frame: torch.Tensor) -> list[torch.Tensor]:
        for _ in range(depth):
            frame = frame.exp()
        return [frame.sum()]

    width, height = 1000, 500
    counted = peak_tensor_bytes(forward, (width, height))
    assert counted == pytest.approx((depth + 1) * 3 * width * height * 4, abs=100)
    assert counted < gradient_bytes(forward, (width, height)) < 2 * counted + 64 * MIB


def test_it_grows_with_the_frame_the_depth_and_the_precision() -> None:
    network = blueprint("vgg16")
    small, large = (network.step_bytes(["conv4_3"], (side, side)) - 32 * MIB for side in (512, 1024))
    assert large == pytest.approx(4 * small, rel=0.01)
    assert network.step_bytes(["conv3_3"], (512, 512)) - 32 * MIB < small
    assert network.step_bytes([Tap("conv4_3", before_relu=True), LOGITS], (512, 512)) - 32 * MIB > small
    half = load_network("squeezenet1_1", dtype=torch.bfloat16)
    whole = load_network("squeezenet1_1")
    assert half.step_bytes(["fire8"], (512, 512)) < 0.75 * whole.step_bytes(["fire8"], (512, 512))
    # The network itself is as before.
    frame = torch.rand(1, 3, 64, 64)
    assert half.activations(frame, ["fire8"])["fire8"].dtype == torch.bfloat16
    assert whole.activations(frame, ["fire8"])["fire8"].dtype == torch.float32


@pytest.mark.parametrize("name", ["squeezenet1_1", "googlenet", slow("vgg11"), slow("resnet18")])
def test_a_bound_by_arithmetic_and_a_measurement_on_a_small_frame_suit_the_estimate(name: str) -> None:
    network, draft = load_network(name, random=0), blueprint(name)
    size = (640, 360)
    for layer in (network.outline[0], network.outline[-1]):
        taps = [Tap(layer.name)]
        exact = network.step_bytes(taps, size)
        most = process_bytes(most_tensor_bytes(draft.subgraph(taps), size))
        assert exact <= most < 8 * exact
        assert network.measured_step_bytes(taps, size) == pytest.approx(exact, rel=0.1)
        assert network.step_fits(taps, size, exact)
        assert network.step_fits(taps, size, most)
        assert not network.step_fits(taps, size, exact - 1)


def test_a_matrix_has_no_bound_and_is_not_measured() -> None:
    network = load_network("resnet18", random=0)
    with pytest.raises(UnknownOperationError, match="Linear"):
        most_tensor_bytes(blueprint("resnet18").subgraph([Tap(LOGITS)]), (64, 64))
    assert network.measured_step_bytes([LOGITS], (64, 64)) == network.step_bytes([LOGITS], (64, 64))
