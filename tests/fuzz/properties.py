"""What holds for every input, right or wrong."""

from __future__ import annotations

from zoomdream.errors import SourceError, ZoomdreamError
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset

MOST_LINES = 8
LONGEST_MESSAGE = 2000


def refuse_unclear(message: str, quoted: int = 0) -> None:
    """Raise AssertionError where a message is empty, long, or a traceback; it may quote that many characters."""
    assert message.strip(), "an empty message"
    assert "Traceback" not in message
    assert len(message.splitlines()) <= MOST_LINES, message
    assert len(message) <= LONGEST_MESSAGE + quoted, f"a message of {len(message)} characters: {message[:300]}"


def is_accepted(text: str, changes: tuple[str, ...] = ()) -> bool:
    """Whether a preset makes a timeline. A refusal is an error of the program's own, in few words.

    The rows of an accepted preset are settings in their ranges, and its recipe is the same preset.
    """
    try:
        preset = load_preset_text(text, "film.yaml", changes=changes)
        clock = preset.canvas.clock()
        timeline = preset.timeline(clock)
    except ZoomdreamError as error:
        refuse_unclear(str(error), quoted=8 * sum(map(len, changes)))
        return False
    for index in {0, 1, len(timeline) // 3, len(timeline) - 1} & set(range(len(timeline))):
        assert timeline[index].index == index
    preset.keyframe_warnings(clock)
    try:
        recipe = preset.recipe()
    except SourceError as error:  # a name that no file may have
        refuse_unclear(str(error), quoted=2 * len(text) + 8 * sum(map(len, changes)))
        return True
    assert same_film(preset, load_preset_text(recipe, "film.mp4"))
    return True


def same_film(one: Preset, other: Preset) -> bool:
    """Whether two presets describe one film, wherever their files lie: of a path, a recipe keeps the name."""
    alike = ("zoomdream", "canvas", "seed", "network", "camera", "color", "carry")
    first, second = ([getattr(preset.model, name) for name in alike] for preset in (one, other))
    return first == second and one.recipe() == other.recipe()
