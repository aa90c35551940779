"""Read a package as a sceptical reader reads the press: do the printed numbers agree with each other?

Which numbers belong together is declared in ``relations.csv`` (see `load_relations`); the arithmetic is in
`arithmetic`. The schema checks run before; this looks only at meaning.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dxanalysis.facts.arithmetic import (
    exact,
    fraction_problem,
    jump_problem,
    mean_problem,
    order_problem,
    product_problem,
    report_problem,
    sum_problem,
)
from dxanalysis.facts.package import SHIPPED, data_dirs, read_folder, read_text_table
from dxanalysis.facts.readers.guards import refuse

COLUMNS = ["file", "row", "column", "rule", "received", "expected", "cure", "known"]
RULES = ("sum", "fraction", "product", "mean", "at_most", "jump")
_RELATION_COLUMNS = ["relation", "rule", "whole", "parts", "constant", "match", "known", "note"]
_MATCH = {"definition", "area", "period", "vintage", "release"}
_RELEASE_DAYS = 7  # two papers print one release within a week; trial and first release were 25 days apart
_MOST_COMBINATIONS = 200


@dataclass(frozen=True)
class Relation:
    """One declared relation between indicators.

    Attributes
    ----------
    id : str
        Name of the relation.
    rule : str
        "sum" (parts add up to the whole), "fraction" (whole is 100 x first part / second part), "product" (whole is a
        share of a share), "mean" (a span of years beside its yearly values), "at_most" (whole <= part) or "jump"
        (only lists known faults of the check for jumps).
    whole : str
        Indicator tested; empty where a constant stands in its place.
    parts : tuple of str
        Indicators it is tested against.
    constant : str
        A number in place of the whole ("sum") or of the denominator ("fraction"), or "".
    match : tuple of str
        Columns in which the figures must agree; "release": published within a week of each other.
    known : frozenset of str
        Faults known and kept, as "area/period".
    note : str
        Why the relation holds.
    """

    id: str
    rule: str
    whole: str
    parts: tuple[str, ...]
    constant: str
    match: tuple[str, ...]
    known: frozenset[str]
    note: str


def load_relations(path: str | Path | None = None) -> list[Relation]:
    """Load declared relations from a CSV file (default: the shipped ``relations.csv``).

    Columns: relation, rule, whole, parts (separated by ";"), constant, match (columns that must agree), known
    ("area/period" of faults kept on purpose), note.

    Raises
    ------
    DataError
        When a column is missing, a rule is unknown or a relation is incomplete.

    >>> [relation.id for relation in load_relations()][:2]
    ['teams-by-place', 'villages-covered']
    """
    path = Path(path) if path else SHIPPED / "relations.csv"
    table = read_text_table(path)
    if list(table.columns) != _RELATION_COLUMNS:
        raise refuse(path.name, "has other columns.", f"Columns: {', '.join(_RELATION_COLUMNS)}.", row=1)
    return [_relation(row, path.name) for row in table.reset_index(names="line").to_dict("records")]


def _relation(row: Mapping[str, Any], file: str) -> Relation:
    parts, match, known = (
        tuple(p.strip() for p in row[c].split(";") if p.strip()) for c in ("parts", "match", "known")
    )
    rule, constant = row["rule"], row["constant"]
    needs = {"sum": 1, "fraction": 1 if constant else 2, "product": 2, "mean": 0, "at_most": 1, "jump": 0}
    whole_or_constant = bool(row["whole"]) or (rule == "sum" and bool(constant))
    if rule not in RULES or len(parts) < needs[rule] or not whole_or_constant or not set(match) <= _MATCH:
        message = f"the relation '{row['relation']}' is unknown or incomplete."
        raise refuse(file, message, f"Rules: {', '.join(RULES)}; match: {sorted(_MATCH)}.", row=row["line"])
    return Relation(row["relation"], rule, row["whole"], parts, constant, match, frozenset(known), row["note"])


def check(tables: Mapping[str, pd.DataFrame], *, relations: Iterable[Relation] | None = None) -> pd.DataFrame:
    """Check the figures of a package against each other.

    Parameters
    ----------
    tables : mapping
        Tables "observations" and "indicators" (text or typed). The columns `file` and `row` of observations, where
        present, say where a figure stands; else row is the index + 2.
    relations : iterable of Relation, optional
        Default: the shipped ones.

    Returns
    -------
    DataFrame
        Columns file, row, column, rule, received, expected, cure, known. `known` is true for faults kept on purpose:
        listed in the relation, or marked in the column `conflict` of the observation.
    """
    observations = _prepared(tables["observations"])
    relations = load_relations() if relations is None else list(relations)
    found: list[dict[str, Any]] = []
    for relation in relations:
        found += (
            _means(observations, relation) if relation.rule == "mean" else _relation_problems(observations, relation)
        )
    found += _double_reports(observations)
    found += _bounds(observations, tables["indicators"])
    accepted = {(r.whole, place) for r in relations if r.rule == "jump" for place in r.known}
    found += _jumps(observations, tables["indicators"], accepted)
    return pd.DataFrame(found, columns=COLUMNS).astype({"row": "int64", "known": "bool"})


def check_folders(folders: Iterable[Path] | None = None) -> pd.DataFrame:
    """Check all data packages in use (or the given folders) together; files are named folder/observations.csv.

    >>> problems = check_folders()
    >>> problems[~problems["known"]].empty
    True
    """
    parts, indicators = [], []
    for folder in dict.fromkeys((SHIPPED, *(folders or data_dirs()))):
        raw = read_folder(Path(folder))
        indicators += [raw["indicators"]] if "indicators" in raw else []
        if "observations" in raw:
            rows = raw["observations"]
            parts.append(rows.assign(file=f"{Path(folder).name}/observations.csv", row=rows.index))
    return check({"observations": pd.concat(parts, ignore_index=True), "indicators": pd.concat(indicators)})


def _prepared(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.copy()
    if "row" not in rows:
        rows["row"] = np.arange(len(rows)) + 2
    if "file" not in rows:
        rows["file"] = "observations.csv"
    for column in ("conflict", "qualifier", "break_before", "vintage", "unit", "definition"):
        rows[column] = rows[column].fillna("").astype("str") if column in rows else ""
    rows["printed"] = (
        rows["value"] if rows["value"].dtype != "float64" else [repr(v).removesuffix(".0") for v in rows["value"]]
    )
    rows["number"] = pd.to_numeric(rows["value"])
    return rows[rows["number"].notna()].reset_index(drop=True)


def _comparable(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out figures that are only bounds ("more than 98") or about."""
    return rows[rows["qualifier"].isin(["", "="])]


