from __future__ import annotations

from pathlib import Path

import pytest

import zoomdream
from zoomdream import __version__
from zoomdream.provenance import engine_modules, file_digest, provenance_line

PACKAGE = Path(zoomdream.__file__).parent


def test_a_line_names_what_matters_and_nothing_empty() -> None:
    assert provenance_line("squeezenet1_1", "fire8=1", 7, "coherence 0", "", "tiles of 512+64") == (
        f"zoomdream {__version__}: squeezenet1_1 fire8=1, seed 7, coherence 0, tiles of 512+64"
    )


def test_what_is_not_random_has_no_seed() -> None:
    assert provenance_line("vgg16", "gradient of relu4_3", None) == (
        f"zoomdream {__version__}: vgg16 gradient of relu4_3"
    )


def test_the_code_that_makes_frames_is_that_of_subfolders_too() -> None:
    modules = {path.relative_to(PACKAGE).as_posix() for path in engine_modules()}
    assert {"rng.py", "dreaming/ascent.py", "films/playback/loops.py", "images/sampling/resample.py"} <= modules
    assert {"networks/execution/blocks.py", "motion/optical_flow/flow.py", "schedule/music/beats.py"} <= modules
    assert not [name for name in modules if name.startswith(("cli/", "farm/", "stability/"))]


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"one")
    first = file_digest(file)
    with monkeypatch.context() as patch:
        patch.setattr("zoomdream.provenance.hashlib.file_digest", lambda *_: pytest.fail("read twice"))
        assert file_digest(file) == first
    file.write_bytes(b"three")
    assert file_digest(file) != first
