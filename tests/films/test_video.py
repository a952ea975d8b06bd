"""Films over a video: the dream is carried along the motion, shots are kept apart, rate and sound are the clip's."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.support.clips import X264, children, ffmpeg, lossless, noise, pattern, tone
from zoomdream.dreaming.ascent import dream
from zoomdream.errors import SettingError, SourceError
from zoomdream.films.film import Film
from zoomdream.films.footage import SourceFrame
from zoomdream.films.loops import VideoState, frames, video_start
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import Progress, render
from zoomdream.images.color import palette_of
from zoomdream.images.files import load_image, save_image
from zoomdream.images.frame import Frame, from_uint8, to_uint8
from zoomdream.images.resample import fit
from zoomdream.media import probe
from zoomdream.motion.reliability import Motion
from zoomdream.objectives import Objective
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset
from zoomdream.rng import generator
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.timeline import Row, Timeline
from zoomdream.settings import CarrySettings, DreamSettings

Pixels = NDArray[np.uint8]
RATE = 48000


def preset(source: Path | str, **changes: object) -> Preset:
    text = {
        "source": f'"{source}"',
        "dream": "{layers: {fire4: 1}, octaves: 2, steps: 2}",
        "carry": "{steps: 1, strength: 0.9}",
    } | changes
    return load_preset_text("zoomdream: 1\n" + "\n".join(f"{key}: {value}" for key, value in text.items()))


def prepared(source: Path | str, **changes: object) -> Film:
    return prepare(preset(source, **changes), device="cpu", precision="float32")


def dreamed(source: Path | str, **changes: object) -> list[Frame]:
    return list(frames(prepared(source, **changes)))


def equal(ours: list[Frame], theirs: list[Frame]) -> list[bool]:
    return [torch.equal(a, b) for a, b in zip(ours, theirs, strict=True)]


def shot(photos: Path, name: str, count: int, step: int = 1) -> list[Pixels]:
    """A pan over a photo, 96x64."""
    wide = to_uint8(fit(load_image(photos / name), (96 + step * count, 64)))
    return [wide[:, step * i : step * i + 96] for i in range(count)]


@pytest.fixture(scope="module")
def clip(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight frames of a pan at 24000/1001 per second."""
    return lossless(tmp_path_factory.mktemp("clip") / "clip.mkv", shot(photos, "coffee.png", 8), "24000/1001")


