"""Check data packages against the schema and against sense; list all problems at once, with row and cure.

The schema (types, required cells, allowed values, patterns, bounds, keys, links between tables) is read from
``datapackage.json``; the checks of meaning know units, bounds of indicators, dates and percentages.
"""

from __future__ import annotations

import calendar
import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from dxanalysis.facts.names import CONTROL
from dxanalysis.facts.schema import SHIPPED, DataError, Problem, data_dirs, fields, read_folder, resource, schema

NUMBER = r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?"
COMMA_NUMBER = r"[+-]?\d[\d.]*,\d+"
DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
PATTERNS = {"number": NUMBER, "integer": r"[+-]?\d+", "date": DATE}
WORDS = {"number": "a number", "integer": "a whole number", "date": "a date (YYYY-MM-DD)"}


def check(folder: Path | None = None) -> list[Problem]:
    """Return every problem of the package in `folder` (default: all packages in use); an empty list means clean.

    >>> check()
    []
    """
    folders = data_dirs() if folder is None else tuple(dict.fromkeys((SHIPPED, Path(folder).resolve())))
    raw: dict[Path, dict[str, pd.DataFrame]] = {}
    problems: list[Problem] = []
    for path in folders:
        try:
            raw[path] = read_folder(path)
        except DataError as error:
            problems.extend(error.problems)
    return problems + check_folders(raw)


def check_folders(raw: dict[Path, dict[str, pd.DataFrame]]) -> list[Problem]:
    """Return every problem of the text tables of several folders, links between tables checked over all of them."""
    names = [described["name"] for described in schema()["resources"]]
    problems = [
        problem
        for tables in raw.values()
        for name in names
        if name in tables
        for problem in check_table(name, tables[name])
    ]
    if problems:  # links and meaning cannot be judged on tables of the wrong shape
        return problems
    every = {name: _together(raw, name) for name in names}
    for tables in raw.values():
        for name, table in tables.items():
            problems.extend(check_links(name, table, every))
        if "observations" in tables:
            problems.extend(check_observations(tables["observations"], every))
    return problems + list(_double_keys(raw))


def _together(raw: dict[Path, dict[str, pd.DataFrame]], name: str) -> pd.DataFrame:
    parts = [tables[name] for tables in raw.values() if name in tables]
    return pd.concat(parts) if parts else pd.DataFrame(columns=list(fields(name)), dtype="str")


def check_table(name: str, table: pd.DataFrame) -> list[Problem]:
    """Return the problems of one text table against its schema: columns, cells and primary key.

    Parameters
    ----------
    name
        Table name of ``datapackage.json``.
    table
        Text cells; the index holds the row a spreadsheet shows.
    """
    file = f"{name}.csv"
    problems = list(_columns(name, table, file))
    if problems:
        return problems
    for column, field in fields(name).items():
        problems.extend(_cells(table[column], field, file) if column in table else ())
    return problems + list(_repeated(name, table, file))


def _columns(name: str, table: pd.DataFrame, file: str) -> Iterator[Problem]:
    expected = list(fields(name))
    for column in expected:
        if column not in table.columns and "since" not in fields(name)[column]:  # later columns may be absent
            yield Problem(file, 1, column, "", "the column is missing.", f"The header must be: {','.join(expected)}")
    for column in (column for column in table.columns if column not in expected):
        near = difflib.get_close_matches(column, expected, n=1)
        yield Problem(file, 1, column, "", "unknown column.", f"Did you mean '{near[0]}'?" if near else "Remove it.")


def _cells(cells: pd.Series, field: dict, file: str) -> Iterator[Problem]:
    """Yield the faults of a column; each distinct value is judged once."""
    faults = {value: found for value in cells.unique().tolist() if (found := value_faults(value, field))}
    if not faults:
        return
    for row, value in cells[cells.isin(list(faults))].items():
        for message, cure in faults[value]:
            yield Problem(file, row, field["name"], value, message, cure)


def value_faults(value: str, field: dict) -> list[tuple[str, str]]:
    """Return what is wrong with one cell under its field description: pairs of message and cure.

    >>> value_faults("12,87", {"name": "value", "type": "number"})
    [('not a number.', 'Decimal comma? Write 12.87 (a point, no thousands marks).')]
    """
    rules = field.get("constraints", {})
    if value == "":
        return [("the cell is empty.", "Fill it in.")] if rules.get("required") else []
    faults = _untidy(value, field["name"])
    pattern = PATTERNS.get(field["type"])
    if pattern and not re.fullmatch(pattern, value, re.ASCII):
        return [*faults, (f"not {WORDS[field['type']]}.", _number_cure(value))]
    if field["type"] == "date" and not _is_day(value):
        return [*faults, ("there is no such day.", "Correct the date.")]
    return faults + _outside(value, rules)


