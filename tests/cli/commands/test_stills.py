"""dream, saliency and visualize, as a user runs them, and what holds for `sheet` as well."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.support.commands import QUIET, zoomdream
from tests.support.memory_readings import SteadyMemory


def picture_text(path: Path) -> str:
    """What a picture's metadata says of how it was made."""
    with Image.open(path) as opened:
        return str(opened.info["Comment"])


def test_dream_makes_a_picture(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "dream.png"
    options = ("--size", "96x64", "--layers", "fire5=1,fire3=0.5", "--steps", "2", "--octaves", "2")
    result = zoomdream("dream", photos / "coffee.png", "-o", out, *options)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "dream.png: step 4 of 4, " in result.stderr
    assert Image.open(out).size == (96, 64)
    assert zoomdream("dream", photos / "coffee.png", "-o", out, *options).exit_code == 4
    assert zoomdream("dream", photos / "coffee.png", "-o", out, *options, "-y").exit_code == 0


def test_a_picture_is_dreamed_with_two_networks(photos: Path, tmp_path: Path) -> None:
    both = ("--network", "squeezenet1_1,efficientnet_lite0")
    mix = "fire3=0.5,efficientnet_lite0/block2_1=0.5"
    size = ("--size", "96x64", "--octaves", "1", *QUIET)
    result = zoomdream(
        "dream", photos / "coffee.png", "-o", tmp_path / "a.png", *both, "--layers", mix, "--steps", "2", *size
    )
    assert result.exit_code == 0, result.output
    result = zoomdream("dream", photos / "coffee.png", "-o", tmp_path / "b.png", *both, "--layers", "lite/a", *size)
    assert result.exit_code == 2
    assert "'lite' is none of the networks here, squeezenet1_1, efficientnet_lite0" in result.stderr


def test_stages_are_drawn_beside_the_dream_and_never_over_another_file(photos: Path, tmp_path: Path) -> None:
    out, beside = tmp_path / "dream.png", tmp_path / "dream.stages.png"
    command = ("dream", photos / "coffee.png", "-o", out, "--size", "96x64", "--steps", "4", "--octaves", "2", *QUIET)
    result = zoomdream(*command, "--stages", "2")
    assert result.exit_code == 0, result.output
    with_stages = out.read_bytes()
    width, height = Image.open(beside).size
    assert width > 3 * 200  # five pictures in rows
    assert height > 200
    assert zoomdream(*command, "-y").exit_code == 0
    assert out.read_bytes() == with_stages, "to be watched must not change the dream"
    out.unlink()
    result = zoomdream(*command, "--stages", "2")
    assert result.exit_code == 4
    assert "dream.stages.png exists" in result.stderr
    assert not out.exists()


def test_saliency_is_drawn_the_same_every_time(photos: Path, tmp_path: Path) -> None:
    pictures = [tmp_path / name for name in ("a.png", "b.png")]
    for out in pictures:
        options = ("--layer", "class:espresso", "--size", "160x112")
        result = zoomdream("saliency", photos / "coffee.png", "-o", out, *options)
        assert result.exit_code == 0, result.output
    assert pictures[0].read_bytes() == pictures[1].read_bytes()
    assert Image.open(pictures[0]).width > 3 * 160


def test_saliency_of_several_samples_has_a_second_row(photos: Path, tmp_path: Path) -> None:
    heights = []
    for samples in ("1", "2"):
        out, options = tmp_path / f"{samples}.png", ("--layer", "fire4", "--size", "96x64", "--samples", samples)
        result = zoomdream("saliency", photos / "coffee.png", "-o", out, *options)
        assert result.exit_code == 0, result.output
        heights.append(Image.open(out).height)
    assert heights[1] > heights[0] + 64
    assert "the mean of 2" in picture_text(tmp_path / "2.png")


def test_a_print_and_a_whole_thing(photos: Path, tmp_path: Path) -> None:
    out, quick = tmp_path / "print.png", ("--steps", "1", "--octaves", "1")
    result = zoomdream("dream", photos / "coffee.png", "-o", out, "--quality", "--size", "120x80", *quick)
    assert result.exit_code == 0, result.output
    assert Image.open(out).size == (120, 80)
    assert "print quality" in picture_text(out)
    both = zoomdream("dream", photos / "coffee.png", "-o", tmp_path / "a.png", "--quality", "--stages", "2")
    assert both.exit_code == 2
    assert "--stages shows the steps of a dream without --quality" in both.stderr
    whole = tmp_path / "whole.png"
    result = zoomdream("visualize", "class:daisy", "-o", whole, "--quality", "--size", "64", "--steps", "1")
    assert result.exit_code == 0, result.output
    assert Image.open(whole).size == (64, 64)
    assert "coarse to fine" in picture_text(whole)


def test_a_large_photo_is_made_smaller_for_saliency(photos: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    Image.open(photos / "rocket.jpg").resize((2400, 400)).save(large)
    out = tmp_path / "a.png"
    assert zoomdream("saliency", large, "-o", out, "--layer", "fire3").exit_code == 0
    assert 1024 < Image.open(out).width < 1200


def test_other_networks_with_weights_from_a_file(photos: Path, tmp_path: Path, weights: Path) -> None:
    network = ("--weights", weights, "--device", "cpu")
    photo = photos / "rocket.jpg"
    named = ("--network", "shufflenet_v2_x0_5")
    quick = ("--cell", "64", "--steps", "1", "--layers", "conv1,stage2,stage3")
    small = ("--cell", "64", "--steps", "1")
    for command in (
        ("sheet", "shufflenet_v2_x0_5", "--image", photo, "-o", tmp_path / "a.png", *quick),
        ("sheet", "shufflenet_v2_x0_5", "--layer", "stage3", "--channels", "0:2", "-o", tmp_path / "e.png", *small),
        ("saliency", photo, "--layer", "stage3", "--size", "96x64", "-o", tmp_path / "b.png", *named),
        ("dream", photo, "--layers", "stage3", "--size", "96x64", "--steps", "1", "-o", tmp_path / "c.png", *named),
    ):
        result = zoomdream(*command, *network)
        assert result.exit_code == 0, result.output
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["dream", "none.jpg", "-o", "a.png"], 3, "no such file"),
        (["dream", "text.txt", "-o", "a.png"], 3, "no picture"),
        (["dream", "PHOTO", "-o", "a.tiff"], 2, ".png"),
        (["dream", "PHOTO", "-o", "none/a.png"], 4, "no folder"),
        (["dream", "PHOTO", "-o", "a.png", "--layers", "fire88"], 2, "fire8"),
        (["dream", "PHOTO", "-o", "a.png", "--stages", "1", "--octaves", "16", "--steps", "2000"], 2, "fewer pictures"),
        (["sheet", "squeezenet1_1", "-o", "a.png"], 2, "--image photo.jpg"),
        (["sheet", "squeezenet1_1", "-o", "a.png", "--layer", "fire8", "--image", "PHOTO"], 2, "--channels 0:64"),
        (["sheet", "squeezenet1_1", "-o", "a.png", "--image", "PHOTO", "--channels", "3"], 2, "one of the two"),
        (["sheet", "squeezenet1_1", "-o", "a.png", "--layer", "fire8", "--layers", "fire3"], 2, "one of the two"),
        (["sheet", "squeezenet1_1", "-o", "a.gif", "--layer", "fire8"], 2, ".png"),
        (["sheet", "squeezenet1_1", "-o", "old.png", "--layer", "fire8"], 4, "-y"),
        (["sheet", "squeezenet1_1", "-o", "none/a.png", "--layer", "fire8"], 4, "no folder"),
        (["sheet", "squeeznet", "-o", "a.png", "--layer", "fire8"], 2, "squeezenet1_1"),
        (["sheet", "squeezenet1_1", "-o", "a.png", "--layer", "fire88"], 2, "fire8"),
        (["sheet", "squeezenet1_1", "-o", "a.png", "--layer", "fire8", "--channels", "500:513"], 2, "from 0 to 511"),
        (["sheet", "squeezenet1_1", "-o", "a.png", "--layer", "fire8", "--channels", "5:3"], 2, "0:8"),
        (["sheet", "squeezenet1_1", "-o", "a.png", "--layer", "fire8", "--channels", "some"], 2, "0:8"),
        (["sheet", "squeezenet1_1", "-o", "a.png", "--image", "none.jpg"], 3, "no such file"),
        (["sheet", "squeezenet1_1", "-o", "a.png", "--image", "text.txt"], 3, "no picture"),
        (["sheet", "squeezenet1_1", "-o", "a.png", "--image", "PHOTO", "--layers", "fire3,fire44"], 2, "fire4"),
        (["sheet", "squeezenet1_1", "-o", "a.png", "--image", "PHOTO", "--layers", "fire3,,fire4"], 2, "two commas"),
        (["sheet", "inception_v3", "-o", "a.png", "--image", "PHOTO", "--cell", "64", "--layers", "Mixed_7c"], 2, "75"),
        (["saliency", "none.jpg", "-o", "a.png", "--layer", "fire8"], 3, "no such file"),
        (["saliency", "PHOTO", "-o", "old.png", "--layer", "fire8"], 4, "-y"),
        (["saliency", "PHOTO", "-o", "a.png", "--layer", "fire88"], 2, "fire8"),
        (["saliency", "PHOTO", "-o", "a.png", "--layer", "class:expresso"], 2, "espresso"),
        (["saliency", "PHOTO", "-o", "a.png", "--layer", "fire8", "--size", "big"], 2, "WIDTHxHEIGHT"),
    ],
)
def test_a_mistake_gets_one_sentence_its_code_and_leaves_nothing(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, words: str
) -> None:
    for name in ("old.png", "text.txt"):
        (tmp_path / name).write_text("dear to me")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "nowhere"))  # no download must be tried, and none would work
    named = [str(photos / "rocket.jpg") if argument == "PHOTO" else argument for argument in arguments]
    result = zoomdream(*named)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert result.stderr.count("\n") == 1, "one sentence, one line"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.png", "text.txt"]
    assert (tmp_path / "old.png").read_text() == "dear to me"


