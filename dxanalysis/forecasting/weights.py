"""How much each expert counts: learned starting weights, moved by the panel's own past.

An expert's evidence is the logarithm of its mean error in the replayed past (`replays`) over that of "nothing moves".
Its score is

    a + b log(n/6) + c log(h/3) + d [unbounded] + (features of the series) - trust * evidence

and the weights are the softmax of the scores; `belief` then draws them to rest where the past does not speak for
movement. All letters are learned (`learn`); the weights read as an explanation.
"""

from __future__ import annotations

import numpy as np

from dxanalysis.forecasting.constants import Gate
from dxanalysis.forecasting.prepared import Prepared
from dxanalysis.forecasting.replays import Replay, evidence


def features(p: Prepared) -> np.ndarray:
    """Return what tells which experts suit a series (area, 4): clear trend, clear panel, level, fewer than 3 points."""
    steps = p.span - 1
    own = np.abs(p.drift) * np.sqrt(np.maximum(steps, 1)) / np.sqrt(np.maximum(p.noise, 1e-8))
    own = np.where(steps >= 2, np.log1p(np.minimum(own, 20)), 0.8)
    common = 0.0
    if p.pooled and (steps >= 2).any():
        common = np.log1p(np.abs(p.common_speed) / np.sqrt(max(np.median(p.noise[steps >= 2]), 1e-8)))
    level = np.abs(p.level) / 4 if p.scale.kind == "logit" else np.full(len(p.level), 0.4)
    few = np.maximum(3 - p.span, 0) / 2
    return np.stack([own - 0.8, np.broadcast_to(common, own.shape) - 0.3, level - 0.4, few], axis=1)


def weigh(p: Prepared, past: Replay, gate: Gate, horizon: int) -> np.ndarray:
    """Return the weights (area, h, expert), summing to 1 over the experts."""
    score, _, _ = scores(p.span, features(p), *evidence(past, 0), p.scale.kind != "logit", gate, horizon)
    return softmax(score)


def softmax(score: np.ndarray) -> np.ndarray:
    """Return weights that sum to 1 along the last axis, in proportion to the exponential of the scores."""
    weight = np.exp(score - score.max(axis=-1, keepdims=True))
    return weight / weight.sum(axis=-1, keepdims=True)


def scores(
    span: np.ndarray,
    features: np.ndarray,
    near: np.ndarray,
    far: np.ndarray,
    plain: np.ndarray | bool,
    gate: Gate,
    horizon: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the scores (area, h, expert), the evidence they used and how far it is trusted (area, h)."""
    seen = np.log(np.clip(span, 1, 25) / 6)
    years = np.log(np.minimum(np.arange(1, horizon + 1), 6) / 3)
    first = (np.arange(horizon) == 0)[None, :, None]
    found = np.where(first, near[:, None, :], 0.3 * near[:, None, :] + 0.7 * far[:, None, :])
    unbounded = np.broadcast_to(np.reshape(np.asarray(plain, dtype=float), (-1, 1)), (len(span), 1))
    trust = np.exp(gate.trust[0] + gate.trust[1] * seen[:, None] + gate.trust[2] * years + gate.trust[3] * unbounded)
    start = gate.a + gate.b * seen[:, None, None] + gate.c * years[None, :, None] + gate.d * unbounded[:, :, None]
    return start + (features @ gate.g)[:, None, :] - trust[:, :, None] * found, found, trust
