"""Turn an understood file and the user's answers into the text tables of a data package."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from dxanalysis.facts.checks import check
from dxanalysis.facts.names import fold, slug
from dxanalysis.facts.package import open_package
from dxanalysis.facts.schema import DESCRIPTOR, SHIPPED, DataError, Problem, fields, refuse, resource
from dxanalysis.facts.understand.answers import Preview

_DEFINITION_FIELDS = ("id", "agency", "name_vi", "name_en", "method")
_SOURCE_FIELDS = ("publisher", "title", "published", "grade")


def package_tables(
    preview: Preview,
    definition: str | Mapping[str, str] | None,
    source: str | Mapping[str, str] | None,
    vintage: str | None,
    status: str | None,
) -> dict[str, pd.DataFrame]:
    """Return the text tables of the package: observations and every record they need that is not known yet."""
    table = preview.table.copy()
    sources = _sources(preview, source)
    table.loc[table["source"] == "", "source"] = _source_id(source)
    chosen = definition if isinstance(definition, str) else (definition or {}).get("id", "")
    table.loc[table["definition"] == "", "definition"] = chosen
    known = pd.concat([open_package().tables["sources"], sources]).set_index("id")
    published = table["source"].map(known["published"].to_dict()).fillna("")
    basis = table["source"].map(known["published_basis"].to_dict()).fillna("inferred")
    given = (table["vintage"] != "") | bool(vintage)
    table["vintage"] = table["vintage"].where(table["vintage"] != "", vintage or published)
    known_day = basis.where(basis.isin(["exact", "month", "not-later-than"]), "inferred")
    table["vintage_basis"] = known_day.where(~given, "exact")
    official = table["source"].map(known["grade"].to_dict()).fillna("") == "official"
    default = pd.Series("reported", index=table.index).where(~official, "official")
    table["status"] = table["status"].where(table["status"] != "", status or default)
    table["qualifier"] = table["qualifier"].replace("", "=")
    table["value"] = table["value"].map({value: _plain(value) for value in table["value"].unique()})
    tables = {"observations": table[list(fields("observations"))].astype("str"), "sources": sources}
    tables["definitions"] = _definitions(preview, table, definition)
    held = [name for name in ("indicators", "areas") if name in preview.records]
    tables |= {name: _filled(name, preview.records[name]) for name in held}
    return {name: rows for name, rows in tables.items() if len(rows)}


def _plain(value: float) -> str:
    """Write a number without exponent or rounding.

    >>> _plain(12.0), _plain(1e-7), _plain(0.1)
    ('12', '0.0000001', '0.1')
    """
    from decimal import Decimal

    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _filled(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    return rows.reindex(columns=list(fields(name)), fill_value="").fillna("").astype("str")


def _source_id(source: str | Mapping[str, str] | None) -> str:
    if isinstance(source, str) or not source:
        return source or ""
    text = f"{source.get('publisher', '')} {source.get('title', '')}"
    mark = hashlib.sha256(repr(sorted(source.items())).encode()).hexdigest()[:6]
    return source.get("id") or f"{slug(text)[:40].strip('-')}-{mark}"


def _sources(preview: Preview, source: str | Mapping[str, str] | None) -> pd.DataFrame:
    own = _filled("sources", preview.records.get("sources", pd.DataFrame()))
    if isinstance(source, Mapping):
        missing = [name for name in _SOURCE_FIELDS if not source.get(name)]
        if missing:
            raise refuse(preview.file, f"the source lacks {', '.join(missing)}.", f"Give {', '.join(_SOURCE_FIELDS)}.")
        row = {"published_basis": "exact", "read": dt.date.today().isoformat()} | dict(source)
        own = pd.concat([own, _filled("sources", pd.DataFrame([row | {"id": _source_id(source)}]))])
    return own[~own["id"].isin(set(open_package().tables["sources"]["id"]))]


def _definitions(preview: Preview, table: pd.DataFrame, definition: str | Mapping[str, str] | None) -> pd.DataFrame:
    """Return the definitions needed: the user's, or a known one (gso, mic, ...) taken up for another indicator."""
    known = open_package().tables["definitions"]
    have = set(zip(known["indicator"], known["id"], strict=True))
    own = _filled("definitions", preview.records.get("definitions", pd.DataFrame()))
    rows = own.to_dict("records")
    have |= set(zip(own["indicator"], own["id"], strict=True))
    for indicator, name in table[["indicator", "definition"]].drop_duplicates().itertuples(index=False, name=None):
        if (indicator, name) not in have:
            rows.append(_described(preview.file, known, name, definition) | {"indicator": indicator, "order": "9"})
    return _filled("definitions", pd.DataFrame(rows))


