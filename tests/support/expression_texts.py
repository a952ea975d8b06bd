"""Expressions by chance: right ones from the grammar, and damaged ones."""

from __future__ import annotations

from random import Random

from zoomdream.schedule.expressions.functions import ANY_NUMBER, EXPRESSION, Language

HOSTILE = (
    "__import__('os').system('true')",
    "time.__class__.__mro__",
    "time.tofile('x')",
    "(lambda: 1)()",
    "[x for x in ()]",
    "{**time}",
    "f'{time}'",
    "9**9**9**9**9",
    "time[0]",
    "eval(time)",
    "exec",
    "sin(*time)",
    "sin(x=time)",
    "(x := 1)",
    "await time",
    "yield",
    "print",
    "...",
    "1j",
    "0x7fffffffffffffffffff",
    "1e999999999",
    "None",
    "True",
    "__builtins__",
    "globals()",
    "a\x00b",
    "\\N{DIGIT ONE}",
    "ｓｉｎ(1)",
    "\ud800",
)


def expression_text(rng: Random, language: Language = EXPRESSION, depth: int = 4) -> str:
    """An expression that the grammar allows."""
    if depth == 0 or rng.random() < 0.2:
        names = [name for name in language.names if name not in ("width", "height")]
        return rng.choice([rng.choice(names), rng.choice(names), f"{rng.uniform(-9, 9):.2f}", str(rng.randrange(99))])

    def part() -> str:
        return expression_text(rng, language, depth - 1)

    match rng.randrange(8):
        case 0:
            return f"-{part()}" if rng.random() < 0.5 else f"(not {part()})"
        case 1:
            return f"({part()} {rng.choice(['<', '<=', '>', '>=', '==', '!='])} {part()})"
        case 2:
            return f"({part()} {rng.choice(['and', 'or', '&', '|'])} {part()})"
        case 3:
            return f"({part()} if {part()} else {part()})"
        case 4 | 5:
            name, function = rng.choice(list(language.functions.items()))
            most = 4 if function.most == ANY_NUMBER else function.most
            return f"{name}({', '.join(part() for _ in range(rng.randint(function.least, most)))})"
    return f"({part()} {rng.choice(['+', '-', '*', '/', '%', '**', '//'])} {part()})"


def damaged_text(rng: Random) -> str:
    """An expression with characters changed, or one that nobody should evaluate."""
    text = rng.choice(HOSTILE) if rng.random() < 0.3 else expression_text(rng)
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(text) + 1)
        text = (
            text[:at]
            + rng.choice(["(", ")", ".", ",", "'", " if ", "**", "_", "e", "\n", "é", "", "="])
            + text[at + 1 :]
        )
    return text
