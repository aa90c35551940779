"""The question every published method is asked, and how each one picks its base year from the series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from .pace import is_met
from .series import comparable_run
from .verdicts.destatis import DESTATIS, destatis
from .verdicts.open_sdg import EUSTAT, STATCAN, eustat, statcan
from .verdicts.sdsn import SDSN_TREND, sdsn_trend
from .verdicts.united_nations import ESCAP, UN_CHART, escap_anticipated, un_chart
from .verdicts.verdict import Method, Verdict, finite, number
from .verdicts.world_bank import WORLD_BANK, TypicalPath, world_bank_pace

METHODS = ("statcan", "eustat", "un_chart", "destatis", "sdsn_trend", "escap", "world_bank")

LARGEST = 1e150  # differences and products of larger numbers are no numbers any more


class IndicatorLike(Protocol):
    """What a method must know of an indicator: direction (+1, -1, 0 a band) and natural bounds (None if none)."""

    direction: int
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Question:
    """One series up to one year, and one target: what every method is asked.

    Attributes
    ----------
    years, values : ndarray
        Comparable observations, not beyond the target year where that year is past.
    target, target_year : float or None
        None where there is no target.
    direction : int
        From the catalogue.
    lower, upper : float or None
        Natural bounds of the indicator.
    peers : TypicalPath or None
        For the World Bank's method.
    base_year : int or None
        First year of the comparison; where it was not observed each method has its own rule for another one.
    """

    years: np.ndarray
    values: np.ndarray
    target: float | None
    target_year: int | None
    direction: int
    lower: float | None = None
    upper: float | None = None
    peers: TypicalPath | None = None
    base_year: int | None = None

    @property
    def history(self) -> list[tuple[int, float]]:
        """Return all comparable observations as (year, value) pairs."""
        return list(zip(self.years.tolist(), self.values.tolist(), strict=True))

    @property
    def limit(self) -> float | None:
        """Return the natural limit in the desired direction."""
        return {1: self.upper, -1: self.lower}.get(self.direction)

    def ends(self, rule: str) -> tuple[float | None, float | None, int, float]:
        """Return base year, base value, latest year and latest value, the base chosen by a method's rule."""
        index = base_index(self.years, self.base_year, rule)
        base = (None, None) if index is None else (int(self.years[index]), float(self.values[index]))
        return (*base, int(self.years[-1]), float(self.values[-1]))


def base_index(years: np.ndarray, base_year: int | None, rule: str) -> int | None:
    """Return where the comparison starts in a series, by a method's rule for a base year without observation.

    "next": the first year after it (StatCan), None where there is none; "nearest": one year later, one earlier, two
    later, ... (EUSTAT); "next_or_before": the first year after it that leaves two observations, else the last before
    it (UN chart).

    Examples
    --------
    >>> years = np.array([2012, 2014, 2018, 2020])
    >>> [base_index(years, 2015, rule) for rule in ("next", "nearest", "next_or_before")]
    [2, 1, 2]
    >>> [base_index(years, 2019, rule) for rule in ("next", "nearest", "next_or_before")]
    [3, 3, 2]
    """
    if base_year is None:
        return 0
    later = int(np.searchsorted(years, base_year))
    if later < len(years) and years[later] == base_year:
        return later
    if rule == "nearest":
        return int(np.argmin(np.abs(years - base_year) - 0.5 * (years > base_year)))
    if rule == "next_or_before":
        return later if later < len(years) - 1 else max(later - 1, 0)
    return later if later < len(years) else None


def ask(
    series: pd.DataFrame,
    target: float | None,
    target_year: int | None,
    indicator: IndicatorLike,
    *,
    peers: TypicalPath | None = None,
    base_year: int | None = None,
) -> Question:
    """Form the question every method is asked about one checked series and one target."""
    run = comparable_run(series)
    if target_year is not None and (run["year"] <= target_year).any():
        run = run[run["year"] <= target_year]
    return Question(
        run["year"].to_numpy(), run["value"].to_numpy(), number(target), target_year, int(indicator.direction),
        number(indicator.lower), number(indicator.upper), peers, base_year,
    )