def _untidy(value: str, column: str) -> list[tuple[str, str]]:
    control = CONTROL.search(value)
    if control:
        return [(f"holds the control character U+{ord(control.group()):04X}.", "Remove it: type the text again.")]
    if value != value.strip() or re.search(r"[\r\n\t\v\f]", value):
        return [("blanks or line breaks around or inside the text.", "Remove them.")]
    # An address is kept byte for byte, or it no longer leads to its page.
    if column == "url" and not re.match(r"https?://[^\s<>\"']+$", value):
        return [("no address of a page.", "Write it as https://…; nothing else is ever made a link.")]
    if column != "url" and not unicodedata.is_normalized("NFC", value):
        return [("letters and accents are stored apart (NFD).", "Save the text as NFC.")]
    return []


def _number_cure(value: str) -> str:
    if re.fullmatch(COMMA_NUMBER, value):
        return f"Decimal comma? Write {value.replace('.', '').replace(',', '.')} (a point, no thousands marks)."
    return "Correct it, or leave the cell empty where the value is not known."


def _is_day(value: str) -> bool:
    year, month, day = (int(part) for part in value.split("-"))
    return year >= 1 and day <= calendar.monthrange(year, month)[1]


def _outside(value: str, rules: dict) -> list[tuple[str, str]]:
    faults = []
    if "enum" in rules:
        allowed = [str(item) for item in rules["enum"]]
        if value not in allowed:
            near = difflib.get_close_matches(value, allowed, n=1)
            hint = f"Did you mean '{near[0]}'? " if near else ""
            faults.append(("not an allowed value.", f"{hint}Allowed: {', '.join(allowed[:10])}"))
    if "pattern" in rules and not re.fullmatch(rules["pattern"], value, re.ASCII):
        faults.append(("not written as it must be.", f"Pattern: {rules['pattern']}"))
    if "minimum" in rules and float(value) < rules["minimum"]:
        faults.append((f"below the minimum {rules['minimum']}.", "Correct it."))
    if "maximum" in rules and float(value) > rules["maximum"]:
        faults.append((f"above the maximum {rules['maximum']}.", "Correct it."))
    return faults


def _keys(name: str) -> list[str]:
    keys = resource(name)["schema"].get("primaryKey", [])
    return [keys] if isinstance(keys, str) else keys


def _repeated(name: str, table: pd.DataFrame, file: str) -> Iterator[Problem]:
    keys = _keys(name)
    if not keys:
        return
    again = table[table.duplicated(keys)]
    first = table.drop_duplicates(keys).reset_index().set_index(keys).iloc[:, 0] if len(again) else None
    for row, *key in again[keys].itertuples(name=None):
        text = f"repeats the key of row {first[tuple(key) if len(key) > 1 else key[0]]}."
        yield Problem(file, row, "+".join(keys), " / ".join(key), text, "Remove one.")


def _double_keys(raw: dict[Path, dict[str, pd.DataFrame]]) -> Iterator[Problem]:
    """Yield keys that a later folder repeats from an earlier one: a package adds, it never overwrites."""
    for described in schema()["resources"]:
        name, keys = described["name"], _keys(described["name"])
        held = {folder: tables[name][keys] for folder, tables in raw.items() if keys and name in tables}
        if len(held) < 2:
            continue
        every = pd.concat([table.drop_duplicates() for table in held.values()], keys=range(len(held)))
        again = every[every.duplicated()]
        for (at, row), *key in again.itertuples(name=None):
            cure = f"Remove it from {list(held)[at].name}: a package adds rows, it never replaces them."
            yield Problem(f"{name}.csv", row, "+".join(keys), " / ".join(key), "is in an earlier package.", cure)


def check_links(name: str, table: pd.DataFrame, every: dict[str, pd.DataFrame]) -> list[Problem]:
    """Return cells that name a record no table holds (foreign keys), with the nearest existing id."""
    problems = []
    for link in resource(name)["schema"].get("foreignKeys", []):
        columns = [link["fields"]] if isinstance(link["fields"], str) else link["fields"]
        target = link["reference"]["resource"] or name
        there = link["reference"]["fields"]
        there = [there] if isinstance(there, str) else there
        known = set(every[target][there].itertuples(index=False, name=None))
        named = set(table[columns].drop_duplicates().itertuples(index=False, name=None))
        unknown = {key for key in named if key not in known and key[-1] != ""}
        keys = zip(table.index, table[columns].itertuples(index=False, name=None), strict=True) if unknown else ()
        for row, key in keys:
            if key not in unknown:
                continue
            value, cure = " / ".join(key), _link_cure(key, known, target)
            problems.append(
                Problem(f"{name}.csv", row, "+".join(columns), value, f"no such record in {target}.csv.", cure)
            )
    return problems


