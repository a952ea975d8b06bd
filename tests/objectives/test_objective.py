from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from zoomdream.dreaming.ascent import Ascent, dream
from zoomdream.errors import SettingError, SourceError, UnknownNameError, UsageError
from zoomdream.images.files import load_image, save_image
from zoomdream.images.resample import fit
from zoomdream.networks import LOGITS, Network, Tap, load_network
from zoomdream.networks.architecture import build_random, preprocessing
from zoomdream.networks.loading import assemble
from zoomdream.objectives import ChannelSpec, LayerSpec, NeuronSpec, Objective, Tiling, Window, mask_warning, resolve
from zoomdream.objectives.terms import ChannelTerm, DirectionTerm, GuideTerm, LayerTerm, NeuronTerm
from zoomdream.objectives.tile_plan import _geometry
from zoomdream.rng import generator
from zoomdream.settings import DreamSettings
from zoomdream.stills.still import dream_still

KINDS = [
    "fire5",
    "l2:fire8",
    "mean:fire8",
    "fire8:17",
    "fire6:3+17",
    "fire8:17@center",
    "fire6:5@0.2/0.7",
    "class:espresso",
    "class:285",
    "guide:fire6:{photos}/chelsea.png",
    "cosine:fire6:{photos}/chelsea.png",
    "direction:fire8:17+31*-0.5",
    "direction:fire8:{folder}/vector.npy",
]


@pytest.fixture
def spell(photos: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Fills the folders of a short form in."""
    np.save(tmp_path / "vector.npy", np.random.default_rng(0).normal(size=512))
    return lambda text: text.format(photos=photos, folder=tmp_path)


@pytest.fixture(scope="module")
def small() -> Network:
    """Random weights: no photo's statistics, and a gradient everywhere."""
    return load_network(random=3)


@pytest.fixture(scope="module")
def double() -> Network:
    """In float64, in which finite differences are exact enough."""
    modules = build_random("squeezenet1_1", 3)
    return assemble("squeezenet1_1", modules, preprocessing("resnet18"), dtype=torch.float64)


@pytest.mark.parametrize("kind", KINDS)
def test_every_objective_rises_over_a_few_steps_on_a_photo(network: Network, coffee: torch.Tensor, kind, spell) -> None:  # type: ignore[no-untyped-def]
    for weight in (1.0, -1.0):
        objective = Objective.of(network, {spell(kind): weight})
        settings = DreamSettings(octaves=1, steps=4, step_size=0.01, jitter=0, natural_color=0.0)
        dreamed = dream(coffee, objective, settings, generator(0, 0, "jitter"))
        (before,), (after,) = objective.scores(coffee), objective.scores(dreamed)
        assert weight * (after - before) > 0.02 * abs(before)


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("googlenet", "inception4a"),
        ("vgg16", "conv4_1"),
        ("inception_v3", "Mixed_5c"),
        ("efficientnet_lite0", "block3_2"),
    ],
)
def test_every_kind_works_in_other_networks(coffee: torch.Tensor, photos: Path, name: str, layer: str) -> None:
    """With random weights: what is tested is that the kinds do not lean on the embedded network."""
    network = load_network(name, random=5)
    kinds = [
        layer,
        f"mean:{layer}",
        f"{layer}:3",
        f"{layer}:0:2+7",
        f"{layer}:3@0.4/0.6",
        "class:espresso",
        f"guide:{layer}:{photos}/chelsea.png",
        f"cosine:{layer}:{photos}/chelsea.png",
        f"direction:{layer}:3+7*-0.5",
    ]
    settings = DreamSettings(octaves=1, steps=2, step_size=0.01, jitter=0, natural_color=0.0)
    for kind in kinds:
        objective = Objective.of(network, {kind: 1.0})
        dreamed = dream(coffee, objective, settings, generator(0, 0, "jitter"))
        assert objective.scores(dreamed)[0] > objective.scores(coffee)[0], kind
    all_at_once = Objective.of(network, dict.fromkeys(kinds, 1.0))
    assert len(all_at_once.balance(coffee)) == len(kinds)


