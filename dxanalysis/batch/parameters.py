"""Read what a notebook's ``parameters`` cell declares and hold the given values against it.

A parameters cell holds plain assignments of literals, with a type annotation where the literal does not say it::

    area: str = "quang-ninh"
    year: int = 2025
    lang: str = "vi"          # one of: vi, en
    threshold: float | None = None
    codes: list[str] = ["01"]
    sheet: str                # no value: must be given

Nothing of the notebook is executed to read it.
"""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ParameterError, did_you_mean, shown

_ORDER = ["None", "bool", "int", "float", "str", "list", "tuple", "dict"]
TRUE, FALSE, NOTHING = ("true", "True"), ("false", "False"), ("null", "None", "~")
CHOICE_COMMENT = re.compile(r"#\s*(?:one of|choices?|allowed)\s*:\s*(.+)$", re.IGNORECASE)
_LONGEST_NUMBER = 400  # more digits say nothing a number can hold


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


@dataclass(frozen=True)
class Parameter:
    """Describe one parameter of a notebook.

    Attributes
    ----------
    name : str
        Name of the variable.
    kinds : tuple of str
        Accepted types out of str, int, float, bool, list, dict, None; empty when nothing is known.
    default : object
        Value in the cell; meaningless when `required`.
    required : bool
        True for an annotation without a value (``sheet: str``).
    allowed : tuple
        Allowed values; empty when any value of the type will do.
    item : str
        Type of the items of a list, or "".
    """

    name: str
    kinds: tuple[str, ...]
    default: Any = None
    required: bool = False
    allowed: tuple[Any, ...] = ()
    item: str = ""


def read_parameters(source: str, notebook: str = "notebook") -> dict[str, Parameter]:
    """Return the parameters that the source of a parameters cell declares, in order.

    Parameters
    ----------
    source : str
        Text of the cell tagged ``parameters``.
    notebook : str
        Name used in messages.

    Raises
    ------
    ParameterError
        When the cell holds anything but assignments of literals.

    Examples
    --------
    >>> cell = 'area: str = "01"\\nlang = "vi"  # one of: vi, en'
    >>> [(p.name, p.kinds, p.allowed) for p in read_parameters(cell).values()]
    [('area', ('str',), ()), ('lang', ('str',), ('vi', 'en'))]
    >>> read_parameters("year = max(1, 2)", "n.ipynb")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    dxanalysis.batch.errors.ParameterError: n.ipynb: parameter 'year' is not a literal in line 1 ...
    """
    tree = _parsed(source, notebook)
    comments = _choice_comments(source)
    found: dict[str, Parameter] = {}
    try:
        for statement in tree.body:
            found |= {parameter.name: parameter for parameter in _declared(statement, notebook, comments)}
    except RecursionError as error:
        raise ParameterError(f"{notebook}: the parameters cell nests too deeply. Write plain values.") from error
    return found


def check(declared: Mapping[str, Parameter], given: Mapping[str, Any], notebook: str = "notebook") -> dict[str, Any]:
    """Return all parameters of a run: the given ones checked, the others at their defaults.

    Raises
    ------
    ParameterError
        For a name the notebook does not declare, a value of another type or not allowed, and a missing value.

    Examples
    --------
    >>> declared = read_parameters('area = "a"\\nyear = 2025')
    >>> check(declared, {"area": "01"})
    {'area': '01', 'year': 2025}
    >>> check(declared, {"aera": "01"}, "n.ipynb")
    Traceback (most recent call last):
        ...
    dxanalysis.batch.errors.ParameterError: n.ipynb has no parameter 'aera'. Did you mean 'area'? It has: area, year.
    """
    for name in given:
        if name not in declared:
            hint = did_you_mean(name, declared)
            raise ParameterError(f"{notebook} has no parameter {name!r}.{hint} It has: {shown(declared) or 'none'}.")
    return {name: _value(parameter, given, notebook) for name, parameter in declared.items()}


def from_text(parameter: Parameter, text: Any, notebook: str = "notebook") -> Any:
    """Turn text from a command line or YAML file into a value of the parameter's own type.

    A string parameter keeps its text to the letter: ``01`` stays ``01`` and ``NO`` stays ``NO``.

    Examples
    --------
    >>> [from_text(Parameter("x", (kind,)), "01") for kind in ("str", "int", "float")]
    ['01', 1, 1.0]
    >>> from_text(Parameter("year", ("int",)), "2O25", "n.ipynb")
    Traceback (most recent call last):
        ...
    dxanalysis.batch.errors.ParameterError: n.ipynb: parameter 'year' must be int, got '2O25'.
    """
    if isinstance(text, list):
        return [
            from_text(Parameter(parameter.name, (parameter.item,) if parameter.item else ()), t, notebook) for t in text
        ]
    if not isinstance(text, str) or not parameter.kinds:
        return text
    for kind in sorted(parameter.kinds, key=_ORDER.index):
        known, value = _read_as(kind, text)
        if known and not ("str" in parameter.kinds and kind in ("int", "float") and str(value) != text):
            return value  # in a "str | int" parameter 01 stays text, for the number 1 would lose the zero
    raise _mistyped(parameter, text, notebook)


def _read_as(kind: str, text: str) -> tuple[bool, Any]:
    if kind == "str":
        return True, text
    if kind == "None":
        return text in NOTHING, None
    if kind == "bool":
        return text in TRUE + FALSE, text in TRUE
    if kind in ("int", "float"):
        return _number(kind, text)
    try:
        value = literal(text)
    except NO_LITERAL:
        return False, None
    value = list(value) if isinstance(value, tuple) else value
    return isinstance(value, SCALARS[kind]) and is_plain(value), value


