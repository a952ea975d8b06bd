"""The stability of dreams that are made by hand, in films without loss: what each measure must say is known."""

from __future__ import annotations

import json
import subprocess
import sys
import weakref
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from zoomdream.errors import OutputError, SourceError, UsageError
from zoomdream.images.frame import from_uint8, to_uint8
from zoomdream.images.resample import fit
from zoomdream.media.ffmpeg import executable
from zoomdream.stability import Stability, check_plot, format_table, measure, save_plot
from zoomdream.stability import measurement as compare

Pixels = NDArray[np.uint8]
SIZE = (96, 64)


def film(path: Path, frames: Iterable[NDArray[Any]], fps: int = 25) -> Path:
    """A film without loss, so that a difference of frames is what was put there, to the digit."""
    pixels = [np.clip(np.rint(frame), 0, 255).astype(np.uint8) for frame in frames]
    height, width = pixels[0].shape[:2]
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps), "-i", "pipe:0")
    command = [executable(), "-v", "error", "-y", *raw, "-c:v", "ffv1", "-pix_fmt", "gbrp", str(path)]
    subprocess.run(command, input=b"".join(frame.tobytes() for frame in pixels), check=True)
    return path


def texture(width: int, height: int, seed: int = 0) -> Pixels:
    """Soft noise around middle gray, gray enough for dreams of up to 40 levels beside it."""
    noise = np.random.default_rng(seed).normal(0, 1, (height, width))
    soft = cv2.GaussianBlur(noise, (0, 0), 2)
    colors = np.array((150, 125, 100)) + (soft / soft.std() * 15)[..., None]
    return np.asarray(colors.clip(45, 210), np.uint8)


def panning(count: int, step: int, seed: int = 0) -> list[Pixels]:
    """A window that goes `step` pixels to the right each frame over a wide texture: an exact motion."""
    wide = texture(SIZE[0] + step * count, SIZE[1], seed)
    return [wide[:, step * i : step * i + SIZE[0]] for i in range(count)]


def noise(count: int, strength: float = 12, seed: int = 1) -> NDArray[np.float64]:
    """A dream that is a new one in each frame."""
    return np.random.default_rng(seed).normal(0, strength, (count, SIZE[1], SIZE[0], 3))


def compared(
    folder: Path, outputs: Iterable[NDArray[Any]], sources: Iterable[NDArray[Any]], **options: Any
) -> Stability:
    return measure(film(folder / "out.mkv", outputs), film(folder / "clip.mkv", sources), **options)


def mean(values: NDArray[np.float64]) -> float:
    return float(np.nanmean(values))


# --- the error of the dream ---


def test_a_dream_that_is_not_there_has_no_error(tmp_path: Path) -> None:
    clip = panning(12, 2)
    found = compared(tmp_path, clip, clip)
    assert np.isnan(found.normalized_error).all()
    assert (found.strength == 0).all()
    assert np.array_equal(found.warping_error, found.source_warping_error, equal_nan=True)
    assert np.array_equal(found.sharpness, found.source_sharpness)
    assert np.array_equal(found.color, found.source_color)
    data = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert data["whole"]["normalized_error"] is None
    assert data["whole"]["trend"] is None
    assert data["whole"]["strength"] == 0
    assert data["per_frame"]["normalized_error"] == [None] * 12
    assert data["per_frame"]["trusted"][0] is None
    assert data["per_frame"]["trusted"][1] > 0.5
    assert "nan" not in format_table(found)


def test_rounding_is_no_dream(tmp_path: Path) -> None:
    clip = panning(4, 0)
    speckled = [frame + (np.random.default_rng(i).random(frame.shape) < 0.2) for i, frame in enumerate(clip)]
    assert np.isnan(compared(tmp_path, speckled, clip).normalized_error).all()


@pytest.mark.parametrize("step", [0, 1, 3])
def test_a_dream_that_moves_with_its_source_has_hardly_any_error(tmp_path: Path, step: int) -> None:
    clip, overlay = panning(12, step), panning(12, step, seed=7)
    found = compared(tmp_path, [a + (b - 125.0) for a, b in zip(clip, overlay, strict=True)], clip)
    assert mean(found.normalized_error) < 0.01
    assert mean(found.trusted) > 0.85
    assert found.cuts == ()


def test_a_dream_that_stays_where_it_is_while_its_source_moves_has_an_error(tmp_path: Path) -> None:
    clip = panning(12, 3)
    overlay = texture(*SIZE, seed=7) - np.array((150.0, 125, 100))
    assert mean(compared(tmp_path, [frame + overlay for frame in clip], clip).normalized_error) > 0.3


