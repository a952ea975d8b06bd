"""Deforum's settings as a preset of ours: which of them are taken, which converted, and which have no counterpart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zoomdream.errors import SettingError
from zoomdream.images.pictures.kinds import is_picture
from zoomdream.presets.canvas import parse_size
from zoomdream.presets.importing.camera import CameraImport
from zoomdream.presets.importing.documents import ForeignDocument
from zoomdream.presets.importing.findings import Draft
from zoomdream.presets.importing.footage import write_sound, write_source
from zoomdream.presets.importing.prompts import write_prompts
from zoomdream.presets.importing.schedules import MOTIONS, Schedules, is_number, parseq_strings, shown, word
from zoomdream.presets.importing.unknown import leave_the_rest
from zoomdream.presets.sample_pictures import is_sample
from zoomdream.schedule.clock import MOST_FRAMES, Clock, parse_rate
from zoomdream.schedule.expressions.formulas import Bounds
from zoomdream.schedule.expressions.variables import Silence, Variables

_SIZE = (512, 512)  # Deforum's own
_RATE = 15  # the web UI's own; a document of Parseq names its own
_STEP = 0.04  # at strength 0; at Deforum's usual 0.65 it is 0.014
_COHERENCE = 0.3
_BORDERS = {"replicate": "replicate", "wrap": "wrap", "border": "replicate", "reflection": "reflect"}
_IN_DEPTH = ("translation_z", "rotation_3d_x", "rotation_3d_y", "rotation_3d_z")


@dataclass(frozen=True)
class Conversion:
    """One film's."""

    document: ForeignDocument
    draft: Draft

    @property
    def settings(self) -> Mapping[str, object]:
        """Deforum's settings."""
        return self.document.settings

    def run(self, picture: str | None) -> Draft:
        """The whole preset. `picture` is the source that the user names, as the preset is to name it."""
        mode = self._mode()
        size, clock = self._canvas(over_video=mode == "Video Input" and (picture is None or _is_video(picture)))
        write_source(self.draft, self.settings, mode, picture)
        variables = Variables(clock, self._seed(), size, Silence())
        columns = parseq_strings(self.document.frames, with_deltas=self.settings.get("parseq_use_deltas") is not False)
        schedules = Schedules(self.settings, columns, variables, self.draft)
        self._parseq(columns)
        write_prompts(self._prompts(), variables, self.draft)
        self._strength(schedules)
        self._camera(CameraImport(self.draft, schedules, size), mode)
        self._border(mode)
        self._color()
        write_sound(self.draft, self.settings, mode)
        leave_the_rest(self.draft, self.settings)
        return self.draft

    def _mode(self) -> str:
        """Deforum's animation mode; of a document of Parseq alone, by what moves in it."""
        if self.settings:
            return word(self.settings.get("animation_mode", "None"))
        frames = self.document.frames
        moves = [key for key in _IN_DEPTH if len({word(frame.get(key)) for frame in frames}) > 1]
        return "3D" if moves else "2D"

    def _canvas(self, *, over_video: bool) -> tuple[tuple[int, int], Clock]:
        settings, take = self.settings, self.draft.take
        keys = ("W", "H") if "W" in settings else ("width", "height")
        try:
            size = parse_size("x".join(word(settings.get(key, side)) for key, side in zip(keys, _SIZE, strict=True)))
        except SettingError as error:
            self.draft.leave(" ".join(shown(key, settings.get(key)) for key in keys), str(error))
            size = _SIZE
        how = "" if keys[0] in settings else "Deforum's own size, since none is named"
        take(
            ("canvas", "size"),
            f"{size[0]}x{size[1]}",
            f"{keys[0]} {size[0]}, {keys[1]} {size[1]}",
            how,
            ", ".join(keys),
        )
        key, written = self._written_rate()
        try:
            rate = parse_rate(written)
            take(("canvas", "fps"), _plain_number(written), shown(key, written), "" if key else "none is named")
        except SettingError as error:
            rate = parse_rate(_RATE)
            self.draft.leave(shown(key, written), f"{error}; {_RATE} count")
            self.draft.data["canvas", "fps"] = _RATE
        frames = self._frames(over_video=over_video)
        return size, Clock(rate, frames or int(rate * 10))

    def _written_rate(self) -> tuple[str, object]:
        options = self.document.parseq.get("options") if self.document.parseq else None
        if isinstance(options, dict) and "output_fps" in options:
            return "output_fps", options["output_fps"]
        return ("fps", self.settings["fps"]) if "fps" in self.settings else ("", _RATE)

    def _frames(self, *, over_video: bool) -> int | None:
        last = max((int(str(frame["frame"])) for frame in self.document.frames), default=None)
        key = "max_frames" if last is None else "rendered_frames"
        written = self.settings.get(key) if last is None else last + 1
        frames = _whole(written)
        if over_video:
            self.draft.leave(shown(key, written), "the film is as long as the video")
            return frames
        if frames is None or not 1 <= frames <= MOST_FRAMES:
            self.draft.leave(shown(key, written), "it is no number of frames: the film lasts 10 s")
            return None
        self.draft.take(("canvas", "duration"), f"{frames}f", shown(key, frames))
        return frames

    def _seed(self) -> int:
        seed = _whole(self.settings.get("seed"))
        if seed is not None and 0 <= seed < 2**63:
            self.draft.take(("seed",), seed, shown("seed", seed))
            return seed
        if "seed" in self.settings:
            self.draft.leave(
                shown("seed", self.settings["seed"]), "a seed by chance there; here another number, another film"
            )
        return 0

    def _prompts(self) -> object:
        """By frames: Parseq's where it has some, else Deforum's."""
        changes: dict[str, object] = {}
        last: object = None
        for frame in self.document.frames:
            text = frame.get("deforum_prompt")
            if text != last:
                changes[str(frame["frame"])], last = text, text
        return changes or self.settings.get("animation_prompts") or self.settings.get("prompts")

    def _parseq(self, columns: Mapping[str, str]) -> None:
        if self.document.parseq_address:
            why = "it is not fetched: download the document, and import it alone or as text in its place"
            self.draft.leave(f"parseq_manifest {self.document.parseq_address}", why)
        options = self.document.parseq.get("options") if self.document.parseq else None
        bpm = options.get("bpm") if isinstance(options, dict) else None
        if is_number(bpm) and 1 <= bpm <= 1000:
            self.draft.take(("bpm",), bpm, shown("bpm", bpm))
        if columns and self.settings.get("parseq_use_deltas") is False:
            self.draft.leave(
                "parseq_use_deltas False", f"as Deforum does: {', '.join(MOTIONS[:2])} and others, undivided"
            )

    def _strength(self, schedules: Schedules) -> None:
        """How much of the last frame stays: the more stays, the smaller the steps of the dream."""
        schedule = schedules.get("strength_schedule", "strength")
        self.draft.data["dream", "steps"] = 3
        self.draft.data["dream", "smoothing"] = 0.5
        if schedule is None:
            self.draft.data["dream", "step_size"] = 0.014
            return
        value, _ = schedules.entry(schedule, f"{_STEP} * clamp(1 - value, 0, 1)", Bounds(0, 1))
        how = "the nearest: how much of a frame stays there is how little it is changed here"
        self.draft.take(("dream", "step_size"), value, schedule.theirs, how)

    def _camera(self, camera: CameraImport, mode: str) -> None:
        settings = self.settings
        flips = settings.get("enable_perspective_flip") is True or settings.get("flip_2d_perspective") is True
        if mode == "2D":
            camera.in_plane(with_flip=flips)
        elif mode == "3D":
            camera.in_depth(aspect=self._aspect(camera), with_flip=flips)
            if settings.get("use_depth_warping") is not False and settings:
                why = "there is no depth map here: the picture is a plane, at the distance of what is nearest"
                self.draft.leave("use_depth_warping", why)
        else:
            camera.leave_all(f"Deforum does not use it in the mode {mode}")

    def _aspect(self, camera: CameraImport) -> float:
        """Deforum's aspect ratio: of the lens, in early versions the frame's."""
        is_old = "aspect_ratio_schedule" not in self.settings and bool(self.settings)
        if is_old or self.settings.get("aspect_ratio_use_old_formula") is True:
            return camera.size[0] / camera.size[1]
        aspect = camera.schedules.still("aspect_ratio_schedule", default=1.0)
        return aspect if 0.01 <= aspect <= 100 else 1.0

    def _border(self, mode: str) -> None:
        if mode not in ("2D", "3D"):
            return
        key = "padding_mode" if mode == "3D" else "border"
        written = self.settings.get(key)
        border = _BORDERS.get(word(written))
        if border:
            said = [] if border == written else ["Deforum's name for it in 3D"]
            said += ["mirror-tile leaves no streaks where the camera zooms out"] if border == "replicate" else []
            self.draft.take(("camera", "border"), border, shown(key, written), "; ".join(said))
        elif written is not None:
            self.draft.leave(shown(key, written), "what lies beyond the frame is continued with noise")

    def _color(self) -> None:
        written = self.settings.get("color_coherence")
        if written in (None, "None", ""):
            return
        if written == "Video Input" or "Image" in word(written):
            self.draft.leave(shown("color_coherence", written), "here colors are kept near the source's")
        how = "the nearest: colors are drawn to the source's, there wholly to the first frame's"
        self.draft.take(("color", "coherence"), _COHERENCE, shown("color_coherence", written), how)


def _whole(value: object) -> int | None:
    """A whole number, however it is written."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value) if float(value) == int(float(value)) else None
    except (ValueError, OverflowError):
        return None


def _is_video(source: str) -> bool:
    return source != "noise" and not is_sample(source) and not is_picture(Path(source))


def _plain_number(value: object) -> int | float | str:
    return value if isinstance(value, int | float) else str(value)
