"""The quick picture of the explorer: few marks, no measuring of texts, so that it follows a slider.

The figures of a briefing are drawn by `charts`; this one is for looking around and is never exported.
"""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..facts.records import Indicator
from . import theme
from .charts import scales
from .page import PROVISIONAL, breaks_of, known

_INCHES, _DOTS_PER_INCH = (9.2, 3.5), 80
_BANDS = ((95, 0.025, 0.975), (80, 0.1, 0.9), (50, 0.25, 0.75))


def sketch(
    history: pd.DataFrame, targets: pd.DataFrame, fan: pd.DataFrame, chances: np.ndarray, goal: pd.Series | None, *,
    indicator: Indicator, lang: str,
) -> bytes:
    """Draw series, fan and targets on the left, the chances of one target on the right; give a PNG.

    Parameters
    ----------
    history, targets, fan : DataFrame
        History, targets and forecast tables; each may be empty.
    chances : array
        Equally likely values in the target year, one dot each; empty where too little is known.
    goal : Series, optional
        The row of the attainment table that the dots belong to.
    """
    with theme.settings():
        figure = Figure(figsize=_INCHES, dpi=_DOTS_PER_INCH)
        FigureCanvasAgg(figure)
        left, right = (figure.add_axes(box) for box in ((0.06, 0.1, 0.58, 0.86), (0.7, 0.1, 0.28, 0.8)))
        _series(left, history, targets, fan, indicator, lang)
        _dots(right, chances, goal, indicator, lang)
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=_DOTS_PER_INCH)
    return picture.getvalue()


def _series(
    axes: Axes, history: pd.DataFrame, targets: pd.DataFrame, fan: pd.DataFrame, indicator: Indicator, lang: str
) -> None:
    wide = fan.pivot_table(index="year", columns="quantile", values="value") if len(fan) else pd.DataFrame()
    for level, low, high in _BANDS:
        if {low, high} <= set(wide.columns):
            axes.fill_between(wide.index, wide[low], wide[high], color=theme.BANDS[level], lw=0)
    if 0.5 in wide.columns:
        axes.plot(wide.index, wide[0.5], color=theme.MEDIAN, ls="--")
    _observed(axes, history, indicator, lang)
    axes.plot(targets["year"], targets["value"], ls="none", marker="D", ms=8, color=theme.TARGET)
    for row in targets.itertuples():
        _say(axes, row.year, row.value, scales.value_text(row.value, lang, indicator), theme.TARGET)
    scales.axis_numbers(axes, lang, indicator)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.margins(x=0.06, y=0.12)
    axes.grid(axis="y", color=theme.GRID, lw=0.6)


def _observed(axes: Axes, history: pd.DataFrame, indicator: Indicator, lang: str) -> None:
    """Draw the figures: hollow where they may be revised, no line over a break."""
    if history.empty:
        return
    years, values = history["year"].to_numpy(float), history["value"].to_numpy(float)
    starts = [0, *(list(history["year"]).index(year) for year, _ in breaks_of(history)), len(years)]
    for first, end in pairwise(starts):
        axes.plot(years[first:end], values[first:end], color=theme.OBSERVED, lw=2)
    hollow = history["status"].isin(PROVISIONAL).to_numpy() if "status" in history else np.zeros(len(years), bool)
    for mask, face in ((~hollow, theme.OBSERVED), (hollow, theme.PAPER)):
        axes.plot(years[mask], values[mask], ls="none", marker="o", ms=7, mec=theme.OBSERVED, mew=1.8, mfc=face)
    _say(axes, years[-1], values[-1], scales.value_text(values[-1], lang, indicator), theme.OBSERVED)


def _say(axes: Axes, year: float, value: float, text: str, colour: str) -> None:
    axes.annotate(text, (year, value), (0, 9), textcoords="offset points", ha="center", color=colour, weight="bold")


def _dots(axes: Axes, chances: np.ndarray, goal: pd.Series | None, indicator: Indicator, lang: str) -> None:
    """Pile up equally likely values; filled where they meet the target."""
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    if goal is None or not len(chances) or not known(goal["target"]):
        axes.axis("off")
        return
    target = float(goal["target"])
    falling = str(goal.get("comparator", "")) in ("<=", "<")
    met = chances <= target if falling else chances >= target
    low, high = min(*chances, target), max(*chances, target)
    step = max((high - low) / 14, 1e-9)
    column = np.floor((chances - target) / step).astype(int)
    place = np.array([int((column[:at] == one).sum()) for at, one in enumerate(column)])
    for mask, face in ((met, theme.OBSERVED), (~met, theme.PAPER)):
        axes.plot(target + (column[mask] + 0.5) * step, place[mask] + 0.5, ls="none", marker="o", ms=9,
                  mec=theme.OBSERVED, mew=1.4, mfc=face)
    axes.axvline(target, color=theme.TARGET, lw=2)
    axes.set_ylim(0, max(10, int(place.max()) + 2))
    axes.set_title(f"{int(goal['target_year'])}: {scales.value_text(target, lang, indicator)}", color=theme.TARGET,
                   fontsize=10, fontweight="bold")
    scales.axis_numbers(axes, lang, indicator, which="x", ticks=4)
