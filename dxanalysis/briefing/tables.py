"""Tables as readers see them: labels, names of codes and numbers in the language of the page."""

from __future__ import annotations

import html
import re
from typing import Any

import pandas as pd

from ..facts.records import Indicator
from . import judged, labels, numbers
from .page import known
from .quotes import Measure, printed

_CODES = {"status": "status", "step": "step", "verdict": "step", "state": "state", "grade": "grade", "method": "method",
          "definition": "definition", "model": "model", "statistic": "statistic", "unit": "unit", "cause": "cause",
          "most_sensitive": "choice", "why": "why"}
_YEARS = {"year", "target_year", "first_year", "last_year", "base_year", "origin", "expected_year",
          "expected_year_low", "expected_year_high", "n", "years_left", "agree", "judged",
          "value_year", "figure_year", "best_first_year", "year_before", "year_after"}
_VALUES = {"value", "target", "first", "last", "base", "median", "low", "high", "projected", "middle",
           "drift", "figure"}
_DIFFERENCES = {"gap", "points", "per_year", "required_per_year"}
_SHARES = {"probability", "share", "own", "borrowed", "own_slope_weight", "cov80", "cov95"}
_COMPARATORS = {">=": "≥", "<=": "≤", "about": "≈", "~": "≈"}
_RATES = {"cagr", "growth", "required_growth", "faster_than_whole", "numerator_growth",
          "denominator_growth"}
_DATES = {"vintage", "as_of", "document_date"}
# Columns for machines and for looking things up: they stand in the file, not on the page.
_TRANSLATED = ("break_before", "definition", "document", "issuer", "wording")
_IN_FILE = {
    "qualifier", "vintage_basis", "conflict", "fact", "note", "scope", "document_id", "document_date_basis",
    "value_high", "superseded_by", "superseded_on", "version", "score", "beyond", "reason", "comparable", "bridged",
    "cut", "constants", "analogues", "peers_named", "comparable_with",
    *(f"{name}_{lang}" for name in _TRANSLATED for lang in numbers.LANGUAGES),
}
_WEIGHT = "weight_"
_SUBJECT = ("indicator", "area")  # said in the title where all rows share them
_MOST_ROWS = 20
_IN_ENGLISH = {"denominator"}  # held as English words only; the wording of the target says it in Vietnamese
_MOST_COLUMNS = 7  # what a screen shows with each heading on one line; the file has them all
# In a table of verdicts the value is the method's own number, not one of the indicator, and the status its own word.
_OF_METHODS = {"value": "method_value", "status": "method_word"}
_PANEL_IN_FILE = {"citation", "base_year", "last_year", "comparator", "grade", "version", "reason"}
_RELEASES_IN_FILE = {"first_year", "first", "statistic", "method_value", "method_word", "reason"}
_WIDEST, _LEAST_WEIGHT = 14, 0.0005
# What a table of many columns is read by, where it has the first of these: seven columns, the answer among them.
_READ_BY = {
    "missing": ("indicator", "target_year", "target", "figure", "figure_year", "missing", "state", "outlook"),
    "last_year": ("indicator", "target_year", "target", "last", "median", "low", "high", "outlook"),
    "as_of": ("as_of", "definition", "target_year", "n", "last_year", "last", "step"),
}
_CHANCES = ("probability", "expected_year", "expected_year_low", "expected_year_high")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_READ_QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


class Shown:
    """What a cell of a notebook shows: HTML there, plain text elsewhere; and the table it shows, if any."""

    def __init__(self, markup: str, text: str, table: pd.DataFrame | None = None) -> None:
        self.markup, self.text, self.table = markup, text, table

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return self.text


def cell_text(name: str, value: Any, lang: str, indicator: Indicator | None = None) -> str:
    """Print one cell as its column asks: a year, a value with its unit, a probability, a code's name.

    >>> cell_text("step", "on_track", "vi"), cell_text("year", 2025.0, "vi"), cell_text("probability", 0.12, "en")
    ('đúng tiến độ', '2025', '12%')
    """
    if not known(value):
        return ""
    if isinstance(value, str):
        return _text(name, value, lang)
    if isinstance(value, (bool,)) or str(type(value).__name__) == "bool":
        return labels.label("yes" if value else "no", lang)
    if name in _YEARS:
        return str(int(value))
    return _number(name, float(value), lang, indicator)


def _text(name: str, value: str, lang: str) -> str:
    if value == "not_available" and name in ("method_word", "step"):
        return "" if name == "method_word" else "–"  # the sentences say once on a page what is not known
    if name in _CODES:
        word = labels.name(_CODES[name], value, lang)
        return labels.name("state", value, lang) if name == "verdict" and word == value else word
    if name == "comparator":
        return _COMPARATORS.get(value, value)
    return numbers.date(value, lang) if name in _DATES and value[:4].isdigit() else value


