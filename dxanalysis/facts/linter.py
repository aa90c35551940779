"""Lint a data package: do its printed totals, shares, means, bounds and repeated reports agree with each other?

Which numbers belong together is declared in ``relations.csv`` (see `relations`); the arithmetic is in `arithmetic`.
The schema checks run before; this looks only at meaning.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dxanalysis.facts.package import hidden_in
from dxanalysis.facts.relations import (
    Relation,
    exact,
    fraction_problem,
    jump_problem,
    load_relations,
    mean_problem,
    order_problem,
    product_problem,
    report_problem,
    sum_problem,
)
from dxanalysis.facts.schema import SHIPPED, data_dirs, read_folder

COLUMNS = ["file", "row", "column", "rule", "received", "expected", "cure", "known"]
_RELEASE_DAYS = 7  # two papers print one release within a week; trial and first release were 25 days apart
_MOST_COMBINATIONS = 200
_SERIES = ("indicator", "definition", "area", "period", "vintage")
Found = dict[str, str | int | bool]  # one suspicion, by COLUMNS
_TEXTS = ("file", *_SERIES, "unit", "qualifier", "conflict", "break_before")


@dataclass(frozen=True)
class Figure:
    """One printed number and where it stands."""

    file: str
    indicator: str
    definition: str
    area: str
    period: str
    vintage: str
    unit: str
    qualifier: str
    conflict: str
    break_before: str
    row: int
    printed: str
    number: float

    @property
    def exactly(self) -> bool:
        """Whether it is printed as the figure itself, not as a bound ("more than 98") or about."""
        return self.qualifier in ("", "=")


def check(tables: Mapping[str, pd.DataFrame], *, relations: Iterable[Relation] | None = None) -> pd.DataFrame:
    """Check the figures of a package against each other.

    Parameters
    ----------
    tables : mapping
        Tables "observations" and "indicators" (text or typed), and "targets" where their notes are to be read too. The
        columns `file` and `row`, where present, say where a figure stands; else row is the index + 2.
    relations : iterable of Relation, optional
        Default: the shipped ones.

    Returns
    -------
    DataFrame
        Columns file, row, column, rule, received, expected, cure, known. `known` is true for faults kept on purpose:
        listed in the relation, or marked in the column `conflict` of the observation.
    """
    figures = _figures(tables["observations"])
    relations = load_relations() if relations is None else list(relations)
    catalogue = tables["indicators"].drop_duplicates("id").set_index("id")
    accepted = {(r.whole, place) for r in relations if r.rule == "jump" for place in r.known}
    by_indicator = _grouped(figures, "indicator")
    found: list[Found] = []
    for relation in relations:
        found += (_means if relation.rule == "mean" else _relation_problems)(by_indicator, relation)
    found += _double_reports(figures)
    found += _bounds(figures, catalogue)
    found += _jumps(figures, set(catalogue.index[catalogue["unit"] == "rank"]), accepted)
    for name in ("observations", "targets"):
        found += _hidden_caveats(tables[name], name) if name in tables else []
    return pd.DataFrame(found, columns=COLUMNS).astype({"row": "int64", "known": "bool"})


def check_folders(folders: Iterable[Path] | None = None) -> pd.DataFrame:
    """Check all data packages in use (or the given folders) together.

    Files are named folder/observations.csv.

    >>> problems = check_folders()
    >>> problems[~problems["known"]].empty
    True
    """
    folders = list(dict.fromkeys((SHIPPED, *map(Path, folders or data_dirs()))))
    raw = {folder: read_folder(folder) for folder in folders}
    every = {}
    for name in ("observations", "targets"):
        parts = [
            tables[name].assign(file=f"{folder.name}/{name}.csv", row=tables[name].index)
            for folder, tables in raw.items()
            if name in tables
        ]
        every[name] = pd.concat(parts, ignore_index=True)
    indicators = pd.concat([tables["indicators"] for tables in raw.values() if "indicators" in tables])
    return check({**every, "indicators": indicators})


def _hidden_caveats(table: pd.DataFrame, name: str) -> Iterator[Found]:
    """Yield notes whose words call for a caveat code that the row lacks: a note alone never reaches a sentence."""
    if "note" not in table:
        return
    noted = table[table["note"].fillna("") != ""]
    codes = noted["caveats"].fillna("") if "caveats" in noted else pd.Series("", index=noted.index)
    files = noted["file"] if "file" in noted else pd.Series(f"{name}.csv", index=noted.index)
    rows = noted["row"] if "row" in noted else pd.Series(range(2, len(table) + 2), index=table.index)[noted.index]
    for file, row, note, held, unit in zip(files, rows, noted["note"], codes, noted["unit"], strict=True):
        for code in hidden_in(note, held, unit):
            cure = f"Write '{code}' in the column 'caveats', or say it in other words."
            place = {"file": file, "row": row, "column": "caveats", "rule": "hidden_caveat", "received": note}
            yield place | {"expected": f"the code '{code}'", "cure": cure, "known": False}


def _figures(table: pd.DataFrame) -> list[Figure]:
    """Return the rows with a value as figures; floats are printed as short as they go."""
    texts = {name: table[name].fillna("").astype("str") if name in table else "" for name in _TEXTS}
    rows = pd.DataFrame(texts, index=table.index)
    rows["row"] = table["row"] if "row" in table else range(2, len(table) + 2)
    rows["file"] = rows["file"].replace("", "observations.csv")
    rows["number"] = pd.to_numeric(table["value"].replace("", None)).astype("float64")
    text = table["value"] if not pd.api.types.is_numeric_dtype(table["value"]) else rows["number"].map(repr)
    rows["printed"] = text.astype("str").str.removesuffix(".0")
    return [Figure(**row) for row in rows[rows["number"].notna()].to_dict("records")]


def _grouped(figures: Iterable[Figure], *names: str) -> dict[str | tuple[str, ...], list[Figure]]:
    """Group figures by one attribute, or by several as a tuple."""
    groups: dict[str | tuple[str, ...], list[Figure]] = {}
    for figure in figures:
        key = tuple(getattr(figure, name) for name in names)
        groups.setdefault(key if len(names) > 1 else key[0], []).append(figure)
    return groups


def _relation_problems(by_indicator: dict[str, list[Figure]], relation: Relation) -> Iterator[Found]:
    names = [name for name in (relation.whole, *relation.parts) if name]
    match = tuple(column for column in relation.match if column != "release")
    if not match:
        return
    exactly = {name: [f for f in by_indicator.get(name, []) if f.exactly] for name in names}
    groups = {name: _grouped(found, *match) for name, found in exactly.items()}
    for key in groups[names[0]]:
        if all(key in found for found in groups.values()):
            yield from _group_problems({name: found[key] for name, found in groups.items()}, relation)


def _group_problems(candidates: dict[str, list[Figure]], relation: Relation) -> Iterator[Found]:
    """Test each report of the whole; it stands if some combination of reports of the parts agrees with it."""
    tested = relation.whole or relation.parts[0]
    others = [name for name in relation.parts if name != tested]
    for own in candidates[tested]:
        choices = [_same_release(candidates[name], own.vintage, relation) for name in others]
        combinations = list(itertools.islice(itertools.product(*choices), _MOST_COMBINATIONS))
        messages = [_message(relation, own, list(combination)) for combination in combinations]
        if messages and all(messages):
            clean = [parts for parts in combinations if not any(part.conflict for part in parts)]
            known = bool(own.conflict) or not clean or f"{own.area}/{own.period}" in relation.known
            yield _problem(own, messages[0], relation, known)


def _same_release(found: list[Figure], vintage: str, relation: Relation) -> list[Figure]:
    """Return the reports of a part that may be set beside a whole: of the same release where there are any."""
    same = [figure for figure in found if figure.vintage == vintage]
    if same or "release" not in relation.match:
        return same or found
    return [figure for figure in found if _days_between(figure.vintage, vintage) <= _RELEASE_DAYS]


def _days_between(first: str, second: str) -> int:
    return abs((dt.date.fromisoformat(first) - dt.date.fromisoformat(second)).days)


def _message(relation: Relation, own: Figure, others: list[Figure]) -> str:
    printed = [other.printed for other in others]
    if relation.rule == "sum":
        counts = all(f.unit == "count" and exact(f.printed).denominator == 1 for f in [own, *others])
        if relation.whole:
            return sum_problem(own.printed, printed, counts=counts)
        return sum_problem(relation.constant, [own.printed, *printed], counts=counts)
    if relation.rule == "fraction":
        numerator, denominator = [*printed, *([relation.constant] if relation.constant else [])]
        return fraction_problem(own.printed, numerator, denominator)
    if relation.rule == "product":
        return product_problem(own.printed, printed)
    return order_problem(own.printed, printed[0])


def _problem(own: Figure, message: str, relation: Relation, known: bool) -> Found:
    cure = "Look at the source again; correct the figure, or mark it in 'conflict' and keep it."
    return _row(
        own, f"{relation.rule}: {relation.id}", message, relation.note or "as declared in relations.csv", cure, known
    )


def _row(own: Figure, rule: str, received: str, expected: str, cure: str, known: bool) -> Found:
    named = f"{own.indicator}, {own.area}, {own.period}: {received}"
    place = {"file": own.file, "row": own.row, "column": "value", "rule": rule}
    return place | {"received": named, "expected": expected, "cure": cure, "known": known}


def _means(by_indicator: dict[str, list[Figure]], relation: Relation) -> Iterator[Found]:
    """Compare the mean over a span of years with the yearly values published by the same day."""
    figures = [figure for figure in by_indicator.get(relation.whole, []) if figure.exactly]
    for span in figures:
        years = _years(span.period)
        same = [f for f in figures if all(getattr(f, column) == getattr(span, column) for column in relation.match)]
        usable = [f for f in same if f.period in years and f.vintage <= span.vintage and not f.conflict]
        latest = {f.period: f for f in sorted(usable, key=lambda f: f.vintage)}
        if years and len(latest) == len(years):
            message = mean_problem(span.printed, [latest[year].printed for year in years])
            if message:
                known = bool(span.conflict) or f"{span.area}/{span.period}" in relation.known
                yield _problem(span, message, relation, known)


def _years(period: str) -> list[str]:
    """Return the years of a span such as 2020-2024, nothing for another period."""
    if not re.fullmatch(r"\d{4}-\d{4}", period):
        return []
    return [str(year) for year in range(int(period[:4]), int(period[5:]) + 1)]


def _double_reports(figures: list[Figure]) -> Iterator[Found]:
    """Yield figures that two pages of one release print differently."""
    for reports in _grouped([figure for figure in figures if figure.exactly], *_SERIES).values():
        first = reports[0]
        for other in reports[1:]:
            message = report_problem(first.printed, other.printed)
            if message:
                cure = (
                    "Keep both, and say in 'conflict' why one is preferred (official over press, later over earlier)."
                )
                known = bool(first.conflict or other.conflict)
                yield _row(other, "reported_twice", message, f"one value, as in row {first.row}", cure, known)


def _bounds(figures: list[Figure], catalogue: pd.DataFrame) -> Iterator[Found]:
    lower, upper = (pd.to_numeric(catalogue[side].replace("", None)).to_dict() for side in ("lower", "upper"))
    for figure in figures:
        for side, bound in (("lower", lower.get(figure.indicator)), ("upper", upper.get(figure.indicator))):
            # A comparison with an absent bound (NaN) is false.
            if bound is not None and (figure.number < bound if side == "lower" else figure.number > bound):
                text = f"{figure.printed} is beyond the {side} bound"
                cure = "Correct the value or its unit."
                yield _row(figure, "out_of_bounds", text, f"{side} bound {bound:g}", cure, bool(figure.conflict))


def _jumps(figures: list[Figure], ranks: set[str], accepted: set[tuple[str, str]]) -> Iterator[Found]:
    """Yield yearly changes larger than any seen in other areas of the same indicator and definition."""
    yearly = [f for f in figures if len(f.period) == 4 and not f.conflict and f.indicator not in ranks]
    for series in _grouped(yearly, "indicator", "definition").values():
        changes = _changes(series)
        # Only the area with the largest change of all can be beyond its peers.
        top = max(changes, key=lambda change: abs(change.size)).own.area if changes else ""
        for change in [change for change in changes if change.own.area == top]:
            peers = [other.size for other in changes if other.own.area != change.own.area]
            message = jump_problem(change.size, peers)
            if message:
                known = (change.own.indicator, f"{change.own.area}/{change.own.period}") in accepted
                cure = "Look at the source again, or give the reason in 'break_before' or relations.csv."
                yield _row(change.own, "jump", f"{change.words} {message}", "a change as seen elsewhere", cure, known)


@dataclass(frozen=True)
class _Change:
    own: Figure
    size: float
    words: str


def _changes(series: list[Figure]) -> list[_Change]:
    """Return the changes per year of each area: in points for bounded units, in logarithms for counts and values."""
    points = series[0].unit in ("percent", "points", "index_0_1", "per_100")
    changes = []
    for own in _grouped(series, "area").values():
        latest = {f.period: f for f in sorted(own, key=lambda f: (f.period, f.vintage))}
        for before, after in itertools.pairwise(latest.values()):
            if after.break_before or not (points or min(before.number, after.number) > 0):
                continue
            size = after.number - before.number if points else math.log(after.number / before.number)
            words = f"from {before.printed} in {before.period} to {after.printed} in {after.period}:"
            changes.append(_Change(after, size / (int(after.period) - int(before.period)), words))
    return changes
