"""Activations of the traced, folded and cut network against its own modules, run whole with hooks."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import get_model

from zoomdream.errors import UsageError
from zoomdream.networks import LOGITS, Network, Tap, describe, load_network
from zoomdream.networks.architecture import build_random, preprocessing
from zoomdream.networks.graph import trace
from zoomdream.networks.loading import assemble

FAMILIES = [
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "efficientnet_lite0",
    "googlenet",
    "inception_v3",
    "mnasnet0_5",
    "mobilenet_v3_large",
    "regnet_y_400mf",
    "resnet50",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    "swin_t",
    "vgg16",
    "vgg19",
]
SIDE = 96


def a_frame(height: int = SIDE, width: int = SIDE) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(7))


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


def relative_error(value: Tensor, reference: Tensor) -> float:
    return float((value - reference).abs().max() / reference.abs().max())


def assert_equals_modules(network: Network, model: nn.Module, dtype: torch.dtype) -> None:
    expects = preprocessing(network.name)
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (expects.mean, expects.std))
    frame = a_frame().to(dtype)
    reference = hooked_outputs(model.to(dtype), (frame - mean) / std)
    layers = [site.layer for site in network._sites]
    # All at once: a tap that a later in-place ReLU overwrites would differ.
    activations = network.activations(frame, [*(layer.name for layer in layers), LOGITS])
    for layer in layers:
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
    assert_equals_modules(network, build_random(name, 1), torch.float32)
    leaf = a_frame().requires_grad_()
    network.logits(leaf).square().mean().backward()
    assert leaf.grad is not None
    assert leaf.grad.isfinite().all()
    assert leaf.grad.abs().max() > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", [info.name for info in describe() if info.megabytes < 600])
def test_every_network_equals_its_modules(name: str) -> None:
    # In double precision: over a hundred random layers float32's rounding grows to 1e-3 in some.
    network = assemble(name, build_random(name, 1).double(), preprocessing(name), dtype=torch.float64)
    assert_equals_modules(network, build_random(name, 1), torch.float64)


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_input_is_scaled_as_by_transform_input(name: str) -> None:
    ours = build_random(name, 1)
    with torch.device("meta"):
        theirs = get_model(name, weights=None, aux_logits=False, init_weights=False, transform_input=True).eval()
    theirs.load_state_dict(ours.state_dict(), assign=True)
    imagenet_mean, imagenet_std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    normalised = (a_frame() - imagenet_mean.view(1, 3, 1, 1)) / imagenet_std.view(1, 3, 1, 1)
    with torch.no_grad():
        assert relative_error(load_network(name, random=1).logits(a_frame()), theirs(normalised)) < 1e-4


@pytest.fixture(scope="module", params=["squeezenet1_1", "googlenet", "vgg11_bn", "resnet18", "inception_v3"])
def relu_network(request: pytest.FixtureRequest) -> Network:
    return load_network(request.param, random=2)


def test_before_relu_becomes_the_layer_by_a_relu(relu_network: Network) -> None:
    names = [layer.name for layer in relu_network.layers]
    after = relu_network.activations(a_frame(), names)
    before = relu_network.activations(a_frame(), names, before_relu=True)
    for name in names:
        # Inception's reduction blocks join ReLUs and a max pool of ReLUs, which a second ReLU leaves as it is.
        assert torch.equal(before[name], after[name]) or torch.equal(F.relu(before[name]), after[name]), name


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("squeezenet1_1", "fire8"),
        ("squeezenet1_1", "relu1"),
        ("googlenet", "inception4c"),
        ("googlenet", "conv2"),
        ("resnet18", "layer2.0"),
        ("inception_v3", "Mixed_6a"),
        ("alexnet", "relu3"),
    ],
)
def test_before_relu_has_the_negative_half(name: str, layer: str) -> None:
    network = load_network(name, random=2)
    assert network.activations(a_frame(), [layer])[layer].min() >= 0
    alone = network.activations(a_frame(), [layer], before_relu=True)[layer]
    assert (alone < 0).float().mean() > 0.1
    # With a deeper layer beside it, its ReLU runs, in place.
    deepest = network.layers[-1].name
    assert torch.equal(network.activations(a_frame(), [layer, deepest], before_relu=True)[layer], alone)


@pytest.mark.parametrize("layer", ["conv1", "pool3", "fire5.expand1x1"])
def test_before_relu_leaves_other_layers_alone(layer: str) -> None:
    network = load_network(random=2)
    before = network.activations(a_frame(), [layer], before_relu=True)[layer]
    assert torch.equal(before, network.activations(a_frame(), [layer])[layer])


def test_nothing_deeper_than_the_deepest_layer_runs() -> None:
    network = load_network(random=0)
    network.smallest_input(["conv1", "fire2"])  # counts as well, and is kept
    with FlopCounterMode(display=False) as counter:
        network.activations(a_frame(65, 65), ["conv1", "fire2"])
    # conv1: 64 kernels of 3x3x3 on 32x32 positions; pooled to 16x16; squeeze 64 to 16, expand to 64 and, by 3x3, to 64.
    expected = 2 * 64 * 27 * 32**2 + 2 * (16 * 64 + 64 * 16 + 64 * 16 * 9) * 16**2
    assert counter.get_total_flops() == expected


def test_a_layer_before_its_convolutions_relu_does_not_run_the_relu() -> None:
    network = load_network(random=0)
    program = network._program((Tap("conv1"),))
    assert [node.op for node in program.graph.nodes] == ["placeholder", "call_module", "output"]


class _ReadTwice(nn.Module):
    """A convolution that a batch norm and a sum read: folding would change the sum."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return self.norm(y) + y


