"""Every YAML block, Python block and zoomdream command of the pages works."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import zoomdream
from tests.docs.markdown import ROOT, Block, blocks
from tests.docs.program import preset_schema, section_schemas
from tests.docs.shell import commands, is_known
from tests.support.commands import zoomdream as zoomdream_command
from tests.support.farm import InProcessEngine
from zoomdream.errors import PresetError
from zoomdream.networks import blueprints, network_info
from zoomdream.objectives import verify
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset
from zoomdream.schedule.clock import Clock

CLIP = Clock(Fraction(25), 60 * 25)
"""What a block's video is taken for, where the times of a preset are checked."""
SMALL = ("canvas.size=64x48", "canvas.duration=2f", "dream.steps=1", "dream.octaves=1")


def parameters(found: Iterable[Block]) -> list[object]:
    """Blocks as parameters of a test, which are called by file and line."""
    return [
        pytest.param(block, id=str(block), marks=[pytest.mark.skip(block.reason)] if block.reason else [])
        for block in found
    ]


def test_few_blocks_are_not_run() -> None:
    assert [str(block) for block in blocks("yaml", "python", "sh") if block.reason] == []


def test_every_block_has_a_language() -> None:
    known = ("yaml", "python", "sh", "text")
    assert [str(block) for block in blocks("")] == []
    assert blocks(*known), "there are no blocks"


# --- yaml ---


def whole_preset(text: str) -> str:
    """A block as a whole preset.

    A block with the key `zoomdream` is one. Any other is a fragment, laid over the smallest preset there is: as the
    preset's own keys, or, where its keys are not, as the keys of the section that has all of them (`layers`: `dream`).
    """
    data = YAML(typ="safe").load(text)
    if "zoomdream" in data:
        return text
    lines = text.splitlines(keepends=True)
    if not data.keys() <= preset_schema()["properties"].keys():
        home = next((name for name, keys in section_schemas().items() if data.keys() <= keys.keys()), None)
        assert home is not None, f"no section of a preset has all of the keys {', '.join(data)}"
        lines = [f"{home}:\n", *(f"  {line}" for line in lines)]
        data = {home: data}
    smallest = {"zoomdream": "1", "source": "photo.jpg", "dream": "{layers: {fire8: 1}}"}
    return "".join([f"{key}: {value}\n" for key, value in smallest.items() if key not in data] + lines)


def load(block: Block, folder: Path, *changes: str) -> Preset:
    """The preset of a block, its files in `folder`."""
    return load_preset_text(whole_preset(block.text), str(block), base=folder, changes=changes)


@pytest.mark.parametrize("block", parameters(blocks("yaml")))
def test_yaml(block: Block, workplace: Path) -> None:
    preset = load(block, workplace)
    video = preset.source is not None and preset.source.suffix == ".mp4"
    network = blueprints(preset.networks)
    clock = preset.clock(CLIP if video else None)
    for key in preset.timeline(clock).objectives:
        verify(network, key)
    if all(network_info(name).embedded for name in preset.networks):
        small = load(block, workplace, *SMALL, "canvas.start=0")
        film = zoomdream.prepare(small, device="cpu", precision="float32")
        assert len(list(islice(zoomdream.frames(film), 2))) == 2


def test_a_mistake_in_a_yaml_block_is_found(workplace: Path) -> None:
    wrong = Block(ROOT / "README.md", 1, "yaml", "layers: {fire8: 1}\nstep_sise: 0.1\n")
    with pytest.raises(AssertionError, match="layers, step_sise"):
        load(wrong, workplace)
    with pytest.raises(PresetError, match="no such key"):
        load(replace(wrong, text="dream: {layers: {fire8: 1}, step_sise: 0.1}\n"), workplace)


# --- python ---


@pytest.mark.parametrize("block", parameters(blocks("python")))
def test_python(block: Block, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_preset = zoomdream.load_preset

    def load_small(preset: str | Path, changes: Iterable[str] = (), source: Path | None = None) -> Preset:
        return load_preset(preset, [*changes, *SMALL], source)

    monkeypatch.setattr(zoomdream, "load_preset", load_small)
    exec(compile(block.text, str(block), "exec"), {"__name__": "__main__"})


# --- sh ---


@pytest.mark.parametrize("block", parameters(blocks("sh")))
def test_commands(block: Block, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoomdream.farm.processes.ProcessEngine", InProcessEngine)
    for command in commands(block.text):
        if command.program != "zoomdream":
            assert is_known(command), f"{command.program}: no such program"
            continue
        if command.arguments[0] == "studio" and "--help" not in command.arguments:
            continue  # it serves its page until it is interrupted
        if command.arguments[:2] == ("render", "presets/quickstart.yaml"):
            (workplace / "presets").symlink_to(ROOT / "presets")
        result = zoomdream_command(*command.small)
        assert result.exit_code == 0, f"{' '.join(command.arguments)}: {result.stderr}"
        if command.output:
            Path(command.output).write_text(result.stdout, encoding="utf-8")
        if "-o" in command.arguments and command.arguments[0] != "plan" and "--task" not in command.arguments:
            _assert_written(command.arguments[command.arguments.index("-o") + 1])


def _assert_written(output: str) -> None:
    path = Path(re.sub(r"\{[a-z.]+\}", "*", output))
    if "*" in path.name:
        path = next(path.parent.glob(path.name), path)
    written = path.parent.glob("0*.png") if "%" in path.name else path.glob("*") if path.is_dir() else [path]
    assert any(file.stat().st_size for file in written), f"{output} is not there"


# --- text ---


def test_the_error_that_is_shown_is_the_one_that_is_raised(tmp_path: Path) -> None:
    shown = next(block.text for block in blocks("text") if block.text.startswith("error: "))
    body = "zoomdream: 1\nsource: noise\ncanvas: {size: 64x48}\nseed: 7\n\ndream:\n  layers: {fire8: 1}\n  steps: 2\n"
    (tmp_path / "mine.yaml").write_text(f"{body}  step_sise: 0.1\n")
    result = zoomdream_command("presets", "check", tmp_path / "mine.yaml")
    assert result.exit_code == 2
    assert result.stderr.replace(f"{tmp_path}/", "") == shown
