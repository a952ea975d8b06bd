"""Pictures that a command makes: checked before the work, made, written.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.cli.echo import echo_picture, echo_warnings
from zoomdream.cli.options.loading import blueprint_of, load_with_options
from zoomdream.cli.options.shared_options import ComputeOptions, NetworkOptions, RunOptions

if TYPE_CHECKING:
    from zoomdream.images.frame import Frame, Size
    from zoomdream.networks import Network
    from zoomdream.objectives import Spec
    from zoomdream.progress import Job


def make_pictures(
    prepare: Callable[[Network], Job[Frame] | Job[tuple[Frame, ...]]],
    outputs: Mapping[Path, Size],
    objectives: Collection[str | Spec],
    network: NetworkOptions,
    compute: ComputeOptions,
    run: RunOptions,
    *,
    subject: str,
    inputs: Iterable[Path] = (),
) -> None:
    """Make pictures and write them, the same way for every command.

    Everything that may be wrong is checked before weights are fetched: the files, the sizes for their formats, and the
    objectives in their network. From then on no other run may write the files.

    Args:
        prepare: makes the job from the network with its weights.
        outputs: the files in the order of the job's frames, each with the (width, height) that its picture will have.
        objectives: those of the job, as specs or in their short form.
        network, compute, run: the options of these groups.
        subject: what the pictures show, for the last line.
        inputs: files that are read, other than the objectives' own.
    """
    from zoomdream.cli.progress.progress_bar import progress_bar
    from zoomdream.images.pictures.saving import check_picture_file, save_image
    from zoomdream.objectives import parse, verify
    from zoomdream.output_lock import output_lock

    specs = [parse(objective) if isinstance(objective, str) else objective for objective in objectives]
    files = [*inputs, *(path for spec in specs for path in spec.files)]

    def check_outputs() -> None:
        for output, size in outputs.items():
            check_picture_file(output, size, overwrite=run.overwrite, inputs=files)

    check_outputs()
    with ExitStack() as locks:
        for output in outputs:
            locks.enter_context(output_lock(output))
        check_outputs()  # another run may just have ended
        for spec in specs:
            verify(blueprint_of(network), spec)
        loaded = load_with_options(network, compute)
        job = prepare(loaded)
        echo_warnings(job.warnings)
        with progress_bar(run.progress, next(iter(outputs)).name) as on_progress:
            result = job.run(on_progress)
        frames = result if isinstance(result, tuple) else (result,)
        for output, frame in zip(outputs, frames, strict=True):
            save_image(frame, output, job.provenance, overwrite=run.overwrite)
            echo_picture(output, frame, loaded, subject)
