"""How a clip's frames become RGB: ffmpeg's decoder and filters, and what is computed of its raw frames.

Fields are woven apart first, at the clip's own size; then what is transparent is laid over black, before scaling lets
hidden colors into its edges; then the frame is scaled. Clips in HDR or a wide gamut come in 16 bits, with their own
curve and primaries, and `color_conversion` brings them to sRGB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zoomdream.images.colors.color_names import BLACK, Color, color_text
from zoomdream.media.clip import Clip
from zoomdream.media.color_conversion import ColorConversion, color_conversion
from zoomdream.media.ffmpeg import has_filter
from zoomdream.media.fitting import fitted_size_expressions, pad_to
from zoomdream.media.probing.first_frame import MARKED_BY_FRAMES
from zoomdream.media.probing.transparency import alpha_decoder, loses_alpha
from zoomdream.settings import Deinterlace

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

Pixels = NDArray[np.uint8]
"""A picture as HxWx3 RGB in 0..255."""

_QUALITY = "flags=bicubic+accurate_rnd+full_chroma_int"
_HD_LINES = 720
_INTERLACED = ("top first", "bottom first")
# One frame for one frame, with its own timestamp; frames that are not marked as interlaced pass unchanged.
_DEINTERLACE = "bwdif=mode=send_frame:parity=auto:deint=interlaced"
# Their decoders do not mark frames as interlaced where only the container says so.
_MARKED_BY_CONTAINER = ("mjpeg", "v210", "huffyuv", "ffvhuff", "utvideo", "png", "qtrle")
# ffmpeg turns frames before all filters, which would turn rows of fields to columns: here it comes after.
_TURNS = {90: ("transpose=cclock",), -90: ("transpose=clock",), 180: ("hflip", "vflip"), -180: ("hflip", "vflip")}
_SMALLEST_INTERLACED = 4  # lines and columns that bwdif needs
_PACKED_RGB = ("rgb", "bgr", "argb", "abgr", "0rgb", "0bgr", "pal8", "x2")  # bwdif takes planes

# Matrices that ffmpeg's scaler knows, with its names for them; `gbr` needs none.
_SCALER_MATRICES = {
    "bt709": "bt709",
    "fcc": "fcc",
    "bt470bg": "bt470bg",
    "smpte170m": "smpte170m",
    "smpte240m": "smpte240m",
    "bt2020nc": "bt2020",
}
# Others are left to zscale (the library zimg), which wants to know curve and primaries for some of them.
_ZSCALE_MATRICES = ("ycgco", "bt2020c", "ictcp", "chroma-derived-nc", "chroma-derived-c")
_ZSCALE_CURVES = ("bt709", "smpte170m", "iec61966-2-1", "bt2020-10", "bt2020-12", "smpte2084", "arib-std-b67")


@dataclass(frozen=True)
class Decoding:
    """How a clip is decoded to frames of one size."""

    size: Size
    """(width, height) of the frames in pixels."""
    input_options: tuple[str, ...]
    """ffmpeg's options before the input: a decoder."""
    field_filters: tuple[str, ...]
    """Filters that look at the frames before and after: they come first, before any frame is left out."""
    filters: tuple[str, ...]
    """Filters for each frame by itself, to raw frames."""
    pixel_format: str
    """Of the raw frames, in ffmpeg's name."""
    conversion: ColorConversion | None
    """To sRGB; None where the frames are in it."""
    background: Color
    """What is seen where the clip is transparent."""
    warnings: tuple[str, ...]
    """What a user should know about fields, colors and transparency."""

    @property
    def frame_bytes(self) -> int:
        """Of a raw frame."""
        return self.size[0] * self.size[1] * self._channels * (2 if self._is_deep else 1)

    @property
    def _channels(self) -> int:
        return 4 if self.pixel_format.startswith("rgba") else 3

    @property
    def _is_deep(self) -> bool:
        return self.pixel_format.endswith("le")

    def pixels(self, raw: bytearray) -> Pixels:
        """A raw frame as HxWx3 sRGB in 0..255. The array may share the memory of `raw`."""
        shape = (self.size[1], self.size[0], self._channels)
        values = np.frombuffer(raw, "<u2" if self._is_deep else np.uint8).reshape(shape)
        if self.conversion is None:
            return values if self._channels == 3 else _over(values[..., :3], values[..., 3:], self.background)
        if self._channels == 3:
            return self.conversion.to_srgb(values)
        alpha = values[..., 3:]
        colors = (values[..., :3] * (np.float32(65535) / np.maximum(alpha, 1))).clip(0, 65535).astype(np.uint16)
        share = alpha.astype(np.float32) / 65535
        premultiplied = (self.conversion.to_srgb(colors) * share + np.float32(0.5)).astype(np.uint8)
        return _over(premultiplied, (share * 255 + np.float32(0.5)).astype(np.uint8), self.background)


