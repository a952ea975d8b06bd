"""What one ascent step costs, compared with this machine's fastest matrix product and with a textbook loop.

    python -m benchmarks.ascent [--size 512x512] [--rounds 15] [--product 2048]

All rows are measured in turn, round by round, and the median of each is printed: a machine that becomes slower or
faster meanwhile does so for all of them. The textbook loop is what tutorials write: the whole network in float32 and
NCHW, a hook on the layer, `loss.backward()` with the weights' gradients along.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
import torchvision
from torch.utils.flop_counter import FlopCounterMode

from zoomdream.dreaming.ascent import Ascent
from zoomdream.images.frame import size_of
from zoomdream.networks import Network, load_network
from zoomdream.objectives import Objective
from zoomdream.rng import generator
from zoomdream.settings import DreamSettings

CASES = (("squeezenet1_1", "fire8", "features.11"), ("googlenet", "inception4c", "inception4c"))


def our_step(network: Network, layer: str, frame: torch.Tensor) -> Callable[[], object]:
    """One ascent step as the film does it."""
    objective = Objective.of(network, {layer: 1.0})
    ascent = Ascent(objective, objective.balance(frame), DreamSettings(), size_of(frame))
    rng = generator(0, 0, "jitter")
    return lambda: ascent.step(frame, 1.0, rng)


def textbook_step(name: str, path: str, frame: torch.Tensor) -> Callable[[], object]:
    """One ascent step as tutorials write it."""
    extra = {"aux_logits": True, "init_weights": True} if name == "googlenet" else {}
    model = torchvision.models.get_model(name, weights=None, **extra).eval()
    outputs: list[torch.Tensor] = []
    model.get_submodule(path).register_forward_hook(lambda module, inputs, output: outputs.append(output))
    mean, std = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1), torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)

    def step() -> object:
        image = frame.clone().requires_grad_()
        outputs.clear()
        model((image - mean) / std)
        outputs[0].norm().backward()
        assert image.grad is not None
        with torch.no_grad():
            return (image + 0.02 * image.grad / image.grad.abs().mean()).clamp(0, 1)

    return step


def matrix_product(side: int, dtype: torch.dtype) -> Callable[[], object]:
    """A square matrix product, large enough to be the fastest thing that the machine can do."""
    left, right = (torch.rand(side, side).to(dtype) for _ in range(2))
    return lambda: left @ right


def seconds(call: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def flops(call: Callable[[], object]) -> float:
    """Floating point operations of one call, forward and backward."""
    with FlopCounterMode(display=False) as counter:
        call()
    return float(counter.get_total_flops())


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Cost of one ascent step.")
    parser.add_argument("--size", default="512x512")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--product", type=int, default=2048, help="side of the matrices of the product")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    frame = torch.rand(1, 3, height, width)
    rows: dict[str, Callable[[], object]] = {}
    for dtype in (torch.float32, torch.bfloat16):
        rows[f"matrix product, {dtype}".replace("torch.", "")] = matrix_product(options.product, dtype)
    for name, layer, path in CASES:
        random = None if name == "squeezenet1_1" else 1
        for dtype in (torch.float32, torch.bfloat16):
            label = f"{name} {layer}, zoomdream, {dtype}".replace("torch.", "")
            rows[label] = our_step(load_network(name, random=random, dtype=dtype), layer, frame)
        rows[f"{name} {layer}, textbook"] = textbook_step(name, path, frame)
    for call in rows.values():
        call()  # the first call also compiles and checks; it is neither counted nor timed
    work = {label: 2 * options.product**3 if "product" in label else flops(call) for label, call in rows.items()}
    times: dict[str, list[float]] = {label: [] for label in rows}
    for _ in range(options.rounds):
        for label, call in rows.items():
            times[label].append(seconds(call))
    print(f"{width}x{height}, {torch.get_num_threads()} threads, medians of {options.rounds} rounds")
    print(f"{'':46} {'ms':>8} {'GFLOP':>7} {'GFLOP/s':>8}  textbook / this")
    for label in rows:
        middle = statistics.median(times[label])
        textbook = times.get(label.split(",")[0] + ", textbook")
        ratio = f"{statistics.median(textbook) / middle:.2f}" if textbook else ""
        print(f"{label:46} {middle * 1e3:8.1f} {work[label] / 1e9:7.1f} {work[label] / middle / 1e9:8.0f}  {ratio}")


if __name__ == "__main__":
    main()
