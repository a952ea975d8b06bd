"""The wheel: what it contains, and that it works where no checkout is."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import zipfile
from email import message_from_bytes
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import zoomdream
from zoomdream.media import probe

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[1]

pytest.importorskip("hatchling", reason="the wheel is built without a network: pip install -e '.[test]'")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built by the hatchling that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", folder, ROOT], check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_it_contains_presets_samples_types_and_the_studios_page(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "zoomdream").rglob("*.py")}
    presets = {f"zoomdream/presets/yaml/{path.name}" for path in (ROOT / "presets").glob("*.yaml")}
    folder = ROOT / "samples"
    files = (*folder.glob("*.jpg"), *folder.glob("*.ogg"))
    samples = {f"zoomdream/presets/samples/{path.name}" for path in files}
    studio = ROOT / "zoomdream" / "studio" / "page"
    page = {path.relative_to(ROOT).as_posix() for path in studio.rglob("*") if path.is_file()}
    assert len(presets) > 5
    assert len(samples) > 3
    assert "zoomdream/studio/page/vendor/codemirror.LICENSE.txt" in page
    assert modules | presets | samples | page | {"zoomdream/__init__.pyi", "zoomdream/py.typed"} <= names
    assert [name for name in names if not name.startswith("zoomdream")] == []


def test_its_metadata_name_version_command_and_license(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    folder = f"zoomdream-{zoomdream.__version__}.dist-info"
    metadata = message_from_bytes(archive.read(f"{folder}/METADATA"))
    assert (metadata["Name"], metadata["Version"]) == ("zoomdream", zoomdream.__version__)
    assert metadata["License-Expression"] == "MIT AND OFL-1.1"
    assert b"zoomdream = zoomdream.__main__:main" in archive.read(f"{folder}/entry_points.txt")


def test_it_requires_every_package_that_it_imports(wheel: Path) -> None:
    """The tests run with more packages installed than zoomdream requires, and would not miss one."""
    archive = zipfile.ZipFile(wheel)
    metadata = message_from_bytes(archive.read(f"zoomdream-{zoomdream.__version__}.dist-info/METADATA"))
    required = {
        re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", line)[0]).lower() for line in metadata.get_all("Requires-Dist", [])
    }
    imported = set[str]()
    for path in (ROOT / "zoomdream").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])
    distributions = {**packages_distributions(), "ruamel": ["ruamel-yaml"]}  # a namespace of several packages
    foreign = imported - sys.stdlib_module_names - {"zoomdream"}
    missing = {
        name
        for name in foreign
        if not {re.sub(r"[-_.]+", "-", each).lower() for each in distributions[name]} & required
    }
    assert missing == {"pydantic_core"}  # pydantic brings the version that it needs, and no other fits
    assert len(foreign) > 10


def test_installed_elsewhere_it_lists_presets_and_renders_one(wheel: Path, tmp_path: Path) -> None:
    """Installed into an empty folder, run outside of the checkout, with no network to be had."""
    site = tmp_path / "site"
    options = ["--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check", "--quiet"]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, "--target", site, wheel], check=True)
    nowhere = "http://127.0.0.1:9"
    environment = os.environ | {"PYTHONPATH": str(site), "http_proxy": nowhere, "https_proxy": nowhere}

    def run(*arguments: object) -> str:
        command = [sys.executable, *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert Path(run("-c", "import zoomdream; print(zoomdream.__file__)").strip()).is_relative_to(site)
    command = site / "bin" / "zoomdream"
    listing = run(command, "presets", "list")
    assert all(path.stem in listing for path in (ROOT / "presets").glob("*.yaml"))
    run(command, "render", "quickstart", "--size", "64x36", "--frames", "0:2", "-o", "film.mp4")
    clip = probe(tmp_path / "film.mp4")
    assert (clip.size, clip.frames) == ((64, 36), 2)
