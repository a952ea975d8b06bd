"""What all settings share: they are frozen, and validated by their constructors."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from zoomdream.errors import SettingError

Pair = tuple[float, float]

Fit = Literal["fill", "fit"]
"""How a picture meets a canvas of another shape: "fill" crops what sticks out, "fit" shows all of it."""

Deinterlace = Literal["auto", "off"]
"""Whether interlaced frames are deinterlaced ("auto") or left with both of their instants ("off")."""


class Settings(BaseModel):
    """Base: frozen, no unknown fields, no nan or infinity. Raises SettingError."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            reason = self._range(str(first["loc"][0])) or first["msg"].removeprefix("Input ")
            raise SettingError(f"{where} is {first.get('input')!r}: it {reason}") from None

    @classmethod
    def _range(cls, name: str) -> str:
        """The range of a number in words: `must be a whole number from 1 to 16`; empty without two bounds."""
        field = cls.model_fields.get(name)
        bounds = field.metadata if field else []
        named = [(limit, bound) for bound in bounds for limit in ("ge", "gt", "le") if hasattr(bound, limit)]
        limits = {limit: getattr(bound, limit) for limit, bound in named}
        low = f"from {limits['ge']}" if "ge" in limits else f"over {limits['gt']}" if "gt" in limits else ""
        if field is None or not low or "le" not in limits:
            return ""
        return f"must be a {'whole number' if field.annotation is int else 'number'} {low} to {limits['le']}"
