"""Masks that move: which picture belongs to which frame, what is read again after an interruption, and tiles."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from tests.support.clips import children, lossless
from tests.support.films import ZoomPreset, equal_frames, prepared, shot, video_film
from zoomdream.errors import SettingError, SourceError, ZoomdreamError
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import dreamed_frames, frames
from zoomdream.films.identity import film_identity
from zoomdream.films.journaling import JournalOptions
from zoomdream.films.masks.moving_masks import is_moving
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import render
from zoomdream.images.filters import blur
from zoomdream.images.shapes import draw_shape
from zoomdream.motion.camera import warp

CIRCLE = "{circle: [{0f: 0.2, 5f: 0.8}, 0.5, 0.2], feather: 0.1}"


def bars(count: int) -> list[NDArray[np.uint8]]:
    """Masks of 96x64: a bar that moves by eight pixels a frame."""
    masks = np.zeros((count, 64, 96, 3), np.uint8)
    for index, mask in enumerate(masks):
        mask[:, 8 * index : 8 * index + 16] = 255
    return list(masks)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mask's video at 25 per second and a folder of its pictures, ten frames each."""
    folder = tmp_path_factory.mktemp("masks")
    lossless(folder / "bars.mkv", bars(10))
    (folder / "bars").mkdir()
    for index, mask in enumerate(bars(10)):
        Image.fromarray(mask).save(folder / "bars" / f"bar_{index:03}.png")
    return folder


def layers(mask: object) -> str:
    return f"{{layers: [{{layer: fire4, mask: {mask}}}], octaves: 2, steps: 1}}"


def mask_at(film: Film, frame: int) -> torch.Tensor:
    """The mask of a film's frame, HxW."""
    ((term, _),) = film.objective(film.timeline[frame]).terms
    assert term.mask is not None
    return term.mask.at(film.size, film.size)[0, 0]


def bar_at(film: Film, frame: int) -> int:
    """The number of the bar that a film's frame has."""
    return round(float(mask_at(film, frame).argmax(1)[0]) / 8)


@pytest.mark.parametrize("name", ["bars.mkv", "bars", "bars/bar_%03d.png"])
def test_a_zoom_film_has_a_masks_frame_for_each_of_its_own(preset: ZoomPreset, files: Path, name: str) -> None:
    film = prepared(preset(dream=layers(files / name), canvas="{size: 96x64, fps: 25, duration: 6f}"))
    assert not film.warnings
    with closing(film.objectives):
        assert [bar_at(film, frame) for frame in (0, 1, 2, 5, 3, 4, 0)] == [0, 1, 2, 5, 3, 4, 0]


@pytest.mark.parametrize(
    ("mask", "fps", "expected"),
    [
        ("bars.mkv", 50, [0, 0, 1, 1, 2, 2]),
        ("bars", 50, [0, 1, 2, 3, 4, 5]),
        ("{file: bars, fps: 25}", 50, [0, 0, 1, 1, 2, 2]),
        ("{file: bars, fps: 50}", 25, [0, 2, 4, 6, 8, 8]),
    ],
)
def test_masks_are_brought_to_the_films_rate(
    preset: ZoomPreset, files: Path, mask: str, fps: int, expected: list[int]
) -> None:
    written = mask.replace("bars", str(files / "bars"), 1)
    film = prepared(preset(dream=layers(written), canvas=f"{{size: 96x64, fps: {fps}, duration: 6f}}"))
    with closing(film.objectives):
        assert [bar_at(film, frame) for frame in range(6)] == expected


def test_over_a_video_masks_follow_the_clip(files: Path, clip: Path) -> None:
    for name in ("bars.mkv", "bars"):
        film = video_film(clip, dream=layers(files / name), canvas="{start: 3f, fps: 25, duration: 3f}")
        with closing(film.objectives):
            assert [bar_at(film, frame) for frame in range(3)] == [3, 4, 5]


def test_over_a_video_a_folder_has_a_picture_for_each_of_its_frames(files: Path, photos: Path, tmp_path: Path) -> None:
    clip = lossless(tmp_path / "clip.mkv", shot(photos, "coffee.png", 8), 25)
    film = video_film(clip, dream=layers(files / "bars"), canvas="{fps: 50}")
    with closing(film.objectives):
        assert [bar_at(film, frame) for frame in range(6)] == [0, 0, 1, 1, 2, 2]


