"""The source frames of a video film: in the film's size and rate, moved by the camera, with their motion and cuts.

All of it is computed ahead, in a thread beside the dreaming.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch

from zoomdream.films.camera_path import CameraPath
from zoomdream.films.states import PartStart, VideoState
from zoomdream.images.colors.color_names import BLACK, Color
from zoomdream.images.frame import Frame, Size, from_uint8, size_of, to_device, to_uint8
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.media import Clip, read_frames
from zoomdream.media.decoding import Decoding, decoding
from zoomdream.media.display_size import display_size, scaled_size
from zoomdream.motion.camera import warp, warp_larger
from zoomdream.motion.cuts import is_cut
from zoomdream.motion.mirrors import mirrored
from zoomdream.motion.optical_flow.flow import FlowMethod, flow_method
from zoomdream.motion.optical_flow.reliability import Motion, motion_between
from zoomdream.motion.projection import motion as camera_motion
from zoomdream.motion.projection import square
from zoomdream.prefetch import prefetch
from zoomdream.schedule.timeline import Row, Timeline
from zoomdream.settings import Deinterlace, Fit

DEPTH = 3
"""Frames computed ahead, at most: enough to even out slow ones."""
_AHEAD_BYTES = 2**28
_MOST_READ = 3840 * 2160  # pixels of a video's frame that is read for a zoom: of more, the decoder would hold too much
_MOTION_BYTES = 24  # for each pixel of a frame that is computed ahead: in float32, its flow and its reliability
_DECODER_BYTES = 32  # for each pixel: ffmpeg's own, and raw frames between it and this process


def frames_ahead(size: Size) -> int:
    """How many source frames of `size` (width, height) are computed ahead: 3, or fewer of large ones."""
    return max(1, min(DEPTH, _AHEAD_BYTES // (_MOTION_BYTES * size[0] * size[1])))


@dataclass(frozen=True)
class Footage:
    """A range of a video, in a film's size and rate."""

    clip: Clip
    size: Size
    """(width, height) of the film, in pixels."""
    fps: Fraction
    """The film's rate, in frames per second."""
    first: int
    """The first frame of the range, counted from 0 at `fps`."""
    frames: int
    """How many frames the range has, counted at `fps`."""
    fit: Fit = "fill"
    """Where the shapes differ: "fill" crops the video to the frame, "fit" shows all of it."""
    allow_truncated: bool = False
    """Take what there is of a file that is cut short."""
    background: Color = BLACK
    """What is seen where the video is transparent."""
    deinterlace: Deinterlace = "auto"
    """Whether interlaced frames are deinterlaced."""

    @property
    def decoding(self) -> Decoding:
        """How its frames are decoded, with warnings about it."""
        size = scaled_size(self.clip, self.size, self.fit)
        return decoding(self.clip, size, background=self.background, deinterlace=self.deinterlace)

    @property
    def bytes_beside(self) -> int:
        """Bytes that are held beside a dream: by frames computed ahead, and the decoder."""
        pixels = self.size[0] * self.size[1]
        ahead = (frames_ahead(self.size) + 1) * _MOTION_BYTES
        return pixels * (ahead + _DECODER_BYTES)

    @property
    def start(self) -> Fraction:
        """Where in the file the range begins, in seconds."""
        return self.clip.start_time + self.first / self.fps


@dataclass(frozen=True)
class SourceFrame:
    """A source frame in the film's size, moved by the camera."""

    frame: Frame
    motion: Motion | None
    """The motion from the frame before; None for the first frame, and where nothing is carried."""
    is_cut: bool
    """Whether a new shot begins with it."""
    next_camera: torch.Tensor
    """3x3 float64: see `VideoState.camera`."""


