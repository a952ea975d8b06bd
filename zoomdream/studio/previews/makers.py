"""How each kind of preview is made, in the process of previews."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zoomdream.studio.previews.tasks import Task

MAKERS: dict[str, Callable[[Task], Mapping[str, object]]] = {}


def warm_up(kind: str) -> None:
    """Load what a kind of preview needs, before the first is asked for."""
    if kind != "motion":
        import torch  # noqa: F401
