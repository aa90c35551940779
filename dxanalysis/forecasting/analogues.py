"""Diffusion analogues: what happened later to panel members that once stood at my level with my speed.

Donors are all (area, year) of the panel's own window with at least one later year. Their weight is a Gaussian kernel
on level and recent speed; the forecast is the weighted median of what came h years later. Years beyond the window
are reached by walking: one step, new level and speed, next step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dxanalysis.forecasting.prepared import Prepared

#: Donors looked at; more are thinned evenly, so that 100,000 series cost no more per series than 1,000.
DONORS = 1500

#: Series weighed against the donors at a time (memory).
CHUNK = 4000

#: Kernel widths in standard deviations of the donors' level and speed.
WIDTH = (0.35, 0.35)


@dataclass(frozen=True)
class Donors:
    """Where the donors stood and what came later: `later` is (donor, horizon), NaN beyond the window.

    `by_level` is False for unbounded data: their levels have no common zero, so only speeds are compared.
    """

    level: np.ndarray
    speed: np.ndarray
    later: np.ndarray
    row: np.ndarray
    by_level: bool


def find_donors(p: Prepared, horizon: int) -> Donors | None:
    """Return the panel's donors, or None where there are fewer than eight."""
    width = p.values.shape[1]
    if not p.pooled:
        return None
    speed = speeds(p.values)
    known = np.isfinite(p.values[:, :-1]) & np.isfinite(speed[:, :-1]) & np.isfinite(p.values[:, 1:])
    row, at = np.nonzero(known)
    if len(row) < 8:
        return None
    keep = np.linspace(0, len(row) - 1, min(DONORS, len(row))).astype(int)
    row, at = row[keep], at[keep]
    ahead = at[:, None] + np.arange(1, min(horizon, width - 1) + 1)
    inside = ahead < width
    later = np.where(inside, p.values[row[:, None], np.minimum(ahead, width - 1)], np.nan)
    return Donors(p.values[row, at], speed[row, at], later - p.values[row, at][:, None], row, p.scale.kind != "plain")


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


def analogues(p: Prepared, donors: Donors, steps: np.ndarray) -> np.ndarray:
    """Return the weighted median of the donors' later moves; beyond them the last speed fades by 0.9 a year."""
    moves = np.empty((len(p.level), len(steps)))
    for start in range(0, len(p.level), CHUNK):
        part = slice(start, start + CHUNK)
        weight = _kernel(p, donors, part)
        moves[part] = _weighted_medians(weight, donors.later, len(steps))
    return moves


def walk(p: Prepared, donors: Donors, steps: np.ndarray) -> np.ndarray:
    """Return moves reached step by step: each year the donors' mean next change at the level and speed got to."""
    change = donors.later[:, 0]
    low, high = np.quantile(change, [0.05, 0.95])
    change = np.clip(change, low, high)
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


def kernel(level: np.ndarray, speed: np.ndarray, donors: Donors) -> np.ndarray:
    """Return the weight of every donor (column) for every series (row); never all zero."""
    by_level = WIDTH[0] * max(float(np.std(donors.level)), 1e-9)
    by_speed = WIDTH[1] * max(float(np.std(donors.speed)), 1e-9)
    far = ((speed[:, None] - donors.speed) / by_speed) ** 2
    if donors.by_level:
        far += ((level[:, None] - donors.level) / by_level) ** 2
    far -= far.min(axis=1, keepdims=True)
    return np.exp(-0.5 * far) + 1e-6


def weights_of(p: Prepared, donors: Donors, row: int) -> np.ndarray:
    """Return how much each donor speaks for one area."""
    return _kernel(p, donors, slice(row, row + 1))[0]


def _speed_or_common(p: Prepared) -> np.ndarray:
    """Return the own recent speed, the panel's where an area has a single point."""
    return np.where(p.span >= 2, p.speed, p.common_speed)


def _kernel(p: Prepared, donors: Donors, part: slice) -> np.ndarray:
    """Return the donors' weights for a part of the areas."""
    return kernel(p.level[part], _speed_or_common(p)[part], donors)


def _weighted_medians(weight: np.ndarray, later: np.ndarray, horizon: int) -> np.ndarray:
    """Return for each row of weights the weighted median of each column of `later`."""
    moves = np.zeros((len(weight), horizon))
    reached = 0
    for h in range(min(horizon, later.shape[1])):
        known = np.flatnonzero(np.isfinite(later[:, h]))
        if len(known) < 8:
            break
        order = known[np.argsort(later[known, h], kind="stable")]
        heap = np.cumsum(weight[:, order], axis=1)
        middle = (heap < 0.5 * heap[:, -1:]).sum(axis=1)
        moves[:, h] = later[order[middle], h]
        reached = h + 1
    return _carry_on(moves, reached)


def _carry_on(moves: np.ndarray, reached: int) -> np.ndarray:
    """Continue moves beyond the last horizon reached, the yearly step fading by 0.9."""
    if 0 < reached < moves.shape[1]:
        step = moves[:, reached - 1] / reached
        more = np.arange(1, moves.shape[1] - reached + 1)
        moves[:, reached:] = moves[:, reached - 1][:, None] + step[:, None] * 0.9 * (1 - 0.9**more) / 0.1
    return moves
