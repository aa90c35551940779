"""A dozen cheap forecasters with fixed parameters, run over all series at once.

Each expert reads the prepared matrix (area, year counted back from the last) in the working scale and returns its
*move*: the change from the last value h = 1..H years ahead, an array (area, H). None is fitted to the one series:
with 4 to 10 points a fit would chase noise. What differs between kinds of indicator is the weight of each expert
(`weights`), which the panel's own past decides.

Sources: Holt (1957) and Gardner & McKenzie (1985) for the damped trend, Assimakopoulos & Nikolopoulos (2000) for
theta, Efron & Morris (1975) for shrinkage to the panel.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dxanalysis.forecasting.prepared import Prepared


def naive(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Say that nothing moves."""
    return np.zeros((len(p.level), len(steps)))


def reverting(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Fall back halfway to the smoothed level (exponential smoothing, factor 0.6): for noisy, step-like series."""
    return np.broadcast_to((_smooth(p.values, 0.6) - p.level)[:, None], (len(p.level), len(steps))).copy()


def half_slope(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Follow half the least-squares slope of the last six points."""
    return 0.5 * _ols_slope(p.values, 6)[:, None] * steps


def slope(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Follow the least-squares slope of the last eight points."""
    return _ols_slope(p.values, 8)[:, None] * steps


def drift(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Follow the mean yearly change of the whole window (random walk with drift)."""
    return p.drift[:, None] * steps


def momentum(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Follow the mean change of the last three years, damped by 0.9 a year."""
    return p.speed[:, None] * _damped(steps, 0.9)


def holt(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Damped Holt smoothing with fixed factors: level 0.9, trend 0.3, damping 0.9."""
    level, trend = _holt(p.values, 0.9, 0.3, 0.9)
    return (level - p.level)[:, None] + trend[:, None] * _damped(steps, 0.9)


def theta(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Theta with half the long slope; the smoothing factor is the one of five with the smallest past error."""
    best, level = np.full(len(p.level), np.inf), p.level.copy()
    for factor in (0.2, 0.4, 0.6, 0.8, 1.0):
        smooth, error = _smooth_error(p.values, factor)
        better = error < best
        best, level = np.where(better, error, best), np.where(better, smooth, level)
    return (level - p.level)[:, None] + 0.5 * _ols_slope(p.values, p.values.shape[1])[:, None] * steps


def plain_half_slope(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Follow half the least-squares slope of the last six points, in points instead of the working scale."""
    return p.move_in_points(0.5 * _ols_slope(p.points, 6)[:, None] * steps)


def plain_momentum(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Follow the mean change of the last three years in points, damped by 0.9 a year."""
    recent = _recent(p.points, 3)
    return p.move_in_points(recent[:, None] * _damped(steps, 0.9))


def steady_trend(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Follow a cautious slope from a level halfway to the smoothed one (Holt, factors 0.6 and 0.1, undamped).

    The slope is the mean of the least-squares slope of the last eight points and of the slope shrunk to the panel's
    (half the slope of the last six where there is no panel).
    """
    level, _ = _holt(p.values, 0.6, 0.1, 1.0)
    calm = shrunk_slope(p, np.ones(1))[:, 0] if p.pooled else 0.5 * _ols_slope(p.values, 6)
    return 0.5 * (level - p.level)[:, None] + 0.5 * (_ols_slope(p.values, 8) + calm)[:, None] * steps


def panel_slope(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Follow the median recent speed of the panel: what everybody did lately."""
    return np.full(len(p.level), p.common_speed)[:, None] * steps


def shrunk_slope(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Follow the own slope, shrunk to the panel's as far as its noise demands (empirical Bayes)."""
    own = np.where(p.span >= 2, p.drift, p.common_speed)
    return (p.common_speed + p.shrinkage * (own - p.common_speed))[:, None] * steps


OWN: dict[str, Callable[[Prepared, np.ndarray], np.ndarray]] = {
    "naive": naive,
    "reverting": reverting,
    "half_slope": half_slope,
    "slope": slope,
    "drift": drift,
    "momentum": momentum,
    "holt": holt,
    "theta": theta,
    "plain_half_slope": plain_half_slope,
    "plain_momentum": plain_momentum,
    "steady_trend": steady_trend,
}
BORROWING: dict[str, Callable[[Prepared, np.ndarray], np.ndarray]] = {
    "panel_slope": panel_slope,
    "shrunk_slope": shrunk_slope,
}


def _damped(steps: np.ndarray, factor: float) -> np.ndarray:
    """Return factor + factor² + … for each number of steps."""
    return factor * (1 - factor**steps) / (1 - factor)


def _recent(values: np.ndarray, years: int) -> np.ndarray:
    """Return the mean change over the last `years` steps there are."""
    changes = np.diff(values[:, -years - 1 :], axis=1)
    known = np.isfinite(changes)
    return np.where(known, changes, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)


def _ols_slope(values: np.ndarray, points: int) -> np.ndarray:
    """Return the least-squares slope of the last `points` values of each row (0 where fewer than two)."""
    part = values[:, -points:]
    known = np.isfinite(part)
    time = np.arange(part.shape[1], dtype=float)
    number = np.maximum(known.sum(axis=1), 1)
    centred = np.where(known, time - ((known * time).sum(axis=1) / number)[:, None], 0)
    filled = np.where(known, part, 0)
    square = (centred**2).sum(axis=1)
    return np.where(square > 0, (centred * filled).sum(axis=1) / np.where(square > 0, square, 1), 0)


def _smooth(values: np.ndarray, factor: float) -> np.ndarray:
    """Return the exponentially smoothed last level of each row."""
    return _smooth_error(values, factor)[0]


def _smooth_error(values: np.ndarray, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the smoothed last level and the mean squared one-step error of smoothing."""
    level, total = values[:, 0].copy(), np.zeros(len(values))
    for column in values.T[1:]:
        error = column - level
        total += np.where(np.isfinite(error), error, 0) ** 2
        level = np.where(np.isfinite(error), level + factor * error, column)
    return level, total


def _holt(values: np.ndarray, alpha: float, beta: float, phi: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the last level and trend of damped Holt smoothing with fixed factors."""
    level, trend = values[:, 0].copy(), np.zeros(len(values))
    second = np.isfinite(values[:, :-1]) & np.isfinite(values[:, 1:])
    for j, column in enumerate(values.T[1:]):
        started = np.isfinite(level)
        begins = second[:, j] & (np.isnan(values[:, j - 1]) if j else True)
        trend = np.where(begins, (column - values[:, j]) / phi, trend)
        ahead = level + phi * trend
        error = column - ahead
        level = np.where(started, ahead + alpha * error, column)
        trend = np.where(started, phi * trend + alpha * beta * error, 0.0)
    return level, trend
