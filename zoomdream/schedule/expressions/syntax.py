"""From an expression's text to Python's syntax tree of it, or to a sentence that says what is wrong and where.

The tree is a whitelist's: numbers, names, operators, comparisons, conditionals and calls of named functions. No other
node, and so no attribute, subscript, text, keyword argument or lambda, leaves this module; nothing is compiled or run.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from typing import NoReturn

from zoomdream.errors import SettingError, nearest
from zoomdream.schedule.expressions.functions import ANY_NUMBER, EXPRESSION, Language

LONGEST = 2000
"""Characters of an expression."""
MOST_NODES = 300
"""Numbers, names, operators and functions of an expression: then 10,000 frames take less than 50 ms."""
DEEPEST = 100
"""How deeply they are nested."""

_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Pow, ast.FloorDiv, ast.BitAnd, ast.BitOr)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_SIGNS = (ast.UAdd, ast.USub, ast.Not, ast.Invert)
_NODES = (ast.Constant, ast.Name, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call)
_STRANGE: Mapping[type[ast.expr], str] = {
    ast.Attribute: "a dot stands only in numbers",
    ast.Tuple: "here are several values, and one is needed",
}
_ALLOWED = re.compile(r"[A-Za-z0-9_ .+\-*/%()<>=!&|~,^]")
# What people write who know other languages, and what it is called here.
_FOREIGN = (
    (re.compile(r"&&"), "write 'and'"),
    (re.compile(r"\|\|"), "write 'or'"),
    (re.compile(r"!(?!=)"), "write 'not'"),
    (re.compile(r"(?<![<>=!])=(?!=)"), "to compare, write =="),
    (re.compile(r"\^"), "write ** for a power"),
    (re.compile(r"(?<![\w.])(?>(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?=[A-Za-z_])"), ""),
)
_WORDS_BEFORE_A_VALUE = ("and", "or", "not", "if", "else")


class ExpressionError(SettingError):
    """An expression that makes no sense, or whose value at a frame does not.

    `reason` is the message without the place, `text` what was written, `column` the mistake's in it, from 1.
    """

    def __init__(self, reason: str, text: str, column: int) -> None:
        super().__init__(f"column {column}: {reason}")
        self.reason = reason
        self.text = text
        self.column = column


def syntax_tree(text: str, language: Language) -> ast.expr:
    """The tree of an expression, whose columns are those of the text from 1 on. Raises ExpressionError."""
    _check_characters(text)
    _check_parentheses(text)
    try:
        # In parentheses, so that spaces before it are no indentation; they are balanced within the text.
        tree = ast.parse(f"({_with_choices(text)})", mode="eval").body
    except SyntaxError as error:
        _refuse_syntax(text, error)
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("this is too long or too deeply nested for an expression", text, 1) from None
    _Check(text, language).check(tree)
    return tree


def _check_characters(text: str) -> None:
    if len(text) > LONGEST:
        raise ExpressionError(f"an expression has at most {LONGEST} characters; here are {len(text)}", text, LONGEST)
    if not text.strip():
        raise ExpressionError("the expression is empty: write one, such as 1 + 0.1 * sin(time)", text, 1)
    for position, character in enumerate(text, 1):
        if not _ALLOWED.match(character) and character not in "\n\t\r":
            raise ExpressionError(_about_character(character), text, position)
    for pattern, advice in _FOREIGN:
        if found := pattern.search(text):
            number = f"write * between {found[0]} and what follows it"
            column = found.start() + 1 if advice else found.end() + 1
            raise ExpressionError(f"'{found[0]}' is no operator here: {advice}" if advice else number, text, column)


def _about_character(character: str) -> str:
    advice = {
        "'": "an expression holds no text",
        '"': "an expression holds no text",
        "#": "an expression holds no comment",
        "[": "write round parentheses",
        "{": "write round parentheses",
        "?": "a choice is if(condition, a, b)",
        ":": "a choice is if(condition, a, b)",
    }.get(character, "an expression holds numbers, names, + - * / % **, comparisons, and functions")
    return f"the character {character!r} has no place here: {advice}"


def _check_parentheses(text: str) -> None:
    opened: list[int] = []
    for position, character in enumerate(text, 1):
        if character == "(":
            opened.append(position)
            if len(opened) > DEEPEST:
                raise ExpressionError(f"parentheses are nested deeper than {DEEPEST} levels", text, position)
        elif character == ")":
            if not opened:
                raise ExpressionError("a parenthesis is closed here that was never opened", text, position)
            opened.pop()
    if opened:
        raise ExpressionError("this parenthesis is never closed", text, opened[-1])


def _with_choices(text: str) -> str:
    """The text with `if(` as a name that Python has no other use for, and line breaks as spaces; as long as before."""

    def renamed(found: re.Match[str]) -> str:
        before = re.search(r"(\w+|\S)\s*$", text[: found.start()])
        follows_a_value = before is not None and (before[1] == ")" or re.fullmatch(r"\w+", before[1]) is not None)
        is_conditional = follows_a_value and before is not None and before[1] not in _WORDS_BEFORE_A_VALUE
        return found[0] if is_conditional else found[0].replace("if", "IF")

    return re.sub(r"\bif\s*\(", renamed, re.sub(r"[\n\t\r]", " ", text))


def _refuse_syntax(text: str, error: SyntaxError) -> NoReturn:
    start, stop = ((offset or 0) - 1 for offset in (error.offset, error.end_offset))  # from 1, without "("
    if "comma" in error.msg:
        part = " ".join(text[start - 1 : stop - 1].split())
        raise ExpressionError(f"an operator or a comma is missing in '{part}'", text, max(start, 1))
    if "expected 'else'" in error.msg:
        raise ExpressionError("a choice needs both: a if condition else b", text, max(start, 1))
    if start > len(text.rstrip()) or not text[max(start, 1) - 1 :].strip():
        raise ExpressionError("the expression ends in the middle", text, len(text.rstrip()))
    word = re.match(r"\s*(\w+|\S)", text[max(start, 1) - 1 :])
    here = f"'{word[1]}'" if word else "this"
    reason = f"{here} cannot stand here: an operator or a value is missing, or one too many"
    raise ExpressionError(reason, text, max(start, 1))


class _Check:
    """Refuses whatever is not on the list."""

    def __init__(self, text: str, language: Language) -> None:
        self.text = text
        self.language = language
        self.nodes = 0

    def check(self, node: ast.expr, depth: int = 1) -> None:
        known = self.language.functions.get(function_name(node)) if isinstance(node, ast.Call) else None
        self.nodes += known.cost if known else 1
        if self.nodes > MOST_NODES:
            self._fail(node, f"an expression has at most {MOST_NODES} numbers, names, operators and functions")
        if depth > DEEPEST:
            self._fail(node, f"this is nested deeper than {DEEPEST} levels; parentheses make it flatter")
        if isinstance(node, ast.Tuple) and not node.elts:
            self._fail(node, "here are no values: write one between the parentheses")
        if not isinstance(node, _NODES):
            has = "an expression has numbers, names, operators, comparisons and functions"
            self._fail(node, f"{_STRANGE.get(type(node), 'this has no place here')}: {has}")
        if isinstance(node, ast.Constant):
            self._number(node)
        elif isinstance(node, ast.Name):
            self._name(node)
        elif isinstance(node, ast.Call):
            self._call(node)
        else:
            self._operator(node)
        for child in operands(node):
            self.check(child, depth + 1)

    def _number(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            self._fail(node, f"{node.value!r} has no place in an expression: write a number")
        try:
            is_finite = math.isfinite(float(node.value))
        except OverflowError:
            is_finite = False
        if not is_finite:
            self._fail(node, "this number is too large")

    def _name(self, node: ast.Name) -> None:
        names, functions = self.language.names, self.language.functions
        if node.id in names:
            return
        if node.id in functions:
            self._fail(node, f"'{node.id}' is a function: write {node.id}(...)")
        here = "" if self.language is EXPRESSION else f" in {self.language.name}"
        elsewhere = self.language is not EXPRESSION and node.id in EXPRESSION.names
        hint = f"; known: {', '.join(names)}; {{expr: ...}} knows it" if elsewhere else nearest(node.id, names)
        self._fail(node, f"there is no name '{node.id}'{here}{hint}")

    def _call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name):
            self._fail(node, "only a function stands before a parenthesis: write * to multiply")
        name = function_name(node)
        functions = self.language.functions
        if name not in functions:
            if name in self.language.names:
                self._fail(node, f"'{name}' is no function: write {name} * (...) to multiply")
            here = "" if self.language is EXPRESSION else f" in {self.language.name}"
            self._fail(node, f"there is no function '{name}'{here}{nearest(name, functions)}")
        function, count = functions[name], len(node.args)
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                self._fail(argument, "a * has no place before an argument")
        if node.keywords:
            self._fail(node.keywords[0].value, "arguments have no names here: write their values in order")
        if not function.least <= count <= function.most:
            most = "more" if function.most == ANY_NUMBER else str(function.most)
            takes = f"{function.least}" if function.least == function.most else f"{function.least} to {most}"
            takes = takes.replace("to more", "or more")
            self._fail(node, f"{name} takes {takes} argument{'s' * (takes != '1')}, and here are {count}")

    def _operator(self, node: ast.expr) -> None:
        if isinstance(node, ast.BinOp) and not isinstance(node.op, _OPERATORS):
            self._fail(node, "this operator has no place in an expression: there are + - * / // % ** & |")
        if isinstance(node, ast.Compare) and not all(isinstance(op, _COMPARISONS) for op in node.ops):
            self._fail(node, "this comparison has no place in an expression: there are < <= > >= == !=")
        if isinstance(node, ast.UnaryOp) and not isinstance(node.op, _SIGNS):
            self._fail(node, "this sign has no place in an expression")

    def _fail(self, node: ast.AST, reason: str) -> NoReturn:
        raise ExpressionError(reason, self.text, max(getattr(node, "col_offset", 1), 1))


def function_name(node: ast.Call) -> str:
    """The name of the function that is called, as `Language.functions` has it."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    return "if" if name == "IF" else name


def operands(node: ast.expr) -> list[ast.expr]:
    """The values that a node computes with."""
    match node:
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.BoolOp(values=values):
            return list(values)
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return [test, body, orelse]
        case ast.Call(args=arguments):
            return list(arguments)
    return []


def written(node: ast.expr, text: str) -> str:
    """A node as it stands in the text."""
    end = node.end_col_offset or len(text) + 1
    return " ".join(text[node.col_offset - 1 : end - 1].split())