@pytest.mark.parametrize("kind", KINDS)
def test_every_gradient_equals_finite_differences(double: Network, coffee, kind, spell) -> None:  # type: ignore[no-untyped-def]
    """In float64, along directions across the gradient and along it; bent places are too few to meet one."""
    frame = fit(coffee, (80, 64)).double()
    objective = Objective.of(double, {spell(kind): 1.0})
    gradient = objective.gradient(frame, objective.balance(frame))
    rng = torch.Generator().manual_seed(1)
    directions = [torch.randn(frame.shape, generator=rng, dtype=torch.float64) for _ in range(3)]
    for direction in (gradient / gradient.square().mean().sqrt(), *directions):
        with torch.no_grad():
            up, down = (objective.scores(frame + sign * 1e-7 * direction)[0] for sign in (1, -1))
        slope = ((up - down) / 2e-7).item()
        assert slope == pytest.approx((gradient * direction).sum().item(), rel=1e-3)


@pytest.mark.parametrize("kind", ["l2", "mean"])
@pytest.mark.parametrize("mix", [{"fire5": 1.0}, {"fire8": 1.0, "conv1": 0.5}, {"fire8": 1.0, "fire3": -0.5}])
def test_a_small_step_up_the_gradient_raises_the_weighted_sum(
    network: Network, coffee: torch.Tensor, kind: str, mix: dict[str, float]
) -> None:
    objective = Objective.of(network, mix, kind)  # type: ignore[arg-type]
    balance = objective.balance(coffee)
    gradient = objective.gradient(coffee, balance)

    def total(frame: torch.Tensor) -> float:
        scores = objective.scores(frame)
        return float(sum(w * b * s for (_, w), b, s in zip(objective.terms, balance, scores, strict=True)))

    step = 1e-4 / gradient.square().mean().sqrt()
    with torch.no_grad():
        gain = total(coffee + step * gradient) - total(coffee - step * gradient)
        expected = float(2 * step * gradient.square().sum())
    assert gain == pytest.approx(expected, rel=0.05)


def test_balance_makes_the_terms_gradients_equally_strong(network: Network, coffee: torch.Tensor) -> None:
    both = Objective.of(network, {"conv1": 1.0, "fire8": 1.0})
    scales = both.balance(coffee)
    for (term, _), scale in zip(both.terms, scales, strict=True):
        alone = Objective(network, ((term, 1.0),))
        gradient = alone.gradient(coffee, [scale])
        assert gradient.square().mean().sqrt().item() == pytest.approx(1.0, rel=1e-3)


def test_negative_weight_turns_the_gradient_around(network: Network, coffee: torch.Tensor) -> None:
    up, down = (Objective.of(network, {"fire6": weight}) for weight in (1.0, -1.0))
    one = up.balance(coffee)
    assert torch.allclose(up.gradient(coffee, one), -down.gradient(coffee, one))


def test_mean_reaches_features_that_the_relu_hides(network: Network) -> None:
    """On a flat gray frame many features are negative: after the ReLU their gradient would be nothing."""
    gray = torch.full((1, 3, 96, 96), 0.5)
    mean = Objective.of(network, {"fire8": 1.0}, "mean")
    gradient = mean.gradient(gray, mean.balance(gray))
    assert gradient.abs().max() > 0
    assert mean.scores(gray)[0] < 0  # a mean after the ReLU could not be


def test_the_share_fades_with_the_weights_and_never_exceeds_one(network: Network, coffee: torch.Tensor) -> None:
    assert Objective.of(network, {"fire8": 0.25, "fire5": -0.25}).share(coffee) == pytest.approx(0.5)
    assert Objective.of(network, {"fire8": 1.0, "fire5": 0.3}).share(coffee) == 1.0


