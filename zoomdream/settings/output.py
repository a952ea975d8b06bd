"""How a film is written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from zoomdream.settings.base import Settings


class OutputSettings(Settings):
    """How the film is written."""

    codec: Annotated[
        Literal[
            "auto",
            "h264",
            "h265",
            "vp9",
            "av1",
            "prores",
            "prores4444",
            "ffv1",
            "gif",
            "webp",
            "apng",
            "avif",
            "png",
            "y4m",
        ],
        Field(description="auto: the one that the output's suffix asks for"),
    ] = "auto"
    depth: Annotated[
        Literal[8, 10, 16] | None,
        Field(description="Bits a channel; unset: 10 for ProRes, 8 for the others"),
    ] = None
    encoder: Annotated[
        Literal["auto", "software", "hardware"],
        Field(description="hardware: an NVIDIA GPU's; auto: that one where the film is dreamed on one and it works"),
    ] = "auto"
    crf: Annotated[
        int | None, Field(ge=0, le=63, description="Constant rate factor, lower is finer; unset: the codec's own")
    ] = None
    speed: Annotated[
        Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"],
        Field(description="How long the encoder may search for a smaller file"),
    ] = "medium"
    loop: Annotated[
        int, Field(ge=0, le=65535, description="How often a GIF, WebP, APNG or AVIF plays; 0: for ever")
    ] = 0
    reverse: Annotated[bool, Field(description="The film runs backward: a zoom in becomes a zoom out")] = False
    pingpong: Annotated[bool, Field(description="The film runs there and back, and ends next to its first frame")] = (
        False
    )
    audio: Annotated[
        str, Field(min_length=1, description="source: the video's own sound; none; or a file, relative to the preset")
    ] = "source"
    audio_track: Annotated[
        int | None,
        Field(ge=1, le=999, description="Which of the file's sound tracks, from 1; unset: its default one"),
    ] = None
