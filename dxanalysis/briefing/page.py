"""What the sentences of one call share (subject, measure, grade, tables), and what changed between two analyses."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pandas as pd

from ..facts.records import Area, Indicator
from . import labels, numbers
from .quotes import CONSTANTS, Finding, Measure, Quoted, allows, check_all, printed, quote, say

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


CAUSES = ("new_data", "revision", "target", "method", "code")
_KINDS = {"figure": "value", "probability": "probability", "median": "rounded", "verdict": "times"}
_REFERENCE = "statcan"  # the method whose ratio is told where no verdict turned
_ORDER = ("overall", "figure", "probability", "median", "verdict")


def changes(changes: pd.DataFrame, *, indicator: Indicator, area: Area) -> list[Finding]:
    """Say what moved and what moved it; where nothing moved, say that.

    Every number is a cell of the table of :func:`dxanalysis.analysis.changes`.
    """
    table = told_first(changes)
    page = Page(indicator, area, "none", {"changes": table})
    if table.empty:
        return page.done([page.say("change_none")])
    found = _told(page)
    return page.done([*found, *_joint_cause(page)])


def told_first(changes: pd.DataFrame) -> pd.DataFrame:
    """Put the rows in the order in which they are told; of the verdicts, those that flipped before those that moved."""
    rank = changes["what"].map(_ORDER.index) + 0.5 * (
        (changes["what"] == "verdict") & (changes["step_before"] == changes["step_after"])
    )
    return changes.assign(rank=rank).sort_values("rank", kind="stable").drop(columns="rank").reset_index(drop=True)


def _told(page: Page) -> list[Finding]:
    """Tell each move once; methods that turned the same way are counted, and one that kept its verdict is passed by."""
    table, said = page.tables["changes"], []
    alike = table[table["what"] == "verdict"].groupby(["target_year", "step_before", "step_after"])
    flips = {key: list(rows.index) for key, rows in alike if key[1] != key[2]}
    for at, row in table.iterrows():
        if row["what"] != "verdict":
            said += _sentences(page, int(at))
            continue
        same = flips.get((row["target_year"], row["step_before"], row["step_after"]), [])
        if len(same) == 1 or (not same and row["method"] == _REFERENCE):
            said += _sentences(page, int(at))
        elif same and same[0] == at:
            said.append(_counted(page, int(at), row, len(same)))
    return said


def _counted(page: Page, at: int, row: pd.Series, count: int) -> Finding:
    cell = (f"count(what=verdict&target_year={int(row['target_year'])}"
            f"&step_before={row['step_before']}&step_after={row['step_after']})")
    year = page.cells("changes", at, target_year="year")
    return page.say("change_methods", *year, quote("n", "changes", cell, count, "count"), **_steps(row))


def _joint(table: pd.DataFrame) -> str:
    """Return the cause that alone explains every move that has one, or nothing."""
    shares = table.loc[~table["what"].isin(("figure", "probability", "median")), [f"percent_{one}" for one in CAUSES]]
    whole = [one for one in CAUSES if len(shares) and (shares[f"percent_{one}"].sub(100).abs() < 0.5).all()]
    return whole[0] if whole else ""


def _joint_cause(page: Page) -> list[Finding]:
    table = page.tables["changes"]
    cause = _joint(table)
    said = [page.say("change_cause_all", cause_a=in_both(labels.name, "cause", cause))] if cause else []
    return [*said, *([page.say("change_forecast")] if table["what"].isin(("probability", "median")).any() else [])]


def _sentences(page: Page, at: int) -> list[Finding]:
    row = page.tables["changes"].iloc[at]
    what = str(row["what"])
    if what == "overall":
        said = page.say("change_overall", *page.cells("changes", at, target_year="year"), **_steps(row))
    elif what == "verdict":
        said = _verdict(page, at, row)
    elif what == "figure":
        said = _figure(page, at, row)
    elif finite(row["before"]) and finite(row["after"]):
        kind = _KINDS[what]
        said = page.say(f"change_{what}", *page.cells("changes", at, target_year="year", before=kind, after=kind))
    else:
        return []
    speaks = what in ("figure", "probability", "median") or bool(_joint(page.tables["changes"]))
    return [said] if speaks else [said, _cause(page, at, row)]


def _steps(row: pd.Series) -> dict[str, tuple[str, str]]:
    return {
        "before_step": in_both(labels.name, "step", str(row["step_before"]) or "not_available"),
        "after_step": in_both(labels.name, "step", str(row["step_after"]) or "not_available"),
    }


def _verdict(page: Page, at: int, row: pd.Series) -> Finding:
    words = _steps(row) | {"method": in_both(labels.name, "method", str(row["method"]))}
    year = page.cells("changes", at, target_year="year")
    if not (finite(row["before"]) and finite(row["after"])):
        return page.say("change_verdict_bare", *year, **words)
    key = "change_ratio" if row["step_before"] == row["step_after"] else "change_verdict"
    return page.say(key, *year, *page.cells("changes", at, before="times", after="times"), **words)


def _figure(page: Page, at: int, row: pd.Series) -> Finding:
    had, has = finite(row["before"]), finite(row["after"])
    key = "change_revised" if had and has else "change_new" if has else "change_gone"
    kinds = {name: "value" for name, known in (("before", had), ("after", has)) if known}
    return page.say(key, *page.cells("changes", at, figure_year="year", **kinds))


def _cause(page: Page, at: int, row: pd.Series) -> Finding:
    """Say what moved a number: one cause, or each with its share."""
    shares = [(cause, row[f"percent_{cause}"]) for cause in CAUSES]
    told = [(cause, share) for cause, share in shares if finite(share) and round(abs(share)) >= 1]
    if not told:
        return page.say("change_cause_unknown")
    names = {
        f"cause_{place}": in_both(labels.name, "cause", cause) for place, (cause, _) in zip("abcde", told, strict=False)
    }
    if len(told) == 1:
        return page.say("change_cause_one", **names)
    quoted = [
        quote(f"share_{place}", "changes", f"percent_{cause}[{at}]", share, "percent")
        for place, (cause, share) in zip("abcde", told, strict=False)
    ]
    return page.say(f"change_cause_{len(told)}", *quoted, **names)


def change_rows(changes: pd.DataFrame, indicator: Indicator, lang: str) -> list[tuple[str, str, str, str]]:
    """Return what moved as rows of text: what, before, after, cause."""
    measure = Measure.of(indicator)
    return [
        (_what(row, lang), *_ends(row, measure, lang), _short_cause(row, lang))
        for _, row in told_first(changes).iterrows()
    ]


def _what(row: pd.Series, lang: str) -> str:
    year = row["figure_year"] if row["what"] == "figure" else row["target_year"]
    method = labels.name("method", str(row["method"]), lang)
    return labels.label(f"moved_{row['what']}", lang, year=str(int(year)), method=method)


def _ends(row: pd.Series, measure: Measure, lang: str) -> tuple[str, str]:
    found = []
    for end in ("before", "after"):
        step, value = str(row[f"step_{end}"]), row[end]
        word = labels.name("step", step, lang) if step else ""
        number = printed(_KINDS[row["what"]], float(value), lang, measure) if finite(value) else ""
        found.append(f"{word} ({number})" if word and number else word or number or "–")
    return found[0], found[1]


def _short_cause(row: pd.Series, lang: str) -> str:
    told = [
        (cause, float(row[f"percent_{cause}"])) for cause in CAUSES
        if finite(row[f"percent_{cause}"]) and round(abs(row[f"percent_{cause}"])) >= 1
    ]
    if row["what"] in ("probability", "median"):
        return labels.label("moved_forecast", lang)
    if not told:
        return labels.label("moved_several", lang)
    names = [(labels.name("cause", cause, lang), numbers.percent(share, lang, 0)) for cause, share in told]
    return names[0][0] if len(names) == 1 else "; ".join(f"{share} {name}" for name, share in names)


def headline(history: pd.DataFrame, *, indicator: Indicator, area: Area, grade: str | None = None) -> Finding:
    """Return the one line a title carries where no target is judged: how far the series moved, or its level."""
    rows = rows_of(history)
    if rows.empty:
        page = Page(indicator, area, "none", {})
        return page.done([page.say("headline_nothing")])[0]
    page = Page(indicator, area, grade or grade_of(rows), {"history": rows})
    last, first = len(rows) - 1, int((rows["year"] == comparable(rows)["year"].iloc[0]).argmax())
    ends = page.cells("history", last, value__last="value", year__last_year="year")
    if first == last or not allows(page.grade, "direction"):
        return page.done([page.say("headline_level", *ends)])[0]
    change = rows["value"].iloc[last] - rows["value"].iloc[first]
    ends = [*page.cells("history", first, value__first="value", year__first_year="year"), *ends]
    way = "flat" if change == 0 else "rank" if page.measure.unit == "rank" else "up" if change > 0 else "down"
    return page.done([page.say(f"headline_{way}", *ends)])[0]
