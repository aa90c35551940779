"""Bring printed figures into the unit of the catalogue and into years: by what is stated, a stated rule, or asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from dxanalysis.facts.names import fold
from dxanalysis.facts.package import annual
from dxanalysis.facts.understand.numbers import FAMILIES, Unit, factor, parse_unit, unit_of
from dxanalysis.facts.understand.reading import Question, Unclear

# A share up to 1 beside a neighbour in time this many times larger, which fits it times 100, looks like a fraction.
LEAP, FIT = 20, 3


@dataclass
class Measured:
    """The figures in the units of the catalogue, with what was said and asked on the way."""

    table: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    questions: dict[str, Question] = field(default_factory=dict)


def measured(table: pd.DataFrame, printed: pd.DataFrame, indicators: pd.DataFrame, answers: Any) -> Measured:
    """Return figures in the units of their indicators.

    Parameters
    ----------
    table : DataFrame
        One row per figure: indicator, area, period, value, row, column.
    printed : DataFrame
        For the same rows what the file prints: unit, multiplier (a power of ten), symbol ("%" or "").
    indicators : DataFrame
        The catalogue with its units.
    answers : Answers
        Its unit and scale are used.
    """
    catalogue = indicators.drop_duplicates("id", keep="last").set_index("id")["unit"]
    right = table["indicator"].map(catalogue).fillna("").astype("str")
    found = Measured(table.assign(unit=right))
    stated = _stated(found, printed, answers.unit)
    factors = pd.Series(1.0, index=table.index)
    keys = pd.DataFrame({"unit": stated, "multiplier": printed["multiplier"], "right": right})
    for (unit, multiplier, own), rows in keys.groupby(["unit", "multiplier", "right"]).groups.items():
        factors.loc[rows] = _factor(found, unit, multiplier, own or unit, rows)
        if unit and not own and (table.loc[rows, "indicator"] != "").all():
            found.notes.append(f"The figures stay in '{unit}', as printed: the indicator has no unit.")
    values = table["value"]
    if answers.scale is not None:  # the answer takes the place of every conversion, and of what was said of one
        found.notes, found.questions = [], {k: v for k, v in found.questions.items() if k != "scale"}
    if answers.scale is None:
        converted = values.where(factors == 1, (values * factors).map(lambda value: float(f"{value:.13g}")))
        found.table = found.table.assign(value=converted)
        _ask_scale(found, printed["symbol"])
    else:
        found.table = found.table.assign(value=_scaled(found, values, printed["symbol"], float(answers.scale)))
    return found


def _stated(found: Measured, printed: pd.DataFrame, answer: str | None) -> pd.Series:
    """Return the unit of each figure: the printed one, else the answered one; a contradiction is a question."""
    if answer is None:
        return printed["unit"]
    meant = parse_unit(answer)
    if meant is None:
        raise ValueError(f"unit {answer!r} is no unit. Units: {', '.join(FAMILIES)}; or words such as 'Nghìn người'.")
    rows = pd.DataFrame({"word": printed["unit"], "right": found.table["unit"]})
    for word, own in rows.drop_duplicates().itertuples(index=False, name=None):
        told = parse_unit(word) if word else None
        if told and told.family and own and factor(told, own) is not None and told != meant:
            found.questions["unit"] = Question(f"the file prints '{word}', not '{answer}'.", (word,), (word,))
        elif told and own and factor(told, own) is None:
            found.notes.append(f"The printed unit '{word}' is looked past: the figures are in '{answer}', as answered.")
    fits = {word: word if word and parse_unit(word) and own and factor(parse_unit(word), own) is not None else answer
            for word, own in rows.drop_duplicates().itertuples(index=False, name=None)}
    return printed["unit"].map(fits).astype("str")


def _factor(found: Measured, word: str, multiplier: str, own: str, rows: pd.Index) -> float:
    """Return what figures are multiplied by to be in the unit `own`; note it, or ask."""
    same = not word or (fold(word) != "" and fold(word) == fold(own))
    unit = unit_of(own) if same else parse_unit(word)
    power = _power(multiplier)
    shown = found.table.loc[rows[:3]]
    place = tuple(f"row {row.row}, column {row.column}: {row.value:g} {word}" for row in shown.itertuples())
    if power is None:
        text = f"the multiplier '{multiplier}' is no power of ten."
        found.questions.setdefault("scale", Question(text, place, ("1", "1000")))
        return 1.0
    if unit is None:
        text = f"the unit '{word}' is not known; the catalogue has '{own}'. In which unit are the figures?"
        found.questions.setdefault("unit", Question(text, place, (own,)))
        return 1.0
    if power != 1 and unit.size >= 1000:  # "Thousand persons" and 10^3 beside it say the same twice, or not
        text = f"the unit '{word}' and the multiplier '{multiplier}' both scale: is it one factor or two?"
        found.questions.setdefault("scale", Question(text, place, (f"{unit.size:g}", f"{unit.size * power:g}")))
        return 1.0
    times = factor(Unit(unit.family, unit.size * power), own)
    if times is None:
        text = f"the file prints the unit '{word}', which does not convert into the catalogue's '{own}'."
        found.questions.setdefault("unit", Question(text, place, (own,)))
        return 1.0
    if times != 1:
        what = f"'{word}'" + (f" with multiplier '{multiplier}'" if power != 1 else "")
        found.notes.append(f"{len(rows)} figures in {what} multiplied by {times:g}: written as '{own}'.")
    return times


def _power(printed: str) -> float | None:
    """Return the factor a multiplier states: a power of ten, or words.

    >>> _power("3"), _power(""), _power("Thousands"), _power("3: Thousands"), _power("1000"), _power("x")
    (1000.0, 1.0, 1000.0, 1000.0, 1000.0, None)
    """
    text = printed.split(":")[0].strip().removesuffix(".0")
    if text in ("", "nan", "_Z", "_X"):
        return 1.0
    if re.fullmatch(r"-?\d{1,2}", text):
        return float(10.0 ** int(text))
    if re.fullmatch(r"10{2,12}", text):
        return float(text)
    found = parse_unit(text)
    return found.size if found and found.family in ("", "count") else None


def _scaled(found: Measured, values: pd.Series, symbol: pd.Series, scale: float) -> pd.Series:
    """Return the values as the user scales them; 100 multiplies only what looks like a fraction, where some does."""
    doubtful = _fractions(found.table, symbol)
    chosen = doubtful if scale == 100 and doubtful.any() else pd.Series(True, index=values.index)
    if scale != 1:
        what = "Fractions" if scale == 100 and doubtful.any() else "All figures"
        found.notes.append(f"{what} multiplied by {scale:g}, as answered ({int(chosen.sum())} figures).")
    else:
        found.notes.append("The values are kept as they are printed, as answered (scale=1).")
    return values.where(~chosen, (values * scale).map(lambda value: float(f"{value:.13g}")))


def _ask_scale(found: Measured, symbol: pd.Series) -> None:
    doubtful = _fractions(found.table, symbol)
    if not doubtful.any():
        return
    rows = found.table[doubtful]
    names = ", ".join(rows["indicator"].unique()[:5])
    cells = tuple(f"row {row.row}, column {row.column}: {row.value:g}" for row in rows.head(5).itertuples())
    every = rows["indicator"].isin(found.table["indicator"]).all() and len(rows) == len(found.table)
    what = "all figures" if every else f"{len(rows)} figures"
    text = f"{what} of {names} lie between 0 and 1 where percent is expected: are they fractions? "
    found.questions["scale"] = Question(text + "100 multiplies them, 1 keeps them.", cells, ("100", "1"))


def _fractions(table: pd.DataFrame, symbol: pd.Series) -> pd.Series:
    """Return which percentages look like fractions of one: a series below 1, or a value that leaps to its neighbours.

    A value with a percent sign behind it is none; beside values with the sign, one up to 1 without it is.
    """
    percent = (table["unit"] == "percent") & (symbol != "%")
    low = percent & (table["value"].abs() <= 1) & (table["value"] != 0)
    if not low.any():
        return low
    series = [table["indicator"], table["definition"]]
    largest = table["value"].abs().where(table["unit"] == "percent").groupby(series).transform("max")
    whole = low & (largest <= 1)
    signed = (symbol == "%").groupby(series).transform("any")
    return whole | (low & signed) | (low & _leaps(table))


def _leaps(table: pd.DataFrame) -> pd.Series:
    """Return which values are far below the nearest larger figure of their area, and near it times 100."""
    ordered = table.sort_values(["indicator", "definition", "area", "period"])
    grouped = ordered["value"].abs().groupby([ordered["indicator"], ordered["definition"], ordered["area"]])
    above = ordered["value"].abs()
    beside = pd.concat([grouped.shift(1), grouped.shift(-1)], axis=1).max(axis=1)
    leap = (beside / above > LEAP) & (above * 100 < beside * FIT) & (above * 100 * FIT > beside)
    return leap.reindex(table.index).fillna(False).astype("bool")


def describe(questions: Mapping[str, Question]) -> list[str]:
    """Return one line per question for the command line."""
    lines = []
    for name, question in questions.items():
        cells = f" ({'; '.join(question.cells[:3])})" if question.cells else ""
        lines.append(f"to answer: --{name.replace('_', '-')}  {question.text}{cells}")
    return lines



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
