"""Spell out which notebooks run with which parameters: products of lists, ranges, exclusions, from Python or YAML."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import BatchError, did_you_mean, shown
from .notebooks import Notebook
from .parameters import check, from_text, spread

KEYS = ("notebooks", "parameters", "runs", "per_notebook", "exclude")
MOST_RUNS = 1_000_000
MOST_TEXT, MOST_DEPTH = 500_000, 50


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
        text = path.read_text(encoding="utf-8")
        _refuse_costly(text, path)
        # The base loader knows only text, lists and mappings: nothing is executed and nothing is guessed.
        content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except FileNotFoundError as error:
        raise BatchError(f"There is no matrix file {path}. Write one, or name notebooks and parameters.") from error
    except UnicodeDecodeError as error:
        raise BatchError(
            f"{path} is not text in UTF-8 ({error.reason} at byte {error.start}). Save it as UTF-8."
        ) from error
    except RecursionError as error:
        raise BatchError(f"{path} nests too deeply to be a matrix. Write {shown(KEYS)} as lists and values.") from error
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
    _refuse_unknown(notebook, axes)
    lists = {name: spread(notebook.declared[name], values, notebook.name) for name, values in axes.items()}
    count = math.prod(map(len, lists.values()))
    if count > MOST_RUNS:
        raise BatchError(
            f"{notebook.name} would run {count:,} times; at most {MOST_RUNS:,} fit into a batch. Ask for less."
        )
    products = [dict(zip(lists, values, strict=True)) for values in itertools.product(*lists.values())]
    rows = [_typed(notebook, row) for row in matrix.runs] or [{}]
    checked = [check(notebook.declared, {**product, **row}, notebook.name) for product in products for row in rows]
    rules = [_rule(notebook, rule) for rule in matrix.exclude if _concerns(rule, notebook)]
    return [run for run in _distinct(checked) if not any(_fits(rule, run) for rule in rules)]


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


def _refuse_costly(text: str, path: Path) -> None:
    """Refuse what takes minutes to read or spells out to gigabytes: long texts, deep brackets, aliases of aliases."""
    import yaml

    depths = itertools.accumulate((sign in "[{") - (sign in "]}") for sign in text if sign in "[]{}")
    if len(text) > MOST_TEXT or max(depths, default=0) > MOST_DEPTH:
        raise BatchError(
            f"{path} nests deeper than {MOST_DEPTH} brackets or has more than {MOST_TEXT:,} characters. "
            f"Write {shown(KEYS)} as short lists and values."
        )
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.BaseLoader)):
        raise BatchError(f"{path} refers back with an alias (*name). Write out what it stands for.")


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
