"""From a preset to a film: everything that the preset names is resolved and checked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import torch

from zoomdream.encoding import Sound
from zoomdream.encoding.codecs import encoder_bytes
from zoomdream.errors import SourceError
from zoomdream.films.film import Film
from zoomdream.films.film_objectives import FilmObjectives
from zoomdream.films.footage import Footage
from zoomdream.films.inputs.film_sound import FilmSound, has_sound, sound_warnings
from zoomdream.films.inputs.mask_files import open_masks
from zoomdream.films.inputs.reference_colors import reference_palettes
from zoomdream.films.inputs.source import FilmSource, load_source
from zoomdream.films.playback.loop_settings import loop_of, loop_warnings
from zoomdream.films.warnings import film_warnings, graph_warnings
from zoomdream.media.sound_tracks import SoundTrack, choose_track, decode_failure, sound_tracks
from zoomdream.memory import memory_guard
from zoomdream.motion.optical_flow.flow import flow_method
from zoomdream.networks import Network, load_networks, network_info
from zoomdream.objectives import Objective, plan_tiles, tiles_of_side
from zoomdream.objectives.gradient_graphs import GradientGraphs
from zoomdream.presets.preset import Preset
from zoomdream.progress import OnProgress
from zoomdream.runtime import Threads, choose_device, choose_precision, use_threads
from zoomdream.schedule.timeline import Timeline


def prepare(
    preset: Preset,
    *,
    device: str = "auto",
    precision: str = "auto",
    threads: Threads | None = None,
    tile: int | None = None,
    allow_truncated: bool = False,
    max_memory: int | None = None,
    on_progress: OnProgress | None = None,
) -> Film:
    """Resolve and check everything that a preset names: source, network, objectives, sound, memory.

    Args:
        preset: from `load_preset`.
        device: where the network runs: auto, cpu, cuda or mps.
        precision: the network's number format: auto, float32, bfloat16 or float16.
        threads: how many threads compute from now on; auto: one for each core; None: as many as now.
        tile: side in pixels of the tiles that frames are dreamed in, as an earlier run has chosen it; 0: in one piece;
            None: chosen by `max_memory`.
        allow_truncated: take what there is of a video that is cut short.
        max_memory: bytes that this process and its ffmpeg may come to hold; None: half of what is free, and on a
            processor no more than `tile_plan.LARGE_STEP` for a large frame's step. A frame whose step does not fit is
            dreamed in tiles.
        on_progress: counts the bytes when weights are downloaded on first use.

    Raises UsageError, SourceError, WeightsError or OutOfMemoryError; after it, rendering can only fail for lack of
    memory or disk.
    """
    torch_device = choose_device(device)
    use_threads(threads)
    preset.check_files()
    source = load_source(preset, torch_device, allow_truncated=allow_truncated, max_memory=max_memory)
    heard = FilmSound(preset, source) if has_sound(preset, source) else None
    if heard is not None:
        heard.check()
    timeline = _timeline(preset, source, heard, max_memory)
    loop = loop_of(preset, source)
    network = _load_network(preset, torch_device, precision, on_progress)
    sound = _find_sound(preset, source)
    _check_flow(preset, timeline, source, torch_device)
    objectives = _resolve_objectives(preset, network, timeline, source, max_memory, tile)
    with memory_guard(source.size):
        warnings = [*film_warnings(preset, source, timeline, objectives), *loop_warnings(preset, timeline)]
        objectives = objectives.recorded(GradientGraphs.on(torch_device))
        warnings += graph_warnings(objectives, timeline, source.size)
    warnings += [*sound_warnings(preset, source, heard.heard if heard else None), *_output_warnings(preset, sound)]
    return Film(
        timeline,
        source.picture,
        objectives,
        preset.seed,
        fit=preset.canvas.fit,
        output=preset.output,
        sound=sound,
        origin=preset.portable,
        warnings=tuple(warnings),
        loop=loop,
        inputs=_inputs(preset, source, sound, objectives),
    )


def _timeline(preset: Preset, source: FilmSource, heard: FilmSound | None, max_memory: int | None) -> Timeline:
    variables, palettes = preset.variables(source.clock, source.size, heard), reference_palettes(preset, max_memory)
    return preset.timeline(source.clock, variables, source.adaptation(preset.canvas), palettes)


def _load_network(preset: Preset, device: torch.device, precision: str, on_progress: OnProgress | None) -> Network:
    with preset.locating_errors(preset.networks_key):
        for name in preset.networks:
            network_info(name)
    return load_networks(
        preset.networks,
        weights=preset.weights,
        device=device,
        dtype=choose_precision(precision, device),
        on_progress=on_progress,
    )


def _find_sound(preset: Preset, source: FilmSource) -> Sound | None:
    """The film's sound. Raises SourceError when a file that is named has none."""
    file, picture, number = preset.audio, source.picture, preset.audio_track
    if file is not None:
        tracks = sound_tracks(file)
        if not tracks:
            raise SourceError(f"{file} has no sound: name another file, or none")
        is_of_output = number is None or number == preset.output.audio_track
        with preset.locating_errors(*(("output", "audio_track") if is_of_output else ("audio", "track"))):
            chosen = choose_track(file, tracks, number)
        _refuse_undecodable(file, [chosen] if number else tracks)
        return Sound(file, track=number)
    if isinstance(picture, Footage) and preset.output.audio == "source" and picture.clip.audio:
        if number is not None:
            with preset.locating_errors("output", "audio_track"):
                choose_track(picture.clip.path, sound_tracks(picture.clip.path), number)
        return Sound(picture.clip.path, picture.start, track=number, is_continuous=picture.clip.is_continuous)
    return None


