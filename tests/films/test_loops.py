from __future__ import annotations

from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from zoomdream.errors import OutOfMemoryError, OutputError, SourceError, UnknownNameError, UsageError
from zoomdream.films import preparation
from zoomdream.films.film import Film
from zoomdream.films.loops import first_zoom_state, frames, zoom_frames, zoom_step
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import Progress, frame_range, render
from zoomdream.images.files import load_image
from zoomdream.images.frame import to_uint8
from zoomdream.media import probe, read_frames, read_tags
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset


@pytest.fixture
def preset(photos: Path):  # type: ignore[no-untyped-def]
    """A small film's preset, with changes laid over it."""

    def make(**changes: object) -> Preset:
        text = {
            "source": str(photos / "rocket.jpg"),
            "canvas": "{size: 96x64, fps: 24000/1001, duration: 6f}",
            "dream": "{layers: {fire4: 1}, octaves: 2, steps: 1}",
            "camera": "{zoom: 1.5}",
            "color": "{coherence: 0.1}",
        } | changes
        return load_preset_text("zoomdream: 1\n" + "\n".join(f"{key}: {value}" for key, value in text.items()))

    return make


def prepared(preset: Preset) -> Film:
    return prepare(preset, device="cpu", precision="float32")


def test_frames_are_frames(preset) -> None:  # type: ignore[no-untyped-def]
    made = list(frames(prepared(preset())))
    assert len(made) == 6
    for frame in made:
        assert frame.shape == (1, 3, 64, 96)
        assert frame.dtype == torch.float32
        assert 0 <= frame.min() <= frame.max() <= 1


