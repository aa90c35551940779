"""What a rising share takes: how fast its numerator must outgrow the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .. import frame, labels, numbers, theme
from . import common
from .matrix import Cell, draw


def required_growth(
    table: pd.DataFrame,
    *,
    indicator: Any,
    area: Any,
    lang: str = "vi",
    size: str = "slide",
    target: float | None = None,
    target_year: int | None = None,
    last_year: int | None = None,
    history: pd.DataFrame | None = None,
    sources: Iterable[Any] = (),
    as_of: Any = None,
    title: str = "",
    code: str = "",
) -> Figure:
    """Draw how fast the numerator must grow for each growth of the denominator and each number of years.

    A share rises only as far as its numerator outgrows the whole; the darker the cell, the faster it must.

    Parameters
    ----------
    table : DataFrame
        Columns growth and required_growth (fractions a year) and years.
    """
    title = title or _growth_title(indicator, area, target, target_year, lang)
    with theme.settings():
        subtitle = labels.label("growth_subtitle", lang)
        sheet = frame.page(size, title, subtitle, common.source_line(lang, sources, as_of, code, history))
        axes = sheet.axes()
        if table.empty:
            axes.axis("off")
            common.empty_note(axes, lang, sheet.font)
            return sheet.figure
        spans = sorted(table["years"].unique())
        draw(axes, sheet, _growth_rows(table, spans, last_year, lang), [1.3, *[1.0] * len(spans)])
    return sheet.figure


def _growth_title(indicator: Any, area: Any, target: float | None, target_year: int | None, lang: str) -> str:
    name = labels.subject(indicator, area, lang)
    if target is None:
        return labels.label("growth_title", lang, subject=name)
    return labels.label(
        "growth_title_target",
        lang,
        subject=name,
        target=common.value_text(target, lang, indicator),
        year="" if target_year is None else str(target_year),
    )


def _growth_rows(table: pd.DataFrame, spans: list[Any], last_year: int | None, lang: str) -> list[list[Cell]]:
    head = [Cell(labels.label("growth_of_whole", lang), weight="bold")]
    for span in spans:
        until = "" if last_year is None else f" ({last_year + int(span)})"
        head.append(Cell(labels.label("growth_years", lang, count=str(int(span))) + until, "#EFEFEF", weight="bold"))
    rows = [head]
    low, high = table["required_growth"].min(), table["required_growth"].max()
    for rate in sorted(table["growth"].unique()):
        row = [Cell(labels.label("growth_per_year", lang, value=numbers.percent(100 * rate, lang, 1)))]
        for span in spans:
            found = table[(table["growth"] == rate) & (table["years"] == span)]["required_growth"]
            row.append(_growth_cell(float(found.iloc[0]), low, high, lang) if len(found) else Cell("", "#F7F7F7"))
        rows.append(row)
    return rows


def _growth_cell(value: float, low: float, high: float, lang: str) -> Cell:
    if np.isnan(value):
        return Cell("–", "#F7F7F7")
    level = 0 if high <= low else round((value - low) / (high - low) * (len(theme.RAMP) - 1))
    ink = theme.PAPER if theme.contrast(theme.RAMP[level]) > 4.5 else theme.INK
    return Cell(numbers.percent(100 * value, lang, 1), theme.RAMP[level], ink)
