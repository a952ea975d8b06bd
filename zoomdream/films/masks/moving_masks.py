"""The masks of a film that are drawn or move: one for each frame, from shapes, files and motion."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from zoomdream.errors import SettingError, SourceError
from zoomdream.films.footage import Footage
from zoomdream.films.masks.mask_streams import MaskFile, MaskStream
from zoomdream.films.masks.subject_masks import subject_stream
from zoomdream.images.frame import Size, to_device
from zoomdream.images.pictures.loading import is_picture, picture_size, read_picture
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.images.shapes import Gray, draw_shape, soften
from zoomdream.media import Clip, is_picture_sequence
from zoomdream.objectives.masks import DrawnMask
from zoomdream.objectives.specs.regions import Region, no_motion
from zoomdream.objectives.specs.spec import Spec
from zoomdream.schedule.timeline import Row
from zoomdream.settings import Fit

AnyRegion = Path | Region
"""A mask that `FilmMasks` draws: a region, or the path of a video or of a folder."""

Locating = Callable[[AnyRegion], AbstractContextManager[None]]
"""Adds the place of a mask to the errors within."""

_STREAM_BYTES = 40  # for each pixel: ffmpeg's own, raw frames between it and this process, and a gray picture


class _Source(Protocol):
    """Where the pictures of a mask come from."""

    follows_camera: bool
    """Whether it is about the video below the film, which the camera moves."""

    def picture(self, row: Row, size: Size) -> Gray:
        """The mask of a frame of `size` (width, height), before it is inverted and softened."""

    def close(self) -> None:
        """End what reads ahead."""


class _Shape:
    follows_camera = False

    def __init__(self, region: Region) -> None:
        self._region = region

    def picture(self, row: Row, size: Size) -> Gray:
        assert self._region.shape
        return draw_shape(self._region.shape, row.regions[self._region], size)

    def close(self) -> None:
        pass


class _Still:
    follows_camera = False

    def __init__(self, path: Path, fit: Fit) -> None:
        read = read_picture(path)
        self._picture, self._fit, self.warnings = read.frame, fit, read.warnings

    def picture(self, row: Row, size: Size) -> Gray:
        gray: Gray = fit_frame(self._picture, size, self._fit).mean(1)[0].numpy()
        return gray

    def close(self) -> None:
        pass


class _Moving:
    """A video, a folder or the motion: `open` gives its stream for a frame's size."""

    def __init__(self, open_stream: Callable[[Size], MaskStream], follows_camera: bool) -> None:
        self.follows_camera = follows_camera
        self._open = open_stream
        self._stream: tuple[Size, MaskStream] | None = None

    def picture(self, row: Row, size: Size) -> Gray:
        if self._stream is None or self._stream[0] != size:
            self.close()
            self._stream = size, self._open(size)
        return self._stream[1].at(row.index)

    def close(self) -> None:
        if self._stream is not None:
            self._stream[1].close()


class FilmMasks:
    """The masks of a film's frames, by the regions and paths that its objectives name.

    A frame's mask is the same whichever frames were asked for before; asked for in order, videos are read on. Not for
    several threads at once. `files` are the videos and folders, by the same names.
    """

    def __init__(self, sources: Mapping[AnyRegion, _Source], files: Mapping[AnyRegion, MaskFile]) -> None:
        self._sources = sources
        self._frame: tuple[int, dict[AnyRegion, DrawnMask]] = -1, {}
        self.files = files

    @classmethod
    def opened(
        cls,
        specs: Iterable[Spec],
        fps: Fraction,
        fit: Fit = "fill",
        over: Footage | None = None,
        locating: Locating = lambda mask: nullcontext(),
    ) -> FilmMasks:
        """Those of a film at a rate, `over` a video or not. Reads the heads of files, and pictures that stand still.

        `fit` is how a picture meets a frame of another shape. Raises SourceError for a file of no use, SettingError for
        a region that makes no sense here.
        """
        sources: dict[AnyRegion, _Source] = {}
        files: dict[AnyRegion, MaskFile] = {}
        for mask in dict.fromkeys(spec.mask for spec in specs if spec.mask is not None and is_moving(spec.mask)):
            with locating(mask):
                sources[mask] = _opened(mask, fps, fit, over, files)
        return cls(sources, files)

    def __contains__(self, mask: object) -> bool:
        return mask in self._sources

    def __bool__(self) -> bool:
        return bool(self._sources)

    @property
    def follow_camera(self) -> bool:
        """Whether any mask moves with the camera of a film over a video."""
        return any(source.follows_camera for source in self._sources.values())

    @property
    def clips(self) -> Sequence[Clip]:
        """The videos and folders that are read."""
        return [file.clip for file in self.files.values()]

    def bytes_beside(self, size: Size) -> int:
        """Bytes that are held beside a dream of a frame of `size` (width, height)."""
        return _STREAM_BYTES * size[0] * size[1] * len(self.files)

    def at(self, mask: AnyRegion, row: Row, device: Any, camera: NDArray[np.float64] | None = None) -> DrawnMask:
        """The mask of a frame. `camera`, 3x3, takes a pixel (x, y, 1) of the frame to the one of the video it shows."""
        if self._frame[0] != row.index:
            self._frame = row.index, {}
        masks = self._frame[1]
        if mask not in masks:
            masks[mask] = DrawnMask(partial(self._draw, mask, row, device, camera))
        return masks[mask]

    def _draw(self, mask: AnyRegion, row: Row, device: Any, camera: NDArray[np.float64] | None, size: Size) -> Any:
        source = self._sources[mask]
        gray = source.picture(row, size)
        if camera is not None and source.follows_camera and not np.array_equal(camera, np.eye(3)):
            gray = _moved(gray, camera)
        if isinstance(mask, Region):
            gray = 1 - gray if mask.invert else gray
            gray = soften(gray, row.regions[mask][-1]) if mask.feather is not None else gray
        return to_device(np.ascontiguousarray(gray, np.float32)[None, None], device)

    def close(self) -> None:
        """End what reads ahead; what is asked for later is read anew."""
        for source in self._sources.values():
            source.close()


def is_moving(mask: AnyRegion) -> bool:
    """Whether `FilmMasks` draws a mask: any region, and a path that is no picture's."""
    if isinstance(mask, Region):
        return True
    if is_picture_sequence(mask):
        return True
    try:
        picture_size(mask)
    except SourceError:
        return os.path.isfile(mask) and not is_picture(mask)  # noqa: PTH113  it never raises
    return False


def _opened(
    mask: AnyRegion, fps: Fraction, fit: Fit, over: Footage | None, files: dict[AnyRegion, MaskFile]
) -> _Source:
    region = mask if isinstance(mask, Region) else Region(file=mask)
    if region.shape:
        return _Shape(region)
    if region.motion:
        if over is None:
            raise SettingError(no_motion(region.motion))
        return _Moving(partial(subject_stream, over, region.motion), follows_camera=True)
    assert region.file
    if not is_picture_sequence(region.file) and is_picture(region.file):
        return _Still(region.file, fit)
    try:
        files[mask] = file = MaskFile.opened(region.file, fps, fit, over, region.fps)
    except SourceError as error:
        raise SourceError(f"mask {error}") from error
    if file.frames < 1:
        raise SourceError(
            f"mask {region.file.name} ends after {file.seconds:.3f} s, before the film begins in the video: name one "
            f"that is as long as the video"
        )
    return _Moving(file.stream, follows_camera=over is not None)


def _moved(gray: Gray, camera: NDArray[np.float64]) -> Gray:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpPerspective(gray, camera, gray.shape[::-1], flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.float32)