def _output_warnings(preset: Preset, sound: Sound | None) -> list[str]:
    """About settings of the output that the film's sound has no use for, or does not follow."""
    output = preset.output
    if sound is None:
        return ["output.audio_track: no effect, since the film has no sound"] if output.audio_track else []
    warnings = ["output.reverse: the pictures run backward, the sound forward"] if output.reverse else []
    if output.pingpong:
        warnings.append("output.pingpong: the sound is heard once, and silence follows on the way back")
    return warnings


def _refuse_undecodable(file: Path, tracks: Sequence[SoundTrack]) -> None:
    """Raise SourceError where none of the tracks of a file that the user has named can be heard."""
    failures = []
    for track in tracks:
        failure = decode_failure(file, track)
        if failure is None:
            return
        failures.append(f"track {track.label}: {failure}")
    raise SourceError(f"{file} has no sound that can be decoded: name another file, or none ({'; '.join(failures)})")


def _check_flow(preset: Preset, timeline: Timeline, source: FilmSource, device: torch.device) -> None:
    """Find out now whether the flow can be computed: RAFT's weights may be missing."""
    if isinstance(source.picture, Footage):
        with preset.locating_errors("carry", "flow"):
            flow_method(timeline[0].carry.flow, device)


def _resolve_objectives(
    preset: Preset,
    network: Network,
    timeline: Timeline,
    source: FilmSource,
    max_memory: int | None,
    tile: int | None,
) -> FilmObjectives:
    """Look up what the film amplifies, check it, place its weights on the device, and plan the tiles."""
    masks = open_masks(preset, timeline, source)
    with preset.locating_errors("dream", "layers"):
        objectives = FilmObjectives.resolve(network, timeline, preset.canvas.fit, masks)
        distinct = objectives.distinct(timeline)
    objectives.all.check(source.size)
    network.place_weights(objectives.all.taps)
    taps_of_frames = {objective.taps for objective in distinct}
    if tile is None:
        beside = encoder_bytes(preset.output.codec, source.size) + masks.bytes_beside(source.size)
        if isinstance(source.picture, Footage):
            beside += source.picture.bytes_beside
        tiling = plan_tiles(objectives.all, source.size, max_memory, taps_of_frames, beside=beside)
    else:
        tiling = tiles_of_side(objectives.all, tile)
    with memory_guard(source.size), preset.locating_errors("dream", "layers"), closing(masks):
        _refuse_cancelling(distinct, timeline, source)
    return objectives.tiled(tiling)


def _refuse_cancelling(objectives: Sequence[Objective], timeline: Timeline, source: FilmSource) -> None:
    """Raise SettingError where terms undo one another on the first picture that the network sees."""
    for objective in objectives:
        if objective.may_cancel:
            picture = source.first_octave(timeline[0].dream, objective)
            if picture is not None:
                objective.refuse_cancelling(picture)


def _inputs(preset: Preset, source: FilmSource, sound: Sound | None, objectives: FilmObjectives) -> tuple[Path, ...]:
    """Every file that the film is made from, and the folder of a source's pictures."""
    named = (preset.file, preset.source, preset.weights, preset.music, sound and Path(sound.path))
    palettes = [each.picture for each in (preset.palette.references if preset.palette else ()) if each.picture]
    pictures = [path for term in objectives.terms.values() for path in term.spec.files]
    clips = [*([source.picture.clip] if isinstance(source.picture, Footage) else []), *objectives.masks.clips]
    of_sequences = [path for clip in clips if (each := clip.pictures) for path in (each.folder, *each.files)]
    return (*(path for path in named if path), *palettes, *pictures, *of_sequences)