def _link_cure(key: tuple, known: set[tuple], target: str) -> str:
    near = difflib.get_close_matches(" / ".join(key), [" / ".join(k) for k in known], n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Add it to {target}.csv first."


def check_observations(table: pd.DataFrame, every: dict[str, pd.DataFrame]) -> list[Problem]:
    """Return observations that break sense: unit, bounds, suspected fractions, the future, a figure given twice."""
    facts = every["indicators"].drop_duplicates("id").set_index("id")[["unit", "lower", "upper"]]
    joined = table.join(facts.add_prefix("right_"), on="indicator")
    numbers = pd.to_numeric(joined["value"])
    today = dt.date.today().isoformat()
    return [
        *_units(joined),
        *_bounds(joined, numbers),
        *_fractions(joined, numbers),
        *_future(table, today),
        *_before_end(table),
        *_two_values(table),
    ]


def _wrong(row: int, column: str, value: str, message: str, cure: str) -> Problem:
    return Problem("observations.csv", row, column, value, message, cure)


def _units(joined: pd.DataFrame) -> Iterator[Problem]:
    other = joined[joined["unit"] != joined["right_unit"]]
    for row, unit, right in other[["unit", "right_unit"]].itertuples():
        yield _wrong(row, "unit", unit, "not the unit of the indicator.", f"Convert to '{right}'.")


def _bounds(joined: pd.DataFrame, numbers: pd.Series) -> Iterator[Problem]:
    for side, outside in (("lower", pd.Series.lt), ("upper", pd.Series.gt)):
        bound = pd.to_numeric(joined[f"right_{side}"].replace("", None))
        for row in joined.index[outside(numbers, bound)]:
            text = f"beyond the {side} bound {bound[row]:g} of '{joined.at[row, 'indicator']}'."
            yield _wrong(row, "value", joined.at[row, "value"], text, "Correct the value or the unit.")


SERIES = ["indicator", "definition", "area"]


def _fractions(joined: pd.DataFrame, numbers: pd.Series) -> Iterator[Problem]:
    """Yield values up to 1 that times 100 would fit a series of percentages: 0.13 among 12.87 is a fraction."""
    percent = joined["unit"] == "percent"
    largest = numbers.where(percent).groupby([joined[column] for column in SERIES]).transform("max")
    likely = (numbers * 100).between(largest * 0.5, largest * 1.5)
    for row in joined.index[percent & (numbers > 0) & (numbers <= 1) & likely]:
        if not _climbs(joined, numbers, row):
            value = joined.at[row, "value"]
            cure = f"If {value} means {float(value) * 100:g} %, write {float(value) * 100:g}."
            yield _wrong(row, "value", value, "looks like a fraction of 1 among percentages.", cure)


def _climbs(joined: pd.DataFrame, numbers: pd.Series, row: int) -> bool:
    """Return whether five or more values of the series are small, as in a diffusion that starts near nothing."""
    same = (joined[SERIES] == joined.loc[row, SERIES]).all(axis=1)
    return int((numbers[same] <= 10).sum()) >= 5


def _future(table: pd.DataFrame, today: str) -> Iterator[Problem]:
    for row, value in table.loc[table["vintage"] > today, "vintage"].items():
        yield _wrong(row, "vintage", value, "lies in the future.", "Give the day it was published.")
    later = (table["status"] != "projection") & (table["period"].str[:4] > today[:4])
    for row, value in table.loc[later, "period"].items():
        yield _wrong(row, "period", value, "lies in the future.", "Correct it, or use status 'projection'.")


def _before_end(table: pd.DataFrame) -> Iterator[Problem]:
    measured = table["status"].isin(["official", "reported", "self-assessed", "derived"])
    early = measured & (table["vintage"].str[:4] < table["period"].str[:4])
    for row, period, vintage in table.loc[early, ["period", "vintage"]].itertuples():
        text = f"is published {vintage}, before the period it describes."
        yield _wrong(row, "period", period, text, "Correct the period, the vintage or the status.")


def _two_values(table: pd.DataFrame) -> Iterator[Problem]:
    kept = table[table["conflict"] == ""]
    keys = [*SERIES, "period", "vintage"]
    for row in kept.index[kept.duplicated(keys)]:
        text = f"second value for {' / '.join(kept.loc[row, keys])}."
        cure = "Say in 'conflict' why the other is preferred (official over press, later over earlier)."
        yield _wrong(row, "value", kept.at[row, "value"], text, cure)
