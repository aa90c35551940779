"""What a verb is asked about: series, targets, unit, direction and bounds, settled before anything is computed."""

from __future__ import annotations

import html
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from dxanalysis.analysis.pace import sense
from dxanalysis.facts import catalogue
from dxanalysis.facts.fields import load_peers
from dxanalysis.facts.names import UnknownName, slug
from dxanalysis.facts.package import kind_of_unit, open_package
from dxanalysis.facts.records import Area, Indicator
from dxanalysis.facts.understand.frames import History, Targets, as_history, as_targets
from dxanalysis.facts.understand.reading import Question, Unclear

About = str | Indicator | None


def measure(
    title: str, *, title_en: str = "", unit: str = "percent", direction: int = 1, lower: float | None = 0.0,
    upper: float | None = None, decimals: int = 1,
) -> Indicator:
    """Describe what a table of your own measures.

    Parameters
    ----------
    title, title_en : str
        Name in Vietnamese and in English (the same where it is left out).
    unit : str
        "percent" (bounded by 100 unless `upper` says otherwise) or a word printed after the values.
    direction : int
        +1 higher is better, -1 lower is better, 0 neither.
    lower, upper : float, optional
        Natural bounds.
    decimals : int
        Decimals printed.

    Examples
    --------
    >>> measure("Hồ sơ trực tuyến", title_en="Online files").bounds
    (0.0, 100.0)
    >>> measure("Thời gian xử lý", unit="ngày", direction=-1).bounds
    (0.0, None)
    """
    if direction not in (-1, 0, 1):
        raise ValueError(f"Direction {direction!r} is none. +1: higher is better, -1: lower is better, 0: neither.")
    english = title_en or title
    known = {"id": slug(title).replace("-", "_") or "own", "unit": unit, "direction": direction, "lower": lower}
    known |= {"title_vi": title, "short_vi": title, "title_en": english, "short_en": english, "decimals": decimals}
    known |= {"unit_vi": "%" if unit == "percent" else unit, "unit_en": "%" if unit == "percent" else unit}
    known |= {"upper": 100.0 if unit == "percent" and upper is None else upper, "merge": "none"}
    known |= {"kind": kind_of_unit(unit), "out_of": None}
    return Indicator(**{field.name: known.get(field.name, "") for field in fields(Indicator)})


def place(name: str, *, name_en: str = "") -> Area:
    """Name the place or the organisation a table of your own is about.

    >>> place("Phường Hồng Gai").id
    'phuong-hong-gai'
    """
    known = {"id": slug(name) or "own", "name_vi": name, "name_en": name_en or name, "level": "own"}
    return Area(**{field.name: known.get(field.name, "") for field in fields(Area)})


def only(table: pd.DataFrame, column: str) -> str:
    """Return the one value of a column, of a table without rows what was asked; "" where there is none or several."""
    held = table[column].dropna().unique() if column in table.columns else []
    held = held if len(table) else [table.attrs[column]] if column in table.attrs else []
    return str(held[0]) if len(held) == 1 else ""


def known(table: pd.DataFrame, column: str) -> str:
    """Return the one value of a column where the catalogue knows it as an id."""
    named = only(table, column)
    return named if named and named in set(open_package().tables[f"{column}s"]["id"]) else ""


def subject_of(table: pd.DataFrame, indicator: About) -> Indicator:
    """Find what a table measures: the indicator given, else the one it names, else a nameless value."""
    if isinstance(indicator, str):
        return catalogue.find_indicator(indicator)
    if indicator is not None:
        return indicator
    named = known(table, "indicator")
    return catalogue.find_indicator(named) if named else measure("Giá trị", title_en="Value", unit="", lower=None)


def area_of(table: pd.DataFrame, area: str | Area | None) -> Area:
    """Find the area of a table: the one given, else the one it names."""
    if isinstance(area, str):
        return catalogue.find_area(area)
    if area is not None:
        return area
    named = only(table, "area")
    try:
        return catalogue.find_area(named) if named else place("Chuỗi số liệu", name_en="The series")
    except UnknownName:
        return place(named)


