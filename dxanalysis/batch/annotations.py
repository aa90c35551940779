"""Read the type annotations of a parameters cell, and say which values a notebook can hold to the letter."""

from __future__ import annotations

import ast
import math
import warnings
from typing import Any

SCALARS = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict, "tuple": list}
NO_LITERAL = (ValueError, SyntaxError, TypeError, RecursionError, MemoryError)  # what ast.literal_eval may raise


def literal(source: str | ast.expr) -> Any:
    """Evaluate a literal; Python's remarks on a stranger's spelling (``1or``) are nobody's business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return ast.literal_eval(source)


def is_plain(value: Any) -> bool:
    """Tell whether a value is text, a finite number, a truth value, nothing, or lists and mappings of such.

    What is written into a notebook must read back as itself; ``1e999`` would become the unknown name ``inf``.
    """
    if isinstance(value, list | tuple):
        return all(map(is_plain, value))
    if isinstance(value, dict):
        return all(map(is_plain, (*value, *value.values())))
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | int)


def annotated(node: ast.expr) -> tuple[tuple[str, ...], str, tuple[Any, ...]]:
    """Accepted types, type of the items and allowed values of an annotation; unknown ones accept everything."""
    if isinstance(node, ast.Constant):
        if node.value is None:
            return ("None",), "", ()
        return _quoted(str(node.value))
    if isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
        return (("list" if name == "tuple" else name,) if name in SCALARS else ()), "", ()
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([node.left, node.right])
    if isinstance(node, ast.Subscript):
        return _subscripted(node)
    return (), "", ()


def _quoted(annotation: str) -> tuple[tuple[str, ...], str, tuple[Any, ...]]:
    """Read an annotation written as text; one that is no Python says nothing."""
    try:
        return annotated(ast.parse(annotation, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return (), "", ()


def _subscripted(node: ast.Subscript) -> tuple[tuple[str, ...], str, tuple[Any, ...]]:
    name = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
    inside = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Literal":
        try:
            values = tuple(ast.literal_eval(part) for part in inside)
        except NO_LITERAL:
            return (), "", ()
        if not all(map(is_plain, values)):
            return (), "", ()
        return tuple(dict.fromkeys("None" if v is None else type(v).__name__ for v in values)), "", values
    if name == "Optional":
        return _union([*inside, ast.Constant(None)])
    if name == "Union":
        return _union(inside)
    if name.lower() in ("list", "tuple", "sequence") and inside:
        kinds = annotated(inside[0])[0]
        return ("list",), kinds[0] if len(kinds) == 1 else "", ()
    return (("dict",) if name.lower() in ("dict", "mapping") else ()), "", ()


def _union(parts: list[ast.expr]) -> tuple[tuple[str, ...], str, tuple[Any, ...]]:
    read = [annotated(part) for part in parts]
    if any(not kinds for kinds, _, _ in read):
        return (), "", ()
    kinds = tuple(dict.fromkeys(kind for kinds, _, _ in read for kind in kinds))
    allowed = tuple(value for _, _, values in read for value in values)
    if allowed and "None" in kinds and None not in allowed:
        allowed += (None,)
    return kinds, next((item for _, item, _ in read if item), ""), allowed
