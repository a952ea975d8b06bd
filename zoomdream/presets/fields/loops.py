"""How a preset says that its film loops: `loop: true`, or `loop: {fade: 2s, run_in: 3s}`.

How often a file plays is another thing, `output.loop`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, PlainValidator, Tag, ValidationError, WithJsonSchema
from pydantic_core import InitErrorDetails

from zoomdream.errors import SettingError
from zoomdream.presets.fields.common import Section, TimeText, WrittenAs, as_validator, sentence, zero_time
from zoomdream.schedule.clock import Time


class LoopSection(Section):
    """How the end of a film from a picture leads into its beginning."""

    fade: Annotated[TimeText | None, Field(description="How long the end draws the beginning in; unset: up to 2s")] = (
        None
    )
    run_in: Annotated[
        TimeText, Field(description="How long is dreamed before the first frame, unseen", default_factory=zero_time)
    ]


def _parse_switch(written: object) -> LoopSection | None:
    if isinstance(written, bool):
        return LoopSection.of_defaults() if written else None
    raise SettingError(
        f"{written!s:.40} is not true or false: loop: true makes a film without a seam; how often a file plays is "
        "output.loop"
    )


def _section(entry: LoopSection) -> LoopSection:
    if entry.fade is not None and not entry.fade.amount:
        raise SettingError("a fade of 0 would leave the seam as it is: write fade: 2s, or loop: false")
    return entry


LoopChoice = Annotated[
    Annotated[Any, PlainValidator(as_validator(_parse_switch)), WithJsonSchema({"type": "boolean"}), Tag("<switch>")]
    | Annotated[LoopSection, WrittenAs(LoopSection, _section), Tag("<settings>")],
    Discriminator(lambda written: "<settings>" if isinstance(written, dict | LoopSection) else "<switch>"),
]
"""Validates to a `LoopSection`, or None: the film does not loop."""

DEFAULT_FADE = Time.parse("2s")
"""At most: a film of under 4 s draws its beginning in during its second half."""


def refuse_switch(section: str, data: object) -> object:
    """The data of the output's section, whose `loop` is a number. Raises ValidationError where it is true or false."""
    if isinstance(data, dict) and isinstance(data.get("loop"), bool):
        words = "this is how often a file plays, 0 for ever; a film without a seam is loop: true at the top"
        mistake = InitErrorDetails(type=sentence(words), loc=("loop",), input=data["loop"])
        raise ValidationError.from_exception_data(section, [mistake])
    return data
