"""Text that is no YAML: where it stops being so, and why, in words."""

from __future__ import annotations

from collections.abc import Sequence

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from zoomdream.presets.documents.characters import OddCharacter, first_odd, plain_text
from zoomdream.presets.documents.text_positions import LINE_END, line_start, place
from zoomdream.schedule.deforum_strings import is_deforum

_MOST_REREAD = 200_000  # characters that are read again to find the one to blame
_MOST_SUSPECTS = 5


def syntax_error(text: str, name: str, error: MarkedYAMLError) -> str:
    """Where text is no YAML and why; an odd character first that is to blame."""
    mark = error.problem_mark or error.context_mark
    message = syntax_message(error)
    if mark is None:
        return f"{name}: {message}"
    odd = _to_blame(text, mark.line)
    if odd is not None:
        return f"{place(text, name, odd.position)}: {odd.sentence}; {message}"
    column = f":{mark.column + 1}" if r"'\t'" in str(error.problem) else ""  # a tab is not seen
    return f"{name}:{mark.line + 1}{column}: {message}"


def _to_blame(text: str, line: int) -> OddCharacter | None:
    """The odd character without which the text is YAML for longer than to a line, counted from 0."""
    lines = LINE_END.split(text)
    if text.isascii() or len(text) > _MOST_REREAD:
        return None
    suspects = [number for number in range(line, -1, -1) if number < len(lines) and first_odd(lines[number])]
    for number in suspects[:_MOST_SUSPECTS]:
        repaired = [*lines[:number], plain_text(lines[number]), *lines[number + 1 :]]
        if _first_error(repaired) > line:
            odd = first_odd(lines[number])
            assert odd is not None
            return odd._replace(position=line_start(text, number + 1) + odd.position)
    return None


def _first_error(lines: Sequence[str]) -> int:
    """The line, from 0, of the first mistake of syntax; past the end without one."""
    try:
        YAML(typ="safe", pure=True).compose("\n".join(lines))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return mark.line if mark else 0
    except (YAMLError, RecursionError):
        return 0
    return len(lines) + 1


def syntax_message(error: MarkedYAMLError) -> str:
    """What is wrong with text that is no YAML."""
    problem = " ".join(str(error.problem or error.context).split())
    if r"'\t'" in problem:
        return "there is a tab: YAML is indented with spaces"
    if "mapping values are not allowed" in problem and _deforum_in_line(error):
        return 'a Deforum string goes in quotes: "0:(1), 60:(1.05)"'
    if "mapping values are not allowed" in problem:
        return "a colon too many, or a line indented too far: quote a text that contains ': '"
    if "stream end" in problem or "end of stream" in problem:
        return "the text ends in the middle: a bracket, a brace or a quote is not closed"
    if "another document" in problem:
        return "a second document begins here ('---'): a preset is one"
    return f"this is not YAML: {problem}"


def _deforum_in_line(error: MarkedYAMLError) -> bool:
    """Whether there is a Deforum string without quotes in the line of a mistake."""
    mark = error.problem_mark
    line = mark.buffer[: mark.pointer].rpartition("\n")[2] if mark is not None and mark.buffer else ""
    return is_deforum(line.partition(":")[2] + ":")
