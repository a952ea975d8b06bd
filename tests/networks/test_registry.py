"""Names, files and folders of the networks, which must be known without torch."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from zoomdream.errors import UnknownNameError
from zoomdream.networks import EMBEDDED, NetworkInfo, network_info, network_infos, network_names
from zoomdream.networks.registry import TRUNKS, Package, weights_folder


def run_python(code: str, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_names_are_listed_without_torch() -> None:
    heavy = "'torch' in sys.modules, 'numpy' in sys.modules"
    code = f"import sys, zoomdream.networks as networks; print(len(networks.network_infos()), {heavy})"
    assert run_python(code).split() == [str(len(network_names())), "False", "False"]


def test_names_are_torchvisions_efficientnet_lites_and_the_trunks_in_alphabetical_order() -> None:
    import torchvision

    theirs = [n for n in torchvision.models.list_models(torchvision.models) if not n.startswith(("vit_", "maxvit"))]
    assert list(network_names()) == sorted([*theirs, *(f"efficientnet_lite{number}" for number in range(3)), *TRUNKS])


def test_every_file_is_one_that_torchvision_publishes_at_that_size() -> None:
    from torchvision.models import get_model_weights

    for info in network_infos():
        if info.package:
            continue
        (entry,) = [entry for entry in get_model_weights(info.name) if entry.url == info.url]
        assert info.megabytes == pytest.approx(entry.meta["_file_size"] * 2**20 / 1e6, abs=0.051), info.name


@pytest.mark.parametrize("name", [EMBEDDED, "efficientnet_lite0"])
def test_a_file_in_a_package_is_present_at_its_size(name: str) -> None:
    info = network_info(name)
    assert info.embedded == (name == EMBEDDED)
    assert info.present
    assert info.url is None
    assert info.path is not None
    assert info.path.stat().st_size == pytest.approx(info.megabytes * 1e6, abs=0.05e6)


def test_pip_gets_the_packages_whose_files_are_pinned() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    extras = {None: project["dependencies"], **project["optional-dependencies"]}
    packages = [info.package for info in network_infos() if info.package]
    assert len(packages) == 4 + len(TRUNKS)
    for package in packages:
        if package.alone:
            assert not any(package.requirement in extra for extra in extras.values())
            assert package.command == package.own_command == f"pip install --no-deps {package.requirement}"
        else:
            assert package.requirement in extras[package.extra]
            assert package.own_command == f"pip install {package.requirement}"


def test_a_trunk_is_no_part_of_zoomdream_and_has_no_classes() -> None:
    for name, whole in TRUNKS.items():
        info = network_info(name)
        assert info.features_only
        assert not info.embedded
        assert not network_info(whole).features_only


def test_licences_are_those_that_the_publishers_state() -> None:
    licences = {name: network_info(name).licence for name in ("squeezenet1_1", "efficientnet_lite1", "googlenet")}
    assert licences == {"squeezenet1_1": "MIT", "efficientnet_lite1": "Apache-2.0", "googlenet": "BSD-3-Clause"}
    assert network_info("regnet_y_128gf").licence == "CC-BY-NC-4.0"


def test_a_package_that_is_not_installed_has_no_file() -> None:
    info = NetworkInfo("a", "a.pth", 1.0, Package("zoomdream-is-no-such-package", "1", "a", "", extra="lite"))
    assert info.path is None
    assert not info.present
    assert not info.embedded


def test_a_download_is_present_once_its_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    info = network_info("resnet18")
    assert info.path == tmp_path / "hub" / "checkpoints" / "resnet18-f37072fd.pth"
    assert not info.present
    info.path.parent.mkdir(parents=True)
    info.path.touch()
    assert info.present


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"TORCH_HOME": "/data/torch"},
        {"XDG_CACHE_HOME": "/data/cache"},
        {"TORCH_HOME": "~/t", "XDG_CACHE_HOME": "/c"},
    ],
)
def test_the_folder_is_torchs_own_without_asking_torch(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/me", **environment}.items():
        monkeypatch.setenv(name, value)
    of_torch = Path(torch.hub.get_dir()) / "checkpoints"
    monkeypatch.delitem(sys.modules, "torch.hub")
    assert weights_folder() == of_torch


def test_the_folder_follows_torch_hub_set_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    assert weights_folder() == tmp_path / "checkpoints"


def test_an_unknown_network_gets_the_nearest_names() -> None:
    with pytest.raises(UnknownNameError, match=r"no network 'resnet5'; did you mean .*resnet50"):
        network_info("resnet5")


@pytest.mark.parametrize("name", ["vit_b_16", "maxvit_t"])
def test_networks_of_one_input_size_are_refused_with_the_reason(name: str) -> None:
    assert name not in network_names()
    with pytest.raises(UnknownNameError, match=rf"{name} takes pictures of one fixed size only.*swin_t.*convnext_tiny"):
        network_info(name)
