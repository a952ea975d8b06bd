"""Makes terms of objectives: finds their layers, channels and classes in a network, and reads their files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import singledispatch
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from zoomdream.errors import SettingError, SourceError
from zoomdream.images.frame import Size, size_of
from zoomdream.images.pictures.loading import PictureFile, picture_size, read_picture
from zoomdream.images.pictures.regular_files import open_regular
from zoomdream.media import is_picture_sequence
from zoomdream.memory import memory_guard
from zoomdream.networks import LOGITS, Layer, Network, Tap
from zoomdream.objectives.arrays import ArrayHeader, read_array
from zoomdream.objectives.classes import class_index, class_prefix
from zoomdream.objectives.masks import DARKEST, Mask
from zoomdream.objectives.specs.regions import Region
from zoomdream.objectives.specs.short_form import parse
from zoomdream.objectives.specs.spec import (
    ChannelSpec,
    ClassSpec,
    DirectionSpec,
    GuideSpec,
    LayerScore,
    LayerSpec,
    NeuronSpec,
    Spec,
)
from zoomdream.objectives.terms import ChannelTerm, ClassTerm, DirectionTerm, GuideTerm, LayerTerm, NeuronTerm, Term
from zoomdream.runtime import count_not_finite, repeatable
from zoomdream.settings import Fit

_MASK_SIDE = 4096  # a larger mask's longer side: as that of large films
_GUIDE_SIDE = 512  # a guide's longer side: about the size of the octaves that it guides
_MOST_FEATURES = 1024  # of a guide, taken evenly: a shallow layer has tens of thousands, most of them alike


@dataclass(frozen=True)
class ResolveContext:
    """Where an objective's names are looked up, and what a layer's score is where the objective does not say it."""

    network: Network
    layer_score: LayerScore = "l2"


def resolve(network: Network, objective: str | Spec, layer_score: LayerScore = "l2", *, fit: Fit = "fill") -> Term:
    """An objective on a network, from its spec or its short form.

    `layer_score` is what a layer's score is where the spec does not say it. `fit` is how a mask meets a frame of
    another shape, which is how the film's source does. Raises SettingError or UnknownNameError for what the network
    does not have, SourceError for a file that cannot be read.
    """
    spec = parse(objective) if isinstance(objective, str) else objective
    term = _term(spec, ResolveContext(network, layer_score))
    if spec.mask is None:
        return term
    if isinstance(spec.mask, Region):
        raise SettingError(f"{spec}: only films have masks that are drawn or move: name a grayscale picture")
    mask, warnings = _mask(spec.mask, network, fit)
    return replace(term, mask=mask, warnings=(*term.warnings, *warnings))


def resolve_unmasked(network: Network, objective: str | Spec, layer_score: LayerScore = "l2") -> Term:
    """As `resolve`, without looking at its mask: the term works everywhere, and its spec names the mask."""
    spec = parse(objective) if isinstance(objective, str) else objective
    return _term(spec, ResolveContext(network, layer_score))


def verify(network: Network, objective: str | Spec) -> None:
    """Check an objective without running the network, which may be a blueprint, and without opening pictures.

    Raises what `resolve` does.
    """
    spec = parse(objective) if isinstance(objective, str) else objective
    if isinstance(spec, GuideSpec):
        network.layer(spec.layer)
    else:
        _term(spec, ResolveContext(network))
    mask = spec.mask.file if isinstance(spec.mask, Region) else spec.mask
    for path in spec.files:
        if path == mask and is_picture_sequence(path):
            continue  # a folder
        with _role("mask" if path == mask else "guide" if isinstance(spec, GuideSpec) else "direction"):
            open_regular(path).close()


@singledispatch
def _term(spec: Any, resolver: ResolveContext) -> Term:
    raise TypeError(f"{spec!r} is no objective")


@_term.register
def _(spec: LayerSpec, resolver: ResolveContext) -> Term:
    layer, score = resolver.network.layer(spec.layer), spec.score or resolver.layer_score
    # The mean of what a ReLU lets through has no gradient where it lets nothing through.
    relu = spec.relu or ("before" if score == "mean" else "after")
    return LayerTerm(replace(spec, layer=layer.label, score=score, relu=relu), _tap(layer, relu), layer_score=score)


@_term.register
def _(spec: ChannelSpec, resolver: ResolveContext) -> Term:
    layer = _with_channels(resolver.network, spec.layer, spec.channels)
    spec = replace(spec, layer=layer.label, channels=tuple(sorted(set(spec.channels))))
    return ChannelTerm(spec, _tap(layer, spec.relu), channels=spec.channels)


@_term.register
def _(spec: NeuronSpec, resolver: ResolveContext) -> Term:
    layer = _with_channels(resolver.network, spec.layer, (spec.channel,))
    spec = replace(spec, layer=layer.label)
    return NeuronTerm(
        spec,
        _tap(layer, spec.relu),
        channel=spec.channel,
        x=spec.x,
        y=spec.y,
        stride=layer.stride,
        field=layer.receptive_field,
    )


@_term.register
def _(spec: ClassSpec, resolver: ResolveContext) -> Term:
    index = class_index(resolver.network, spec.name)
    prefix = class_prefix(resolver.network, spec.name)
    name = f"{prefix}{index}" if prefix else index
    return ClassTerm(replace(spec, name=name), Tap(f"{prefix}{LOGITS}", before_relu=True), index=index)


@_term.register
def _(spec: DirectionSpec, resolver: ResolveContext) -> Term:
    network = resolver.network
    layer = network.layer(spec.layer)
    if isinstance(spec.vector, Path):
        vector = _read_vector(spec.vector, layer, network)
    else:
        _with_channels(network, spec.layer, tuple(channel for channel, _ in spec.vector))
        vector = torch.zeros(layer.channels)
        factors = _scaled(np.array([factor for _, factor in spec.vector]), f"{spec}")
        for (channel, _), factor in zip(spec.vector, factors.tolist(), strict=True):
            vector[channel] += factor
    if not vector.norm() > 0:
        raise SettingError(f"{spec} points nowhere: all its factors are 0 or cancel")
    vector = (vector / vector.norm()).to(network.device)
    return DirectionTerm(replace(spec, layer=layer.label), _tap(layer, spec.relu), vector=vector, match=spec.match)


@_term.register
def _(spec: GuideSpec, resolver: ResolveContext) -> Term:
    network, layer = resolver.network, resolver.network.layer(spec.layer)
    tap = _tap(layer, spec.relu)
    picture = _guide(spec.picture, network, network.smallest_input([layer.label]))
    size, original_size = size_of(picture.frame), picture.original_size
    with torch.no_grad(), repeatable(network.device), memory_guard(size, tiled=False):
        values = network.activations(picture.frame, [tap])[tap]
    values = values.to(torch.promote_types(values.dtype, torch.float32))
    step = 1
    while -(-values.shape[2] // step) * -(-values.shape[3] // step) > _MOST_FEATURES:
        step += 1
    features = values[0, :, ::step, ::step].flatten(1)
    if spec.match == "cosine":
        features = F.normalize(features, dim=0, eps=1e-6)
    if count := count_not_finite(features):
        raise SettingError(
            f"{spec}: {count} of the guide's {features.numel()} activations are NaN or infinite in {network.name}: "
            f"choose another layer, or float32"
        )
    warnings = [_resized("guide", spec.picture, original_size, size)] if size != original_size else []
    warnings += picture.warnings
    return GuideTerm(
        replace(spec, layer=layer.label), tap, warnings=tuple(warnings), features=features, match=spec.match
    )


def _tap(layer: Layer, relu: str) -> Tap:
    return Tap(layer.label, relu == "before")


def _with_channels(network: Network, name: str, channels: tuple[int, ...]) -> Layer:
    """The layer, if it has these channels. Raises UnknownNameError and SettingError."""
    layer = network.layer(name)
    for channel in channels:
        if not 0 <= channel < layer.channels:
            raise SettingError(
                f"layer {layer.label} of {network.name} has no channel {channel}: it has {layer.channels}, "
                f"from 0 to {layer.channels - 1}"
            )
    return layer


def _read_vector(path: Path, layer: Layer, network: Network) -> torch.Tensor:
    array = read_array(path, "direction", (layer.channels,))
    if isinstance(array, ArrayHeader):
        kind = "" if array.dtype.kind in "fiu" else f", and {array.dtype} for its numbers"
        raise SettingError(
            f"direction {path} has shape {array.shape}{kind}: layer {layer.label} of {network.name} needs "
            f"one number for each of its {layer.channels} channels"
        )
    return torch.from_numpy(_scaled(array, f"direction {path}").astype(np.float32))


def _scaled(vector: np.ndarray, name: str) -> np.ndarray:
    """A direction's numbers by a power of two, which is exact, so that the largest is between 0.5 and 1.

    As they come, 1e308 is infinite in float32, and 1e-308 is 0. Raises SettingError for NaN and infinity.
    """
    vector = vector.astype(np.float64)
    if count := count_not_finite(torch.from_numpy(vector)):
        raise SettingError(f"{name} holds numbers that are not finite: {count} of {len(vector)}")
    _, exponent = np.frexp(np.abs(vector).max(initial=0))
    scaled: np.ndarray = np.ldexp(vector, -exponent)
    return scaled


def _guide(path: Path, network: Network, smallest: int) -> PictureFile:
    """A guide in the size that it is looked at."""
    with _role("guide"):
        size = _guide_size(picture_size(path), smallest)
        return read_picture(path, size, "stretch", network.device)


def _mask(path: Path, network: Network, fit: Fit) -> tuple[Mask, tuple[str, ...]]:
    """A mask, and warnings about its file."""
    with _role("mask"):
        size, used = picture_size(path), None
        if max(size) > _MASK_SIDE:
            scale = _MASK_SIDE / max(size)
            used = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
        picture = read_picture(path, used, "stretch", network.device)
    if picture.frame.max() < DARKEST:
        reasons = "".join(f"; {warning}" for warning in picture.warnings)
        raise SettingError(f"mask {path} is black everywhere: paint white where the dream shall be{reasons}")
    return Mask(picture.frame, fit, size), picture.warnings


@contextmanager
def _role(role: str) -> Iterator[None]:
    """Messages of SourceErrors within begin with `role`: what the file is for."""
    try:
        yield
    except SourceError as error:
        raise SourceError(f"{role} {error}") from error


def _guide_size(size: Size, smallest: int) -> Size:
    """At most `_GUIDE_SIDE` on the longer side, at least the layer's smallest input on the shorter."""
    scale = max(min(1.0, _GUIDE_SIDE / max(size)), smallest / min(size))
    scale = min(scale, max(_GUIDE_SIDE, smallest) / max(size))  # a line of pixels loses its shape, and stays small
    return max(smallest, round(size[0] * scale)), max(smallest, round(size[1] * scale))


def _resized(role: str, path: Path, size: Size, used: Size) -> str:
    return f"{role} {path.name} is {size[0]}x{size[1]} and is read at {used[0]}x{used[1]}"


def mask_warning(term: Term, size: Size) -> str | None:
    """A warning where a term's mask is not of a frame's `size` (width, height): it is cropped and resized to it."""
    if not isinstance(term.mask, Mask) or not isinstance(term.spec.mask, Path):
        return None
    own = term.mask.file_size or size_of(term.mask.picture)
    return None if own == size else _resized("mask", term.spec.mask, own, size)


def no_gradient_warning(term: Term) -> str:
    """A warning about a term that has no gradient on the first picture."""
    return f"{term.spec} has no gradient on this picture: it takes effect once the dream makes its feature appear"
