"""How a preset names several networks: `networks: [squeezenet1_1, mobilenet_v2_trunk]`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import InitErrorDetails

from zoomdream.presets.fields.common import sentence

MOST_NETWORKS = 4
"""Each takes its own time and memory at every step that reads it."""


def _few_and_each_once(names: list[str]) -> list[str]:
    if len(names) > MOST_NETWORKS:
        raise sentence(f"these are {len(names)} networks: name at most {MOST_NETWORKS}")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise sentence(f"{twice} is there twice: name each network once")
    return names


Networks = Annotated[
    list[Annotated[str, Field(min_length=1)]],
    Field(min_length=1, json_schema_extra={"maxItems": MOST_NETWORKS}),
    AfterValidator(_few_and_each_once),
]
"""The names of one to four networks."""


def refuse_two_ways(model: str, data: object) -> object:
    """The data of a preset, where it names its networks in one way. Raises ValidationError where it does in two."""
    if not isinstance(data, dict) or data.get("networks") is None:
        return data
    reasons = {
        "network": "it excludes networks: leave one of them out",
        "weights": "they are of one network, and networks names several: leave one of them out",
    }
    wrong = [
        InitErrorDetails(type=sentence(reason), loc=(key,), input=data[key])
        for key, reason in reasons.items()
        if data.get(key) is not None
    ]
    if wrong:
        raise ValidationError.from_exception_data(model, wrong)
    return data
