"""A finding and the numbers it quotes, and the check that every number of a text is the value of a cell.

A sentence is never typed with its numbers. A template is filled with :class:`Quoted` values, each of which knows the
table and the cell it was read from and how it was printed. :func:`check` goes the other way: from the text back to
the cells. A digit that no quote accounts for, a cell that holds something else, or a printed form that is not the
cell's value stops the build.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from ..facts.records import Indicator
from . import labels, numbers

GRADES = ("none", "level", "direction", "pace", "forecast")
CONSTANTS = {"interval": 80.0, "horizon": 2050.0}
_SIGNED = {
    "signed": ("missing_signed", "surplus_signed", "level_signed"),
    "signed_cell": ("missing_cell", "surplus_cell", "level_cell"),
}
_TEXTS = ("text", "date", "month")
_TOKEN = re.compile(r"\d(?:[\d.,]*\d)?")
_CELL = re.compile(r"(?P<column>[^\[\]]+)\[(?P<row>\d+)\]")
_COUNT = re.compile(r"count\((?P<conditions>.*)\)")


class UnquotedNumber(ValueError):
    """Raised when a text holds a number that is not the value of a cell of the tables it was made from."""


@dataclass(frozen=True)
class Quoted:
    """One number (or text of a record) a sentence quotes.

    Attributes
    ----------
    name : str
        The placeholder it fills.
    value : float or str
        The value of the cell, not rounded.
    unit : str
        The unit of `value` (``percent``, ``percentage points``, ``year``, ``date``, ``text`` ...).
    table, cell : str
        Where it was read: ``last[0]`` is column `last` of row 0, ``count(step=on_track)`` the number of such rows,
        a bare name the field of a record.
    kind : str
        How it is printed: value, difference, rate, percent, probability, times, count, year, date or text.
    decimals : int
    symbol_vi, symbol_en : str
        What follows the number where the unit is not percent ("điểm", "points").
    vi, en : str
        The printed forms.
    """

    name: str
    value: float | str
    unit: str
    table: str
    cell: str
    kind: str
    decimals: int
    symbol_vi: str
    symbol_en: str
    vi: str
    en: str


@dataclass(frozen=True)
class Finding:
    """One sentence in both languages with every number it quotes.

    `key` names its template in ``wording.toml``; `grade` is the evidence grade the sentence needs.
    """

    key: str
    vi: str
    en: str
    grade: str
    numbers: tuple[Quoted, ...]

    def text(self, lang: str) -> str:
        """Return the sentence in a language."""
        return self.vi if numbers.language(lang) == "vi" else self.en

    def record(self) -> dict[str, Any]:
        """Return the finding as plain data for ``facts.json``."""
        return {
            "key": self.key, "grade": self.grade, "vi": self.vi, "en": self.en,
            "numbers": [asdict(quoted) for quoted in self.numbers],
        }


@dataclass(frozen=True)
class Measure:
    """How the values of an indicator are printed: its unit, the words for it and its decimals."""

    unit: str
    vi: str
    en: str
    decimals: int

    @classmethod
    def of(cls, indicator: Indicator) -> Measure:
        """Read the measure of an indicator record."""
        return cls(indicator.unit, indicator.unit_vi, indicator.unit_en, int(indicator.decimals))


def printed(kind: str, value: float | str, lang: str, measure: Measure) -> str:
    """Print a cell's value the way a sentence of this kind shows it.

    >>> share = Measure("percent", "%", "%", 2)
    >>> printed("value", 7.1, "vi", share), printed("difference", -0.9, "vi", share)
    ('7,1%', '0,9 điểm phần trăm')
    """
    kind, _, comparator = kind.partition(":")
    if comparator and kind == "count":
        return labels.counted(comparator, int(value), lang)
    if comparator in ("at_most", "below") and measure.unit == "rank":
        return labels.label("rank_goal", lang, n=numbers.number(float(value), lang, 0))
    if comparator:
        return labels.fill(
            labels.entry("comparator", comparator)[lang], {"target": printed(kind, value, lang, measure)}
        )
    if kind == "text":
        return str(value)
    if kind in ("date", "month"):
        return numbers.date(str(value)[: 7 if kind == "month" else 10], lang)
    if kind in ("year", "count"):
        return str(int(value))
    if kind == "part":  # of one, as a percentage
        return numbers.percent(100 * float(value), lang, 0)
    if kind in ("percent", "growth"):
        return numbers.percent(float(value), lang, 1 if kind == "growth" else 0)
    if kind == "probability":
        return numbers.probability(float(value), lang)
    if kind in ("below", "above"):  # a band of probability, such as "below 10%"
        return labels.label(f"band_{kind}", lang, n=numbers.percent(100 * float(value), lang, 0))
    if kind == "per_hundred":
        shown = numbers.number(100 * float(value), lang, 0)
        key = {"0": "below_one_in_hundred", "100": "nearly_all"}.get(shown, "per_hundred")
        return labels.label(key, lang, n=shown)
    if kind in ("signed", "signed_cell"):
        key = _SIGNED[kind][0 if float(value) > 1e-9 else 1 if float(value) < -1e-9 else 2]
        return labels.label(key, lang, n=_measured("difference", float(value), lang, measure))
    if kind == "times":
        return numbers.number(float(value), lang, 2)
    return _measured(kind, float(value), lang, measure)


def _measured(kind: str, value: float, lang: str, measure: Measure) -> str:
    most = min(1, measure.decimals) if kind == "rounded" else measure.decimals  # a forecast's second decimal is noise
    decimals = numbers.enough_decimals(value, most)
    signed = kind == "rate_signed"
    shown = value if kind in ("value", "rounded", "rate_signed") else abs(value)
    if measure.unit == "rank":
        decimals = max(decimals, 1) if kind.startswith("rate") else decimals  # a pace is a mean of whole places
        shown_rank = numbers.number(shown, lang, decimals, sign=signed)
        places = "place" if shown_rank.strip(f"+{numbers.MINUS}") == "1" else "places"
        return labels.label("rank" if kind in ("value", "rounded") else places, lang, n=shown_rank)
    if measure.unit == "percent_per_year" and kind not in ("value", "rounded"):
        return numbers.points(shown, lang, decimals, sign=signed)
    if measure.unit not in ("percent", "percent_per_year"):
        text = numbers.number(shown, lang, decimals, sign=signed)
        if measure.unit == "index_0_1":  # a bare number: the name of the index says what it is
            return text
        symbol = measure.vi if lang == "vi" else _of_number(measure.en, text)
        space = "" if symbol.startswith("%") and lang == "vi" else " "
        return f"{text}{space}{symbol}".strip()
    if kind in ("value", "rounded"):
        return numbers.percent(shown, lang, decimals)
    return numbers.points(shown, lang, decimals, sign=signed)


def _of_number(unit: str, printed_number: str) -> str:
    """Return an English unit in the number of its printed value: "enterprise per 1,000 people" for 1.

    >>> _of_number("enterprises per 1,000 people", "1"), _of_number("companies", "+1"), _of_number("points", "2")
    ('enterprise per 1,000 people', 'company', 'points')
    """
    noun, space, rest = unit.partition(" ")
    if printed_number.strip(f"+{numbers.MINUS}") != "1" or not noun.endswith("s"):
        return unit
    return (f"{noun[:-3]}y" if noun.endswith("ies") else noun[:-1]) + space + rest


def quote(
    name: str, table: str, cell: str, value: Any, kind: str, measure: Measure | None = None, unit: str = ""
) -> Quoted:
    """Quote the value of a cell for the placeholder `name`."""
    measure = measure or Measure(unit or kind, "", "", 2)
    plain = value if kind in _TEXTS else float(value)
    forms = {lang: printed(kind, plain, lang, measure) for lang in numbers.LANGUAGES}
    differences = ("difference", "rate", "rate_signed", "signed", "signed_cell")
    named = "percentage points" if measure.unit == "percent" and kind in differences else measure.unit
    return Quoted(
        name, plain, unit or named, table, cell, kind, measure.decimals, measure.vi, measure.en,
        forms["vi"], forms["en"],
    )


def allows(grade: str, needs: str) -> bool:
    """Tell whether a grade of evidence allows a sentence.

    >>> allows("direction", "level"), allows("direction", "pace")
    (True, False)
    """
    for given in (grade, needs):
        if given not in GRADES:
            raise ValueError(f"Unknown evidence grade {given!r}. Grades: {', '.join(GRADES)}.")
    return GRADES.index(grade) >= GRADES.index(needs)


def say(key: str, grade: str, *quoted: Quoted, **words: tuple[str, str]) -> Finding:
    """Fill a sentence in both languages, if the evidence grade allows it.

    Parameters
    ----------
    key : str
        Key of the section ``sentence`` of the wording file.
    grade : str
        What the data allow; a template that needs more is refused.
    *quoted : Quoted
        The numbers and texts from tables.
    **words : (str, str)
        Words without numbers of data, in Vietnamese and English.

    Examples
    --------
    >>> say("trend_pace_up", "direction")
    Traceback (most recent call last):
        ...
    ValueError: The sentence 'trend_pace_up' needs evidence of grade 'pace'; the data allow 'direction'.
    """
    template = labels.entry("sentence", key)
    if not allows(grade, template["needs"]):
        raise ValueError(
            f"The sentence {key!r} needs evidence of grade {template['needs']!r}; the data allow {grade!r}."
        )
    texts = {}
    for place, lang in enumerate(numbers.LANGUAGES):
        values = {name: pair[place] for name, pair in words.items()}
        values |= {item.name: item.vi if lang == "vi" else item.en for item in quoted}
        texts[lang] = labels.upper_first(labels.fill(template[lang], _with_capitals(values)))
    used = labels.placeholders(template["vi"]) | labels.placeholders(template["en"])
    kept = tuple(item for item in quoted if item.name in used or f"{item.name[:1].upper()}{item.name[1:]}" in used)
    return Finding(key, texts["vi"], texts["en"], template["needs"], kept + _quoted_words(words, used))


def _with_capitals(values: dict[str, str]) -> dict[str, str]:
    return values | {labels.upper_first(name): labels.upper_first(text) for name, text in values.items()}


def _quoted_words(words: Mapping[str, tuple[str, str]], used: set[str]) -> tuple[Quoted, ...]:
    """Keep names that hold digits ("4G coverage") as quoted text, so that the check knows where they come from."""
    pairs = {name: pair for name, pair in words.items() if name in used or labels.upper_first(name) in used}
    return tuple(
        Quoted(name, pair[0], "text", "names", name, "text", 0, "", "", pair[0], pair[1])
        for name, pair in pairs.items()
        if any(_TOKEN.search(text) for text in pair)
    )


def check(finding: Finding, tables: Mapping[str, Any]) -> Finding:
    """Re-read every number of a finding's text and find its cell, or raise :class:`UnquotedNumber`.

    Parameters
    ----------
    tables : mapping of str to DataFrame or mapping
        The tables the finding was made from, by the name the quotes use.

    Examples
    --------
    >>> import pandas as pd
    >>> pace = pd.DataFrame({"target_year": [2025], "target": [20.0]})
    >>> found = say("target_line", "none", quote("target_year", "pace", "target_year[0]", 2025, "year"),
    ...             quote("target", "pace", "target[0]", 20.0, "value", Measure("percent", "%", "%", 2)),
    ...             what=("Tỷ trọng", "The share"), state=("đạt", "met"))
    >>> check(found, {"pace": pace}).vi
    'Tỷ trọng, mục tiêu năm 2025 (20%): đạt.'
    >>> check(found, {"pace": pace.assign(target=25.0)})
    Traceback (most recent call last):
        ...
    dxanalysis.briefing.quotes.UnquotedNumber: 'target_line' prints '20%' for target[0] of 'pace', which holds 25.0.
    """
    for quoted in finding.numbers:
        if quoted.table != "names":
            _check_cell(finding, quoted, tables)
    for lang in numbers.LANGUAGES:
        _check_text(finding, lang)
    return finding


def check_all(findings: list[Finding], tables: Mapping[str, Any]) -> list[Finding]:
    """Check every finding of a list and return the list."""
    return [check(finding, tables) for finding in findings]


def cell_value(tables: Mapping[str, Any], table: str, cell: str) -> Any:
    """Return the value of a cell named as :class:`Quoted` names it.

    >>> import pandas as pd
    >>> panel = pd.DataFrame({"step": ["on_track", "moving_away", "on_track"]})
    >>> cell_value({"panel": panel}, "panel", "step[1]"), cell_value({"panel": panel}, "panel", "count(step=on_track)")
    ('moving_away', 2)
    >>> cell_value({}, "panel", "step[1]")
    Traceback (most recent call last):
        ...
    KeyError: "No table 'panel' was given to look up 'step[1]'."
    """
    if table == "constants":
        return CONSTANTS[cell]
    if table not in tables:
        raise KeyError(f"No table {table!r} was given to look up {cell!r}.")
    holder = tables[table]
    if not isinstance(holder, pd.DataFrame):
        return holder[cell] if isinstance(holder, Mapping) else getattr(holder, cell)
    if counted := _COUNT.fullmatch(cell):
        return _count(holder, counted["conditions"])
    place = _CELL.fullmatch(cell)
    if place is None:
        raise KeyError(f"The cell {cell!r} is not written as column[row] or count(column=value).")
    return holder[place["column"]].iloc[int(place["row"])]


def _count(table: pd.DataFrame, conditions: str) -> int:
    rows = pd.Series(True, index=table.index)
    for condition in filter(None, conditions.split("&")):
        column, value = condition.split("=")
        rows &= table[column].astype(str) == value
    return int(rows.sum())


def _check_cell(finding: Finding, quoted: Quoted, tables: Mapping[str, Any]) -> None:
    value = cell_value(tables, quoted.table, quoted.cell)
    measure = Measure(quoted.unit, quoted.symbol_vi, quoted.symbol_en, quoted.decimals)
    if quoted.unit == "percentage points":
        measure = Measure("percent", quoted.symbol_vi, quoted.symbol_en, quoted.decimals)
    held = str(value) if quoted.kind in _TEXTS else float(value)
    same = held == quoted.value or (isinstance(held, float) and math.isnan(held) and quoted.value != quoted.value)
    for lang, shown in (("vi", quoted.vi), ("en", quoted.en)):
        if not same or printed(quoted.kind, held, lang, measure) != shown:
            raise UnquotedNumber(
                f"{finding.key!r} prints {shown!r} for {quoted.cell} of {quoted.table!r}, which holds {held}."
            )


def _check_text(finding: Finding, lang: str) -> None:
    rest = finding.text(lang)
    forms = [quoted.vi if lang == "vi" else quoted.en for quoted in finding.numbers]
    for form in sorted(forms, key=len, reverse=True):
        rest = _without(rest, form)
    stray = _TOKEN.search(rest)
    if stray:
        raise UnquotedNumber(
            f"{finding.key!r} holds the number {stray[0]!r}, which no table gives: {finding.text(lang)}"
        )


def _without(text: str, form: str) -> str:
    """Take a quoted form out of a text, only where it stands whole (7,1% must not match inside 17,1%)."""
    for candidate in (form, labels.upper_first(form)):
        text = re.sub(rf"(?<![\d.,]){re.escape(candidate)}(?!\d)", " ", text)
    return text
