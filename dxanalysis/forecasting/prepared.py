"""Turn a checked panel into the matrices and summaries the experts read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dxanalysis.forecasting.transforms import Scale


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
    span : points from the first to the last year of each row; bridged : how many of them were not published
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
    bridged: np.ndarray
    speed: np.ndarray
    drift: np.ndarray
    noise: np.ndarray
    common_speed: np.ndarray
    shrinkage: np.ndarray
    pooled: bool

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
    points, bridged = bridge(values)
    working = scale.to(points)
    unit = _unit(working) if scale.kind == "plain" else np.ones(len(points))
    return _summarise(points, working / unit[:, None], scale, unit, bridged, pooled)


def bridge(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join known years by straight lines; return the matrix and how many years of each row were bridged."""
    known = np.isfinite(values)
    inner = _inner_gap(known)
    if not inner.any():
        return values.copy(), np.zeros(len(values), dtype="int64")
    place = np.arange(values.shape[1])
    before = np.maximum.accumulate(np.where(known, place, -1), axis=1)
    after = np.minimum.accumulate(np.where(known, place, values.shape[1])[:, ::-1], axis=1)[:, ::-1]
    rows = np.arange(len(values))[:, None]
    left, right = values[rows, np.maximum(before, 0)], values[rows, np.minimum(after, values.shape[1] - 1)]
    part = (place - before) / np.maximum(after - before, 1)
    return np.where(inner, left + part * (right - left), values), inner.sum(axis=1)


def _inner_gap(known: np.ndarray) -> np.ndarray:
    """Mark unknown years that follow a known one."""
    return ~known & np.maximum.accumulate(known, axis=1)


def _unit(working: np.ndarray) -> np.ndarray:
    """Return each unbounded series' own step: its mean absolute change, 1 % of its value where it never moved."""
    changes = np.abs(np.diff(working, axis=1))
    known = np.isfinite(changes)
    own = np.where(known, changes, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    size = np.abs(working[:, -1])
    return np.where(own > TINY, own, np.where(size > TINY, 0.01 * size, 1.0))


def _summarise(
    points: np.ndarray, working: np.ndarray, scale: Scale, unit: np.ndarray, bridged: np.ndarray, pooled: bool
) -> Prepared:
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
        points, working, scale, unit, working[:, -1], steps + 1, bridged, speed, drift, noise, common, shrinkage, pooled
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
