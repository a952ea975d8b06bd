"""The sound tracks of a file: which there are, which one is played, whether it can be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.clips import X264, ffmpeg, pattern, tone
from zoomdream.errors import SettingError, SourceError
from zoomdream.media.sound_tracks import choose_track, decode_failure, parse_sound_tracks, sound_file, sound_tracks

_HEADER = """Input #0, mpegts, from 'a.ts':
  Duration: 00:00:02.00, start: 1.480000, bitrate: 108 kb/s
  Program 1
  Stream #0:0[0x100]: Video: h264 (High), yuv420p, 64x64, 25 fps, 90k tbn
  Stream #0:3[0x103](und): Audio: pcm_s24le, 48000 Hz, 2 channels (FL+FC), s32 (24 bit), 2304 kb/s
  Stream #0:1[0x101](fre): Audio: ac3 ([129][0][0][0] / 0x0081), 48000 Hz, 5.1(side), fltp, 448 kb/s (default)
    Metadata:
      title           : Director: "one, two"
      comment         :   Stream #0:9: Audio: mp3, 8000 Hz, mono
  Program 2
  Stream #0:1[0x101](fre): Audio: ac3 ([129][0][0][0] / 0x0081), 48000 Hz, 5.1(side), fltp, 448 kb/s (default)
  Stream #0:2[0x102]: Audio: aac ([15][0][0][0] / 0x000F), 0 channels, fltp, start 1.480000
  Stream #0:4: Audio: none, 17 channels
At least one output file must be specified
"""


def test_tracks_are_listed_once_in_the_files_order() -> None:
    tracks = parse_sound_tracks(_HEADER)
    assert [(track.number, track.codec, track.layout, track.rate) for track in tracks] == [
        (1, "ac3", "5.1(side)", 48000),
        (2, "aac", "", 0),
        (3, "pcm_s24le", "2 channels (FL+FC)", 48000),
        (4, "none", "17 channels", 0),
    ]
    assert [track.is_default for track in tracks] == [True, False, False, False]
    assert (tracks[0].language, tracks[0].title) == ("fre", 'Director: "one, two"')
    assert (tracks[2].language, tracks[2].title) == ("", "")
    assert tracks[0].label == '1 (ac3, 5.1(side), fre, Director: "one, two", default)'


@pytest.fixture(scope="module")
def two_tracks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 Hz, then 900 Hz, which is the default; subtitles before them."""
    folder = tmp_path_factory.mktemp("tracks")
    (folder / "words.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nwords\n")
    sources = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=1", "-i", folder / "words.srt")
    tones = [word for hertz in (300, 900) for word in ("-f", "lavfi", "-i", f"sine=f={hertz}:d=1")]
    maps = ("-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:s", "srt", "-c:a", "aac")
    flags = ("-disposition:a:0", "0", "-disposition:a:1", "default", "-metadata:s:a:0", "language=ger")
    ffmpeg(*sources, *tones, *maps, *X264, *flags, folder / "two.mkv")
    return folder / "two.mkv"


def test_the_default_track_is_played_unless_another_is_asked_for(two_tracks: Path) -> None:
    file = sound_file(two_tracks)
    assert (file.container, file.start, len(file.tracks)) == ("matroska,webm", 0, 2)
    assert choose_track(two_tracks, file.tracks, None).number == 2
    assert choose_track(two_tracks, file.tracks, 1).language == "ger"
    with pytest.raises(SettingError, match=r"^two\.mkv has no sound track 3: it has 1 \(aac, mono, ger\), 2 \(aac, m"):
        choose_track(two_tracks, file.tracks, 3)
    unmarked = tuple(track for track in file.tracks if not track.is_default)
    assert choose_track(two_tracks, unmarked, None).number == 1


def test_what_can_be_heard_is_found_out_by_decoding(two_tracks: Path, tmp_path: Path) -> None:
    assert decode_failure(two_tracks, sound_tracks(two_tracks)[1]) is None
    noise = tmp_path / "noise.mp4"
    ffmpeg("-i", two_tracks, "-map", "0:v", "-map", "0:a:0", "-c", "copy", "-bsf:a", "noise=amount=1", noise)
    assert decode_failure(noise, sound_tracks(noise)[0])


def test_a_file_without_sound_has_no_tracks(tmp_path: Path) -> None:
    assert sound_tracks(pattern(tmp_path / "a.mp4", seconds=0.2)) == ()
    assert [track.codec for track in sound_tracks(tone(tmp_path / "a.wav", 0.2))] == ["pcm_s16le"]


def test_only_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    with pytest.raises(SourceError, match=r"pipe\.mp3 is not a regular file"):
        sound_tracks(tmp_path / "pipe.mp3")
    (tmp_path / "text.mp3").write_text("no sound" * 100)
    with pytest.raises(SourceError, match=r"text\.mp3 is not a sound or film file"):
        sound_tracks(tmp_path / "text.mp3")


def test_a_file_without_any_stream_has_no_sound() -> None:
    assert parse_sound_tracks("Input #0, matroska,webm, from 'file:a.mkv':\n  Duration: N/A, bitrate: N/A\n") == ()
