"""Sound is planned and tried before a film is begun, and no film is lost for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.clips import FAST, X264, ffmpeg, fill
from zoomdream.encoding import Sound, SoundPlan, open_film, output_target, plan_sound
from zoomdream.errors import SettingError
from zoomdream.media import audio_codec, probe
from zoomdream.media.sound_tracks import sound_tracks

RATE = 48000
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1")
BEEP = ("-f", "lavfi", "-i", f"aevalsrc=0.8*sin(6283*t)*between(t\\,0.4\\,0.44):d=1:s={RATE}")


def planned(source: Path, suffix: str, sound: Sound | None = None, frames: int = 20) -> SoundPlan:
    return plan_sound(sound or Sound(source), output_target(f"film{suffix}"), Fraction(frames, 25))


def written(path: Path, plan: SoundPlan, frames: int = 20) -> Path:
    with open_film(path, (64, 48), Fraction(25), FAST, frames=frames, audio=plan) as film:
        for _ in range(frames):
            film.write(fill((9, 9, 9)))
    assert probe(path).frames == frames
    return path


def samples(path: Path, *options: object) -> NDArray[Any]:
    """On the film's clock; gaps are filled with silence."""
    on_clock = ("-af", f"aresample={RATE}:async=1:first_pts=0", "-f", "s16le", *options, "pipe:1")
    return np.frombuffer(ffmpeg("-copyts", "-i", path, "-map", "0:a:0", *on_clock), np.int16).astype(float)


def beeps(path: Path) -> list[float]:
    """Seconds at which a beep begins."""
    loud = np.flatnonzero(np.abs(samples(path, "-ac", 1)) > 6000) / RATE
    return [float(at) for at, before in zip(loud, [-9.0, *loud], strict=False) if at - before > 0.1]


def pitches(path: Path, channels: int) -> list[int]:
    """The strongest frequency of each channel in Hz; 0 for silence."""
    spectrum = np.abs(np.fft.rfft(samples(path).reshape(-1, channels)[8000:20000], axis=0))
    return [
        round(at * RATE / 12000) if top > 1e5 else 0
        for at, top in zip(spectrum.argmax(0), spectrum.max(0), strict=True)
    ]


# name: how it is made; in which containers it is copied; the others re-encode it
CODECS: dict[str, tuple[tuple[str, ...], str]] = {
    "be.mov": (("-c:a", "pcm_s16be"), ".mov"),
    "deep.mkv": (("-c:a", "pcm_s24le"), ".mov .mkv"),
    "float.wav": (("-c:a", "pcm_f32le", "-ar", "96000"), ".mov .mkv"),
    "disc.m2ts": (("-c:a", "pcm_bluray"), ""),
    "old.avi": (("-c:a", "adpcm_ms", "-ar", "11025"), ""),
    "phone.wav": (("-c:a", "g726", "-ar", "8000"), ""),
    "wide.wma": (("-c:a", "wmav2"), ""),
    "hd.mkv": (("-c:a", "truehd", "-strict", "-2"), ".mkv"),
    "radio.ts": (("-c:a", "aac", "-mpegts_flags", "+latm"), ""),
    "mp2.ts": (("-c:a", "mp2"), ".mkv"),
    "lossless.m4a": (("-c:a", "alac"), ".mp4 .mov .mkv"),
    "free.ogg": (("-c:a", "libvorbis"), ".mkv .webm"),
    "opus.webm": (("-c:a", "libopus"), ".mp4 .mkv .webm"),
}