def _number(kind: str, text: str) -> tuple[bool, Any]:
    pattern = r"[+-]?\d+" if kind == "int" else r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
    if len(text) > _LONGEST_NUMBER or not re.fullmatch(pattern, text, re.ASCII):  # whose time grows with the square
        return False, None
    value = SCALARS[kind](text)
    return not isinstance(value, float) or math.isfinite(value), value


def _value(parameter: Parameter, given: Mapping[str, Any], notebook: str) -> Any:
    if parameter.name not in given:
        if parameter.required:
            raise ParameterError(
                f"{notebook} needs parameter {parameter.name!r} ({_kinds(parameter)}), which has no default. "
                "Give it a value."
            )
        return parameter.default
    value = given[parameter.name]
    if not is_plain(value):
        raise ParameterError(
            f"{notebook}: parameter {parameter.name!r} cannot be {value!r}: a notebook cannot hold it to the letter. "
            "Give text, a finite number, True, False, None, or lists and mappings of such."
        )
    if parameter.kinds and not any(_is(kind, value) for kind in parameter.kinds):
        raise _mistyped(parameter, value, notebook)
    if parameter.kinds == ("float",):
        value = _as_float(parameter, value, notebook)
    if parameter.item and not all(_is(parameter.item, item) for item in value or ()):
        raise ParameterError(
            f"{notebook}: every item of parameter {parameter.name!r} must be {parameter.item}, got {value!r}."
        )
    if parameter.allowed and value not in parameter.allowed:
        hint = did_you_mean(str(value), map(str, parameter.allowed))
        raise ParameterError(
            f"{notebook}: parameter {parameter.name!r} cannot be {value!r}.{hint} Allowed: {shown(parameter.allowed)}."
        )
    return list(value) if isinstance(value, tuple) else value


def _as_float(parameter: Parameter, value: Any, notebook: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise _mistyped(parameter, value, notebook) from None


def _is(kind: str, value: Any) -> bool:
    if kind == "None":
        return value is None
    if kind in ("int", "float"):
        numbers = (int,) if kind == "int" else (int, float)
        return isinstance(value, numbers) and not isinstance(value, bool)
    return isinstance(value, (list, tuple) if kind == "list" else SCALARS[kind])


def _kinds(parameter: Parameter) -> str:
    return " or ".join(parameter.kinds)


def _mistyped(parameter: Parameter, value: Any, notebook: str) -> ParameterError:
    return ParameterError(f"{notebook}: parameter {parameter.name!r} must be {_kinds(parameter)}, got {value!r}.")


def _parsed(source: str, notebook: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's remarks on a stranger's spelling are nobody's business here
            return ast.parse(source)
    except SyntaxError as error:
        raise ParameterError(
            f"{notebook}: the parameters cell is not Python: {error.msg} in line {error.lineno}."
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:  # null characters; brackets nested too deeply
        why = str(error) or "it nests too deeply"
        raise ParameterError(f"{notebook}: the parameters cell is not Python: {why}. Write plain values.") from error


def _choice_comments(source: str) -> dict[int, str]:
    """Line number -> the text after ``# one of:`` in that line."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and (match := CHOICE_COMMENT.match(token.string)):
            found[token.start[0]] = match[1]
    return found


def _declared(statement: ast.stmt, notebook: str, comments: Mapping[int, str]) -> list[Parameter]:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return []  # a string standing alone is a comment
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return []  # an annotation may need typing
    if isinstance(statement, ast.Assign) and all(isinstance(target, ast.Name) for target in statement.targets):
        names, annotation = [target.id for target in statement.targets], None
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        names, annotation = [statement.target.id], statement.annotation
    else:
        raise ParameterError(
            f"{notebook}: line {statement.lineno} of the parameters cell is not an assignment. "
            "Keep only lines such as year = 2025."
        )
    return [_parameter(name, annotation, statement, notebook, comments) for name in names]


def _parameter(
    name: str, annotation: ast.expr | None, statement: Any, notebook: str, comments: Mapping[int, str]
) -> Parameter:
    required = statement.value is None
    default = None if required else _literal(statement.value, name, notebook)
    kinds, item, allowed = annotated(annotation) if annotation is not None else (_kind_of(default), "", ())
    if annotation is not None and default is None and not required and kinds and "None" not in kinds:
        kinds += ("None",)
    comment = comments.get(statement.end_lineno)
    if comment and not allowed:
        bare = Parameter(name, kinds)
        allowed = tuple(from_text(bare, word.strip().strip("\"'"), notebook) for word in comment.split(","))
    parameter = Parameter(name, kinds, default, required, allowed, item)
    if not required:
        _value(parameter, {name: default}, notebook)  # a default that breaks its own rule is found here
    return parameter


def _literal(node: ast.expr, name: str, notebook: str) -> Any:
    try:
        value = literal(node)
    except NO_LITERAL as error:
        raise ParameterError(_no_literal(name, node, notebook)) from error
    if not is_plain(value):
        raise ParameterError(_no_literal(name, node, notebook))
    return list(value) if isinstance(value, tuple) else value


def _no_literal(name: str, node: ast.expr, notebook: str) -> str:
    return (
        f"{notebook}: parameter {name!r} is not a literal in line {node.lineno} of the parameters cell. "
        'Write a plain value such as 2025 or "vi".'
    )


def _kind_of(value: Any) -> tuple[str, ...]:
    return () if value is None else (type(value).__name__,)