def test_a_picture_carries_what_made_it(photos: Path, tmp_path: Path, steady_memory: SteadyMemory) -> None:
    photo = photos / "coffee.png"
    quick = ("--octaves", 1, "--steps", 1, "--layers", "fire5=1,fire3:2=-0.5", "--seed", 3)
    zoomdream("dream", photo, "-o", tmp_path / "a.png", "--size", "96x64", *quick)
    with Image.open(tmp_path / "a.png") as opened:
        comment = opened.info["Comment"]
    assert "squeezenet1_1 l2:fire5=1, fire3:2=-0.5, seed 3" in comment
    assert '"steps":1' in comment
    assert "tiles" not in comment
    limit = steady_memory.held + 2**27 + 150 * 10**6
    result = zoomdream(
        "dream", photo, "-o", tmp_path / "b.png", "--size", "800x600", "--max-memory", f"{limit}", *quick
    )
    assert "tiles of" in result.stderr
    with Image.open(tmp_path / "b.png") as opened:
        assert ", tiles of " in opened.info["Comment"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("visualize fire5:3 --size 32 --steps 1 --seed 4", "squeezenet1_1 fire5:3, seed 4, "),
        ("sheet squeezenet1_1 --layer fire3 --channels 3,5 --steps 1", "fire3:3, fire3:5, seed 0, 2 at once, {"),
        ("sheet squeezenet1_1 --image PHOTO --layers fire3,fire5 --cell 48", "photo at fire3, fire5, seed 0, {"),
        ("saliency PHOTO --layer fire5 --size 96x64", "squeezenet1_1 gradient of fire5"),
        ("dream PHOTO --octaves 1 --steps 2 --stages 1 --size 96x64", '"steps":2'),
    ],
)
def test_every_picture_says_what_made_it(photos: Path, tmp_path: Path, command: str, words: str) -> None:
    arguments = command.replace("PHOTO", str(photos / "coffee.png")).split()
    result = zoomdream(*arguments, "-o", tmp_path / "a.png")
    assert result.exit_code == 0, result.output
    for path in tmp_path.iterdir():
        with Image.open(path) as opened:
            assert words in opened.info["Comment"]
            assert opened.info["Comment"].startswith("zoomdream ")


