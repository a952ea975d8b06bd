from __future__ import annotations

from pathlib import Path

import pytest
import torch

from zoomdream.cli.echo import (
    echo,
    echo_above,
    echo_data,
    echo_download,
    echo_json,
    echo_picture,
    echo_warnings,
    visible,
)
from zoomdream.networks import Network
from zoomdream.progress import Progress


def test_lines_go_to_stderr_and_data_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    echo("a line")
    echo_warnings(["one", "two"])
    echo_json({"name": "Ölbaum"})
    output = capsys.readouterr()
    assert output.err == "a line\nwarning: one\nwarning: two\n"
    assert output.out == '{\n  "name": "Ölbaum"\n}\n'


def test_a_download_is_a_line_for_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    on_progress = echo_download()
    for done in range(0, 20_000_001, 100_000):
        on_progress(Progress(done, 20_000_000, "byte", "vgg16.pth"))
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"vgg16.pth: {megabytes} of 20 MB" for megabytes in range(0, 21, 2)]


def test_a_download_of_unknown_length_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    on_progress = echo_download()
    for done in (1_000_000, 2_000_000):
        on_progress(Progress(done, None, "byte", "vgg16.pth"))
    assert capsys.readouterr().err == "vgg16.pth: 1 MB\n"


def test_a_picture_is_a_line_with_its_size(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    echo_picture(Path("a.png"), torch.zeros(1, 3, 48, 64), network, "fire8")
    assert capsys.readouterr().err == "a.png: 64x48, squeezenet1_1 fire8, on cpu\n"


def test_lines_of_a_block_go_through_its_display(capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    with echo_above(lines.append):
        echo("above the bar")
    echo("on its own")
    assert lines == ["above the bar"]
    assert capsys.readouterr().err == "on its own\n"


def test_data_go_to_stdout_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    echo_data("a table")
    echo_data("a: preset\n", newline=False)
    assert capsys.readouterr().out == "a table\na: preset\n"


def test_names_and_tags_command_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    echo("a\x1b[2J\r\x9b\u202eb\tÖlbaum 🌳\n")
    assert capsys.readouterr().err == "a\\x1b[2J\\x0d\\x9b\\u202eb\tÖlbaum 🌳\n\n"
    assert visible("\x7f") == "\\x7f"
