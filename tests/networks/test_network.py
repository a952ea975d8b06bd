"""Activations of the traced, folded and cut network against its own modules, run whole with hooks; smallest inputs."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import get_model_weights

from tests.support.networks import IMAGENET, random_frame, relative_error, shapes_of, slow, tiny_modules, tiny_network
from zoomdream.errors import UnknownNameError, UsageError
from zoomdream.networks import LOGITS, Network, Tap, blueprint, load_network, network_infos
from zoomdream.networks.architectures.architecture import build_random, preprocessing
from zoomdream.networks.descriptions import Preprocessing
from zoomdream.networks.loading import assemble

FAMILIES = [
    "googlenet",
    "mobilenet_v3_small",
    "resnet18",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    *map(
        slow,
        (
            "alexnet",
            "convnext_tiny",
            "densenet121",
            "efficientnet_b0",
            "efficientnet_lite0",
            "inception_v3",
            "mnasnet0_5",
            "mobilenet_v3_large",
            "regnet_y_400mf",
            "resnet50",
            "swin_t",
            "vgg16",
            "vgg19",
        ),
    ),
]


def hooked_outputs(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """What every module returns by its last call, in the order in which they return, and the logits."""
    outputs: dict[str, Tensor] = {}

    def keep(name: str, value: object) -> None:
        if isinstance(value, Tensor):
            outputs.pop(name, None)
            # A copy: an in-place ReLU further on overwrites the tensor itself.
            outputs[name] = value.clone()

    handles = [
        module.register_forward_hook(lambda _, __, value, name=name: keep(name, value))
        for name, module in model.named_modules()
        if name
    ]
    with torch.no_grad():
        outputs[LOGITS] = model(x)
    for handle in handles:
        handle.remove()
    return outputs


def assert_equals_modules(network: Network, model: nn.Module, dtype: torch.dtype, expects: Preprocessing) -> None:
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (expects.mean, expects.std))
    frame = random_frame().to(dtype)
    reference = hooked_outputs(model.to(dtype), (frame - mean) / std)
    # All at once: a tap that a later in-place ReLU overwrites would differ.
    activations = network.activations(frame, [*(layer.name for layer in network.all_layers), LOGITS])
    for layer in network.all_layers:
        # Of a convolution and its folded batch norm the layer is the later one.
        path = [path for path in reference if path in (layer.name, *layer.aliases)][-1]
        expected, value = reference[path], activations[layer.name]
        if expected.shape != value.shape:  # ConvNeXt and Swin keep channels last
            expected = expected.permute(0, 3, 1, 2)
        assert value.shape == expected.shape
        assert value.shape[1] == layer.channels
        assert relative_error(value, expected) < 1e-4, layer
    assert relative_error(activations[LOGITS], reference[LOGITS]) < 1e-4


@pytest.mark.parametrize("name", FAMILIES)
def test_every_layer_equals_its_module(name: str) -> None:
    network = load_network(name, random=1)
    assert_equals_modules(network, build_random(name, 1), torch.float32, preprocessing(name))
    assert_has_gradient(network)


@pytest.mark.parametrize("family", ["convnext", "densenet", "swin"])
def test_every_layer_of_a_small_network_equals_its_module(family: str) -> None:
    network = tiny_network(family)
    assert_equals_modules(network, tiny_modules(family), torch.float32, IMAGENET)
    assert_has_gradient(network)


def assert_has_gradient(network: Network) -> None:
    leaf = random_frame().requires_grad_()
    (gradient,) = torch.autograd.grad(network.logits(leaf).square().mean(), leaf)
    assert gradient.isfinite().all()
    assert gradient.abs().max() > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", [info.name for info in network_infos() if info.megabytes < 600])
def test_every_network_equals_its_modules(name: str) -> None:
    # In double precision: over a hundred random layers float32's rounding grows to 1e-3 in some.
    network = assemble(name, build_random(name, 1).double(), preprocessing(name), dtype=torch.float64)
    assert_equals_modules(network, build_random(name, 1), torch.float64, preprocessing(name))


def test_gradient_of_several_layers_is_that_of_each() -> None:
    network = load_network(random=0)

    def gradient(names: list[str]) -> Tensor:
        leaf = random_frame().requires_grad_()
        activations = network.activations(leaf, names)
        return torch.autograd.grad(torch.stack([activations[name].square().mean() for name in names]).sum(), leaf)[0]

    assert relative_error(gradient(["conv1", "fire5"]), gradient(["conv1"]) + gradient(["fire5"])) < 1e-5


def test_weights_are_frozen_and_the_frame_is_not_changed() -> None:
    network = load_network(random=0)
    frame = random_frame()
    first = network.activations(frame, ["fire9"])["fire9"]
    assert not first.requires_grad
    assert torch.equal(frame, random_frame())
    assert torch.equal(network.activations(frame, ["fire9"])["fire9"], first)


def test_a_batch_is_its_frames_one_by_one() -> None:
    network = load_network(random=0)
    frames = torch.rand(3, 3, 80, 64, generator=torch.Generator().manual_seed(1))
    together = network.activations(frames, ["fire5"])["fire5"]
    alone = torch.cat([network.activations(frame[None], ["fire5"])["fire5"] for frame in frames])
    assert relative_error(together, alone) < 1e-5


def test_bfloat16_gives_nearly_the_same_gradient() -> None:
    def gradient(dtype: torch.dtype) -> Tensor:
        network = load_network(random=0, dtype=dtype)
        leaf = random_frame(160, 160).requires_grad_()
        activation = network.activations(leaf, ["fire8"])["fire8"]
        assert activation.dtype == dtype
        (gradient,) = torch.autograd.grad(activation.float().square().mean(), leaf)
        assert gradient.dtype == torch.float32
        return gradient

    assert F.cosine_similarity(gradient(torch.float32).ravel(), gradient(torch.bfloat16).ravel(), dim=0) > 0.95


def test_a_frame_that_is_too_small_is_refused_with_the_size_that_is_not() -> None:
    network = load_network(random=0)
    smallest = network.smallest_input(["fire9"])
    network.activations(random_frame(smallest, smallest), ["fire9"])
    with pytest.raises(UsageError, match=f"fire9 of squeezenet1_1 needs a frame of at least {smallest} pixels"):
        network.activations(random_frame(200, smallest - 1), ["fire9"])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_cuda_equals_cpu() -> None:
    on_cpu = load_network(random=0).activations(random_frame(), ["fire8"])["fire8"]
    on_gpu = load_network(random=0, device="cuda").activations(random_frame().cuda(), ["fire8"])["fire8"].cpu()
    assert relative_error(on_gpu, on_cpu) < 1e-2  # TF32 in cuDNN


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fire19", r"squeezenet1_1 has no layer 'fire19'; did you mean fire9"),
        ("features.3.sqeeze", r"did you mean features\.3\.squeeze"),
        ("classifier.3", r"classifier\.3 of squeezenet1_1 is no map of features.*relu10"),
    ],
)
def test_unknown_layers(name: str, message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        shapes_of("squeezenet1_1").layer(name)


@pytest.mark.parametrize(
    "name",
    ["alexnet", "googlenet", "squeezenet1_1", *map(slow, ("densenet121", "inception_v3", "vgg13", "resnet34"))],
)
def test_smallest_input_of_the_whole_network_is_torchvisions(name: str) -> None:
    assert shapes_of(name).smallest_input([LOGITS]) == get_model_weights(name).DEFAULT.meta["min_size"][0]


@pytest.mark.parametrize(
    ("name", "layer", "smallest"),
    [
        # conv1 needs its kernel; pool1 needs 2 of conv1's pixels (the rest of its window may stick out): 1 + 2*2.
        ("squeezenet1_1", "conv1", 3),
        ("squeezenet1_1", "pool1", 5),
        ("squeezenet1_1", "fire9", 17),
        ("vgg11", "conv1_1", 1),
        ("vgg11", "pool4", 16),
        ("alexnet", "conv1", 7),
        ("resnet18", "layer4", 1),
    ],
)
def test_smallest_input_of_a_layer(name: str, layer: str, smallest: int) -> None:
    assert shapes_of(name).smallest_input([layer]) == smallest
    assert shapes_of(name).smallest_input([layer, shapes_of(name).layers[0].name]) >= smallest


@pytest.mark.parametrize(
    ("name", "layer"),
    [("squeezenet1_1", "fire5"), ("googlenet", "inception4a"), slow("alexnet", "pool2"), slow("swin_t", "features.5")],
)
def test_the_network_runs_at_its_smallest_input_and_not_below(name: str, layer: str) -> None:
    network = load_network(name, random=0)
    smallest = network.smallest_input([layer])
    assert network.activations(torch.rand(1, 3, smallest, smallest + 9), [layer])[layer].numel() > 0
    subgraph = network.subgraph([layer])
    with pytest.raises(RuntimeError):
        subgraph(torch.rand(1, 3, smallest - 1, smallest - 1))


def test_shapes_are_those_of_the_activations() -> None:
    network = load_network(random=0)
    taps: list[str | Tap] = ["conv1", Tap("fire5", before_relu=True), LOGITS]
    for size in ((96, 64), (65, 81), (96, 64)):
        activations = network.activations(random_frame(size[1], size[0]), taps)
        assert network.shapes(taps, size) == [tuple(values.shape) for values in activations.values()]


def test_shapes_are_found_once_and_a_caller_cannot_change_them(monkeypatch: pytest.MonkeyPatch) -> None:
    network = load_network(random=0)
    first = network.shapes(["fire5"], (96, 64))
    first.append((0,))
    monkeypatch.setattr(torch, "empty", None)
    assert network.shapes(["fire5"], (96, 64)) == first[:1]


def test_the_bytes_of_a_step_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    network = blueprint("squeezenet1_1")
    first = network.step_bytes(["fire5"], (96, 64))
    assert network.step_bytes([Tap("fire5", before_relu=True)], (96, 64)) != first
    assert network.step_bytes(["fire5"], (96, 80)) > first
    monkeypatch.setattr("zoomdream.networks.network.gradient_bytes", None)
    assert network.step_bytes(["fire5"], (96, 64)) == first


def test_all_layers_hold_those_worth_choosing_from() -> None:
    network = shapes_of("googlenet")
    assert set(network.outline) < set(network.layers) < set(network.all_layers)
    assert [network.layer(layer.name) for layer in network.all_layers] == list(network.all_layers)
