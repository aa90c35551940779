"""Learn the letters of the expert scores: least mean absolute error over panels, families weighing alike.

The loss is the mean absolute scaled error of the combined forecast relative to naive's, averaged over panels and
lengths (a family of m panels weighs like √m), plus a squared hinge where a panel does worse than naive, plus a ridge
that keeps every letter near zero. Its gradient is exact;
the descent (Adam, Kingma & Ba 2015) is deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dxanalysis.forecasting import pooled, replays, weights
from dxanalysis.forecasting.constants import Gate
from tests.benchmarks.forecast_training import Cell

#: Years ahead the weights are learned on, rounds of descent, step, and ridge per letter.
AHEAD = 6
ROUNDS = 50
STEP = 0.08
#: Unbounded series: two families are too few to learn from nothing, so the letter d is kept near this start, which
#: leaves them to the steady trend, half own and half shrunk.
BLEND = {"steady_trend": 8.0}
#: The past of unbounded panels, whose series have little in common, is trusted less: start and ridge of that letter.
DOUBT, DOUBT_RIDGE = -2.5, 0.02
#: Extra loss of a panel that does worse than naive.
NO_HARM = 10.0
RIDGE = {"a": 4e-4, "b": 8e-4, "c": 8e-4, "d": 2e-2, "g": 8e-4}


@dataclass(frozen=True)
class Rows:
    """The kept rows of all cells as flat arrays."""

    family: np.ndarray
    group: np.ndarray
    naive: np.ndarray
    weight: np.ndarray
    plain: np.ndarray
    level: np.ndarray
    unit: np.ndarray
    span: np.ndarray
    moves: np.ndarray
    features: np.ndarray
    near: np.ndarray
    far: np.ndarray
    actual: np.ndarray
    usual: np.ndarray

    def where(self, mask: np.ndarray) -> Rows:
        """Return the rows under a mask."""
        return Rows(**{name: values[mask] for name, values in vars(self).items()})


def gather(cells: list[Cell]) -> Rows:
    """Return the kept rows of cells."""
    parts = [_gather(cell) for cell in cells]
    flat = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    panel, length = flat.pop("panel"), flat.pop("length")
    group = pd.Series(panel).str.cat(pd.Series(length).astype("str"), sep=" ").factorize()[0]
    return Rows(group=group, weight=_fair_weights(panel, group, flat["family"], flat["naive"]), **flat)


def _gather(cell: Cell) -> dict[str, np.ndarray]:
    """Return one cell's kept rows."""
    p, keep = cell.prepared, cell.rows
    near, far = replays.evidence(cell.past, 0)
    actual = cell.actual[keep, :AHEAD]
    naive = np.nanmean(np.abs(actual - p.points[keep, -1:]), axis=1) / cell.usual[keep]
    whole = np.ones(len(p.level))
    return {
        "family": np.full(len(keep), cell.family),
        "panel": np.full(len(keep), cell.panel),
        "length": np.full(len(keep), cell.length),
        "naive": naive,
        "plain": np.full(len(keep), p.scale.kind != "logit"),
        "level": p.level[keep],
        "unit": p.unit[keep],
        "span": p.span[keep],
        "moves": cell.moves[keep][:, :, :AHEAD].astype("float32"),
        "features": weights.features(p)[keep],
        "near": (near * whole[:, None])[keep],
        "far": (far * whole[:, None])[keep],
        "actual": actual,
        "usual": cell.usual[keep],
    }


def _fair_weights(panel: np.ndarray, group: np.ndarray, family: np.ndarray, naive: np.ndarray) -> np.ndarray:
    """Return row weights: every panel and length counts relative to naive's error, a family of m panels like √m."""
    table = pd.DataFrame({"panel": panel, "group": group, "family": family, "naive": naive})
    mean = table.groupby("group")["naive"].transform("mean")
    siblings = table.groupby("family")["panel"].transform("nunique")
    weight = 1 / (np.maximum(mean, 0.5) * table.groupby("group")["naive"].transform("size") * np.sqrt(siblings))
    return (weight / weight.sum()).to_numpy()


