from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from zoomdream.cli.options.loading import blueprint_of, load_with_options, located, photo_file, read_photo
from zoomdream.cli.options.shared_options import ComputeOptions, NetworkOptions
from zoomdream.errors import UnknownNameError
from zoomdream.images.frame import size_of
from zoomdream.objectives.specs.spec import GuideSpec


def test_a_photo_is_read_in_a_size_with_warnings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (90, 160)).save(tmp_path / "phone.png")
    assert size_of(read_photo(tmp_path / "phone.png", None)) == (90, 160)
    assert capsys.readouterr().err == ""
    assert size_of(read_photo(tmp_path / "phone.png", "160x90")) == (160, 90)
    assert "warning: phone.png is 90x160: 68% of it is cut off" in capsys.readouterr().err


def test_sample_pictures_are_named_wherever_a_photo_is() -> None:
    clouds = photo_file(Path("sample:clouds"))
    assert clouds.is_file()
    assert photo_file(Path("mine.jpg")) == Path("mine.jpg")
    assert located("fire8:17") == "fire8:17"
    guide = located("guide:fire6:sample:clouds")
    assert isinstance(guide, GuideSpec)
    assert guide.picture == clouds
    with pytest.raises(UnknownNameError, match="no sample picture"):
        photo_file(Path("sample:cloudz"))


def test_a_photo_whose_size_nobody_chose_is_read_in_that_of_its_use(tmp_path: Path) -> None:
    Image.new("RGB", (90, 160)).save(tmp_path / "a.png")
    assert size_of(read_photo(tmp_path / "a.png", None, scaled=lambda own: (own[0] // 2, own[1] // 2))) == (45, 80)


def test_networks_of_options(capsys: pytest.CaptureFixture[str]) -> None:
    described = blueprint_of(NetworkOptions())
    assert described is blueprint_of(NetworkOptions()), "it is built once"
    network = load_with_options(NetworkOptions(), ComputeOptions(device="cpu", precision="float32"))
    assert (network.name, network.device.type) == (described.name, "cpu")
    assert capsys.readouterr().err == "", "nothing is downloaded"
    with pytest.raises(UnknownNameError, match="vgg16"):
        blueprint_of(NetworkOptions("vgg61"))
