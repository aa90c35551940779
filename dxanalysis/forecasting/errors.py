"""How wrong the forecast may be: size from a learned regression, shape from borrowed errors.

The size of an error (mean absolute, in points) is

    log size = own + B · (terms - own),

terms being logarithms of things measured in points (the recent and the panel's usual change, the error of the
replayed past, the disagreement of the experts), so that the size of unbounded series scales with them; plus terms for
years ahead and points seen. Its quantiles are those of *other* data sets' errors divided by their size,
by number of points and years ahead: with 4 to 10 points no series can teach its own tails (a panel together can
say something about them: `tails`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dxanalysis.forecasting.constants import Errors
from dxanalysis.forecasting.prepared import Prepared, usual_change
from dxanalysis.forecasting.replays import Record

#: The most points whose number still matters.
MOST_POINTS = 25

#: The most years ahead learned from.
FARTHEST = 10


@dataclass(frozen=True)
class Outlook:
    """The combined forecast: weights (area, h, expert), values of the experts (area, expert, h), centre (area, h).

    `record` holds the errors the same weights would have made in the past, `lean` the yearly correction of the panel's
    forecasts that follows from them (already in the centre; working scale).
    """

    weights: np.ndarray
    spoken: np.ndarray
    centre: np.ndarray
    record: Record
    lean: float


def size_terms(p: Prepared, outlook: Outlook) -> tuple[np.ndarray, np.ndarray]:
    """Return the own log change (area,) and the terms of the regression (area, h, term)."""
    horizon = outlook.centre.shape[1]
    own = np.log(usual_change(p))
    years = np.log(np.minimum(np.arange(1, horizon + 1), FARTHEST) / 3)
    seen = np.log(np.clip(p.span, 1, MOST_POINTS) / 6)
    recent = np.log(_recent_change(p)) - own
    alike = p.pooled and p.scale.kind == "logit"  # the sizes of unbounded series cannot be compared
    common = (np.log(np.median(usual_change(p))) - own) if alike else np.zeros(len(own))
    replayed, beyond = _by_year(outlook.record, horizon)
    apart = _relative(_disagreement(outlook), own)
    plain = float(p.scale.kind != "logit")
    level = np.full(len(own), 0.4) if plain else np.abs(p.level) / 4
    mine = _own_record(outlook.record)
    known = np.log(np.maximum(outlook.record.stood, 1))
    ones = np.ones_like(outlook.centre)
    columns = [
        ones,
        ones * years,
        ones * years**2,
        ones * seen[:, None],
        seen[:, None] * years,
        ones * recent[:, None],
        ones * common[:, None],
        ones * replayed,
        ones * beyond,
        ones * mine[:, None],
        ones * (mine * known)[:, None],
        ones * outlook.record.tail,
        ones * level[:, None],
        apart,
        ones * (p.span == 1)[:, None],
        ones * (p.span == 2)[:, None],
        ones * plain * (p.span == 1)[:, None],
        ones * plain * (p.span == 2)[:, None],
    ]
    return own, np.stack(columns, axis=2)


def sizes(own: np.ndarray, terms: np.ndarray, constants: Errors) -> np.ndarray:
    """Return the error sizes (area, h) in points; beyond the years learned from they grow like a random walk's."""
    beyond = np.sqrt(np.maximum(np.arange(1, terms.shape[1] + 1) / FARTHEST, 1))
    return np.exp(own[:, None] + terms @ constants.size) * beyond