@pytest.fixture(scope="module")
def sounding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds at 25 frames per second, silent but for 20 ms at 1 s."""
    path = tmp_path_factory.mktemp("sound") / "sounding.mp4"
    click = f"aevalsrc=0.8*sin(6283*t)*between(t\\,1\\,1.02):d=2:s={RATE}"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=2")
    ffmpeg(*picture, "-f", "lavfi", "-i", click, *X264, "-c:a", "aac", path)
    return path


def first_click(path: Path) -> float:
    on_clock = ("-af", f"aresample={RATE}:async=1:first_pts=0", "-f", "s16le", "-ac", 1, "pipe:1")
    samples = np.frombuffer(ffmpeg("-copyts", "-i", path, "-map", "0:a:0", *on_clock), np.int16).astype(float)
    return float(np.argmax(np.abs(samples) > 3000)) / RATE


# --- the whole film ---


def test_the_film_has_the_clips_size_rate_and_every_frame(clip: Path, tmp_path: Path) -> None:
    made = prepared(clip)
    render(made, tmp_path / "a.mp4")
    found = probe(tmp_path / "a.mp4")
    assert (found.size, found.fps, found.frames) == ((96, 64), Fraction(24000, 1001), 8)
    assert not found.variable_rate
    render(made, f"{tmp_path}/frames/")
    last = load_image(sorted((tmp_path / "frames").iterdir())[-1])
    *_, expected = frames(made)
    assert np.array_equal(to_uint8(last), to_uint8(expected))
    source = from_uint8(shot_of(clip)[-1])
    before = from_uint8(shot_of(clip)[-3])
    assert (last - source).abs().mean() < (last - before).abs().mean()


def shot_of(clip: Path) -> list[Pixels]:
    raw = ffmpeg("-i", clip, "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1")
    return list(np.frombuffer(bytearray(raw), np.uint8).reshape(-1, 64, 96, 3))


def test_same_preset_gives_the_same_bits_and_another_seed_does_not(clip: Path) -> None:
    first = dreamed(clip, seed=1)
    assert all(equal(first, dreamed(clip, seed=1)))
    assert not any(equal(first, dreamed(clip, seed=2)))


def test_an_odd_sized_clip_makes_an_even_film(tmp_path: Path) -> None:
    odd = lossless(tmp_path / "a.mkv", noise(2, (97, 65)))
    assert probe(odd).size == (97, 65)
    width, height = prepared(odd).size
    assert width % 2 == height % 2 == 0
    assert abs(width - 97) <= 1
    assert abs(height - 65) <= 1
    render(prepared(odd), tmp_path / "a.mp4")
    assert probe(tmp_path / "a.mp4").size == (width, height)


def test_a_clip_of_one_frame_is_a_film_of_one_frame(photos: Path, tmp_path: Path) -> None:
    """And its dream is the same as that of the picture alone."""
    pixels = shot(photos, "rocket.jpg", 1)
    one = lossless(tmp_path / "a.mkv", pixels)
    save_image(from_uint8(pixels[0]), tmp_path / "a.png")
    found = dreamed(one)
    assert len(found) == 1
    assert all(equal(found, dreamed(tmp_path / "a.png", canvas="{duration: 1f}")))
    render(prepared(one), tmp_path / "a.mp4")
    assert probe(tmp_path / "a.mp4").frames == 1


def test_a_clip_cut_short_makes_a_whole_film_of_what_is_there(tmp_path: Path) -> None:
    content = pattern(tmp_path / "a.mp4", *X264, "-movflags", "+faststart", seconds=2).read_bytes()
    (tmp_path / "short.mp4").write_bytes(content[: len(content) // 2])
    with pytest.raises(SourceError, match="of 20 frames are there"):
        prepared(tmp_path / "short.mp4")
    made = prepare(preset(tmp_path / "short.mp4"), device="cpu", precision="float32", allow_truncated=True)
    render(made, tmp_path / "film.mp4")
    assert 5 < probe(tmp_path / "film.mp4").frames == made.clock.frames < 15


# --- what a frame is dreamed from ---


def row(index: int = 1, **carry: Any) -> Row:
    settings = CarrySettings(**({"strength": 0.75, "steps": 3} | carry))
    return Timeline.steady(Clock(Fraction(25), 9), {"fire4": 1.0}, dream=DreamSettings(steps=7), carry=settings)[index]


def known_view(*, is_cut: bool = False) -> tuple[SourceFrame, VideoState, Frame]:
    """A view whose content was two pixels further right a frame earlier, half reliable on its left half, and the frame
    that carrying is to start from, by hand."""
    random = torch.Generator().manual_seed(0)
    source, before, last = (torch.rand(1, 3, 32, 48, generator=random) for _ in range(3))
    reliability = np.ones((32, 48), np.float32)
    reliability[:, :24] = 0.5
    backward = np.zeros((32, 48, 2), np.float32)
    backward[..., 0] = 2
    carried = torch.roll(last - before, -2, -1)
    expected = source + 0.75 * torch.from_numpy(reliability) * carried
    return SourceFrame(source, Motion(backward, reliability), is_cut), VideoState(1, last, before), expected


def test_what_the_dream_added_is_carried_along_the_motion_as_far_as_it_is_reliable() -> None:
    source_frame, state, expected = known_view()
    start, settings = video_start(row(), state, source_frame)
    assert (start - expected)[..., :40].abs().max() < 1e-4  # the last columns come from beyond the frame
    assert settings.steps == 3
    assert settings == DreamSettings(steps=3)


@pytest.mark.parametrize("cuts", ["reset", "fade", "ignore"])
def test_a_films_first_frame_is_dreamed_from_the_source_with_all_steps(cuts: str) -> None:
    source_frame, _, _ = known_view()
    start, settings = video_start(row(0, cuts=cuts), None, SourceFrame(source_frame.source, None, False))
    assert torch.equal(start, source_frame.source)
    assert settings.steps == 7


@pytest.mark.parametrize(("cuts", "carried", "steps"), [("reset", False, 7), ("fade", False, 3), ("ignore", True, 3)])
def test_what_a_cut_does(cuts: str, carried: bool, steps: int) -> None:
    source_frame, state, expected = known_view(is_cut=True)
    start, settings = video_start(row(cuts=cuts), state, source_frame)
    assert settings.steps == steps
    if carried:
        assert (start - expected)[..., :40].abs().max() < 1e-4
    else:
        assert torch.equal(start, source_frame.source)


def alone(made: Film, pixels: list[Pixels], index: int) -> Frame:
    """A frame dreamed from its bare source."""
    settings = made.timeline[index]
    objective = Objective.of(made.network, dict(settings.mix), settings.dream.objective)
    return dream(from_uint8(pixels[index]), objective, settings.dream, generator(made.seed, index, "jitter"))


def test_without_strength_every_frame_is_dreamed_alone(clip: Path) -> None:
    made = prepared(clip, carry="{strength: 0}")
    expected = [alone(made, shot_of(clip), index).clamp(0, 1) for index in range(8)]
    assert all(equal(list(frames(made)), expected))


def test_with_strength_the_dream_stays_with_what_it_is_on(clip: Path) -> None:
    """The dream of a frame resembles the one before, moved with the pan of a pixel; alone, it does so less."""

    def likeness(frames: list[Frame]) -> float:
        added = [frame - from_uint8(pixels) for frame, pixels in zip(frames, shot_of(clip), strict=True)]
        pairs = zip(added[3:], added[2:], strict=False)
        both = [torch.stack([now[..., 8:80].flatten(), then[..., 9:81].flatten()]) for now, then in pairs]
        return float(np.mean([torch.corrcoef(pair)[0, 1] for pair in both]))

    carried, apart = dreamed(clip), dreamed(clip, carry="{strength: 0}")
    assert likeness(carried) > 0.8
    assert likeness(carried) > likeness(apart) + 0.1


# --- shots ---


@pytest.mark.parametrize(("cuts", "forgotten"), [("reset", True), ("fade", True), ("ignore", False)])
def test_nothing_of_a_shot_is_left_in_the_next(cuts: str, forgotten: bool, photos: Path, tmp_path: Path) -> None:
    second = shot(photos, "coffee.png", 4)
    films = []
    for name in ("astronaut.png", "rocket.jpg"):
        path = lossless(tmp_path / f"{name}.mkv", [*shot(photos, name, 4), *second])
        films.append(dreamed(path, carry=f"{{steps: 1, strength: 0.9, cuts: {cuts}, flow: medium}}"))
    same = equal(*films)
    assert not any(same[:4])
    assert all(same[4:]) if forgotten else not same[4]


def test_a_shots_first_frame_is_dreamed_from_its_source_alone(photos: Path, tmp_path: Path) -> None:
    pixels = [*shot(photos, "astronaut.png", 3), *shot(photos, "coffee.png", 3)]
    made = prepared(lossless(tmp_path / "a.mkv", pixels))
    found = list(frames(made))
    assert torch.equal(found[3], alone(made, pixels, 3).clamp(0, 1))
    assert not torch.equal(found[4], alone(made, pixels, 4).clamp(0, 1))


def test_over_a_still_shot_the_dream_grows_no_further(photos: Path, tmp_path: Path) -> None:
    """Carrying a share of the dream and adding a little to it comes to rest."""
    still = shot(photos, "coffee.png", 1)[0]
    frames = dreamed(lossless(tmp_path / "a.mkv", [still] * 60))
    strength = [(frame - from_uint8(still)).abs().mean().item() * 255 for frame in frames]
    early, unreached = np.mean(strength[20:36]), np.mean(strength[-15:])
    assert unreached > 2
    assert unreached / early == pytest.approx(1, abs=0.1)


def test_colors_are_held_to_the_source_of_now(photos: Path, tmp_path: Path) -> None:
    """A clip that goes from dark to light keeps doing so."""
    picture = shot(photos, "coffee.png", 1)[0]
    clip = [(picture * share).astype(np.uint8) for share in np.linspace(0.3, 0.9, 7)]
    found = dreamed(lossless(tmp_path / "a.mkv", clip), color="{coherence: 1}")
    for frame, pixels in zip(found, clip, strict=True):
        ours, theirs = palette_of(frame), palette_of(from_uint8(pixels))
        assert (ours.mean - theirs.mean).abs().max() < 1.5
        assert (ours.std - theirs.std).abs().max() < 2.5


# --- time ---


def test_start_and_duration_choose_a_range(clip: Path) -> None:
    made = prepared(
        clip, canvas="{start: 3f, duration: 4f}", carry="{strength: 0}", dream="{layers: {fire4: 1}, steps: 0}"
    )
    assert made.clock == Clock(Fraction(24000, 1001), 4)
    assert all(equal(list(frames(made)), [from_uint8(pixels) for pixels in shot_of(clip)[3:7]]))


@pytest.mark.parametrize(("times", "expected"), [("film", [0, 2, 4, 6]), ("clip", [4, 6, 8, 8])])
def test_keyframes_count_from_the_films_beginning_or_the_clips(clip: Path, times: str, expected: list[int]) -> None:
    steps = "[{at: 0f, value: 0}, {at: 4f, value: 8}]"
    made = prepared(
        clip,
        canvas=f"{{start: 2f, duration: 4f, times: {times}}}",
        dream=f"{{layers: {{fire4: 1}}, steps: {steps}}}",
    )
    assert [row.dream.steps for row in made.timeline] == expected


@pytest.mark.parametrize(
    "canvas", ["{start: 9f}", "{start: 8f}", "{duration: 9f}", "{start: 4f, duration: 5f}", "{start: 1:00}"]
)
def test_a_range_that_leaves_the_clip_is_told_with_its_length(clip: Path, canvas: str) -> None:
    with pytest.raises(SettingError, match=r"the clip lasts 0\.334 s"):
        prepared(clip, canvas=canvas)


def test_another_rate_keeps_the_length(clip: Path) -> None:
    made = prepared(clip, canvas="{fps: 48000/1001}")
    assert made.clock == Clock(Fraction(48000, 1001), 16)


# --- sound ---


@pytest.mark.parametrize(
    ("canvas", "span", "at"), [("{}", None, 1.0), ("{start: 20f}", None, 0.2), ("{start: 10f}", (5, 30), 0.4)]
)
def test_the_clips_sound_is_in_step(
    sounding: Path, tmp_path: Path, canvas: str, span: tuple[int, int] | None, at: float
) -> None:
    made = prepared(sounding, canvas=canvas, dream="{layers: {fire4: 1}, steps: 0}", carry="{strength: 0}")
    render(made, tmp_path / "a.mp4", span=range(*span) if span else None)
    assert probe(tmp_path / "a.mp4").audio == "aac"
    assert first_click(tmp_path / "a.mp4") == pytest.approx(at, abs=0.005)


def test_no_sound_another_sound_and_a_sound_that_is_not_there(sounding: Path, tmp_path: Path) -> None:
    short = {"canvas": "{duration: 2f}"}
    render(prepared(sounding, **short, output="{audio: none}"), tmp_path / "silent.mp4")
    assert probe(tmp_path / "silent.mp4").audio is None
    song = tone(tmp_path / "song.mp3")
    render(prepared(sounding, **short, output=f"{{audio: {song}}}"), tmp_path / "song.mp4")
    assert probe(tmp_path / "song.mp4").audio == "mp3"
    with pytest.raises(SourceError, match=r"none\.mp3 does not exist"):
        prepared(sounding, **short, output=f"{{audio: {tmp_path / 'none.mp3'}}}")
    silent = pattern(tmp_path / "still.mp4", seconds=0.2)
    with pytest.raises(SourceError, match=r"still\.mp4 has no sound"):
        prepared(sounding, **short, output=f"{{audio: {silent}}}")


def test_a_sound_is_no_clip(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"song\.mp3 has no moving picture"):
        prepared(tone(tmp_path / "song.mp3"))


# --- files ---


@pytest.mark.parametrize("name", ["-y.mp4", "a:b.mp4", "%d.mp4", "two  words.mp4", "🐟 'n' ü.mp4"])
def test_names_that_ffmpeg_would_misread(
    sounding: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(sounding.read_bytes())
    monkeypatch.chdir(tmp_path / "in")
    made = prepared(name, canvas="{duration: 2f}")
    monkeypatch.chdir(tmp_path)
    render(made, name)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["in", name])
    assert (probe(name).frames, probe(name).audio) == (2, "aac")


def test_an_interrupt_leaves_no_file_no_process_and_no_thread(sounding: Path, tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    made = prepared(sounding)
    next(frames(made))  # whatever PyTorch and OpenCV start for good is there now
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        render(made, tmp_path / "a.mp4", on_frame=stop)
    assert list(tmp_path.iterdir()) == []
    assert children() == []
    assert set(threading.enumerate()) == before