def _number(name: str, value: float, lang: str, indicator: Indicator) -> str:
    if (name in _SHARES or name.startswith(_WEIGHT)) and 0 <= value <= 1:
        return numbers.probability(value, lang)
    if name in _RATES:
        return numbers.percent(100 * value, lang, 1, sign=True)
    if indicator is not None and (name in _VALUES or name.endswith("%")):  # the column of a quantile, too
        return printed("value", value, lang, Measure.of(indicator))
    if indicator is not None and name in _DIFFERENCES:
        return numbers.number(value, lang, int(indicator.decimals), sign=name != "gap")
    return numbers.number(value, lang, 4)


def column_label(name: str, lang: str) -> str:
    """Return the heading of a column; a column without wording keeps its name.

    >>> column_label("target_year", "vi"), column_label("weight_naive", "vi"), column_label("my_own", "vi")
    ('Năm mục tiêu', 'Trọng số: không đổi', 'my_own')
    """
    if _DAY.fullmatch(name):  # the column of a release
        return numbers.date(name, lang)
    wording = labels.wording()
    found = wording["column"].get(name) or wording["definition"].get(name)
    if found is None and name.removeprefix(_WEIGHT) in wording["model"]:
        rule = labels.lower_first(labels.name("model", name.removeprefix(_WEIGHT), lang))
        return labels.fill(wording["column"]["weight_of"][lang], {"model": rule})
    return found[lang] if found else name


def to_html(table: pd.DataFrame, lang: str, *, indicator: Indicator | None = None, caption: str = "") -> str:
    """Return an HTML table with headings, numbers and names in a language; every text is escaped.

    Shown is what a reader needs: columns that are empty, that name the one subject of all rows, or that serve look-ups
    stay in the CSV file, and a line below the table says so. After twenty rows the rest is counted.
    """
    whole, (table, silent) = table, _without_silence(as_read(table, lang, indicator), lang)
    if silent and table.empty:
        return _below(table, [], lang, caption, wider=True, silent=silent)
    useful = [name for name in shown_columns(table) if lang == "en" or name not in _IN_ENGLISH]
    columns = useful[:_MOST_COLUMNS]
    if len(table) and columns:  # rows that differ only in what is not shown would be read as repeated
        table = table[~table[columns].astype(str).duplicated()]
    head = "".join(
        f'<th scope="col" style="white-space:nowrap">{html.escape(column_label(str(name), lang))}</th>'
        for name in columns
    )
    body = "".join(
        "<tr>" + "".join(_cell(str(name), _in(row, str(name), lang), lang, indicator) for name in columns) + "</tr>"
        for _, row in table.head(_MOST_ROWS).iterrows()
    )
    opening = f'<table lang="{lang}" class="dataframe" data-name="{html.escape(caption)}">'
    below = _below(table, columns, lang, caption, wider=not set(whole.columns) <= set(columns), silent=silent)
    return f"{opening}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"


def how_to_read(name: str, lang: str) -> str:
    """Return as HTML, in Vietnamese, how a chart or table is read; the notebooks' own prose says it in English.

    >>> how_to_read("chart_trend", "vi")[:38], how_to_read("chart_trend", "en")
    ('<p lang="vi"><small>Cách đọc: Chấm đặc', '')
    """
    text = labels.wording()["reading"].get(name, "") if lang == "vi" else ""
    return f'<p lang="vi"><small>Cách đọc: {html.escape(text)}</small></p>' if text else ""


def as_read(table: pd.DataFrame, lang: str, indicator: Indicator | None = None) -> pd.DataFrame:
    """Return a table in the form in which it is read: one row per year of a forecast, a method's own numbers as such.

    >>> fan = pd.DataFrame({"year": [2025, 2025, 2025], "quantile": [0.1, 0.3, 0.5], "value": [3.0, 6.0, 7.0]})
    >>> as_read(fan, "en").to_dict("list")
    {'year': [2025], '10%': [3.0], '50%': [7.0]}
    """
    if {"quantile", "value", "year"} <= set(table.columns) and len(table):
        return _by_quantile(table, lang)
    if {"statistic", "method"} <= set(table.columns):
        renamed = table.rename(columns=_OF_METHODS)
        panel = "as_of" not in renamed.columns  # one row per method; else one method after every release
        kept = [name for name in renamed.columns if name not in (_PANEL_IN_FILE if panel else _RELEASES_IN_FILE)]
        return renamed[kept] if panel else _read_by("as_of", renamed)
    if {"state", "missing"} <= set(table.columns):
        said = [judged.outlook(row, lang) for row in table.to_dict("records")]
        return _read_by("missing", _with_distances(table, lang, indicator).assign(outlook=said))
    if {"probability", "grade"} <= set(table.columns):
        table = _without_early_chances(table)
    if {"probability", "grade", "word", "verdict"} <= set(table.columns):
        rows = table.rename(columns={"probability": "outlook", "verdict": "state"}).to_dict("records")
        return _read_by("last_year", table.assign(outlook=[judged.outlook(row, lang) for row in rows]))
    if len(table) == 1 and len(table.columns) > _WIDEST:
        return _upright(table, lang)
    return table


