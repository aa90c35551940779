"""The judgement of a target in the cells of a table: figure, distance, outlook, methods, caveats in few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from . import labels, numbers
from .page import known
from .quotes import Measure, printed

#: Status of figures that a later release may revise.
_REVISABLE = ("preliminary", "estimate")


def caveat_words(row: Mapping[str, Any], lang: str) -> str:
    """Return everything that must be said with a figure, as one phrase; empty where nothing must be said.

    >>> caveat_words({"caveats": ("mirror", "rounded"), "figure_kind": "rounded"}, "en")
    'read on a page that repeats another; rounded (“about”)'
    """
    codes = [*row["caveats"], *(["revisable"] if row["figure_kind"] in _REVISABLE else [])]
    return "; ".join(labels.name("caveat", code, lang) for code in codes)


def distance_cell(row: Mapping[str, Any], indicator: Any, lang: str) -> str:
    """Return the signed distance to a target for a table cell; empty where no figure is held."""
    missing = row["missing"]
    return "" if not known(missing) else printed("signed_cell", float(missing), lang, Measure.of(indicator))


def outlook_cell(row: Mapping[str, Any], lang: str) -> str:
    """Return the outlook of a target for a table cell: word and probability, band, or share of precedents.

    >>> row = {"word": "very_unlikely", "outlook": float("nan"), "outlook_low": 0.0, "outlook_high": 0.1,
    ...        "precedent_share": 0.02}
    >>> outlook_cell(row, "en")
    'very unlikely (below 10%)'
    """
    plain = Measure("", "", "", 0)
    if row["word"]:
        word = labels.name("likelihood", str(row["word"]), lang)
        if known(row["outlook"]):
            return f"{word} ({numbers.probability(float(row['outlook']), lang)})"
        end, kind = (row["outlook_high"], "below") if row["outlook_low"] <= 0 else (row["outlook_low"], "above")
        return f"{word} ({printed(kind, float(end), lang, plain)})"
    if known(row["precedent_share"]):
        share = printed("per_hundred", float(row["precedent_share"]), lang, plain)
        return labels.label("precedent_cell", lang, share=share)
    return between(row, lang) if known(row["outlook_low"]) and known(row["outlook_high"]) else ""


def between(row: Mapping[str, Any], lang: str) -> str:
    """Return a band of probability by both its ends.

    >>> between({"outlook_low": 0.1, "outlook_high": 0.9}, "en")
    'between 10% and 90%'
    """
    low, high = (numbers.percent(100 * float(row[end]), lang, 0) for end in ("outlook_low", "outlook_high"))
    return labels.label("band_between", lang, low=low, high=high)


def methods_cell(row: Mapping[str, Any], lang: str) -> str:
    """Return what the families of methods say of an open target, for a table cell; empty where none judges."""
    if not row["judged"] or not row["step"]:
        return ""
    step = labels.name("step", str(row["step"]), lang)
    if row["step"] == "no_clear_change":
        return step
    said = labels.label("families_cell", lang, step=step, agree=str(row["agree"]), judged=str(row["judged"]))
    return f"{said}, {labels.label('robust_cell', lang)}" if row["robust"] else said


def target_text(row: Mapping[str, Any], indicator: Any, lang: str) -> str:
    """Return a target with its comparator in words: "at least 20%"."""
    kind = f"value:{labels.comparator(str(row['comparator']))}"
    return printed(kind, float(row["target"]), lang, Measure.of(indicator))


def figure_cell(row: Mapping[str, Any], indicator: Any, lang: str) -> str:
    """Return the figure judged with its year and the mark of a caveat: "7.1% (2024)*"; empty where none is held."""
    if not known(row["figure"]):
        return ""
    value = printed("value", float(row["figure"]), lang, Measure.of(indicator))
    return f"{value} ({int(row['figure_year'])}){'*' if caveat_words(row, lang) else ''}"


def as_table(assessment: pd.DataFrame, catalogue: Any, lang: str) -> pd.DataFrame:
    """Return the judgement in words, one row per target: indicator, target, state, figure, distance, outlook, methods.

    A star behind a figure says that something must be said with it (column `caveats`).
    """
    rows = []
    for row in assessment.to_dict("records"):
        record = catalogue.find_indicator(str(row["indicator"]))
        held = known(row["target"])
        rows.append({
            "indicator": labels.in_language(record, "short", lang),
            "target_year": str(int(row["target_year"])) if held else "",
            "target": target_text(row, record, lang) if held else "",
            "state": labels.name("state", str(row["state"]), lang),
            "figure": figure_cell(row, record, lang),
            "missing": distance_cell(row, record, lang),
            "outlook": outlook_cell(row, lang),
            "methods": methods_cell(row, lang),
            "caveats": caveat_words(row, lang),
        })
    heads = {name: labels.name("column", name, lang) for name in rows[0]} if rows else {}
    return pd.DataFrame(rows).rename(columns=heads)


def without_figure(names: list[str], lang: str) -> str:
    """Return one line that names the indicators with a target and no figure.

    >>> without_figure(["5G coverage"], "en")
    'No figure is held for: 5G coverage.'
    """
    return labels.label("without_figure", lang, names=", ".join(names))