def test_same_preset_gives_the_same_bits_and_another_seed_does_not(preset) -> None:  # type: ignore[no-untyped-def]
    first, again, other = (list(frames(prepared(preset(seed=seed)))) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


def test_a_film_goes_on_from_any_state_as_if_it_had_not_stopped(preset) -> None:  # type: ignore[no-untyped-def]
    whole = prepared(preset())
    state = first_zoom_state(whole)
    for _ in range(3):
        _, state = zoom_step(whole, state)
    rest = list(zoom_frames(prepared(preset()), state))
    assert all(torch.equal(a, b) for a, b in zip(islice(frames(whole), 3, None), rest, strict=True))


def test_frames_that_a_caller_changes_do_not_change_the_film(preset) -> None:  # type: ignore[no-untyped-def]
    standing = preset(camera="{zoom: 1}", color="{coherence: 0}")
    untouched = [frame.clone() for frame in frames(prepared(standing))]
    spoiled = []
    for frame in frames(prepared(standing)):
        spoiled.append(frame.clone())
        frame.zero_()
    assert all(torch.equal(a, b) for a, b in zip(untouched, spoiled, strict=True))


def test_the_files_stream_says_what_was_asked_for(preset, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    render(prepared(preset()), tmp_path / "a.mp4")
    clip = probe(tmp_path / "a.mp4")
    assert clip.size == (96, 64)
    assert clip.fps == Fraction(24000, 1001)
    assert clip.frames == 6
    assert clip.codec == "h264"
    assert clip.pixel_format == "yuv420p"
    assert clip.color_matrix == "bt709"
    assert clip.color_range == "tv"
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_the_file_shows_the_frames(preset, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    made = prepared(preset(output="{crf: 0}"))
    render(made, tmp_path / "a.mp4")
    with read_frames(tmp_path / "a.mp4") as read:
        for ours, theirs in zip(frames(made), read, strict=True):
            difference = to_uint8(ours).astype(int) - theirs
            assert np.abs(difference).mean() < 6  # 4:2:0 halves the color's resolution; dreams are full of fine color
            assert np.abs(difference.mean(axis=(0, 1))).max() < 1.5


def test_pngs_are_exact(preset, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    made = prepared(preset())
    render(made, f"{tmp_path}/frames/")
    pictures = sorted((tmp_path / "frames").iterdir())
    assert len(pictures) == 6
    for ours, path in zip(frames(made), pictures, strict=True):
        assert np.array_equal(to_uint8(ours), to_uint8(load_image(path)))


def test_a_span_holds_the_same_frames_as_the_whole_film(preset, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    made = prepared(preset())
    render(made, f"{tmp_path}/part/", span=range(2, 5))
    whole = [to_uint8(frame) for frame in frames(made)]
    part = [to_uint8(load_image(path)) for path in sorted((tmp_path / "part").iterdir())]
    assert len(part) == 3
    assert all(np.array_equal(a, b) for a, b in zip(whole[2:5], part, strict=True))


@pytest.mark.parametrize("span", [range(6, 7), range(3, 3), range(0, 9), range(4, 2)])
def test_a_span_outside_the_film_is_an_error(preset, span: range) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError, match="it has 6"):
        frame_range(span, len(prepared(preset()).timeline))


def test_the_film_carries_its_recipe(preset, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    render(prepared(preset()), tmp_path / "a.mp4")
    again = load_preset_text(read_tags(tmp_path / "a.mp4")["zoomdream_preset"])
    assert torch.equal(next(frames(prepared(again))), next(frames(prepared(preset()))))


def test_an_interrupt_leaves_nothing_behind(preset, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    def stop(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(prepared(preset()), tmp_path / "a.mp4", on_frame=stop)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_film_is_kept_unless_told_otherwise(preset, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.mp4").write_text("dear to me")
    with pytest.raises(OutputError, match="-y"):
        render(prepared(preset()), tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_text() == "dear to me"
    render(prepared(preset()), tmp_path / "a.mp4", overwrite=True)
    assert probe(tmp_path / "a.mp4").frames == 6


def test_progress_counts_every_frame(preset, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    seen: list[Progress] = []
    render(prepared(preset()), tmp_path / "a.mp4", on_frame=seen.append)
    assert [(p.done, p.total, p.row.index) for p in seen] == [(n + 1, 6, n) for n in range(6)]


def test_octaves_too_small_for_the_layer_are_left_out_and_said(preset) -> None:  # type: ignore[no-untyped-def]
    made = prepared(preset(dream="{layers: {fire9: 1}, octaves: 6, octave_scale: 2}"))
    assert len(made.warnings) == 1
    assert "octaves are left out" in made.warnings[0]
    assert "fire9" in made.warnings[0]
    assert prepared(preset()).warnings == ()


def test_what_cannot_work_is_refused_before_the_first_frame(preset, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError, match=r"fire9 .* at least .* 16x16"):
        prepared(preset(canvas="{size: 16x16, duration: 2f}", dream="{layers: {fire9: 1}}"))
    with pytest.raises(UnknownNameError, match="fire4"):
        prepared(preset(dream="{layers: {fire44: 1}}"))
    with pytest.raises(UnknownNameError, match="googlenet"):
        prepared(preset(network="googlenett"))
    with pytest.raises(SourceError, match="no such file"):
        prepared(preset(source="none.png"))


def test_running_out_of_memory_says_what_to_do(preset, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    for error in (
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried ..."),
    ):

        def fail(*args: object, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr("zoomdream.films.loops.dream", fail)
        with pytest.raises(OutOfMemoryError, match="96x64"):
            next(frames(prepared(preset())))


def test_noise_and_photos_without_a_size(preset, photos: Path) -> None:  # type: ignore[no-untyped-def]
    assert prepared(preset(source="noise", canvas="{duration: 1f}")).size == preparation.DEFAULT_SIZE
    assert preparation.default_size((451, 300)) == (450, 300)
    assert preparation.default_size((4000, 3000), preparation.LARGEST_DEFAULT_SIZE) == (960, 720)


def test_a_slow_zoom_keeps_detail_color_and_range(photos: Path) -> None:
    """300 frames at 1.05 per second: no blur or ringing that builds up, no drift of color, hardly any clipping."""
    slow = load_preset_text(
        f"""
        zoomdream: 1
        source: {photos / "rocket.jpg"}
        canvas: {{size: 160x96, fps: 30, duration: 300f}}
        dream: {{layers: {{fire7: 1}}, octaves: 2, steps: 1, step_size: 0.008, smoothing: 0.5}}
        camera: {{zoom: 1.05}}
        color: {{coherence: 0.1}}
        """
    )
    made = prepared(slow)
    sharpness, means, clipped = [], [], []
    for frame in frames(made):
        luma = frame[0].mean(0)
        laplacian = 4 * luma[1:-1, 1:-1] - luma[:-2, 1:-1] - luma[2:, 1:-1] - luma[1:-1, :-2] - luma[1:-1, 2:]
        sharpness.append(laplacian.var().item())
        means.append(frame.mean(dim=(0, 2, 3)) * 255)
        clipped.append(((frame <= 0) | (frame >= 1)).float().mean().item())
    early, unreached = np.mean(sharpness[50:100]), np.mean(sharpness[-50:])
    assert 0.5 < unreached / early < 2
    assert (means[-1] - means[0]).abs().max() < 10
    assert np.mean(clipped[-50:]) < 0.05
