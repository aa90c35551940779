"""Replay the past: what every expert would have forecast some years ago, beside what has since been seen.

Standing 1, 2, 3 and 5 years before the last one, every expert forecasts the years since. Errors are measured in units
of each area's usual yearly change, so that areas and panels can be compared. The replay is the only evidence about
*this* indicator; everything else is borrowed from others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dxanalysis.forecasting.marginals import unfold
from dxanalysis.forecasting.prepared import Prepared, prepare, usual_change
from dxanalysis.forecasting.scales import Scale
from dxanalysis.forecasting.tails import Missed

#: Years before the last one at which the past is replayed, and the most areas of a panel used for it.
BACK = (1, 2, 3, 5)
AREAS = 150

#: The 95 % quantile of absolute errors over their mean where errors are Laplace distributed.
USUAL_TAIL = 3.0

Moves = Callable[[Prepared, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Standing:
    """One year in the past: where the areas stood, what the experts said, what came.

    Attributes
    ----------
    rows : array (row,), the areas that could be replayed
    level, unit, usual : arrays (row,), level then, size of a step, usual change
    moves : array (row, expert, year ahead); actual : array (row, year ahead)
    """

    rows: np.ndarray
    level: np.ndarray
    unit: np.ndarray
    usual: np.ndarray
    moves: np.ndarray
    actual: np.ndarray
    scale: Scale

    def misses(self, move: np.ndarray) -> np.ndarray:
        """Return the absolute errors (row, …, year ahead) of moves, in usual changes."""
        actual = self.actual if move.ndim == 2 else self.actual[:, None, :]
        return np.abs(self.said(move) - actual) / _along(self.usual, move)

    def said(self, move: np.ndarray) -> np.ndarray:
        """Return the values (row, …, year ahead) that moves lead to."""
        return self.scale.back((_along(self.level, move) + move) * _along(self.unit, move))

    def mixture(self, weights: np.ndarray) -> np.ndarray:
        """Return the moves (row, year ahead) of the experts under weights (area or 1, h, expert)."""
        years = self.actual.shape[1]
        own = weights[:, :years] if len(weights) == 1 else weights[self.rows, :years]
        return np.einsum("ahe,aeh->ah", np.broadcast_to(own, (len(self.rows), *own.shape[1:])), self.moves)

    def mixed(self, weights: np.ndarray) -> np.ndarray:
        """Return the absolute errors (row, year ahead) of the experts under weights (area or 1, h, expert)."""
        return self.misses(self.mixture(weights))

    def errors(self, move: np.ndarray) -> Missed:
        """Return the areas and the signed errors in points of moves (row, year ahead), drawn out near a bound."""
        return self.rows, unfold(self.said(move), self.actual, self.scale)


def _along(values: np.ndarray, move: np.ndarray) -> np.ndarray:
    """Return values (row,) with as many axes as moves have."""
    return values.reshape(-1, *[1] * (move.ndim - 1))


@dataclass(frozen=True)
class Replay:
    """All standings, and the mean errors of every expert: `near` one year ahead, `far` beyond (area or 1, expert)."""

    standings: tuple[Standing, ...]
    near: np.ndarray
    far: np.ndarray


@dataclass(frozen=True)
class Record:
    """Errors the combined forecast would have made, in usual changes.

    Attributes
    ----------
    by_year : array (area or 1, year ahead), mean error; NaN where nothing could be replayed
    own : array (area,), each area's own mean error per year ahead; the panel's median where it has none, NaN where
        nobody has
    stood : array (area,), years each area could be stood at
    tail : how far the panel's large errors lie from its mean ones: log of the 95 % quantile, over means of the years
        stood at, against `USUAL_TAIL`; 0 without a panel
    missed : areas and errors (row, year ahead) in points of every year stood at (`tails`)
    """

    by_year: np.ndarray
    own: np.ndarray
    stood: np.ndarray
    tail: float
    missed: tuple[Missed, ...]


def replay(p: Prepared, moves_of: Moves, experts: int) -> Replay:
    """Return the past errors of every expert: pooled over the panel, or per series where each speaks for itself."""
    rows = np.arange(len(p.level))
    if p.pooled:
        rows = np.unique(np.linspace(0, len(rows) - 1, AREAS).astype(int))
    found = [_stand(p, rows, back, moves_of) for back in BACK if p.points.shape[1] - back >= 2]
    standings = tuple(standing for standing in found if standing is not None)
    total, cells = np.zeros((2, len(p.level), experts)), np.zeros((2, len(p.level), 1))
    for standing in standings:
        miss = standing.misses(standing.moves)
        for far, part in enumerate((miss[:, :, :1], miss[:, :, 1:])):
            total[far, standing.rows] += part.sum(axis=2)
            cells[far, standing.rows] += part.shape[2]
    if p.pooled:
        total, cells = total.sum(axis=1, keepdims=True), cells.sum(axis=1, keepdims=True)
    mean = np.where(cells > 0, total / np.maximum(cells, 1), np.nan)
    return Replay(standings, mean[0], mean[1])


def _stand(p: Prepared, rows: np.ndarray, back: int, moves_of: Moves) -> Standing | None:
    """Return what was said `back` years before the last one, None where too few areas had two points by then."""
    then = p.points.shape[1] - back
    seen = p.points[rows, :then]
    able = np.isfinite(seen[:, -2:]).all(axis=1)
    if able.sum() < (5 if p.pooled else 1):
        return None
    past = prepare(seen[able], np.ones((able.sum(), then)), p.scale, p.pooled)
    moves = moves_of(past, np.arange(1, back + 1)).astype("float32")
    chosen = rows[able]
    return Standing(chosen, past.level, past.unit, usual_change(p)[chosen], moves, p.points[chosen, then:], p.scale)


def evidence(past: Replay, naive: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the log error ratios to naive, one year ahead and beyond (0 where nothing could be replayed)."""
    found = []
    for error in (past.near, past.far):
        ratio = np.log((error + 0.05) / (error[:, [naive]] + 0.05))
        found.append(np.where(np.isfinite(ratio), np.clip(ratio, -1.5, 1.5), 0.0))
    near, far = found
    return near, np.where(np.isfinite(past.far), far, near)