def test_a_memory_limit_holds_for_sheets_too(photos: Path, tmp_path: Path, steady_memory: SteadyMemory) -> None:
    limit = steady_memory.held + 10**6
    for command in (
        ("visualize", "fire5", "class:daisy"),
        ("sheet", "squeezenet1_1", "--layer", "fire5"),
        ("sheet", "squeezenet1_1", "--image", photos / "coffee.png"),
    ):
        result = zoomdream(*command, "-o", tmp_path / "a.png", "--max-memory", limit)
        assert result.exit_code == 6, (command, result.output)
        assert "--max-memory" in result.output


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (
            "dream PHOTO --size 16384x64 -o a.webp",
            "a .webp has at most 16383 pixels a side, and this one would be 16384x64",
        ),
        ("saliency PHOTO --layer fire2 --size 64x16384 -o a.webp", "a .webp has at most 16383 pixels a side"),
        ("sheet squeezenet1_1 --layer fire5 --channels 0:120 --columns 1 -o a.webp", "name it .png"),
        ("sheet squeezenet1_1 --layer fire8 --channels 0:512 --columns 1 -o a.jpg", "a .jpg has at most 65500 pixels"),
    ],
)
def test_what_a_format_cannot_hold_is_told_before_the_work(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, words: str
) -> None:
    def work(*arguments: object, **named: object) -> None:
        raise AssertionError("it began")

    monkeypatch.setattr("zoomdream.dreaming.ascent.Ascent.step", work)
    monkeypatch.setattr("torch.autograd.grad", work)
    monkeypatch.chdir(tmp_path)
    result = zoomdream(*command.replace("PHOTO", str(photos / "coffee.png")).split())
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["visualize", "saliency", "sheet"])
def test_a_mask_of_another_size_is_resized_and_told(photos: Path, tmp_path: Path, option: str) -> None:
    Image.new("L", (50, 50), 255).save(tmp_path / "m.png")
    objective = f"fire5 in {tmp_path / 'm.png'}"
    command = {
        "visualize": ("visualize", objective, "--size", "64", "--steps", "1"),
        "saliency": ("saliency", photos / "coffee.png", "--layer", objective, "--size", "96x64"),
        "sheet": (
            "sheet",
            "squeezenet1_1",
            "--image",
            photos / "coffee.png",
            "--layers",
            objective,
            "--cell",
            "64",
            "--steps",
            "1",
        ),
    }[option]
    result = zoomdream(*command, "-o", tmp_path / "a.png")
    assert result.exit_code == 0, result.output
    assert "warning: mask m.png is 50x50 and is read at" in result.stderr


