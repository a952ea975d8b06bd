"""Codecs: what each can hold, and ffmpeg's arguments for it.

Video codecs are tagged BT.709, as players expect; pictures that move (WebP, APNG, AVIF) are sRGB. Films of more than 8
bits are made from 16-bit frames and rounded by swscale, which dithers none of these formats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from zoomdream.settings import OutputSettings

if TYPE_CHECKING:
    from zoomdream.images.frame import Size


@dataclass(frozen=True)
class Codec:
    """How a film's picture can be written."""

    encoders: tuple[str, ...] = ()
    """ffmpeg's encoders that write it: the first that is there is used. None: it is written without ffmpeg."""
    depths: tuple[int, ...] = (8,)
    """Bits a channel that it takes; the first is the default."""
    highest_crf: int | None = None
    """The coarsest constant rate factor; None where it has none."""
    default_crf: int = 0
    divisors: Size = (1, 1)
    """What width and height must be divisible by: chroma of 4:2:0 has half of both, of 4:2:2 half the width."""
    longest_side: int | None = None
    """In pixels; None where it takes any film."""
    loops: bool = False
    """Whether it says how often it plays."""
    hardware: str | None = None
    """ffmpeg's encoder that runs on an NVIDIA GPU; None where there is none."""


CODECS: Mapping[str, Codec] = {
    "h264": Codec(("libx264",), (8,), 51, 18, (2, 2), hardware="h264_nvenc"),
    "h265": Codec(("libx265",), (8, 10), 51, 22, (2, 2), hardware="hevc_nvenc"),
    "vp9": Codec(("libvpx-vp9",), (8,), 63, 30, (2, 2)),
    "av1": Codec(("libsvtav1", "libaom-av1"), (8, 10), 63, 30, (2, 2), hardware="av1_nvenc"),
    "prores": Codec(("prores_ks",), (10,), divisors=(2, 1)),
    "prores4444": Codec(("prores_ks",), (10,)),
    "ffv1": Codec(("ffv1",), (8, 10, 16)),
    "gif": Codec(("gif",), loops=True),
    "webp": Codec(("libwebp",), (8,), 63, 13, longest_side=16383, loops=True),
    "apng": Codec(("apng",), (8, 16), loops=True),
    "avif": Codec(("libaom-av1",), (8, 10), 63, 30, loops=True),
    "png": Codec((), (8, 16)),
    "y4m": Codec(("wrapped_avframe",), (8, 10), divisors=(2, 2)),
}

_SPEEDS = ("veryslow", "slower", "slow", "medium", "fast", "faster", "veryfast", "superfast", "ultrafast")  # x264's
_VP9_CPU_USED = dict(zip(_SPEEDS, (0, 1, 1, 2, 3, 4, 5, 5, 5), strict=True))
_SVT_PRESETS = dict(zip(_SPEEDS, (3, 4, 5, 6, 8, 9, 10, 11, 12), strict=True))
_AOM_CPU_USED = dict(zip(_SPEEDS, (3, 4, 5, 6, 7, 7, 8, 8, 8), strict=True))
_NVENC_PRESETS = dict(zip(_SPEEDS, (7, 6, 5, 4, 3, 3, 2, 1, 1), strict=True))
_HIGHEST_CQ = 51  # of all of NVENC's codecs in ffmpeg
_WEBP_EFFORT = dict(zip(_SPEEDS, (6, 6, 5, 4, 3, 3, 2, 1, 0), strict=True))

# SVT-AV1 4.2 clips large differences of 10 bits from its preset 8 on: a flat color after a cut came out 50 levels off.
_FASTEST_SVT_OF_10_BITS = 7

_LARGE_LOOKAHEAD = 10  # x264's, in frames

# What ffmpeg takes for itself and for each pixel of a frame, measured on two cores at the default speed.
_FFMPEG_BYTES = 30 * 2**20
_ENCODER_BYTES: Mapping[str, int] = {
    **{"auto": 300, "h264": 300, "h265": 440, "vp9": 340, "av1": 510, "prores": 95, "prores4444": 95, "ffv1": 105},
    **{"gif": 95, "webp": 95, "apng": 95, "avif": 510, "png": 10, "y4m": 40},
}
_LARGE_H264_BYTES = 145

