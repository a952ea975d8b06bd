"""The command that tells what is heard in a sound: audio.

Nothing heavy is imported before the command needs it.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoomdream.cli.echo import echo_data, echo_json, visible
from zoomdream.cli.options.parsing import seconds
from zoomdream.cli.options.shared_options import JsonOption
from zoomdream.errors import UsageError

if TYPE_CHECKING:
    from zoomdream.schedule.music.audio_features import AudioFeatures

app = typer.Typer()


@app.command()
def audio(
    file: Annotated[str, typer.Argument(help="A sound or a film, or a sample such as sample:groove.")],
    track: Annotated[
        int | None, typer.Option(min=1, help="Which of its sound tracks, from 1.", show_default="its default")
    ] = None,
    bpm: Annotated[
        float | None, typer.Option(min=1, max=1000, help="Beats a minute.", show_default="what is found")
    ] = None,
    beat_offset: Annotated[
        str | None, typer.Option(help="When the first beat of --bpm is, such as 120ms.", show_default="0s")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the features and the beats over time, as a PNG.")] = None,
    overwrite: Annotated[bool, typer.Option("-y", "--overwrite", help="Replace the plot if it exists.")] = False,
    as_json: JsonOption = False,
) -> None:
    """What a film's tracks hear in a sound: its length, tempo, beats and features."""
    from zoomdream.images.plots import check_plot
    from zoomdream.output_lock import output_lock
    from zoomdream.presets.sample_pictures import check_sample_sound, is_sample, sample_file
    from zoomdream.schedule.music.audio_chart import save_chart
    from zoomdream.schedule.music.audio_features import audio_features

    path = sample_file(check_sample_sound(file)) if is_sample(file) else Path(file)
    if beat_offset is not None and bpm is None:
        raise UsageError(f"--beat-offset {beat_offset}: it says when the first beat of --bpm is: give that, too")
    offset = seconds("--beat-offset", beat_offset or "0s")
    with ExitStack() as lock:
        if plot is not None:
            check_plot(plot, overwrite=overwrite, inputs=[path])
            lock.enter_context(output_lock(plot))
            check_plot(plot, overwrite=overwrite, inputs=[path])  # another run may just have ended
        heard = audio_features(path, track)
        heard = heard if bpm is None else heard.with_beats(bpm, offset)
        if plot is not None:
            save_chart(heard, plot, overwrite=overwrite)
    facts = _facts(file, heard)
    return echo_json(facts) if as_json else echo_data(visible(_in_words(facts)))


def _facts(file: str, heard: AudioFeatures) -> dict[str, Any]:
    return {
        "file": file,
        "seconds": round(heard.seconds, 6),
        "bpm": None if heard.bpm is None else round(heard.bpm, 3),
        "beats": [round(float(beat), 3) for beat in heard.beats],
    }


def _in_words(facts: dict[str, Any]) -> str:
    beats, bpm = facts["beats"], facts["bpm"]
    lines = {
        "file": facts["file"],
        "seconds": f"{facts['seconds']:.3f}",
        "tempo": "none was found" if bpm is None else f"{bpm:.1f} beats a minute",
        "beats": f"{len(beats)}, the first at {beats[0]:.3f} s" if beats else "0",
    }
    return "\n".join(f"{key:18} {value}" for key, value in lines.items())