def _described(file: str, known: pd.DataFrame, name: str, definition: str | Mapping[str, str] | None) -> dict[str, str]:
    needed = ", ".join(_DEFINITION_FIELDS)
    if isinstance(definition, Mapping) and definition.get("id") == name:
        missing = [column for column in _DEFINITION_FIELDS if not definition.get(column)]
        if not missing:
            return dict(definition)
        raise refuse(file, f"the definition '{name}' lacks {', '.join(missing)}.", f"Give {needed}.")
    same = known[known["id"] == name]
    if len(same):
        names = {column: str(same.iloc[0][column]) for column in _DEFINITION_FIELDS[:4]}
        return names | {"method": "as published; the file gives no method"}
    cure = f"Known: {sorted(known['id'].unique())[:10]}; or describe it ({needed})."
    raise refuse(file, f"names the unknown definition '{name}'.", cure)


@contextmanager
def new_folder(target: str | Path, what: str) -> Iterator[Path]:
    """Yield a staging folder beside `target` that takes its name when the block ends without an error.

    Parameters
    ----------
    target : path
        A folder that does not exist yet, outside the shipped data.
    what : str
        Name for messages.

    Raises
    ------
    DataError
        When the folder exists or lies in the shipped data.
    """
    target = Path(target).expanduser().resolve()
    if target.is_relative_to(SHIPPED):
        message = f"may not be written into the shipped data ({target})."
        raise refuse(what, message, "Choose a folder of your own.")
    if target.exists():
        raise refuse(what, f"'{target}' exists already.", "Choose a new folder; nothing is ever overwritten.")
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.with_name(f".{secrets.token_hex(6)}.part")
    staging.mkdir()
    try:
        yield staging
        staging.rename(target)
    finally:
        if staging.exists():
            shutil.rmtree(staging)


def write_folder(tables: Mapping[str, pd.DataFrame], target: Path, preview: Preview) -> Path:
    """Write the tables and their descriptor into a new folder after checking them; on any fault nothing is left."""
    with new_folder(target, preview.file) as staging:
        for name, rows in tables.items():
            rows.to_csv(staging / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
        write_descriptor(staging, target.name, [resource(table) | {"path": f"{table}.csv"} for table in tables])
        problems = check(staging)
        if problems:
            raise DataError([_in_file(problem, preview) for problem in problems])
    return target.expanduser().resolve()


def write_descriptor(folder: Path, name: str, resources: list[dict]) -> None:
    """Write the ``datapackage.json`` of a user's package."""
    described = {"name": slug(name) or "package", "title": f"Imported data: {fold(name)}", "resources": resources}
    (folder / DESCRIPTOR).write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _in_file(problem: Problem, preview: Preview) -> Problem:
    """Point a problem of observations.csv at the row of the user's own file."""
    place = problem.row - 2
    if problem.file != "observations.csv" or not 0 <= place < len(preview.table):
        return problem
    own = preview.table.iloc[place]
    column = str(own["column"]) if problem.column == "value" else problem.column
    return Problem(preview.file, int(own["row"]), column, problem.value, problem.message, problem.cure)


def write_package(
    preview: Preview,
    target: str | Path,
    *,
    definition: str | Mapping[str, str] | None = None,
    source: str | Mapping[str, str] | None = None,
    vintage: str | None = None,
    status: str | None = None,
) -> Path:
    """Write an understood file as a data package in a new folder, whole or not at all.

    Parameters
    ----------
    preview : Preview
        From `understand`, with every question but definition and source answered.
    target : path
        A folder that does not exist yet, outside the shipped data.
    definition : str or mapping
        Id of a definition, or its record: id, agency, name_vi, name_en, method.
    source : str or mapping
        Id of a source, or its record: publisher, title, published (YYYY-MM-DD), url, grade (official, press, mirror).
    vintage : str, optional
        Day the figures were published; default: the day of the source.
    status : str, optional
        Status of figures that carry none; default: official for an official source, else reported.

    Returns
    -------
    Path
        The folder written.

    Raises
    ------
    DataError
        When a question is open, or the package would not pass the check; nothing has been written then.
    """
    _refuse_open(preview, definition, source)
    tables = package_tables(preview, definition, source, vintage, status)
    return write_folder(tables, Path(target), preview)


def _refuse_open(preview: Preview, definition: object, source: object) -> None:
    answered = [name for name, value in (("definition", definition), ("source", source)) if value]
    if preview.problems:
        raise DataError(list(preview.problems))
    preview.refuse_open(*answered)
    if preview.selected:
        message = f"names its areas itself; the answer would leave out {preview.selected}."
        cure = "Leave area out, or choose the rows: where={'column': 'name'}."
        raise refuse(preview.file, message, cure)
