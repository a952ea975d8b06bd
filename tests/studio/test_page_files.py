"""The page's files: small modules, nothing inline, nothing from elsewhere, licences beside what others wrote."""

from __future__ import annotations

import re
from pathlib import Path

import zoomdream

PAGE = Path(zoomdream.__file__).parent / "studio" / "page"
OWN = [path for path in PAGE.rglob("*") if path.suffix in (".js", ".css", ".html") and "vendor" not in path.parts]


def test_modules_are_short() -> None:
    assert OWN
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in OWN}
    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}


def test_the_page_has_nothing_inline() -> None:
    """The Content-Security-Policy refuses scripts and styles in the page itself."""
    index = (PAGE / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son\w+=", index)


def test_nothing_comes_from_elsewhere() -> None:
    foreign = {
        path.name: re.findall(r"https?://(?!www\.w3\.org/)[^\s\"']+", path.read_text(encoding="utf-8")) for path in OWN
    }
    assert {name: addresses for name, addresses in foreign.items() if addresses} == {}


def test_every_import_leads_to_a_file() -> None:
    missing = [
        f"{path.name}: {name}"
        for path in OWN
        for name in re.findall(r"from \"(\.[^\"]+)\"|\"/page/([^\"]+)\"", path.read_text(encoding="utf-8"))
        for target in [(path.parent / name[0]) if name[0] else PAGE / name[1]]
        if not target.is_file()
    ]
    assert missing == []


def test_what_is_vendored_has_its_licence() -> None:
    vendored = [path for path in (PAGE / "vendor").iterdir() if not path.name.endswith(".LICENSE.txt")]
    assert {path.name for path in vendored} == {"codemirror.js", "inter.woff2"}
    for path in vendored:
        licence = path.with_name(f"{path.stem}.LICENSE.txt").read_text(encoding="utf-8")
        assert "MIT" in licence or "SIL OPEN FONT LICENSE" in licence
