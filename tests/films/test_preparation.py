"""What a preset names is resolved and checked before the first frame."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.clips import ffmpeg, pattern, tone
from tests.support.films import ZoomPreset, planned, prepared, video_film
from tests.support.memory_readings import SteadyMemory
from zoomdream.encoding.codecs import encoder_bytes
from zoomdream.errors import (
    OutOfMemoryError,
    PresetError,
    SettingError,
    SourceError,
    UnknownNameError,
    UsageError,
    WeightsError,
)
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import render
from zoomdream.media import read_tags
from zoomdream.objectives import plan_tiles
from zoomdream.presets.loading import load_preset, load_preset_text
from zoomdream.schedule.timeline import Row, Timeline


def test_what_cannot_work_is_refused_before_the_first_frame(preset: ZoomPreset, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"fire9 .* at least .* 16x16"):
        prepared(preset(canvas="{size: 16x16, duration: 2f}", dream="{layers: {fire9: 1}}"))
    with pytest.raises(UnknownNameError, match="fire4"):
        prepared(preset(dream="{layers: {fire44: 1}}"))
    with pytest.raises(UnknownNameError, match="googlenet"):
        prepared(preset(network="googlenett"))
    with pytest.raises(SourceError, match="no such file"):
        prepared(preset(source="none.png"))


def test_networks_that_cannot_work_are_named_with_their_line(preset: ZoomPreset) -> None:
    both = "[squeezenet1_1, efficientnet_lite0]"
    with pytest.raises(UnknownNameError, match=r"networks: there is no network 'googlenett'; did you mean googlenet"):
        prepared(preset(networks="[squeezenet1_1, googlenett]"))
    with pytest.raises(UnknownNameError, match=r"dream\.layers: 'lite0/block3_1': 'lite0' is none of the net"):
        prepared(preset(networks=both, dream="{layers: {lite0/block3_1: 1}}"))
    with pytest.raises(UnknownNameError, match=r"dream\.layers: .* asked for, and squeezenet1_1 dreams alone"):
        prepared(preset(dream="{layers: {efficientnet_lite0/block3_1: 1}}"))


def test_a_sound_is_no_clip(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"song\.mp3 has no moving picture"):
        video_film(tone(tmp_path / "song.mp3"))


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        (
            '{"fire6:384": 1}',
            SettingError,
            "layer fire6 of squeezenet1_1 has no channel 384: it has 384, from 0 to 383",
        ),
        ('{"class:espreso": 1}', UnknownNameError, "did you mean espresso"),
        ("[{guide: none.jpg, layer: fire5}]", SourceError, r"guide .*/none.jpg: no such file"),
        ("[{layer: fire5, mask: none.png}]", SourceError, r"mask .*/none.png: no such file"),
        ('{"class:967": 1, "class:espresso": -1}', SettingError, "class:967 are 1 and -1 and cancel to nothing"),
        ("{0s: {fire5: 1}, end: {fire5: 1, features.7: -1}}", SettingError, "fire5 are 1 and -1 and cancel"),
        ('{"fire8:17": 1, "direction:fire8:17": -1}', SettingError, r"cancel to nothing: leave one of them out"),
        ('{0s: {fire3: 1}, 6f: {"fire8:17": 1, "direction:fire8:17*-2": 1}}', SettingError, "cancel to nothing"),
        ("{fire8: 0}", SettingError, "every objective's weight is 0 throughout"),
        ("[{layer: classifier.3, channel: 1, x: 0.2, y: 0.2}]", UnknownNameError, "is no map of features"),
    ],
)
def test_objectives_that_make_no_sense_are_refused_before_the_first_frame(
    photos: Path, layers: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        planned(photos, layers)


def test_objectives_that_take_turns_need_their_memory_in_turn(photos: Path, steady_memory: SteadyMemory) -> None:
    layers = ["conv1", "fire2", "fire3", "fire4", "fire5", "fire6"]
    sweep, canvas = f"{{sweep: [{', '.join(layers)}], hold: 1f}}", "{size: 1280x720, fps: 10, duration: 6f}"
    film = planned(photos, sweep, canvas)
    all_objectives = film.objectives.all
    together = film.network.step_bytes(all_objectives.taps, film.size)
    most = max(film.network.step_bytes([tap], film.size) for tap in all_objectives.taps)
    assert together > 1.2 * most
    steady_memory.held = 2**28
    beside = encoder_bytes(film.output.codec, film.size)
    limit = 2**28 + (together + most) // 2 + 8 * 12 * 1280 * 720 + beside
    assert plan_tiles(all_objectives, film.size, limit, beside=beside) is not None
    assert planned(photos, sweep, canvas, max_memory=limit).tiling is None


def test_a_frame_too_large_for_the_memory_is_planned_in_tiles_and_told(
    photos: Path, tmp_path: Path, steady_memory: SteadyMemory
) -> None:
    canvas = "{size: 1280x720, fps: 10, duration: 1f}"
    assert planned(photos, "{fire3: 1}", canvas).tiling is None
    limit = steady_memory.held + 2**27 + 240 * 10**6 + encoder_bytes("auto", (1280, 720))
    film = planned(photos, "{fire3: 1}", canvas, max_memory=limit)
    assert film.tiling is not None
    assert film.tiling.window < 1280
    assert f"pixels with a margin of {film.tiling.margin}" in " ".join(film.warnings)
    render(film, tmp_path / "out.mp4")
    assert f"tiles of {film.tiling.side}+{film.tiling.margin}" in read_tags(tmp_path / "out.mp4")["comment"]
    with pytest.raises(
        OutOfMemoryError, match=r"a frame of 1280x720 at layer fire3 .* even in tiles.* 0.501 GB"
    ) as error:
        planned(photos, "{fire3: 1}", canvas, max_memory=steady_memory.held + 10**6)
    assert planned(photos, "{fire3: 1}", canvas, max_memory=error.value.needed).tiling is not None


def test_planning_a_film_of_a_day_builds_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is planned is computed for many frames at once."""
    built: list[int] = []
    row = Timeline.__getitem__

    def counted(timeline: Timeline, index: int) -> Row:
        built.append(index)
        return row(timeline, index)

    monkeypatch.setattr(Timeline, "__getitem__", counted)
    text = (
        "zoomdream: 1\nsource: noise\ncanvas: {size: 64x48, fps: 60, duration: 86400s}\n"
        "dream: {layers: {0s: {fire3: 1}, 12:00:00: {fire5: 1}, end: {fire6: -1}}, octaves: {0s: 1, end: 9}}\n"
        "camera: {zoom: {0s: 1, end: 2}}\n"
    )
    film = prepare(load_preset_text(text), device="cpu", precision="float32")
    assert len(film.timeline) == 5_184_000
    assert len(built) < 20
    assert "of 9 octaves are left out" in " ".join(film.warnings)


