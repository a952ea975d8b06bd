"""A preset to start from."""

from __future__ import annotations

import json
import os
from pathlib import Path

from zoomdream.errors import OutputError
from zoomdream.images.pictures.kinds import is_picture
from zoomdream.output_files import check_output_file, whole_file
from zoomdream.presets.sample_pictures import is_sample

_TEXT = """# A film of mine. zoomdream presets check {name} says what is wrong with it.
zoomdream: 1                       # the version of this format
{source:<35}# {about}
{canvas}
seed: 1                            # another number, another film

dream:
  layers:                          # what is dreamed, and when; zoomdream layers lists more
    - {{at: 0s, mix: {{fire6: 1}}}}    # eyes and curls ...
    - {{at: 3s, mix: {{fire8: 1}}, ease: in-out-sine}}   # ... turn into animals
  octaves: 3                       # scales, from small to the frame's own: more, larger shapes
  octave_scale: 1.4                # an octave's size over the next smaller one's
  steps: 3                         # how often a frame is changed in each octave: more, stronger
  step_size: 0.012                 # how much each time
  smoothing: 0.5                   # soft edges, in pixels
  natural_color: 1                 # 0: neon
  schedule: amortized              # a third of the time; every-frame: each frame takes all its steps
{motion}
color:
  coherence: 0.1                   # how strongly the first colors are kept, 0 to 1

output:
  crf: 18                          # lower is finer, and larger
"""

_CANVAS = "canvas: {size: 480x270, fps: 24, duration: 6s}"
_VIDEO_CANVAS = "canvas: {duration: 6s}             # its size and rate are the video's"

_CAMERA = """
camera:
  zoom: {0s: 1.15, 5s: 1.4}        # times per second; 1 stands still
  rotate: 0                        # degrees per second
"""

_CARRY = """
carry:                             # how a dream goes from one frame of the video to the next
  strength: 0.95                   # the share that is kept
  steps: 2                         # of each later frame of a shot
"""


def starter_text(name: str, source: str | None = None) -> str:
    """A preset with a comment for each line.

    `name` is its file's, `source` its photo or video, as the preset is to name it; None: a sample.
    """
    named = "sample:clouds" if source is None else source
    plain = named.isidentifier() or is_sample(named)
    is_video = not (named == "noise" or is_sample(named) or is_picture(Path(named)))
    return _TEXT.format(
        name=name,
        source=f"source: {named if plain else json.dumps(named, ensure_ascii=False)}",
        about="a photo, a video, or noise; relative to this file",
        canvas="canvas: {duration: 6s}             # of the video; its size and rate are the source's"
        if is_video
        else "canvas: {size: 480x270, fps: 24, duration: 6s}",
        motion=_CARRY if is_video else _CAMERA,
    )


def write_starter(file: Path, source: str | Path | None = None, *, overwrite: bool = False) -> None:
    """Write `starter_text` to a file; `source` is relative to the working folder.

    Raises OutputExistsError, OutputError.
    """
    check_output_file(file, overwrite=overwrite)
    named = None if source is None else str(source)
    if named is not None and named != "noise" and not is_sample(named):
        named = os.path.relpath(named, file.absolute().parent)
    try:
        with whole_file(file, overwrite=overwrite) as part:
            part.write_text(starter_text(file.name, named), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror}") from error
