"""Facts about source files, read from their syntax trees: lengths, docstrings, private names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def parse_modules(folder: Path) -> dict[Path, ast.Module]:
    """The syntax tree of every Python file under a folder."""
    return {path: ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in sorted(folder.rglob("*.py"))}


def function_lengths(tree: ast.Module) -> dict[str, int]:
    """Lines of every function from its `def` to its end, docstring included, by name and line."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {f"{f.name} (line {f.lineno})": (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions}


def without_docstring(tree: ast.Module) -> list[str]:
    """Public functions and classes of a module, and public methods of its public classes, that have no docstring."""
    return [
        f"{name} (line {node.lineno})"
        for name, node in _public_definitions(tree.body)
        if ast.get_docstring(node) is None and not _assigns_docstring(node)
    ]


def _assigns_docstring(node: Definition) -> bool:
    """Whether a class takes its docstring from elsewhere: `__doc__ = Settings.__doc__`."""
    assigned = (target for inner in node.body if isinstance(inner, ast.Assign) for target in inner.targets)
    return any(isinstance(target, ast.Name) and target.id == "__doc__" for target in assigned)


def _public_definitions(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Definition]]:
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public_definitions(node.body, f"{node.name}.")


def is_private(name: str) -> bool:
    """Whether a name has one leading underscore: `__all__` and `_` are not private."""
    return name.startswith("_") and name.strip("_") != "" and not name.startswith("__")


def private_names(tree: ast.Module, package: str = "zoomdream") -> list[str]:
    """Private names of a package that a module uses: imported, as attributes, or in the strings of a monkeypatch.

    An attribute counts where the value it is taken from was imported from the package: `Film._x`, `prepare(...)._x`,
    `film._x` after `film = prepare(...)`.
    """
    if not any(_may_be_private(node, package) for node in ast.walk(tree)):
        return []  # as nearly all, which need no look at every name
    names = _names_from(tree, package)
    return [f"{private} (line {line})" for private, line in _uses(tree, package, names)]


def _may_be_private(node: ast.AST, package: str) -> bool:
    """Whether a node uses a private name of the package, or would if it took it from there."""
    match node:
        case ast.ImportFrom():
            parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            return parts[0] == package and any(map(is_private, parts))
        case ast.Attribute():
            return is_private(node.attr)
        case ast.Constant(value=str(text)):
            return is_private(text.split(".")[-1])
    return False


def _names_from(tree: ast.Module, package: str) -> set[str]:
    """Names that hold something of the package: imports, what is assigned from them, arguments annotated with them."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package:
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {(alias.asname or package) for alias in node.names if alias.name.split(".")[0] == package}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _mentions(node.value, names):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.arg) and node.annotation is not None and _mentions(node.annotation, names):
            names.add(node.arg)
    return names


def _mentions(node: ast.expr, names: set[str]) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id in names for inner in ast.walk(node))


def _uses(tree: ast.Module, package: str, names: set[str]) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package:
            parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from ((part, node.lineno) for part in parts if is_private(part))
        elif isinstance(node, ast.Attribute) and is_private(node.attr) and _mentions(node.value, names):
            yield node.attr, node.lineno
        elif isinstance(node, ast.Call):
            strings = _strings(node, package, names)
            yield from ((text, node.lineno) for text in strings if is_private(text.split(".")[-1]))


def _strings(call: ast.Call, package: str, names: set[str]) -> Iterator[str]:
    """Strings that name an attribute: `setattr("zoomdream.films._x", ...)`, `setattr(film, "_x", ...)`."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in {"setattr", "getattr", "delattr", "hasattr"}:
        return
    match call.args:
        case [ast.Constant(value=str(path)), *_] if path.split(".")[0] == package:
            yield path
        case [target, ast.Constant(value=str(attribute)), *_] if _mentions(target, names):
            yield attribute