def test_no_name_is_not_the_default(photos: Path, tmp_path: Path) -> None:
    result = zoomdream("dream", photos / "coffee.png", "-o", tmp_path / "a.png", "--layers", "")
    assert result.exit_code == 2
    assert "is no objective and weight" in result.stderr


def test_a_network_has_a_layer_to_dream_where_none_is_given(photos: Path, weights: Path, tmp_path: Path) -> None:
    quick = ("--octaves", "1", "--steps", "1", "--size", "192x160", *QUIET)
    result = zoomdream("dream", photos / "coffee.png", "-o", tmp_path / "a.png", *quick)
    assert "squeezenet1_1 fire8, on" in result.stderr
    named = ("--network", "shufflenet_v2_x0_5", "--weights", weights)
    result = zoomdream("dream", photos / "coffee.png", "-o", tmp_path / "b.png", *named, *quick)
    assert result.exit_code == 0, result.output
    assert "shufflenet_v2_x0_5 stage3" in result.stderr


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ("fire5=2", "warning: a weight of 2 acts as 1 where there is no other objective: raise step_size instead"),
        ("fire5=0.03,fire3=-0.02", "warning: the weights add up to 0.05, and the steps are that much shorter"),
        ("fire5=1,fire3=2", None),
    ],
)
def test_weights_that_do_not_do_what_they_seem_to_are_told(
    photos: Path, tmp_path: Path, layers: str, said: str | None
) -> None:
    quick = ("--octaves", "1", "--steps", "1", "--size", "96x64", *QUIET)
    result = zoomdream("dream", photos / "coffee.png", "-o", tmp_path / "a.png", "--layers", layers, *quick)
    assert said in result.stderr if said else "warning: a weight" not in result.stderr


def test_a_gradient_that_sees_no_picture_is_told(photos: Path, tmp_path: Path) -> None:
    for number, (layer, told) in enumerate((("conv1", True), ("l2:conv1", False), ("fire2", False))):
        out = tmp_path / f"{number}.png"
        result = zoomdream("saliency", photos / "coffee.png", "--layer", layer, "--size", "96x64", "-o", out)
        assert ("is the same for every picture, since it is linear" in result.stderr) == told


