"""Past forecasts beside what came."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import frame, labels, theme
from . import common


def track_record(
    record: pd.DataFrame,
    *,
    indicator: Any,
    area: Any,
    lang: str = "vi",
    size: str = "slide",
    history: pd.DataFrame | None = None,
    sources: Iterable[Any] = (),
    as_of: Any = None,
    title: str = "",
    code: str = "",
) -> Figure:
    """Draw past forecasts, interval and median, beside what came; filled where the outcome lay inside.

    Parameters
    ----------
    record : DataFrame
        Columns origin (last year the forecast saw), year, low, median, high (80 % interval) and actual, which is NaN
        while it is unknown.
    """
    table = record.sort_values(["year", "origin"], ignore_index=True) if len(record) else record
    title = title or _record_title(table, indicator, area, lang)
    with theme.settings():
        sheet = frame.page(
            size,
            title,
            common.subtitle(lang, indicator, area),
            common.source_line(lang, sources, as_of, code, history),
            _record_keys(lang),
        )
        axes = sheet.axes()
        if table.empty:
            axes.axis("off")
            common.empty_note(axes, lang, sheet.font)
            return sheet.figure
        axes.set_ylim(
            *common.value_limits(table[["low", "median", "high", "actual"]].to_numpy().ravel(), lower=indicator.lower)
        )
        common.light_grid(axes)
        common.axis_numbers(axes, lang, indicator)
        _record_bars(axes, table)
        common.year_axis(axes, table["year"].min(), table["year"].max(), sheet.font)
        sheet.fit(axes)
    return sheet.figure


def _record_title(table: pd.DataFrame, indicator: Any, area: Any, lang: str) -> str:
    known = table[table["actual"].notna()] if len(table) else table
    name = labels.subject(indicator, area, lang)
    if known.empty:
        return labels.label("record_title", lang, subject=name)
    inside = int(((known["actual"] >= known["low"]) & (known["actual"] <= known["high"])).sum())
    return labels.label("record_hits", lang, subject=name, inside=str(inside), count=str(len(known)))


def _record_keys(lang: str) -> list[frame.Key]:
    return [
        frame.Key(
            labels.label("record_forecast", lang), {"color": theme.MEDIAN, "lw": 3, "marker": "_", "ms": 9, "mew": 2}
        ),
        frame.Key(
            labels.label("record_inside", lang),
            {"color": "none", "marker": "o", "ms": 7, "mfc": theme.OBSERVED, "mec": theme.OBSERVED},
        ),
        frame.Key(
            labels.label("record_outside", lang),
            {"color": "none", "marker": "X", "ms": 8, "mfc": theme.TARGET, "mec": theme.TARGET},
        ),
    ]


def _record_bars(axes: Axes, table: pd.DataFrame) -> None:
    origins = {origin: at for at, origin in enumerate(sorted(table["origin"].unique()))}
    width = 0.7 / max(1, len(origins))
    axes.set_xlim(table["year"].min() - 0.7, table["year"].max() + 0.7)
    for row in table.itertuples():
        x = row.year - 0.35 + (origins[row.origin] + 0.5) * width
        axes.plot([x, x], [row.low, row.high], color=theme.MEDIAN, lw=2.4, alpha=0.75, zorder=2)
        axes.plot(x, row.median, "_", color=theme.MEDIAN, ms=9, mew=2, zorder=3)
        if not np.isnan(row.actual):
            inside = row.low <= row.actual <= row.high
            axes.plot(
                x,
                row.actual,
                "o" if inside else "X",
                ms=6.5,
                color=theme.OBSERVED if inside else theme.TARGET,
                zorder=4,
            )