def sources_of(table: pd.DataFrame) -> list[Any]:
    """Return the records of the sources that a table names and the catalogue holds."""
    ids = dict.fromkeys(table["source"].dropna().astype(str)) if "source" in table.columns else {}
    known = set(open_package().tables["sources"]["id"]) if ids else set()
    return [catalogue.source(one) for one in ids if one in known]


def caption(table: pd.DataFrame, subject: Indicator, lang: str) -> str:
    """Return what a table is about: title, unit, who measured, and the pages it was read on."""
    name, unit = getattr(subject, f"title_{lang}"), getattr(subject, f"unit_{lang}")
    parts = [f"<b>{html.escape(name)}</b>" + (f" ({html.escape(unit)})" if unit else "")]
    definition = only(table, "definition")
    if definition and definition in catalogue.definitions(subject.id):
        parts.append(html.escape(getattr(catalogue.definition(subject.id, definition), f"name_{lang}")))
    parts += [_link(one) for one in sources_of(table)]
    return "<br>".join(parts)


def _link(source: Any) -> str:
    text = html.escape(f"{source.publisher}: {source.title} ({source.published})")
    safe = source.url.startswith(("https://", "http://"))
    return f'<a href="{html.escape(source.url, quote=True)}">{text}</a>' if safe else text


# ---------------------------------------------------------------- one question, settled

READING = ("scale", "decimal", "annual", "by")  # answers about the table itself, taken by every verb
WORDS = {
    "lower": ("Hiểu là càng thấp càng tốt (chuỗi giảm, mục tiêu thấp hơn): direction=1 nếu không phải.",
              "Read as lower-is-better (the series falls, the target lies below it): direction=1 says otherwise."),
    "higher": ("Hiểu là càng cao càng tốt: direction=-1 nếu không phải.",
               "Read as higher-is-better: direction=-1 says otherwise."),
    "plain": ("Hiểu là số thường, không chặn trên: {this}. Nếu là {other}: {that} (unit={unit!r} hoặc bounds).",
              "Read as plain numbers without an upper bound: {this}. As {other}: {that} (unit={unit!r} or bounds)."),
    "percent": ("tỷ lệ phần trăm (0-100)", "percentages (0-100)"),
    "share": ("phần của 1 (0-1)", "parts of one (0-1)"),
}


@dataclass(frozen=True)
class Case:
    """One series with its targets, and how its numbers are read.

    Attributes
    ----------
    history, goals : DataFrame
        The figures and targets divided by `size`.
    subject : Indicator
        What is measured, with unit, direction and bounds (of the divided values).
    area : str
        Name of the area in a table of several, else "".
    size : float
        What nameless numbers were divided by, so that thousands and ones give the same answer; 1 for known units.
    other : tuple
        The second way to read numbers without a unit: (name, lower, upper); empty where there is none.
    notes : list of (Vietnamese, English)
        What was inferred.
    """

    history: pd.DataFrame
    goals: pd.DataFrame
    subject: Indicator
    area: str = ""
    size: float = 1.0
    other: tuple[str, float, float] | tuple[()] = ()
    notes: list[tuple[str, str]] = field(default_factory=list)

    def scaled_back(self, table: pd.DataFrame, *columns: str) -> pd.DataFrame:
        """Return a result in the numbers of the user, the area named where there are several."""
        if self.size != 1:
            held = [name for name in columns if name in table.columns]
            table = table.assign(**{name: table[name] * self.size for name in held})
        return table.assign(area=self.area) if self.area else table

    def note(self, key: str, **parts: tuple[str, str] | str) -> None:
        """Add a sentence in both languages."""
        told = [{name: part if isinstance(part, str) else part[i] for name, part in parts.items()} for i in (0, 1)]
        self.notes.append((WORDS[key][0].format(**told[0]), WORDS[key][1].format(**told[1])))


