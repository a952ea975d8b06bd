"""Streams parsed from what ffmpeg prints."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from tests.support.clips import ffmpeg, pattern
from zoomdream.media import probe
from zoomdream.media.probing.stream_info import VideoStream, has_alpha, is_truncated, parse_file_info


def test_stream_lines_with_everything_in_them() -> None:
    stderr = (
        "Input #0, mov,mp4, from 'a':\n  Duration: 01:02:03.50, start: 1.250000, bitrate: 1 kb/s\n"
        "  Stream #0:0[0x1](zh-TW): Video: prores (HQ) (apch / 0x68637061), yuv422p10le(tv, bt709/unknown/bt709, "
        "top coded first (swapped)), 1920x1080 [SAR 1:1 DAR 16:9], 23.98 fps, 24k tbn (default)\n"
        "    Side data:\n      Display Matrix: rotation of -90.00 degrees\n"
        "  Stream #0:1: Audio: pcm_s16le, 48000 Hz\nStream mapping:\n  Stream #0:0 -> #0:0 (copy)\n"
    )
    info = parse_file_info(stderr)
    assert info is not None
    assert info.video is not None
    assert (info.duration, info.start, info.audio_codec) == (Fraction("3723.5"), Fraction("1.25"), "pcm_s16le")
    video = info.video
    assert (video.codec, video.pixel_format, video.bit_depth) == ("prores", "yuv422p10le", 10)
    assert (video.color_matrix, video.color_range, video.rotation, video.fps) == ("bt709", "tv", -90, 23.98)


def test_a_comment_that_looks_like_a_stream_is_not_one(tmp_path: Path) -> None:
    text = "x\\\n  Stream #0:0: Video: fake, yuv444p16le(pc, bt2020nc), 1x1\\\nStream mapping:\\\n"
    (tmp_path / "tags").write_text(f";FFMETADATA1\ncomment={text}\n")
    plain = pattern(tmp_path / "a.mp4", seconds=0.5)
    ffmpeg("-i", plain, "-i", tmp_path / "tags", "-map_metadata", 1, "-c", "copy", tmp_path / "b.mp4")
    assert probe(tmp_path / "b.mp4").pixel_format == "yuv420p"


def test_an_input_that_could_not_be_opened_has_no_info() -> None:
    assert parse_file_info("[in#0 @ 0x1] Error opening input: Invalid data found\n") is None
    assert is_truncated("[mov,mp4 @ 0x1] moov atom not found\n")
    assert not is_truncated("[mov,mp4 @ 0x1] Invalid data found\n")


def test_colors_fields_and_alpha_of_a_stream() -> None:
    wide = video("prores (4444), yuva444p12le(pc, bt2020nc/bt2020/arib-std-b67, top first), 64x48")
    assert (wide.color_matrix, wide.color_primaries, wide.color_transfer) == ("bt2020nc", "bt2020", "arib-std-b67")
    assert (wide.color_range, wide.field_order, wide.has_alpha) == ("pc", "top first", True)
    alike = video("h264 (High), yuv420p(tv, smpte170m, bottom coded first (swapped)), 64x48")
    assert (alike.color_matrix, alike.color_primaries, alike.color_transfer) == ("smpte170m",) * 3
    assert (alike.field_order, alike.has_alpha) == ("bottom first", False)
    partly = video("hevc, yuv420p10le(tv, unknown/bt2020/smpte2084, progressive), 64x48")
    assert (partly.color_matrix, partly.color_primaries, partly.color_transfer) == (None, "bt2020", "smpte2084")
    bare = video("dvvideo, yuv420p, 720x576")
    assert (bare.color_primaries, bare.color_transfer, bare.field_order, bare.dolby_vision) == (None,) * 4


def test_what_is_told_below_a_stream() -> None:
    assert video("vp9 (Profile 0), yuv420p(tv), 64x48", "    Metadata:\n      alpha_mode      : 1").has_alpha
    assert not video("vp9 (Profile 0), yuv420p(tv), 64x48", "    Metadata:\n      alpha_mode      : 0").has_alpha
    record = "    Side data:\n      DOVI configuration record: version: 1.0, profile: 5, level: 6, rpu flag: 1"
    assert video("hevc (Main 10), yuv420p10le(pc), 64x48", record).dolby_vision == 5


def test_which_pixels_have_alpha() -> None:
    assert [name for name in ("rgba", "bgra", "ya8", "gbrap12le", "yuva420p", "pal8") if has_alpha("png", name)] == [
        *("rgba", "bgra", "ya8", "gbrap12le", "yuva420p", "pal8")
    ]
    assert not any(has_alpha("png", name) for name in ("rgb24", "bgr0", "yuv420p", "gbrp", "gray", "yuyv422"))
    assert not has_alpha("msvideo1", "pal8")
    assert not has_alpha("rawvideo", "bgra")


def video(text: str, details: str = "") -> VideoStream:
    """The video stream of a file with this line for it, and these below."""
    stderr = (
        f"Input #0, mov, from 'a':\n  Stream #0:0: Video: {text}, 25 fps, 25 tbr\n{details}\n"
        "Stream mapping:\n  Stream #0:0 -> #0:0 (copy)\n"
    )
    info = parse_file_info(stderr)
    assert info is not None
    assert info.video is not None
    return info.video
