"""What the pages list is what the program has: options, keys, defaults, names, codes."""

from __future__ import annotations

import math
import re
import signal
import subprocess

import pytest

import zoomdream
from tests.docs.markdown import ROOT, blocks, section_table, tables, words
from tests.docs.program import options_of, preset_schema, program_commands, section_schemas
from zoomdream.cli.exit_codes import EXIT_CODES
from zoomdream.cli.signals import WORDS, exit_code_of
from zoomdream.encoding.containers import CONTAINERS
from zoomdream.encoding.target import STDOUT
from zoomdream.presets.shipped import shipped_presets
from zoomdream.runtime import ENVIRONMENT
from zoomdream.schedule.easing import EASES
from zoomdream.schedule.expressions.functions import EXPRESSION, FUNCTIONS, NUMEXPR_FUNCTIONS
from zoomdream.schedule.timeline import SECTIONS as ALL_SECTIONS
from zoomdream.settings import OutputSettings, Settings

DOCS = ROOT / "docs"
SECTIONS = {name: section for name, section in ALL_SECTIONS.items() if name != "palette"}  # color.palette's, computed
COMMAND_LINE = DOCS / "command-line.md"
PRESETS = DOCS / "presets.md"
_OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


# --- the command line ---


def usages() -> dict[str, str]:
    """From the page: each command's line of usage, continued lines joined."""
    text = "".join(b.text for b in blocks("text", pages=(COMMAND_LINE,)) if b.text.startswith("zoomdream"))
    lines = re.sub(r"\n +", " ", text).splitlines()
    names = sorted(program_commands(), key=len, reverse=True)
    return {next(name for name in names if line.startswith(f"zoomdream {name}")): line for line in lines}


def test_every_command_is_on_the_page_and_no_other() -> None:
    assert usages().keys() == program_commands().keys()


@pytest.mark.parametrize("name", program_commands())
def test_options(name: str) -> None:
    options, usage = options_of(name), usages()[name]
    assert set(_OPTION.findall(usage)) == {text for option in options for text in option.names}
    for option in options:
        long = option.names[0]
        if option.choices:
            assert f"{long} {option.choices}" in usage
        if option.required:
            assert not re.search(rf"\[[^]]*{long}\b", usage), f"{long} must be given"


def test_every_option_that_any_page_names_is_one() -> None:
    names = {text for name in program_commands() for option in options_of(name) for text in option.names}
    pages = [ROOT / "README.md", *(DOCS.glob("*.md"))]
    # Of other programs, and of scripts, which have options of their own.
    others = {"--no-deps", "--version", "--help", "--rounds", "-m", "-e", "-v"}
    for page in pages:
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
        named = {option for part in words(text) for option in _OPTION.findall(part) if option.startswith("--")}
        assert named - names - others == set(), page.name


def test_exit_codes() -> None:
    codes = [int(row[0]) for row in section_table(COMMAND_LINE, "Exit codes")]
    assert codes == sorted({0, *EXIT_CODES.values(), *(exit_code_of(getattr(signal, name)) for name in WORDS)})


def test_formats() -> None:
    named = {word for row in section_table(COMMAND_LINE, "Formats") for word in words(row[0])}
    assert named == {*CONTAINERS, STDOUT, "frames/", "frames/%06d.png"}


# --- presets ---


def _number(text: str) -> float:
    return float(text.removeprefix("over "))


@pytest.mark.parametrize("name", [*SECTIONS, "output"])
def test_keys_of_settings(name: str) -> None:
    settings: type[Settings] = OutputSettings if name == "output" else SECTIONS[name]
    rows = {words(row[0])[0]: row for row in section_table(PRESETS, name)}
    assert rows.keys() - {"layers", "palette"} == settings.model_fields.keys()
    for key, info in settings.model_fields.items():
        _, default, low, high, _ = rows[key]
        bounds = {"low": -math.inf, "high": math.inf}
        for bound in info.metadata:
            bounds["low"] = getattr(bound, "ge", getattr(bound, "gt", bounds["low"]))
            bounds["high"] = getattr(bound, "le", bounds["high"])
        if low:
            assert (_number(low), _number(high)) == (bounds["low"], bounds["high"]), key
            assert low.startswith("over") == any(hasattr(bound, "gt") for bound in info.metadata), key
        else:
            assert math.inf in (bounds["high"], -bounds["low"]), f"{key} has bounds"
        written = str(list(info.default) if isinstance(info.default, tuple) else info.default)
        written = written.lower() if isinstance(info.default, bool) else written
        unset = "the file's default" if key == "audio_track" else "the codec's own"
        assert default.strip("`") == (unset if info.default is None else written), key


