"""Every area as a line between two years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import frame, labels, theme
from ..place import spread
from . import common
from .common import Names, area_names


def slopes(
    panel: pd.DataFrame,
    *,
    indicator: Any,
    area: Any,
    first_year: int | None = None,
    last_year: int | None = None,
    lang: str = "vi",
    size: str = "slide",
    names: Names = None,
    sources: Iterable[Any] = (),
    as_of: Any = None,
    title: str = "",
    code: str = "",
) -> Figure:
    """Draw each area as a line between two years; names are spread so that none lies on another.

    Only areas with a figure in both years are drawn; where there are more names than room, the area itself, the top
    and the bottom are named.
    """
    wide = _two_years(panel, first_year, last_year)
    title = title or _title(wide, labels.measure_name(indicator, area, lang), lang)
    with theme.settings():
        sheet = frame.page(
            size, title, common.subtitle(lang, indicator, area), common.source_line(lang, sources, as_of, code, panel)
        )
        axes = sheet.grid(1, 1, head=1.6, foot=0.6)[0]
        axes.axis("off")
        if wide.empty:
            common.empty_note(axes, lang, sheet.font)
            return sheet.figure
        _slope_lines(axes, sheet, wide, indicator, area, area_names(wide.index, names, lang), lang)
    return sheet.figure


def _title(wide: pd.DataFrame, measure: str, lang: str) -> str:
    if wide.empty:
        return labels.label("slopes_none_title", lang, measure=measure)
    first, last = str(wide.columns[0]), str(wide.columns[-1])
    return labels.label("slopes_title", lang, measure=measure, first=first, last=last)


def _two_years(panel: pd.DataFrame, first: int | None, last: int | None) -> pd.DataFrame:
    known = panel[panel["value"].notna()]
    wide = known.pivot_table(index="area", columns="year", values="value", aggfunc="first")
    if wide.shape[1] < 2:
        return pd.DataFrame()
    ends = [first or wide.columns[0], last or wide.columns[-1]]
    return wide[ends].dropna() if set(ends) <= set(wide.columns) else pd.DataFrame()


def _slope_lines(
    axes: Axes, sheet: frame.Frame, wide: pd.DataFrame, indicator: Any, area: Any, names: Mapping[str, str], lang: str
) -> None:
    own = getattr(area, "id", "")
    low, high = common.value_limits(wide.to_numpy().ravel(), lower=indicator.lower, room=0.06)
    axes.set_ylim(low, high)
    box = axes.get_position()
    width, height = box.width * sheet.size.width, box.height * sheet.size.height
    texts = [f"{names[str(one)]} {common.value_text(v, lang, indicator)}" for one, row in wide.iterrows() for v in row]
    points, widest = _text_room(sheet, texts, width)
    side = 0.09 + widest * 1.18 / (width - 2 * widest)  # 0.07 leads from the line to its name, on either side
    axes.set_xlim(-side, 1 + side)
    for one, row in wide.iterrows():
        mine = str(one) == own
        axes.plot(
            [0, 1],
            row.to_numpy(),
            color=theme.TARGET if mine else "#9A9A9A",
            lw=2.4 if mine else 1,
            marker="o",
            ms=5 if mine else 3,
            zorder=4 if mine else 2,
        )
    kept = _named(wide, own, int(height / (points * 1.3 / 72)))
    for side, column in enumerate(wide.columns):
        _slope_names(axes, kept[column], side, points, (low, high), height, own, names, indicator, lang)
        axes.annotate(
            str(column),
            (side, high),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size=sheet.font,
            weight="bold",
        )


def _text_room(sheet: frame.Frame, texts: list[str], width: float) -> tuple[float, float]:
    """Return the font size at which the widest name leaves the middle third to the lines, and its width in inches."""
    points = sheet.font * 0.85
    widest = max(frame.text_width(sheet.figure, text, points, "bold") for text in texts)
    scale = min(1.0, 0.31 * width / widest)
    return points * scale, widest * scale + 0.16


def _named(wide: pd.DataFrame, own: str, room: int) -> pd.DataFrame:
    if len(wide) <= room:
        return wide
    ranked = wide.sort_values(wide.columns[-1])
    half = max(1, (room - 1) // 2)
    kept = [*ranked.index[:half], *ranked.index[-half:], *([own] if own in wide.index else [])]
    return wide.loc[list(dict.fromkeys(kept))]


def _slope_names(
    axes: Axes,
    values: pd.Series,
    side: int,
    points: float,
    limits: tuple[float, float],
    height: float,
    own: str,
    names: Mapping[str, str],
    indicator: Any,
    lang: str,
) -> None:
    low, high = limits
    line = points * 1.25 / 72 / height * (high - low)
    places = spread(values.tolist(), [line] * len(values), low, high)
    for (one, value), y in zip(values.items(), places, strict=True):
        mine = str(one) == own
        text = f"{names[str(one)]} {common.value_text(value, lang, indicator)}"
        edge = -0.05 if side == 0 else 1.05
        axes.plot([side, edge], [value, y], color=theme.GRID, lw=0.6, zorder=1)
        axes.text(
            edge + (-0.02 if side == 0 else 0.02),
            y,
            text,
            size=points,
            ha="right" if side == 0 else "left",
            va="center",
            color=theme.TARGET if mine else theme.INK,
            weight="bold" if mine else "normal",
        )
