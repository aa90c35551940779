"""How likely a target is: twenty equally likely outcomes as dots, or the distance where no chance is known."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, judged, labels, numbers, theme
from ..page import definition_of, known
from . import common, scales
from .agenda import instead
from .common import SLIDE, Sheet

DOTS = 20
_PANELS = 3
_SHOWN = 6  # figures marked where there is no distribution


def attainment(
    attainment: pd.DataFrame,
    forecast: pd.DataFrame | None = None,
    history: pd.DataFrame | None = None,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    paths: pd.DataFrame | None = None,
    definition: Any = None,
    assessed: pd.DataFrame | None = None,
) -> Figure:
    """Draw the distribution of each target year as a dot plot cut by the target, with the probability in words.

    Each dot stands for one chance in twenty (a quantile dot plot): an official counts dots instead of reading a
    density. Filled dots meet the target, hollow ones do not. A target whose year is observed shows its outcome. Where
    too little is known for a probability, the figures and the distance to the target are drawn, and the heading gives
    the outlook that precedent allows.

    Parameters
    ----------
    attainment : DataFrame
        One row per target; at most three are drawn.
    forecast, paths : DataFrame, optional
        Quantiles or simulated paths of the target years; without them the dots follow `low`, `median` and `high`.
    assessed : DataFrame, optional
        Judgements of the same targets.
    """
    lang = sheet.lang
    rows = [_with_judgement(row, assessed) for row in _rows(attainment, assessed)]
    past = history if history is not None else pd.DataFrame({"year": [], "value": []})
    with theme.settings():
        measured = definition or definition_of(past)
        dots = [_dots(row, forecast, paths) for row in rows]
        subtitle = common.subtitle(lang, indicator, area, measured)
        note = common.caveat_note(past.tail(_SHOWN), lang, assessed)
        if not any(len(values) for values in dots):
            if not rows or not any(known(row.get("last")) for row in rows):
                missing = labels.label("needs_target" if len(past) else "no_figure", lang)
                about = {"indicator": indicator, "area": area, "assessed": assessed}
                return instead(sheet, missing, history=past, targets=_goals(attainment), **about)
            title = common.judgement_title(assessed, indicator, area, lang, past)
            page = common.open_page(sheet, title, subtitle, _standing_keys(past, lang), table=history, note=note,
                                    drawing=1.1 * len(rows))
        else:
            title = common.judgement_title(assessed, indicator, area, lang)
            standing = [row for row, values in zip(rows, dots, strict=True) if len(values) == 0]
            keys = [*_keys(lang), *(_standing_keys(past, lang) if standing else [])]
            page = common.open_page(sheet, title, subtitle, keys, table=history, note=note, drawing=1.4 * len(rows))
        limits = _limits(rows, dots, past, indicator)
        heads = [(_goal(row, indicator, lang), _verdict(row, lang)) for row in rows]
        room = page.box[2] * page.size.width - 0.15
        folded = any(frame.text_width(page.figure, " ".join(head), page.font, "bold") > room for head in heads)
        panels = page.grid(len(rows), 1, head=3.0 if folded else 1.7)
        for axes, row, head in zip(panels, rows, heads, strict=True):
            _panel(axes, page, row, limits, indicator, lang)
            _head(axes, page, head, folded)
        steps = [_dot(axes, page, values, row) for axes, values, row in zip(panels, dots, rows, strict=True)]
        for axes, row, values in zip(panels, rows, dots, strict=True):
            _stack(axes, page, values, row, min(steps))
            if _settled(row) and known(row.get("median")):
                _outcome(axes, page, row, indicator, lang)
            elif len(values) == 0 and known(row.get("last")):
                _standing(axes, page, row, past, indicator, lang)
    return page.figure


def _goals(attainment: pd.DataFrame) -> pd.DataFrame | None:
    named = {"target_year": "year", "target": "value"}
    return attainment.rename(columns=named)[["year", "value"]].dropna() if len(attainment) else None


def _with_judgement(row: pd.Series, assessed: pd.DataFrame | None) -> pd.Series:
    """Add the words of a target's judgement to its row."""
    if assessed is None or assessed.empty:
        return row
    mine = assessed[(assessed["target_year"] == row["target_year"]) & (assessed["target"] == row["target"])]
    return row if mine.empty else pd.concat([row, mine.iloc[0][mine.columns.difference(row.index)]])


