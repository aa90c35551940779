"""One judgement in a few words: its state, the signed distance, the outlook with its basis, what it would take.

Charts, the site, the index page and the explorer read the rows of ``dxanalysis.assess`` through these functions, so
that one target is never said in two ways. Whole sentences are made by the findings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..facts.records import Indicator
from . import labels, numbers
from .labels import word
from .quotes import Measure, printed

Row = Mapping[str, Any]
_LADDER = tuple(word for _, word in labels.LIKELIHOOD)
MAGNITUDES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_ASKED = ("open", "due", "at_level")
_POINTS = ("percent", "percent_per_year")
_REVISABLE = ("preliminary", "estimate")  # status of figures that a later release may revise
_SYMBOLS = {">=": "≥ ", ">": "> ", "<=": "≤ ", "<": "< ", "about": "≈ ", "~": "≈ "}


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Return judgements grouped by state, then the largest share of the way still missing first."""
    far = [-abs(share) if pd.notna(share := share_of_way(row)) else 0.0 for row in rows.to_dict("records")]
    place = rows["state"].map({state: at for at, state in enumerate(labels.STATES)}).fillna(len(labels.STATES))
    return rows.assign(_place=place, _far=far).sort_values(
        ["_place", "_far", "indicator", "target_year"], ignore_index=True
    ).drop(columns=["_place", "_far"])


