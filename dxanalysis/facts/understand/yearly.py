"""Make the years of a history from figures of any period, by a stated rule or not at all."""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.package import annual
from dxanalysis.facts.understand.reading import Question, Unclear

HISTORY = ["indicator", "definition", "area", "year", "value", "status", "vintage", "source", "break_before", "note"]
KEYS = ["indicator", "definition", "area", "period"]
RULES = ("mean", "sum", "last", "first")


def yearly(table: pd.DataFrame, file: str, rule: str | None) -> tuple[pd.DataFrame, list[str]]:
    """Return the figures of whole years, and what is said of the others; a table without any is a question."""
    if rule is not None and rule not in RULES:
        raise ValueError(f"annual must be one of {', '.join(RULES)}; received {rule!r}.")
    whole = annual_of(table)
    rest = table[~table.index.isin(whole.index)]
    if rule and len(rest):
        made = _summarised(rest, rule)
        made = made[~made.set_index(KEYS).index.isin(whole.set_index(KEYS).index)]
        said = [f"{len(made)} years made of {len(rest)} figures: {rule}.", *_incomplete(rest)]
        return pd.concat([whole, made], ignore_index=True), said
    if not len(whole) and len(rest):
        shown = tuple(f"row {row.row}: {row.period}" for row in rest.head(3).itertuples())
        text = f"there is no yearly figure, only {len(rest)} such as {rest['period'].iloc[0]}: which rule makes years?"
        raise Unclear(file, {"annual": Question(text, shown, RULES[:3])})
    if not len(rest):
        return whole, []
    periods = ", ".join(sorted(rest["period"].unique())[:5])
    return whole, [
        f"{len(rest)} figures of parts or spans of years left out ({periods}); annual='mean' makes years of them."
    ]


def _incomplete(rest: pd.DataFrame) -> list[str]:
    """Say which years lack some of their halves, quarters or months."""
    parts = {"H": 2, "Q": 4, "": 12}
    held = rest[rest["period"].str.fullmatch(r"\d{4}-([QH]\d|\d\d)")].drop_duplicates(KEYS)
    full = held["period"].str[5:].str.extract(r"^([QH]?)")[0].map(parts)
    count = held.groupby(["indicator", "area", held["period"].str[:4], full])["value"].size()
    short = sorted({f"{key[2]}: {size} of {key[3]}" for key, size in count.items() if size < key[3]})
    return [f"Years without all their parts ({'; '.join(short[:5])})."] if short else []


def annual_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that stand for a whole year, December of stocks included (see `figures.annual`)."""
    kept = annual(table)
    yearly = table.loc[kept.index].assign(period=kept["year"].astype("str"))
    return yearly[~(yearly.duplicated(KEYS, keep=False) & (table.loc[kept.index, "period"].str.len() > 4))]


def _summarised(rest: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Return one figure per year; a year with fewer parts than the fullest one is left out of sums and means."""
    end = rest["period"].str.extract(r"^\d{4}-(\d{4})$")[0]
    year = end.where(end.notna() & (rule == "last"), rest["period"].str[:4])
    ordered = rest.assign(period=year, _at=rest["period"]).sort_values("_at")
    grouped = ordered.groupby(KEYS, sort=False)
    made = grouped.last() if rule == "last" else grouped.first()
    made["value"] = grouped["value"].agg(rule)
    if rule in ("mean", "sum"):
        made = made[grouped.size() == grouped.size().max()]
    return made.reset_index()[rest.columns]
