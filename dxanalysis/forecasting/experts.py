"""Simple forecasters with fixed parameters, run over all series at once: six in a panel, four for a series alone.

Each expert reads the prepared matrix (area, year counted back from the last) in the working scale and returns its
*move*: the change from the last value h = 1..H years ahead, an array (area, H). None is fitted to the one series: with
4 to 10 points a fit would chase noise. What differs between kinds of indicator is the weight of each expert
(`evidence`). Of sixteen tried, six carry a panel: without any one of them some class of panels left out loses.

Sources: Gardner & McKenzie (1985) for the damped trend, Efron & Morris (1975) for shrinkage to the panel, Rogers (2003)
for diffusion: units follow the path of those ahead of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dxanalysis.forecasting.distributions import Scale


@dataclass(frozen=True)
class Prepared:
    """A panel in its working scale, right-aligned, inner gaps bridged by straight lines.

    Attributes
    ----------
    points : values in the unit of the indicator, gaps bridged (NaN before the first year)
    values : the same in the working scale, divided by `unit`
    scale, unit : bounds with their transformation, and the size one step has (1 for bounded data; for unbounded data
        each series' own mean absolute change, so that series of any size can be compared; 1 % of its value where it
        never moved)
    level : last value
    span : points from the first to the last year of each row
    speed : mean change of the last three years; drift : mean change of the whole window
    noise : mean squared yearly change around the drift; common_speed : median speed of the panel
    shrinkage : weight of the own drift against the panel's
    pooled : False when every series must speak for itself
    """

    points: np.ndarray
    values: np.ndarray
    scale: Scale
    unit: np.ndarray
    level: np.ndarray
    span: np.ndarray
    speed: np.ndarray
    drift: np.ndarray
    noise: np.ndarray
    common_speed: np.ndarray
    shrinkage: np.ndarray
    pooled: bool

    def in_points(self, moves: np.ndarray) -> np.ndarray:
        """Return the values (area, …, h) that moves from the last value lead to."""
        level, unit = (one.reshape(-1, *[1] * (moves.ndim - 1)) for one in (self.level, self.unit))
        return self.scale.back((level + moves) * unit)

    def move_in_points(self, change: np.ndarray) -> np.ndarray:
        """Return a change in points as a move in the working scale, kept inside the bounds."""
        last = self.points[:, -1:]
        return self.scale.to(last + change) / self.unit[:, None] - self.level[:, None]


#: Numbers below this count as nothing: dividing by them would overflow.
TINY = 1e-100


def prepare(values: np.ndarray, scale: Scale, pooled: bool) -> Prepared:
    """Return what the experts read.

    Parameters
    ----------
    values : array (area, year), NaN where nothing is known; the last column is known for every area.
    scale : bounds and transformation.
    pooled : whether areas may inform each other.
    """
    points = bridge(values)
    working = scale.to(points)
    unit = _unit(working) if scale.kind == "plain" else np.ones(len(points))
    return _summarise(points, working / unit[:, None], scale, unit, pooled)


def bridge(values: np.ndarray) -> np.ndarray:
    """Join known years by straight lines."""
    known = np.isfinite(values)
    inner = ~known & np.maximum.accumulate(known, axis=1)
    if not inner.any():
        return values.copy()
    place = np.arange(values.shape[1])
    before = np.maximum.accumulate(np.where(known, place, -1), axis=1)
    after = np.minimum.accumulate(np.where(known, place, values.shape[1])[:, ::-1], axis=1)[:, ::-1]
    rows = np.arange(len(values))[:, None]
    left, right = values[rows, np.maximum(before, 0)], values[rows, np.minimum(after, values.shape[1] - 1)]
    part = (place - before) / np.maximum(after - before, 1)
    return np.where(inner, left + part * (right - left), values)


def _unit(working: np.ndarray) -> np.ndarray:
    """Return each unbounded series' own step: its mean absolute change, 1 % of its value where it never moved."""
    changes = np.abs(np.diff(working, axis=1))
    known = np.isfinite(changes)
    own = np.where(known, changes, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    size = np.abs(working[:, -1])
    return np.where(own > TINY, own, np.where(size > TINY, 0.01 * size, 1.0))


def _summarise(points: np.ndarray, working: np.ndarray, scale: Scale, unit: np.ndarray, pooled: bool) -> Prepared:
    """Compute the speeds, the noise and the shrinkage of every row."""
    changes = np.diff(working, axis=1)
    known = np.isfinite(changes)
    steps = known.sum(axis=1)
    drift = np.where(known, changes, 0).sum(axis=1) / np.maximum(steps, 1)
    recent = known[:, -3:]
    speed = np.where(recent, changes[:, -3:], 0).sum(axis=1) / np.maximum(recent.sum(axis=1), 1)
    noise = (np.where(known, changes - drift[:, None], 0) ** 2).sum(axis=1) / np.maximum(steps - 1, 1)
    common, shrinkage = _towards_the_panel(drift, speed, noise, steps, pooled)
    return Prepared(
        points, working, scale, unit, working[:, -1], steps + 1, speed, drift, noise, common, shrinkage, pooled
    )


def _towards_the_panel(
    drift: np.ndarray, speed: np.ndarray, noise: np.ndarray, steps: np.ndarray, pooled: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the panel's median speed and the weight of each own drift (empirical Bayes, moments)."""
    moving = steps >= 1
    if not pooled or not moving.any():
        return np.zeros(len(drift)), np.ones(len(drift))
    common = np.full(len(drift), np.median(speed[moving]))
    error = np.where(steps >= 2, noise, np.median(noise[steps >= 2]) if (steps >= 2).any() else 0) / np.maximum(
        steps, 1
    )
    between = np.maximum(np.var(drift[moving]) - np.mean(error[moving]), 0.1 * np.var(drift[moving]))
    return common, np.where(moving, between / np.maximum(between + error, 1e-12), 0)


#: Usual yearly change of the logit where nothing better is known, and the steps that knowledge is worth.
TYPICAL_STEP = 0.06
TYPICAL_WORTH = 1.0


def usual_change(p: Prepared) -> np.ndarray:
    """Return each area's usual yearly change in points: its own mean absolute change, steadied by a typical one.

    Typical is, for shares, the panel's median change of the logit (0.06 a year where there is no panel) at the
    area's level; unbounded data, whose sizes cannot be compared, have only their own.
    """
    changes = np.abs(np.diff(p.points, axis=1))
    known = np.isfinite(changes)
    total, steps = np.where(known, changes, 0).sum(axis=1), known.sum(axis=1)
    own = total / np.maximum(steps, 1)
    if p.scale.kind != "logit":
        return np.where(own > 0, own, p.unit)
    wide = p.scale.upper - p.scale.lower
    last = p.points[:, -1]
    room = np.maximum((last - p.scale.lower) * (p.scale.upper - last) / wide, 0.002 * wide)
    step = np.median((own / room)[steps > 0]) if p.pooled and (steps > 0).any() else TYPICAL_STEP
    usual = (total + TYPICAL_WORTH * max(step, 1e-3) * room) / (steps + TYPICAL_WORTH)
    return np.maximum(usual, 2e-4 * wide)


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


def latest(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Return the last year's change in points, carried on undamped.

    Modelled indicators (water, sanitation) are piecewise linear: the last change is the next one. Against the mean of
    three years, damped, it halved their error; where changes are noise its past errors give it no weight.
    """
    changes = np.diff(p.points[:, -2:], axis=1).sum(axis=1)
    return p.move_in_points(np.where(np.isfinite(changes), changes, 0)[:, None] * steps)


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
    pair = np.stack([change, np.ones_like(change)], axis=1)
    speeds_now, moves = _speed_or_common(p), np.empty((len(p.level), len(steps)))
    for start in range(0, len(p.level), CHUNK):
        part = slice(start, start + CHUNK)
        level, speed = p.level[part].copy(), speeds_now[part].copy()
        for j in range(len(steps)):
            total, worth = (kernel(level, speed, donors) @ pair).T
            step = total / worth
            level, speed = level + step, speed + (step - speed) / 3
            moves[part, j] = level - p.level[part]
    return moves


#: Names in the order of `moves`. In a panel the own slope and momentum earn nothing beside the others.
ALONE = ("naive", "slope", "momentum", "library")
BORROWING = ("panel_slope", "shrunk_slope", "analogues")
TOGETHER = ("naive", "latest", "library", *BORROWING)
#: How far each expert rests on other series: wholly, or half (the own slope shrunk to the panel's).
BORROWED = {"library": 1.0, "panel_slope": 1.0, "shrunk_slope": 0.5, "analogues": 1.0}


def moves(p: Prepared, steps: np.ndarray, memory: dict[str, list[float]]) -> np.ndarray:
    """Return the moves (area, expert, h) of every expert, in the order of `TOGETHER` or `ALONE`."""
    experts = (naive, latest, slope, momentum, panel_slope, shrunk_slope, analogues)
    known: dict[str, Callable[..., np.ndarray]] = {expert.__name__: expert for expert in experts}
    known["library"] = lambda p, steps: library(p, steps, memory)
    return np.stack([known[name](p, steps) for name in (TOGETHER if p.pooled else ALONE)], axis=1)


#: Donors looked at; more are thinned evenly, so that 100,000 series cost no more per series than 1,000.
DONORS = 1500
#: Fewest donors that say anything, and series weighed against them at a time (so many weights stay in the cache: half
#: the time of blocks of thousands).
FEWEST_DONORS, CHUNK = 8, 64
#: Kernel width in standard deviations of the donors' level and speed.
WIDTH = 0.35


@dataclass(frozen=True)
class Donors:
    """Years of the panel's areas with a known next change: arrays (donor,).

    Levels of unbounded data have no common zero: they are 0, so that only speeds are compared.
    """

    level: np.ndarray
    speed: np.ndarray
    change: np.ndarray
    row: np.ndarray

    @functools.cached_property
    def frame(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean and the kernel width of speed and level."""
        held = np.stack([self.speed, self.level])
        return held.mean(axis=1), WIDTH * np.maximum(held.std(axis=1), 1e-9)


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
    return Donors(here * (p.scale.kind == "logit"), speed[row, at], p.values[row, at + 1] - here, row)


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
    # Half the square of a distance less what it has in common for all donors of a row: one product of matrices.
    mean, wide = donors.frame
    pairs = ((speed, level), (donors.speed, donors.level))
    here, there = ((np.stack(pair, axis=1) - mean) / wide for pair in pairs)
    near = here @ there.T - 0.5 * (there**2).sum(axis=1)
    near -= near.max(axis=1, keepdims=True)
    np.exp(near, out=near)
    near += 1e-6
    return near


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