@pytest.mark.parametrize("name", CODECS)
def test_a_container_gets_what_it_takes(tmp_path: Path, name: str) -> None:
    """All codecs into all containers; of each codec one film is written, in turn."""
    options, copied = CODECS[name]
    source = tmp_path / name
    ffmpeg(*BEEP, *options, source)
    plans = {suffix: planned(source, suffix) for suffix in (".mp4", ".mov", ".mkv", ".webm")}
    assert " ".join(suffix for suffix, plan in plans.items() if "copy" in plan.output) == copied
    for suffix, plan in plans.items():
        words = [] if "copy" in plan.output else [f"since {suffix} does not take it as it is"]
        assert [warning.rpartition(", ")[2] for warning in plan.warnings] == words
    suffix = list(plans)[list(CODECS).index(name) % 4]
    film = written(tmp_path / f"film{suffix}", plans[suffix])
    delay = 2048 / RATE if name.endswith(".wma") else 0  # the encoder's, which its file does not tell
    assert beeps(film) == [pytest.approx(0.4 + delay, abs=0.03)]


LAYOUTS: dict[str, tuple[list[int], str, str, list[int]]] = {
    # source layout, its pitches; output, its layout and pitches
    "5.1(side)": ([300, 400, 500, 60, 700, 800], ".webm", "5.1", [300, 400, 500, 60, 700, 800]),
    "2.1": ([300, 400, 60], ".webm", "5.1", [300, 400, 0, 60, 0, 0]),
    "4.0": ([300, 400, 500, 600], ".webm", "5.1", [300, 400, 500, 0, 600, 600]),
    "quad(side)": ([300, 400, 500, 600], ".mp4", "5.0", [300, 400, 0, 500, 600]),
    "7.1(wide)": ([300, 400, 500, 60, 700, 800, 300, 400], ".webm", "7.1", [300, 400, 500, 60, 700, 800, 0, 0]),
    "22.2": ([300] * 24, ".mp4", "stereo", [300, 300]),
    "FL+FC": ([300, 400], ".mp4", "stereo", [300, 400]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_are_remapped_or_mixed_down_and_said(tmp_path: Path, layout: str) -> None:
    tones, suffix, expected, heard = LAYOUTS[layout]
    channels = "|".join(f"0.2*sin(2*PI*{hertz}*t)" for hertz in tones)
    graph = f"aevalsrc={channels}:d=0.8:s={RATE}:c={layout}"
    codec = ("-c:a", "flac") if len(tones) < 9 else ("-c:a", "pcm_s16le")
    source = tmp_path / ("a.mkv" if len(tones) < 9 else "a.wav")
    ffmpeg("-f", "lavfi", "-i", graph, *codec, source)
    plan = planned(source, suffix)
    film = written(tmp_path / f"film{suffix}", plan)
    assert [track.layout for track in sound_tracks(film)] == [expected]
    assert (f" in {expected}" if expected != "stereo" else "mixed down to stereo") in " ".join(plan.warnings)
    if heard:
        assert pitches(film, len(heard)) == [pytest.approx(hertz, abs=6) for hertz in heard]


def test_channels_without_a_place_are_mixed_down(tmp_path: Path) -> None:
    raw = ffmpeg(*BEEP, "-f", "s16le", "pipe:1")
    many = np.repeat(np.frombuffer(raw, np.int16), 17)
    (tmp_path / "raw").write_bytes(many.tobytes())
    ffmpeg("-f", "s16le", "-ar", RATE, "-ac", 17, "-i", tmp_path / "raw", tmp_path / "a.wav")
    plan = planned(tmp_path / "a.wav", ".mp4")
    assert "17 channels) is re-encoded as aac, mixed down to stereo" in plan.warnings[0]
    assert beeps(written(tmp_path / "a.mp4", plan)) == [pytest.approx(0.4, abs=0.03)]


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Callable[[int, int], bool]], bytes]:
    """A recording for broadcast, of which a part of the sound's packets can be left out: those of (index, count)."""
    folder = tmp_path_factory.mktemp("stream")
    repeated = (
        "-f",
        "lavfi",
        "-i",
        f"aevalsrc=0.8*sin(6283*t)*between(mod(t\\,1)\\,0.4\\,0.44)+0.01*sin(999*t):d=4:s={RATE}",
    )
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=4")
    ffmpeg(*picture, *repeated, *X264, "-c:a", "aac", folder / "a.ts")
    data = (folder / "a.ts").read_bytes()
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    is_sound = [(packet[1] & 31) << 8 | packet[2] == 0x101 for packet in packets]
    count = sum(is_sound)

    def without(is_lost: Callable[[int, int], bool]) -> bytes:
        kept, index = [], -1
        for packet, sound in zip(packets, is_sound, strict=True):
            index += sound
            if not (sound and is_lost(index, count)):
                kept.append(packet)
        return b"".join(kept)

    return without