def test_a_portrait_that_loses_its_head_is_told(photos: Path, tmp_path: Path) -> None:
    Image.new("RGBA", (90, 160), (200, 100, 50, 128)).save(tmp_path / "phone.png")
    photo = tmp_path / "phone.png"
    quick = ("--layers", "fire3", "--octaves", "1", "--steps", "1", "--size", "160x90", *QUIET)
    result = zoomdream("dream", photo, "-o", tmp_path / "a.png", *quick)
    assert (
        "warning: phone.png is 90x160: 68% of it is cut off to fill 160x90; a size of 90x160 keeps all" in result.stderr
    )
    assert "warning: what is transparent in phone.png counts as black" in result.stderr


@pytest.mark.parametrize(
    "command", ["dream PHOTO --layers fire99", "visualize fire99", "saliency PHOTO --layer fire99"]
)
def test_a_wrong_name_is_told_before_weights_are_fetched(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "a file"))  # where no weights can come to lie
    named = command.replace("PHOTO", str(photos / "coffee.png")).split()
    result = zoomdream(*named, "--network", "squeezenet1_0", "-o", tmp_path / "a.png")
    assert result.exit_code == 2
    assert "squeezenet1_0 has no layer 'fire99'" in result.stderr


def test_settings_of_a_still_reach_the_dream(photos: Path, tmp_path: Path) -> None:
    quick = ("--octaves", "1", "--size", "64x48", "--layers", "fire3", *QUIET)
    options = ("--octave-blur", "0.5", "--octave-blend", "0.25", "--objective", "mean", "--coherence", "0.5")
    result = zoomdream("dream", photos / "coffee.png", "-o", tmp_path / "a.png", *quick, *options)
    assert result.exit_code == 0, result.output
    with Image.open(tmp_path / "a.png") as opened:
        comment = opened.info["Comment"]
    assert '"octave_blur":0.5,"octave_blend":0.25' in comment
    assert '"objective":"mean"' in comment
    assert '"octaves":1' in comment
    assert '"steps":20' in comment, "a still has its own defaults"
    assert "coherence 0.5" in comment


def test_columns_of_one_picture_are_without_effect(tmp_path: Path) -> None:
    quick = ("--size", "32", "--steps", "1", *QUIET)
    result = zoomdream("visualize", "fire3:1", "-o", tmp_path / "a.png", "--columns", "2", *quick)
    assert result.exit_code == 0, result.output
    assert "warning: --columns: no effect" in result.stderr


def test_several_objectives_make_a_sheet(tmp_path: Path) -> None:
    quick = ("--size", "64", "--steps", "1", "--columns", "1", *QUIET)
    result = zoomdream("visualize", "fire3:1", "class:espresso", "-o", tmp_path / "a.png", *quick)
    assert result.exit_code == 0, result.output
    width, height = Image.open(tmp_path / "a.png").size
    assert height > 2 * 64
    assert f"a.png: {width}x{height}, squeezenet1_1 fire3:1, class:espresso, on " in result.stderr


@pytest.mark.parametrize(
    "command",
    [("dream",), ("saliency", "--layer", "fire3"), ("sheet", "squeezenet1_1", "--layers", "fire3", "--image")],
)
def test_a_photo_is_laid_over_a_background(tmp_path: Path, command: tuple[str, ...]) -> None:
    Image.new("RGBA", (48, 40), (255, 0, 255, 0)).save(tmp_path / "clear.png")
    name, *options = command
    photo = [*options, tmp_path / "clear.png"] if name == "sheet" else [tmp_path / "clear.png", *options]
    fast = () if name == "saliency" else ("--steps", "1")
    result = zoomdream(name, *photo, "-o", tmp_path / "a.png", "--background", "#102030", *fast, *QUIET)
    assert "what is transparent in clear.png counts as #102030" in result.stderr, result.output
    result = zoomdream(name, *photo, "-o", tmp_path / "b.png", "--background", "nocolor", *fast, *QUIET)
    assert result.exit_code == 2
    assert "--background: 'nocolor' is no color" in result.stderr