@pytest.mark.parametrize("step", [0, 2])
def test_a_dream_that_is_new_in_each_frame_has_an_error_of_one(tmp_path: Path, step: int) -> None:
    clip = panning(12, step)
    found = compared(tmp_path, clip + noise(12), clip)
    assert mean(found.normalized_error) == pytest.approx(1, abs=0.02)
    assert (found.warping_error[1:] > 10 * found.source_warping_error[1:]).all()


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_of_a_dream_that_is_kept_in_part_the_rest_is_the_error(tmp_path: Path, kept: float) -> None:
    """D_t = k D_(t-1) + sqrt(1 - k^2) noise: |D_t - D_(t-1)|^2 is 2 (1 - k) of its square, and nE 1 - k."""
    fresh = noise(16)
    dream = [fresh[0]]
    for i in range(1, 16):
        dream.append(kept * dream[-1] + np.sqrt(1 - kept**2) * fresh[i])
    clip = panning(16, 0)
    found = compared(tmp_path, np.array(clip) + dream, clip)
    assert mean(found.normalized_error) == pytest.approx(1 - kept, abs=0.02)


def test_a_pair_stands_at_its_second_frame(tmp_path: Path) -> None:
    clip = np.array(panning(9, 0), float)
    flash = clip.copy()
    flash[5] += 20
    found = compared(tmp_path, flash, clip)
    # It comes at frame 5 and is gone at 6; before and after there is no dream that could err.
    assert np.flatnonzero(np.isfinite(found.normalized_error)).tolist() == [5, 6]
    assert found.normalized_error[5:7] == pytest.approx(1, abs=1e-5)
    assert np.flatnonzero(found.strength).tolist() == [5]


def test_the_measures_of_even_dreams_equal_arithmetic_by_hand(tmp_path: Path) -> None:
    clip = np.array(panning(4, 0), float)
    out = clip + np.array([10, 20, 20, 0])[:, None, None, None]
    out[3, ..., 0] += 30  # red alone
    found = compared(tmp_path, out, clip)
    # (20-10)^2 / (20^2 + 10^2), 0, and 20 levels of green and blue that go while 10 of red come.
    assert found.normalized_error[1:] == pytest.approx([0.2, 0, (100 + 400 + 400) / (900 + 3 * 400)], abs=2e-4)
    assert found.warping_error[1:] * 255**2 == pytest.approx([100, 0, (100 + 400 + 400) / 3], rel=2e-3, abs=0.1)
    assert found.strength == pytest.approx([10, 20, 20, 10], abs=1e-4)
    assert found.color[3] - found.source_color[3] == pytest.approx([30, 0, 0])
    assert found.source_color == pytest.approx(clip.mean((1, 2)))
    assert found.sharpness[:3] == pytest.approx(found.source_sharpness[:3])


