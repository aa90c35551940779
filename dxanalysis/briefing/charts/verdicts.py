"""What the published methods conclude, side by side, and how the conclusion fared release by release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import findings, judged, labels, numbers, theme
from ..labels import word
from ..page import known
from . import common, scales
from .agenda import instead, state_cell
from .common import SLIDE, Sheet
from .matrix import HEAD, Cell, draw, step_cell

_MOST_RELEASES = {"phone": 3}


def verdict_panel(
    panel: pd.DataFrame,
    agreement: pd.DataFrame | None = None,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    history: pd.DataFrame | None = None,
    assessed: pd.DataFrame | None = None,
) -> Figure:
    """Draw methods by target years, each cell a status as symbol, word and colour.

    A result that rests on an impossible extrapolation carries an asterisk, one beside a threshold the sign ≈. With
    the table `agreement` a last row says how many methods agree, and the title says so for the first target. A method
    that can say nothing is left out; where none can, the judgement of the targets stands in their place.

    Parameters
    ----------
    panel, agreement : DataFrame
        Verdicts by method and target, and what they agree on.
    history : DataFrame, optional
        Figures whose sources and day the page names.
    assessed : DataFrame, optional
        Judgements of the same targets, for the title; a closed target is met or missed, whatever methods said of its
        pace.
    """
    lang = sheet.lang
    judging = panel[(panel["step"] != "not_available") & panel["target_year"].notna()] if len(panel) else panel
    closed = _closed(assessed)
    with theme.settings():
        if judging.empty:
            missing = labels.label("needs_verdict", lang)
            return instead(sheet, missing, indicator=indicator, area=area, assessed=assessed, history=history)
        notes = [labels.label(name, lang) for name in ("flagged", "borderline") if _any(judging, name)]
        subtitle = ". ".join([labels.label("verdicts_subtitle", lang), *notes])
        title = _verdict_title(assessed, agreement, indicator, area, lang)
        page = common.open_page(sheet, title, subtitle, table=history, drawing=0.36 * judging["method"].nunique())
        years = list(dict.fromkeys(judging["target_year"].astype(int)))
        rows = _panel_rows(judging, agreement, closed, years, lang)
        draw(page.axes(), page, rows, [1.15, *[1.0] * len(years)])
    return page.figure


def _closed(assessed: pd.DataFrame | None) -> dict[int, str]:
    """Return the state of each target that is closed, by its year."""
    if assessed is None or assessed.empty:
        return {}
    rows = assessed[assessed["state"].isin(("met", "missed", "cannot_tell"))]
    return {int(year): str(state) for year, state in zip(rows["target_year"], rows["state"], strict=True)}


def next_target(table: pd.DataFrame, last_year: Any) -> int:
    """Return the first target year after the last figure; where none lies ahead (or it is unknown), the last one.

    >>> next_target(pd.DataFrame({"target_year": [2023, 2025, 2030]}), 2024)
    2025
    """
    years = sorted(int(year) for year in table["target_year"].dropna().unique())
    ahead = [year for year in years if known(last_year) and year > int(last_year)]
    return ahead[0] if ahead else years[-1]


def _any(panel: pd.DataFrame, column: str) -> bool:
    return column in panel and bool(panel[column].astype(bool).any())


def _verdict_title(
    assessed: pd.DataFrame | None, agreement: pd.DataFrame | None, indicator: Indicator, area: Area, lang: str
) -> str:
    """Say what the methods conclude on the next target that is open, as judged or as their verdicts are counted."""
    closed = _closed(assessed)
    rows = [row for table in (assessed, agreement) if table is not None for row in table.to_dict("records")]
    for row in rows:
        counted = row.get("state", "open") == "open" and judged.has(row, "judged") and row["target_year"] not in closed
        said = judged.methods_cell(row, lang) if counted else ""
        if said:
            said = labels.label("target_at", lang, year=str(int(row["target_year"])), value=said)
            return _about(said, indicator, area, lang)
    return labels.label("verdicts_title", lang, subject=labels.subject(indicator, area, lang))


def _panel_rows(
    panel: pd.DataFrame, agreement: pd.DataFrame | None, closed: dict[int, str], years: list[int], lang: str
) -> list[list[Cell]]:
    heads = [Cell(labels.label("target_year", lang, year=str(year)), HEAD, weight="bold") for year in years]
    rows, found = [[Cell(labels.label("method", lang), weight="bold"), *heads]], {}
    for verdict in panel.to_dict("records"):
        found.setdefault((str(verdict["method"]), int(verdict["target_year"])), verdict)
    for method in dict.fromkeys(panel["method"].astype(str)):
        row = [Cell(labels.name("method", method, lang))]
        rows.append(row + [_panel_cell(found.get((method, year)), closed.get(year, ""), lang) for year in years])
    if agreement is not None and len(agreement):
        last = [_agreement_cell(agreement, year, closed.get(year, ""), lang) for year in years]
        rows.append([Cell(labels.label("all_methods", lang), weight="bold"), *last])
    return rows


def _panel_cell(verdict: dict[str, Any] | None, closed: str, lang: str) -> Cell:
    if verdict is None or closed:  # the question is closed: no word on its pace
        return Cell("", "#F7F7F7")
    mark = "".join(sign for column, sign in (("flagged", " *"), ("borderline", " ≈")) if bool(verdict.get(column)))
    return step_cell(str(verdict["step"]), labels.name("step", str(verdict["step"]), lang), mark)


def _agreement_cell(agreement: pd.DataFrame, year: int, closed: str, lang: str) -> Cell:
    if closed:
        return state_cell(closed, word("state", closed, lang))
    found = agreement[agreement["target_year"] == year]
    if found.empty or not known(found["judged"].iloc[0]) or int(found["judged"].iloc[0]) == 0:
        return Cell(f"– {labels.name('step', 'not_available', lang)}", HEAD, weight="bold")
    row = found.iloc[0]
    count = labels.label("agreement", lang, agree=str(int(row["agree"])), judged=str(int(row["judged"])))
    held = labels.label("robust" if bool(row["robust"]) else "contested", lang)
    return Cell(f"{count}: {held}", HEAD, weight="bold")


def releases(
    releases: pd.DataFrame,
    observations: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    assessed: pd.DataFrame | None = None,
) -> Figure:
    """Draw the revision triangle (years by releases) with the verdict each release leads to.

    Verdicts that say nothing are left out; where neither a second figure nor a verdict is left, nothing is drawn and
    what is missing is said.

    Parameters
    ----------
    releases : DataFrame
        The table of verdicts by release; at most the last seven releases are shown.
    observations : DataFrame or mapping, optional
        The figures of every release: a table with `period` or `year`, `value` and `vintage`, or histories by the day
        they stood (``facts.load_releases``). Without it only the latest figure of each release is shown.
    assessed : DataFrame, optional
        Judgements of the series' targets.
    """
    lang = sheet.lang
    observations = _one_table(observations)
    table = releases.sort_values("as_of", ignore_index=True) if len(releases) else releases
    days = list(dict.fromkeys(table["as_of"].astype(str)))[-_MOST_RELEASES.get(sheet.size, 7) :] if len(table) else []
    closed = _closed(assessed)
    with theme.settings():
        figures = _figures(table, observations, days, indicator, lang) if days else []
        steps = _steps(table, days, closed, lang)
        if len(figures) + len(steps) < 2:
            return common.silent(sheet, labels.label("needs_releases", lang))
        title = (
            _release_title(table, closed, indicator, area, lang)
            if steps
            else _figures_title(table, observations, days, indicator, area, lang)
        )
        subtitle = labels.label("releases_subtitle", lang, unit=labels.in_language(indicator, "unit", lang))
        page = common.open_page(sheet, title, subtitle, table=observations, drawing=0.3 * len([*figures, *steps]))
        head = [Cell(""), *[Cell(numbers.date(day, lang), HEAD, weight="bold") for day in days]]
        draw(page.axes(), page, [head, *figures, *steps], [0.8, *[1.0] * len(days)])
    return page.figure


def _figures_title(
    table: pd.DataFrame, observations: pd.DataFrame | None, days: list[str], indicator: Indicator, area: Area, lang: str
) -> str:
    """Say how often the figures were published and how far the largest revision went."""
    subject = labels.subject(indicator, area, lang)
    given = {"subject": subject, "count": str(len(days))}
    spread = 0.0
    if observations is not None and len(observations):
        plain = _plain(observations)
        spread = float((plain.groupby("year")["value"].max() - plain.groupby("year")["value"].min()).max())
    elif "last" in table:
        ends = table.groupby("last_year")["last"]
        spread = float((ends.max() - ends.min()).max())
    if not spread:
        return labels.label("releases_unrevised", lang, **given)
    return labels.label("releases_revised", lang, most=scales.difference_text(spread, lang, indicator), **given)


def _one_table(observations: pd.DataFrame | Mapping[str, pd.DataFrame] | None) -> pd.DataFrame | None:
    if not isinstance(observations, Mapping):
        return observations
    stood = [history.assign(vintage=str(day)) for day, history in observations.items() if len(history)]
    return pd.concat(stood, ignore_index=True) if stood else None


def _release_title(table: pd.DataFrame, closed: dict[int, str], indicator: Indicator, area: Area, lang: str) -> str:
    rows = table[table["target_year"].notna() & ~table["target_year"].isin(closed)]
    first = rows[rows["target_year"] == next_target(rows, table["last_year"].max())]
    said = findings.releases(first, indicator=indicator, area=area)[0].text(lang)
    return _about(said.split(". ")[0], indicator, area, lang)


def _about(said: str, indicator: Indicator, area: Area, lang: str) -> str:
    """Put what a sentence speaks of before it: a picture travels without its page."""
    subject = labels.subject(indicator, area, lang)
    text = said.rstrip(".")
    return text if subject.lower() in text.lower() else f"{labels.upper_first(subject)}. {text}"


def _steps(table: pd.DataFrame, days: list[str], closed: dict[int, str], lang: str) -> list[list[Cell]]:
    """Return a row for each target that is open and of which some release allowed a verdict."""
    rows = []
    for year in sorted(table["target_year"].dropna().astype(int).unique()) if len(table) else []:
        row = [Cell(labels.label("verdict_for", lang, year=str(year)), weight="bold")]
        mine = table[table["target_year"] == year]
        if year in closed or (mine["step"] == "not_available").all():
            continue
        for day in days:
            found = mine[mine["as_of"].astype(str) == day]
            step = str(found["step"].iloc[0]) if len(found) else "not_available"
            row.append(step_cell(step, labels.name("step", step, lang)))
        rows.append(row)
    return rows


def _figures(
    table: pd.DataFrame, observations: pd.DataFrame | None, days: list[str], indicator: Indicator, lang: str
) -> list[list[Cell]]:
    if observations is None or observations.empty:
        return [_latest(table, days, indicator, lang)]
    plain = _plain(observations)
    rows = []
    for year in sorted(plain["year"].unique())[-10:]:
        row, before = [Cell(labels.label("figure_for", lang, year=str(year)))], None
        for day in days:
            value = _known_by(plain, year, day)
            row.append(_figure(value, before, indicator, lang))
            before = value if value is not None else before
        rows.append(row)
    return rows


def _plain(observations: pd.DataFrame) -> pd.DataFrame:
    """Return year, value and day of publication of every dated figure."""
    known_rows = observations[observations["value"].notna() & (observations["vintage"].fillna("").astype(str) != "")]
    period = known_rows["year"] if "year" in known_rows else known_rows["period"]
    return pd.DataFrame({"year": period.astype(str).str[:4].astype(int), "value": known_rows["value"].astype(float),
                         "vintage": known_rows["vintage"].astype(str)})


def _known_by(plain: pd.DataFrame, year: int, day: str) -> float | None:
    """Return the newest figure of a year published by a day."""
    found = plain[(plain["year"] == year) & (plain["vintage"] <= day)].sort_values("vintage")
    return float(found["value"].iloc[-1]) if len(found) else None


def _figure(value: float | None, before: float | None, indicator: Indicator, lang: str) -> Cell:
    if value is None:
        return Cell("", "#F7F7F7")
    mark = "" if before is None or value == before else " ▲" if value > before else " ▼"
    fill = "#F7F7F7" if not mark else "#D9E8F3" if "▲" in mark else "#F6DDCB"
    return Cell(scales.value_text(value, lang, indicator) + mark, fill, weight="bold" if mark else "normal")


def _latest(table: pd.DataFrame, days: list[str], indicator: Indicator, lang: str) -> list[Cell]:
    row = [Cell(labels.label("latest_figure", lang))]
    for day in days:
        found = table[table["as_of"].astype(str) == day].iloc[0]
        text = (
            f"{scales.value_text(found['last'], lang, indicator)} ({int(found['last_year'])})"
            if known(found["last"])
            else "–"
        )
        row.append(Cell(text, "#F7F7F7"))
    return row