def settle(history: History, targets: Targets | None, *, indicator: About = None, direction: int | None = None,
           unit: str | None = None, bounds: tuple[float | None, float | None] | None = None,
           **reading: Any) -> list[Case]:
    """Return one case per area, with unit, direction and bounds stated, inferred and said, or asked.

    Parameters
    ----------
    history, targets
        Anything `as_history` and `as_targets` take.
    indicator : str or record, optional
        What is measured; read from the table where it says so.
    direction : 1 or -1, optional
        Whether higher or lower is better; inferred from a falling series with a target below it, and said.
    unit : str, optional
        "percent" (bounded by 0 and 100) or a word; without it and without a record numbers are read as plain.
    bounds : (lower, upper), optional
        Natural bounds; None where there is none.
    **reading
        scale (history times this), decimal, annual, by: see `as_history` and `as_targets`.

    Raises
    ------
    Unclear
        Where two readings would give opposite answers.
    """
    unknown = sorted(set(reading) - set(READING))
    if unknown:
        known_options = ", ".join(("indicator", "direction", "unit", "bounds", *READING))
        raise TypeError(f"{unknown[0]!r} is no option. Options: {known_options}.")
    table = as_history(history, **{name: reading.get(name) for name in ("decimal", "annual", "scale")})
    unit = unit or table.attrs.get("unit")
    goals = as_targets({} if targets is None else targets, by=reading.get("by"))
    if not len(table):
        return [_case(table, goals, indicator, (direction, unit, bounds, None))]
    parts = [("", table)]
    if "area" in table.columns and table["area"].nunique() > 1:
        parts = [(str(name), part.reset_index(drop=True)) for name, part in table.groupby("area", sort=False)]
    said = (direction, unit, bounds, reading.get("scale"))
    return [replace(_case(part, _of_area(goals, name), indicator, said), area=name) for name, part in parts]


def _of_area(goals: pd.DataFrame, area: str) -> pd.DataFrame:
    if not area or "area" not in goals.columns:
        return goals
    return goals[goals["area"].astype("str") == area].reset_index(drop=True)


def _case(
    history: pd.DataFrame, goals: pd.DataFrame, indicator: About, said: tuple[int | None, str | None, Any, float | None]
) -> Case:
    """Return a series with its targets as a case."""
    direction, unit, bounds, scale = said
    named = indicator is not None or bool(known(history, "indicator"))
    subject = subject_of(history, indicator)
    if unit is not None and not named:
        upper = 1.0 if unit in ("share", "index_0_1") else None
        lower = 0.0 if _least(history) >= 0 else None
        subject = measure("Giá trị", title_en="Value", unit=unit, lower=lower, upper=upper)
    if bounds is not None:
        subject = replace(subject, **dict(zip(("lower", "upper"), _sound_bounds(bounds), strict=True)))
    case = Case(history, goals, subject)
    values = np.r_[history["value"].to_numpy("float64"), goals["value"].to_numpy("float64")]
    values = values[~np.isnan(values)]
    if scale is None and (subject.unit == "percent" or not named):
        _same_scale(history, goals)
    plain = not named and unit is None and bounds is None
    if plain and len(values) and values.min() >= 0 and values.max() <= 100:
        case = replace(case, other=("percent", 0.0, 100.0) if values.max() > 1 else ("share", 0.0, 1.0))
    case = _directed(case, direction, named)
    size = float(np.abs(history["value"].dropna()).max()) if plain and len(history) else 1.0
    if plain and size > 0 and np.isfinite(size):
        case = replace(case, history=history.assign(value=history["value"] / size),
                       goals=goals.assign(value=goals["value"] / size), size=size)
    return case


def _least(history: pd.DataFrame) -> float:
    return float(history["value"].min()) if len(history) else 0.0


def _sound_bounds(bounds: Any) -> tuple[float | None, float | None]:
    try:
        lower, upper = (None if one is None else float(one) for one in bounds)
    except (TypeError, ValueError):
        raise ValueError(f"bounds are (lower, upper), None for none; received {bounds!r}. Example: (0, 100)") from None
    if lower is not None and upper is not None and lower >= upper:
        raise ValueError(f"The lower bound {lower:g} must lie below the upper {upper:g}.")
    return lower, upper


