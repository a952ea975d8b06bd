"""What `import zoomdream` promises: its names, their types, and that it costs no import of torch."""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import assert_type

import pytest

import zoomdream
from zoomdream.films.film import Film
from zoomdream.runtime import ENVIRONMENT, set_environment

ROOT = Path(__file__).parents[1]
PACKAGES = [
    "zoomdream",
    *(module.name for module in pkgutil.walk_packages(zoomdream.__path__, "zoomdream.") if module.ispkg),
]


def python(code: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    kept = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    kept["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=kept | environment).stdout.strip()


def types_seen_through_the_lazy_names() -> None:
    """Not run, but checked by mypy, which also refuses a `type: ignore` where there is nothing to ignore."""
    film = zoomdream.prepare(zoomdream.load_preset("quickstart"), precision="float32")
    assert_type(film, Film)
    zoomdream.prepare(42)  # type: ignore[arg-type]
    zoomdream.prepare(nonsense=True)  # type: ignore[call-arg]
    zoomdream.nowhere  # type: ignore[attr-defined]  # noqa: B018


def test_the_public_names_are_sorted_and_those_of_the_stub() -> None:
    stub = ast.parse((ROOT / "zoomdream" / "__init__.pyi").read_text(encoding="utf-8"))
    listed = next(node.value for node in stub.body if isinstance(node, ast.Assign))
    assert sorted(zoomdream.__all__) == sorted(ast.literal_eval(listed))
    assert sorted(ast.literal_eval(listed)) == ast.literal_eval(listed)
    assert list(zoomdream.__all__) == sorted(zoomdream.__all__)
    assert set(zoomdream.__all__) - {"__version__"} <= set(dir(zoomdream))


@pytest.mark.parametrize("name", zoomdream.__all__)
def test_every_public_name_loads(name: str) -> None:
    assert getattr(zoomdream, name) is not None


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_exports_what_it_has_and_no_name_of_a_module_of_its_own(package: str) -> None:
    """A module `resolve` would take the place of a function `resolve` as soon as it is imported."""
    loaded = importlib.import_module(package)
    exported = getattr(loaded, "__all__", [])
    modules = {module.name for module in pkgutil.iter_modules(loaded.__path__)}
    assert [name for name in exported if name in modules] == []
    assert [name for name in exported if not hasattr(loaded, name)] == []
    assert list(exported) == sorted(exported)


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, zoomdream; dir(zoomdream); print(*{'torch', 'numpy', 'cv2', 'pydantic'} & set(sys.modules))"
    assert python(code) == ""


def test_importing_it_sets_the_environment_and_keeps_a_users_own() -> None:
    code = "import os, zoomdream; print(os.environ['GOMP_SPINCOUNT'], os.environ['PYTORCH_ENABLE_MPS_FALLBACK'])"
    assert python(code) == "1000 1"
    assert python(code, GOMP_SPINCOUNT="7") == "7 1"
    assert python(code, PYTORCH_ENABLE_MPS_FALLBACK="0") == "1000 0"


@pytest.mark.parametrize("module", ["benchmarks.ascent", "benchmarks.film", "zoomdream.__main__"])
def test_the_environment_is_set_before_torch_is_imported(module: str) -> None:
    code = (
        "import builtins, importlib, os\n"
        "real = builtins.__import__\n"
        "def spy(name, *rest, **more):\n"
        "    if name.split('.')[0] == 'torch':\n"
        "        print(os.environ.get('GOMP_SPINCOUNT'), flush=True)\n"
        "        os._exit(0)  # the rest of the import takes seconds, and tells nothing\n"
        "    return real(name, *rest, **more)\n"
        "builtins.__import__ = spy\n"
        f"importlib.import_module('{module}'); import torch\n"
    )
    assert python(code) == "1000"


def test_setting_the_environment_keeps_what_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOMP_SPINCOUNT", "11")
    monkeypatch.delenv("PYTORCH_ENABLE_MPS_FALLBACK")
    set_environment()
    assert os.environ["GOMP_SPINCOUNT"] == "11"
    assert os.environ["PYTORCH_ENABLE_MPS_FALLBACK"] == "1"