def test_keys_of_the_film_and_the_canvas() -> None:
    sections = section_schemas()
    own = preset_schema()["properties"].keys() - sections.keys()
    assert {words(row[0])[0] for row in section_table(PRESETS, "The film")} == own
    assert {words(row[0])[0] for row in section_table(PRESETS, "canvas")} == sections["canvas"].keys()


@pytest.mark.parametrize("name", [*SECTIONS, "canvas", "output"])
def test_choices_of_keys(name: str) -> None:
    rows = {words(row[0])[0]: row for row in section_table(PRESETS, name)}
    for key, value in section_schemas()[name].items():
        assert set(value.get("enum", ())) <= {word for cell in rows[key] for word in words(cell)}, key


def test_eases() -> None:
    text = PRESETS.read_text()
    paragraph = re.search(r"An \*\*ease\*\*.*?\n\n", text, re.DOTALL)
    assert paragraph
    curves = {word for word in words(paragraph[0]) if "-" not in word}
    assert {f"in-{name}" for name in curves} & EASES.keys() == {name for name in EASES if re.fullmatch(r"in-\w+", name)}
    assert set(words(paragraph[0])) - {"in-", "out-", "in-out-"} <= EASES.keys() | {
        name.rpartition("-")[2] for name in EASES
    }
    assert {"hold", "linear", "smooth"} <= curves


EXPRESSIONS = DOCS / "expressions.md"


def test_names_of_expressions() -> None:
    named = {word for row in section_table(EXPRESSIONS, "Names") for word in words(row[0])}
    assert named == EXPRESSION.names.keys()


def test_functions_of_expressions() -> None:
    named = {word.partition("(")[0] for row in section_table(EXPRESSIONS, "Functions") for word in words(row[0])}
    assert named == FUNCTIONS.keys()


def test_words_of_deforum_strings() -> None:
    rows = section_table(EXPRESSIONS, "Deforum strings")
    named = {word.partition("(")[0] for row in rows if row[0].startswith("of ") for word in words(row[1])}
    assert named == NUMEXPR_FUNCTIONS.keys()


def test_shipped_presets() -> None:
    assert {words(row[0])[0] for row in section_table(PRESETS, "The presets in the box")} == shipped_presets().keys()
    assert f"{_in_words(len(shipped_presets()))} presets come with" in (ROOT / "README.md").read_text()


def _in_words(number: int) -> str:
    return {25: "Twenty-five", 26: "Twenty-six", 27: "Twenty-seven", 28: "Twenty-eight"}[number]


# --- Python ---


def test_python_names() -> None:
    names = {word for row in section_table(DOCS / "python.md", "Names") for word in words(row[0])}
    assert names == set(zoomdream.__all__)


def test_environment() -> None:
    rows = section_table(DOCS / "python.md", "The environment")
    assert {words(row[0])[0]: words(row[1])[0] for row in rows} == dict(ENVIRONMENT)


# --- architecture ---


def test_folders() -> None:
    named = {words(row[0])[0].rstrip("/") for row in section_table(DOCS / "architecture.md", "The folders")}
    folders = {path.name for path in (ROOT / "zoomdream").iterdir() if (path / "__init__.py").exists()}
    assert named == folders


def test_files_that_the_architecture_names_are_there() -> None:
    for page in (DOCS / "architecture.md", ROOT / "CONTRIBUTING.md"):
        named = [word for word in words(page.read_text()) if re.fullmatch(r"[\w./-]+\.(py|pyi|md)", word)]
        missing = [name for name in named if not ((ROOT / "zoomdream" / name).exists() or (ROOT / name).exists())]
        assert missing == []


def test_root_modules_are_on_the_map() -> None:
    text = (DOCS / "architecture.md").read_text()
    modules = [path.name for path in (ROOT / "zoomdream").glob("[!_]*.py")]
    assert [name for name in modules if f"`{name}`" not in text] == []


# --- what .ci/run reads ---


def test_the_test_command_can_be_taken_from_the_readme() -> None:
    command = r"sed -n '/^<!-- the test command -->$/,/^```$/p' README.md | grep '^python3 -m venv'"
    output = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert len(output.splitlines()) == 1
    assert output.strip().endswith("-m pytest")


def test_every_table_has_rows_of_one_length() -> None:
    for page in (ROOT / "README.md", *DOCS.glob("*.md")):
        for table in tables(page):
            assert len({len(row) for row in table}) == 1, f"{page.name}: {table[0]}"
