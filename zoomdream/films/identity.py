"""What decides the bits of a film's frames, beside its rows of settings: recorded in its journal and in its recipe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from zoomdream import __version__
from zoomdream.encoding.codecs import frame_bits
from zoomdream.errors import SourceError
from zoomdream.films.film import Film
from zoomdream.films.footage import Footage
from zoomdream.films.journal.folder import Identity, find_journal, journal_folder
from zoomdream.images.colors.color_names import color_text
from zoomdream.images.frame import Frame
from zoomdream.media import Clip, probe
from zoomdream.media.ffmpeg import ffmpeg_version
from zoomdream.media.tags import read_tags
from zoomdream.networks import Network
from zoomdream.objectives import Tiling
from zoomdream.presets.loading import is_film
from zoomdream.presets.preset import Preset
from zoomdream.presets.recipe import source_digest
from zoomdream.provenance import code_digest, file_digest
from zoomdream.runtime import processor, processor_model
from zoomdream.schedule.tracks import Key

COMPUTE_TAG = "zoomdream_compute"
"""The tag of a film's file that holds its `ComputeRecord`, as JSON."""


@dataclass(frozen=True)
class ComputeRecord:
    """How a film's frames were computed. With another one the same preset gives other bits, and soon other pictures."""

    processor: str
    """See `runtime.processor`."""
    precision: str
    """The network's number format: `float32`, `bfloat16` or `float16`."""
    threads: int
    """How many threads PyTorch used."""
    tile: int
    """Side of the tiles in pixels; 0: frames in one piece."""
    zoomdream: str
    """The version, and eight digits of the code."""
    torch: str
    """The version."""
    opencv: str
    """The version: its optical flow decides a video film's frames."""
    weights: str
    """See `Network.weights_digest`."""

    @classmethod
    def of(cls, network: Network, tiling: Tiling | None) -> ComputeRecord:
        """How a network computes in this process, now."""
        return cls(
            processor(network.device),
            str(network.dtype).removeprefix("torch."),
            torch.get_num_threads(),
            tiling.side if tiling else 0,
            f"{__version__} {code_digest()}",
            torch.__version__,
            version("opencv-python-headless"),
            network.weights_digest,
        )

    @classmethod
    def from_json(cls, text: str) -> ComputeRecord | None:
        """The record in a line of JSON; None where it is none, or a newer program's."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None

    def to_json(self) -> str:
        """The record in a line of JSON."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Earlier:
    """What an earlier run says of how a film is computed."""

    record: ComputeRecord | None = None
    """None where there was no earlier run, or on another processor, where one chooses anew."""
    warning: str | None = None
    """Where it was another processor."""


def recorded_compute(film: Path) -> ComputeRecord | None:
    """How the film in a file was computed, where it says so. Raises SourceError when it cannot be read."""
    return ComputeRecord.from_json(read_tags(film).get(COMPUTE_TAG, ""))


def journal_compute(output: Path) -> ComputeRecord | None:
    """How the finished frames were computed that the journal of an output holds; None where it holds none.

    Raises JournalError.
    """
    found = find_journal(journal_folder(output))
    return ComputeRecord.from_json(json.dumps(found.record.compute)) if found and found.frames else None


def earlier_compute(preset: Preset, output: Path, device: torch.device, *, journal: bool) -> Earlier:
    """How an earlier run has computed a film's frames: by the journal of its output, or the film whose recipe it is.

    `journal` says whether the journal's frames are of use. Raises JournalError, SourceError.
    """
    found, file = journal_compute(output) if journal else None, preset.file
    if found is None and file is not None and is_film(file):
        found = recorded_compute(file)
    here = processor(device)
    if found is None or found.processor == here:
        return Earlier(found)
    return Earlier(None, f"computed on {found.processor} before, and here on {here}: the frames will differ a little")


def is_resized(preset: Preset) -> bool:
    """Whether a preset is a film's recipe for frames of another size than that film's, which need other tiles.

    Raises SourceError.
    """
    file, size = preset.file, preset.canvas.size
    return file is not None and size is not None and is_film(file) and probe(file).size != size


def film_identity(film: Film) -> Identity:
    """All that decides the bits of a film's frames beside the rows of its timeline, by name in words.

    Raises SourceError when the film's source cannot be read any more, FFmpegError.
    """
    source, compute = film.source, asdict(ComputeRecord.of(film.network, film.tiling))
    footage = source if isinstance(source, Footage) else None
    clips = [*([footage.clip] if footage else []), *film.objectives.masks.clips]
    return {
        "kind of film": "video" if footage else "zoom",
        "source": f"sha256 {(_clip_digest(footage.clip) if footage else _frame_digest(source))[:16]}",
        "first frame of the video": footage.first if footage else None,
        "ffmpeg": None if all(clip.pictures for clip in clips) else ffmpeg_version(),
        **({"pillow": version("pillow")} if any(clip.pictures for clip in clips) else {}),
        "background": color_text(footage.background) if footage else None,
        "deinterlace": footage.deinterlace if footage else None,
        "size": f"{film.size[0]}x{film.size[1]}",
        "bits a channel": frame_bits(film.output),
        "fps": str(film.clock.fps),
        "fit": film.fit,
        "seed": film.seed,
        "network": film.network.name,
        "objective": film.timeline[0].dream.objective,
        **{name: value[:16] if name == "weights" else value for name, value in compute.items()},
        "tiles": film.tiling.label if film.tiling else "none",
        "processor model": processor_model() if film.network.device.type == "cpu" else None,
        "torchvision": version("torchvision"),
        **({"loop": film.loop.label} if film.loop and film.loop.run_in else {}),
    }


def loop_digest(film: Film, first: int, stop: int) -> str:
    """A digest of how the film's beginning is drawn into the frames from `first` to `stop` - 1; empty where it is not.

    Where it is seen depends on the camera's way to the film's end, beside these frames' own rows.
    """
    loop, count = film.loop, len(film.timeline)
    drawn = range(max(first, count - loop.fade), stop) if loop else range(0)
    if loop is None or not drawn:
        return ""
    found = hashlib.sha256(f"{count} {loop.fade} {loop.run_in}".encode())
    for index in drawn:
        found.update(film.camera.to_beginning(index).tobytes())
    return f" loop {found.hexdigest()}"


def part_digest(film: Film, first: int) -> str:
    """A digest of what decides that a part begins with frame `first`, and what it begins with, beside its own rows.

    Empty where the film has no such frame.
    """
    if not isinstance(film.source, Footage) or not 0 < first < len(film.timeline):
        return ""
    place = np.array(film.camera.place(first))
    return hashlib.sha256(film.camera_track[first - 1 : first + 1].tobytes() + place.tobytes()).hexdigest()


def objective_names(film: Film) -> Mapping[Key, str]:
    """A name of each of the film's objectives that changes with the content of the files that it reads.

    The numbers of masks that move are the timeline's. Raises OSError when a file cannot be read any more.
    """
    return {
        key: repr(term.spec.without_tracks.located(lambda path: Path(source_digest(path))))
        for key, term in film.objectives.terms.items()
    }


def _clip_digest(clip: Clip) -> str:
    """sha256 of a film's file, or of the pictures of a folder by their names and contents. Raises SourceError."""
    try:
        return clip.pictures.digest if clip.pictures else file_digest(clip.path)
    except OSError as error:
        raise SourceError(f"{error.filename or clip.path} cannot be read any more: {error.strerror}") from error


def _frame_digest(frame: Frame | Footage) -> str:
    assert isinstance(frame, torch.Tensor)
    return hashlib.sha256(frame.detach().cpu().contiguous().numpy().data).hexdigest()
