"""How much each expert counts: learned starting weights, moved by the panel's own past.

The panel's past is *replayed*: standing 1, 2, … years before the last one, every expert forecasts what has since been
seen. An expert's evidence is the logarithm of its mean error over that of "nothing moves". Its score is

    a + b log(n/6) + c log(h/3) + d [unbounded] + (features of the series) - trust * evidence

and the weights are the softmax of the scores, drawn to naive where the panel's past does not speak for movement. All
letters are learned (`learn`); the weights read as an explanation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dxanalysis.forecast.constants import Gate
from dxanalysis.forecast.prepared import Prepared, prepare

#: Years before the last one at which the past is replayed, and the most areas used for it.
BACK = (1, 2, 3, 5)
AREAS = 300

Moves = Callable[[Prepared, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Replay:
    """Mean absolute errors of the past in units of each area's usual change: `near` one year ahead, `far` beyond.

    Attributes
    ----------
    near, far : array (area or 1, expert), NaN where nothing could be replayed
    cells : array (area or 1,), number of forecasts behind them
    """

    near: np.ndarray
    far: np.ndarray
    cells: np.ndarray


def replay(p: Prepared, moves_of: Moves, experts: int) -> Replay:
    """Return the past errors of every expert: pooled over the panel, or per series where each speaks for itself."""
    width = p.points.shape[1]
    rows = np.unique(np.linspace(0, len(p.level) - 1, AREAS).astype(int)) if p.pooled else np.arange(len(p.level))
    total = np.zeros((2, len(rows), experts))
    cells = np.zeros((2, len(rows)))
    for back in BACK:
        if width - back >= 2:
            _replay_from(p, rows, back, moves_of, total, cells)
    if p.pooled:
        total, cells = total.sum(axis=1, keepdims=True), cells.sum(axis=1, keepdims=True)
    mean = np.where(cells[:, :, None] > 0, total / np.maximum(cells, 1)[:, :, None], np.nan)
    return Replay(mean[0], mean[1], cells.sum(axis=0))


def _replay_from(
    p: Prepared, rows: np.ndarray, back: int, moves_of: Moves, total: np.ndarray, cells: np.ndarray
) -> None:
    """Add the errors made `back` years before the last one."""
    stand = p.points.shape[1] - back
    seen = p.points[rows, :stand]
    able = np.isfinite(seen[:, -2:]).all(axis=1)
    if able.sum() < (5 if p.pooled else 1):
        return
    rows_able = rows[able]
    past = prepare(seen[able], np.ones((able.sum(), stand)), p.scale, p.pooled)
    steps = np.arange(1, back + 1)
    moves = moves_of(past, steps)
    values = p.scale.back((past.level[:, None, None] + moves) * past.unit[:, None, None])
    error = np.abs(values - p.points[rows_able, None, stand:]) / usual_change(p)[rows_able, None, None]
    total[0, able] += error[:, :, 0]
    cells[0, able] += 1
    total[1, able] += error[:, :, 1:].sum(axis=2)
    cells[1, able] += back - 1


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


def evidence(past: Replay, naive: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the log error ratios to naive, one year ahead and beyond (0 where nothing could be replayed)."""
    found = []
    for error in (past.near, past.far):
        ratio = np.log((error + 0.05) / (error[:, [naive]] + 0.05))
        found.append(np.where(np.isfinite(ratio), np.clip(ratio, -1.5, 1.5), 0.0))
    near, far = found
    return near, np.where(np.isfinite(past.far), far, near)


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


#: A panel's past must speak for movement by this log ratio before it is half believed, and how sharply belief grows.
MARGIN = 0.02
SHARPNESS = 20.0


def weigh(p: Prepared, past: Replay, gate: Gate, horizon: int) -> np.ndarray:
    """Return the weights (area, h, expert), summing to 1 over the experts."""
    score, found, _ = scores(p.span, features(p), *evidence(past, 0), p.scale.kind != "logit", gate, horizon)
    weight = np.exp(score - score.max(axis=2, keepdims=True))
    weight = weight / weight.sum(axis=2, keepdims=True)
    return _do_no_harm(weight, found) if p.pooled and p.scale.kind == "logit" else weight


def _do_no_harm(weight: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Give naive more where the chosen experts did hardly better than it in the panel's own past.

    The belief in movement is a logistic function of the evidence for the chosen mixture, the same for the whole panel:
    in panels that only wander, pooled trends are chance and naive is hard to beat.
    """
    chosen = (weight * found).sum(axis=2).mean(axis=0)
    belief = 1 / (1 + np.exp(np.clip(SHARPNESS * (chosen + MARGIN), -50, 50)))
    mixed = weight * belief[None, :, None]
    mixed[:, :, 0] += 1 - belief
    return mixed


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