Stream = Callable[[Callable[[int, int], bool]], bytes]


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_track_of_which_no_packet_is_there(stream: Stream, tmp_path: Path, suffix: str) -> None:
    (tmp_path / "silent.ts").write_bytes(stream(lambda index, count: True))
    plan = planned(tmp_path / "silent.ts", suffix)
    assert plan.warnings == ("silent.ts: sound track 1 (aac) cannot be used (nothing is in it); the film has no sound",)
    assert probe(written(tmp_path / f"film{suffix}", plan)).audio is None


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize("start", [0, 15])
def test_a_track_that_begins_late_stays_where_it_is(stream: Stream, tmp_path: Path, suffix: str, start: int) -> None:
    source = tmp_path / "late.ts"
    source.write_bytes(stream(lambda index, count: index / count < 0.45))
    sound = Sound(source, probe(source).start_time + Fraction(start, 25))
    film = written(tmp_path / f"film{suffix}", planned(source, suffix, sound, 80), 80)
    assert beeps(film) == [pytest.approx(at - start / 25, abs=0.03) for at in (2.4, 3.4) if at - start / 25 < 3.2]


def test_gaps_become_silence(stream: Stream, tmp_path: Path) -> None:
    source = tmp_path / "gap.ts"
    source.write_bytes(stream(lambda index, count: 0.4 < index / count < 0.55))
    plan = planned(source, ".mp4", Sound(source, probe(source).start_time), 98)
    assert "is re-encoded as aac, since its times have gaps" in plan.warnings[0]
    film = written(tmp_path / "a.mp4", plan, 98)
    assert beeps(film)[-1:] == [pytest.approx(3.4, abs=0.03)]
    longest = ffmpeg("-i", film, "-map", "0:a", "-c", "copy", "-f", "framecrc", "pipe:1").decode().splitlines()
    assert max(int(line.split(",")[3]) for line in longest if line[0] != "#") == 1024  # no packet stands for a gap


def test_a_gap_in_mp4_is_a_packet_that_is_too_long(tmp_path: Path) -> None:
    ffmpeg(*BEEP, "-c:a", "aac", tmp_path / "whole.m4a")
    ffmpeg("-i", tmp_path / "whole.m4a", "-c", "copy", "-bsf:a", "noise=drop=between(n\\,5\\,12)", tmp_path / "a.m4a")
    assert planned(tmp_path / "whole.m4a", ".mp4").warnings == ()
    assert "since its times have gaps" in planned(tmp_path / "a.m4a", ".mp4").warnings[0]
    assert beeps(written(tmp_path / "a.mp4", planned(tmp_path / "a.m4a", ".mp4"))) == [pytest.approx(0.4, abs=0.03)]


def broken(folder: Path, graphs: Sequence[str], noise: str) -> Path:
    """A film with several tracks, the first of them filled with noise from a packet on."""
    tones = [word for graph in graphs for word in ("-f", "lavfi", "-i", graph)]
    maps = [word for index in range(len(graphs) + 1) for word in ("-map", str(index))]
    ffmpeg(*PICTURE, *tones, *maps, *X264, "-c:a", "aac", folder / "whole.mp4")
    ffmpeg("-i", folder / "whole.mp4", "-map", "0", "-c", "copy", "-bsf:a:0", f"noise=amount={noise}", folder / "a.mp4")
    return folder / "a.mp4"