def test_over_a_video_masks_move_with_the_camera(files: Path, clip: Path) -> None:
    film = video_film(clip, dream=layers(files / "bars.mkv"), camera="{pan: [1, 0], zoom: 2}")
    still = video_film(clip, dream=layers(files / "bars.mkv"))
    drawn = video_film(clip, dream=layers(CIRCLE), camera="{pan: [1, 0]}")
    with closing(film.objectives), closing(still.objectives):
        expected = warp(mask_at(still, 4).expand(1, 3, -1, -1), film.camera_track[4][:2])[0, 0]
        inner = (slice(8, -8), slice(8, -8))
        assert blur(abs(mask_at(film, 4) - expected)[None, None][..., *inner], 1.0).max() < 0.1
        assert not torch.equal(mask_at(film, 4), mask_at(still, 4))
    assert torch.equal(mask_at(drawn, 4), mask_at(video_film(clip, dream=layers(CIRCLE)), 4))


@pytest.mark.parametrize("mask", ["bars/bar_002.png", "{file: bars/bar_002.png}"])
def test_a_picture_stands_still(preset: ZoomPreset, files: Path, mask: str) -> None:
    film = prepared(preset(dream=layers(mask.replace("bars", str(files / "bars"), 1))))
    assert [bar_at(film, frame) for frame in (0, 3, 5)] == [2, 2, 2]
    assert not is_moving(files / "bars" / "bar_002.png")
    assert is_moving(files / "bars")


def test_masks_are_inverted_and_softened(preset: ZoomPreset, files: Path) -> None:
    file = files / "bars" / "bar_002.png"
    plain, inverted, soft = (
        mask_at(prepared(preset(dream=layers(f"{{file: {file}{more}}}"))), 0)
        for more in ("", ", invert: true", ", feather: 0.1")
    )
    assert torch.allclose(plain + inverted, torch.ones(()), atol=1e-6)
    assert 0.2 < float(soft[30, 14]) < 0.8
    assert float(soft.mean()) == pytest.approx(float(plain.mean()), abs=0.01)


def test_a_shape_follows_its_tracks(preset: ZoomPreset) -> None:
    film = prepared(preset(dream=layers("{circle: [{0f: 0.2, 5f: 0.8}, 0.5, 0.2]}")))
    for frame, x in ((0, 0.2), (5, 0.8), (3, 0.56)):
        assert np.allclose(mask_at(film, frame).numpy(), draw_shape("circle", (x, 0.5, 0.2), (96, 64)), atol=1e-5)


def test_outside_of_a_mask_nothing_is_dreamed(clip: Path) -> None:
    dream = layers("{box: [{0f: 0.25, 7f: 0.75}, 0.5, 0.3, 2]}").replace("octaves: 2", "octaves: 1, jitter: 0")
    bare = list(frames(video_film(clip, dream="{layers: {fire4: 1}, steps: 0}", carry="{strength: 0}")))
    film = video_film(clip, dream=dream, carry="{strength: 0}")
    for index, (ours, source) in enumerate(zip(frames(film), bare, strict=True)):
        changed = (ours - source).abs().amax((0, 1))
        mask = mask_at(film, index)
        assert float(changed[mask == 0].max()) < 1e-4
        assert float(changed[mask == 1].mean()) > 1e-3


def test_a_mask_without_anything_is_no_error(preset: ZoomPreset) -> None:
    empty_dream = layers("{circle: [3, 3, 0]}")
    dreams = (empty_dream.replace("steps: 1", "steps: 0"), empty_dream)
    still, empty = (list(frames(prepared(preset(dream=dream)))) for dream in dreams)
    assert max(float((a - b).abs().max()) for a, b in zip(still, empty, strict=True)) < 1e-5


@pytest.mark.parametrize(
    "mask",
    ["{motion: subject}", "{motion: background, feather: 0.05}", "bars.mkv", CIRCLE, "{file: bars, invert: true}"],
)
def test_a_film_that_goes_on_has_the_same_masks(files: Path, clip: Path, mask: str) -> None:
    dream = layers(mask.replace("bars", str(files / "bars"), 1))
    camera = "{zoom: 1.5, rotate: 20}"
    whole = list(dreamed_frames(video_film(clip, dream=dream, camera=camera)))
    for begin in (2, 5):
        rest = dreamed_frames(video_film(clip, dream=dream, camera=camera), whole[begin - 1][1])
        assert all(equal_frames([frame for frame, _ in rest], [frame for frame, _ in whole[begin:]]))


def test_an_interrupted_film_is_read_to_its_end(preset: ZoomPreset, files: Path) -> None:
    film = prepared(preset(dream=layers(files / "bars.mkv")))
    before = children()
    loop = dreamed_frames(film)
    first, _ = next(loop)
    loop.close()
    assert children() == before
    assert torch.equal(first, next(frames(film)))
    film.objectives.close()


