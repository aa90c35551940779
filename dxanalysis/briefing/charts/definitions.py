"""Two definitions and one target: each a series of its own, never joined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import frame, labels, theme
from ..place import Tag, place
from . import common
from .common import Names


def definitions(
    values: pd.DataFrame | Mapping[str, pd.DataFrame],
    targets: pd.DataFrame | None = None,
    *,
    indicator: Any,
    area: Any,
    lang: str = "vi",
    size: str = "slide",
    names: Names = None,
    sources: Iterable[Any] = (),
    as_of: Any = None,
    title: str = "",
    code: str = "",
) -> Figure:
    """Draw each definition as a series of its own against the same targets; they are never joined.

    Parameters
    ----------
    values : DataFrame or mapping
        Rows of `definition`, `year`, `value`, or histories by definition. At most six definitions are drawn.
    names : callable, optional
        Gives the record of a definition's id.
    """
    table = _by_definition(values)
    goals = pd.DataFrame({"year": [], "value": []}) if targets is None else targets
    title = title or labels.label("definitions_title", lang, subject=labels.subject(indicator, area, lang))
    with theme.settings():
        sheet = frame.page(
            size,
            title,
            common.subtitle(lang, indicator, area),
            common.source_line(lang, sources, as_of, code, table),
            _definition_keys(table, goals, names, lang),
        )
        axes = sheet.axes()
        years, shown = _both(table, goals, "year"), _both(table, goals, "value")
        _year_limits(axes, years)
        axes.set_ylim(*common.value_limits(shown, lower=indicator.lower))
        common.light_grid(axes)
        common.axis_numbers(axes, lang, indicator)
        common.year_axis(axes, min(years, default=2020), max(years, default=2030), sheet.font)
        tags = _definition_lines(axes, table, indicator, lang) + _goal_tags(axes, goals, indicator, lang)
        sheet.fit(axes)
        place(axes, tags, sheet.font * 0.88, [rows[["year", "value"]].to_numpy(float) for _, rows in _groups(table)])
        if table.empty:
            common.empty_note(axes, lang, sheet.font)
    return sheet.figure


def _by_definition(values: pd.DataFrame | Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    if isinstance(values, Mapping):
        parts = [part.assign(definition=name) for name, part in values.items() if len(part)]
        values = (
            pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"definition": [], "year": [], "value": []})
        )
    return values[values["value"].notna()].sort_values(["definition", "year"], ignore_index=True)


def _groups(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the definitions with the most figures, the longest first, as many as there are line styles."""
    counts = table["definition"].value_counts(sort=True)
    return [(str(name), table[table["definition"] == name]) for name in counts.index[: len(theme.SERIES)]]


def _both(table: pd.DataFrame, goals: pd.DataFrame, column: str) -> list[float]:
    return [*table[column].astype(float), *goals[column].dropna().astype(float)]


def _year_limits(axes: Axes, years: list[float]) -> None:
    first, last = (min(years), max(years)) if years else (2020.0, 2030.0)
    span = max(last - first, 2)
    axes.set_xlim(first - 0.06 * span, last + 0.1 * span)


def _style(place: int) -> dict[str, Any]:
    """Return colour, marker and dash of the n-th series: three differences, so that colour alone tells nothing."""
    dashes = ("-", (0, (5, 2)), (0, (1.5, 1.5)), "-.", (0, (7, 2, 1, 2)), "-")
    return {"color": theme.SERIES[place], "marker": theme.MARKERS[place], "ls": dashes[place], "lw": 2, "ms": 6}


def _definition_keys(table: pd.DataFrame, goals: pd.DataFrame, names: Names, lang: str) -> list[frame.Key]:
    keys = [
        frame.Key(labels.definition_name(names(name) if names else name, lang), _style(at))
        for at, (name, _) in enumerate(_groups(table))
    ]
    return keys + (
        [frame.Key(labels.label("target", lang), {"color": theme.TARGET, "lw": 0, "marker": "D", "ms": 6})]
        if len(goals)
        else []
    )


def _definition_lines(axes: Axes, table: pd.DataFrame, indicator: Any, lang: str) -> list[Tag]:
    tags = []
    for at, (_, rows) in enumerate(_groups(table)):
        axes.plot(rows["year"], rows["value"], zorder=3, **_style(at))
        last = rows.iloc[-1]
        tags.append(
            Tag(
                common.value_text(last["value"], lang, indicator),
                last["year"],
                last["value"],
                theme.SERIES[at],
                weight="bold",
                first=(0, 90, 270),
            )
        )
    return tags


def _goal_tags(axes: Axes, goals: pd.DataFrame, indicator: Any, lang: str) -> list[Tag]:
    axes.plot(goals["year"], goals["value"], "D", ms=7.5, color=theme.TARGET, zorder=4)
    return [
        Tag(
            labels.label(
                "target_at", lang, year=str(int(row.year)), value=common.value_text(row.value, lang, indicator)
            ),
            row.year,
            row.value,
            theme.TARGET,
            weight="bold",
            first=(135, 90, 180),
        )
        for row in goals.itertuples()
    ]
