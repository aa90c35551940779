"""Believe in movement only as far as the past speaks for it; otherwise say that little moves.

*In a panel*, the whole mixture of experts is replayed. Its evidence is the mean, over the years stood at, of the log
ratio of its error to that of "nothing moves", plus one standard error of that mean: areas share yearly shocks, so one
lucky year must not count as many areas. The belief is a logistic function of it, the same for the whole panel; the rest
goes to naive, or to the smoothed level where the panel's past speaks for that. Where nothing could be replayed, belief
is a half.

*A series alone* has too few years to replay. It is believed as far as its trend is clear: t² / (t² + 4), the factor by
which empirical Bayes keeps an estimate that stands t standard errors from nought (Efron & Morris 1975), doubled and at
most 1.3.
"""

from __future__ import annotations

import numpy as np

from dxanalysis.forecasting.prepared import Prepared
from dxanalysis.forecasting.replays import Replay

#: Log ratio by which the past must speak for movement to be half believed, and how sharply belief grows.
MARGIN = 0.04
SHARPNESS = 50.0

#: Standard error taken for the evidence of a single year.
ONE_YEAR = 0.1

#: Usual size of a yearly change (in the working scale) where a series has one change only: shares, unbounded data.
TYPICAL = {"logit": 0.06, "plain": 0.7}
DOUBT, AMPLE, MOST = 4.0, 2.0, 1.3


def in_movement(p: Prepared, past: Replay, weight: np.ndarray) -> float:
    """Return how far a panel's past speaks for the movement these weights (area, h, expert) see, 0..1 (no panel: 0)."""
    return _belief(_ratios(past, weight.mean(axis=0, keepdims=True)), MARGIN) if p.pooled else 0.0


def settle(p: Prepared, past: Replay, weight: np.ndarray, belief: float) -> np.ndarray:
    """Return the weights (area, h, expert) drawn to rest as far as movement is not believed (`in_movement`).

    The first expert is naive and the second reverting, as in `experts.OWN`.
    """
    if not p.pooled:
        return _follow(weight, np.where(p.span >= 2, clearness(p), 1.0))
    if p.scale.kind != "logit":
        return weight
    to_level = np.zeros((1, *weight.shape[1:]))
    to_level[:, :, 1] = 1
    back = _belief(_ratios(past, to_level), 0.0) if past.standings else 0.0
    settled = belief * weight
    settled[:, :, 0] += (1 - belief) * (1 - back)
    settled[:, :, 1] += (1 - belief) * back
    return settled


def clearness(p: Prepared) -> np.ndarray:
    """Return how far the movement of each series is believed when it stands alone (area,), 0..1.3."""
    steps = np.maximum(p.span - 1, 1)
    spread = (p.noise * (steps - 1) + TYPICAL[p.scale.kind] ** 2) / steps
    square = p.drift**2 * steps / spread
    return np.minimum(AMPLE * square / (square + DOUBT), MOST)


def _follow(weight: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Multiply what moves by a factor per area, at most until naive has nothing left."""
    moving = 1 - weight[:, :, 0]
    factor = np.minimum(factor[:, None], 1 / np.maximum(moving, 1e-9))
    settled = weight * factor[:, :, None]
    settled[:, :, 0] = np.maximum(1 - factor * moving, 0)
    return settled


def _ratios(past: Replay, weight: np.ndarray) -> np.ndarray:
    """Return for each year stood at the log ratio of the mixture's error to naive's."""
    found = []
    for standing in past.standings:
        rest = standing.misses(np.zeros_like(standing.actual)).sum()
        found.append(np.log((standing.mixed(weight).sum() + 1e-9) / (rest + 1e-9)))
    return np.array(found)


def _belief(ratios: np.ndarray, margin: float) -> float:
    """Return the belief, 0..1, that log error ratios give."""
    if not len(ratios):
        return 0.5
    error = ratios.std(ddof=1) if len(ratios) > 1 else ONE_YEAR
    evidence = ratios.mean() + error / np.sqrt(len(ratios))
    return float(1 / (1 + np.exp(np.clip(SHARPNESS * (evidence + margin), -50, 50))))
