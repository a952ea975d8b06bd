"""The colors that a film is drawn to: of pictures, of a few colors, over time."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.support.films import ZoomPreset, prepared
from tests.support.presets import load, refusal
from zoomdream.errors import SourceError
from zoomdream.films.frame_loops import frames
from zoomdream.films.inputs.reference_colors import reference_palettes, with_reference
from zoomdream.images.colors.color import palette_of
from zoomdream.images.frame import noise
from zoomdream.images.pictures.loading import load_image
from zoomdream.presets.documents.yaml_document import Data, Scalar
from zoomdream.presets.recipe import with_paths, written_paths
from zoomdream.rng import generator
from zoomdream.settings import PaletteSettings


def colored(text: str) -> str:
    return f"color: {{coherence: 1, palette: {text}}}"


def test_colors_have_their_mean_and_a_spread() -> None:
    moments = reference_palettes(load(colored('["#000000", "#ffffff"]')))
    (of_colors,) = moments.values()
    assert of_colors.lightness == pytest.approx((50, 25), abs=0.1)
    assert of_colors.green_red == pytest.approx((0, 8), abs=0.1)
    assert of_colors.blue_yellow == pytest.approx((0, 10), abs=0.1)


def test_a_picture_has_its_palette(photos: Path) -> None:
    preset = load(colored(f'"{photos / "coffee.png"}"'))
    (moments,) = reference_palettes(preset).values()
    own = palette_of(load_image(photos / "coffee.png"))
    assert [pair[0] for pair in moments] == pytest.approx(own.mean.flatten().tolist(), abs=3)


def test_films_take_the_colors_over_time(preset: ZoomPreset) -> None:
    film = prepared(preset(color='{coherence: 1, palette: {0f: source, 2f: source, 4f: "#203080"}}'))
    means = [palette_of(frame).mean.flatten() for frame in frames(film)]
    target = film.timeline[5].palette
    reached = torch.tensor([target.lightness[0], target.green_red[0], target.blue_yellow[0]])
    assert film.timeline[1].palette.share == 0
    assert film.timeline[3].palette.share == pytest.approx(0.5)
    assert (means[5] - reached).abs().max() < 6  # colors outside of sRGB are clipped
    assert (means[0] - reached).abs().max() > 15


def test_palettes_crossfade() -> None:
    preset = load('color: {palette: {0s: "#000000", 1s: "#ffffff"}}')
    timeline = preset.timeline(preset.clock(), palettes=reference_palettes(preset))
    fps = round(timeline.clock.fps)
    assert [timeline[k].palette.lightness[0] for k in (0, fps // 2, fps)] == pytest.approx([0, 50, 100], abs=0.1)


def test_a_share_mixes_the_palettes() -> None:
    own = palette_of(noise((32, 24), generator(0, 0, "noise")))
    half = with_reference(own, PaletteSettings(share=0.5, lightness=(0.0, 0.0)))
    assert half.mean[0, 0, 0, 0] == pytest.approx(float(own.mean[0, 0, 0, 0]) / 2)
    assert with_reference(own, PaletteSettings()) is own


def test_a_recipe_names_the_pictures() -> None:
    data: dict[Scalar, Data] = {
        "source": "noise",
        "color": {"palette": [{"at": "0s", "palette": "a.jpg"}, {"at": "1s", "palette": "#ffffff"}]},
    }
    assert written_paths(data) == ["a.jpg"]
    renamed = with_paths({"color": {"palette": {"0s": "source", "2s": "b.jpg"}}}, lambda path: f"x/{path}")
    assert renamed == {"color": {"palette": {"0s": "source", "2s": "x/b.jpg"}}}


def test_a_picture_that_is_missing_is_said_with_its_place() -> None:
    with pytest.raises(SourceError, match=r"film.yaml:5: color.palette: .*gone.jpg: no such picture; name another"):
        reference_palettes(load(colored("gone.jpg")))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"#12345"', "'#12345' is no color: write six hexadecimal digits in quotes"),
        ('["#123456", "red"]', "'red' is no color"),
        ('{0s: "#xyzxyz"}', "'#xyzxyz' is no color"),
    ],
)
def test_what_is_no_color_is_refused(text: str, words: str) -> None:
    assert words in refusal(colored(text))


def test_keyframes_after_the_end_are_told() -> None:
    preset = load('canvas: {duration: 1s}\ncolor: {palette: {0s: source, 3s: "#ffffff"}}')
    assert "color.palette: the film ends before 3s" in preset.keyframe_warnings(preset.clock())
