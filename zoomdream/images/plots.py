"""Plots: drawn by matplotlib, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.errors import UsageError
from zoomdream.output_files import check_output_file, picture_error, whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def check_plot(path: Path, *, overwrite: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Check, before anything is measured, that a plot may be written to `path`.

    Raises UsageError for a suffix that is not .png, OutputError for a folder that is not there, a file that is, or one
    of `inputs`.
    """
    if path.suffix.lower() != ".png":
        raise UsageError(f"{path}: a plot is a PNG, so its name must end in .png")
    check_output_file(path, overwrite=overwrite, inputs=inputs)


def save_figure(figure: Figure, path: Path, *, overwrite: bool = True) -> None:
    """Write a figure as a PNG.

    Raises as `check_plot` does; OutputExistsError where a file has appeared since and `overwrite` is false; OutputError
    when the file cannot be written, EncodeError when its disk is full.
    """
    check_plot(path, overwrite=overwrite)
    try:
        with whole_file(path, overwrite=overwrite) as part:
            figure.savefig(part, format="png")
    except OSError as error:
        raise picture_error(path, error) from error