# A palette for each frame: one for the whole film would hold every frame in memory until the last one is known, and
# has to share 256 colors among them. Measured: 60 frames of 640x272: 48 MB and 44.7 dB instead of 255 MB and 37.6 dB.
_PALETTE = "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=floyd_steinberg"


def film_depth(codec: str, output: OutputSettings) -> int:
    """Bits a channel of a film that is written with `codec`: what is asked for, or the codec's usual."""
    return output.depth or CODECS[codec].depths[0]


def frame_bits(output: OutputSettings) -> int:
    """Bits a channel of the frames that are handed over: 16 for films of more than 8, else 8.

    The suffix need not be known: no codec that one chooses has more than 8 bits unless they are asked for.
    """
    depth = output.depth if output.codec == "auto" else film_depth(output.codec, output)
    return 16 if depth is not None and depth > 8 else 8


def raw_frames(size: Size, fps: Fraction, depth: int) -> list[str]:
    """ffmpeg's input options for the frames of a film of `depth` bits: RGB through stdin, of 16 bits above 8."""
    pixels = "rgb24" if depth == 8 else "rgb48le"
    rate = f"{fps.numerator}/{fps.denominator}"
    return ["-f", "rawvideo", "-pix_fmt", pixels, "-s", f"{size[0]}x{size[1]}", "-r", rate, "-i", "pipe:0"]


def encoder_arguments(
    codec: str, muxer: str, output: OutputSettings, encoder: str | None = None, size: Size | None = None
) -> list[str]:
    """ffmpeg's output options that encode the picture with `codec` for the container that `muxer` writes.

    `encoder` is the one of the codec's encoders that this ffmpeg has; the first when left out. `size` is the frames'.
    """
    encoder = encoder or CODECS[codec].encoders[0]
    depth = film_depth(codec, output)
    if encoder == CODECS[codec].hardware:
        pixels = _yuv("yuv420p" if depth == 8 else "p010le")  # the same values, as NVENC takes them
        return [*pixels, "-c:v", encoder, *_nvenc(codec, muxer, output)]
    options = _options(codec, encoder, depth, muxer, output)
    return [*_pixels(codec, depth), "-c:v", encoder, *options, *_short_lookahead(encoder, size)]


def _short_lookahead(encoder: str, size: Size | None) -> list[str]:
    """For frames over 1920x1080, of which x264 would hold 40 to choose bits: 2.6 GB at 3840x2160."""
    is_large = size is not None and size[0] * size[1] > 1920 * 1080
    return ["-rc-lookahead", str(_LARGE_LOOKAHEAD)] if encoder == "libx264" and is_large else []


def encoder_bytes(codec: str, size: Size) -> int:
    """About the memory in bytes that ffmpeg takes to encode frames of `size` (width, height)."""
    pixels = size[0] * size[1]
    of_pixel = _LARGE_H264_BYTES if codec in ("h264", "auto") and pixels > 1920 * 1080 else _ENCODER_BYTES[codec]
    return _FFMPEG_BYTES + of_pixel * pixels


def _pixels(codec: str, depth: int) -> list[str]:
    """The pixel format, the conversion from RGB, and the color tags."""
    deep = "" if depth == 8 else f"{depth}le"
    if codec == "gif":
        return ["-vf", _PALETTE]
    if codec == "webp":
        return ["-pix_fmt", "bgra"]  # libwebp converts to its BT.601 itself
    if codec == "prores":
        return _yuv("yuv422p10le")
    if codec == "prores4444":
        return _yuv("yuv444p10le")
    if codec == "ffv1":
        return _rgb(f"gbrp{deep}" if deep else "bgr0", "bt709")
    if codec == "apng":
        return _rgb("rgb48be" if deep else "rgb24", "iec61966-2-1")
    if codec == "avif":
        return _yuv(f"yuv444p{deep}", "pc", "iec61966-2-1")
    return _yuv(f"yuv420p{deep}")


def _yuv(pixels: str, levels: str = "tv", transfer: str = "bt709") -> list[str]:
    # swscale writes BT.601 without saying so unless the matrix is named; players that assume BT.709 are 7 levels off
    return [
        "-vf",
        f"scale=in_range=pc:out_range={levels}:out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int,"
        f"format={pixels},setparams=range={levels}:color_primaries=bt709:color_trc={transfer}:colorspace=bt709",
        *("-color_range", levels, "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", transfer),
        *("-pix_fmt", pixels),
    ]