def _relation_problems(rows: pd.DataFrame, relation: Relation) -> Iterator[dict[str, Any]]:
    names = [name for name in (relation.whole, *relation.parts) if name]
    involved = _comparable(rows[rows["indicator"].isin(names)])
    if not relation.match or involved.empty:
        return
    for _, group in involved.groupby([column for column in relation.match if column != "release"], sort=True):
        candidates = {name: group[group["indicator"] == name] for name in names}
        if all(len(found) for found in candidates.values()):
            yield from _group_problems(candidates, relation)


def _group_problems(candidates: dict[str, pd.DataFrame], relation: Relation) -> Iterator[dict[str, Any]]:
    """Test each report of the whole; it stands if some combination of reports of the parts agrees with it."""
    tested = candidates[relation.whole or relation.parts[0]]
    others = [name for name in relation.parts if name != (relation.whole or relation.parts[0])]
    for _, own in tested.iterrows():
        choices = [_same_release(candidates[name], own["vintage"], relation) for name in others]
        messages, marked = [], False
        for combination in itertools.islice(itertools.product(*choices), _MOST_COMBINATIONS):
            message = _message(relation, own, list(combination))
            messages.append(message)
            marked = marked or (bool(message) and any(part["conflict"] for part in combination))
            if not message:
                break
        if messages and all(messages):
            known = marked or bool(own["conflict"]) or f"{own['area']}/{own['period']}" in relation.known
            yield _problem(own, relation.rule, messages[0], relation, known)


def _same_release(found: pd.DataFrame, vintage: str, relation: Relation) -> list[Any]:
    """Return the reports of a part that may be set beside a whole: of the same release where there are any."""
    same = found[found["vintage"] == vintage]
    if same.empty and "release" in relation.match:
        days = (pd.to_datetime(found["vintage"]) - pd.Timestamp(vintage)).abs().dt.days
        found = found[days <= _RELEASE_DAYS]
    return [row for _, row in (found if same.empty else same).iterrows()]


def _message(relation: Relation, own: pd.Series, others: list[pd.Series]) -> str:
    printed = [other["printed"] for other in others]
    if relation.rule == "sum":
        rows = [own, *others]
        counts = all(row["unit"] == "count" for row in rows) and all(
            exact(row["printed"]).denominator == 1 for row in rows
        )
        if relation.whole:
            return sum_problem(own["printed"], printed, counts=counts)
        return sum_problem(relation.constant, [own["printed"], *printed], counts=counts)
    if relation.rule == "fraction":
        return fraction_problem(own["printed"], *printed, *([relation.constant] if relation.constant else []))
    if relation.rule == "product":
        return product_problem(own["printed"], printed)
    return order_problem(own["printed"], printed[0])


def _problem(own: pd.Series, rule: str, message: str, relation: Relation, known: bool) -> dict[str, Any]:
    reason = relation.note or "declared in relations.csv"
    cure = "Look at the source again; correct the figure, or mark it in 'conflict' and keep it."
    return _row(own, f"{rule}: {relation.id}", message, reason, cure, known)


