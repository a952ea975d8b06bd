"""The shape of the code: few modules and folders, short functions, imports that go down only, tests of public names."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.syntax_trees import function_lengths, parse_modules, private_names, without_docstring

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "zoomdream"


@pytest.fixture(scope="module")
def modules() -> dict[Path, ast.Module]:
    """The package's modules."""
    return parse_modules(PACKAGE)


def test_a_listing_of_the_package_is_short() -> None:
    """`ls zoomdream` reads as the product: `__init__` and `__main__` are Python's and not counted."""
    names = [path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__")]
    folders = [path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))]
    assert len(names) <= 12, names
    assert len(folders) <= 16, folders


def test_modules_are_short(modules: dict[Path, ast.Module]) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    refuse([f"{path.relative_to(ROOT)}: {length} lines" for path, length in lengths.items() if length > 320])


def test_functions_are_short(modules: dict[Path, ast.Module]) -> None:
    lengths = {(path, name): n for path, tree in modules.items() for name, n in function_lengths(tree).items()}
    refuse([f"{path.relative_to(ROOT)}: {name}: {n} lines" for (path, name), n in lengths.items() if n > 60])
    assert statistics.median(lengths.values()) <= 8


def test_all_that_is_public_has_a_docstring(modules: dict[Path, ast.Module]) -> None:
    refuse([f"{path.relative_to(ROOT)}: {name}" for path, tree in modules.items() for name in without_docstring(tree)])


def test_every_module_says_what_it_is_for(modules: dict[Path, ast.Module]) -> None:
    refuse([str(path.relative_to(ROOT)) for path, tree in modules.items() if not ast.get_docstring(tree)])


def test_tests_use_public_names_only() -> None:
    trees = parse_modules(ROOT / "tests")
    refuse([f"{path.relative_to(ROOT)}: {name}" for path, tree in trees.items() for name in private_names(tree)])


def refuse(complaints: list[str]) -> None:
    """Fail with all complaints, one a line."""
    assert not complaints, "\n" + "\n".join(complaints)


def test_private_names_are_recognized() -> None:
    source = """
import torch
from zoomdream.films import _loops
from zoomdream.films.film import Film, prepare
from zoomdream.images.color import _mix as mix
def test(film: Film, monkeypatch):
    film._a
    Film._b(1)._c
    other = prepare(1)
    other._d.e
    monkeypatch.setattr("zoomdream.films.frame_loops._f", 1)
    monkeypatch.setattr(film, "_g", 1)
    torch._C, torch.Tensor._make, Film.__init__, film.public, getattr(torch, "_x")
"""
    names = [name.split()[0] for name in private_names(ast.parse(source))]
    assert sorted(names) == sorted(["_loops", "_mix", "_a", "_b", "_c", "_d", "zoomdream.films.frame_loops._f", "_g"])


def test_missing_docstrings_are_recognized() -> None:
    source = "class A:\n    'x'\n    def a(self): ...\n    def _b(self): ...\ndef c(): 'c'\ndef _d(): ...\nclass E: ..."
    assert without_docstring(ast.parse(source)) == ["A.a (line 3)", "E (line 7)"]


def test_function_lengths_count_lines() -> None:
    tree = ast.parse("@cache\ndef a():\n    'x'\n\n    return 1\nclass B:\n    async def c(self): ...\n")
    assert function_lengths(tree) == {"a (line 2)": 4, "c (line 7)": 1}


def lint_imports(config: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over the package, with the contracts of a file."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(sys.argv[1], no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", code, str(config)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_imports_go_down_only() -> None:
    linted = lint_imports(ROOT / "pyproject.toml")
    assert linted.returncode == 0, linted.stdout
    assert "0 broken" in linted.stdout


def test_an_upward_import_is_recognized(tmp_path: Path) -> None:
    """The same contract with its two highest layers the other way round."""
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    upside_down = contract.replace(
        '    "cli",\n    "studio",\n    "farm",\n', '    "farm",\n    "cli",\n    "studio",\n'
    )
    assert upside_down != contract
    (tmp_path / "pyproject.toml").write_text(upside_down, encoding="utf-8")
    linted = lint_imports(tmp_path / "pyproject.toml")
    assert linted.returncode == 1
    assert "zoomdream.cli is not allowed to import zoomdream.farm" in linted.stdout
