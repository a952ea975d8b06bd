"""Deforum's camera as ours: its values are per frame and in pixels, ours per second and in fractions of the frame.

In 2D its frame comes from the one before by `R T`: moved by (translation_x, translation_y), then turned and magnified
about the transform center. Ours goes the other way, from a pixel to where it comes from, and has the same order.
Deforum's value at a frame moves the camera *to* that frame, ours *from* a frame to the next: hence `next`.

In 3D, without a depth map, each pixel (x, y), both from -1 to 1, lies on a plane at distance 1, and is moved by the
change of its place before a lens, (x, y) / (z tan(fov / 2)). That is, to first order, a camera of 90 degrees whose
turns are 1 / tan(fov / 2) times as fast; exact are a zoom by translation_z and a pan.
"""

from __future__ import annotations

from dataclasses import dataclass

from zoomdream.errors import SettingError
from zoomdream.presets.documents.yaml_document import Data
from zoomdream.presets.importing.findings import Draft
from zoomdream.presets.importing.schedules import Schedule, Schedules, number_text
from zoomdream.schedule.expressions.formulas import Bounds
from zoomdream.settings import CameraSettings

_FLIPS = (
    ("perspective_flip_theta", "flip_theta"),
    ("perspective_flip_phi", "flip_phi"),
    ("perspective_flip_gamma", "flip_gamma"),
)
_FLAT = {"zoom": 1.0, "angle": 0.0}
_STILL = {"translation_z": 0.0, "rotation_3d_x": 0.0, "rotation_3d_y": 0.0, "rotation_3d_z": 0.0}
_LENS = 90  # degrees: see above


@dataclass(frozen=True)
class CameraImport:
    """Writes the camera of one film into `draft`."""

    draft: Draft
    schedules: Schedules
    size: tuple[int, int]
    """Deforum's W and H, which its pixels are those of."""

    def in_plane(self, *, with_flip: bool) -> None:
        """The 2D mode."""
        self._leave_unused(_STILL, "Deforum uses it in 3D only")
        self._rate("zoom", "zoom", "next ** fps", 1.0)
        self._rate("rotate", "angle", "next * fps", 0.0)
        if with_flip:
            for key in ("translation_x", "translation_y"):
                self._leave_moving(key, "Deforum does not move the picture where it flips the perspective")
        else:
            self._pair("pan", ("translation_x", "translation_y"), [f"-next / {side} * fps" for side in self.size], 0.0)
        self._pair("center", ("transform_center_x", "transform_center_y"), ["next", "next"], 0.5)
        self.flip(is_on=with_flip)

    def in_depth(self, *, aspect: float, with_flip: bool) -> None:
        """The 3D mode; `aspect` is Deforum's aspect ratio, by which movements to the side are slower."""
        self._leave_unused(_FLAT, "Deforum uses it in 2D only")
        fov = self.schedules.still("fov_schedule", "fov", default=40.0)
        if not 5 <= fov <= 175:
            self.draft.leave(f"fov {number_text(fov)}", "no lens has it: 40 degrees count")
            fov = 40.0
        slant, root = self.size[1] / self.size[0], aspect**0.5
        lens = f"tan(pi * {number_text(fov)} / 360)"
        across, mean = (f"({lens} * {each!r})" if each != 1 else lens for each in (aspect, root))
        away = self._distance()
        self._rate("zoom", "translation_z", f"(1 - next / (200 - next) / {mean}) ** -fps", 0.0)
        pans = [f"next / {number_text(2 * away)} / {across} * fps", f"-next / {number_text(2 * away)} / {lens} * fps"]
        self._pair("pan", ("translation_x", "translation_y"), pans, 0.0)
        turns = [
            self._rate("yaw", "rotation_3d_y", f"next / {across} * fps", 0.0),
            self._rate("pitch", "rotation_3d_x", f"next / {lens} * {slant!r} * fps", 0.0),
        ]
        self._rate("rotate", "rotation_3d_z", f"next / {mean} * fps", 0.0)
        if any(turns):
            how = "Deforum's picture is a plane seen as through this lens; its own fov says how fast it turns"
            self.draft.take(("camera", "fov"), _LENS, f"fov {number_text(fov)}", how)
        self.flip(is_on=with_flip)

    def flip(self, *, is_on: bool) -> None:
        """The perspective flip of both modes."""
        if not is_on:
            return
        flips = [self._rate(ours, theirs, "next * fps", 0.0) for theirs, ours in _FLIPS]
        if any(flips):
            self._rate("flip_fv", "perspective_flip_fv", "next", 53.0)

    def leave_all(self, why: str) -> None:
        """Note all movements as left out."""
        self._leave_unused(_FLAT | _STILL | {"translation_x": 0.0, "translation_y": 0.0}, why)

    def _rate(self, setting: str, key: str, expression: str, still: float) -> bool:
        """Write one setting; False where it would change nothing, or cannot be converted."""
        schedule = self.schedules.get(key)
        if schedule is None or schedule.constant == still:
            return False
        value = self._value(schedule, expression, setting)
        if value is None:
            return False
        self.draft.take(("camera", setting), value[0], schedule.theirs, _expression(value[0]), value[1])
        return True

    def _pair(self, setting: str, keys: tuple[str, str], expressions: list[str], still: float) -> None:
        parts: list[Data] = [still, still]
        said: list[str] = []
        theirs: list[str] = []
        for index, (key, expression) in enumerate(zip(keys, expressions, strict=True)):
            schedule = self.schedules.get(key)
            if schedule is None or schedule.constant == still:
                continue
            if expression == "next" and schedule.constant is not None:
                value: tuple[Data, str] | None = (schedule.constant, schedule.key)
            else:
                value = self._value(schedule, expression, setting)
            if value is not None:
                parts[index] = value[0]
                theirs.append(schedule.theirs)
                said.append(value[1])
        if theirs:
            how = ", ".join(filter(None, map(_expression, parts)))
            self.draft.take(("camera", setting), parts, ", ".join(theirs), how, ", ".join(said))

    def _value(self, schedule: Schedule, expression: str, setting: str) -> tuple[Data, str] | None:
        try:
            return self.schedules.entry(schedule, expression, _bounds(setting))
        except SettingError as error:
            self.draft.leave(schedule.theirs, f"it cannot be converted: {error}")
            return None

    def _distance(self) -> float:
        """How far the plane is after translation_z, in Deforum's units: for the pan, which is slower far away."""
        schedule = self.schedules.get("translation_z")
        constant = 0.0 if schedule is None else schedule.constant
        return 200 - constant if constant is not None and constant < 200 else 200.0

    def _leave_unused(self, stills: dict[str, float], why: str) -> None:
        for key, still in stills.items():
            schedule = self.schedules.get(key)
            if schedule is not None and schedule.constant not in (still, 0.0):
                self.draft.leave(schedule.theirs, why)

    def _leave_moving(self, key: str, why: str) -> None:
        self._leave_unused({key: 0.0}, why)


def _expression(value: Data) -> str:
    """How a value of `Schedules.entry` is computed; empty for a number."""
    return str(value["expr"]) if isinstance(value, dict) else ""


def _bounds(setting: str) -> Bounds:
    limits = {
        name: getattr(bound, name)
        for bound in CameraSettings.model_fields[setting].metadata
        for name in ("ge", "le")
        if hasattr(bound, name)
    }
    return Bounds(limits.get("ge", float("-inf")), limits.get("le", float("inf")))