def source_frames(
    footage: Footage,
    timeline: Timeline | Sequence[Row],
    flow: str,
    device: torch.device,
    state: VideoState | PartStart | None = None,
    path: CameraPath | None = None,
) -> Generator[SourceFrame, None, None]:
    """The range's frames, one for each row of a timeline, computed ahead in a thread; close it when done with it.

    The camera moves the source, not the dream: its movement adds up over frames and is part of the motion between them.
    `path` is the film's: it has the camera's poses, and mirrors; without it there are none.
    With a `state` they begin with the frame that it comes before. Raises SourceError, UsageError for an unknown flow,
    WeightsError for RAFT's weights.
    """
    frames = _source_frames(footage, timeline, flow_method(flow, device), device, state, path)
    return prefetch(frames, frames_ahead(footage.size), what=f"the next frame of {footage.clip.path.name}")


def _source_frames(
    footage: Footage,
    timeline: Timeline | Sequence[Row],
    method: FlowMethod,
    device: torch.device,
    state: VideoState | PartStart | None,
    path: CameraPath | None,
) -> Generator[SourceFrame, None, None]:
    first = state.index if state else 0
    count = min(footage.frames, len(timeline)) - first
    if count <= 0:
        return
    matrix = state.camera.numpy() if state else np.eye(3)
    size = size_read(footage, path)
    before = to_uint8(state.source) if isinstance(state, VideoState) else None
    is_part = isinstance(state, PartStart) and state.is_cut
    with read_frames(
        footage.clip,
        start=footage.first + first,
        frames=count,
        size=scaled_size(footage.clip, size, footage.fit),
        fps=footage.fps,
        allow_truncated=footage.allow_truncated,
        background=footage.background,
        deinterlace=footage.deinterlace,
    ) as frames:
        for index, pixels in enumerate(frames, first):
            row = timeline[index]
            fitted = fit_frame(from_uint8(pixels), size, footage.fit)
            frame = _filmed(fitted, footage.size, matrix, row, path)
            is_as_read = frame is fitted and pixels.shape[1::-1] == footage.size
            now = pixels if is_as_read else to_uint8(frame)
            motion = motion_between(before, now, method) if before is not None and row.carry.strength else None
            cut = is_part and index == first
            if before is not None and motion is not None:
                cut = is_cut(before, now, motion)
            matrix, before = next_camera(matrix, row, footage), now
            yield SourceFrame(to_device(frame, device), motion, cut, torch.from_numpy(matrix))


def next_camera(camera: np.ndarray, row: Row, footage: Footage) -> np.ndarray:
    """Where the camera has come after a frame: see `VideoState.camera`."""
    step = camera_motion(row.camera, float(1 / footage.fps), footage.size)
    moved = camera @ square(step)
    return np.asarray(moved / moved[2, 2])


def size_read(footage: Footage, path: CameraPath | None) -> Size:
    """(width, height) at which a video is read: larger than the film by as much as the film's zoom comes to enlarge it.

    So a zoom shows what the video has, sampled once, and not the film's pixels enlarged. It is one size for the whole
    film, wherever one begins.
    """
    width, height = footage.size
    there = display_size(footage.clip)[0] / scaled_size(footage.clip, footage.size, footage.fit)[0]
    if there <= 1 or path is None:
        return footage.size
    scale = min(path.largest_zoom, there, math.sqrt(_MOST_READ / (width * height)))
    return footage.size if scale <= 1 else (round(width * scale), round(height * scale))


def _filmed(frame: Frame, size: Size, camera: np.ndarray, row: Row, path: CameraPath | None) -> Frame:
    """A source frame as the camera sees it, of `size`, in its mirrors; `frame` may have more pixels."""
    matrix = path.view(row.index, camera) if path else camera
    if size_of(frame) != size:
        moved = warp_larger(frame, matrix, size, row.camera.border).clamp_(0, 1)
    else:
        moved = frame if np.array_equal(matrix, np.eye(3)) else warp(frame, matrix, row.camera.border).clamp_(0, 1)
    mirrors = path.mirrors(row.index) if path else None
    return mirrored(moved, mirrors) if mirrors else moved
