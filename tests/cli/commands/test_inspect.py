"""probe, shots and stability, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.clips import ffmpeg
from tests.support.commands import zoomdream
from zoomdream.media import probe


def test_probe_tells_what_a_clip_is(clips: Path, tmp_path: Path) -> None:
    facts = json.loads(zoomdream("probe", clips / "bikes.mp4", "--json").stdout)
    assert (facts["size"], facts["frames"], facts["audio"]) == ("640x272", 250, None)
    assert (facts["field_order"], facts["alpha"], facts["color_transfer"]) == ("progressive", False, None)
    assert "640x272" in zoomdream("probe", clips / "bikes.mp4").stdout
    assert zoomdream("probe", tmp_path / "none.mp4").exit_code == 3


def test_probe_lists_the_sound_tracks(tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.2", "-f", "lavfi", "-i", "sine=d=0.2:r=48000")
    tags = ("-metadata:s:a:1", "language=ger", "-metadata:s:a:1", "title=Music", "-disposition:a:1", "default")
    flags = ("-disposition:a:0", "0", *tags)
    ffmpeg(*picture, "-map", "0", "-map", "1", "-map", "1", "-c:v", "ffv1", "-c:a", "flac", *flags, tmp_path / "a.mkv")
    tracks = json.loads(zoomdream("probe", tmp_path / "a.mkv", "--json").stdout)["sound_tracks"]
    assert [(track["number"], track["codec"], track["failure"]) for track in tracks] == [
        (1, "flac", None),
        (2, "flac", None),
    ]
    lines = zoomdream("probe", tmp_path / "a.mkv").stdout.splitlines()[-2:]
    assert [line.split(maxsplit=3)[3] for line in lines] == [
        "flac, mono, 48000 Hz",
        "flac, mono, 48000 Hz, ger, Music, default",
    ]


def test_shots_are_listed(clips: Path, tmp_path: Path) -> None:
    shots = json.loads(zoomdream("shots", clips / "bikes.mp4", "--json").stdout)
    assert [row["first"] for row in shots] == [0, 30, 76, 137, 187, 242]
    assert shots[1] == {"first": 30, "last": 75, "seconds": 1.2}
    table = zoomdream("shots", clips / "bikes.mp4").stdout.splitlines()
    assert table[0].split() == ["first", "last", "begins"]
    assert [line.split() for line in table[1:3]] == [["0", "29", "0.000s"], ["30", "75", "1.200s"]]
    assert len(table) == 7
    assert zoomdream("shots", tmp_path / "none.mp4").exit_code == 3


def test_a_range_of_a_clip_becomes_a_film_and_its_stability_is_measured(
    preset: Path, clips: Path, tmp_path: Path
) -> None:
    """A camera that moves would make a film that does not lie over its source, so it stands still here."""
    source, out, plot = clips / "bikes.mp4", tmp_path / "a.mp4", tmp_path / "a.png"
    part = ("--start", "40f", "--duration", "6f", "--audio", "none", "--fps", "25", "--size", "160x64")
    result = zoomdream("render", preset, "--input", source, "-o", out, *part, "--set", "camera.zoom=1")
    assert result.exit_code == 0, result.stderr
    clip = probe(out)
    assert (clip.frames, clip.size, str(clip.fps), clip.audio) == (6, (160, 64), "25", None)

    options = ("stability", out, "--source", source, "--start", "40")
    measured = zoomdream(*options, "--json")
    assert measured.exit_code == 0, measured.output
    facts = json.loads(measured.stdout)
    assert facts["frames"] == 6
    assert facts["start"] == 40
    table = zoomdream(*options, "--plot", plot)
    assert table.exit_code == 0, table.output
    assert "6 frames of 160x64 at 25 fps" in table.stdout
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert zoomdream(*options, "--plot", tmp_path / "a.jpg").exit_code == 2
    assert zoomdream(*options, "--flow", "fats").exit_code == 2
    assert zoomdream("stability", out, "--source", tmp_path / "none.mp4").exit_code == 3
    assert zoomdream("stability", out, "--source", source, "--start", "400").exit_code == 2