def next_first(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return judgements with the next target from a year on first, then later ones, then the past, latest first."""
    past, away = ~rows["target_year"].ge(year).fillna(False), (rows["target_year"] - year).abs()
    place = pd.DataFrame({"past": past, "away": away}).sort_values(["past", "away"], kind="stable").index
    return rows.loc[place]


def one_each(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return one judgement per indicator: of the next target from a year on, else of the last one."""
    rows = rows.reset_index(drop=True)
    return next_first(rows, year).drop_duplicates(["area", "indicator"]).sort_index().reset_index(drop=True)


def in_view(rows: pd.DataFrame, year: int, most: int) -> pd.DataFrame:
    """Return at most so many targets in their order: the next one from a year on, what is open or due, then the rest.

    >>> seen = pd.DataFrame({"target_year": [2018, 2022, 2025, 2030], "state": ["missed", "due", "met", "open"]})
    >>> in_view(seen, 2025, 3)["target_year"].tolist()
    [2022, 2025, 2030]
    """
    ordered = next_first(rows.reset_index(drop=True), year)
    first, rest = ordered.head(1), ordered.iloc[1:]
    asked = rest["state"].isin(_ASKED)
    return pd.concat([first, rest[asked], rest[~asked]]).head(most).sort_index()


def has(row: Row, name: str) -> bool:
    """Tell whether a judgement holds a value under a name."""
    value = row.get(name)
    if value is None or isinstance(value, tuple | list | str):
        return bool(value)
    return not pd.isna(value)


def shown(value: float, indicator: Indicator, lang: str) -> str:
    """Print a value with its unit; from a million on in thousands of billions, as the axes do, and no zeros to count.

    >>> from types import SimpleNamespace as Record
    >>> money = Record(unit="vnd", unit_vi="đồng", unit_en="VND", decimals=0)
    >>> shown(8.2e11, money, "en"), shown(820.0, money, "vi")
    ('820 billion VND', '820 đồng')
    """
    size, magnitude = next(((size, name) for size, name in MAGNITUDES if abs(value) >= size), (1.0, ""))
    measure = Measure.of(indicator)
    if not magnitude or measure.unit in (*_POINTS, "rank"):
        return printed("value", value, lang, measure)
    number = numbers.number(value / size, lang, 2)
    return f"{number} {labels.label(magnitude, lang)} {labels.in_language(indicator, 'unit', lang)}".strip()


def document(row: Row, lang: str) -> str:
    """Return the document that sets a target: its number, or its title in the language where it has none.

    >>> row = {"document": "Target for 2018", "document_en": "Target for 2018", "document_vi": "Mục tiêu năm 2018"}
    >>> document(row, "vi"), document(row | {"document": "09-NQ/TU"}, "vi"), document({}, "vi")
    ('Mục tiêu năm 2018', '09-NQ/TU', '')
    """
    number, title = (str(row.get(name) or "") for name in ("document", "document_en"))
    return str(row.get(f"document_{lang}") or number) if number == title else number


def state(row: Row, lang: str) -> str:
    """Return the words of the state."""
    return word("state", state_said(row), lang)


def state_said(row: Row) -> str:
    """Return the state as it is told: a target that ended with its area lacks no evidence.

    >>> state_said({"state": "cannot_tell", "reason": "area_ended"}), state_said({"state": "cannot_tell", "reason": ""})
    ('ended', 'cannot_tell')
    """
    return "ended" if row["state"] == "cannot_tell" and row.get("reason") == "area_ended" else str(row["state"])


def level(row: Row, indicator: Indicator, lang: str) -> str:
    """Return the figure judged and its year: "7,1% (2024)"; nothing where none is held."""
    if not has(row, "figure"):
        return ""
    value = shown(float(row["figure"]), indicator, lang)
    year = str(int(row["figure_year"])) if has(row, "figure_year") else ""
    mark = "*" if caveat_words(row, lang) else ""
    return f"{value}{mark} ({year})" if year else f"{value}{mark}"


def goal(row: Row, indicator: Indicator, lang: str) -> str:
    """Return the target with its comparator and its year: "≥ 20% (2025)"."""
    if not has(row, "target"):
        return ""
    aim = shown(float(row["target"]), indicator, lang)
    if has(row, "target_high"):
        aim = f"{aim}–{shown(float(row['target_high']), indicator, lang)}"
    return f"{_SYMBOLS.get(str(row['comparator']), '')}{aim} ({int(row['target_year'])})"


def distance(row: Row, indicator: Indicator, lang: str) -> str:
    """Return what is missing or in surplus, in signed words: "thiếu 12,9 điểm phần trăm", "10 percentage points above".

    >>> from dxanalysis import facts
    >>> share = facts.find_indicator("digital_economy_share")
    >>> distance({"missing": 12.9}, share, "vi"), distance({"missing": -10.0}, share, "en")
    ('thiếu 12,9 điểm phần trăm', '10 percentage points above')
    """
    if not has(row, "missing"):
        return ""
    missing = float(row["missing"])
    if math.isclose(missing, 0.0, abs_tol=1e-9):
        return labels.label("at_goal", lang)
    return labels.label("missing" if missing > 0 else "surplus", lang, value=amount(abs(missing), indicator, lang))


def amount(value: float, indicator: Indicator, lang: str) -> str:
    """Print a difference short enough for a cell: 12,9 điểm %."""
    if indicator.unit not in (*_POINTS, "rank"):
        return shown(abs(value), indicator, lang)
    decimals = max(int(indicator.decimals), indicator.unit == "rank")  # a pace is a mean of whole places
    number = numbers.number(abs(value), lang, numbers.enough_decimals(value, decimals))
    if indicator.unit == "rank":
        return labels.label("places", lang, n=number)
    return labels.label("points_short", lang, value=number)  # a growth rate differs from another in points, too


def outlook(row: Row, lang: str) -> str:
    """Return the outlook as sharp as the evidence allows: word and number or band, else the share of precedents.

    >>> outlook({"state": "open", "outlook": 0.004, "word": "exceptionally_unlikely", "n": 6}, "en")
    'exceptionally unlikely (under 1%)'
    >>> outlook({"state": "due", "outlook_low": 0.0, "outlook_high": 0.1, "word": "very_unlikely", "n": 1}, "vi")
    'rất ít khả năng (dưới 10%)'
    >>> outlook({"state": "due", "word": "", "precedent_share": 0.08}, "en")
    'precedent: about 8 in 100'
    """
    if str(row["state"]) not in ("open", "due", "at_level"):
        return ""
    if not has(row, "word"):
        return _without_word(row, lang)
    said = labels.name("likelihood", str(row["word"]), lang)
    if has(row, "outlook"):
        return f"{said} ({numbers.probability(float(row['outlook']), lang)})"
    low, high = (float(row[name]) if has(row, name) else None for name in ("outlook_low", "outlook_high"))
    if high is not None and high < 1 and not low:
        return f"{said} ({labels.label('below_percent', lang, value=numbers.percent(100 * high, lang, 0))})"
    if low is not None and low > 0 and (high is None or high >= 1):
        return f"{said} ({labels.label('above_percent', lang, value=numbers.percent(100 * low, lang, 0))})"
    return said


def _without_word(row: Row, lang: str) -> str:
    if has(row, "precedent_share"):
        share = printed("per_hundred", float(row["precedent_share"]), lang, Measure("", "", "", 0))
        return labels.label("precedent_cell", lang, share=share)
    return between(row, lang) if has(row, "outlook_low") and has(row, "outlook_high") else ""


def between(row: Mapping[str, Any], lang: str) -> str:
    """Return a band of probability by both its ends.

    >>> between({"outlook_low": 0.1, "outlook_high": 0.9}, "en")
    'between 10% and 90%'
    """
    low, high = (numbers.percent(100 * float(row[end]), lang, 0) for end in ("outlook_low", "outlook_high"))
    return labels.label("band_between", lang, low=low, high=high)


def caveat_words(row: Mapping[str, Any], lang: str) -> str:
    """Return everything that must be said with a figure, as one phrase; empty where nothing must be said.

    >>> caveat_words({"caveats": ("mirror", "rounded"), "figure_kind": "rounded"}, "en")
    'taken from a reposted page; a rounded figure'
    """
    return "; ".join(labels.name("caveat", code, lang) for code in caveat_codes(row))


def caveat_codes(row: Mapping[str, Any]) -> list[str]:
    """Return the codes of everything that must be said with a figure."""
    return [*(row.get("caveats") or ()), *(["revisable"] if row.get("figure_kind") in _REVISABLE else [])]


def cautious(row: Mapping[str, Any], lang: str) -> str:
    """Return why the word of a precedent is weaker than its share; nothing where both say the same.

    >>> cautious({"word": "unlikely", "precedent_share": 0.01}, "en")
    'the word is kept more cautious than this share, because fewer than six figures are held'
    >>> cautious({"word": "very_unlikely", "precedent_share": 0.02}, "en")
    ''
    """
    if not (has(row, "word") and has(row, "precedent_share")):
        return ""
    said, counted = (_LADDER.index(one) for one in (row["word"], labels.likelihood(float(row["precedent_share"]))))
    return labels.label("cautious_word", lang) if said != counted else ""


def precedent(row: Row, lang: str) -> str:
    """Return how often things of this class came that far in that time; nothing where no precedent is known.

    >>> precedent({"precedent_bound": 0.021, "precedent_episodes": 1412}, "en")
    'of 1,412 similar cases at most 2% came that far in that time'
    """
    if not (has(row, "precedent_bound") and has(row, "precedent_episodes")):
        return ""
    share = numbers.probability(float(row["precedent_bound"]), lang)
    return labels.label("precedent", lang, n=numbers.number(float(row["precedent_episodes"]), lang, 0), share=share)


def basis(row: Row, lang: str) -> str:
    """Return what carried the outlook: the own series, a panel of areas, a reference class, the outcome."""
    code = str(row.get("basis") or "none")
    if code == "none":
        return ""
    said = word("basis_of", code, lang)
    count = int(row["basis_count"]) if has(row, "basis_count") else 0
    return f"{said} ({numbers.number(float(count), lang, 0)})" if count > 1 else said


def required(row: Row, indicator: Indicator, lang: str) -> str:
    """Return what an open target takes each year: "+3,82 điểm %/năm (2024–2030)"; nothing where it takes nothing."""
    if str(row["state"]) != "open" or not has(row, "required_per_year") or not has(row, "years_left"):
        return ""
    rate = float(row["required_per_year"])
    if int(row["years_left"]) < 1 or math.isclose(rate, 0.0, abs_tol=1e-9):
        return ""
    sign = "+" if rate > 0 else numbers.MINUS
    years = {"first": str(int(row["figure_year"])), "last": str(int(row["target_year"]))}
    return labels.label("per_year", lang, value=sign + amount(rate, indicator, lang), **years)


def share_of_way(row: Row) -> float:
    """Return the distance as a share of the target, signed: below 0 missing, above 0 in surplus; NaN where unknown.

    A bar of this length compares a percentage with a rank and a sum of money: -0.645 for 7.1 % of a target of 20 %.

    >>> round(share_of_way({"figure": 7.1, "target": 20.0, "missing": 12.9}), 3)
    -0.645
    """
    if not (has(row, "missing") and has(row, "target")) or float(row["target"]) == 0:
        return math.nan
    return -float(row["missing"]) / abs(float(row["target"]))


def answer(row: Row, indicator: Indicator, lang: str) -> str:
    """Return the whole judgement on one line, parts that say nothing left out.

    >>> from dxanalysis import facts
    >>> row = {"state": "due", "figure": 7.1, "figure_year": 2024, "missing": 12.9, "target": 20.0, "target_year": 2025,
    ...        "comparator": ">=", "word": "very_unlikely", "outlook_low": 0.0, "outlook_high": 0.1, "n": 1}
    >>> answer(row, facts.find_indicator("digital_economy_share"), "en")
    '7.1% (2024); target ≥ 20% (2025): 12.9 percentage points short; very unlikely (under 10%)'
    """
    reached, aimed, far = (part(row, indicator, lang) for part in (level, goal, distance))
    target = f"{labels.label('target_word', lang)} {aimed}" if aimed else ""
    middle = ": ".join(filter(None, [target, far]))
    parts = [reached, middle, outlook(row, lang) or state(row, lang)]
    return "; ".join(filter(None, parts))


def record(row: Row, indicator: Indicator) -> dict[str, Any]:
    """Return a judgement as plain data with its words in both languages, for pages that read what runs left."""
    texts = {
        "answer": lambda lang: answer(row, indicator, lang), "level": lambda lang: level(row, indicator, lang),
        "goal": lambda lang: goal(row, indicator, lang), "distance": lambda lang: distance(row, indicator, lang),
        "outlook": lambda lang: outlook(row, lang), "basis": lambda lang: precedent(row, lang) or basis(row, lang),
        "required": lambda lang: required(row, indicator, lang), "state_words": lambda lang: state(row, lang),
        "name": lambda lang: labels.upper_first(labels.in_language(indicator, "short", lang)),
        "asked_by": lambda lang: str(row.get("lead") or "") or document(row, lang),
    }
    said = {name: {lang: text(lang) for lang in numbers.LANGUAGES} for name, text in texts.items()}
    plain = {name: str(row.get(name) or "") for name in ("indicator", "state", "document", "definition")}
    years = {name: int(row[name]) if has(row, name) else None for name in ("target_year", "figure_year", "year")}
    return said | plain | years | {"share": None if math.isnan(share := share_of_way(row)) else share}


def methods_cell(row: Mapping[str, Any], lang: str) -> str:
    """Return what the families of methods say of an open target, for a table cell; empty where none judges."""
    if not row["judged"] or not row["step"]:
        return ""
    step = labels.name("step", str(row["step"]), lang)
    if row["step"] == "no_clear_change":
        return step
    said = labels.label("families_cell", lang, step=step, agree=str(row["agree"]), judged=str(row["judged"]))
    return f"{said}, {labels.label('robust_cell', lang)}" if row["robust"] else said


def target_text(row: Mapping[str, Any], indicator: Indicator, lang: str) -> str:
    """Return a target with its comparator in words: "at least 20%"."""
    kind = f"value:{labels.comparator(str(row['comparator']))}"
    return printed(kind, float(row["target"]), lang, Measure.of(indicator))


def as_table(assessment: pd.DataFrame, catalogue: Any, lang: str) -> pd.DataFrame:
    """Return the judgement in words, one row per target: indicator, target, state, figure, distance, outlook, methods.

    A star behind a figure says that something must be said with it (column `caveats`).
    """
    rows = []
    for row in assessment.to_dict("records"):
        record = catalogue.find_indicator(str(row["indicator"]))
        held = has(row, "target")
        rows.append({
            "indicator": labels.in_language(record, "short", lang),
            "target_year": str(int(row["target_year"])) if held else "",
            "target": target_text(row, record, lang) if held else "",
            "state": state(row, lang),
            "figure": level(row, record, lang),
            "missing": distance(row, record, lang),
            "outlook": outlook(row, lang),
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
