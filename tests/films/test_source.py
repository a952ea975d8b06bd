"""What a film begins with: sizes, ranges and rates."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from tests.support.clips import ffmpeg, lossless, noise
from tests.support.films import ZoomPreset, equal_frames, prepared, shot_of, video_film
from zoomdream.errors import (
    SettingError,
    SourceError,
)
from zoomdream.films.film_size import DEFAULT_SIZE, LARGEST_DEFAULT_SIZE, default_size
from zoomdream.films.frame_loops import frames
from zoomdream.films.identity import film_identity
from zoomdream.films.rendering import render
from zoomdream.images.frame import from_uint8, to_uint8
from zoomdream.media import probe
from zoomdream.presets.loading import load_preset
from zoomdream.schedule.clock import Clock


def test_noise_and_photos_without_a_size(preset: ZoomPreset, photos: Path) -> None:
    assert prepared(preset(source="noise", canvas="{duration: 1f}")).size == DEFAULT_SIZE
    assert default_size((451, 300)) == (450, 300)
    assert default_size((4000, 3000), LARGEST_DEFAULT_SIZE) == (960, 720)


def test_an_odd_sized_clip_makes_an_even_film(tmp_path: Path) -> None:
    odd = lossless(tmp_path / "a.mkv", noise(2, (97, 65)))
    assert probe(odd).size == (97, 65)
    width, height = video_film(odd).size
    assert width % 2 == height % 2 == 0
    assert abs(width - 97) <= 1
    assert abs(height - 65) <= 1
    render(video_film(odd), tmp_path / "a.mp4")
    assert probe(tmp_path / "a.mp4").size == (width, height)


def test_start_and_duration_choose_a_range(clip: Path) -> None:
    film = video_film(
        clip, canvas="{start: 3f, duration: 4f}", carry="{strength: 0}", dream="{layers: {fire4: 1}, steps: 0}"
    )
    assert film.clock == Clock(Fraction(24000, 1001), 4)
    assert all(equal_frames(list(frames(film)), [from_uint8(pixels) for pixels in shot_of(clip)[3:7]]))


@pytest.mark.parametrize(("times", "expected"), [("film", [0, 2, 4, 6]), ("clip", [4, 6, 8, 8])])
def test_keyframes_count_from_the_films_beginning_or_the_clips(clip: Path, times: str, expected: list[int]) -> None:
    steps = "[{at: 0f, value: 0}, {at: 4f, value: 8}]"
    film = video_film(
        clip,
        canvas=f"{{start: 2f, duration: 4f, times: {times}}}",
        dream=f"{{layers: {{fire4: 1}}, steps: {steps}}}",
    )
    assert [row.dream.steps for row in film.timeline] == expected


@pytest.mark.parametrize(
    "canvas", ["{start: 9f}", "{start: 8f}", "{duration: 9f}", "{start: 4f, duration: 5f}", "{start: 1:00}"]
)
def test_a_range_that_leaves_the_clip_is_told_with_its_length(clip: Path, canvas: str) -> None:
    with pytest.raises(SettingError, match=r"the clip lasts 0\.334 s"):
        video_film(clip, canvas=canvas)


def test_another_rate_keeps_the_length(clip: Path) -> None:
    film = video_film(clip, canvas="{fps: 48000/1001}")
    assert film.clock == Clock(Fraction(48000, 1001), 16)


def test_noise_may_be_given_as_input() -> None:
    assert load_preset("quickstart", source=Path("noise")).source is None


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_photo_is_decoded_once(
    preset: ZoomPreset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Also where it is checked for transparency and cropped, and the warnings need its size."""
    Image.new(mode, (60, 90), (200, 100, 50, 128)[: len(mode)]).save(tmp_path / "photo.png")
    load, decoded = PngImageFile.load_end, list[str]()

    def record(picture: PngImageFile) -> None:
        decoded.append(str(picture.format))
        load(picture)

    monkeypatch.setattr(PngImageFile, "load_end", record)
    film = prepared(preset(source=tmp_path / "photo.png"))
    assert len(film.warnings) == len(mode) - 2  # it is cropped, and may be transparent
    assert len(decoded) == 1


def test_what_is_transparent_and_interlaced_is_read_as_the_canvas_says(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    source = "color=c=red@0:s=64x48:r=10:d=0.3,format=bgra,setfield=tff"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "ffv1", path)
    still = {"carry": "{strength: 0}", "dream": "{layers: {fire4: 1}, steps: 0}"}
    film = video_film(path, canvas='{background: "#336699", deinterlace: off}', **still)
    assert film.warnings[:2] == (
        "a.mkv is interlaced (top first) and is not deinterlaced: moving edges show combs",
        "what is transparent in a.mkv counts as #336699",
    )
    first = next(iter(frames(film)))
    assert to_uint8(first)[24, 32].tolist() == [0x33, 0x66, 0x99]
    black = video_film(path, **still)
    assert black.warnings[:2] == (
        "a.mkv is interlaced (top first) and is deinterlaced",
        "what is transparent in a.mkv counts as black",
    )
    assert not to_uint8(next(iter(frames(black)))).any()
    differing = {key for key, value in film_identity(film).items() if film_identity(black)[key] != value}
    assert differing == {"background", "deinterlace"}


def test_a_picture_that_is_no_photo_is_named(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48", "-frames:v", 1, tmp_path / "a.dpx")
    with pytest.raises(SourceError, match=r"a.dpx is a picture in a format that is not .*\(dpx\): save it as a PNG"):
        video_film(tmp_path / "a.dpx")


def test_a_shape_that_no_scaler_takes_is_named(tmp_path: Path) -> None:
    raw = ("-c:v", "rawvideo", "-pix_fmt", "yuv420p")
    ffmpeg("-f", "lavfi", "-i", "color=s=16000x2:r=5:d=0.4", *raw, tmp_path / "line.nut")
    with pytest.raises(SourceError, match=r"16000x2 pixels .* film of 64x480 it would be scaled to 3840000x480, which"):
        video_film(tmp_path / "line.nut", canvas="{size: 64x480}")