def shapes(points: np.ndarray, spikes: np.ndarray, horizon: int, constants: Errors) -> tuple[np.ndarray, np.ndarray]:
    """Return the standardised error quantiles (kind, h, level) and which kind each area is (area,).

    A kind is a number of points together with a spikiness.
    """
    pairs = np.stack([np.clip(points, 1, MOST_POINTS), np.round(spikes, 1)], axis=1)
    kinds, kind = np.unique(pairs, axis=0, return_inverse=True)
    years = np.log(np.clip(np.arange(1, horizon + 1), 1, constants.years[-1]))
    by_year = _between(constants.shape, np.log(constants.years), years, axis=1)
    by_points = _between(by_year, np.log(constants.points), np.log(kinds[:, 0]), axis=0)
    found = np.zeros((len(kinds), horizon, len(constants.levels)))
    for at, spike in enumerate(kinds[:, 1]):
        found[at] = _between(by_points[at], constants.spikes, spike[None], axis=1)[:, 0]
    return found, kind.reshape(-1)


def spikiness(p: Prepared) -> np.ndarray:
    """Return how spiky the yearly changes are: log of root mean square over mean (area,).

    0.23 is normal noise, 0.35 a Laplace distribution; above that, long rest and sudden jumps. The panel's where there
    is one, else the series' own, drawn to 0.35 as far as it is short.
    """
    changes = np.abs(np.diff(p.points, axis=1)) / usual_change(p)[:, None]
    known = np.isfinite(changes)
    filled = np.where(known, changes, 0)
    axis = None if p.pooled else 1
    steps = known.sum(axis=axis)
    mean = filled.sum(axis=axis) / np.maximum(steps, 1)
    square = (filled**2).sum(axis=axis) / np.maximum(steps, 1)
    own = 0.5 * np.log(np.maximum(square, 1e-12)) - np.log(np.maximum(mean, 1e-6))
    steadied = np.where(mean > 0, (steps * own + 5 * 0.35) / (steps + 5), 0.35)
    return np.broadcast_to(np.clip(steadied, 0, 1.5), (len(p.level),)).copy()


def _between(table: np.ndarray, nodes: np.ndarray, at: np.ndarray, axis: int) -> np.ndarray:
    """Return a table interpolated linearly along one axis."""
    at = np.clip(at, nodes[0], nodes[-1])
    right = np.clip(np.searchsorted(nodes, at, side="right"), 1, len(nodes) - 1)
    part = (at - nodes[right - 1]) / (nodes[right] - nodes[right - 1])
    shape = [1] * table.ndim
    shape[axis] = len(part)
    part = part.reshape(shape)
    return (1 - part) * np.take(table, right - 1, axis) + part * np.take(table, right, axis)


def _recent_change(p: Prepared) -> np.ndarray:
    """Return the mean absolute change of the last three years, kept within a factor of ten of the usual one."""
    usual = usual_change(p)
    changes = np.abs(np.diff(p.points[:, -4:], axis=1))
    known = np.isfinite(changes)
    recent = np.where(known, changes, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.clip(np.where(known.any(axis=1), recent, usual), usual / 10, usual * 10)


def _by_year(record: Record, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the log of the replayed error (area or 1, h) and of how far beyond the years replayed h lies."""
    reach = np.isfinite(record.by_year).sum(axis=1)
    ahead = np.arange(1, horizon + 1)
    nearest = np.clip(np.minimum(ahead, reach[:, None]), 1, None)
    error = np.take_along_axis(record.by_year, nearest - 1, axis=1)
    found = np.where(np.isfinite(error), np.log(np.maximum(error, 0.1)), 0.0)
    return found, np.log(np.minimum(ahead, FARTHEST) / np.minimum(nearest, FARTHEST))


def _own_record(record: Record) -> np.ndarray:
    """Return the log of each area's own replayed error (0 where nothing was replayed)."""
    return np.where(np.isfinite(record.own), np.log(np.clip(record.own, 0.1, 10)), 0.0)


def _disagreement(outlook: Outlook) -> np.ndarray:
    """Return the spread of the experts' values around the centre (area, h)."""
    apart = np.abs(outlook.spoken - outlook.centre[:, None, :]).mean(axis=1)
    return apart


def _relative(points: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the log of points against the usual change, bounded so that a perfect zero stays a number."""
    return np.log(np.clip(points / np.exp(own)[:, None], 0.05, 50))