def test_what_cannot_be_trusted_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flow that does not come back to where it began, in the right half, where the dream is a new one each time."""

    def flow(here: Pixels, there: Pixels) -> NDArray[np.float32]:
        field = np.zeros((*here.shape[:2], 2), np.float32)
        field[:, 48:, 1] = 5
        return field

    monkeypatch.setattr(compare, "flow_method", lambda name, device: flow)
    clip = np.array(panning(4, 0), float)
    dream = noise(4)
    dream[:, :, :52] = 20
    found = compared(tmp_path, clip + dream, clip)
    assert found.normalized_error[1:] == pytest.approx(0, abs=1e-6)
    assert found.warping_error[1:] == pytest.approx(0, abs=1e-6)
    assert found.trusted[1:] == pytest.approx(0.5, abs=0.02)


# --- strength, sharpness, cuts ---


def test_sharpness_is_the_variance_of_the_laplacian_of_the_luma(tmp_path: Path) -> None:
    clip = np.full((1, SIZE[1], SIZE[0], 3), 100.0)
    out = clip.copy()
    out[0, 30, 40, 0] += 100
    found = compared(tmp_path, out, clip)
    # 100 levels of red are 30 of luma: -4 * 30 in the pixel itself, 30 in its four neighbors.
    assert found.sharpness[0] == pytest.approx((16 * 30**2 + 4 * 30**2) / (SIZE[0] * SIZE[1]))
    assert found.source_sharpness[0] == 0


def test_a_brightening_dream_shows_in_the_trend(tmp_path: Path) -> None:
    clip = np.array(panning(20, 0), float)
    level = np.arange(1, 21)
    growing = compared(tmp_path, clip + level[:, None, None, None], clip).summary()[-1]
    # Frames 17 to 20 over frames 5 to 8.
    assert growing.trend == pytest.approx(18.5 / 6.5, rel=1e-4)
    assert growing.strength == pytest.approx(10.5, rel=1e-4)
    steady = compared(tmp_path, clip + 15, clip).summary()[-1]
    assert steady.trend == pytest.approx(1)


def test_blur_lowers_sharpness_and_warping_error_but_not_the_dreams_own_error(tmp_path: Path) -> None:
    clip = np.array(panning(8, 1), float)
    sharp, soft = noise(8), np.array([cv2.GaussianBlur(frame, (0, 0), 1.5) for frame in noise(8, 40)])
    one = compared(tmp_path, clip + sharp, clip).summary()[-1]
    two = compared(tmp_path, [cv2.GaussianBlur(frame, (0, 0), 1.5) for frame in clip + sharp], clip).summary()[-1]
    assert two.sharpness < 0.1 * one.sharpness
    assert two.warping_error < 0.2 * one.warping_error
    assert two.source_sharpness == one.source_sharpness
    assert two.source_warping_error == one.source_warping_error
    assert compared(tmp_path, clip + soft, clip).summary()[-1].normalized_error == pytest.approx(1, abs=0.05)


def test_pairs_across_a_cut_are_left_out_and_shots_told_apart(tmp_path: Path) -> None:
    """Two scenes, and a dream that is as unlike itself across the cut as it can be, and carried perfectly elsewhere."""
    clip = np.array([*panning(10, 0, seed=1), *(255.0 - np.array(panning(15, 0, seed=2)))], float)
    dream = np.array([20.0] * 10 + [-10] * 15)[:, None, None, None]
    found = compared(tmp_path, clip + dream, clip)
    assert found.cuts == (10,)
    for series in (found.normalized_error, found.warping_error, found.source_warping_error, found.trusted):
        assert np.flatnonzero(np.isnan(series)).tolist() == [0, 10]
    assert np.nanmax(found.normalized_error) < 1e-5
    first, second, whole = found.summary()
    assert [(row.name, row.first, row.frames, row.pairs) for row in (first, second, whole)] == [
        ("shot 1", 0, 10, 9),
        ("shot 2", 10, 15, 14),
        ("all", 0, 25, 23),
    ]
    assert (first.strength, second.strength) == pytest.approx((20, 10), rel=1e-4)
    assert whole.strength == pytest.approx((10 * 20 + 15 * 10) / 25, rel=1e-4)
    assert "\n1 pair across a cut left out, at 0:00.40\n" in format_table(found)


# --- films that do not fit each other ---


def test_a_larger_source_is_brought_to_the_outputs_size(tmp_path: Path) -> None:
    large = [cv2.resize(frame, (240, 128)) for frame in panning(5, 2)]
    dreamed = [to_uint8(fit(from_uint8(frame), SIZE)) for frame in large]
    found = compared(tmp_path, dreamed, large)
    assert found.strength.max() < 0.1  # two scalers, a rounding apart
    assert found.warnings == ("clip.mkv is brought from 240x128 to 96x64 and cropped",)
    reflected = [to_uint8(fit(from_uint8(frame), SIZE, "fit")) for frame in large]
    found = compared(tmp_path, reflected, large, how="fit")
    assert found.strength.max() < 0.1
    assert found.warnings == ("clip.mkv is brought from 240x128 to 96x64 and continued by reflections",)


def test_a_source_of_the_same_shape_is_not_cropped(tmp_path: Path) -> None:
    # 97 to 96 pixels at half the size: even sides, and no other shape.
    large = [cv2.resize(frame, (194, 128)) for frame in panning(3, 2)]
    found = compared(tmp_path, panning(3, 2), large)
    assert found.warnings == ("clip.mkv is brought from 194x128 to 96x64",)
    assert found.size == SIZE


def test_a_source_of_another_rate_is_read_at_the_outputs(tmp_path: Path) -> None:
    clip = panning(20, 1)
    source = film(tmp_path / "clip.mkv", clip, fps=50)
    found = measure(film(tmp_path / "out.mkv", clip[::2], fps=25), source)
    assert (found.strength == 0).all()
    assert found.warnings == ("clip.mkv has 50 frames per second and is read at 25",)


def test_the_output_may_begin_later_and_end_earlier(tmp_path: Path) -> None:
    clip = panning(20, 2)
    found = compared(tmp_path, clip[5:15], clip, start=5)
    assert len(found) == 10
    assert (found.strength == 0).all()
    assert found.warnings == (
        "out.mkv has 10 frames, clip.mkv has 15 from frame 5 on at 25 per second; the first 10 are compared",
    )
    assert (compared(tmp_path, clip[5:15], clip, start=4).strength > 1).all()


def test_an_output_that_ends_a_little_after_its_source_is_compared_as_far_as_it_goes(tmp_path: Path) -> None:
    clip = panning(20, 1)
    found = compared(tmp_path, clip, clip[:19])
    assert len(found) == 19
    assert found.warnings[0].endswith("the first 19 are compared")


def test_an_output_much_longer_than_its_source_is_not_of_it(tmp_path: Path) -> None:
    clip = panning(20, 1)
    with pytest.raises(SourceError, match=r"out.mkv has 20 frames, but clip.mkv has 15 from frame 0 on .*not dreamed"):
        compared(tmp_path, clip, clip[:15])


@pytest.mark.parametrize("start", [-1, 6, 99])
def test_a_start_outside_of_the_source_is_named(tmp_path: Path, start: int) -> None:
    clip = panning(6, 1)
    with pytest.raises(UsageError, match=rf"start {start}: clip.mkv has 6 frames at 25 per second"):
        compared(tmp_path, clip, clip, start=start)


def test_an_unknown_flow_and_a_missing_film_are_named(tmp_path: Path) -> None:
    clip = film(tmp_path / "clip.mkv", panning(3, 1))
    with pytest.raises(UsageError, match="'slow'"):
        measure(clip, clip, method="slow")
    with pytest.raises(SourceError, match=r"nowhere\.mp4 does not exist"):
        measure(clip, tmp_path / "nowhere.mp4")


def test_frames_are_told_one_by_one(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    clip = panning(4, 1)
    compared(tmp_path, clip, clip, on_frame=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_no_more_than_a_few_frames_are_held_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[weakref.ref[torch.Tensor]] = []
    alive: list[int] = []

    def spied(pixels: Pixels, device: torch.device | str) -> torch.Tensor:
        frame = from_uint8(pixels, device)
        made.append(weakref.ref(frame))
        return frame

    monkeypatch.setattr(compare, "from_uint8", spied)
    clip = panning(12, 1)
    compared(tmp_path, clip, clip, on_frame=lambda *_: alive.append(sum(frame() is not None for frame in made)))
    assert len(made) == 24
    assert max(alive) <= 4


# --- the report ---


def made(strength: Sequence[float], fps: Fraction = Fraction(25), cuts: tuple[int, ...] = ()) -> Stability:
    """Measures from nowhere: nE counts the frames in hundredths."""
    count = len(strength)
    pairs = np.arange(count) / 100
    pairs[[0, *cuts]] = np.nan
    color = np.tile((100.0, 50, 25), (count, 1))
    return Stability(
        output="out.mp4",
        source="clip.mp4",
        method="farneback",
        size=SIZE,
        fps=fps,
        start=0,
        cuts=cuts,
        warnings=("a note",),
        normalized_error=pairs,
        warping_error=pairs / 10,
        source_warping_error=pairs / 20,
        trusted=pairs,
        strength=np.array(strength, float),
        sharpness=np.full(count, 400.0),
        source_sharpness=np.full(count, 200.0),
        color=color,
        source_color=color / 2,
    )


@pytest.mark.parametrize(
    ("count", "fps", "frames"),
    [
        (60, Fraction(25), [25, 25, 10]),
        (50, Fraction(25), [25, 25]),
        (3, Fraction(25), [3]),
        (31, Fraction(30000, 1001), [30, 1]),
        (3, Fraction(1, 2), [1, 1, 1]),
    ],
)
def test_seconds_hold_the_frames_that_begin_in_them(count: int, fps: Fraction, frames: list[int]) -> None:
    rows = made([1] * count, fps).per_second()
    assert [row.frames for row in rows] == frames
    assert sum(row.frames for row in rows) == count
    assert [row.first for row in rows] == [sum(frames[:i]) for i in range(len(frames))]


def test_means_leave_out_what_has_no_value() -> None:
    row = made([1, 2, 3, 4, 5, 6], cuts=(4,)).summary()[-1]
    assert row.normalized_error == pytest.approx((1 + 2 + 3 + 5) / 400)
    assert row.pairs == 4
    assert row.color == (100, 50, 25)
    assert np.isnan(made([1]).summary()[-1].normalized_error)


def test_the_trend_is_the_last_fifth_over_the_second() -> None:
    assert made([9, 9, 1, 3, 5, 5, 5, 5, 4, 8]).summary()[-1].trend == 6 / 2
    assert np.isnan(made([1, 2, 3, 4]).summary()[-1].trend)
    assert np.isnan(made([1, 0, 1, 1, 1]).summary()[-1].trend)


def test_the_table_has_a_row_for_each_second_shot_and_the_whole() -> None:
    lines = format_table(made([10] * 30 + [20] * 30, cuts=(30,))).splitlines()
    assert lines[0] == "out.mp4 against clip.mp4: 60 frames of 96x64 at 25 fps, flow farneback"
    assert lines[1] == "warning: a note"
    rows = {line[:8].strip(): line[8:].split() for line in lines[6:14]}
    assert [*rows] == ["-" * 8, "0:00", "0:01", "0:02", "shot 1", "shot 2", "all"]
    colors = ["100", "50", "25", "50", "25", "12"]
    # nE is the mean of 0.01 to 0.24; E_warp a tenth of it, and the source's a twentieth, times 1000.
    assert rows["0:00"] == ["25", "0.12", "12.50", "6.25", "10.0", "400", "200", *colors]
    assert rows["0:01"] == ["25", "0.37", "37.29", "18.65", "18.0", "400", "200", *colors]
    assert rows["shot 2"] == ["30", "0.45", "45.00", "22.50", "20.0", "1.00", "400", "200", *colors]
    assert rows["all"][:6] == ["60", "0.30", "30.00", "15.00", "15.0", "2.00"]
    assert max(map(len, lines)) <= 115


def test_json_holds_every_number_and_says_what_they_are_of() -> None:
    data = json.loads(json.dumps(made([1] * 30, Fraction(30000, 1001), (10,)).to_json(), allow_nan=False))
    assert {
        key: data[key] for key in ("output", "source", "flow", "size", "fps", "start", "frames", "cuts", "notes")
    } == {
        "output": "out.mp4",
        "source": "clip.mp4",
        "flow": "farneback",
        "size": [96, 64],
        "fps": "30000/1001",
        "start": 0,
        "frames": 30,
        "cuts": [10],
        "notes": ["a note"],
    }
    assert data["whole"]["color"] == {"red": 100, "green": 50, "blue": 25}
    assert [shot["name"] for shot in data["shots"]] == ["shot 1", "shot 2"]
    assert [second["name"] for second in data["seconds"]] == ["0:00"]
    assert data["per_frame"]["normalized_error"][9:12] == [0.09, None, 0.11]
    assert all(len(series) == 30 for series in data["per_frame"].values())


def test_the_plot_is_a_picture_with_a_line_at_each_cut(tmp_path: Path) -> None:
    pictures = []
    for name, cuts in (("a.png", ()), ("b.png", (30,))):
        save_plot(made([10] * 60, cuts=cuts), tmp_path / name)
        with Image.open(tmp_path / name) as picture:
            assert picture.format == "PNG"
            assert picture.width > 1000
            pictures.append(np.asarray(picture.convert("L"), float))
    # A dashed upright line at the middle of five panels is the darkest thing that has come.
    darker = (pictures[0] - pictures[1] > 30).sum(0)
    assert darker.argmax() == pytest.approx(pictures[0].shape[1] * 0.53, abs=40)
    assert darker.max() > 0.3 * pictures[0].shape[0]
    assert "matplotlib.pyplot" not in sys.modules
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_one_frame_has_a_table_and_a_plot(tmp_path: Path) -> None:
    clip = panning(1, 0)
    found = compared(tmp_path, clip, clip)
    assert "1 frame of 96x64" in format_table(found)
    save_plot(found, tmp_path / "plot.png")


def test_a_plot_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"plot\.svg: a plot is a PNG"):
        check_plot(tmp_path / "plot.svg")
    with pytest.raises(OutputError, match=r"nowhere does not exist"):
        check_plot(tmp_path / "nowhere" / "plot.png")
    (tmp_path / "diary.png").write_text("precious")
    with pytest.raises(OutputError, match="exists: add -y"):
        check_plot(tmp_path / "diary.png")
    check_plot(tmp_path / "diary.png", overwrite=True)
    with pytest.raises(OutputError, match=r"diary\.png"):
        check_plot(tmp_path / "diary.png", overwrite=True, inputs=[tmp_path / "diary.png"])
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(OutputError, match=r"taken\.png cannot be written"):
        save_plot(made([1, 2]), tmp_path / "taken.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["diary.png", "taken.png"]
