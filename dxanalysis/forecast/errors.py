"""How wrong the forecast may be: size from a learned regression, shape from borrowed errors.

The size of an error (mean absolute, in points) is

    log size = own + B · (terms - own),

terms being logarithms of things measured in points (the panel's usual change, the error of the replayed past, the
disagreement of the experts, the move forecast, the room left to the bounds), so that the size of unbounded series
scales with them; plus terms for years ahead and points seen. Its quantiles are those of *other* data sets' errors
divided by their size, by number of points and years ahead: with 4 to 10 points no series can teach its own tails.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dxanalysis.forecast.constants import Errors
from dxanalysis.forecast.prepared import Prepared
from dxanalysis.forecast.weights import Replay, usual_change

#: The most points whose number still matters.
MOST_POINTS = 25


@dataclass(frozen=True)
class Outlook:
    """The combined forecast the error belongs to: weights (area, h, expert), values of the experts, centre (area, h)."""

    weights: np.ndarray
    spoken: np.ndarray
    centre: np.ndarray


def size_terms(p: Prepared, past: Replay, outlook: Outlook) -> tuple[np.ndarray, np.ndarray]:
    """Return the own log change (area,) and the terms of the regression (area, h, term)."""
    horizon = outlook.centre.shape[1]
    own = np.log(usual_change(p))
    years = np.log(np.arange(1, horizon + 1) / 3)
    seen = np.log(np.clip(p.span, 1, MOST_POINTS) / 6)
    recent = np.log(_recent_change(p)) - own
    common = (np.log(np.median(usual_change(p))) - own) if p.pooled else np.zeros(len(own))
    replayed = _replayed(past, outlook)
    apart = _relative(_disagreement(outlook), own)
    move = _relative(np.abs(outlook.centre - p.points[:, -1:]), own)
    room = _room(p, outlook.centre, own)
    plain = float(p.scale.kind != "logit")
    ones = np.ones_like(outlook.centre)
    columns = [
        ones,
        ones * plain,
        ones * years,
        ones * years**2,
        ones * seen[:, None],
        seen[:, None] * years,
        ones * recent[:, None],
        ones * common[:, None],
        ones * (seen * common)[:, None],
        replayed,
        apart,
        move,
        room,
        room**2,
        ones * (p.span == 1)[:, None],
        ones * (p.span == 2)[:, None],
    ]
    return own, np.stack(columns, axis=2)


def sizes(own: np.ndarray, terms: np.ndarray, constants: Errors) -> np.ndarray:
    """Return the error sizes (area, h) in points."""
    return np.exp(own[:, None] + terms @ constants.size)


def shapes(points: np.ndarray, horizon: int, constants: Errors) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct numbers of points and for each the standardised error quantiles (kind, h, level)."""
    kinds = np.unique(np.clip(points, 1, MOST_POINTS))
    by_points = _between(constants.shape, np.log(constants.points), np.log(kinds), axis=0)
    years = np.log(np.clip(np.arange(1, horizon + 1), 1, constants.years[-1]))
    return kinds, _between(by_points, np.log(constants.years), years, axis=1)


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


def _replayed(past: Replay, outlook: Outlook) -> np.ndarray:
    """Return the log of the weighted past errors, in units of the usual change (0 where nothing was replayed)."""
    near = np.einsum("ahe,ae->ah", outlook.weights, _for_all(past.near, outlook))
    far = np.einsum("ahe,ae->ah", outlook.weights, _for_all(past.far, outlook))
    far = np.where(np.isfinite(far), far, near)
    mixed = np.concatenate([near[:, :1], far[:, 1:]], axis=1)
    return np.where(np.isfinite(mixed), np.log(np.maximum(mixed, 0.1)), 0.0)


def _for_all(error: np.ndarray, outlook: Outlook) -> np.ndarray:
    return np.broadcast_to(error, (len(outlook.centre), error.shape[1]))


def _disagreement(outlook: Outlook) -> np.ndarray:
    """Return the spread of the experts' values around the centre (area, h)."""
    apart = np.abs(outlook.spoken - outlook.centre[:, None, :]).mean(axis=1)
    return apart


def _relative(points: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the log of points against the usual change, bounded so that a perfect zero stays a number."""
    return np.log(np.clip(points / np.exp(own)[:, None], 0.05, 50))


def _room(p: Prepared, centre: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the log of the room left to the nearer bounds against the usual change (0 where there is no bound)."""
    if p.scale.kind != "logit":
        return np.zeros_like(centre)
    wide = p.scale.upper - p.scale.lower
    room = np.maximum((centre - p.scale.lower) * (p.scale.upper - centre) / wide, wide * 1e-3)
    return np.log(np.clip(room / np.exp(own)[:, None], 0.05, 500)) / 3
