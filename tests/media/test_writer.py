"""Films as `open_film` leaves them: whole and as asked for, or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.support.clips import children, fill, noise, pattern
from zoomdream.errors import EncodeError, OutputError, UsageError
from zoomdream.media import check_output, open_film, probe, read_frames, read_tags
from zoomdream.media.ffmpeg import executable
from zoomdream.media.png_folder import PictureFolder
from zoomdream.settings import OutputSettings

SIZE = (64, 48)
FAST = OutputSettings(speed="ultrafast")
COLORS = [(200, 60, 90), (30, 200, 30), (20, 30, 220), (128, 128, 128), (250, 240, 10), (0, 0, 0), (255, 255, 255)]


def write(path, frames, *, fps=Fraction(25), output=FAST, count=None, **options):
    height, width, _ = frames[0].shape
    size = (width, height)
    with open_film(path, size, fps, output, frames=len(frames) if count is None else count, **options) as film:
        for frame in frames:
            film.write(frame)


def read(path):
    with read_frames(path) as frames:
        return list(frames)


@pytest.fixture
def nothing_left(tmp_path):
    """No thread, no process and no part is left behind."""
    before = threading.active_count()
    yield
    assert threading.active_count() == before
    assert [path for path in tmp_path.rglob("*") if path.name.endswith(".part")] == []
    assert children() == []


@pytest.mark.parametrize(
    ("name", "codec", "written"),
    [
        ("a.mp4", "auto", "h264"),
        ("a.mov", "auto", "h264"),
        ("a.MKV", "auto", "h264"),
        ("a.webm", "auto", "vp9"),
        ("a.mp4", "h265", "hevc"),
        ("a.mkv", "h265", "hevc"),
        ("a.mkv", "vp9", "vp9"),
    ],
)
def test_the_film_says_what_was_asked_for(tmp_path, name, codec, written, nothing_left):
    output = OutputSettings(codec=codec, crf=8, speed="ultrafast")  # near enough to lossless to judge the conversion
    write(tmp_path / name, [fill(color) for color in COLORS], fps=Fraction(30000, 1001), output=output)
    clip = probe(tmp_path / name)
    assert (clip.codec, clip.size, clip.frames, clip.fps) == (written, SIZE, 7, Fraction(30000, 1001))
    assert (clip.pixel_format, clip.color_matrix, clip.color_range) == ("yuv420p", "bt709", "tv")
    assert (clip.duration, clip.start_time, clip.variable_rate) == (7 * Fraction(1001, 30000), 0, False)
    for frame, color in zip(read(clip), COLORS, strict=True):
        assert np.abs(frame.astype(int) - color).max() <= 2


def test_all_color_tags_say_bt709_and_players_find_h265(tmp_path):
    for name, codec, tag in [("a.mp4", "h264", "avc1"), ("b.mp4", "h265", "hvc1"), ("c.mov", "h265", "hvc1")]:
        write(tmp_path / name, [fill(COLORS[0])] * 3, output=OutputSettings(codec=codec, speed="ultrafast"))
        said = subprocess.run([executable(), "-i", tmp_path / name], capture_output=True, check=False).stderr.decode()
        assert "yuv420p(tv, bt709, progressive)" in said  # the name alone: matrix, primaries and transfer are the same
        assert tag in said


def test_the_index_comes_first_so_that_a_film_plays_while_it_loads(tmp_path):
    write(tmp_path / "a.mp4", noise(5, SIZE))
    data = (tmp_path / "a.mp4").read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")


def test_crf_and_speed_reach_the_encoder(tmp_path):
    sizes = {}
    for crf in (5, 18, None, 40):
        write(tmp_path / "a.mp4", noise(5, SIZE), output=OutputSettings(crf=crf, speed="ultrafast"), overwrite=True)
        sizes[crf] = (tmp_path / "a.mp4").stat().st_size
    assert sizes[5] > sizes[18] > sizes[40]
    assert sizes[None] == pytest.approx(sizes[18], rel=0.01)
    write(tmp_path / "b.mp4", noise(5, SIZE), output=OutputSettings(speed="slow"))
    assert b"subme=8" in (tmp_path / "b.mp4").read_bytes()  # x264's own record of its settings


def test_a_gif_shows_each_frame_in_its_own_colors(tmp_path, nothing_left):
    # the palette of the first frame comes back: ffmpeg's encoder then took frame 4 for unchanged
    colors = [*COLORS[:4], COLORS[0], COLORS[0], COLORS[1]]
    write(tmp_path / "a.gif", [fill(color) for color in colors], fps=Fraction(20))
    clip = probe(tmp_path / "a.gif")
    assert (clip.frames, clip.fps, clip.size) == (7, 20, SIZE)
    for frame, color in zip(read(clip), colors, strict=True):
        assert np.abs(frame.astype(int) - color).max() <= 4


@pytest.mark.parametrize(("loop", "stored"), [(0, b"\x00\x00"), (1, None), (3, b"\x02\x00")])
def test_a_gif_plays_as_often_as_asked(tmp_path, loop, stored):
    write(tmp_path / "a.gif", noise(2, (8, 8)), output=OutputSettings(loop=loop))
    _, found, rest = (tmp_path / "a.gif").read_bytes().partition(b"NETSCAPE2.0\x03\x01")
    assert (rest[:2] if found else None) == stored


@pytest.mark.parametrize(
    ("name", "folder", "first", "last"),
    [
        ("film/", "film", "000000.png", "000006.png"),
        ("film/%04d.png", "film", "0000.png", "0006.png"),
        ("film/shot_%06d.v2.png", "film", "shot_000000.v2.png", "shot_000006.v2.png"),
    ],
)
def test_a_folder_of_pngs_is_lossless(tmp_path, name, folder, first, last, nothing_left):
    frames = noise(7, (65, 49))
    write(f"{tmp_path}/{name}", frames)
    files = sorted((tmp_path / folder).iterdir())
    assert (files[0].name, files[-1].name, len(files)) == (first, last, 7)
    for file, frame in zip(files, frames, strict=True):
        assert np.array_equal(cv2.imread(str(file))[..., ::-1], frame)


def test_an_existing_folder_keeps_what_is_no_frame(tmp_path, nothing_left):
    folder = tmp_path / "film"
    folder.mkdir()
    write(folder, noise(5, SIZE))  # empty: no need to overwrite
    (folder / "notes.txt").write_text("mine")
    (folder / "cover.png").write_text("mine too")
    with pytest.raises(OutputError, match=r"film is not empty.*-y"):
        write(folder, noise(3, SIZE))
    frames = noise(3, SIZE, seed=1)
    write(folder, frames, overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == [
        *("000000.png", "000001.png", "000002.png"),
        *("cover.png", "notes.txt"),
    ]
    assert np.array_equal(cv2.imread(str(folder / "000002.png"))[..., ::-1], frames[2])


@pytest.mark.parametrize(
    "name", ["-y.mp4", "a:b.mp4", "we ird.mp4", "%d.mp4", "\U0001f642.mp4", "concat:x.mp4", "a'b.mp4"]
)
def test_names(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(name, noise(2, SIZE))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert probe(name).frames == 2


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm"])
def test_metadata_of_any_kind_comes_back(tmp_path, name):
    preset = (
        "# a: 'b' # c\nlayers: {fire8=1; fire5: 2}\n\n\tback\\slash \\\\ \\n end\\\n" * 200 + "\U0001f642 — ü\nlast = 1"
    )
    tags = {"title": "=;#\\ x", "comment": "zoomdream 1\nsecond line; a=b", "zoomdream_preset": preset}
    write(tmp_path / name, noise(2, SIZE), metadata=tags)
    found = read_tags(tmp_path / name)
    assert {key: found.get(key) for key in tags} == tags


def test_a_backslash_at_the_end_does_not_swallow_the_next_tag(tmp_path):
    write(tmp_path / "a.mp4", noise(2, SIZE), metadata={"title": "C:\\", "comment": "safe"})
    found = read_tags(tmp_path / "a.mp4")
    assert (found["title"], found["comment"]) == ("C:\\\n", "safe")


@pytest.mark.parametrize(
    ("name", "codec", "message"),
    [
        ("a", "auto", r"suffix '' is not one of \.mp4, \.mov, \.mkv, \.webm, \.gif, or a folder of PNGs"),
        ("a.avi", "auto", r"suffix '\.avi' is not one of \.mp4"),
        ("a.png", "auto", r"suffix '\.png'.*frames/%06d\.png"),
        ("f/%d.png", "auto", "frames/%06d"),
        ("a.mov", "vp9", r"vp9 does not go into \.mov, which takes h264 or h265"),
        ("a.mp4", "gif", r"gif does not go into \.mp4"),
        ("a.gif", "h264", r"h264 does not go into \.gif"),
        ("a.webm", "h264", r"\.webm, which takes vp9"),
        ("a.mp4", "png", "png does not go into"),
        ("f/", "h264", "h264 needs a file"),
    ],
)
def test_outputs_that_make_no_sense(tmp_path, name, codec, message):
    with pytest.raises(UsageError, match=message) as caught:
        check_output(f"{tmp_path}/{name}", SIZE, OutputSettings(codec=codec))
    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("size", "even"), [((65, 48), "64x48"), ((64, 1), "64x2"), ((641, 361), "640x360")])
def test_odd_sizes_need_a_format_that_has_them(tmp_path, size, even):
    for name in ("a.mp4", "a.webm", "a.mkv"):
        with pytest.raises(UsageError, match=f"needs even sides, such as {even}"):
            check_output(tmp_path / name, size, FAST)
    check_output(tmp_path / "a.gif", size, FAST)
    check_output(f"{tmp_path}/a/", size, FAST)


def test_numbers_out_of_range(tmp_path):
    with pytest.raises(UsageError, match="crf 52: h264 takes 0 to 51"):
        check_output(tmp_path / "a.mp4", SIZE, OutputSettings(crf=52))
    check_output(tmp_path / "a.webm", SIZE, OutputSettings(crf=63))
    with pytest.raises(UsageError, match="60 fps: a GIF shows at most 50"):
        check_output(tmp_path / "a.gif", SIZE, FAST, fps=Fraction(60))
    for frames, fps in [(0, Fraction(25)), (3, Fraction(0))]:
        with pytest.raises(UsageError, match="at least one frame and a rate above 0"):
            open_film(tmp_path / "a.mp4", SIZE, fps, FAST, frames=frames)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("exists.mp4", r"exists\.mp4 exists; overwrite it with -y"),
        ("none/a.mp4", "none does not exist; create it"),
        ("none/frames/", "none does not exist; create it"),
        ("exists.mp4/a.mp4", r"exists\.mp4 is a file, not a folder"),
        ("exists.mp4/frames/", r"exists\.mp4 is a file, not a folder"),
        ("plain/", "plain is a file, not a folder"),
        ("folder.mp4", r"folder\.mp4 is a folder"),
        ("x" * 300 + ".mp4", "cannot be written: File name too long"),
    ],
)
def test_outputs_that_cannot_be(tmp_path, name, message):
    pattern(tmp_path / "exists.mp4", seconds=0.2)
    (tmp_path / "plain").touch()
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(OutputError, match=message) as caught:
        open_film(f"{tmp_path}/{name}", SIZE, Fraction(25), FAST, frames=1)
    assert caught.value.exit_code == 4


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files, from root neither")
def test_a_folder_that_takes_no_files():
    for name in ("/proc/a.mp4", "/proc/frames/"):
        with pytest.raises(OutputError, match="cannot be written: "):
            check_output(name, SIZE, FAST, overwrite=True)


def test_checking_changes_nothing(tmp_path):
    before = pattern(tmp_path / "a.mp4", seconds=0.2).read_bytes()
    check_output(tmp_path / "a.mp4", SIZE, FAST, overwrite=True)
    check_output(f"{tmp_path}/frames/", SIZE, FAST)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == before


def test_overwriting_happens_at_the_end(tmp_path, nothing_left):
    path = pattern(tmp_path / "a.mp4", seconds=0.2)
    before = path.read_bytes()
    with open_film(path, SIZE, Fraction(25), FAST, frames=2, overwrite=True) as film:
        film.write(fill(COLORS[0]))
        assert path.read_bytes() == before
        film.write(fill(COLORS[0]))
    assert probe(path).frames == 2
    assert path.read_bytes() != before


def test_the_part_of_a_killed_render_is_replaced(tmp_path, nothing_left):
    (tmp_path / "a.mp4.part").write_text("old")
    (tmp_path / "film.part").mkdir()
    (tmp_path / "film.part" / "000009.png").write_text("old")
    write(tmp_path / "a.mp4", noise(2, SIZE))
    write(f"{tmp_path}/film/", noise(2, SIZE))
    assert len(list((tmp_path / "film").iterdir())) == 2


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm", "a.gif", "frames/"])
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_exception_leaves_nothing(tmp_path, name, error, nothing_left):
    def fails(film):
        for frame in noise(20, SIZE):
            film.write(frame)
        raise error

    with pytest.raises(error), open_film(f"{tmp_path}/{name}", SIZE, Fraction(25), FAST, frames=30) as film:
        fails(film)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mp4", "frames/"])
def test_too_few_frames_leave_nothing(tmp_path, name, nothing_left):
    with pytest.raises(EncodeError, match="only 2 of 3 frames"):
        write(f"{tmp_path}/{name}", noise(2, SIZE), count=3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "frame", [np.zeros((48, 65, 3), np.uint8), np.zeros((48, 64, 3), np.float32), fill((0, 0, 0))[0]]
)
def test_frames_of_another_kind(tmp_path, frame, nothing_left):
    with pytest.raises(UsageError, match=r"takes uint8 frames of shape \(48, 64, 3\)"):
        write(tmp_path / "a.mp4", [fill(COLORS[0]), frame])


def test_one_frame_too_many(tmp_path, nothing_left):
    with pytest.raises(UsageError, match="takes 2 frames; it is full"):
        write(tmp_path / "a.mp4", noise(3, SIZE), count=2)


def test_a_frame_may_be_changed_after_it_was_written(tmp_path):
    frame = fill(COLORS[0])
    with open_film(tmp_path / "a.mp4", SIZE, Fraction(25), FAST, frames=5) as film:
        for _ in range(5):
            frame[:] = COLORS[0]
            film.write(frame[:, ::-1])
            frame[:] = 0
    assert all(np.abs(frame.astype(int) - COLORS[0]).max() <= 2 for frame in read(tmp_path / "a.mp4"))


def test_a_dead_encoder_is_reported_in_its_own_words(tmp_path, nothing_left):
    with pytest.raises(EncodeError, match=r"a\.mp4 could not be written, ffmpeg says: .*[Ww]idth") as caught:
        write(tmp_path / "a.mp4", noise(20, (32768, 2)))
    assert caught.value.exit_code == 5
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="finds the encoder in /proc")
def test_a_killed_encoder_is_noticed(tmp_path, nothing_left):
    film = open_film(tmp_path / "a.mp4", SIZE, Fraction(25), FAST, frames=400)
    film.write(fill(COLORS[0]))
    for child in children():
        os.kill(child, signal.SIGKILL)

    def go_on():
        with film:
            for frame in noise(399, SIZE):
                film.write(frame)

    with pytest.raises(EncodeError, match=r"a\.mp4 could not be written"):
        go_on()
    assert list(tmp_path.iterdir()) == []


def test_a_film_that_lacks_frames_is_no_film(tmp_path, monkeypatch, nothing_left):
    monkeypatch.setattr("zoomdream.media.encoder.count_frames", lambda path: 2)
    with pytest.raises(EncodeError, match="ffmpeg wrote 2 of 3 frames"):
        write(tmp_path / "a.mp4", noise(3, SIZE))


def test_pictures_on_a_full_disk(tmp_path, monkeypatch, nothing_left):
    def full(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(EncodeError, match=r"the disk of .* is full"):
        write(f"{tmp_path}/frames/", noise(3, SIZE))


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk can only be mounted by root")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs")
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm", "a.gif", "frames/"])
def test_a_full_disk(small_disk, name, nothing_left):
    with pytest.raises(
        EncodeError, match=r"disk/(a\.\w+|frames) could not be written: the disk of .*disk is full"
    ) as caught:
        write(f"{small_disk}/{name}", noise(60, SIZE), output=OutputSettings(crf=4, speed="ultrafast"))
    assert caught.value.exit_code == 5
    assert list(small_disk.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="finds the encoder in /proc")
def test_ctrl_c_in_a_terminal_ends_ffmpeg_after_us(tmp_path):
    """The terminal sends SIGINT to the whole group: ffmpeg is not in it, and the script still reports its own end."""
    script = (
        "import sys, numpy as np; from fractions import Fraction\n"
        "from zoomdream.media import open_film; from zoomdream.settings import OutputSettings\n"
        "film = open_film(sys.argv[1], (64, 48), Fraction(25), OutputSettings(), frames=10)\n"
        "try:\n"
        "    with film:\n"
        "        film.write(np.zeros((48, 64, 3), np.uint8)); print('ready', flush=True)\n"
        "        sys.stdin.read()\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted', flush=True)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "a.mp4")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        encoders = children(process.pid)
        assert len(encoders) == 1
        assert os.getpgid(encoders[0]) != process.pid
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert process.wait(10) == 0
    assert list(tmp_path.iterdir()) == []
    assert not any(Path(f"/proc/{pid}").exists() for pid in encoders)


def test_encoding_runs_beside_the_caller(tmp_path, monkeypatch):
    """`write` comes back while the sink is still busy with the frame."""
    busy, go_on = threading.Event(), threading.Event()
    put = PictureFolder.put

    def slow(self, frame):
        busy.set()
        assert go_on.wait(10)
        put(self, frame)

    monkeypatch.setattr(PictureFolder, "put", slow)
    with open_film(f"{tmp_path}/f/", SIZE, Fraction(25), FAST, frames=2) as film:
        film.write(fill(COLORS[0]))
        film.write(fill(COLORS[0]))
        assert busy.wait(10)
        go_on.set()
    assert len(list((tmp_path / "f").iterdir())) == 2
