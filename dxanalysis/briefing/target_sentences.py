"""Sentences about targets, read from their judgement: nothing here draws a conclusion of its own.

Every function takes rows of ``analysis.assess`` (the table ``assessment``) and tells them in words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..facts.records import Area, Indicator
from . import labels, numbers
from .judged import between, cautious, caveat_words, next_first, state, state_said
from .page import Page, compared, in_both, known
from .quotes import GRADES, Finding, Quoted, quote

_LEAST_TOLD = 6  # lines of an agenda told in sentences


def judgement(assessment: pd.DataFrame, *, indicator: Indicator, area: Area) -> list[Finding]:
    """Tell every target of one indicator: its state, what it takes, the outlook, the methods, and the caveats.

    Parameters
    ----------
    assessment : DataFrame
        Rows of ``analysis.assess`` of one indicator and area.
    """
    page = _page(assessment[assessment["area"] == area.id], indicator, area)
    found = [one for at in range(len(page.tables["assessment"])) for one in _target(page, at)]
    return page.done(_once(found))


def _page(assessment: pd.DataFrame, indicator: Indicator, area: Area) -> Page:
    table = assessment.reset_index(drop=True)
    most = int(table["rung"].max()) if len(table) else 0
    return Page(indicator, area, GRADES[most], {"assessment": table, "derived": _derived(table)})


def _derived(table: pd.DataFrame) -> pd.DataFrame:
    """Return what sentences quote besides the record itself: spans, percentages and the fastest precedent."""
    years = table["target_year"].astype("float64") - table["figure_year"].astype("float64")
    first = [row[0] if len(row) else {} for row in table["precedent_fastest"]]
    return pd.DataFrame({
        "years": years.abs(),
        "part": 100 * table["observed_per_year"] / table["required_per_year"],
        **{name: 100 * table[name] for name in ("required_growth", "observed_growth", "whole_growth")},
        **{f"fastest_{name}": [one.get(name, math.nan) for one in first] for name in ("year", "from", "to")},
        "fastest_who": [str(one.get("area", "")) for one in first],
    })


def _once(found: Iterable[Finding]) -> list[Finding]:
    """Keep the first of sentences that are the same, such as a caveat of one figure under two targets."""
    return list({one.vi: one for one in found}.values())


def _target(page: Page, at: int) -> list[Finding]:
    row = page.tables["assessment"].iloc[at]
    return [*_state(page, at, row), *_measured(page, at, row), *_takes(page, at, row), *_outlook(page, at, row),
            *_methods(page, at, row), *_caveats(page, at, row)]


def _measured(page: Page, at: int, row: pd.Series) -> list[Finding]:
    """Name who measured where the targets of one series are judged by figures of several definitions."""
    seen = page.tables["assessment"]
    if not known(row["figure"]) or seen.loc[seen["figure"].notna(), "definition"].nunique() < 2:
        return []
    cells = page.cells("assessment", at, target_year="year")
    return [page.say("judged_by", *cells, definition=in_both(labels.definer, str(row["definition"])))]


# ---------------------------------------------------------------- what is the case


def _goal(page: Page, at: int) -> list[Quoted]:
    year, target = page.cells("assessment", at, target_year="year", target="value")
    return [year, compared(target, str(page.tables["assessment"]["comparator"].iloc[at]))]


def _cells(page: Page, at: int) -> list[Quoted]:
    """Quote the figure, its year and the distance, in words with a sign and as a bare gap."""
    row = page.tables["assessment"].iloc[at]
    if not known(row["figure"]):
        return []
    kinds = {"figure": "value", "figure_year": "year"}
    if known(row["missing"]):
        kinds |= {"missing": "signed", "missing__gap": "difference"}
    return page.cells("assessment", at, **kinds)


def _state(page: Page, at: int, row: pd.Series) -> list[Finding]:
    state = str(row["state"])
    if state == "no_target_held":
        given = {} if not row["successor"] else {"successor": _successor(row)}
        return [page.say("no_target_successor" if given else "no_target", **given)]
    cells = [*_goal(page, at), *_cells(page, at)]
    if state == "no_figure_held":
        return [page.say("judged_no_figure", *cells)]
    if state_said(row) == "ended":
        return [page.say("judged_ended", *cells, successor=_successor(row))]
    if state == "due":
        return _due(page, row, cells)
    words = {"why": in_both(labels.name, "doubt", str(row["reason"]))} if state == "cannot_tell" else {}
    return [page.say(f"judged_{state}", *cells, **words)]


def _due(page: Page, row: pd.Series, cells: list[Quoted]) -> list[Finding]:
    if row["figure_year"] > row["target_year"]:
        return [page.say("judged_due_later", *cells)]
    if not row["missing"] > 0:
        return [page.say("judged_due", *cells)]
    way = "rank" if row["unit"] == "rank" else "up" if row["target"] > row["figure"] else "down"
    needed = [] if row["kind"] == "growth_rate" else [page.say(f"judged_due_{way}", *cells)]
    return [page.say("judged_due", *cells), *needed]


def _successor(row: pd.Series) -> tuple[str, str]:
    return str(row.get("successor_vi") or row["successor"]), str(row.get("successor_en") or row["successor"])


# ---------------------------------------------------------------- what it takes


def _takes(page: Page, at: int, row: pd.Series) -> list[Finding]:
    if row["state"] != "open":
        return []
    cells = [*_goal(page, at), *_cells(page, at)]
    if row["kind"] == "growth_rate":
        return [page.say("takes_level_rate", *cells)]
    if not known(row["required_per_year"]):
        return []
    way = "rank" if row["unit"] == "rank" else "up" if row["required_per_year"] >= 0 else "down"
    key = f"takes_last_year_{way}" if row["years_left"] == 1 else f"takes_{way}"
    cells += page.cells("assessment", at, required_per_year__required="rate", years_left="count:year")
    return [page.say(key, *cells), *_growth(page, at, row, cells), *_pace(page, at, row, cells)]


def _pace(page: Page, at: int, row: pd.Series, cells: list[Quoted]) -> list[Finding]:
    part = page.tables["derived"]["part"].iloc[at]
    if row["rung"] < 3 or not known(part) or row["step"] == "no_clear_change":
        return []
    way = "away" if part < 0 else "enough" if part >= 100 else "part"
    rank = row["unit"] == "rank"  # a rank that falls in number moves up
    kind = "rate" if rank else "rate_signed"
    told = page.cells("assessment", at, observed_from="year", observed_per_year__observed=kind)
    told += page.cells("derived", at, part="percent")
    return [page.say(f"pace_{way}_rank" if rank else f"pace_{way}", *cells, *told)]


def _growth(page: Page, at: int, row: pd.Series, cells: list[Quoted]) -> list[Finding]:
    basis = str(row["growth_basis"])
    if not basis or not known(row["required_growth"]):
        return []
    told = ("required_growth",) if basis == "own" else ("required_growth", "whole_growth")
    cells = [*cells, *page.cells("derived", at, **dict.fromkeys(told, "growth"))]
    if basis != "observed":
        return [page.say(f"growth_{basis}", *cells)]
    years = page.cells("assessment", at, growth_from="year", growth_to="year")
    found = [page.say("growth_observed", *cells, *years)]
    if known(row["observed_growth"]):
        found.append(page.say("growth_numerator", *years, *page.cells("derived", at, observed_growth="growth")))
    return found


# ---------------------------------------------------------------- the outlook


def _outlook(page: Page, at: int, row: pd.Series) -> list[Finding]:
    if row["state"] not in ("open", "due", "at_level"):
        return []
    if row["basis"] == "reference_class":
        return _precedent(page, at, row)
    if not row["word"]:
        if not known(row["outlook_low"]):
            return []
        return [page.say("outlook_unsettled", *_goal(page, at), band=in_both(between, row))]
    basis = str(row["basis"])
    cells = [*_goal(page, at), *page.cells("assessment", at, n="count:comparable", basis_count="count:other_area")]
    words: dict[str, tuple[str, str]] = {"likelihood": in_both(labels.name, "likelihood", str(row["word"]))}
    kind = {"own_series": "own", "panel": "panel"}.get(basis, "learned")
    if known(row["outlook"]):
        cells += page.cells("assessment", at, outlook="probability")
        return [page.say(f"outlook_{kind}", *cells, **words), *_expected(page, at, row)]
    return [page.say(f"outlook_band_{kind}", *cells, _band(page, at, row), **words)]


def _band(page: Page, at: int, row: pd.Series) -> Quoted:
    """Quote a band of probability by the end that limits it: "below 10%", "90% or more"."""
    column, kind = ("outlook_high", "below") if row["outlook_low"] <= 0 else ("outlook_low", "above")
    return page.cells("assessment", at, **{f"{column}__band": kind})[0]


def _precedent(page: Page, at: int, row: pd.Series) -> list[Finding]:
    stay = row["state"] == "at_level" or not row["missing"] > 0
    kinds = {"target__target_value": "value", "precedent_share__share": "per_hundred",
             "precedent_episodes__episodes": "count:case"}
    cells = [*_goal(page, at), *_cells(page, at), *page.cells("assessment", at, **kinds)]
    cells += page.cells("derived", at, years="count:year")
    words = {"class": in_both(labels.name, "evidence_class", str(row["basis_class"]) or "any")}
    if not row["word"]:
        found = [page.say("precedent_open_stay" if stay else "precedent_open", *cells, **words)]
    else:
        words["likelihood"] = in_both(labels.name, "likelihood", str(row["word"]))
        cells.append(_band(page, at, row))
        words["cautious"] = in_both(lambda lang: f"; {said}" if (said := cautious(row, lang)) else "")
        if not stay:
            cells += page.cells("assessment", at, precedent_half__half="value")
        found = [page.say("precedent_stay" if stay else "precedent_below", *cells, **words)]
    return found if stay else [*found, *_fastest(page, at)]


def _fastest(page: Page, at: int) -> list[Finding]:
    row = page.tables["derived"].iloc[at]
    if not row["fastest_who"] or not known(row["fastest_from"]):
        return []
    kinds = {"fastest_year__year": "year", "fastest_from__from": "value", "fastest_to__to": "value"}
    return [page.say("precedent_fastest", *page.cells("derived", at, **kinds), who=(row["fastest_who"],) * 2)]


def _expected(page: Page, at: int, row: pd.Series) -> list[Finding]:
    """Tell the year in which the target is expected to be reached, with its range, as the record has it."""
    if row["state"] != "open" or not known(row["expected_low"]):
        return []
    ends = {"target": "value", "expected_low__low": "year"}
    if not known(row["expected_year"]):
        return [page.say("expected_beyond_from", *page.cells("assessment", at, **ends), *_constants())]
    ends["expected_year"] = "year"
    if not known(row["expected_high"]):
        return [page.say("expected_year_open", *page.cells("assessment", at, **ends), *_constants())]
    ends["expected_high__high"] = "year"
    return [page.say("expected_year_range", *page.cells("assessment", at, **ends), *_constants())]


def _constants() -> list[Quoted]:
    return [quote("interval", "constants", "interval", 80.0, "percent"),
            quote("horizon", "constants", "horizon", 2050.0, "year")]


# ---------------------------------------------------------------- methods and caveats


def _methods(page: Page, at: int, row: pd.Series) -> list[Finding]:
    if row["state"] != "open" or not row["judged"]:
        return []
    year = page.cells("assessment", at, target_year="year")
    if row["step"] == "no_clear_change":
        return [page.say("families_no_change", *year, *page.cells("assessment", at, noise="difference"))]
    cells = [*year, *page.cells("assessment", at, agree="count", judged="count:family")]
    words = {"step": in_both(labels.name, "step", str(row["step"]))}
    if row["robust"]:
        return [page.say("families_robust", *cells, **words)]
    return [page.say("families_shaky", *cells, **words, why=in_both(labels.name, "shaky", str(row["reason"])))]


def _caveats(page: Page, at: int, row: pd.Series) -> list[Finding]:
    said = in_both(caveat_words, row)
    if not known(row["figure"]) or not said[0]:
        return []
    return [page.say("caveats", *page.cells("assessment", at, figure_year="year"), list=said)]


# ---------------------------------------------------------------- one line


def summary(assessment: pd.DataFrame, *, indicator: Indicator, area: Area) -> Finding:
    """Return the one line a title carries: the state of the next target from the year judged on, as in the charts."""
    page = _page(assessment[assessment["area"] == area.id], indicator, area)
    rows = page.tables["assessment"]
    if rows.empty:
        return page.done([page.say("headline_nothing")])[0]
    at = int(next_first(rows, int(rows["year"].max())).index[0])
    row = rows.iloc[at]
    state = str(row["state"])
    cells = _cells(page, at) if state == "no_target_held" else [*_goal(page, at), *_cells(page, at)]
    if state in ("no_target_held", "no_figure_held"):
        key = "headline_no_target" if known(row["figure"]) else "headline_nothing"
        return page.done([page.say(key, *cells)])[0]
    if state == "open" and row["word"]:
        word = in_both(labels.name, "likelihood", str(row["word"]))
        return page.done([page.say("headline_outlook", *cells, likelihood=word)])[0]
    return page.done([page.say(f"headline_state_{state_said(row)}", *cells)])[0]


# ---------------------------------------------------------------- all targets of an area


def agenda(assessment: pd.DataFrame, *, area: Area, year: int, catalogue: Any, day: Any = None) -> list[Finding]:
    """Count the targets of an area by state and tell the first rows in a sentence each.

    Parameters
    ----------
    assessment : DataFrame
        Rows of ``analysis.assess`` of one area, all indicators.
    catalogue : object
        With ``find_indicator(id)``.
    day : date or str, optional
        The day whose knowledge counts; without it the newest of everything does.
    """
    assessment = assessment[assessment["area"] == area.id]
    held = assessment[assessment["state"] != "no_target_held"].reset_index(drop=True)
    page = _Nameless(None, area, "none", {"assessment": held, "derived": _derived(held)})
    place = in_both(labels.place_name, area)
    found = [page.say("targets_none", place=place)]
    if len(held):
        counts = held.apply(state_said, axis=1).value_counts()
        listed = tuple("; ".join(f"{labels.name('state', state, lang)}: {counts[state]}" for state in _ORDER
                                 if state in counts) for lang in numbers.LANGUAGES)
        told = quote("targets", "assessment", f"count(area={area.id})", len(held), "count:target")
        found = [page.say("targets_counts", told, place=place, list=listed, seen=_seen(year, str(day or "")))]
    gone = [row for _, row in assessment.iterrows() if row["successor"]][:1]
    found += [page.say("targets_successor", place=place, successor=_successor(row)) for row in gone]
    seen = ranked(held)
    lines = [_line(area, held, at, catalogue) for at in seen[seen].index[:_LEAST_TOLD]] if len(held) else []
    return [*page.done(found), *lines]


_ORDER = ("missed", "due", "open", "at_level", "cannot_tell", "ended", "met", "no_figure_held")


def ranked(assessment: pd.DataFrame) -> pd.Series:
    """Return whether each row has a figure, in the order in which rows are told: the most urgent state first."""
    order = assessment["state"].map(_ORDER.index)
    place = pd.DataFrame({"order": order, "year": assessment["target_year"]}).sort_values(["order", "year"]).index
    return assessment["figure"].notna().reindex(place)


def _seen(year: int, as_of: str) -> tuple[str, str]:
    """Return from where one looks: the end of a year as known then, or as known today."""
    if as_of:
        day = [numbers.date(as_of, lang) for lang in numbers.LANGUAGES]
        return f"Theo những gì đã biết đến ngày {day[0]}", f"As known on {day[1]}"
    return f"Đến hết năm {year}, theo dữ liệu mới nhất", f"At the end of {year}, as known today"


class _Nameless(Page):
    """A page whose sentences name their subject themselves."""

    def subject(self) -> tuple[str, str]:
        return "", ""


def _line(area: Area, table: pd.DataFrame, at: int, catalogue: Any) -> Finding:
    record = catalogue.find_indicator(str(table["indicator"].iloc[at]))
    row = table.iloc[at]
    page = _Nameless(record, area, "none", {"assessment": table, "derived": _derived(table)})
    words = {"what": in_both(labels.in_language, record, "short"), "state": in_both(state, row)}
    cells = [*_goal(page, at), *_cells(page, at)]
    if row["state"] in ("open", "due") and row["word"]:
        words["likelihood"] = in_both(labels.name, "likelihood", str(row["word"]))
        return page.done([page.say("target_line_outlook", *cells, **words)])[0]
    return page.done([page.say("target_line_figure" if known(row["figure"]) else "target_line", *cells, **words)])[0]
