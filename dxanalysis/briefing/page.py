"""What the sentences of one call share: the subject, its measure, the grade of evidence, and the tables they quote."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pandas as pd

from ..facts.records import Area, Indicator
from . import labels, numbers
from .quotes import CONSTANTS, Finding, Measure, Quoted, check_all, printed, quote, say

PROVISIONAL = ("preliminary", "estimate", "projection", "self-assessed")
_MEASURED = ("value", "rounded", "difference", "rate", "rate_signed", "signed", "signed_cell")
_POINTS_FOR = ((6, "forecast"), (4, "pace"), (2, "direction"), (1, "level"), (0, "none"))


def grade_of(history: pd.DataFrame) -> str:
    """Return the evidence grade of a history: what its comparable points (after the last break) allow.

    >>> import pandas as pd
    >>> grade_of(pd.DataFrame({"year": [2021, 2024], "value": [3.0, 7.1]}))
    'direction'
    """
    points = len(comparable(history))
    return next(grade for least, grade in _POINTS_FOR if points >= least)


def comparable(history: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a value after the last break of one series, in order of year."""
    rows = _in_order(history)
    breaks = _breaks_in(rows) if "break_before" in rows else []
    return rows[rows["year"] >= breaks[-1][0]] if breaks else rows


def definition_of(history: pd.DataFrame) -> Any:
    """Return who measured the last figure of a history: with its names where the history carries them, else its id."""
    if "definition" not in history or history.empty:
        return ""
    row = history.iloc[-1]
    if not str(row.get("definition_vi") or ""):
        return str(row["definition"] or "")
    return SimpleNamespace(id=row["definition"], name_vi=row["definition_vi"], name_en=row["definition_en"])


def breaks_of(history: pd.DataFrame) -> list[tuple[int, str]]:
    """Return the years from which the values are not comparable with earlier ones, with the reason given."""
    return [] if "break_before" not in history or history.empty else _breaks_in(_in_order(history))


def _in_order(history: pd.DataFrame) -> pd.DataFrame:
    return history[history["value"].notna()].sort_values("year")


def _breaks_in(rows: pd.DataFrame) -> list[tuple[int, str]]:
    later = rows.iloc[1:]
    reasons = later["break_before"].fillna("").astype(str).str.strip()
    return [(int(year), reason) for year, reason in zip(later["year"], reasons, strict=True) if reason]


@dataclass(frozen=True)
class Page:
    """What the sentences of one call share: the subject, its measure, the grade, and the tables quoted."""

    indicator: Indicator
    area: Area
    grade: str
    tables: dict[str, Any]

    @property
    def measure(self) -> Measure:
        """How values of the indicator are printed."""
        return Measure.of(self.indicator)

    def subject(self) -> tuple[str, str]:
        """Return what is measured and where, in both languages; nothing where the page is about counts of methods."""
        if self.indicator is None or self.area is None:
            return "", ""
        return in_both(labels.subject, self.indicator, self.area)

    def say(self, key: str, *quoted: Quoted, **words: tuple[str, str]) -> Finding:
        """Fill a sentence, if the page's grade of evidence allows it."""
        words.setdefault("subject", self.subject())
        if self.indicator is not None and self.area is not None:
            each = [labels.parts_of_share(self.indicator, self.area, lang) for lang in numbers.LANGUAGES]
            words |= {name: (each[0][at], each[1][at]) for at, name in enumerate(("part", "whole"))}
        return say(key, self.grade, *quoted, **words)

    def cells(self, table: str, row: int, **kinds: str) -> list[Quoted]:
        """Quote columns of one row: ``last="value"`` quotes column `last`; ``last__first="value"`` names it first."""
        frame = self.tables[table]
        found = []
        for spec, kind in kinds.items():
            column, _, name = spec.partition("__")
            found.append(
                quote(name or column, table, f"{column}[{row}]", frame[column].iloc[row], kind, self._measure_for(kind))
            )
        return found

    def _measure_for(self, kind: str) -> Measure | None:
        return self.measure if kind in _MEASURED else None

    def done(self, found: Iterable[Finding]) -> list[Finding]:
        """Trace every number of the findings back to the page's tables and return the findings."""
        return check_all(list(found), self.tables)


def in_both(function: Any, *arguments: Any) -> tuple[str, str]:
    """Return what a function of a language gives in Vietnamese and in English."""
    return function(*arguments, "vi"), function(*arguments, "en")


def constant(name: str, kind: str) -> Quoted:
    """Quote a number that belongs to the method, such as the width of an interval."""
    return quote(name, "constants", name, CONSTANTS[name], kind)


def known(value: Any) -> bool:
    """Tell whether a cell holds anything."""
    return value is not None and not pd.isna(value)


def sentences(found: Iterable[Finding], lang: str) -> str:
    """Join findings to one paragraph in a language."""
    return " ".join(finding.text(numbers.language(lang)) for finding in found)


def finite(value: Any) -> bool:
    """Tell whether a cell holds a usable number."""
    return known(value) and math.isfinite(float(value))


def rows_of(history: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a history that hold a value, in order of year."""
    if history.empty:
        return history
    return history[history["value"].notna()].sort_values("year", ignore_index=True)


def compared(value: Quoted, symbol: str) -> Quoted:
    """Return a quoted target in words: "tối thiểu 20%", "at least 20%"; a rank "thuộc nhóm 3 dẫn đầu"."""
    kind = f"{value.kind}:{labels.comparator(symbol)}"
    measure = Measure(value.unit, value.symbol_vi, value.symbol_en, value.decimals)
    texts = {lang: printed(kind, value.value, lang, measure) for lang in numbers.LANGUAGES}
    return Quoted(**{**value.__dict__, "kind": kind, **texts})
