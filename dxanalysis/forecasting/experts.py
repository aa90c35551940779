"""Seven simple forecasters with fixed parameters, run over all series at once.

Each expert reads the prepared matrix (area, year counted back from the last) in the working scale and returns its
*move*: the change from the last value h = 1..H years ahead, an array (area, H). None is fitted to the one series: with
4 to 10 points a fit would chase noise. What differs between kinds of indicator is the weight of each expert
(`evidence`). Sixteen were tried; with families of panels left out, seven did as well on every set.

Sources: Gardner & McKenzie (1985) for the damped trend, Efron & Morris (1975) for shrinkage to the panel, Rogers (2003)
for diffusion: units follow the path of those ahead of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dxanalysis.forecasting.prepared import Prepared

#: No yearly step of the logit beyond this is forecast by the library.
STEEPEST = 1.0
#: Damping of a recent change a year (Gardner & McKenzie), and of the library's for unbounded data.
DAMPING, DAMPING_PLAIN = 0.9, 0.8
#: Points of the least-squares slope.
SLOPE_POINTS = 8


def naive(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Return no change."""
    return np.zeros((len(p.level), len(steps)))


def slope(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Return the least-squares slope of the last eight points."""
    return _ols_slope(p.values, SLOPE_POINTS)[:, None] * steps


def momentum(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Return the mean change of the last three years in points, damped by 0.9 a year."""
    changes = np.diff(p.points[:, -4:], axis=1)
    known = np.isfinite(changes)
    recent = np.where(known, changes, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return p.move_in_points(recent[:, None] * _damped(steps, DAMPING))


def library(p: Prepared, steps: np.ndarray, memory: dict[str, list[float]]) -> np.ndarray:
    """Return what shares of other data sets did next from this level and speed; unbounded: the own speed, damped.

    One regression, learned over families of shares that have nothing to do with the series at hand, gives the next
    yearly change of the logit; years ahead are reached step by step. A single point has no speed: then the change
    expected from the level alone is used.
    """
    if p.scale.kind != "logit":
        return p.speed[:, None] * _damped(steps, DAMPING_PLAIN) / DAMPING_PLAIN
    moves = np.empty((len(p.level), len(steps)))
    level, speed = p.level.copy(), p.speed.copy()
    with_speed, alone = np.array(memory["speed"]), np.array(memory["level"])
    for j in range(len(steps)):
        step = np.where(p.span >= 2, terms(level, speed) @ with_speed, terms_of_level(level) @ alone)
        step = np.clip(step, -STEEPEST, STEEPEST)
        level, speed = level + step, speed + (step - speed) / 3
        moves[:, j] = level - p.level
    return moves


def terms(level: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """Return the library's regressors (series, 7): constant, speed, level, their squares and products."""
    low, fast = np.clip(level, -7, 7) / 4, np.clip(speed, -STEEPEST, STEEPEST)
    return np.stack([np.ones_like(low), fast, low, low**2, fast * low, fast * low**2, fast * np.abs(fast)], axis=-1)


def terms_of_level(level: np.ndarray) -> np.ndarray:
    """Return the library's regressors (series, 3) where there is no speed."""
    low = np.clip(level, -7, 7) / 4
    return np.stack([np.ones_like(low), low, low**2], axis=-1)


def panel_slope(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Return the median recent speed of the panel."""
    return np.full(len(p.level), p.common_speed)[:, None] * steps


def shrunk_slope(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Return the own slope, shrunk to the panel's as far as its noise demands (empirical Bayes)."""
    own = np.where(p.span >= 2, p.drift, p.common_speed)
    return (p.common_speed + p.shrinkage * (own - p.common_speed))[:, None] * steps


def analogues(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Return moves reached step by step: each year the mean next change of the panel's years most like the present.

    A year of any area is alike by its level and recent speed (Gaussian kernel, `find_donors`). Where the panel has too
    few of them, the shrunk slope stands in.
    """
    donors = find_donors(p)
    if donors is None:
        return shrunk_slope(p, steps)
    low, high = np.quantile(donors.change, [0.05, 0.95])
    change = np.clip(donors.change, low, high)  # one leap must not be everybody's future
    moves = np.empty((len(p.level), len(steps)))
    for start in range(0, len(p.level), CHUNK):
        part = slice(start, start + CHUNK)
        level, speed = p.level[part].copy(), _speed_or_common(p)[part].copy()
        for j in range(len(steps)):
            weight = kernel(level, speed, donors)
            step = weight @ change / weight.sum(axis=1)
            level, speed = level + step, speed + (step - speed) / 3
            moves[part, j] = level - p.level[part]
    return moves


Expert = Callable[[Prepared, np.ndarray], np.ndarray]
OWN: dict[str, Expert] = {"naive": naive, "slope": slope, "momentum": momentum}
BORROWING: dict[str, Expert] = {"panel_slope": panel_slope, "shrunk_slope": shrunk_slope, "analogues": analogues}
#: Names in the order of `moves`; the last three need a panel.
ALONE = (*OWN, "library")
TOGETHER = (*ALONE, *BORROWING)
#: How far each expert rests on other series: wholly, or half (the own slope shrunk to the panel's).
BORROWED = {"library": 1.0, "panel_slope": 1.0, "shrunk_slope": 0.5, "analogues": 1.0}


def moves(p: Prepared, steps: np.ndarray, memory: dict[str, list[float]]) -> np.ndarray:
    """Return the moves (area, expert, h) of every expert, in the order of `TOGETHER` or `ALONE`."""
    own = [expert(p, steps) for expert in OWN.values()] + [library(p, steps, memory)]
    return np.stack(own + [expert(p, steps) for expert in BORROWING.values()] if p.pooled else own, axis=1)


#: Donors looked at; more are thinned evenly, so that 100,000 series cost no more per series than 1,000.
DONORS = 1500
#: Fewest donors that say anything, and series weighed against them at a time (so many weights stay in the cache: half
#: the time of blocks of thousands).
FEWEST_DONORS, CHUNK = 8, 64
#: Kernel widths in standard deviations of the donors' level and speed.
WIDTH = (0.35, 0.35)


@dataclass(frozen=True)
class Donors:
    """Years of the panel's areas with a known next change: arrays (donor,).

    `by_level` is False for unbounded data: their levels have no common zero, so only speeds are compared.
    """

    level: np.ndarray
    speed: np.ndarray
    change: np.ndarray
    row: np.ndarray
    by_level: bool


def find_donors(p: Prepared) -> Donors | None:
    """Return the panel's donors, or None where there are fewer than eight."""
    if not p.pooled:
        return None
    speed = speeds(p.values)
    row, at = np.nonzero(np.isfinite(p.values[:, :-1]) & np.isfinite(speed[:, :-1]) & np.isfinite(p.values[:, 1:]))
    if len(row) < FEWEST_DONORS:
        return None
    keep = np.linspace(0, len(row) - 1, min(DONORS, len(row))).astype(int)
    row, at = row[keep], at[keep]
    here = p.values[row, at]
    return Donors(here, speed[row, at], p.values[row, at + 1] - here, row, p.scale.kind != "plain")


def speeds(values: np.ndarray) -> np.ndarray:
    """Return at each year the mean change of up to three years before it (NaN in an area's first year)."""
    changes = np.diff(values, axis=1, prepend=np.nan)
    known = np.isfinite(changes)
    filled = np.where(known, changes, 0)
    total, number = filled.copy(), known.astype(float)
    for back in (1, 2):
        total[:, back:] += filled[:, :-back]
        number[:, back:] += known[:, :-back]
    return np.where(known, total / np.maximum(number, 1), np.nan)


def kernel(level: np.ndarray, speed: np.ndarray, donors: Donors) -> np.ndarray:
    """Return the weight of every donor (column) for every series (row); never all zero."""
    by_level = WIDTH[0] * max(float(np.std(donors.level)), 1e-9)
    by_speed = WIDTH[1] * max(float(np.std(donors.speed)), 1e-9)
    far = ((speed[:, None] - donors.speed) / by_speed) ** 2
    if donors.by_level:
        far += ((level[:, None] - donors.level) / by_level) ** 2
    far -= far.min(axis=1, keepdims=True)
    return np.exp(-0.5 * far) + 1e-6


def donor_weights(p: Prepared, donors: Donors, row: int) -> np.ndarray:
    """Return how much each donor speaks for one area now."""
    part = slice(row, row + 1)
    return kernel(p.level[part], _speed_or_common(p)[part], donors)[0]


def _speed_or_common(p: Prepared) -> np.ndarray:
    """Return the own recent speed, the panel's where an area has a single point."""
    return np.where(p.span >= 2, p.speed, p.common_speed)


def _damped(steps: np.ndarray, factor: float) -> np.ndarray:
    """Return factor + factor² + … for each number of steps."""
    return factor * (1 - factor**steps) / (1 - factor)


def _ols_slope(values: np.ndarray, points: int) -> np.ndarray:
    """Return the least-squares slope of the last `points` values of each row (0 where fewer than two)."""
    part = values[:, -points:]
    known = np.isfinite(part)
    time = np.arange(part.shape[1], dtype=float)
    number = np.maximum(known.sum(axis=1), 1)
    centred = np.where(known, time - ((known * time).sum(axis=1) / number)[:, None], 0)
    square = (centred**2).sum(axis=1)
    return np.where(square > 0, (centred * np.where(known, part, 0)).sum(axis=1) / np.where(square > 0, square, 1), 0)
