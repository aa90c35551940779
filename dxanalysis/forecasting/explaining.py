"""Say how a forecast came about: which experts, how much borrowed, which peers and analogues spoke."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dxanalysis.forecasting import experts, pooled
from dxanalysis.forecasting.forecasts import fitted
from dxanalysis.forecasting.histories import Panel
from dxanalysis.forecasting.transforms import METHOD, Bounds, check_horizon, read_bounds
from dxanalysis.forecasting.widths import shipped

#: Part of the trend that must be kept for a trend to be called clear, a panel moving.
HALF = 0.5

#: Evidence grades by the least number of comparable points.
GRADES = ((6, "forecast"), (4, "pace"), (2, "direction"), (1, "level"), (0, "none"))


def explain(
    history: pd.DataFrame,
    horizon: int = 5,
    *,
    bounds: Bounds = None,
    peers: pd.DataFrame | None = None,
    across_definitions: bool = False,
    named: int = 5,
) -> pd.DataFrame:
    """Explain the pooled forecast of every area of a history.

    Parameters
    ----------
    history, horizon, bounds, peers, across_definitions : as in `forecast`.
    named : how many peers to name.

    Returns
    -------
    DataFrame
        One row per area: area, origin, points (comparable ones), bridged (missing years inside), cut (points before a
        break), grade (evidence), own and borrowed (parts of the forecast, summing to 1), own_slope_weight (part the own
        slope keeps against the panel's; 1 without a panel), why (below), kept (percent of the trend that is kept, the
        rest says no change), middle and drift (value in the last year ahead of the median, and of the series' own mean
        change carried on), peers (areas that informed it), peers_named (those whose past resembles the area's present
        most), analogues (effective number of past situations that spoke), one column weight_<expert> each, averaged
        over the years ahead and summing to 1, method, constants, note.

        `why` says why the middle lies where it lies: "one_figure" (level only), "trend_clear" or "trend_unclear" (a
        series alone: its yearly changes agree or not), "panel_moves" or "panel_rests" (following the trends of the
        panel would, or would not, have done better than no change in its last years), "panel_unbounded" (equal parts).

    Examples
    --------
    >>> table = pd.DataFrame({"year": range(2020, 2026), "value": [12.66, 12.87, 12.83, 12.87, 13.17, 14.02]})
    >>> row = explain(table, bounds=(0, 100)).iloc[0]
    >>> row["grade"], int(row["peers"]), row["note"]
    ('forecast', 0, 'fewer than 5 areas: no help from peers')
    """
    scale, learned = read_bounds(bounds), shipped()
    found, whole, panel = fitted(history, check_horizon(horizon), scale, peers, across=across_definitions)
    mine = np.flatnonzero(np.isin(whole.areas, panel.areas))
    table = pd.DataFrame(_evidence(found, panel, mine))
    heard = [_heard(found, whole, at, named) for at in mine]
    for column in ("peers", "peers_named", "analogues"):
        table[column] = [row[column] for row in heard]
    weight = found.outlook.weights[mine, :horizon].mean(axis=1)
    for name in experts.TOGETHER:
        at = found.names.index(name) if name in found.names else None
        table[f"weight_{name}"] = weight[:, at] if at is not None else 0.0
    table["method"], table["constants"] = METHOD, learned.version
    table["note"] = pd.array(pooled.notes(found, panel), dtype="str")
    return table


def _evidence(found: pooled.Fit, panel: Panel, mine: np.ndarray) -> dict[str, object]:
    """Return what each area brings itself."""
    borrowed = pooled.borrowed(found)[mine]
    return {
        "area": pd.array(panel.areas, dtype="str"),
        "origin": panel.origin,
        "points": panel.count,
        "bridged": panel.bridged,
        "cut": panel.cut,
        "grade": pd.array([_grade(count) for count in panel.count], dtype="str"),
        "own": 1 - borrowed,
        "borrowed": borrowed,
        "own_slope_weight": found.prepared.shrinkage[mine],
        **_middle(found, mine),
    }


def _middle(found: pooled.Fit, mine: np.ndarray) -> dict[str, object]:
    """Return why the middle lies where it lies, how much of the trend is kept, the middle and the simple drift."""
    p, centre = found.prepared, found.marginals.centre[:, -1]
    ahead = found.marginals.centre.shape[1]
    kept = found.outlook.kept
    names = ("panel_moves", "panel_rests") if p.pooled else ("trend_clear", "trend_unclear")
    why = np.where(kept >= HALF, *names)
    why = np.where(p.pooled and p.scale.kind != "logit", "panel_unbounded", np.where(p.span == 1, "one_figure", why))
    drift = p.scale.back((p.level + p.drift * ahead) * p.unit)
    return {
        "why": pd.array(why[mine], dtype="str"), "kept": 100 * kept[mine], "middle": centre[mine], "drift": drift[mine],
    }


def _grade(points: int) -> str:
    """Return the evidence grade of a number of comparable points."""
    return next(grade for least, grade in GRADES if points >= least)


def _heard(found: pooled.Fit, whole: Panel, at: int, named: int) -> dict[str, object]:
    """Return how many peers and analogues an area heard, and the areas whose past is most like its present."""
    donors = experts.find_donors(found.prepared)
    if donors is None:
        return {"peers": len(whole.areas) - 1 if found.prepared.pooled else 0, "peers_named": "", "analogues": 0.0}
    weight = experts.donor_weights(found.prepared, donors, at)
    by_area = pd.Series(weight).groupby(donors.row).sum()
    others = by_area.drop(at, errors="ignore").sort_values(ascending=False).index[:named]
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    names = ", ".join(whole.areas[row] for row in others)
    return {"peers": len(whole.areas) - 1, "peers_named": names, "analogues": effective}
