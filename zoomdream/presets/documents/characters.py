"""Characters that look like others or like nothing: found where a mistake is, and named.

They are allowed: a file's name or a comment may hold any. Only a mistake that one of them has made names it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

# Letters that look like Latin ones, by their looks in common typefaces (Unicode's confusables.txt has more).
_CYRILLIC = dict(zip("АВЕЗІЈКМНОРСТУХаеіјорсухѕһԁԛԝүѵ", "ABE3IJKMHOPCTYXaeijopcyxshdqwyv", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαινοργ", "ABEZHIKMNOPTYXaivopy", strict=True))
_OTHER_LETTERS = {"ı": "i", "İ": "I", "ɡ": "g", "ǀ": "l"}
_LETTERS = {**_CYRILLIC, **_GREEK, **_OTHER_LETTERS}
_SIGNS = {
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‘’‚‛′`´‹›", "'"),
    **dict.fromkeys("‐‑‒–—―−﹣", "-"),
    **dict.fromkeys("∶꞉ː", ":"),
    "、": ",",
    "。": ".",
    **dict.fromkeys("\x85\u2028\u2029", "\n"),
}
_UNREADABLE = re.compile("[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")  # YAML 1.2
_CONTROL_NAMES = {"\x00": "NULL", "\x07": "BELL", "\x08": "BACKSPACE", "\x1b": "ESCAPE", "\x85": "NEXT LINE"}


class OddCharacter(NamedTuple):
    """A character that is not the one it seems to be."""

    position: int
    """In the text, from 0."""

    character: str

    plain: str
    """The one that was probably meant; empty: none, it is invisible."""

    @property
    def name(self) -> str:
        """Its name and number: `NO-BREAK SPACE (U+00A0)`."""
        return character_name(self.character)

    @property
    def sentence(self) -> str:
        """What it is, and what to type instead."""
        if not self.plain:
            return f"the invisible character {self.name} is here: remove it"
        if self.plain == " ":
            return f"the character {self.name} is here: type a plain space"
        if self.plain == "\n":
            return f"the character {self.name} is here: type a plain line break"
        return f"'{self.character}' is the character {self.name}: type a plain {self.plain}"


def character_name(character: str) -> str:
    """A character's Unicode name and number."""
    name = unicodedata.name(character, _CONTROL_NAMES.get(character, "control character"))
    return f"{name} (U+{ord(character):04X})"


def odd_characters(text: str) -> Iterator[OddCharacter]:
    """The characters of a text that look like others, or like nothing, in their order.

    Letters of other scripts count only in words of letters that all look Latin: `fіre8`, but not `фото`.
    """
    if text.isascii() and text.isprintable():
        return
    for word in re.finditer(r"\w+|\W", text):
        plain = [_plain(character) for character in word[0]]
        if all(character.isascii() or meant is not None for character, meant in zip(word[0], plain, strict=True)):
            for index, (character, meant) in enumerate(zip(word[0], plain, strict=True), word.start()):
                if meant is not None:
                    yield OddCharacter(index, character, meant)


def first_odd(text: str) -> OddCharacter | None:
    """The first of a text's odd characters."""
    return next(odd_characters(text), None)


def first_unreadable(text: str) -> OddCharacter | None:
    """The first character that no text may hold, such as NULL."""
    found = _UNREADABLE.search(text)
    return OddCharacter(found.start(), found[0], "") if found else None


def plain_text(text: str) -> str:
    """A text with the characters that were probably meant."""
    parts = list(text)
    for odd in odd_characters(text):
        parts[odd.position] = odd.plain
    return "".join(parts)


def visible_text(text: str) -> str:
    """A text in which invisible characters are seen: `<U+200B>steps`."""
    parts = list(text)
    for odd in odd_characters(text):
        if not odd.plain.strip():
            parts[odd.position] = f"<U+{ord(odd.character):04X}>"
    return "".join(parts)


def _plain(character: str) -> str | None:
    """What a character was probably meant to be; None where it is that itself."""
    if character.isascii():
        return "" if _UNREADABLE.match(character) else None
    if character in _LETTERS or character in _SIGNS:
        return _LETTERS.get(character) or _SIGNS[character]
    kind = unicodedata.category(character)
    if kind in ("Cf", "Cc"):
        return ""
    if kind == "Zs":
        return " "
    if kind == "Nd":
        return str(unicodedata.digit(character))
    compatible = unicodedata.normalize("NFKC", character)  # full-width forms, ligatures, letters of mathematics
    return compatible if compatible.isascii() and compatible.strip() else None
