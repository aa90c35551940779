"""Spell out which notebooks run with which parameters, and name the folder of every run."""

from __future__ import annotations

import hashlib
import itertools
import keyword
import math
import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from .errors import BatchError, ParameterError, did_you_mean, shown
from .notebooks import Notebook
from .parameters import Parameter, check, from_text

Template = str | Callable[[str, Mapping[str, Any]], str]
SIGNS = frozenset('/\\:*?"<>|%')
RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
LONGEST = 120  # bytes; a file name may have 255, and the suffixes share one name


KEYS = ("notebooks", "parameters", "runs", "per_notebook", "exclude")
MOST_RUNS, MOST_COMPARED = 1_000_000, 2_000_000
MOST_TEXT, MOST_DEPTH = 500_000, 50
RANGE = re.compile(r"^\s*(-?\d{1,18})\s*(?:-|\.\.|:|–)\s*(-?\d{1,18})\s*$", re.ASCII)
LONGEST_RANGE = 10_000


@dataclass(frozen=True)
class Matrix:
    """Hold notebooks and the parameters they run with.

    Attributes
    ----------
    notebooks : tuple of str
        Files, relative to the current folder.
    parameters : mapping
        Parameter -> value, list of values or, for an int, a range such as ``"2021-2025"``: all combinations run.
    runs : tuple of mappings
        Single combinations to run in place of, or each of them combined with, `parameters`.
    per_notebook : mapping
        Notebook name -> `parameters` that only this notebook takes, or takes instead.
    exclude : tuple of mappings
        Combinations not to run; ``notebook`` may be one of the names.
    name : str
        Name in the file it came from.
    """

    notebooks: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    runs: tuple[Mapping[str, Any], ...] = ()
    per_notebook: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    exclude: tuple[Mapping[str, Any], ...] = ()
    name: str = ""


