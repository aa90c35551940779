"""Measurement error of the figures of one series, the statements their kind allows, and the reservations on them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd

#: What may be said of a kind of indicator: whether it has a pace, and whether reaching a level can be dated.
PACED = ("stock_share", "flow_share", "cumulative_count", "amount", "index_edition")
DATED = ("stock_share", "flow_share", "cumulative_count", "amount")
EXACT_UNITS = ("rank", "count")

#: The ladder of evidence: the least number of comparable figures of each rung.
RUNGS = ("none", "level", "direction", "pace", "forecast")
_LEAST = (0, 1, 2, 4, 6)
#: On fewer figures than these nothing sharper than "below 10 %" holds (measured: the reliability of words, by length).
FULL_FORECAST, PACE_FROM = 6, 4

#: Parts of the larger of figure and target within which such a figure settles nothing (see `_reach_of`).
DOUBTFUL_PART, SELF_ASSESSED_PART = 0.25, 0.5

_STATUS_CODES = {"self-assessed": "self_assessed", "derived": "computed"}
_QUALIFIER_CODES = {
    "about": "rounded",
    ">": "lower_bound",
    ">=": "lower_bound",
    "<": "upper_bound",
    "<=": "upper_bound",
}
_KIND_OF_FIGURE = (
    ("period_average", "period_average"), ("undated", "undated"), ("rounded", "rounded"), ("lower_bound", "rounded"),
    ("upper_bound", "rounded"), ("self_assessed", "self_assessed"), ("computed", "derived"),
)


class Precedent(Protocol):
    """What a reference class says of one target (`forecasting.Precedents`)."""

    share: float
    bound: float
    word: str
    episodes: int
    half: float
    fastest: tuple[dict[str, object], ...]
    basis: str


@dataclass(frozen=True)
class Evidence:
    """What is known of one indicator in one area when its targets are judged.

    Attributes
    ----------
    history : DataFrame
        The history table of one definition; with the columns status, qualifier, caveats, vintage and source where they
        are known.
    year : int
        The year at whose end one stands; later figures take no part.
    as_of : str
        The day up to which publications counted, "" for the newest of everything.
    reports : DataFrame
        Every release of every figure (definition, area, year, vintage, value), for the noise.
    attainment : DataFrame
        Probabilities and intervals (`analysis.attainment`) with `basis` ("own_series", "panel") and `basis_count` (the
        other areas the forecast heard), or an empty table.
    peers : DataFrame, optional
        Histories of other areas, for the World Bank's method.
    releases : mapping of str to DataFrame
        The series as it stood at earlier releases, for the sensitivity.
    whole : DataFrame
        Levels of the denominator of a share in current prices (year, value), or an empty table.
    precedents : mapping of int to record
        By target year, with share, bound, word, episodes, half, fastest and basis (the class that was counted).
    ended, successor : str
        The last day of an area that is no more, and the id of the area that took its place.
    """

    history: pd.DataFrame
    year: int
    as_of: str = ""
    reports: pd.DataFrame = field(default_factory=pd.DataFrame)
    attainment: pd.DataFrame = field(default_factory=pd.DataFrame)
    peers: pd.DataFrame | None = None
    releases: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    whole: pd.DataFrame = field(default_factory=pd.DataFrame)
    precedents: Mapping[int, Precedent] = field(default_factory=dict)
    ended: str = ""
    successor: str = ""


def rung_of(points: int) -> int:
    """Return the rung of the ladder of evidence a number of comparable figures reaches.

    >>> [rung_of(n) for n in (0, 1, 2, 3, 4, 5, 6)]
    [0, 1, 2, 2, 3, 3, 4]
    """
    return max(rung for rung, least in enumerate(_LEAST) if points >= least)


def noise(reports: pd.DataFrame, definition: str, area: str) -> float:
    """Return half the spread between releases of one year: own, else of the definition, else of the indicator.

    Own revisions count with the largest spread of any year, because a change must exceed what a revision can do; of
    other series the median of their largest spreads is taken. Without any figure released twice it is not known.

    Parameters
    ----------
    reports : DataFrame
        Releases of one indicator: definition, area, year, vintage, value.

    Returns
    -------
    float
        In the unit of the indicator; NaN where no figure was ever released twice.

    Examples
    --------
    >>> releases = pd.DataFrame({"definition": "gso", "area": "vn", "year": [2022, 2022, 2023, 2023],
    ...     "vintage": ["2023", "2025"] * 2, "value": [12.63, 12.83, 12.33, 12.87]})
    >>> round(noise(releases, "gso", "vn"), 2), round(noise(releases, "gso", "qn"), 2), noise(releases[:0], "", "")
    (0.27, 0.27, nan)
    """
    if not len(reports):
        return math.nan
    grouped = reports.groupby(["definition", "area", "year"])["value"]
    spread = (grouped.max() - grouped.min())[reports.groupby(["definition", "area", "year"])["vintage"].nunique() > 1]
    largest = spread.groupby(["definition", "area"]).max().reset_index()
    own = largest[(largest["definition"] == definition) & (largest["area"] == area)]["value"]
    same = largest[largest["definition"] == definition]["value"]
    for found in (own, same, largest["value"]):
        if len(found):
            return float(found.median()) / 2
    return math.nan


def caveats_of(row: Mapping[str, object]) -> tuple[str, ...]:
    """Return the codes of everything that must be said with a figure, from its caveats, status and qualifier.

    >>> caveats_of({"caveats": "mirror;rounded", "status": "self-assessed", "qualifier": "about"})
    ('mirror', 'rounded', 'self_assessed')
    """
    codes = [one for one in str(row.get("caveats") or "").split(";") if one]
    codes += [_STATUS_CODES.get(str(row.get("status") or ""), ""), _QUALIFIER_CODES.get(str(row.get("qualifier")), "")]
    return tuple(code for code in dict.fromkeys(codes) if code)


def kind_of_figure(row: Mapping[str, object], caveats: tuple[str, ...]) -> str:
    """Return what sort of figure this is, the sort that limits its use most first.

    >>> kind_of_figure({"status": "estimate"}, ("rounded",)), kind_of_figure({"status": "official"}, ())
    ('rounded', 'published')
    """
    for code, kind in _KIND_OF_FIGURE:
        if code in caveats:
            return kind
    status = str(row.get("status") or "")
    if status in ("preliminary", "estimate"):
        return status
    repeated = str(row.get("grade") or "") in ("press", "mirror") and status != "official"
    return "press" if repeated else "published"


def rounding_of(value: float) -> float:
    """Return half a unit of the last digit that is not zero: what "about" leaves open.

    >>> rounding_of(10.0), rounding_of(16.0), rounding_of(2_500_000.0), rounding_of(7.1)
    (5.0, 0.5, 50000.0, 0.05)
    """
    text = f"{abs(value):.6f}".rstrip("0").rstrip(".")
    if "." in text:
        return 0.5 * 10.0 ** -len(text.split(".")[1])
    return 0.5 * 10.0 ** (len(text) - len(text.rstrip("0"))) if float(text or 0) else 0.5


def doubt(
    value: float, target: Mapping[str, object], caveats: tuple[str, ...], *, definition: str, noise: float, unit: str
) -> str:
    """Return why a figure of the target's year settles nothing (a code), or an empty text where it settles it.

    Parameters
    ----------
    value : float
        The figure of the target's year.
    target : mapping
        value, comparator, definition.
    caveats : tuple of str
        Codes of the figure.
    definition : str
        Who measured it.
    noise : float
        Half the spread of its releases; NaN where it is not known.
    unit : str
        Ranks and counts are exact, every other printed number is rounded.

    Examples
    --------
    >>> goal = {"value": 10.0, "comparator": ">", "definition": ""}
    >>> doubt(10.0, goal, ("rounded",), definition="", noise=math.nan, unit="percent")
    'rounded'
    >>> doubt(10.0, goal, (), definition="", noise=math.nan, unit="percent")
    'tie'
    >>> doubt(14.0, goal, (), definition="gso", noise=0.27, unit="percent")
    ''
    >>> [doubt(one, goal, ("self_assessed",), definition="", noise=math.nan, unit="percent") for one in (8.0, 3.0)]
    ['self_assessed', '']
    """
    wanted = str(target.get("definition") or "")
    distance, comparator = abs(value - float(target["value"])), str(target.get("comparator") or "")
    if wanted and wanted != definition:
        return "other_definition"
    if "rounded" in caveats and distance <= rounding_of(value):
        return "rounded"
    for code in ("period_average", "self_assessed", "part_year", "undated"):
        if code in caveats and distance <= _reach_of(code, value, float(target["value"]), noise):
            return code
    if comparator == "about" and 0 < distance <= rounding_of(float(target["value"])):
        return "target_about"
    if comparator in (">", "<") and distance < 1e-9:
        return "tie"
    if unit not in EXACT_UNITS and 1e-9 < distance < noise:
        return "within_noise"
    return ""


def _reach_of(code: str, value: float, goal: float, noise: float) -> float:
    """Return how far from the line a doubtful figure may lie and still settle nothing.

    The undated copy of a share of fibre households lay 5 % off the dated one (75.4 against 79.4 %); a quarter is five
    times that. Two compilers of one year lay 28 % apart (13.17 and 18.3 %), and what an area says of itself may be
    another count altogether, so that half is taken there.
    """
    part = SELF_ASSESSED_PART if code == "self_assessed" else DOUBTFUL_PART
    spread = 3 * noise if noise > 0 else 0.0
    return max(part * max(abs(value), abs(goal)), spread)


def bounded_outcome(value: float, goal: float, caveats: tuple[str, ...], sign: int) -> str:
    """Return "open" where a figure is only a bound that leaves the target undecided ("over 21 %" against 25 %).

    >>> bounded_outcome(21.0, 25.0, ("lower_bound",), 1), bounded_outcome(21.0, 20.0, ("lower_bound",), 1)
    ('open', '')
    """
    short = sign * (goal - value) > 0
    undecided = ("lower_bound" in caveats and sign > 0 and short) or ("upper_bound" in caveats and sign < 0 and short)
    undecided |= ("upper_bound" in caveats and sign > 0 and not short) or (
        "lower_bound" in caveats and sign < 0 and not short
    )
    return "open" if undecided else ""


def release_range(reports: pd.DataFrame, definition: str, area: str, year: int) -> tuple[int, float, float]:
    """Return how often one figure was released, and the lowest and the highest value printed.

    >>> releases = pd.DataFrame({"definition": "gso", "area": "vn", "year": 2022, "vintage": ["2023", "2024", "2025"],
    ...     "value": [12.86, 12.63, 12.83]})
    >>> release_range(releases, "gso", "vn", 2022)
    (3, 12.63, 12.86)
    """
    if not len(reports):
        return 0, math.nan, math.nan
    mine = (reports["definition"] == definition) & (reports["area"] == area) & (reports["year"] == year)
    values = reports.loc[mine, "value"].to_numpy(dtype="float64")
    if not len(values):
        return 0, math.nan, math.nan
    return int(reports.loc[mine, "vintage"].nunique()), float(np.min(values)), float(np.max(values))