def _standing_keys(history: pd.DataFrame, lang: str) -> list[frame.Key]:
    style = {"marker": "o", "ms": 7, "color": "none", "mec": theme.OBSERVED, "mfc": theme.OBSERVED}
    keys = [frame.Key(labels.label("observed_short", lang), style)] if len(history) else []
    return [*keys, frame.Key(labels.label("still_missing", lang), {"color": theme.TARGET, "lw": 5, "alpha": 0.35})]


def _rows(attainment: pd.DataFrame, assessed: pd.DataFrame | None) -> list[pd.Series]:
    """Return the targets drawn: that of the title and those asked for, else the last that is over and those ahead."""
    if assessed is not None and "state" in assessed and len(attainment):
        seen = judged.in_view(common.targets_told(assessed, ""), common.stand_of(assessed), _PANELS)
        attainment = attainment[attainment["target_year"].isin(seen["target_year"])]
    rows = [row for _, row in attainment.sort_values("target_year").iterrows()] if len(attainment) else []
    over = sum(known(row.get("last_year")) and row["target_year"] <= row["last_year"] for row in rows)
    first = max(0, min(over - 1, len(rows) - _PANELS))
    return rows[first : first + _PANELS]


def _keys(lang: str) -> list[frame.Key]:
    style = {"marker": "o", "ms": 7, "color": "none", "mec": theme.OBSERVED, "mew": 1.5}
    return [
        frame.Key(labels.label("dots_meet", lang, n=str(DOTS)), {**style, "mfc": theme.OBSERVED}),
        frame.Key(labels.label("dots_miss", lang), {**style, "mfc": "white"}),
    ]


def _dots(row: pd.Series, forecast: pd.DataFrame | None, paths: pd.DataFrame | None) -> np.ndarray:
    """Return the values of the dots: the quantiles at 2.5 %, 7.5 % ... 97.5 % of the target year."""
    shares = (np.arange(DOTS) + 0.5) / DOTS
    if _settled(row) or _too_early(row):
        return np.array([])
    year = int(row["target_year"])
    if paths is not None and (paths["year"] == year).any():
        return np.quantile(paths.loc[paths["year"] == year, "value"], shares)
    levels, values = _known_quantiles(row, forecast, year)
    if len(levels) < 2:
        return np.array([])
    normal = NormalDist()
    return _line([normal.inv_cdf(level) for level in levels], values, [normal.inv_cdf(share) for share in shares])


def _settled(row: pd.Series) -> bool:
    return (
        str(row.get("verdict")) in ("achieved", "missed")
        and known(row.get("last_year"))
        and (row["last_year"] >= row["target_year"])
    )


def _too_early(row: pd.Series) -> bool:
    """Tell whether a probability would rest on one figure or on none."""
    return not known(row.get("probability")) or str(row.get("grade")) in ("none", "level")


def _outcome(axes: Axes, page: frame.Frame, row: pd.Series, indicator: Indicator, lang: str) -> None:
    """Mark the value that was observed in a target year that is over."""
    met = bool(_meets(np.array([float(row["median"])]), row)[0])
    axes.plot(
        float(row["median"]),
        0.12,
        "o",
        ms=page.font * 1.1,
        mec=theme.OBSERVED,
        mew=1.8,
        mfc=theme.OBSERVED if met else "white",
        zorder=3,
        clip_on=False,
    )
    axes.annotate(
        scales.value_text(row["median"], lang, indicator),
        (float(row["median"]), 0.12),
        (0, page.font),
        textcoords="offset points",
        ha="center",
        va="bottom",
        size=page.font,
        weight="bold",
        color=theme.OBSERVED,
    )