def read_matrix(path: str | Path) -> dict[str, Matrix]:
    """Read the matrices of a YAML file, by name.

    Every value is text until a notebook's parameters cell gives it a type, so the code ``01`` and the word ``NO``
    need no quotes. Notebooks are files relative to the YAML file; the ending may be left out.

    ::

        default:
          notebooks: [10_trend, 30_attainment]
          parameters: {area: quang-ninh, year: 2021-2025}
        all-provinces:
          notebooks: [30_attainment]
          parameters: {area: [quang-ninh, hai-phong], year: [2025]}
          exclude: [{area: hai-phong, year: 2025}]

    Raises
    ------
    BatchError
        For a missing file, wrong YAML or a key that is not known.
    """
    import yaml

    path = Path(path)
    try:
        content = _document(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError as error:
        cure = "Write one, or name notebooks and parameters"
        raise BatchError(f"There is no matrix file {path.name} in {path.parent.absolute()}. {cure}.") from error
    except UnicodeDecodeError as error:
        raise BatchError(
            f"{path} is not text in UTF-8 ({error.reason} at byte {error.start}). Save it as UTF-8."
        ) from error
    except BatchError:
        raise
    except (yaml.YAMLError, ValueError) as error:
        raise BatchError(f"{path} is not YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(content, dict) or not all(isinstance(part, dict) for part in content.values()):
        raise BatchError(f"{path} must hold one mapping per matrix, with keys {shown(KEYS)}.")
    return {str(name): _matrix(str(name), part, path) for name, part in content.items()}


def combinations(matrix: Matrix, notebook: Notebook) -> list[dict[str, Any]]:
    """Return the checked parameters of every run of one notebook of a matrix.

    Raises
    ------
    ParameterError
        When a parameter is unknown to the notebook, missing, or of another type.
    """
    axes = {**matrix.parameters, **matrix.per_notebook.get(notebook.name, {})}
    if not notebook.has_cell:
        names = dict.fromkeys([*axes, *(name for row in matrix.runs for name in row)])
        notebook = replace(notebook, declared={name: Parameter(_identifier(name, notebook), ()) for name in names})
    _refuse_unknown(notebook, axes)
    lists = {name: spread(notebook.declared[name], values, notebook.name) for name, values in axes.items()}
    refuse_too_many(math.prod(map(len, lists.values())) * max(1, len(matrix.runs)), notebook.name)
    products = [dict(zip(lists, values, strict=True)) for values in itertools.product(*lists.values())]
    rows = [_typed(notebook, row) for row in matrix.runs] or [{}]
    checked = [check(notebook.declared, {**product, **row}, notebook.name) for product in products for row in rows]
    rules = [_rule(notebook, rule) for rule in matrix.exclude if _concerns(rule, notebook)]
    runs = _distinct(checked)
    if len(runs) * len(rules) > MOST_COMPARED:
        raise BatchError(f"{notebook.name}: {len(runs):,} runs against {len(rules):,} exclusions take too long to "
                         "compare. Write fewer exclusions with lists of values, or fewer runs.")
    return [run for run in runs if not any(_fits(rule, run) for rule in rules)]


def _identifier(name: str, notebook: Notebook) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ParameterError(f"{notebook.name}: {name!r} is no name of a variable. Give parameters such as year=2025.")
    return name


def refuse_too_many(runs: int, what: str = "The batch") -> None:
    """Raise when there are more runs than fit into a batch; asked before any of them is built."""
    if runs > MOST_RUNS:
        raise BatchError(f"{what} would run {runs:,} times; at most {MOST_RUNS:,} fit into a batch. Ask for less.")


def check_exclusions(matrix: Matrix, notebooks: Iterable[Notebook]) -> None:
    """Raise when an exclusion names a parameter that none of the notebooks has: it would exclude nothing."""
    known = {"notebook", *(name for notebook in notebooks for name in notebook.declared)}
    for rule in matrix.exclude:
        for name in rule:
            if name not in known:
                raise BatchError(
                    f"An exclusion names {name!r}, which no notebook has.{did_you_mean(name, known)} "
                    f"Names: {shown(sorted(known))}."
                )


def as_matrices(notebooks: Any, parameters: Any) -> list[Matrix]:
    """Return what the caller gave as a list of matrices.

    `notebooks` is a matrix, several, one notebook or several; `parameters` a mapping of lists (all combinations), or
    a list of mappings (one run each).
    """
    if isinstance(notebooks, Matrix):
        return [notebooks]
    if isinstance(notebooks, str | Path):
        notebooks = [notebooks]
    notebooks = list(notebooks)
    if notebooks and all(isinstance(part, Matrix) for part in notebooks):
        return notebooks
    names = tuple(str(part) for part in notebooks)
    if parameters is None or isinstance(parameters, Mapping):
        return [Matrix(names, parameters or {})]
    return [Matrix(names, runs=tuple(parameters))]


def _matrix(name: str, part: Mapping[str, Any], path: Path) -> Matrix:
    for key in part:
        if key not in KEYS:
            raise BatchError(
                f"{path}: matrix {name!r} has an unknown key {key!r}.{did_you_mean(key, KEYS)} Keys: {shown(KEYS)}."
            )
    notebooks = _listed(part.get("notebooks", ()))
    if not notebooks:
        raise BatchError(f"{path}: matrix {name!r} names no notebooks. Add notebooks: [...].")
    for wrong in [notebook for notebook in notebooks if not isinstance(notebook, str)]:
        raise BatchError(f"{path}: matrix {name!r} takes names of notebooks, got {wrong!r}.")
    for key in ("parameters", "per_notebook"):
        _refuse_no_mapping(part.get(key) or {}, key, name, path)
    for key, rows in ((key, part.get(key) or {}) for key in ("runs", "exclude", "per_notebook")):
        for row in rows.values() if key == "per_notebook" else _listed(rows):
            _refuse_no_mapping(row, key, name, path)
    files = tuple(str(path.parent / (n if n.endswith(".ipynb") else f"{n}.ipynb")) for n in notebooks)
    return Matrix(
        files,
        part.get("parameters") or {},
        tuple(_listed(part.get("runs") or ())),
        part.get("per_notebook") or {},
        tuple(_listed(part.get("exclude") or ())),
        name,
    )


def _document(text: str, path: Path) -> Any:
    """Return what a YAML text holds, as text, lists and mappings only: nothing is executed and nothing is guessed.

    Refused are aliases (aliases of aliases spell out to gigabytes), a key that stands twice in one mapping, since YAML
    readers take the last one and say nothing, and what no matrix needs: a second document, long texts, deep nesting.
    """
    import yaml

    costly = f"{path} nests deeper than {MOST_DEPTH} levels or has more than {MOST_TEXT:,} characters. "
    costly += f"Write {shown(KEYS)} as short lists and values."
    if len(text) > MOST_TEXT:
        raise BatchError(costly)
    parts: list[list[tuple[Any, int]]] = [[]]  # of each list and mapping that is open: values and their lines
    for event in yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise BatchError(f"{path} refers back with an alias (*{event.anchor}). Write out what it stands for.")
        if isinstance(event, yaml.DocumentStartEvent) and parts[0]:
            raise BatchError(f"{path} holds a second document from line {line}. Write one document per file.")
        if len(parts) > MOST_DEPTH:
            raise BatchError(costly)
        if isinstance(event, yaml.CollectionStartEvent):
            parts.append([])
        elif isinstance(event, yaml.ScalarEvent):
            parts[-1].append((event.value, line))
        elif isinstance(event, yaml.SequenceEndEvent):
            ended = [value for value, _ in parts.pop()]
            parts[-1].append((ended, line))
        elif isinstance(event, yaml.MappingEndEvent):
            pairs = parts.pop()
            parts[-1].append((_pairs(pairs[::2], pairs[1::2], path), line))
    return parts[0][0][0] if parts[0] else None


def _pairs(keys: Sequence[tuple[Any, int]], values: Iterable[tuple[Any, int]], path: Path) -> dict[str, Any]:
    lines: dict[str, int] = {}
    for key, line in keys:
        if not isinstance(key, str):
            raise BatchError(f"{path}: the key in line {line} is a list or a mapping. Keys are names.")
        if key in lines:
            raise BatchError(f"{path}: {key!r} stands twice, in lines {lines[key]} and {line}. Keep one.")
        lines[key] = line
    return dict(zip(lines, (value for value, _ in values), strict=True))


def _refuse_no_mapping(value: Any, key: str, name: str, path: Path) -> None:
    if not isinstance(value, Mapping):
        raise BatchError(f"{path}: matrix {name!r}: {key} takes NAME: VALUE pairs, got {str(value)[:60]!r}.")


def _listed(value: Any) -> Sequence[Any]:
    return [value] if isinstance(value, str | Mapping) else list(value or ())


def _typed(notebook: Notebook, row: Mapping[str, Any]) -> dict[str, Any]:
    _refuse_unknown(notebook, row)
    return {name: from_text(notebook.declared[name], value, notebook.name) for name, value in row.items()}


def _refuse_unknown(notebook: Notebook, names: Iterable[str]) -> None:
    unknown = {name: None for name in names if name not in notebook.declared}
    if unknown:
        check(notebook.declared, unknown, notebook.name)


def _rule(notebook: Notebook, rule: Mapping[str, Any]) -> dict[str, list[Any]]:
    named = {name: values for name, values in rule.items() if name != "notebook"}
    return {name: spread(notebook.declared[name], values, notebook.name) for name, values in named.items()}


def _concerns(rule: Mapping[str, Any], notebook: Notebook) -> bool:
    named = [name for name in rule if name != "notebook"]
    return notebook.name in _listed(rule.get("notebook", notebook.name)) and all(n in notebook.declared for n in named)


def _fits(rule: Mapping[str, list[Any]], run: Mapping[str, Any]) -> bool:
    return all(run[name] in values for name, values in rule.items())


def _distinct(runs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({repr(sorted(run.items(), key=lambda item: item[0])): run for run in runs}.values())


def safe(value: Any) -> str:
    """Write a value so that it can be part of a file name everywhere, and two values never look the same.

    Examples
    --------
    >>> safe("Quảng Ninh"), safe("a/b"), safe(2.5), safe(["01", "02"]), safe(""), safe("..")
    ('Quảng Ninh', 'a%2Fb', '2.5', '01,02', '%', '%2E%2E')
    """
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    text = unicodedata.normalize("NFC", text)
    # What is not printable a terminal obeys or a reader cannot see: control characters, marks of direction or no width.
    text = "".join(c if c.isprintable() and c not in SIGNS else f"%{ord(c):02X}" for c in text) or "%"
    if text.startswith((".", "-", "_")) or text.endswith((".", " ")):
        text = re.sub(r"^[._-]+|[. ]+$", lambda found: "".join(f"%{ord(c):02X}" for c in found[0]), text)
    if RESERVED.match(text):
        text = f"%{ord(text[0]):02X}{text[1:]}"
    return _short(text)


def folder_name(template: Template, notebook: str, parameters: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """Return the folder of a run, relative to the output folder.

    Parameters
    ----------
    template : str or function
        ``"{area}/{year}/{notebook}"``; fields are parameters or ``notebook`` (its name without the ending).
        A function takes the notebook's name and the parameters and returns such a text.
    notebook : str
        Name of the notebook without the ending.
    parameters, defaults : mapping
        All parameters of the run, and what the notebook itself would use.

    Returns
    -------
    str
        The filled template; every other parameter that differs from its default follows as ``--name=value``.

    Examples
    --------
    >>> defaults = {"area": "quang-ninh", "year": 2025, "lang": "vi", "as_of": "latest"}
    >>> folder_name("{area}/{year}/{notebook}", "30_attainment", defaults | {"as_of": "2023-12-31"}, defaults)
    'quang-ninh/2025/30_attainment--as_of=2023-12-31'
    >>> folder_name("{town}/{notebook}", "n", {"year": 1}, {})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    dxanalysis.batch.errors.BatchError: ... asks for 'town', which n does not have. Its fields may be: notebook, year.
    """
    if callable(template):
        template = template(notebook, parameters)
    values = {"notebook": notebook, **parameters}
    used = [field for _, field, _, _ in string.Formatter().parse(template) if field is not None]
    for name in used:
        if name not in values:
            raise BatchError(
                f"The template {template!r} asks for {name!r}, which {notebook} does not have. "
                f"Its fields may be: {shown(values)}."
            )
    filled = template.format(**{name: safe(value) for name, value in values.items()})
    others = {name: value for name, value in parameters.items() if name not in used and value != defaults.get(name)}
    path = PurePosixPath(filled + _short("".join(f"--{name}={safe(value)}" for name, value in others.items())))
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise BatchError(
            f"The template {template!r} leads to {str(path)!r}, outside the output folder. Write a relative path."
        )
    return str(path)


def _short(text: str) -> str:
    """Cut a long name and put a digest of the whole at its end, so that two long names still differ."""
    data = text.encode()
    if len(data) <= LONGEST:
        return text
    return data[: LONGEST - 13].decode(errors="ignore") + "~" + hashlib.sha256(data).hexdigest()[:12]


def spread(parameter: Parameter, values: Any, notebook: str = "notebook") -> list[Any]:
    """Return the list of values one axis of a matrix stands for.

    A scalar is a list of one; for an int parameter ``2021-2025`` (or ``2021..2025``) counts up; a list parameter
    takes a list of lists.

    >>> spread(Parameter("year", ("int",)), "2021-2023")
    [2021, 2022, 2023]
    >>> spread(Parameter("code", ("str",)), ["01", "2021-2023"])
    ['01', '2021-2023']
    """
    if not isinstance(values, list | tuple | range) or ("list" in parameter.kinds and not _nested(values)):
        values = [values]
    spread_values: list[Any] = []
    for value in values:
        counted = _range(parameter, value, notebook)
        spread_values += counted if counted is not None else [from_text(parameter, value, notebook)]
    return spread_values


def _nested(values: Iterable[Any]) -> bool:
    return all(isinstance(value, list | tuple) for value in values)


def _range(parameter: Parameter, value: Any, notebook: str) -> list[int] | None:
    if parameter.kinds != ("int",) or not isinstance(value, str) or not (match := RANGE.match(value)):
        return None
    first, last = int(match[1]), int(match[2])
    if last - first >= LONGEST_RANGE:
        raise ParameterError(
            f"{notebook}: the range {value[:60]!r} of parameter {parameter.name!r} has more than {LONGEST_RANGE:,} "
            "values. Write a shorter one."
        )
    if last < first:
        raise ParameterError(
            f"{notebook}: the range {value!r} of parameter {parameter.name!r} counts down. Write {last}-{first}."
        )
    return list(range(first, last + 1))