def learn_gate(rows: Rows) -> Gate:
    """Return the letters with the least loss on these rows."""
    experts = rows.moves.shape[1]
    gate = {name: np.zeros(experts) for name in "abcd"} | {"g": np.zeros((rows.features.shape[1], experts))}
    gate["d"] = _blend(experts)
    gate["trust"] = np.array([np.log(4.0), 0.3, -0.2, DOUBT])
    first = {name: np.zeros_like(value) for name, value in gate.items()}
    second = {name: np.zeros_like(value) for name, value in gate.items()}
    total = rows.weight.sum()
    for turn in range(1, ROUNDS + 1):
        slope = _gradient(rows, Gate(**gate), total)
        for name, value in gate.items():
            first[name] = 0.9 * first[name] + 0.1 * slope[name]
            second[name] = 0.99 * second[name] + 0.01 * slope[name] ** 2
            move = first[name] / (1 - 0.9**turn) / (np.sqrt(second[name] / (1 - 0.99**turn)) + 1e-8)
            gate[name] = value - STEP * (1 - 0.9 * turn / ROUNDS) * move
    return Gate(**gate)


def _gradient(rows: Rows, gate: Gate, total: float) -> dict[str, np.ndarray]:
    """Return the gradient of the loss by every letter."""
    score, found, trust = weights.scores(rows.span, rows.features, rows.near, rows.far, rows.plain, gate, AHEAD)
    weight = weights.softmax(score)
    said = rows.moves.transpose(0, 2, 1)
    move = (weight * said).sum(axis=2)
    by_score = weight * (said - move[:, :, None]) * _by_move(rows, move, total)[:, :, None]
    seen = np.log(np.clip(rows.span, 1, 25) / 6)
    years = np.log(np.arange(1, AHEAD + 1) / 3)
    by_series = by_score.sum(axis=1)
    by_trust = -(by_score * found).sum(axis=2) * trust
    slope = {
        "a": by_series.sum(axis=0),
        "b": seen @ by_series,
        "c": years @ by_score.sum(axis=0),
        "d": by_series[rows.plain].sum(axis=0),
        "g": rows.features.T @ by_series,
    }
    off = {name: getattr(gate, name) - (_blend(len(gate.d)) if name == "d" else 0) for name in slope}
    slope = {name: value + 2 * RIDGE[name] * off[name] for name, value in slope.items()}
    plain = by_trust[rows.plain].sum() + 2 * DOUBT_RIDGE * (gate.trust[3] - DOUBT)
    slope["trust"] = np.array([by_trust.sum(), (by_trust * seen[:, None]).sum(), (by_trust * years).sum(), plain])
    return slope


def _blend(experts: int) -> np.ndarray:
    """Return the start of the letter d over the experts."""
    return np.array([BLEND.get(name, 0.0) for name in pooled.TOGETHER[:experts]])


def _by_move(rows: Rows, move: np.ndarray, total: float) -> np.ndarray:
    """Return the derivative of the loss by the combined move (row, h)."""
    working = (rows.level[:, None] + move) * rows.unit[:, None]
    share = 100 / (1 + np.exp(-np.clip(working, -50, 50)))
    value = np.where(rows.plain[:, None], working, share)
    steep = np.where(rows.plain[:, None], rows.unit[:, None], share * (100 - share) / 100)
    known = np.isfinite(rows.actual)
    error = np.where(known, value - rows.actual, 0)
    part = known / known.sum(axis=1, keepdims=True) / rows.usual[:, None]
    weight = rows.weight / total * _harm(rows, (np.abs(error) * part).sum(axis=1))
    return weight[:, None] * part * np.sign(error) * steep


def _harm(rows: Rows, error: np.ndarray) -> np.ndarray:
    """Return the factor by which a panel counts more where the forecast does worse than naive (a squared hinge)."""
    groups = rows.group.max() + 1
    ratio = np.bincount(rows.group, error, groups) / np.maximum(np.bincount(rows.group, rows.naive, groups), 1e-12)
    return (1 + 2 * NO_HARM * np.maximum(ratio - 0.98, 0))[rows.group]