def _over(premultiplied: Pixels, alpha: Pixels, background: Color) -> Pixels:
    """Premultiplied colors HxWx3 over a background, by their alpha HxWx1 in 0..255."""
    through = (255 - alpha.astype(np.uint16)) * np.array(background, np.uint16) + 127
    composite: Pixels = np.minimum(premultiplied + through // 255, 255).astype(np.uint8)
    return composite


def decoding(
    clip: Clip, size: Size | None = None, *, background: Color = BLACK, deinterlace: Deinterlace = "auto"
) -> Decoding:
    """How `clip` is decoded to frames of `size` (width, height; default: its own). Raises FFmpegError."""
    conversion = color_conversion(clip.color_transfer, clip.color_primaries)
    decoder = alpha_decoder(clip.codec) if clip.has_alpha else None
    is_seen = clip.has_alpha and not loses_alpha(clip.codec)
    needs_python = is_seen and (background != BLACK or conversion is not None)
    depth = "" if conversion is None else "64le" if needs_python else "48le"
    pixel_format = ("rgba" if needs_python else "rgb") + (depth or ("" if needs_python else "24"))
    width, height = size or clip.size
    # `pad` does not know 16 bits with alpha: such clips are stretched where they change their shape midway
    is_stretched = pixel_format == "rgba64le"
    size_option = f"{width}:{height}:" if is_stretched else f"{fitted_size_expressions(clip, (width, height))}:"
    fields = _field_filters(clip) if deinterlace == "auto" else ()
    return Decoding(
        size=(width, height),
        input_options=(
            *(("-c:v", decoder) if decoder else ()),
            *(("-noautorotate",) if fields and clip.rotation in _TURNS else ()),
        ),
        field_filters=fields,
        filters=(
            *_color_filters(clip, conversion, size_option, is_seen),
            "setsar=1",
            f"format={pixel_format}",
            *(() if is_stretched else (pad_to((width, height)),)),
        ),
        pixel_format=pixel_format,
        conversion=conversion,
        background=background,
        warnings=(
            *_field_warnings(clip, deinterlace),
            *_color_warnings(clip, conversion),
            *_alpha_warnings(clip, is_seen, background),
        ),
    )


def _field_filters(clip: Clip) -> tuple[str, ...]:
    if not _may_be_interlaced(clip):
        return ()
    is_marked = clip.codec in _MARKED_BY_CONTAINER and clip.field_order in _INTERLACED
    mark = (f"setfield={'tff' if clip.field_order == 'top first' else 'bff'}",) if is_marked else ()
    turns = _TURNS.get(clip.rotation, ())
    if clip.pixel_format.startswith(_PACKED_RGB):
        planes = f"format={'gbrap' if clip.has_alpha else 'gbrp'}{'16le' if clip.bit_depth > 8 else ''}"
        return (*mark, planes, _DEINTERLACE, *turns)
    return (*mark, _DEINTERLACE, *turns)


def _may_be_interlaced(clip: Clip) -> bool:
    is_marked = clip.field_order in _INTERLACED or (clip.field_order is None and clip.codec in MARKED_BY_FRAMES)
    return is_marked and min(clip.size) >= _SMALLEST_INTERLACED


def _color_filters(clip: Clip, conversion: ColorConversion | None, size: str, has_alpha: bool) -> list[str]:
    """From the clip's pixels to R'G'B' in `size`; premultiplied where it `has_alpha`."""
    is_deep = conversion is not None or clip.bit_depth > 8
    to_rgb, matrix = _matrix_steps(clip, conversion)
    if not has_alpha:
        return [*to_rgb, f"scale={size}{_QUALITY}{matrix}"]
    planes = "gbrap16le" if is_deep else "gbrap"
    own_size = [*to_rgb, f"scale={_QUALITY}{matrix}", f"format={planes}", "premultiply=inplace=1"]
    return [*own_size, f"scale={size}{_QUALITY}"]


def _matrix_steps(clip: Clip, conversion: ColorConversion | None) -> tuple[list[str], str]:
    """Filters before the scaler where it does not know the clip's matrix, and its option for the one that it takes."""
    matrix = clip.color_matrix
    if matrix == "gbr" or matrix in _SCALER_MATRICES:
        # the frames themselves may be without the tag that the file has
        known = conversion is not None and matrix != "gbr"
        return [], f":in_color_matrix={_SCALER_MATRICES[matrix]}" if known else ""
    if matrix is None:
        return [], f":in_color_matrix={_assumed_matrix(clip)}"
    if _zscale_works(matrix):
        tags = [f"setparams=colorspace={matrix}"]
        if clip.color_transfer not in _ZSCALE_CURVES:
            tags.append("color_trc=bt2020-10")
        if clip.color_primaries is None:
            tags.append("color_primaries=bt2020" if matrix in ("bt2020c", "ictcp") else "color_primaries=bt709")
        planes = "gbrap16le" if clip.has_alpha else "gbrp16le"
        return [":".join(tags), "zscale=matrix=gbr:range=full:filter=bicubic", f"format={planes}"], ""
    return [f"setparams=colorspace={'bt2020nc' if conversion else 'bt709'}"], ""


def _zscale_works(matrix: str) -> bool:
    return matrix in _ZSCALE_MATRICES and has_filter("zscale")


def _assumed_matrix(clip: Clip) -> str:
    """The matrix of a clip that does not name it: BT.2020's of its primaries, else by its lines."""
    if clip.color_primaries == "bt2020":
        return "bt2020"
    return "bt709" if _coded_lines(clip) >= _HD_LINES else "bt601"


def _coded_lines(clip: Clip) -> int:
    return clip.size[0] if clip.rotation % 180 == 90 else clip.size[1]


def _field_warnings(clip: Clip, deinterlace: Deinterlace) -> list[str]:
    if clip.field_order not in _INTERLACED or not _may_be_interlaced(clip):
        return []
    outcome = "is deinterlaced" if deinterlace == "auto" else "is not deinterlaced: moving edges show combs"
    return [f"{clip.path.name} is interlaced ({clip.field_order}) and {outcome}"]


def _color_warnings(clip: Clip, conversion: ColorConversion | None) -> list[str]:
    name, warnings = clip.path.name, []
    if conversion is not None and conversion.is_hdr:
        warnings.append(
            f"{name} is HDR ({conversion.label}) and is brought to SDR: its reference white stays white, and brighter "
            f"light is compressed"
        )
    elif conversion is not None:
        warnings.append(f"{name} has the colors of {conversion.label} and is brought to sRGB")
    if clip.dolby_vision == 5:  # its base layer is in a space of its own, and no other decoder can show it
        warnings.append(f"{name} is Dolby Vision of profile 5, which ffmpeg decodes in wrong colors (green and purple)")
    matrix = clip.color_matrix
    if matrix is not None and matrix != "gbr" and matrix not in _SCALER_MATRICES and not _zscale_works(matrix):
        warnings.append(f"{name} has the color matrix {matrix}, which this ffmpeg cannot undo: its colors will be off")
    return warnings


def _alpha_warnings(clip: Clip, is_seen: bool, background: Color) -> list[str]:
    if not clip.has_alpha or clip.is_opaque:
        return []
    if not is_seen:
        return [
            f"{clip.path.name} has an alpha channel, which this ffmpeg cannot decode ({clip.codec}): what is "
            f"transparent shows the color that lies hidden there"
        ]
    return [f"what is transparent in {clip.path.name} counts as {color_text(background)}"]