def test_a_pixel_counts_the_weights_of_the_terms_that_may_move_it(
    network: Network, coffee: torch.Tensor, tmp_path: Path
) -> None:
    half = torch.zeros(1, 3, 112, 160)
    half[..., :80] = 1
    save_image(half, tmp_path / "half.png")
    share = Objective.of(network, {f"fire8 in {tmp_path / 'half.png'}": 0.5, "fire5": -0.3}).share(coffee)
    assert isinstance(share, torch.Tensor)
    width = coffee.shape[-1]
    assert share[..., : width // 2 - 8] == pytest.approx(0.8)
    assert share[..., width // 2 + 8 :] == pytest.approx(0.3)
    neuron = Objective.of(network, {"fire2:5@1/0.5": 1.0}).share(coffee, shift=(0, -3))
    assert isinstance(neuron, torch.Tensor)
    columns = neuron[0, 0].any(0).nonzero().flatten().tolist()
    field = network.layer("fire2").receptive_field
    assert field is not None
    assert columns == list(range(width - 1 - field // 2 - 3, width - 3))


@pytest.mark.parametrize("local", ["fire8:100 in {mask}", "fire8:100@center"])
def test_a_crossfade_from_a_part_of_the_frame_to_all_of_it_begins_without_a_jump(
    network: Network, coffee: torch.Tensor, tmp_path: Path, local: str
) -> None:
    spot = torch.zeros(1, 3, 112, 160)
    spot[..., 40:60, 70:100] = 1
    save_image(spot, tmp_path / "spot.png")
    local = local.format(mask=tmp_path / "spot.png")
    settings = DreamSettings(octaves=1, steps=1, step_size=0.02, jitter=0)
    before, just_after, halfway = (
        dream_still(coffee, network, {local: 1 - part, "fire5": part}, settings) - coffee for part in (0, 0.001, 0.5)
    )
    moved = before.abs() > 0.002
    assert (just_after - before).abs()[moved].mean() < 0.1 * before.abs()[moved].mean()
    assert halfway.abs()[moved].mean() < 2 * before.abs()[moved].mean()


def test_what_is_hidden_at_the_smallest_octave_does_not_take_over_where_it_wakes(
    network: Network, coffee: torch.Tensor
) -> None:
    """Its gradient was nothing, and nothing cannot be brought to the others' strength."""
    gray = torch.full_like(coffee, 0.5)
    dark, light = (network.activations(frame, ["fire5"])["fire5"].amax((0, 2, 3)) for frame in (gray, coffee))
    channel = int(((dark == 0) & (light > 0)).nonzero()[0])
    term = ChannelSpec("fire5", (channel,), relu="after")
    both = Objective.of(network, {term: 0.5, LayerSpec("fire5"): 0.5})
    hidden = both.balance(gray)
    assert hidden[0] == 0
    assert hidden[1] > 0
    ascent = Ascent(both, hidden, DreamSettings(), (160, 112)).rebalanced(coffee)
    assert ascent.balance[0] == both.balance(coffee)[0]
    assert ascent.balance[1] == hidden[1]
    plain = Ascent(Objective.of(network, {"fire5": 1.0, "fire8:3": 1.0}), hidden[1:] * 2, DreamSettings(), (160, 112))
    assert plain.rebalanced(coffee) is plain


def test_unknown_layers_and_small_frames_are_named(network: Network) -> None:
    with pytest.raises(UnknownNameError, match="fire8"):
        Objective.of(network, {"fire88": 1.0})
    with pytest.raises(UsageError, match=r"fire9 .* 20x10"):
        Objective.of(network, {"fire2": 1.0, "fire9": 1.0}).check((20, 10))


def test_scores_by_hand() -> None:
    """A map of two channels, 1x2 places: (3, 4) and (0, 1)."""
    values = torch.tensor([[[[3.0, 0.0]], [[4.0, 1.0]]]])
    whole = Window.whole((20, 10))
    spec, tap = NeuronSpec("a", 0), Tap("a")
    assert LayerTerm(spec, tap, kind="l2").score(values, whole) == pytest.approx((9 + 16 + 0 + 1) / 4 / 2)
    assert LayerTerm(spec, tap, kind="mean").score(values, whole) == pytest.approx(2)
    assert ChannelTerm(spec, tap, channels=(1,)).score(values, whole) == pytest.approx(2.5)
    assert NeuronTerm(spec, tap, channel=1, x=0.2, y=0.5).score(values, whole) == pytest.approx(4)
    assert NeuronTerm(spec, tap, channel=1, x=1.0, y=1.0).score(values, whole) == pytest.approx(1)  # the last one
    vector = torch.tensor([0.6, 0.8])
    assert DirectionTerm(spec, tap, vector=vector).score(values, whole) == pytest.approx((5 + 0.8) / 2)
    assert DirectionTerm(spec, tap, vector=vector, match="cosine").score(values, whole) == pytest.approx((1 + 0.8) / 2)
    features = torch.tensor([[1.0, 0.0], [0.0, 2.0]])  # (1, 0) and (0, 2)
    assert GuideTerm(spec, tap, features=features).score(values, whole) == pytest.approx((8 + 2) / 2)
    units = F.normalize(features, dim=0)
    assert GuideTerm(spec, tap, features=units, match="cosine").score(values, whole) == pytest.approx((0.8 + 1) / 2)


def test_a_guides_gradient_is_the_feature_that_fits_best() -> None:
    """What google/deepdream's guided dream sets the layer's gradient to."""
    rng = torch.Generator().manual_seed(0)
    values = torch.randn(1, 5, 3, 4, generator=rng).requires_grad_()
    features = torch.randn(5, 7, generator=rng)
    term = GuideTerm(NeuronSpec("a", 0), Tap("a"), features=features)
    (gradient,) = torch.autograd.grad(12 * term.score(values, Window.whole((4, 3))), values)
    places = values.detach()[0].flatten(1)
    best = features[:, (features.T @ places).argmax(0)]
    assert torch.allclose(gradient[0].flatten(1), best)


def test_a_neuron_stays_on_its_place_of_the_picture_when_that_is_shifted(small: Network) -> None:
    frame = torch.rand(1, 3, 240, 320, generator=torch.Generator().manual_seed(2))
    objective = Objective.of(small, {"fire2:5@0.25/0.75": 1.0})
    for shift in ((0, 0), (32, -48), (-16, 100)):
        shifted = torch.roll(frame, shift, (2, 3))
        gradient = objective.gradient(shifted, objective.balance(frame), shift=shift)
        rows, columns = torch.roll(gradient, (-shift[0], -shift[1]), (2, 3)).abs().sum(1)[0].nonzero().T.tolist()
        assert min(columns) <= 80 <= max(columns)
        assert max(columns) - min(columns) < 32
        assert min(rows) <= 180 <= max(rows)
        assert max(rows) - min(rows) < 32


def test_a_mask_leaves_the_rest_of_the_picture_as_it_is_to_the_bit(
    network: Network, coffee: torch.Tensor, tmp_path: Path
) -> None:
    half = torch.zeros(1, 3, 112, 160)
    half[..., :80] = 1
    save_image(half, tmp_path / "half.png")
    settings = DreamSettings(octaves=1, steps=3, smoothing=0.5, jitter=32)
    masked = dream_still(coffee, network, {f"class:daisy in {tmp_path}/half.png": 1}, settings)
    assert torch.equal(masked[..., 80:], coffee[..., 80:])
    inside = (masked - coffee)[..., :80].abs().mean()
    everywhere = (dream_still(coffee, network, {"class:daisy": 1}, settings) - coffee).abs().mean()
    assert inside.item() == pytest.approx(everywhere.item(), rel=0.25)
    both = {f"class:daisy in {tmp_path}/half.png": 1.0, "fire5": 0.5}
    assert not torch.equal(dream_still(coffee, network, both, settings)[..., 80:], coffee[..., 80:])


def test_a_mask_of_another_size_is_cropped_as_the_source_is_and_told(network: Network, tmp_path: Path) -> None:
    bands = torch.zeros(1, 3, 100, 400)
    bands[..., 100:200] = 1  # of the 200 columns that a square crop keeps, the left half
    save_image(bands, tmp_path / "bands.png")
    term = resolve(network, f"fire5 in {tmp_path}/bands.png")
    assert term.mask is not None
    shown = term.mask.at((50, 25), (50, 25))
    assert shown.shape == (1, 1, 25, 50)
    assert shown[..., 2:23].min() > 0.99
    assert shown[..., 28:].max() < 0.01
    assert mask_warning(term, (50, 25)) == "mask bands.png is 400x100 and is read at 50x25"
    assert mask_warning(term, (400, 100)) is None


def test_guides_are_read_at_a_size_that_suits_and_told(network: Network, photos: Path, tmp_path: Path) -> None:
    assert resolve(network, f"guide:fire6:{photos}/coffee.png").warnings == (
        "guide coffee.png is 600x400 and is read at 512x341",
    )
    save_image(torch.rand(1, 3, 8, 12), tmp_path / "tiny.png")
    (warning,) = resolve(network, f"guide:fire8:{tmp_path}/tiny.png").warnings
    assert warning.startswith("guide tiny.png is 12x8 and is read at ")
    save_image(torch.rand(1, 3, 1, 3000), tmp_path / "line.png")
    (warning,) = resolve(network, f"guide:fire8:{tmp_path}/line.png").warnings
    width, height = (int(side) for side in warning.rpartition(" ")[2].split("x"))
    assert width <= 512
    assert height == network.smallest_input(["fire8"])


def test_a_mask_that_is_black_wherever_the_frame_shows_it_is_refused(network: Network, tmp_path: Path) -> None:
    top = torch.zeros(1, 3, 100, 100)
    top[..., :10, :] = 1
    save_image(top, tmp_path / "top.png")
    objective = Objective.of(network, {f"fire5 in {tmp_path / 'top.png'}": 1.0})
    objective.check((100, 100))
    with pytest.raises(SettingError, match=r"top.png is black wherever a frame of 160x80 shows it"):
        objective.check((160, 80))


def test_classes_by_index_by_name_and_wrong(network: Network) -> None:
    for name in ("espresso", "Espresso", 967, "967"):
        assert resolve(network, f"class:{name}").tap == Tap(LOGITS, before_relu=True)
        assert str(resolve(network, f"class:{name}").spec) == "class:967"
    assert str(resolve(network, "class:egyptian_cat").spec) == "class:285"
    with pytest.raises(UnknownNameError, match="did you mean espresso or espresso maker"):
        resolve(network, "class:expresso")
    with pytest.raises(SettingError, match=r"no class 1000: it has 1000, from 0 to 999"):
        resolve(network, "class:1000")
    assert str(resolve(network, "class:cardigan").spec) == "class:474"
    with pytest.raises(UnknownNameError, match=r"names 2 classes .* write 264 \(Cardigan\) or 474 \(cardigan\)"):
        resolve(network, "class:CARDIGAN")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("fire8:512", SettingError, "layer fire8 of squeezenet1_1 has no channel 512: it has 512, from 0 to 511"),
        ("fire8:9999@center", SettingError, "no channel 9999"),
        ("direction:fire8:512", SettingError, "no channel 512"),
        ("direction:fire8:3+3*-1", SettingError, "points nowhere"),
        ("guide:fire6:none.jpg", SourceError, "guide none.jpg: no such file"),
        ("fire8 in none.png", SourceError, "mask none.png: no such file"),
        ("direction:fire8:none.npy", SourceError, "direction none.npy: no such file"),
        ("fire99:3", UnknownNameError, "fire9"),
        ("fire8@center", SettingError, "names no channel: a neuron is a channel at a place, as in fire8:17@center"),
        ("nothing", UnknownNameError, "known: conv1, fire2, fire3, .* and .* more"),
        ("classifier.3:3@0.2/0.2", UnknownNameError, "is no map of features: its size does not follow the picture's"),
    ],
)
def test_what_a_network_does_not_have_is_named(network: Network, text: str, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        resolve(network, text)


def test_vectors_and_masks_that_make_no_sense(network: Network, tmp_path: Path) -> None:
    np.save(tmp_path / "short.npy", np.ones(3))
    with pytest.raises(SettingError, match=r"has shape \(3,\): layer fire8 .* each of its 512 channels"):
        resolve(network, f"direction:fire8:{tmp_path}/short.npy")
    np.save(tmp_path / "nan.npy", np.full(512, np.nan))
    with pytest.raises(SettingError, match="not finite"):
        resolve(network, f"direction:fire8:{tmp_path}/nan.npy")
    (tmp_path / "bad.npy").write_bytes(b"no array")
    with pytest.raises(SourceError, match="cannot be read as a NumPy array"):
        resolve(network, f"direction:fire8:{tmp_path}/bad.npy")
    save_image(torch.zeros(1, 3, 8, 8), tmp_path / "black.png")
    with pytest.raises(SettingError, match="black everywhere"):
        resolve(network, f"fire8 in {tmp_path}/black.png")


def test_one_objective_under_two_names_counts_once_and_may_not_cancel(network: Network) -> None:
    objective = Objective.of(network, {"fire8": 1.0, "features.11": 0.5, "l2:fire8": 0.25})
    assert [weight for _, weight in objective.terms] == [1.75]
    with pytest.raises(SettingError, match="the weights of class:967 are 1 and -1 and cancel to nothing"):
        Objective.of(network, {"class:espresso": 1.0, "class:967": -1.0})


def test_a_picture_that_an_objective_cannot_change_is_told(network: Network) -> None:
    """On gray, a ReLU hides this channel everywhere."""
    gray = torch.full((1, 3, 96, 96), 0.5)
    hidden = network.activations(gray, ["fire8"])["fire8"].amax((0, 2, 3)) == 0
    channel = int(hidden.nonzero()[0])
    term = resolve(network, f"fire8:{channel}").spec
    after = replace(term, relu="after")
    assert dream_still(gray, network, {term: 1.0}, DreamSettings(octaves=1, steps=1)).shape == gray.shape
    with pytest.raises(UsageError, match=f"fire8:{channel} after ReLU has no gradient on this picture"):
        dream_still(gray, network, {after: 1.0}, DreamSettings(octaves=1, steps=1))
    with pytest.raises(UsageError, match="every objective's weight is 0"):
        dream_still(gray, network, {"fire8": 0.0}, DreamSettings(octaves=1, steps=1))


@pytest.mark.parametrize("size", [(640, 400), (331, 517)])
@pytest.mark.parametrize("offset", [(0, 0), (37, 130)])
def test_tiles_cover_a_frame_once_within_windows_that_fit(size: tuple[int, int], offset: tuple[int, int]) -> None:
    tiling = Tiling(side=160, margin=48, stride=16)
    covered = torch.zeros(size[1], size[0])
    for (left, top, width, height), (x, y, wide, high) in tiling.tiles(size, offset):
        covered[top : top + height, left : left + width] += 1
        assert x % 16 == y % 16 == 0
        assert 0 <= x <= max(0, left - 48) or x == 0
        assert x + wide == size[0] or x + wide >= left + width + 48
        assert y + high == size[1] or y + high >= top + height + 48
        assert min(wide, high) >= min(tiling.window, *size)
    assert covered.min() == covered.max() == 1


def relative_error(found: torch.Tensor, wanted: torch.Tensor, border: int) -> float:
    inner = (..., slice(border, -border), slice(border, -border))
    return float((found[inner] - wanted[inner]).norm() / wanted[inner].norm())


@pytest.mark.parametrize(
    ("name", "mix"),
    [
        ("squeezenet1_1", {"fire8": 1.0}),
        ("squeezenet1_1", {"fire6:17": 1.0, "fire3": -0.4}),
        ("squeezenet1_1", {"guide:fire5:{photos}/chelsea.png": 1.0, "fire6:5@0.3/0.6": 0.5}),
        *(("squeezenet1_1", {f"fire8:100@{place}": 1.0}) for place in ("center", "0.61/0.83", "0.42/0.42", "1/0")),
        ("squeezenet1_1", {"class:castle": 1.0, "fire5": 0.3}),
        ("googlenet", {"inception4a": 1.0}),
        ("vgg16", {"conv4_1": 1.0}),
        ("efficientnet_lite0", {"block3_2": 1.0}),
    ],
)
def test_tiles_give_the_gradient_of_the_whole_frame(photos: Path, name: str, mix: dict[str, float]) -> None:
    """Within 2 % away from the borders, with the margin that `plan_tiles` takes."""
    network = load_network(name, random=None if name == "squeezenet1_1" else 4)
    whole = Objective.of(network, {key.format(photos=photos): weight for key, weight in mix.items()})
    stride, margin = _geometry(whole)
    tiling = Tiling(max(8 * stride, 112), margin, stride)
    tiled = whole.tiled(tiling)
    size = (tiling.window + 7 * stride, tiling.window + 5 * stride)  # a window is a part of it both ways
    frame = fit(load_image(photos / "astronaut.png"), size)
    balance = whole.balance(frame)
    wanted = whole.gradient(frame, balance, shift=(5, -7))
    for offset in ((0, 0), (3 * stride, 5 * stride + 1)):
        assert len(list(tiling.tiles(size, offset))) >= 9
        found = tiled.gradient(frame, balance, shift=(5, -7), offset=offset)
        assert relative_error(found, wanted, border=16) < 0.02
    for one, other in zip(tiled.balance(frame), balance, strict=True):
        assert one.item() == pytest.approx(other.item(), rel=0.02)


def test_a_tiled_step_is_the_step(network: Network, photos: Path) -> None:
    """Shifts are the same. Later steps differ more and more: an ascent multiplies any rounding by about 20 a step."""
    frame = fit(load_image(photos / "astronaut.png"), (480, 320))
    settings = DreamSettings(octaves=1, steps=1, step_size=0.02, smoothing=0.5)
    whole = Objective.of(network, {"fire6": 1.0})
    tiled = whole.tiled(Tiling(96, 96, 16))
    one, other = (dream(frame, objective, settings, generator(1, 0, "jitter")) for objective in (whole, tiled))
    assert not torch.equal(one, other)  # it was in tiles
    assert (one - other).abs().mean() < 1e-3 * (one - frame).abs().mean()