def _same_scale(history: pd.DataFrame, goals: pd.DataFrame) -> None:
    """Ask where the figures lie within 0 and 1 and the targets are percentages, or the other way round."""
    values, asked = history["value"].dropna().abs(), goals["value"].dropna().abs()
    if not len(values) or not len(asked) or values.max() == 0 or asked.max() == 0:
        return
    if values.max() <= 1 < asked.min() <= 100 and asked.min() > 20 * values.max():
        text = f"the figures lie between 0 and 1, the target is {asked.min():g}: are the figures parts of one?"
        raise Unclear("the table", {"scale": Question(text, answers=("100", "1"))})
    if asked.max() <= 1 < values.max() <= 100 and values.min() > 20 * asked.max() / 10:
        text = f"the target {asked.max():g} is a part of one, the figures are not: is it {asked.max() * 100:g}?"
        raise Unclear("the target", {"scale": Question(text, answers=("0.01", "1"))})


def _directed(case: Case, stated: int | None, named: bool) -> Case:
    """Return the case with its direction: stated, of the indicator, of the comparators, or inferred and said."""
    if stated is not None:
        if stated not in (1, -1):
            raise ValueError(f"direction must be 1 (higher is better) or -1 (lower is better); received {stated!r}.")
        return replace(case, subject=replace(case.subject, direction=stated))
    if named and case.subject.direction:
        return case
    told = {sense(str(one), 0) for one in case.goals.get("comparator", ())} - {0}
    if len(told) == 1:
        return replace(case, subject=replace(case.subject, direction=told.pop()))
    found = {_inferred(case.history, float(goal)) for goal in case.goals["value"].dropna()} - {0}
    if len(found) == 1:
        direction = found.pop()
        case = replace(case, subject=replace(case.subject, direction=direction))
        case.note("lower" if direction < 0 else "higher")
        return case
    if case.goals["value"].notna().any() and len(case.history.dropna(subset=["value"])):
        values = ", ".join(f"{value:g}" for value in case.goals["value"])
        last = case.history["value"].dropna().iloc[-1]
        text = f"is higher or lower better? The last figure is {last:g}, the target {values}; both may be meant."
        raise Unclear("the target", {"direction": Question(text, answers=("1", "-1"))})
    return case


def _inferred(history: pd.DataFrame, goal: float) -> int:
    """Return 1 or -1 where the way of a series tells which side of a target is wanted, 0 where it does not.

    >>> falling = pd.DataFrame({"year": [2016, 2023], "value": [9.2, 1.9]})
    >>> _inferred(falling, 1.0), _inferred(falling, 5.0), _inferred(falling, 12.0)
    (-1, -1, 0)
    >>> _inferred(falling.assign(value=[2.0, 5.0]), 8.0), _inferred(falling.assign(value=[2.0, 5.0]), 1.0)
    (1, 0)
    """
    values = history.dropna(subset=["value"]).sort_values("year")["value"].to_numpy("float64")
    if not len(values):
        return 0
    way = float(np.sign(values[-1] - values[0])) if len(values) > 1 else 0.0
    if goal > values.max():
        return 1 if way >= 0 else 0
    if goal < values.min():
        return -1 if way < 0 else 0
    return int(way)  # between the figures: the series crossed it on its way


def printed(text: str, lang: str, **parts: float) -> str:
    """Return a sentence with its numbers written as the language writes them (years without thousands marks)."""
    from dxanalysis.briefing import numbers

    return text.format(**{
        name: str(value) if isinstance(value, int) else numbers.number(value, lang, decimals=_decimals(value))
        for name, value in parts.items()
    })


def _decimals(value: float) -> int:
    """Return how many decimals show three digits of a number."""
    return 0 if value == 0 or not np.isfinite(value) else int(np.clip(2 - np.floor(np.log10(abs(value))), 0, 6))


def peers_of(history: pd.DataFrame, peers: Any) -> pd.DataFrame | None:
    """Return the histories of other areas: those given, or those of the catalogue where the series is catalogued."""
    if not isinstance(peers, str):
        return peers
    indicator, area, definition = known(history, "indicator"), known(history, "area"), only(history, "definition")
    named = indicator and area and definition in catalogue.definitions(indicator)
    return load_peers(history) if named else None
