"""Groups of options, and options made from settings, on a command of the tests' own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
import typer
from typer.testing import CliRunner, Result

from zoomdream.cli.app import Commands
from zoomdream.cli.options.shared_options import (
    ComputeOptions,
    FromSettings,
    NetworkOptions,
    RunOptions,
    command,
    expand_options,
)
from zoomdream.settings import ColorSettings, DreamSettings
from zoomdream.settings.dreaming import STILL_DEFAULTS

if TYPE_CHECKING:
    from zoomdream.settings import VisualizeSettings

app = typer.Typer(cls=Commands)
values: dict[str, Any] = {}


@command(app)
def still(
    image: str,
    *,
    network: NetworkOptions,
    settings: Annotated[DreamSettings, FromSettings(defaults=STILL_DEFAULTS)],
    color: Annotated[ColorSettings, FromSettings()],
    compute: ComputeOptions,
    run: RunOptions,
) -> None:
    """Take every group."""
    values.update(image=image, network=network, settings=settings, color=color, compute=compute, run=run)


@command(app)
def picture(*, settings: Annotated[VisualizeSettings, FromSettings(("size", "steps"))]) -> None:
    """Take a part of some settings, which are known to type checkers alone."""
    values.update(settings=settings)


def invoke(*arguments: str) -> Result:
    values.clear()
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "300"})


def test_without_options_every_group_has_its_defaults() -> None:
    result = invoke("still", "a.jpg")
    assert result.exit_code == 0, result.output
    assert values == {
        "image": "a.jpg",
        "network": NetworkOptions(),
        "settings": DreamSettings(**STILL_DEFAULTS),
        "color": ColorSettings(),
        "compute": ComputeOptions(),
        "run": RunOptions(),
    }


def test_options_reach_their_groups() -> None:
    dreamed = ("--steps", "3", "--octave-scale", "1.5", "--objective", "mean", "--octave-blur", "0.5")
    others = ("--coherence", "0.5", "--network", "vgg16", "--device", "cpu", "--max-memory", "2GB", "-y")
    result = invoke("still", "a.jpg", *dreamed, *others, "--progress", "json", "--threads", "3")
    assert result.exit_code == 0, result.output
    changes = {"steps": 3, "octave_scale": 1.5, "objective": "mean", "octave_blur": 0.5}
    assert values["settings"] == DreamSettings(**{**STILL_DEFAULTS, **changes})
    assert values["color"] == ColorSettings(coherence=0.5)
    assert values["network"] == NetworkOptions("vgg16")
    assert values["compute"] == ComputeOptions(device="cpu", max_memory=2 * 10**9, threads=3)
    assert values["run"] == RunOptions(overwrite=True, progress="json")


def test_help_is_written_in_the_settings() -> None:
    text = " ".join(invoke("still", "--help").stdout.split())
    for name, setting in DreamSettings.model_fields.items():
        assert f"--{name.replace('_', '-')} " in text
        assert f"{setting.description}. [default: {STILL_DEFAULTS.get(name, setting.default)}]" in text
    assert "<int range> [1<=x<=16]" in text
    assert "<float range> [1<x<=4]" in text, "a bound that is excluded"
    assert "<l2|mean>" in text


def test_a_command_may_take_some_of_the_settings() -> None:
    text = invoke("picture", "--help").stdout
    assert "--size" in text
    assert "--steps" in text
    assert "--learning-rate" not in text
    assert invoke("picture", "--size", "64").exit_code == 0
    assert (values["settings"].size, values["settings"].steps) == (64, 256)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--steps", "2.5"), "--steps 2.5: it must be a whole number"),
        (("--steps", "-1"), "--steps -1: it must be from 0 to 2000"),
        (("--jitter", "600"), "--jitter 600: it must be from 0 to 512"),
        (("--octave-scale", "1"), "--octave-scale 1.0: it must be a number over 1 to 4"),
        (("--octave-scale", "8"), "--octave-scale 8.0: it must be a number over 1 to 4"),
        (("--step-size", "nan"), "--step-size nan: it must be from 0 to 1"),
        (("--objective", "l3"), "--objective l3: 'l3' is not one of 'l2', 'mean'"),
        (("--max-memory", "6"), "--max-memory '6' is no amount of memory: write 6GB"),
        (("--threads", "0"), "--threads '0' is no number of threads: write auto, or 1 to 1024"),
        (("--threads", "many"), "--threads 'many' is no number of threads: write auto"),
        (("--device", "tpu"), "--device tpu: 'tpu' is not one of 'auto', 'cpu', 'cuda', 'mps'"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_option(arguments: tuple[str, str], sentence: str) -> None:
    result = invoke("still", "a.jpg", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {sentence}")
    assert result.stderr.count("\n") == 1
    assert values == {}


def test_an_expanded_command_has_the_order_of_its_parameters() -> None:
    import inspect

    names = list(inspect.signature(expand_options(still)).parameters)
    assert names[:4] == ["image", "network", "weights", "octaves"]
    assert names[-9:] == [
        "coherence",
        "texture",
        "device",
        "precision",
        "max_memory",
        "threads",
        "offline",
        "overwrite",
        "progress",
    ]
