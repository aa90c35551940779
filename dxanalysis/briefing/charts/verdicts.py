"""What the published methods conclude, side by side, and how the conclusion fared release by release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import findings, frame, labels, numbers, theme
from ..page import known
from . import common
from .common import SLIDE, Sheet
from .matrix import Cell, draw, step_cell

_MOST_RELEASES = 7
_HEAD = "#EFEFEF"


def verdict_panel(
    panel: pd.DataFrame,
    agreement: pd.DataFrame | None = None,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    history: pd.DataFrame | None = None,
) -> Figure:
    """Draw methods by target years, each cell a status as symbol, word and colour.

    A result that rests on an impossible extrapolation carries an asterisk, one beside a threshold the sign ≈. With
    the table `agreement` a last row says how many methods agree, and the title says so for the first target.
    """
    lang = sheet.lang
    title = _verdict_title(agreement, history, indicator, area, lang)
    with theme.settings():
        notes = [labels.label(name, lang) for name in ("flagged", "borderline") if _any(panel, name)]
        subtitle = ". ".join([labels.label("verdicts_subtitle", lang), *notes])
        page = common.open_page(sheet, title, subtitle)
        axes = page.axes()
        years = list(dict.fromkeys(panel["target_year"].dropna().astype(int))) if len(panel) else []
        if not years:
            axes.axis("off")
            common.empty_note(axes, lang, page.font) if panel.empty else _note(
                axes, labels.label("no_verdict", lang), page
            )
            return page.figure
        if (panel["step"] == "not_available").all():
            frame.silence(page.figure)
        draw(axes, page, _panel_rows(panel, agreement, years, lang), [1.15, *[1.0] * len(years)])
    return page.figure


def next_target(table: pd.DataFrame, last_year: Any) -> int:
    """Return the first target year after the last figure; where none lies ahead (or it is unknown), the last one.

    >>> next_target(pd.DataFrame({"target_year": [2023, 2025, 2030]}), 2024)
    2025
    """
    years = sorted(int(year) for year in table["target_year"].dropna().unique())
    ahead = [year for year in years if known(last_year) and year > int(last_year)]
    return ahead[0] if ahead else years[-1]


def _note(axes: Any, text: str, page: frame.Frame) -> None:
    frame.silence(page.figure)
    axes.text(
        0.5, 0.5, text, transform=axes.transAxes, size=page.font * 1.3, color=theme.MUTED, ha="center", va="center"
    )


def _any(panel: pd.DataFrame, column: str) -> bool:
    return column in panel and bool(panel[column].astype(bool).any())


def _verdict_title(
    agreement: pd.DataFrame | None, history: pd.DataFrame | None, indicator: Indicator, area: Area, lang: str
) -> str:
    if agreement is not None and agreement["target_year"].notna().any():
        last = history["year"].max() if history is not None and len(history) else None
        agreement = agreement[agreement["target_year"] == next_target(agreement, last)]
        found = findings.verdicts(pd.DataFrame(columns=["step"]), agreement.head(1), indicator=indicator, area=area)
        return found[0].text(lang).rstrip(".")
    return labels.label("verdicts_title", lang, subject=labels.subject(indicator, area, lang))


def _panel_rows(panel: pd.DataFrame, agreement: pd.DataFrame | None, years: list[int], lang: str) -> list[list[Cell]]:
    head = [
        Cell(labels.label("method", lang), weight="bold"),
        *[Cell(labels.label("target_year", lang, year=str(year)), _HEAD, weight="bold") for year in years],
    ]
    rows, found = [head], {}
    for verdict in panel[panel["target_year"].notna()].to_dict("records"):
        found.setdefault((str(verdict["method"]), int(verdict["target_year"])), verdict)
    for method in dict.fromkeys(panel["method"].astype(str)):
        row = [Cell(labels.name("method", method, lang))]
        rows.append(row + [_panel_cell(found.get((method, year)), lang) for year in years])
    if agreement is not None and len(agreement):
        rows.append(
            [
                Cell(labels.label("all_methods", lang), weight="bold"),
                *[_agreement_cell(agreement, year, lang) for year in years],
            ]
        )
    return rows


def _panel_cell(verdict: dict[str, Any] | None, lang: str) -> Cell:
    if verdict is None:
        return Cell("", _HEAD)
    mark = "".join(sign for column, sign in (("flagged", " *"), ("borderline", " ≈")) if bool(verdict.get(column)))
    return step_cell(str(verdict["step"]), labels.name("step", str(verdict["step"]), lang), mark)


def _agreement_cell(agreement: pd.DataFrame, year: int, lang: str) -> Cell:
    found = agreement[agreement["target_year"] == year]
    if found.empty or not known(found["judged"].iloc[0]) or int(found["judged"].iloc[0]) == 0:
        return Cell(f"– {labels.name('step', 'not_available', lang)}", _HEAD, weight="bold")
    row = found.iloc[0]
    count = labels.label("agreement", lang, agree=str(int(row["agree"])), judged=str(int(row["judged"])))
    word = labels.label("robust" if bool(row["robust"]) else "contested", lang)
    return Cell(f"{count}: {word}", _HEAD, weight="bold")


def releases(
    releases: pd.DataFrame,
    observations: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
) -> Figure:
    """Draw the revision triangle (years by releases) with the verdict each release leads to.

    Parameters
    ----------
    releases : DataFrame
        The table of verdicts by release; at most the last seven releases are shown.
    observations : DataFrame or mapping, optional
        The figures of every release: a table with `period` or `year`, `value` and `vintage`, or histories by the day
        they stood (``facts.load_releases``). Without it only the latest figure of each release is shown.
    """
    lang = sheet.lang
    observations = _one_table(observations)
    table = releases.sort_values("as_of", ignore_index=True) if len(releases) else releases
    title = _release_title(table, indicator, area, lang)
    with theme.settings():
        subtitle = labels.label("releases_subtitle", lang, unit=labels.in_language(indicator, "unit", lang))
        page = common.open_page(sheet, title, subtitle, table=observations)
        axes = page.axes()
        days = list(dict.fromkeys(table["as_of"].astype(str)))[-_MOST_RELEASES:] if len(table) else []
        if not days:
            axes.axis("off")
            _note(axes, labels.label("no_release", lang), page)
            return page.figure
        if (table["step"] == "not_available").all():
            frame.silence(page.figure)
        head = [Cell(""), *[Cell(numbers.date(day, lang), _HEAD, weight="bold") for day in days]]
        rows = [head, *_figures(table, observations, days, indicator, lang), *_steps(table, days, lang)]
        draw(axes, page, rows, [0.8, *[1.0] * len(days)])
    return page.figure


def _one_table(observations: pd.DataFrame | Mapping[str, pd.DataFrame] | None) -> pd.DataFrame | None:
    if not isinstance(observations, Mapping):
        return observations
    stood = [history.assign(vintage=str(day)) for day, history in observations.items() if len(history)]
    return pd.concat(stood, ignore_index=True) if stood else None


def _release_title(table: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    if len(table) and table["target_year"].notna().any():
        first = table[table["target_year"] == next_target(table, table["last_year"].max())]
        return findings.releases(first, indicator=indicator, area=area)[0].text(lang).split(". ")[0].rstrip(".")
    return labels.label("releases_title", lang, subject=labels.subject(indicator, area, lang))


def _steps(table: pd.DataFrame, days: list[str], lang: str) -> list[list[Cell]]:
    rows = []
    for year in sorted(table["target_year"].dropna().astype(int).unique()):
        row = [Cell(labels.label("verdict_for", lang, year=str(year)), weight="bold")]
        for day in days:
            found = table[(table["as_of"].astype(str) == day) & (table["target_year"] == year)]
            step = str(found["step"].iloc[0]) if len(found) else "not_available"
            row.append(step_cell(step, labels.name("step", step, lang)))
        rows.append(row)
    return rows


def _figures(
    table: pd.DataFrame, observations: pd.DataFrame | None, days: list[str], indicator: Indicator, lang: str
) -> list[list[Cell]]:
    if observations is None or observations.empty:
        return [_latest(table, days, indicator, lang)]
    known_rows = observations[observations["value"].notna() & (observations["vintage"].fillna("").astype(str) != "")]
    period = known_rows["year"] if "year" in known_rows else known_rows["period"]
    plain = pd.DataFrame(
        {
            "year": period.astype(str).str[:4].astype(int),
            "value": known_rows["value"].astype(float),
            "vintage": known_rows["vintage"].astype(str),
        }
    )
    rows = []
    for year in sorted(plain["year"].unique())[-10:]:
        row, before = [Cell(labels.label("figure_for", lang, year=str(year)))], None
        for day in days:
            value = _known_by(plain, year, day)
            row.append(_figure(value, before, indicator, lang))
            before = value if value is not None else before
        rows.append(row)
    return rows


def _known_by(plain: pd.DataFrame, year: int, day: str) -> float | None:
    """Return the newest figure of a year published by a day."""
    found = plain[(plain["year"] == year) & (plain["vintage"] <= day)].sort_values("vintage")
    return float(found["value"].iloc[-1]) if len(found) else None


def _figure(value: float | None, before: float | None, indicator: Indicator, lang: str) -> Cell:
    if value is None:
        return Cell("", "#F7F7F7")
    mark = "" if before is None or value == before else " ▲" if value > before else " ▼"
    fill = "#F7F7F7" if not mark else "#D9E8F3" if "▲" in mark else "#F6DDCB"
    return Cell(common.value_text(value, lang, indicator) + mark, fill, weight="bold" if mark else "normal")


def _latest(table: pd.DataFrame, days: list[str], indicator: Indicator, lang: str) -> list[Cell]:
    row = [Cell(labels.label("latest_figure", lang))]
    for day in days:
        found = table[table["as_of"].astype(str) == day].iloc[0]
        text = (
            f"{common.value_text(found['last'], lang, indicator)} ({int(found['last_year'])})"
            if known(found["last"])
            else "–"
        )
        row.append(Cell(text, "#F7F7F7"))
    return row
