"""Containers: the file formats of films by suffix, with the codecs and the sound that each takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Container:
    """A file format of films."""

    muxer: str
    """ffmpeg's name of the format."""
    codecs: tuple[str, ...]
    """Codecs that it takes; the first is the default."""
    sound_copied: frozenset[str] = frozenset()
    """Codecs of sound that are copied as they are, where a trial of the file at hand agrees."""
    sound_encoder: str | None = None
    """The encoder for other sound; None where the format has no sound."""

    @property
    def muxer_arguments(self) -> list[str]:
        """ffmpeg's output options that choose the format.

        `+faststart` puts the index first, for playing while loading; `use_metadata_tags` keeps tags that MP4 has no
        name for.
        """
        flags = ["-movflags", "+faststart+use_metadata_tags"] if self.muxer in ("mp4", "mov") else []
        return [*flags, "-f", self.muxer]


_IN_MP4 = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"})
_PCM_IN_MOV = tuple(f"pcm_{kind}{order}" for kind in ("s16", "s24", "s32", "f32") for order in ("le", "be"))
_IN_MOV = frozenset({"aac", "mp3", "ac3", "eac3", "alac", *_PCM_IN_MOV})
# ffmpeg's muxer takes many more by a wrapper for AVI's or QuickTime's, which few players read.
_IN_MKV = frozenset(
    {
        *("aac", "mp3", "mp2", "ac3", "eac3", "alac", "opus", "flac", "vorbis", "dts", "truehd", "mlp"),
        *("wavpack", "pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"),
    }
)

CONTAINERS = {
    ".mp4": Container("mp4", ("h264", "h265", "av1"), _IN_MP4, "aac"),
    ".mov": Container("mov", ("h264", "h265", "prores", "prores4444"), _IN_MOV, "aac"),
    ".mkv": Container("matroska", ("h264", "h265", "vp9", "av1", "ffv1"), _IN_MKV, "aac"),
    ".webm": Container("webm", ("vp9", "av1"), frozenset({"opus", "vorbis"}), "libopus"),
    ".gif": Container("gif", ("gif",)),
    ".webp": Container("webp", ("webp",)),
    ".apng": Container("apng", ("apng",)),
    ".avif": Container("avif", ("avif",)),
    ".y4m": Container("yuv4mpegpipe", ("y4m",)),
}

FORMATS = f"{', '.join(CONTAINERS)}, or a folder of PNGs as frames/ or frames/%06d.png"  # for messages
