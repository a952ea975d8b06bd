"""Films that run backward, or there and back, are made of the frames of the film that runs forward."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.films.test_journaling import interrupted
from tests.support.clips import lossless, tone
from tests.support.films import ZoomPreset, prepared, shot, video_film
from zoomdream.errors import OutputExistsError
from zoomdream.films.estimates.estimate import estimate
from zoomdream.films.film import Film
from zoomdream.films.journaling import JournalOptions
from zoomdream.films.parts.part_rendering import PartJob
from zoomdream.films.parts.splitting import independent_parts
from zoomdream.films.playback.playing_order import FrameSpool, played_frames, playing_order
from zoomdream.films.rendering import RenderJob, render
from zoomdream.images.frame import Levels, to_uint8
from zoomdream.images.pictures.loading import load_image
from zoomdream.media import probe
from zoomdream.media.sound_tracks import sound_tracks
from zoomdream.progress import Progress
from zoomdream.settings import OutputSettings

ORDERS = {
    "{reverse: true}": [5, 4, 3, 2, 1, 0],
    "{pingpong: true}": [0, 1, 2, 3, 4, 5, 4, 3, 2, 1],
    "{pingpong: true, reverse: true}": [5, 4, 3, 2, 1, 0, 1, 2, 3, 4],
}


def pictures(folder: Path) -> list[bytes]:
    return [to_uint8(load_image(path)).tobytes() for path in sorted(folder.iterdir())]


@pytest.fixture
def forward(preset: ZoomPreset, tmp_path: Path) -> list[bytes]:
    """The frames of a film of six."""
    render(prepared(preset()), f"{tmp_path}/forward/")
    return pictures(tmp_path / "forward")


def test_the_order() -> None:
    def order(span: range, *, reverse: bool = False, pingpong: bool = False) -> list[int]:
        output = OutputSettings(reverse=reverse, pingpong=pingpong)
        return list(itertools.chain(*playing_order(output, span)))

    assert order(range(2, 5)) == [2, 3, 4]
    assert order(range(2, 5), reverse=True) == [4, 3, 2]
    assert order(range(2, 5), pingpong=True) == [2, 3, 4, 3]
    assert order(range(2, 3), pingpong=True) == order(range(2, 3), pingpong=True, reverse=True) == [2]
    assert order(range(2, 4), pingpong=True) == [2, 3]
    assert played_frames(OutputSettings(pingpong=True), range(100)) == 198


@pytest.mark.parametrize("output", ORDERS)
def test_the_frames_are_those_of_the_film_that_runs_forward(
    preset: ZoomPreset, tmp_path: Path, forward: list[bytes], output: str
) -> None:
    film, log = prepared(preset(output=output)), list[Progress]()
    render(film, f"{tmp_path}/kept/", on_progress=log.append)
    render(film, f"{tmp_path}/spooled/", journal=JournalOptions(enabled=False))
    wanted = [forward[index] for index in ORDERS[output]]
    assert pictures(tmp_path / "kept") == pictures(tmp_path / "spooled") == wanted
    assert [progress.done for progress in log] == [1, 2, 3, 4, 5, 6]
    assert {path.name for path in tmp_path.iterdir()} == {"forward", "kept", "spooled"}


def test_a_span_runs_backward_by_itself(preset: ZoomPreset, tmp_path: Path, forward: list[bytes]) -> None:
    film = prepared(preset(output="{reverse: true}"))
    render(film, f"{tmp_path}/out/", span=range(2, 5))
    assert pictures(tmp_path / "out") == [forward[4], forward[3], forward[2]]


def test_a_stream_runs_backward(preset: ZoomPreset) -> None:
    streams = [io.BytesIO(), io.BytesIO()]
    for stream, output in zip(streams, ("{}", "{reverse: true}"), strict=True):
        render(prepared(preset(output=output)), "-", stream=stream)
    there, back = (stream.getvalue().split(b"FRAME\n")[1:] for stream in streams)
    assert back == there[::-1]


def test_it_goes_on_with_the_same_file(preset: ZoomPreset, tmp_path: Path) -> None:
    film = prepared(preset(output="{pingpong: true}"))
    render(film, tmp_path / "whole.gif")
    interrupted(film, tmp_path / "a.gif", 3)
    log: list[Progress] = []
    render(film, tmp_path / "a.gif", on_progress=log.append)
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "whole.gif").read_bytes()
    assert [(p.done, p.before) for p in log] == [(3, 3), (4, 3), (5, 3), (6, 3)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gif", "whole.gif"]


def test_the_direction_is_the_outputs_and_not_the_frames(preset: ZoomPreset, tmp_path: Path) -> None:
    """A film whose frames are finished turns round without a dream."""
    keep = JournalOptions(keep=True)
    render(prepared(preset()), f"{tmp_path}/out/", journal=keep)
    log: list[Progress] = []
    film = prepared(preset(output="{reverse: true}"))
    render(film, f"{tmp_path}/out/", overwrite=True, journal=JournalOptions(complete_only=True), on_progress=log.append)
    assert [p.before for p in log] == [6]


def test_an_output_that_cannot_be_finished_keeps_the_frames(preset: ZoomPreset, tmp_path: Path) -> None:
    film = prepared(preset(output="{reverse: true}"))

    def block(progress: Progress) -> None:
        if progress.done == 6:
            (tmp_path / "a.gif").write_bytes(b"another")

    with pytest.raises(OutputExistsError):
        render(film, tmp_path / "a.gif", on_progress=block)
    assert (tmp_path / "a.gif").read_bytes() == b"another"
    assert (tmp_path / "a.gif.journal").is_dir()


@pytest.fixture(scope="module")
def two_shots(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shots of four frames."""
    pictures = shot(photos, "coffee.png", 4, 2) + shot(photos, "astronaut.png", 4, 2)
    return lossless(tmp_path_factory.mktemp("shots") / "shots.mkv", pictures)