def test_another_track_takes_the_place_of_one_that_cannot_be_decoded(tmp_path: Path) -> None:
    source = broken(tmp_path, ["sine=f=300:d=1", "sine=f=900:d=1"], "1")
    plan = planned(source, ".mp4")
    assert "sound track 1 (aac, mono, default) cannot be used (" in plan.warnings[0]
    assert "; track 2 (aac, mono) is taken instead" in plan.warnings[0]
    assert pitches(written(tmp_path / "film.mp4", plan), 1) == [pytest.approx(900, abs=6)]
    chosen = planned(source, ".mp4", Sound(source, track=1))
    assert chosen.output == ()
    assert chosen.warnings[0].endswith("; the film has no sound")


def test_damage_in_the_middle_does_not_end_the_film(tmp_path: Path) -> None:
    source = broken(tmp_path, ["sine=f=300:d=1"], "gt(n\\,15)*lt(n\\,30)")
    plan = planned(source, ".webm")
    assert "places, and silent there" in plan.warnings[0]
    assert pitches(written(tmp_path / "film.webm", plan), 1) == [pytest.approx(300, abs=6)]
    assert planned(source, ".mp4").warnings == ()


def test_a_track_is_chosen_by_number_or_by_its_mark(tmp_path: Path) -> None:
    source = tmp_path / "two.mkv"
    tones = ("-f", "lavfi", "-i", "sine=f=300:d=1", "-f", "lavfi", "-i", "sine=f=900:d=1", "-map", "0", "-map", "1")
    ffmpeg(*tones, "-c:a", "aac", "-disposition:a:0", "0", "-disposition:a:1", "default", source)
    for number, hertz in ((None, 900), (1, 300), (2, 900)):
        film = written(tmp_path / f"{number}.mp4", planned(source, ".mp4", Sound(source, track=number)))
        assert pitches(film, 1) == [pytest.approx(hertz, abs=6)]
    with pytest.raises(SettingError, match=r"two\.mkv has no sound track 3: it has 1 \(aac, mono\), 2"):
        planned(source, ".mp4", Sound(source, track=3))


def test_nothing_under_the_film_is_said(tmp_path: Path) -> None:
    ffmpeg(*BEEP, "-map", "0", "-map", "0", "-c:a", "aac", tmp_path / "a.mka")
    plan = planned(tmp_path / "a.mka", ".mp4", Sound(tmp_path / "a.mka", Fraction(9)))
    assert plan.output == ()
    assert plan.warnings == (
        "a.mka: sound track 1 (aac, mono, default) has nothing under the film; the film has no sound",
    )


@pytest.mark.parametrize(("output", "what"), [("a.gif", "a .gif file"), ("frames/", "a folder of PNGs")])
def test_formats_without_sound_say_so(tmp_path: Path, output: str, what: str) -> None:
    ffmpeg(*BEEP, tmp_path / "a.wav")
    plan = plan_sound(Sound(tmp_path / "a.wav"), output_target(output), Fraction(1))
    assert plan == SoundPlan(warnings=(f"a.wav: its sound is left out, since {what} holds none",))


def test_a_plan_is_the_same_each_time(tmp_path: Path) -> None:
    """A film that goes on after a kill is the same file."""
    ffmpeg(*BEEP, "-c:a", "flac", tmp_path / "a.mka")
    plans = [planned(tmp_path / "a.mka", ".webm") for _ in range(2)]
    assert plans[0] == plans[1]
    films = [written(tmp_path / f"{index}.webm", plan) for index, plan in enumerate(plans)]
    assert audio_codec(films[0]) == "opus"
    packets = [ffmpeg("-i", film, "-map", "0:a", "-c", "copy", "-f", "md5", "pipe:1") for film in films]
    assert packets[0] == packets[1]
