"""Films of other programs, written again from what they do, with a film's settings so that the work is equal.

- A film from a picture: the film loop of gordicaleksa/pytorch-deepdream (commit f37d99a), which feeds each dreamed
  picture back through OpenCV's `warpAffine` and saves it as a JPEG file.
- A film over a video: jeremicna/deepdream-video-pytorch (video_dream.py and dreamer.py). For each frame, the last
  dream is warped along the flow, masked where the warped last frame differs by 30 levels, and mixed half and half with
  the frame; that goes through a JPEG file. Each octave is dreamed at its size by Adam on the norm of the layers and
  enlarged to the frame's, with a forward pass before it that only looks. The whole network runs each time, in float32
  and NCHW, its weights frozen. The dream goes through a JPEG file, too.

Left out, in the others' favor: both load the network anew for each frame; the second one writes all of its film anew
every few frames; and the time of its optical flow by RAFT, whose weights are no part of this repository: the flow is
zero. With `raft`, RAFT runs with random weights, and what it finds is not used.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models.optical_flow import raft_large

from benchmarks.rivals import PytorchDeepDream, Ways, plain_modules
from zoomdream.dreaming.ascent import octave_sizes
from zoomdream.films.film import Film
from zoomdream.films.footage import Footage, source_frames
from zoomdream.images.frame import Frame, Size, from_uint8, size_of, to_uint8
from zoomdream.networks.registry import EMBEDDED
from zoomdream.schedule.timeline import Row
from zoomdream.settings import DreamSettings

Pixels = NDArray[np.uint8]
"""HxWx3, BGR."""

OnEvaluation = Callable[[Size], object]
"""Called with (width, height) before each gradient."""

_DEVIATION = 0.226  # of ImageNet's channels, about; the others step in units of it
_BLEND, _THRESHOLD, _STRENGTH = 0.5, 30, 1000.0  # deepdream-video's defaults


def rival_frames(film: Film, on_evaluation: OnEvaluation, *, raft: bool = False) -> Generator[Frame, None, None]:
    """The frames of the other program for this kind of film, with as many gradients a frame as `every-frame` takes.

    Weights are the embedded network's, or random ones. A video film should be prepared with `carry.strength=0`, so that
    its source is read without our flow.
    """
    modules = plain_modules(film.network.name, None if film.network.name == EMBEDDED else 1)
    if isinstance(film.source, Footage):
        return _over_video(film, modules, on_evaluation, raft)
    return _from_picture(film, modules, on_evaluation)


def layers_of(film: Film, row: Row) -> tuple[str, ...]:
    """The module paths of the layers that a frame amplifies; all of their channels, whatever the objective is."""
    names = dict.fromkeys(term.tap.layer for term, _ in film.objective(row).terms)
    if not names:
        raise ValueError(f"frame {row.index + 1} amplifies nothing, and the other programs always amplify something")
    return tuple(film.network.layer(name).name for name in names)


def _from_picture(film: Film, modules: nn.Module, on_evaluation: OnEvaluation) -> Generator[Frame, None, None]:
    assert isinstance(film.source, Tensor)
    picture = np.moveaxis(film.source[0].cpu().numpy(), 0, 2)
    height, width = picture.shape[:2]
    dreamers: dict[object, PytorchDeepDream] = {}
    with tempfile.TemporaryDirectory() as folder:
        for row in film.timeline:
            layers, ways = layers_of(film, row), _ways(row.dream)
            if (layers, ways) not in dreamers:
                dreamers[layers, ways] = PytorchDeepDream(
                    film.network.name, modules, layers, ways, on_evaluation=on_evaluation
                )
            dreamed = dreamers[layers, ways].picture(picture)
            _write(Path(folder) / f"{row.index:06}.jpg", (dreamed * 255).astype(np.uint8)[..., ::-1])
            yield torch.from_numpy(np.moveaxis(dreamed, 2, 0).copy())[None]
            zoom = row.camera.zoom ** float(1 / film.clock.fps)
            turn = row.camera.rotate / float(film.clock.fps)
            matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom)
            picture = cv2.warpAffine(dreamed, matrix, (width, height))


def _ways(settings: DreamSettings) -> Ways:
    """Its settings for ours. A gradient with a deviation of 1 has a mean absolute value of about 0.8."""
    step_size = settings.step_size / _DEVIATION / 0.8
    return Ways(settings.octaves, settings.octave_scale, settings.steps, step_size, settings.jitter)


def _over_video(
    film: Film, modules: nn.Module, on_evaluation: OnEvaluation, raft: bool
) -> Generator[Frame, None, None]:
    assert isinstance(film.source, Footage)
    flow_network = raft_large(weights=None).eval() if raft else None
    dreamer, source, dream = NeuralDream(modules, on_evaluation), None, None
    frames = source_frames(film.source, film.timeline, film.timeline[0].carry.flow, torch.device("cpu"))
    with closing(frames), tempfile.TemporaryDirectory() as folder:
        for row, source_frame in zip(film.timeline, frames, strict=False):
            frame = to_uint8(source_frame.frame)[..., ::-1].copy()
            start, steps = frame, row.dream.steps
            if source is not None and dream is not None:
                steps = row.carry.steps
                if flow_network is not None:
                    _find_flow(flow_network, source, frame)
                start = guided(frame, source, dream, np.zeros((*frame.shape[:2], 2), np.float32))
            source = frame
            settings = row.dream.model_copy(update={"steps": steps})
            sizes = octave_sizes(size_of(source_frame.frame), settings, 1)
            start = _through_jpeg(Path(folder) / "start.jpg", start)
            dreamed = dreamer.picture(start, layers_of(film, row), sizes, settings)
            dream = _through_jpeg(Path(folder) / "dream.jpg", dreamed)
            yield from_uint8(dream[..., ::-1].copy())


def guided(frame: Pixels, last_frame: Pixels, last_dream: Pixels, flow: NDArray[np.float32]) -> Pixels:
    """What a frame is dreamed from: half itself, half the last dream along the flow (HxWx2, pixels).

    Where the last frame along the flow differs from this one, it is this one alone.
    """
    height, width = frame.shape[:2]
    x = (np.arange(width, dtype=np.float32) - flow[..., 0]).astype(np.float32)
    y = (np.arange(height, dtype=np.float32)[:, None] - flow[..., 1]).astype(np.float32)
    dream, before = (cv2.remap(picture, x, y, cv2.INTER_LINEAR) for picture in (last_dream, last_frame))
    difference = cv2.cvtColor(cv2.absdiff(frame, before), cv2.COLOR_BGR2GRAY)
    _, mask = cv2.threshold(difference, _THRESHOLD, 255, cv2.THRESH_BINARY_INV)
    opening, blur = (_odd(share * np.sqrt(width * height), least) for share, least in ((0.003, 3), (0.009, 5)))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((opening, opening), np.uint8))
    share = cv2.GaussianBlur(mask, (blur, blur), 0).astype(np.float32)[..., None] / 255
    mixed = (share * dream + (1 - share) * frame).astype(np.uint8)
    return np.asarray(cv2.addWeighted(frame, _BLEND, mixed, 1 - _BLEND, 0), np.uint8)


class NeuralDream:
    """Dreams one picture after the other, as dreamer.py does."""

    def __init__(self, modules: nn.Module, on_evaluation: OnEvaluation) -> None:
        self._modules = modules
        self._on_evaluation = on_evaluation
        self._rng = np.random.default_rng(0)

    def picture(self, pixels: Pixels, layers: Sequence[str], sizes: Sequence[Size], settings: DreamSettings) -> Pixels:
        """A dreamed picture: `settings.steps` steps at each of the sizes (width, height)."""
        mean, std = (torch.tensor(each).view(1, 3, 1, 1) for each in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
        image = (from_uint8(pixels[..., ::-1].copy()) - mean) / std
        full = (pixels.shape[0], pixels.shape[1])
        outputs: dict[str, Tensor] = {}
        hooks = [self._modules.get_submodule(layer).register_forward_hook(_keep(outputs, layer)) for layer in layers]
        self._modules(image)
        for width, height in sizes:
            leaf = nn.Parameter(F.interpolate(image, size=(height, width), mode="bilinear", align_corners=True))
            self._modules(leaf)
            optimizer = torch.optim.Adam([leaf], lr=settings.step_size / _DEVIATION)
            for _ in range(settings.steps):
                self._on_evaluation((width, height))
                optimizer.zero_grad()
                self._set_gradient(leaf, outputs, settings.jitter)
                optimizer.step()
            image = leaf.detach()
            if (height, width) != full:
                image = F.interpolate(image, size=full, mode="bilinear", align_corners=True)
        for hook in hooks:
            hook.remove()
        return to_uint8(image * std + mean)[..., ::-1].copy()

    def _set_gradient(self, leaf: Tensor, outputs: dict[str, Tensor], jitter: int) -> None:
        down, right = self._rng.integers(-jitter, jitter + 1, 2).tolist()
        self._modules(torch.roll(torch.roll(leaf, down, 2), right, 3))
        norms = [output.pow(2).sum().sqrt() * _STRENGTH for output in outputs.values()]
        loss = -torch.stack(norms).sum()
        loss.item()
        loss.backward()


def _keep(outputs: dict[str, Tensor], layer: str) -> Callable[[nn.Module, Any, Tensor], None]:
    def keep(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
        outputs[layer] = output.clone()

    return keep


def _find_flow(network: nn.Module, before: Pixels, frame: Pixels) -> None:
    """Run RAFT on two frames, at sides that it can take: multiples of 8 from 128 up."""
    height, width = (max(128, side // 8 * 8) for side in frame.shape[:2])
    pair = [2 * from_uint8(cv2.resize(each, (width, height))[..., ::-1].copy()) - 1 for each in (before, frame)]
    with torch.no_grad():
        network(*pair)


def _odd(length: float, least: int) -> int:
    return max(least, int(length)) | 1


def _through_jpeg(path: Path, pixels: Pixels) -> Pixels:
    _write(path, pixels)
    return np.asarray(cv2.imread(str(path)), np.uint8)


def _write(path: Path, pixels: Pixels) -> None:
    if not cv2.imwrite(str(path), pixels):
        raise OSError(f"{path} cannot be written")