def test_a_video_film_in_parts_is_joined_backward(two_shots: Path, tmp_path: Path) -> None:
    def film(output: str) -> Film:
        return video_film(two_shots, output=output)

    render(film("{}"), f"{tmp_path}/forward/")
    backward, folder = film("{reverse: true}"), tmp_path / "out"
    parts = independent_parts(backward)
    assert len(parts) == 2
    for part in reversed(parts):
        PartJob(backward, folder, part).run()
    render(backward, f"{folder}/", journal=JournalOptions(complete_only=True))
    assert pictures(folder) == pictures(tmp_path / "forward")[::-1]


def test_the_sound_runs_forward_once(preset: ZoomPreset, tmp_path: Path) -> None:
    sound = tone(tmp_path / "tone.wav", 1)
    canvas = "{size: 96x64, fps: 12, duration: 6f}"
    for output, words, frames in (
        ("reverse", "output.reverse: the pictures run backward, the sound forward", 6),
        ("pingpong", "output.pingpong: the sound is heard once, and silence follows on the way back", 10),
    ):
        film = prepared(preset(canvas=canvas, output=f"{{{output}: true, audio: {sound}}}"))
        assert words in film.warnings
        render(film, tmp_path / f"{output}.mkv")
        assert probe(tmp_path / f"{output}.mkv").frames == frames
        assert len(sound_tracks(tmp_path / f"{output}.mkv")) == 1
        assert RenderJob(film, tmp_path / f"{output}.mp4").sound.output
    assert not any("output." in text for text in prepared(preset(output="{reverse: true}")).warnings)


def test_what_it_takes_is_estimated(preset: ZoomPreset) -> None:
    forward, back = prepared(preset()), prepared(preset(output="{pingpong: true}"))
    for kept, more in ((True, 4 * 0.25), (False, 4 * 0.25 + 6 * 2.5)):  # bytes for each pixel: h264's, a spool's PNGs'
        there, and_back = (estimate(film, journal=kept).disk_bytes for film in (forward, back))
        assert and_back - there == pytest.approx(96 * 64 * more, abs=2)


def test_a_spool_gives_back_what_it_got_and_leaves_nothing(tmp_path: Path) -> None:
    frames: list[Levels] = [np.full((4, 6, 3), value, np.uint16) for value in (3, 700, 65535)]
    with FrameSpool(tmp_path, 10) as spool:
        for frame in frames:
            spool.write(frame)
        assert [np.array_equal(spool.read(index)[0], frames[index - 10]) for index in (12, 10, 11)] == [True] * 3
        assert spool.read(9) == spool.read(13) == ()
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []
