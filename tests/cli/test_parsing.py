from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from zoomdream.cli.options import ComputeOptions, NetworkOptions
from zoomdream.cli.parsing import blueprint_of, frame_span, load, memory_limit, names, parse_layers, read_photo
from zoomdream.errors import UnknownNameError, UsageError
from zoomdream.images.frame import size_of


def test_layers_and_weights() -> None:
    assert parse_layers("fire8=1, fire5=-0.3,conv1") == {"fire8": 1.0, "fire5": -0.3, "conv1": 1.0}
    with pytest.raises(UsageError, match="fire8 is there twice"):
        parse_layers("fire8,fire5,fire8=0.3")


@pytest.mark.parametrize("text", ["", "fire8=x", "fire8=nan", "=1", "fire8=1e9", "fire8,,fire5"])
def test_text_that_is_no_layers(text: str) -> None:
    with pytest.raises(UsageError, match="write fire8=1"):
        parse_layers(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("6GB", 6 * 10**9),
        ("1.5 GB", 15 * 10**8),
        ("800MB", 8 * 10**8),
        ("800 mb", 8 * 10**8),
        ("4GiB", 4 * 2**30),
        ("4Gi", 4 * 2**30),
        ("512MiB", 2**29),
        ("6TB", 6 * 10**12),
        ("2000000", 2 * 10**6),
    ],
)
def test_amounts_of_memory(text: str, count: int) -> None:
    assert memory_limit(text) == count


@pytest.mark.parametrize("text", ["", "6", "much", "-6GB", "10KB", "1,5GB", "nanGB"])
def test_text_that_is_no_amount_of_memory(text: str) -> None:
    with pytest.raises(UsageError, match="write 6GB, 800MB or 4GiB"):
        memory_limit(text)


def test_lists_with_commas() -> None:
    assert names("fire2, fire3", "--layers") == ("fire2", "fire3")
    assert names(None, "--layers") == ()
    for text in ("fire2,,fire3", "", ","):
        with pytest.raises(UsageError, match=r"--layers .* names nothing between two commas"):
            names(text, "--layers")


def test_spans_of_frames() -> None:
    assert frame_span("2:30") == range(2, 30)
    for text in ("three", "3", "-1:4", "1:", "1.5:3"):
        with pytest.raises(UsageError, match="is no range of frames: write A:B"):
            frame_span(text)


def test_a_photo_is_read_in_a_size_with_warnings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (90, 160)).save(tmp_path / "phone.png")
    assert size_of(read_photo(tmp_path / "phone.png", None)) == (90, 160)
    assert capsys.readouterr().err == ""
    assert size_of(read_photo(tmp_path / "phone.png", "160x90")) == (160, 90)
    assert "warning: phone.png is 90x160: 68% of it is cut off" in capsys.readouterr().err


def test_networks_of_options(capsys: pytest.CaptureFixture[str]) -> None:
    described = blueprint_of(NetworkOptions())
    assert described is blueprint_of(NetworkOptions()), "it is built once"
    network = load(NetworkOptions(), ComputeOptions(device="cpu", precision="float32"))
    assert (network.name, network.device.type) == (described.name, "cpu")
    assert capsys.readouterr().err == "", "nothing is downloaded"
    with pytest.raises(UnknownNameError, match="vgg16"):
        blueprint_of(NetworkOptions("vgg61"))
