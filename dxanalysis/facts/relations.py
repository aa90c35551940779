"""Declared relations between indicators: which printed numbers belong together (data/relations.csv)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dxanalysis.facts.package import SHIPPED, read_text_table
from dxanalysis.facts.understand.guards import refuse

RULES = ("sum", "fraction", "product", "mean", "at_most", "jump")
_COLUMNS = ["relation", "rule", "whole", "parts", "constant", "match", "known", "note"]
_MATCH = {"definition", "area", "period", "vintage", "release"}


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
    if list(table.columns) != _COLUMNS:
        raise refuse(path.name, "has other columns.", f"Columns: {', '.join(_COLUMNS)}.", row=1)
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