def answers(question: Question, comparator: str = "") -> list[Verdict]:
    """Return the verdict of every method on one question, in the order of `METHODS`."""
    return [answer(question, method, comparator) for method in METHODS]


def answer(question: Question, method: str, comparator: str = "") -> Verdict:
    """Return one method's verdict on a question.

    A target written with ">" is not met by a value equal to it, whatever the method's own rule; the verdict then says
    "target_equalled_not_exceeded" and is on_track.

    Examples
    --------
    >>> question = Question(np.array([2020, 2024]), np.array([12.66, 13.17]), 20.0, 2025, 1)
    >>> answer(question, "statcan").status, answer(question, "destatis").reason
    ('limited_progress', 'fewer_than_4_points')
    >>> answer(question, "eurostat")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: Unknown method 'eurostat'. Methods are statcan, eustat, un_chart, destatis, sdsn_trend, ...
    """
    if method not in _CALLS:
        raise ValueError(f"Unknown method {method!r}. Methods are {', '.join(METHODS)}.")
    maker, call = _CALLS[method]
    if not len(question.years):
        return maker.not_available("no_data")
    if np.abs(question.values).max() > LARGEST or abs(question.target or 0.0) > LARGEST:
        return maker.not_available("not_finite")
    verdict = call(question)
    if verdict.step == "achieved" and question.target is not None and comparator in (">", "<"):
        return _strict(question, comparator, verdict)
    return verdict


def _strict(question: Question, comparator: str, verdict: Verdict) -> Verdict:
    if is_met(float(question.values[-1]), question.target, question.direction, comparator):
        return verdict
    maker = _CALLS[verdict.method][0]
    return maker.verdict(
        verdict.value, verdict.status, verdict.score, reason="target_equalled_not_exceeded", step="on_track",
        statistic=verdict.statistic, projected=verdict.projected,
    )


def _ask_statcan(question: Question) -> Verdict:
    more = {"target": question.target, "target_year": question.target_year, "direction": question.direction}
    return statcan(*question.ends("next"), **more, limit=question.limit)


def _ask_eustat(question: Question) -> Verdict:
    more = {"target": question.target, "target_year": question.target_year, "direction": question.direction}
    return eustat(*question.ends("nearest"), **more, limit=question.limit)


def _ask_un_chart(question: Question) -> Verdict:
    more = {"target": question.target, "target_year": question.target_year, "direction": question.direction}
    return un_chart(*question.ends("next_or_before"), **more, percent=question.upper == 100)


def _ask_destatis(question: Question) -> Verdict:
    return destatis(question.history, question.target, question.target_year, question.direction)


def _ask_sdsn(question: Question) -> Verdict:
    if question.target is None:
        return SDSN_TREND.not_available("no_target")
    return sdsn_trend(
        question.history, question.target, question.target_year, question.direction, base_year=question.base_year
    )


def _ask_escap(question: Question) -> Verdict:
    if question.target is None:
        return ESCAP.not_available("no_target")
    bounds = (question.lower, question.upper) if finite(question.lower, question.upper) else None
    return escap_anticipated(
        question.history, question.target, question.target_year, question.direction, bounds,
        base_year=question.base_year,
    )


def _ask_world_bank(question: Question) -> Verdict:
    if question.peers is None:
        return WORLD_BANK.not_available("band" if question.direction == 0 else "no_peers")
    start = base_index(question.years, question.base_year, "next_or_before")
    return world_bank_pace(
        question.history[start:], question.target, question.peers,
        target_year=question.target_year, direction=question.direction,
    )


_CALLS: dict[str, tuple[Method, Callable[[Question], Verdict]]] = {
    "statcan": (STATCAN, _ask_statcan),
    "eustat": (EUSTAT, _ask_eustat),
    "un_chart": (UN_CHART, _ask_un_chart),
    "destatis": (DESTATIS, _ask_destatis),
    "sdsn_trend": (SDSN_TREND, _ask_sdsn),
    "escap": (ESCAP, _ask_escap),
    "world_bank": (WORLD_BANK, _ask_world_bank),
}