def record(p: Prepared, past: Replay, weights: np.ndarray) -> Record:
    """Return the errors the experts would have made under these weights (area, h, expert)."""
    weights = weights.mean(axis=0, keepdims=True) if p.pooled else weights
    number, years = len(p.level), max(BACK)
    total, cells = np.zeros((number, years)), np.zeros((number, years))
    own, stood = np.zeros(number), np.zeros(number)
    mixtures = [standing.mixture(weights) for standing in past.standings]
    missed = [standing.misses(move) for standing, move in zip(past.standings, mixtures, strict=True)]
    for standing, miss in zip(past.standings, missed, strict=True):
        ahead = np.arange(1, miss.shape[1] + 1)
        total[standing.rows, : len(ahead)] += miss
        cells[standing.rows, : len(ahead)] += 1
        own[standing.rows] += miss.sum(axis=1) / ahead.sum()
        stood[standing.rows] += 1
    if p.pooled:
        total, cells = total.sum(axis=0, keepdims=True), cells.sum(axis=0, keepdims=True)
    by_year = np.where(cells > 0, total / np.maximum(cells, 1), np.nan)
    own = np.where(stood > 0, own / np.maximum(stood, 1), np.nan)
    if p.pooled and stood.any():
        own = np.where(stood > 0, own, np.nanmedian(own))
    if not p.pooled:
        return Record(by_year, own, stood, 0.0, ())
    signed = tuple(standing.errors(move) for standing, move in zip(past.standings, mixtures, strict=True))
    return Record(by_year, own, stood, _tail(missed), signed)


def _tail(missed: list[np.ndarray]) -> float:
    """Return the tail of absolute errors, year stood at by year stood at (see `Record`)."""
    if not missed:
        return 0.0
    relative = np.concatenate([(miss / max(float(miss.mean()), 1e-9)).ravel() for miss in missed])
    return float(np.log(max(float(np.quantile(relative, 0.95)), 0.1) / USUAL_TAIL))
