"""The commands that examine films: probe, shots, stability.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoomdream.cli.echo import echo_data, echo_json, echo_warnings, telling_downloads, visible
from zoomdream.cli.options.shared_options import AllowTruncatedOption, DeviceOption, JsonOption, OfflineOption

if TYPE_CHECKING:
    from zoomdream.media import Clip

app = typer.Typer()


@app.command()
def probe(
    clip: Annotated[Path, typer.Argument(help="A film, or a folder of numbered pictures.")],
    as_json: JsonOption = False,
) -> None:
    """What a film is: size, exact rate, frames, length, colors, sound."""
    from zoomdream.encoding.hardware import ENCODER_TAG
    from zoomdream.media import probe as probe_clip
    from zoomdream.media import read_tags
    from zoomdream.media.clip_warnings import clip_warnings

    opened = probe_clip(clip)
    encoder = None if opened.pictures else read_tags(clip).get(ENCODER_TAG)
    facts, tracks = {**_clip_facts(opened), "encoder": encoder}, [] if opened.pictures else _track_facts(clip)
    echo_warnings([*clip_warnings(opened), *(opened.pictures.content_warnings() if opened.pictures else ())])
    if as_json:
        return echo_json({**facts, "sound_tracks": tracks})
    lines = [f"{key.replace('_', ' '):18} {_in_words(value)}" for key, value in facts.items()]
    lines += [f"{'sound track ' + str(track['number']):18} {_track_in_words(track)}" for track in tracks]
    return echo_data(visible("\n".join(lines)))


def _clip_facts(clip: Clip) -> dict[str, Any]:
    return {
        "file": str(clip.path),
        "size": f"{clip.size[0]}x{clip.size[1]}",
        "fps": str(clip.fps),
        "variable_rate": clip.variable_rate,
        "frames": clip.frames,
        "promised_frames": clip.promised_frames,
        "undecodable_start": clip.undecodable_start,
        "seconds": round(float(clip.duration), 6),
        "start_seconds": round(float(clip.start_time), 6),
        "last_frame_seconds": round(float(clip.last_frame_seconds), 6),
        "codec": clip.codec,
        "pixel_format": clip.pixel_format,
        "bit_depth": clip.bit_depth,
        "color_matrix": clip.color_matrix,
        "color_range": clip.color_range,
        "color_primaries": clip.color_primaries,
        "color_transfer": clip.color_transfer,
        "field_order": clip.field_order,
        "alpha": clip.has_alpha,
        "rotation": clip.rotation,
        "sample_aspect": str(clip.sample_aspect),
        "changes_shape": clip.changes_shape,
        "stream": clip.stream,
        "video_streams": clip.video_streams,
        "audio": clip.audio,
    }


def _track_facts(clip: Path) -> list[dict[str, Any]]:
    """The sound tracks, with whether the beginning of each can be decoded."""
    from zoomdream.media.sound_tracks import decode_failure, sound_tracks

    return [{**asdict(track), "failure": decode_failure(clip, track)} for track in sound_tracks(clip)]


def _track_in_words(track: dict[str, Any]) -> str:
    rate = f"{track['rate']} Hz" if track["rate"] else ""
    default = "default" if track["is_default"] else ""
    failure = f"cannot be heard: {track['failure']}" if track["failure"] else ""
    words = (track["codec"], track["layout"], rate, track["language"], track["title"], default, failure)
    return ", ".join(filter(None, words))


def _in_words(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else value


@app.command()
def shots(
    clip: Annotated[Path, typer.Argument(help="A film, or a folder of numbered pictures.")],
    allow_truncated: AllowTruncatedOption = False,
    as_json: JsonOption = False,
) -> None:
    """A film's shots, as a render finds them: first frame, last frame, beginning in seconds."""
    from zoomdream.media.clip_warnings import clip_warnings
    from zoomdream.motion.cuts import find_shots

    source, spans = find_shots(clip, allow_truncated=allow_truncated)
    echo_warnings([*clip_warnings(source), *(source.pictures.content_warnings() if source.pictures else ())])
    rows = [
        {"first": span.first, "last": span.stop - 1, "seconds": round(float(span.first / source.fps), 3)}
        for span in spans
    ]
    if as_json:
        return echo_json(rows)
    lines = [f"{'first':>8} {'last':>8} {'begins':>10}"]
    lines += [f"{row['first']:8} {row['last']:8} {row['seconds']:9.3f}s" for row in rows]
    return echo_data("\n".join(lines))


@app.command()
def stability(
    output: Annotated[Path, typer.Argument(help="A dreamed film, or a folder of its frames.")],
    source: Annotated[
        Path, typer.Option("--source", help="The clip, or the folder of pictures, that it was dreamed over.")
    ],
    start: Annotated[int, typer.Option(min=0, help="The clip's frame that the film begins with.")] = 0,
    flow: Annotated[
        str, typer.Option(help="fast, medium, fine, farneback, raft; auto: another one than the film used.")
    ] = "auto",
    plot: Annotated[Path | None, typer.Option(help="Draw every measure over time, as a PNG.")] = None,
    device: DeviceOption = "auto",
    offline: OfflineOption = False,
    overwrite: Annotated[bool, typer.Option("-y", "--overwrite", help="Replace the plot if it exists.")] = False,
    allow_truncated: AllowTruncatedOption = False,
    as_json: JsonOption = False,
) -> None:
    """How steadily a dream follows its source: nE, E_warp, strength, sharpness, mean color, second by second."""
    from zoomdream.output_lock import output_lock
    from zoomdream.runtime import choose_device
    from zoomdream.stability import check_plot, format_table, measure, save_plot

    with ExitStack() as lock:
        if plot is not None:
            inputs = [*_files(output), *_files(source)]
            check_plot(plot, overwrite=overwrite, inputs=inputs)
            lock.enter_context(output_lock(plot))
            check_plot(plot, overwrite=overwrite, inputs=inputs)  # another run may just have ended
        lock.enter_context(telling_downloads(offline))
        result = measure(
            output,
            source,
            method=flow,
            start=start,
            device=choose_device(device),
            allow_truncated=allow_truncated,
        )
        if plot is not None:
            save_plot(result, plot, overwrite=overwrite)
    return echo_json(result.to_json()) if as_json else echo_data(format_table(result))


def _files(source: Path) -> list[Path]:
    """A film's file, or all files of a folder of pictures. Raises SourceError."""
    from zoomdream.media import is_picture_sequence
    from zoomdream.media.picture_folders.sequence import find_pictures

    return list(find_pictures(source).files) if is_picture_sequence(source) else [source]
