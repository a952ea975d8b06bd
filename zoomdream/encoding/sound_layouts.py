"""Channel layouts and sample rates of sound, and which of them an encoder's listeners can play."""

from __future__ import annotations

from collections.abc import Mapping

# Those that every player knows. ffmpeg's AAC encoder takes others too, by a table of channels in the stream which
# browsers and phones do not read; and what its Opus encoder writes of 5.0 and 6.1 comes back with channels exchanged
# (measured with ffmpeg 9).
_LAYOUTS: Mapping[str, tuple[str, ...]] = {
    "aac": ("mono", "stereo", "3.0", "4.0", "5.0", "5.1", "7.1"),
    "libopus": ("mono", "stereo", "3.0", "quad", "5.1", "7.1"),
}
_RATES: Mapping[str, tuple[int, ...]] = {
    "aac": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
    "libopus": (48000,),
}

# A layout's nearest ones that leave no channel out: another name for the same ones, channels that stay silent, or one
# behind the listener spread over two.
_NEAREST: Mapping[str, tuple[str, ...]] = {
    "2.1": ("5.1",),
    "3.0(back)": ("quad", "5.0", "5.1"),
    "3.1": ("5.1",),
    "4.0": ("5.1",),
    "4.1": ("5.1",),
    "quad": ("5.0",),
    "quad(side)": ("quad", "5.0"),
    "5.0": ("5.1",),
    "5.0(side)": ("5.0", "5.1"),
    "5.1(side)": ("5.1",),
    "6.0": ("7.1",),
    "6.0(front)": ("7.1",),
    "hexagonal": ("7.1",),
    "6.1": ("7.1",),
    "6.1(back)": ("7.1",),
    "6.1(front)": ("7.1",),
    "7.0": ("7.1",),
    "7.0(front)": ("7.1",),
    "7.1(wide)": ("7.1",),
    "7.1(wide-side)": ("7.1",),
    "octagonal": ("7.1",),
    "downmix": ("stereo",),
}


# Those that a player takes six or so channels for, where neither the stream nor the container says more.
_UNNAMED = ("", "mono", "stereo", "3.0", "quad", "5.0", "5.0(side)", "5.1", "5.1(side)", "6.1", "7.1")


def keeps_layout(codec: str, layout: str) -> bool:
    """Whether a copy of a stream is played in its layout: FLAC and PCM have no room for the name of a rare one."""
    return layout in _UNNAMED or not codec.startswith(("flac", "pcm"))


def layout_for(encoder: str, layout: str) -> str:
    """The layout that an encoder is given for sound in `layout`: that one, the nearest that it takes, or stereo."""
    taken = _LAYOUTS[encoder]
    return next((name for name in (layout, *_NEAREST.get(layout, ())) if name in taken), "stereo")


def rate_for(encoder: str, rate: int) -> int:
    """The sample rate that an encoder is given for sound at `rate`: the next one up that it takes, or its highest."""
    taken = _RATES[encoder]
    return next((known for known in taken if known >= rate > 0), taken[-1])