def test_a_convolution_that_is_read_twice_is_not_folded() -> None:
    traced = trace(_ReadTwice().eval())
    assert traced.folded == ()
    assert traced.returned["norm"] is not traced.returned["conv"]


def test_gradient_of_several_layers_is_that_of_each() -> None:
    network = load_network(random=0)

    def gradient(names: list[str]) -> Tensor:
        leaf = a_frame().requires_grad_()
        activations = network.activations(leaf, names)
        torch.stack([activations[name].square().mean() for name in names]).sum().backward()
        assert leaf.grad is not None
        return leaf.grad

    assert relative_error(gradient(["conv1", "fire5"]), gradient(["conv1"]) + gradient(["fire5"])) < 1e-5


def test_weights_are_frozen_and_the_frame_is_not_changed() -> None:
    network = load_network(random=0)
    frame = a_frame()
    first = network.activations(frame, ["fire9"])["fire9"]
    assert not first.requires_grad
    assert torch.equal(frame, a_frame())
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
        leaf = a_frame(160, 160).requires_grad_()
        activation = network.activations(leaf, ["fire8"])["fire8"]
        assert activation.dtype == dtype
        activation.float().square().mean().backward()
        assert leaf.grad is not None
        assert leaf.grad.dtype == torch.float32
        return leaf.grad

    assert F.cosine_similarity(gradient(torch.float32).ravel(), gradient(torch.bfloat16).ravel(), dim=0) > 0.95


def test_a_frame_that_is_too_small_is_refused_with_the_size_that_is_not() -> None:
    network = load_network(random=0)
    smallest = network.smallest_input(["fire9"])
    network.activations(a_frame(smallest, smallest), ["fire9"])
    with pytest.raises(UsageError, match=f"fire9 of squeezenet1_1 needs a frame of at least {smallest} pixels"):
        network.activations(a_frame(200, smallest - 1), ["fire9"])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_cuda_equals_cpu() -> None:
    on_cpu = load_network(random=0).activations(a_frame(), ["fire8"])["fire8"]
    on_gpu = load_network(random=0, device="cuda").activations(a_frame().cuda(), ["fire8"])["fire8"].cpu()
    assert relative_error(on_gpu, on_cpu) < 1e-2  # TF32 in cuDNN


def test_one_layer_before_and_after_its_relu_in_one_run(network: Network) -> None:
    before, after = Tap("fire8", before_relu=True), Tap("fire8")
    found = network.activations(a_frame(), [before, after, "conv1"])
    assert list(found) == [before, after, "conv1"]
    assert found[before].min() < 0
    assert torch.equal(F.relu(found[before]), found[after])


def test_class_scores_before_a_relu_that_is_only_averaged(network: Network) -> None:
    """SqueezeNet averages conv10 after its ReLU: a class that is seen nowhere would have no gradient."""
    frame = a_frame()
    scores = network.activations(frame, [Tap(LOGITS, before_relu=True), LOGITS])
    maps = network.activations(frame, ["conv10"])["conv10"]
    assert torch.allclose(scores[Tap(LOGITS, before_relu=True)], maps.mean((2, 3)), atol=1e-5)
    assert torch.allclose(scores[LOGITS], F.relu(maps).mean((2, 3)), atol=1e-5)
    googlenet = load_network("googlenet", random=2)  # ends in a linear layer
    assert torch.equal(
        googlenet.activations(frame, [Tap(LOGITS, before_relu=True)]).popitem()[1], googlenet.logits(frame)
    )
