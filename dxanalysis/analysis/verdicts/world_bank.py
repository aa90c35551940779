"""The World Bank Atlas: how fast a series moves along the path that is typical from its level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from ..series import History, check_direction, comparable_run, each_series, read_points
from .verdict import Method, Verdict, finite, number

WORLD_BANK = Method(
    "world_bank",
    "Atlas speed of progress 2025, typical change as a local median",
    "worldbank/atlas-progress-measure; RossanaTat/trackr R/predict_changes.R, R/scores.R",
)
Levels = TypeVar("Levels", float, np.ndarray)
MIN_SPAN = 5  # years the method asks for before it gives a speed
LAST_YEAR = 2050  # later years of attainment are flagged as beyond what anyone can say
_GRID = 400
_LEAST_CHANGES = 10
_COVERED_CUTS = (1.0, 0.6, 0.0)


@dataclass(frozen=True)
class TypicalPath:
    """The median yearly change of all peers as a function of the level they started from.

    Attributes
    ----------
    levels, changes : ndarray
        Grid of levels (rising) and the median yearly change there, in the desired direction.
    areas, observed : int
        How many areas and yearly changes it rests on.
    """

    levels: np.ndarray
    changes: np.ndarray
    areas: int
    observed: int

    def years_between(self, first: Levels, last: Levels) -> Levels:
        """Return the years the typical path takes from one level to another, negative for a way back.

        NaN where the typical change is zero or against the desired direction somewhere on the way. Beyond the peers'
        levels the change at their last level is kept. Works on numbers and on arrays.
        """
        first, last = np.asarray(first, dtype="float64"), np.asarray(last, dtype="float64")
        with np.errstate(invalid="ignore"):
            years = self._time(last) - self._time(first)
        stuck = self._stuck(np.maximum(first, last), "right") > self._stuck(np.minimum(first, last), "left")
        years = np.where(stuck | (self._change(first) <= 0) | (self._change(last) <= 0), np.nan, years)
        return years if years.ndim else float(years)

    def _change(self, level: np.ndarray) -> np.ndarray:
        return np.interp(level, self.levels, self.changes)

    def _stuck(self, level: np.ndarray, side: str) -> np.ndarray:
        """Count the grid levels up to here at which the typical area makes no progress."""
        counts = np.concatenate([[0], np.cumsum(self.changes <= 0)])
        return counts[np.searchsorted(self.levels, level, side=side)]

    def _time(self, level: np.ndarray) -> np.ndarray:
        """Integrate 1/change up to a level by trapezoids, straight on beyond both ends."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            slowness = np.where(self.changes > 0, 1 / self.changes, 0.0)
            here = 1 / self._change(level)
            cells = np.diff(self.levels) * (slowness[:-1] + slowness[1:]) / 2
            until = np.concatenate([[0.0], np.cumsum(cells)])
            cell = np.clip(np.searchsorted(self.levels, level, side="right") - 1, 0, len(self.levels) - 1)
            return until[cell] + (level - self.levels[cell]) * (slowness[cell] + here) / 2


def has_typical_path(peers: pd.DataFrame) -> bool:
    """Tell whether a panel holds the ten changes that a typical path needs.

    >>> has_typical_path(pd.DataFrame({"area": ["a", "a"], "year": [2020, 2021], "value": [1.0, 2.0]}))
    False
    """
    return len(peers) > 0 and len(_yearly_changes(peers)[1]) >= _LEAST_CHANGES


def typical_path(peers: pd.DataFrame, direction: int = 1) -> TypicalPath:
    """Estimate the median yearly change as a function of the level, over all areas of a panel.

    Each change between two observations of one area (never across a break), per year, is placed at the level where it
    began; the median is taken over the neighbourhood of each level, weighted by a Gaussian kernel (Silverman's width).
    The Bank uses a penalised quantile regression of the same median; ours needs nothing beyond numpy.

    Raises
    ------
    ValueError
        When the panel holds fewer than ten changes.

    Examples
    --------
    >>> panel = pd.DataFrame({"area": ["a"] * 6 + ["b"] * 6, "year": [*range(2015, 2021)] * 2,
    ...                       "value": [10, 12, 14, 16, 18, 20, 30, 32, 34, 36, 38, 40.0]})
    >>> path = typical_path(panel)
    >>> round(path.years_between(10, 20), 6), path.areas, path.observed
    (5.0, 2, 10)
    """
    check_direction(direction)
    starts, changes, areas = _yearly_changes(peers)
    if len(changes) < _LEAST_CHANGES:
        raise ValueError(
            f"The peers hold {len(changes)} changes from one observation to the next; a typical path needs "
            f"{_LEAST_CHANGES}. Give more areas or years."
        )
    sign = -1 if direction == -1 else 1
    starts, changes = sign * starts, sign * changes
    levels = np.linspace(starts.min(), starts.max(), _GRID)
    return TypicalPath(levels, _local_medians(levels, starts, changes), areas, len(changes))


