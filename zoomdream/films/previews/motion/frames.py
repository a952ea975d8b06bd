"""The frames of a motion preview: the source under a grid, moved as the film's camera moves. Needs no torch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from zoomdream.films.camera_path import CameraPath
from zoomdream.films.inputs.film_size import smaller_size
from zoomdream.films.previews.motion.mirrors import mirrored_pixels
from zoomdream.films.previews.motion.sources import SmallPixels, fitted, small_noise, small_photo
from zoomdream.films.previews.motion.views import View, motion_views
from zoomdream.films.previews.outline import Outline
from zoomdream.media import read_frames
from zoomdream.motion.projection import Matrix
from zoomdream.schedule.timeline import Row, Timeline

PIXELS = 480 * 270
"""Of a frame, at most."""
MOST_FRAMES = 1800
"""Of a motion preview, which keeps it within seconds: a longer film is shown at a lower rate, down to `LEAST_FPS`."""
MOST_FPS, LEAST_FPS = 15, 4

_CELLS = 8  # of the grid, along the longer side
_BAR, _LETTERS = 22, 13  # pixels, of the line of text
_AHEAD, _GRID, _DARK = (255, 206, 64), (255, 255, 255), (0, 0, 0)
_BORDERS = {"wrap": cv2.BORDER_WRAP, "replicate": cv2.BORDER_REPLICATE}
_FINE = 3  # binary digits of a position of OpenCV's lines
_BEAT_FADE = 0.25  # seconds


@dataclass(frozen=True)
class MotionPreview:
    """A film's motion, ready to be drawn."""

    film: Outline
    timeline: Timeline
    size: tuple[int, int]
    """(width, height) in pixels, even."""
    every: int
    """Each frame of the preview is so many of the film's."""

    @property
    def fps(self) -> Fraction:
        """Frames per second of the preview."""
        return self.film.clock.fps / self.every

    @property
    def count(self) -> int:
        """How many frames it has."""
        return -(-len(self.timeline) // self.every)

    @cached_property
    def views(self) -> list[View]:
        """What each of its frames shows."""
        return motion_views(self.film, self.timeline, self.size, self.every)

    @contextmanager
    def frames(self) -> Iterator[Iterator[SmallPixels]]:
        """Its frames in order, HxWx3 uint8 RGB. Raises SourceError."""
        if self.film.clip is None:
            source = with_grid(self._still())
            yield (self._drawn(view, source) for view in self.views)
            return
        canvas = self.film.preset.canvas
        first = self.film.first // self.every
        with read_frames(
            self.film.clip,
            start=first,
            frames=min(self.count, max(1, len(self.film.clip.source_indices(self.fps)) - first)),
            size=_covering(self.film.clip.size, self.size),
            fps=self.fps,
            allow_truncated=True,
            background=canvas.background,
            deinterlace=canvas.deinterlace,
        ) as pictures:
            yield (
                self._drawn(view, with_grid(fitted(picture, self.size, canvas.fit)))
                for view, picture in zip(self.views, pictures, strict=False)
            )

    def _still(self) -> SmallPixels:
        preset = self.film.preset
        if preset.source is None or self.film.is_guess:
            return small_noise(self.size, preset.seed)
        return small_photo(preset.source, self.size, preset.canvas.fit, preset.canvas.background)

    def _drawn(self, view: View, source: SmallPixels) -> SmallPixels:
        row = self.timeline[view.index]
        frame = _seen(source, view.matrix, row.camera.border)
        if view.before is not None:
            old = _seen(source, view.before, row.camera.border)
            frame = np.asarray(cv2.addWeighted(frame, view.share, old, 1 - view.share, 0), np.uint8)
        frame = self._mirrored(frame, view.index)
        if view.ahead is not None:
            _draw_ahead(frame, view.ahead)
        self._draw_beat(frame, view.index)
        _draw_text(frame, *self._words(view, row))
        return frame

    def _mirrored(self, frame: SmallPixels, index: int) -> SmallPixels:
        camera = self.timeline[index].camera
        if camera.symmetry == 1 and camera.mirror == "none":
            return frame
        mirrors = self._path.mirrors(index)
        return mirrored_pixels(frame, mirrors) if mirrors else frame

    @cached_property
    def _path(self) -> CameraPath:
        return CameraPath(self.timeline, self.size, self.film.preset.seed)

    @cached_property
    def _magnifications(self) -> np.ndarray:
        """How many times larger than at the beginning what is seen is at each frame, as a logarithm."""
        zoom = self.timeline.values("camera.zoom", 0, len(self.timeline)).astype(float)
        steps = np.log(np.broadcast_to(zoom, (len(self.timeline),))) / float(self.film.clock.fps)
        return np.concatenate([[0.0], np.cumsum(steps[:-1])])

    def _draw_beat(self, frame: SmallPixels, index: int) -> None:
        """A dot that lights up at each beat of the film's music."""
        if not len(self._beats):
            return
        seconds = index / float(self.film.clock.fps)
        passed = self._beats[self._beats <= seconds + 1e-6]
        glow = max(0.0, 1 - (seconds - passed[-1]) / _BEAT_FADE) if len(passed) else 0.0
        center = (frame.shape[1] - 16, 16)
        cv2.circle(frame, center, 7, _DARK, -1, cv2.LINE_AA)
        cv2.circle(frame, center, 6, tuple(round(60 + 195 * glow * part) for part in (1, 0.4, 0.35)), -1, cv2.LINE_AA)

    @cached_property
    def _beats(self) -> np.ndarray:
        sound = self.film.sound
        return sound.features.beats if sound is not None and self.film.preset.music is not None else np.empty(0)

    def _words(self, view: View, row: Row) -> tuple[str, str]:
        seconds, camera = view.index / float(self.film.clock.fps), row.camera
        words = [f"{int(seconds // 60)}:{seconds % 60:04.1f}"]
        if camera.zoom != 1:
            words.append(f"zoom {camera.zoom:.3g}/s, {_times(self._magnifications[view.index])} by now")
        words += [f"rotate {camera.rotate:.0f}°/s"] if abs(camera.rotate) >= 0.5 else []
        words += [f"pan {camera.pan[0]:.2g} {camera.pan[1]:.2g}"] if camera.pan != (0, 0) else []
        words += [f"tilt {camera.tilt[0]:.0f}° {camera.tilt[1]:.0f}°"] if max(map(abs, camera.tilt)) >= 0.5 else []
        total = sum(abs(weight) for _, weight in row.mix) or 1
        mix = " ".join(f"{key} {abs(weight) / total:.0%}" if len(row.mix) > 1 else str(key) for key, weight in row.mix)
        return "   ".join(words), mix


def motion_preview(film: Outline, *, pixels: int = PIXELS) -> MotionPreview:
    """The motion preview of a film, of at most `pixels` a frame and about `MOST_FPS` frames per second.

    Raises PresetError for a track that makes no sense on the film.
    """
    clock = film.clock
    every = max(1, round(clock.fps / MOST_FPS))
    if clock.frames / every > MOST_FRAMES:
        every = max(every, min(-(-clock.frames // MOST_FRAMES), round(clock.fps / LEAST_FPS)))
    return MotionPreview(
        film, film.preset.timeline(clock, film.variables, measure=False), smaller_size(film.size, pixels), every
    )


def with_grid(picture: SmallPixels) -> SmallPixels:
    """A picture, a little darker, under a grid of squares, with its middle marked; a copy."""
    height, width = picture.shape[:2]
    drawn = np.asarray(cv2.convertScaleAbs(picture, alpha=0.82), np.uint8)
    lines = drawn.copy()
    cell = max(width, height) / _CELLS
    for side, length, across in ((width, height, True), (height, width, False)):
        for number in range(-_CELLS, _CELLS + 1):
            at = round((side - 1) / 2 + number * cell)
            if 0 <= at < side:
                begin, end = ((at, 0), (at, length - 1)) if across else ((0, at), (length - 1, at))
                cv2.line(lines, begin, end, _GRID, 2 if number == 0 else 1, cv2.LINE_AA)
    cv2.rectangle(lines, (0, 0), (width - 1, height - 1), _GRID, 1)
    return np.asarray(cv2.addWeighted(lines, 0.45, drawn, 0.55, 0), np.uint8)


def _covering(clip: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The size at which a clip is read: it covers the frame, or is the clip's own."""
    ratio = min(1.0, max(size[0] / clip[0], size[1] / clip[1]))
    return max(2, round(clip[0] * ratio)), max(2, round(clip[1] * ratio))


def _seen(source: SmallPixels, matrix: Matrix, border: str) -> SmallPixels:
    size = (source.shape[1], source.shape[0])
    mode = _BORDERS.get(border, cv2.BORDER_REFLECT_101)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    if np.array_equal(matrix[2], (0, 0, 1)):
        return np.asarray(cv2.warpAffine(source, matrix[:2], size, flags=flags, borderMode=mode), np.uint8)
    return np.asarray(cv2.warpPerspective(source, matrix, size, flags=flags, borderMode=mode), np.uint8)


def _draw_ahead(frame: SmallPixels, ahead: Matrix) -> None:
    """The frame in a second, as an outline."""
    height, width = frame.shape[:2]
    corners = np.array([[0, 0, 1], [width - 1, 0, 1], [width - 1, height - 1, 1], [0, height - 1, 1]], float)
    seen = corners @ ahead.T
    if np.allclose(seen, corners, atol=6) or (seen[:, 2] <= 0).any():
        return
    places = np.clip(seen[:, :2] / seen[:, 2:], -(2**12), 2**12)
    points = np.rint(places * 2**_FINE).astype(np.int32)
    for color, thickness in ((_DARK, 4), (_AHEAD, 2)):
        cv2.polylines(frame, [points], True, color, thickness, cv2.LINE_AA, _FINE)


def _draw_text(frame: SmallPixels, left: str, right: str) -> None:
    height, width = frame.shape[:2]
    bar = frame[height - _BAR :]
    bar[:] = bar // 4
    picture = Image.fromarray(bar)
    draw, font = ImageDraw.Draw(picture), _font()
    draw.text((8, _BAR / 2), left, (240, 240, 242), font, anchor="lm")
    if font.getlength(left) + font.getlength(right) < width - 32:
        draw.text((width - 8, _BAR / 2), right, (196, 196, 200), font, anchor="rm")
    bar[:] = np.asarray(picture)


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(_LETTERS)


def _times(logarithm: float) -> str:
    if logarithm > math.log(1e6):
        return f"10^{logarithm / math.log(10):.0f} times"
    magnification = math.exp(logarithm)
    return f"{magnification:.1f} times" if magnification < 100 else f"{magnification:,.0f} times"