def _standing(
    axes: Axes, page: frame.Frame, row: pd.Series, history: pd.DataFrame, indicator: Indicator, lang: str
) -> None:
    """Mark the figures there are and the distance from the last to the target; nothing is said of a distribution."""
    last, target, height = float(row["last"]), float(row["target"]), 0.5
    met = bool(_meets(np.array([last]), row)[0])
    axes.plot([last, target], [height] * 2, color=theme.REQUIRED if met else theme.TARGET, lw=5, alpha=0.35, zorder=2)
    seen = history[history["value"].notna()].tail(_SHOWN) if len(history) else history
    axes.plot(seen["value"], [height] * len(seen), "o", ms=page.font * 0.85, color=theme.OBSERVED, zorder=3)
    if seen.empty:
        axes.plot(last, height, "o", ms=page.font * 0.85, color=theme.OBSERVED, zorder=3)
    text = scales.value_text(last, lang, indicator)
    if known(row.get("last_year")):
        text = labels.label("now_at", lang, value=text, year=str(int(row["last_year"])))
    look = {"size": page.font * 0.9, "zorder": 5}
    away = {"missing": abs(target - last) * (-1 if met else 1)}
    said = judged.distance(away, indicator, lang)
    wide = frame.text_width(page.figure, max(said, text, key=len), page.font * 0.9, "bold") + 0.2
    at, align = _beside_bar(axes, last, target, wide / _inches(axes, page)[0])
    below, side = (last, "center") if align == "center" else (at, align)
    pad = "" if align == "center" else "  "
    axes.text(below, height - 0.12, f"{pad}{text}{pad}", color=theme.OBSERVED, va="top", ha=side, **look)
    axes.text(at, height + 0.1, f"{pad}{said}{pad}", color=theme.INK, va="bottom", weight="bold", ha=align, **look)


def _beside_bar(axes: Axes, last: float, target: float, wide: float) -> tuple[float, str]:
    """Return where words stand and how they are aligned: on the bar, beside it, or in the middle of a narrow panel."""
    low, high = axes.get_xlim()
    left, right = sorted((one - low) / (high - low) for one in (last, target))
    if right - left > wide:
        return (last + target) / 2, "center"
    if right + wide > 1 and left < wide:
        return (low + high) / 2, "center"
    return (max(last, target), "left") if right + wide < 1 else (min(last, target), "right")


def _known_quantiles(row: pd.Series, forecast: pd.DataFrame | None, year: int) -> tuple[list[float], list[float]]:
    if forecast is not None and len(forecast) and (forecast["year"] == year).any():
        rows = forecast[forecast["year"] == year].sort_values("quantile")
        return rows["quantile"].tolist(), rows["value"].tolist()
    known_ones = [
        (level, row[name]) for level, name in ((0.1, "low"), (0.5, "median"), (0.9, "high")) if known(row.get(name))
    ]
    return [level for level, _ in known_ones], [float(value) for _, value in known_ones]


def _line(xs: list[float], ys: list[float], at: list[float]) -> np.ndarray:
    """Interpolate, going on straight beyond both ends."""
    found = np.interp(at, xs, ys)
    wished = np.asarray(at)
    below, above = wished < xs[0], wished > xs[-1]
    found[below] = ys[0] + (wished[below] - xs[0]) * (ys[1] - ys[0]) / (xs[1] - xs[0])
    found[above] = ys[-1] + (wished[above] - xs[-1]) * (ys[-1] - ys[-2]) / (xs[-1] - xs[-2])
    return found


def _limits(
    rows: list[pd.Series], dots: list[np.ndarray], history: pd.DataFrame, indicator: Indicator
) -> tuple[float, float]:
    values = [float(v) for part in dots for v in part] + [float(row["target"]) for row in rows]
    values += [float(row[name]) for row in rows for name in ("last", "median") if known(row.get(name))]
    values += [float(value) for value in history["value"].dropna().tail(_SHOWN)]
    low, high = scales.value_limits(values, lower=indicator.lower)
    bounded = [bound for bound in (indicator.lower, indicator.upper) if bound is not None]
    pad = (high - low) * 0.04
    return (low - pad if bounded and low in bounded else low), high


