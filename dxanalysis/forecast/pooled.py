"""The pooled forecaster: experts, weights and error sizes put together for all areas of a panel at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dxanalysis.forecast import analogues, experts
from dxanalysis.forecast.histories import Panel
from dxanalysis.forecast.marginals import Marginals
from dxanalysis.forecast.prepared import Prepared, prepare
from dxanalysis.forecast.scales import Scale

#: Fewer areas than this do not inform each other.
FEWEST_PEERS = 5

_FIRST = {"naive": 0.2, "half_slope": 0.15, "shrunk_slope": 0.2, "panel_slope": 0.1, "walk": 0.35}
_ALONE = {"naive": 0.35, "half_slope": 0.3, "holt": 0.35}


@dataclass(frozen=True)
class Fit:
    """What the pooled forecaster found: the distributions and how it got there.

    Attributes
    ----------
    marginals : distribution of each area and year
    names : experts, in the order of `weights`
    weights : array (h, expert)
    prepared : the matrices the experts read
    """

    marginals: Marginals
    names: tuple[str, ...]
    weights: np.ndarray
    prepared: Prepared


def fit(panel: Panel, horizon: int, scale: Scale) -> Fit:
    """Return the pooled forecaster's distributions for every area of a panel."""
    pooled = len(panel.areas) >= FEWEST_PEERS
    p = prepare(panel.values, panel.trust, scale, pooled)
    steps = np.arange(1, horizon + 1)
    moves = expert_moves(p, steps)
    table = _FIRST if "walk" in moves else _ALONE
    total = sum(table[name] * moves[name] for name in table)
    centre = scale.back((p.level[:, None] + total) * p.unit[:, None])
    size = _first_spread(p, steps)
    z = np.array([-4, -2.4, -1.75, -1.3, -0.68, 0, 0.68, 1.3, 1.75, 2.4, 4])
    levels = np.array([0.001, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.999])
    marginals = Marginals(panel.areas, panel.origin, centre, size, levels, np.tile(z, (horizon, 1)), scale)
    return Fit(marginals, tuple(table), np.tile(list(table.values()), (horizon, 1)), p)


def expert_moves(p: Prepared, steps: np.ndarray) -> dict[str, np.ndarray]:
    """Return the moves (area, h) of every expert that can speak."""
    moves = {name: expert(p, steps) for name, expert in experts.OWN.items()}
    if p.pooled:
        moves |= {name: expert(p, steps) for name, expert in experts.BORROWING.items()}
        donors = analogues.find_donors(p, len(steps))
        if donors is not None:
            moves["analogues"] = analogues.analogues(p, donors, steps)
            moves["walk"] = analogues.walk(p, donors, steps)
    return moves


def _first_spread(p: Prepared, steps: np.ndarray) -> np.ndarray:
    """Return the error size in points: own and panel volatility growing with the horizon."""
    changes = np.abs(np.diff(p.points, axis=1))
    known = np.isfinite(changes)
    own = np.where(known, changes, 0).sum(axis=1)
    pool = own.sum() / max(known.sum(), 1) if p.pooled else (1.0 if p.scale.kind == "logit" else p.unit)
    step = (own + 3 * pool) / (known.sum(axis=1) + 3)
    return step[:, None] * steps**0.8