def _row(own: pd.Series, rule: str, received: str, expected: str, cure: str, known: bool) -> dict[str, Any]:
    place = {"file": own["file"], "row": int(own["row"]), "column": "value", "rule": rule}
    named = f"{own['indicator']}, {own['area']}, {own['period']}: {received}"
    return place | {"received": named, "expected": expected, "cure": cure, "known": bool(known)}


def _means(rows: pd.DataFrame, relation: Relation) -> Iterator[dict[str, Any]]:
    """Compare the mean over a span of years with the yearly values published by the same day."""
    own = _comparable(rows[rows["indicator"] == relation.whole])
    for _, span in own[own["period"].str.fullmatch(r"\d{4}-\d{4}")].iterrows():
        first, last = (int(year) for year in span["period"].split("-"))
        same = (own[list(relation.match)] == span[list(relation.match)]).all(axis=1)
        yearly = own[same & own["period"].str.fullmatch(r"\d{4}") & (own["vintage"] <= span["vintage"])]
        years = [str(year) for year in range(first, last + 1)]
        latest = yearly.sort_values(["conflict", "vintage"]).loc[lambda t: t["conflict"] == ""].groupby("period").last()
        if set(years) <= set(latest.index):
            message = mean_problem(span["printed"], latest.loc[years, "printed"].tolist())
            if message:
                known = bool(span["conflict"]) or f"{span['area']}/{span['period']}" in relation.known
                yield _problem(span, "mean", message, relation, known)


def _double_reports(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield figures that two pages of one release print differently."""
    keys = ["indicator", "definition", "area", "period", "vintage"]
    exactly = _comparable(rows)
    for _, group in exactly[exactly.duplicated(keys, keep=False)].groupby(keys, sort=False):
        first = group.iloc[0]
        for _, other in group.iloc[1:].iterrows():
            message = report_problem(first["printed"], other["printed"])
            if message:
                cure = (
                    "Keep both, and say in 'conflict' why one is preferred (official over press, later over earlier)."
                )
                known = bool(first["conflict"] or other["conflict"])
                yield _row(other, "reported_twice", message, f"one value, as in row {first['row']}", cure, known)


def _bounds(rows: pd.DataFrame, indicators: pd.DataFrame) -> Iterator[dict[str, Any]]:
    catalogue = indicators.drop_duplicates("id").set_index("id")
    for side, outside in (("lower", np.less), ("upper", np.greater)):
        bound = pd.to_numeric(rows["indicator"].map(catalogue[side].replace("", np.nan)))
        for i in rows.index[outside(rows["number"].to_numpy(), bound.to_numpy())]:
            own, text = rows.loc[i], f"{rows.at[i, 'printed']} is beyond the {side} bound"
            yield _row(
                own,
                "out_of_bounds",
                text,
                f"{side} bound {bound[i]:g}",
                "Correct the value or its unit.",
                own["conflict"],
            )


def _jumps(rows: pd.DataFrame, indicators: pd.DataFrame, accepted: set[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Yield yearly changes larger than any seen in other areas of the same indicator and definition."""
    ranks = set(indicators.loc[indicators["unit"] == "rank", "id"])
    yearly = rows[rows["period"].str.fullmatch(r"\d{4}") & (rows["conflict"] == "") & ~rows["indicator"].isin(ranks)]
    latest = yearly.sort_values("vintage").drop_duplicates(["indicator", "definition", "area", "period"], keep="last")
    for (indicator, _), series in latest.groupby(["indicator", "definition"]):
        changes = _changes(series)
        for change in changes:
            peers = [other.size for other in changes if other.area != change.area]
            message = jump_problem(change.size, peers) if len(peers) >= 10 else ""
            if message:
                known = (indicator, f"{change.area}/{change.own['period']}") in accepted
                cure = "Look at the source again, or give the reason in 'break_before' or relations.csv."
                yield _row(change.own, "jump", f"{change.words} {message}", "a change as seen elsewhere", cure, known)


@dataclass(frozen=True)
class _Change:
    area: str
    size: float
    words: str
    own: pd.Series


def _changes(series: pd.DataFrame) -> list[_Change]:
    """Return the changes per year of each area: in points for bounded units, in logarithms for counts and values."""
    scale = _points if series["unit"].iloc[0] in ("percent", "points", "index_0_1", "per_100") else _log_ratio
    changes = []
    for area, own in series.sort_values("period").groupby("area"):
        for (_, before), (_, after) in itertools.pairwise(own.iterrows()):
            years = int(after["period"]) - int(before["period"])
            size = scale(before["number"], after["number"])
            if after["break_before"] == "" and size is not None:
                words = f"from {before['printed']} in {before['period']} to {after['printed']} in {after['period']}:"
                changes.append(_Change(str(area), size / years, words, after))
    return changes


def _points(before: float, after: float) -> float | None:
    return after - before


def _log_ratio(before: float, after: float) -> float | None:
    return float(np.log(after / before)) if before > 0 and after > 0 else None
