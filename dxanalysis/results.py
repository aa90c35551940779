"""Tables that say what they mean: a short paragraph and a slim table in a notebook, the plain DataFrame beside it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd

SLIM = {
    "attainment": ("area", "target_year", "target", "median", "low", "high", "outlook_low", "outlook_high",
                   "expected_year", "state"),
    "judge": ("area", "target_year", "target", "method", "status", "step"),
    "forecast": ("area", "year", "quantile", "value"),
    "precedents": ("area", "target_year", "target", "level", "share", "episodes", "areas", "word"),
}
ROWS = 12


class Result(pd.DataFrame):
    """A table of results; `table` is the plain DataFrame, and any operation on it gives a plain one, too.

    In a notebook and when printed it shows a paragraph (``attrs["summary"]``), what was inferred or left out
    (``attrs["notes"]``), and the columns a reader needs.
    """

    # The record of what is measured stays with this object alone: attributes of a table must be plain data.
    _internal_names = [*pd.DataFrame._internal_names, "subject"]  # noqa: RUF012
    _internal_names_set = frozenset(_internal_names)

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """Return the whole table as a plain DataFrame."""
        return pd.DataFrame(self)

    def slim(self) -> pd.DataFrame:
        """Return the columns and the first rows that a reader needs."""
        held = [name for name in self.attrs.get("columns", ()) if name in self.columns]
        return pd.DataFrame(self)[held or list(self.columns)].head(ROWS)

    def _repr_html_(self) -> str:
        told = [*self.attrs.get("summary", ()), *self.attrs.get("notes", ())]
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in told)
        return f"<div>{lines}{_marked(self)}</div>"

    def __repr__(self) -> str:
        told = [*self.attrs.get("summary", ()), *self.attrs.get("notes", ())]
        return "\n".join([*told, self.slim().to_string(index=False)])


def _marked(result: Result) -> str:
    from dxanalysis.briefing import tables

    slim = result.slim()
    try:
        body = tables.to_html(slim, result.attrs.get("lang", "vi"), indicator=getattr(result, "subject", None))
    except (KeyError, ValueError, TypeError, AttributeError):  # a table the briefing has no words for
        body = slim.to_html(index=False)
    return body


def result(
    kind: str, table: pd.DataFrame, lang: str, summary: Sequence[str], notes: Sequence[str], subject: Any
) -> Result:
    """Return a table of results with its paragraph, its notes and the columns to show."""
    found = Result(table)
    found.subject = subject
    found.attrs = {"summary": list(dict.fromkeys(summary)), "notes": list(dict.fromkeys(notes)), "lang": lang}
    found.attrs["columns"] = list(SLIM[kind])
    return found


class Shown:
    """A table with what it is about; it shows itself in a notebook and leaves the table as it is."""

    def __init__(self, table: pd.DataFrame, markup: str) -> None:
        self.table = table
        self._markup = markup

    def _repr_html_(self) -> str:
        return self._markup

    def __repr__(self) -> str:
        return repr(self.table)