def world_bank_pace(
    history: History,
    target: float | None,
    peers: pd.DataFrame | TypicalPath,
    *,
    target_year: int | None = None,
    direction: int = 1,
) -> Verdict:
    """Judge by the speed along the typical path of the peers: 1 is the pace typical from that level.

    speed = (T(last) - T(first)) / years, T being the time on the typical path; the target is reached in
    round((T(target) - T(last)) / speed + last year), or "never" when the speed is not positive. A target already met is
    "past", reached in the first year after which the value never fell below it again.

    Parameters
    ----------
    history : table, Series, dict or pairs
        Years and values of one series, over at least five years.
    target : float or None
        Target value; without one only the speed is given.
    peers : DataFrame or TypicalPath
        A history table of many areas, or the path estimated from it once for many series.
    target_year : int, optional
        Used for the common scale: reached by then on_track; covering 60 % of the way by then acceleration_needed.
    direction : int
        +1 higher is better, -1 lower is better.

    Returns
    -------
    Verdict
        status past, future, never, speed_only or not_available; `value` the speed; `projected` the year of
        attainment. A year after 2050 has the reason "beyond_2050" and is no forecast.

    References
    ----------
    worldbank/atlas-progress-measure; RossanaTat/trackr.

    Examples
    --------
    >>> panel = pd.DataFrame({"area": ["a"] * 11, "year": range(2010, 2021), "value": np.arange(10.0, 32, 2)})
    >>> verdict = world_bank_pace({2015: 12.0, 2020: 17.0}, 22, panel, target_year=2030)
    >>> verdict.status, round(verdict.value, 3), verdict.projected
    ('future', 0.5, 2025.0)
    """
    check_direction(direction)
    years, values = read_points(history)
    target = number(target)
    if not len(years):
        return WORLD_BANK.not_available("no_data")
    if direction == 0:
        return WORLD_BANK.not_available("band")
    if target is not None and direction * (values[-1] - target) >= 0:
        return _past(years, direction * values, direction * target)
    if years[-1] - years[0] < MIN_SPAN:
        return WORLD_BANK.not_available("span_under_5_years")
    if peers is None:
        return WORLD_BANK.not_available("no_peers")
    path = peers if isinstance(peers, TypicalPath) else typical_path(peers, direction)
    return _speed_verdict(path, years, direction * values, None if target is None else direction * target, target_year)


def _speed_verdict(
    path: TypicalPath, years: np.ndarray, values: np.ndarray, target: float | None, target_year: int | None
) -> Verdict:
    speed = path.years_between(values[0], values[-1]) / float(years[-1] - years[0])
    if not finite(speed):
        return WORLD_BANK.not_available("typical_pace_not_positive")
    if target is None:
        return _grade("speed_only", speed, speed, None, "")
    if speed <= 0:
        step = "moving_away" if speed < 0 else "limited_progress"
        return WORLD_BANK.verdict(speed, "never", None, step=step, statistic="speed", thresholds=(0.0,))
    left = path.years_between(values[-1], target)
    if not finite(left):
        return WORLD_BANK.not_available("typical_pace_not_positive")
    year = float(np.round(left / speed + years[-1]))
    note = "beyond_2050" if year > LAST_YEAR else "beyond_peer_levels" if target > path.levels[-1] else ""
    if target_year is None:
        return _grade("future", speed, speed, year, note)
    return _grade("future", speed, speed * (target_year - years[-1]) / left, year, note)


def _grade(status: str, speed: float, covered: float, year: float | None, note: str) -> Verdict:
    step = (
        "on_track" if covered >= _COVERED_CUTS[0]
        else "acceleration_needed" if covered >= _COVERED_CUTS[1]
        else "limited_progress" if covered >= 0
        else "moving_away"
    )
    return WORLD_BANK.verdict(speed, status, None, reason=note, step=step, statistic="speed", projected=year)


def _past(years: np.ndarray, values: np.ndarray, target: float) -> Verdict:
    below = np.flatnonzero(values < target)
    first = years[below[-1] + 1] if len(below) else years[0]
    return WORLD_BANK.verdict(
        None, "past", None, reason="target_met", step="achieved", statistic="speed", projected=float(first)
    )


def _yearly_changes(peers: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, int]:
    starts, changes = [], []
    for series in each_series(peers):
        run = comparable_run(series)
        values, years = run["value"].to_numpy(), run["year"].to_numpy()
        if len(values) > 1:
            starts.append(values[:-1])
            changes.append(np.diff(values) / np.diff(years))
    if not starts:
        return np.array([]), np.array([]), 0
    return np.concatenate(starts), np.concatenate(changes), len(starts)


def _local_medians(levels: np.ndarray, starts: np.ndarray, changes: np.ndarray) -> np.ndarray:
    order = np.argsort(changes, kind="stable")
    starts, changes = starts[order], changes[order]
    width = _silverman(starts)
    medians = np.empty(len(levels))
    for index, level in enumerate(levels):
        weights = np.exp(-0.5 * ((starts - level) / width) ** 2) if width else np.ones(len(starts))
        total = np.cumsum(weights)
        medians[index] = changes[np.searchsorted(total, total[-1] / 2)]
    return medians


def _silverman(values: np.ndarray) -> float:
    spread = np.subtract(*np.percentile(values, [75, 25])) / 1.34
    deviation = values.std()
    return 0.9 * float(min(spread, deviation) or deviation) * len(values) ** -0.2