def _read_by(key: str, table: pd.DataFrame) -> pd.DataFrame:
    return table[[name for name in _READ_BY[key] if name in table.columns]]


def _with_distances(table: pd.DataFrame, lang: str, indicator: Indicator | None) -> pd.DataFrame:
    """Write the distances of judgements in words, where one indicator gives them their unit."""
    if indicator is None:
        return table
    return table.assign(missing=[judged.distance(row, indicator, lang) for row in table.to_dict("records")])


def _without_silence(table: pd.DataFrame, lang: str) -> tuple[pd.DataFrame, str]:
    """Return a table of verdicts without the rows that say nothing, and one line on these."""
    if "step" not in table or "as_of" in table or not (silent := table["step"] == "not_available").any():
        return table, ""
    if "method" not in table:
        return table[~silent], labels.label("verdicts_silent", lang)
    methods = dict.fromkeys(labels.name("method", str(one), lang) for one in table.loc[silent, "method"])
    return table[~silent], labels.label("methods_silent", lang, methods=", ".join(methods))


def _without_early_chances(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out what no page may say: the chances where one figure, or none, would have to carry them."""
    early = table["grade"].isin(("none", "level"))
    named = [name for name in _CHANCES if name in table.columns]
    return table.assign(**{name: table[name].mask(early) for name in named})


def _upright(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Return a single wide row as a list of what it holds, nothings left out."""
    row = table.rename(columns={"points": "n"} if "own_slope_weight" in table else {}).iloc[0]
    kept = [name for name in shown_columns(row.to_frame().T) if not _is_nothing(str(name), row[name])]
    return pd.DataFrame({"item": [column_label(str(name), lang) for name in kept],
                         "reading": [cell_text(str(name), row[name], lang) for name in kept]})


def _is_nothing(name: str, value: Any) -> bool:
    """Tell whether a weight is too small to be read."""
    return name.startswith("weight_") and not value > _LEAST_WEIGHT


def _by_quantile(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Return one row per model and year, with one column for each quantile that a reader asks for."""
    read = table[table["quantile"].round(6).isin(_READ_QUANTILES)]
    keys = [name for name in ("model", "year") if name == "year" or read.get(name, read["year"]).nunique() > 1]
    wide = read.pivot_table(index=keys, columns="quantile", values="value", sort=False)
    wide.columns = [numbers.percent(100 * one, lang, 1) for one in wide.columns]
    return wide.reset_index()


def shown_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns a page shows, in their order.

    >>> shown_columns(pd.DataFrame({"area": ["a", "a"], "year": [2024, 2025], "note": ["x", ""], "value": [1, 2]}))
    ['year', 'value']
    """
    filled = [name for name in table.columns if len(table) == 0 or table[name].map(_filled).any()]
    out = _IN_FILE | _beside(table)
    useful = [name for name in filled if name not in out and not (name in _SUBJECT and _one(table[name]))]
    return useful or filled


def _beside(table: pd.DataFrame) -> set[str]:
    """Return columns that a page leaves out beside others: a method's own code for its verdict, a model's counters."""
    codes = {"status"} if {"step", "status"} <= set(table.columns) else set()
    counters = {"quantile", "grade"} & set(table.columns) if "origin" in table.columns else set()
    return codes | ({"points", "method"} if counters else set())


def _one(column: pd.Series) -> bool:
    return column.nunique(dropna=False) <= 1


def _in(row: pd.Series, name: str, lang: str) -> Any:
    """Return a cell in the language of the page where the table holds it in both.

    The value of a verdict is a statistic of its method (a ratio, an index) and carries no unit of the indicator.
    """
    if name == "value" and "statistic" in row.index and known(row[name]):
        return numbers.number(float(row[name]), lang, 2)
    return row.get(f"{name}_{lang}") or row[name] if f"{name}_{lang}" in row.index else row[name]


def _below(table: pd.DataFrame, columns: list[str], lang: str, caption: str, *, wider: bool, silent: str = "") -> str:
    """Say what the page leaves out."""
    more = len(table) - _MOST_ROWS
    notes = [labels.label("more_rows", lang, count=str(more))] if more > 0 else []
    notes += [silent] if silent else []
    if table.empty and not silent:
        notes.append(labels.label("no_rows", lang))
    elif caption and (wider or len(columns) < len(table.columns)):
        notes.append(labels.label("more_columns", lang, file=f"{caption}.csv"))
    return "".join(f"<p>{html.escape(note)}</p>" for note in notes)


def _filled(value: Any) -> bool:
    return known(value) and value != ""


def _cell(name: str, value: Any, lang: str, indicator: Indicator) -> str:
    right = not isinstance(value, str)
    align = ' style="text-align:right"' if right else ' style="text-align:left"'
    return f"<td{align}>{html.escape(cell_text(name, value, lang, indicator))}</td>"