def _rgb(pixels: str, transfer: str) -> list[str]:
    return [
        "-vf",
        f"format={pixels},setparams=range=pc:color_primaries=bt709:color_trc={transfer}:colorspace=gbr",
        *("-color_range", "pc", "-colorspace", "rgb", "-color_primaries", "bt709", "-color_trc", transfer),
        *("-pix_fmt", pixels),
    ]


def _options(codec: str, encoder: str, depth: int, muxer: str, output: OutputSettings) -> list[str]:
    """The encoder's own options."""
    crf = _crf(codec, output)
    if encoder == "libsvtav1":
        return _svt_av1(crf, output.speed, depth)
    if encoder == "libaom-av1":
        loop = ["-loop", str(output.loop)] if codec == "avif" else []
        return [*_aom(crf, output.speed), *loop]
    match codec:
        case "h264":
            return ["-preset", output.speed, "-crf", str(crf)]
        case "h265":
            return _h265(crf, output.speed, muxer)
        case "vp9":
            return _vp9(crf, output.speed)
        case "prores":
            return ["-profile:v", "hq", "-vendor", "apl0"]  # some programs refuse others' files
        case "prores4444":
            return ["-profile:v", "4444", "-vendor", "apl0"]
        case "ffv1":
            return ["-level", "3", "-g", "1", "-slices", "4", "-slicecrc", "1"]  # for archives: every frame by itself
        case "gif":
            return _gif(output.loop)
        case "webp":
            return _webp(crf, output.speed, output.loop)
        case "apng":
            return ["-pred", "up", "-compression_level", "3", "-plays", str(output.loop)]
        case _:  # y4m of 10 bits is an extension of the format
            return ["-strict", "-1"]


def _crf(codec: str, output: OutputSettings) -> int:
    return CODECS[codec].default_crf if output.crf is None else output.crf


def _nvenc(codec: str, muxer: str, output: OutputSettings) -> list[str]:
    """Constant quality without a limit on the bit rate: NVENC's `cq`, of which 0 is "automatic", in crf's place."""
    cq = max(1, round(_crf(codec, output) * _HIGHEST_CQ / (CODECS[codec].highest_crf or _HIGHEST_CQ)))
    quality = ["-rc", "vbr", "-cq", str(cq), "-b:v", "0"]
    tag = _hevc_tag(muxer) if codec == "h265" else []
    return ["-preset", f"p{_NVENC_PRESETS[output.speed]}", "-tune", "hq", *quality, "-bf", "0", *tag]


def _hevc_tag(muxer: str) -> list[str]:
    return [] if muxer == "matroska" else ["-tag:v", "hvc1"]  # QuickTime plays no other


def _h265(crf: int, preset: str, muxer: str) -> list[str]:
    return ["-preset", preset, "-crf", str(crf), "-x265-params", "log-level=error", *_hevc_tag(muxer)]


def _vp9(crf: int, speed: str) -> list[str]:
    # a bit rate of 0 leaves the quality to crf alone
    return ["-crf", str(crf), "-b:v", "0", "-row-mt", "1", "-cpu-used", str(_VP9_CPU_USED[speed])]


def _svt_av1(crf: int, speed: str, depth: int) -> list[str]:
    preset = _SVT_PRESETS[speed] if depth == 8 else min(_SVT_PRESETS[speed], _FASTEST_SVT_OF_10_BITS)
    return ["-preset", str(preset), "-crf", str(max(1, crf))]  # to ffmpeg 0 is unset


def _aom(crf: int, speed: str) -> list[str]:
    return ["-crf", str(crf), "-b:v", "0", "-row-mt", "1", "-cpu-used", str(_AOM_CPU_USED[speed])]


def _webp(crf: int, speed: str, plays: int) -> list[str]:
    """WebP counts quality up to 100. Every frame is written at once: `libwebp_anim` keeps all of them until the end."""
    quality = 100 - 100 * crf / 63
    return ["-quality", f"{quality:.1f}", "-compression_level", str(_WEBP_EFFORT[speed]), "-loop", str(plays)]


def _gif(plays: int) -> list[str]:
    # GIF counts repetitions after the first showing: 0 for ever, -1 none. The flags off: ffmpeg compares a frame's
    # palette indices with the last frame's where its palette is the first frame's, and so drops changes.
    loop = str({0: 0, 1: -1}.get(plays, plays - 1))
    return ["-gifflags", "-offsetting-transdiff", "-loop", loop]