def test_expressions_know_the_films_size_and_seed() -> None:
    text = (
        "zoomdream: 1\nsource: noise\nseed: 3\ncanvas: {size: 64x48, duration: 4f}\ndream: {layers: {fire3: 1}}\n"
        'camera: {rotate: {expr: "width + height + seed"}}\n'
    )
    film = prepare(load_preset_text(text), device="cpu", precision="float32")
    assert film.timeline[3].camera.rotate == 64 + 48 + 3


def test_a_feature_of_a_sound_that_is_not_there_is_told_with_its_place() -> None:
    text = "zoomdream: 1\nsource: noise\ndream:\n  layers: {fire3: {expr: '1 + bass'}}\n"
    with pytest.raises(PresetError, match=r"^film.yaml:4:31: dream.layers: 'bass' needs a sound: write audio"):
        prepare(load_preset_text(text, "film.yaml"), device="cpu", precision="float32")


def test_a_name_that_is_wrong_is_told_with_its_place(photos: Path, tmp_path: Path) -> None:
    file = tmp_path / "film.yaml"
    text = f"zoomdream: 1\nsource: {photos}/rocket.jpg\nnetwork: NETWORK\ndream:\n  layers: {{fire99: 1}}\n"
    file.write_text(text.replace("NETWORK", "squeezenet1_1"))
    with pytest.raises(UnknownNameError, match=r"film\.yaml:5: dream\.layers: squeezenet1_1 has no layer 'fire99'"):
        prepare(load_preset(file), device="cpu")
    file.write_text(text.replace("NETWORK", "resnet"))
    with pytest.raises(UnknownNameError, match=r"film\.yaml:3: network: "):
        prepare(load_preset(file), device="cpu")
    file.write_text(text.replace("NETWORK", "squeezenet1_1").replace("{fire99: 1}", "[{guide: no.jpg, layer: fire5}]"))
    with pytest.raises(SourceError, match=r"film\.yaml:5: dream\.layers: guide .*no\.jpg: no such file"):
        prepare(load_preset(file), device="cpu")


def test_a_sound_track_that_is_not_there_is_told_with_what_there_is(tmp_path: Path) -> None:
    song = tone(tmp_path / "song.wav", 0.2)
    with pytest.raises(
        SettingError, match=r"output\.audio_track: song\.wav has no sound track 2: it has 1 \(pcm_s16le"
    ):
        video_film(pattern(tmp_path / "a.mp4", seconds=0.2), output=f"{{audio: {song}, audio_track: 2}}")
    ffmpeg("-i", tmp_path / "a.mp4", "-i", song, "-c:v", "copy", "-c:a", "aac", tmp_path / "b.mp4")
    with pytest.raises(
        SettingError, match=r"output\.audio_track: b\.mp4 has no sound track 3: it has 1 \(aac, mono, d"
    ):
        video_film(tmp_path / "b.mp4", output="{audio_track: 3}")
    assert video_film(tmp_path / "b.mp4", output="{audio_track: 1}").warnings == ()
    assert video_film(tmp_path / "a.mp4", output="{audio_track: 3}").warnings == (
        "output.audio_track: no effect, since the film has no sound",
    )


def test_a_named_sound_that_cannot_be_decoded_is_refused(preset: ZoomPreset, tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.5", "-c:a", "aac", tmp_path / "whole.m4a")
    ffmpeg("-i", tmp_path / "whole.m4a", "-c", "copy", "-bsf:a", "noise=amount=1", tmp_path / "noise.m4a")
    with pytest.raises(SourceError, match=r"noise\.m4a has no sound that can be decoded: name another file, or none"):
        prepared(preset(output=f"{{audio: {tmp_path / 'noise.m4a'}}}"))
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(SourceError, match=r"pipe\.wav is not a regular file"):
        prepared(preset(output=f"{{audio: {tmp_path / 'pipe.wav'}}}"))


def test_a_flow_whose_weights_are_missing_is_told_before_the_first_frame(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "a file"))  # so that no folder for weights can be made
    text = (
        f"zoomdream: 1\nsource: {clips}/carphone_pristine.mp4\ndream: {{layers: {{fire3: 1}}}}\ncarry: {{flow: raft}}\n"
    )
    with pytest.raises(WeightsError, match=r"preset:4: carry\.flow: the folder for weights"):
        prepare(load_preset_text(text), device="cpu")