def _panel(
    axes: Axes,
    page: frame.Frame,
    row: pd.Series,
    limits: tuple[float, float],
    indicator: Indicator,
    lang: str,
) -> None:
    axes.set_xlim(*limits)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    scales.axis_numbers(axes, lang, indicator, which="x")
    axes.tick_params(labelsize=page.font * 0.85)
    scales.keep_ticks_inside(axes, page.font * 0.85)
    axes.axvline(float(row["target"]), ymax=0.97, color=theme.TARGET, lw=2, zorder=2)


def _goal(row: pd.Series, indicator: Indicator, lang: str) -> str:
    target = scales.value_text(row["target"], lang, indicator)
    return labels.label("attainment_row", lang, year=str(int(row["target_year"])), target=target)


def _head(axes: Axes, page: frame.Frame, texts: tuple[str, str], folded: bool) -> None:
    """Write above the panel which target it is and how likely, on two lines where one is too short."""
    look = {"xycoords": "axes fraction", "textcoords": "offset points", "size": page.font, "weight": "bold"}
    up = page.font * (1.75 if folded else 0.4)
    axes.annotate(texts[0], (0, 1), (0, up), color=theme.TARGET, **look)
    axes.annotate(texts[1], (0 if folded else 1, 1), (0, page.font * 0.4), ha="left" if folded else "right", **look)


def _verdict(row: pd.Series, lang: str) -> str:
    if _settled(row):
        return labels.upper_first(labels.name("step", str(row["verdict"]), lang))
    if _too_early(row):
        held = row.to_dict()
        return (
            labels.upper_first(judged.outlook(held, lang) or judged.state(held, lang))
            if known(row.get("state"))
            else ""
        )
    word = labels.name("likelihood", labels.likelihood(float(row["probability"])), lang)
    shown = labels.label(
        "attainment_probability", lang, probability=numbers.probability(float(row["probability"]), lang)
    )
    return f"{shown} – {word}"


def _inches(axes: Axes, page: frame.Frame) -> tuple[float, float]:
    box = axes.get_position()
    return box.width * page.size.width, box.height * page.size.height


def _dot(axes: Axes, page: frame.Frame, values: np.ndarray, row: pd.Series) -> float:
    """Return the diameter in inches at which the highest pile of a panel just fits."""
    wide, tall = _inches(axes, page)
    low, high = axes.get_xlim()
    diameter = 0.34 * page.font / 10
    while len(values) and diameter > 0.03:
        if _highest(values, float(row["target"]), diameter / wide * (high - low)) * diameter <= 0.9 * tall:
            break
        diameter *= 0.94
    return diameter


def _stack(axes: Axes, page: frame.Frame, values: np.ndarray, row: pd.Series, diameter: float) -> None:
    """Pile the dots up in columns one dot wide."""
    wide, tall = _inches(axes, page)
    low, high = axes.get_xlim()
    target, step = float(row["target"]), diameter / wide * (high - low)
    columns: dict[int, int] = {}
    for value, met in zip(values, _meets(values, row), strict=True):
        column = int(np.floor((value - target) / step))  # the target lies between two columns, never inside one
        place = columns.get(column, 0)
        columns[column] = place + 1
        axes.plot(
            target + (column + 0.5) * step,
            (place + 0.5) * diameter / tall,
            "o",
            ms=diameter * 72 * 0.84,
            mec=theme.OBSERVED,
            mew=1.3,
            mfc=theme.OBSERVED if met else "white",
            zorder=3,
            clip_on=False,
        )


def _highest(values: np.ndarray, target: float, step: float) -> int:
    return int(np.unique(np.floor((values - target) / step), return_counts=True)[1].max())


def _meets(values: np.ndarray, row: pd.Series) -> np.ndarray:
    """Tell for each dot whether it lies on the good side of the target."""
    target = float(row["target"])
    falling = str(row.get("comparator", "")) in ("<=", "<")
    return values <= target if falling else values >= target