def test_another_track_of_a_mask_takes_no_finished_frames_over(preset: ZoomPreset, tmp_path: Path) -> None:
    keep, output = JournalOptions(keep=True), tmp_path / "film.mkv"
    render(prepared(preset(dream=layers(CIRCLE))), output, journal=keep)
    moved = prepared(preset(dream=layers(CIRCLE.replace("0.8", "0.7"))))
    with pytest.raises(ZoomdreamError, match="settings differ from frame"):
        render(moved, output, overwrite=True)
    done: list[int] = []
    options = JournalOptions(resume=True)
    render(moved, output, overwrite=True, journal=options, on_progress=lambda progress: done.append(progress.before))
    assert max(done) <= 1  # the first frame's circle is the same


def test_a_masks_pictures_are_a_part_of_its_objectives_name(preset: ZoomPreset, files: Path, tmp_path: Path) -> None:
    mask, output = tmp_path / "mask.mkv", tmp_path / "film.mkv"
    mask.write_bytes((files / "bars.mkv").read_bytes())
    render(prepared(preset(dream=layers(mask))), output, journal=JournalOptions(keep=True))
    lossless(mask, bars(9))
    with pytest.raises(ZoomdreamError, match="settings differ from frame"):
        render(prepared(preset(dream=layers(mask))), output, overwrite=True)
    assert film_identity(prepared(preset(dream=layers(mask))))["ffmpeg"]


def test_masks_meet_tiles_as_they_meet_a_whole_frame(preset: ZoomPreset) -> None:
    loaded = preset(dream=layers(CIRCLE), canvas="{size: 256x144, fps: 25, duration: 2f}")
    whole, tiled = (prepare(loaded, device="cpu", precision="float32", tile=tile) for tile in (0, 64))
    assert tiled.tiling is not None
    assert tiled.tiling.holds(tiled.size) is False
    for one, other in zip(frames(whole), frames(tiled), strict=True):
        assert float((one - other).abs().mean()) < 2e-3
        assert float(one.std()) > 0


def test_terms_that_share_a_region_share_its_mask(preset: ZoomPreset) -> None:
    dream = f"{{layers: [{{layer: fire4, mask: {CIRCLE}}}, {{layer: fire3, mask: {CIRCLE}}}], octaves: 1, steps: 1}}"
    film = prepared(preset(dream=dream))
    (one, _), (other, _) = film.objective(film.timeline[2]).terms
    assert one.mask is other.mask
    again, _ = film.objective(film.timeline[3]).terms[0]
    assert again.mask is not one.mask
    assert again.identity is one.identity


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        ("bars.mkv", "ends after 0.400 s, 2 frames before the film: its last picture stays until the end"),
        ("{file: bars, fps: 30}", "ends after"),
    ],
)
def test_a_mask_that_is_shorter_than_the_film_is_told(preset: ZoomPreset, files: Path, mask: str, words: str) -> None:
    written = mask.replace("bars", str(files / "bars"), 1)
    film = prepared(preset(dream=layers(written), canvas="{size: 96x64, fps: 25, duration: 12f}"))
    (warning,) = film.warnings
    assert warning.startswith("preset:4: dream.layers.0.mask")
    assert words in warning
    with closing(film.objectives):
        assert bar_at(film, 11) == bar_at(film, 9)


@pytest.mark.parametrize(
    ("mask", "error", "words"),
    [
        ("{motion: subject}", SettingError, "preset:4: dream.layers.0.mask.motion: subject is told by the motion of a"),
        ("{file: bars.mkv, fps: 25}", SettingError, "bars.mkv is a video and has its own rate: fps is for a folder"),
        ("{file: nothing.mp4}", SourceError, "preset:4: dream.layers.0.mask.file: mask nothing.mp4 does not exist"),
        ("nothing.png", SourceError, "mask nothing.png"),
        ("{file: empty}", SourceError, "preset:4: dream.layers.0.mask.file: mask empty is a folder without pictures"),
    ],
)
def test_masks_of_no_use_are_told_with_their_place(
    preset: ZoomPreset, files: Path, mask: str, error: type[ZoomdreamError], words: str
) -> None:
    (files / "empty").mkdir(exist_ok=True)
    for name in ("bars.mkv", "nothing.mp4", "nothing.png", "empty"):
        mask, words = (
            (text.replace(name, str(files / name)) for text in (mask, words)) if name in mask else (mask, words)
        )
    with pytest.raises(error) as raised:
        prepared(preset(dream=layers(mask)))
    assert words.replace(str(files) + "/bars.mkv is", "bars.mkv is") in str(raised.value)


def test_a_mask_that_ends_before_the_film_begins_is_refused(clip: Path, tmp_path: Path) -> None:
    short = lossless(tmp_path / "short.mkv", bars(3), "24000/1001")
    with pytest.raises(SourceError, match=r"mask short\.mkv ends after 0.125 s, before the film begins in the video"):
        video_film(clip, dream=layers(short), canvas="{start: 4f}")
