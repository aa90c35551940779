"""What a table of the verbs is about: indicator, area and sources; and tables that show themselves in a notebook."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd

from dxanalysis import facts
from dxanalysis.facts import Area, Indicator
from dxanalysis.facts.understand.frames import About, measure, place


def only(table: pd.DataFrame, column: str) -> str:
    """Return the one value of a column; empty where there is none or more than one."""
    held = table[column].dropna().unique() if column in table.columns else []
    return str(held[0]) if len(held) == 1 else ""


def known(table: pd.DataFrame, column: str) -> str:
    """Return the one value of a column where the catalogue knows it as an id."""
    named = only(table, column)
    return named if named and named in set(facts.open_package().tables[f"{column}s"]["id"]) else ""


def subject_of(table: pd.DataFrame, indicator: About) -> Indicator:
    """Find what a table measures: the indicator given, else the one it names, else a nameless value."""
    if isinstance(indicator, str):
        return facts.find_indicator(indicator)
    if indicator is not None:
        return indicator
    named = known(table, "indicator")
    return facts.find_indicator(named) if named else measure("Giá trị", title_en="Value", unit="", lower=None)


def area_of(table: pd.DataFrame, area: str | Area | None) -> Area:
    """Find the area of a table: the one given, else the one it names."""
    if isinstance(area, str):
        return facts.find_area(area)
    if area is not None:
        return area
    named = only(table, "area")
    try:
        return facts.find_area(named) if named else place("Chuỗi số liệu", name_en="The series")
    except facts.UnknownName:
        return place(named)


def sources_of(table: pd.DataFrame) -> list[Any]:
    """Return the records of the sources that a table names and the catalogue holds."""
    ids = dict.fromkeys(table["source"].dropna().astype(str)) if "source" in table.columns else {}
    known = set(facts.open_package().tables["sources"]["id"]) if ids else set()
    return [facts.source(one) for one in ids if one in known]


def caption(table: pd.DataFrame, subject: Indicator, lang: str) -> str:
    """Return what a table is about: title, unit, who measured, and the pages it was read on."""
    name, unit = getattr(subject, f"title_{lang}"), getattr(subject, f"unit_{lang}")
    parts = [f"<b>{html.escape(name)}</b>" + (f" ({html.escape(unit)})" if unit else "")]
    definition = only(table, "definition")
    if definition and definition in facts.definitions(subject.id):
        parts.append(html.escape(getattr(facts.definition(subject.id, definition), f"name_{lang}")))
    parts += [_link(one) for one in sources_of(table)]
    return "<br>".join(parts)


def _link(source: Any) -> str:
    text = html.escape(f"{source.publisher}: {source.title} ({source.published})")
    safe = source.url.startswith(("https://", "http://"))
    return f'<a href="{html.escape(source.url, quote=True)}">{text}</a>' if safe else text


class Shown:
    """A table with what it is about; it shows itself in a notebook and leaves the table as it is."""

    def __init__(self, table: pd.DataFrame, markup: str) -> None:
        self.table = table
        self._markup = markup

    def _repr_html_(self) -> str:
        return self._markup

    def __repr__(self) -> str:
        return repr(self.table)
