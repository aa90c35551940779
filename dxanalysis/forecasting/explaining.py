"""Say how a forecast came about: which experts, how much borrowed, which peers and analogues spoke."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dxanalysis.forecasting import analogues, pooled
from dxanalysis.forecasting.constants import shipped
from dxanalysis.forecasting.histories import Panel, read_history
from dxanalysis.forecasting.levels import METHOD, check_horizon
from dxanalysis.forecasting.panels import with_peers
from dxanalysis.forecasting.scales import Bounds, read_bounds

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
        slope keeps against the panel's; 1 without a panel), lean (points by which the first year ahead is moved because
        the panel's own past forecasts came out too low or too high), peers (areas that informed it), peers_named (those
        whose past resembles the area's present most), analogues (effective number of past situations that spoke),
        one column weight_<expert> each, averaged over the years ahead and summing to 1, method, constants, note.

    Examples
    --------
    >>> table = pd.DataFrame({"year": range(2020, 2026), "value": [12.66, 12.87, 12.83, 12.87, 13.17, 14.02]})
    >>> row = explain(table, bounds=(0, 100)).iloc[0]
    >>> row["grade"], int(row["peers"]), row["note"]
    ('forecast', 0, 'fewer than 5 areas: no help from peers')
    """
    scale, learned = read_bounds(bounds), shipped()
    panel = read_history(history, scale)
    whole = with_peers(history, peers, scale, across_definitions)
    found = pooled.fit(whole, check_horizon(horizon), scale, learned)
    mine = np.flatnonzero(np.isin(whole.areas, panel.areas))
    table = pd.DataFrame(_evidence(found, panel, mine))
    heard = [_heard(found, whole, at, named) for at in mine]
    for column in ("peers", "peers_named", "analogues"):
        table[column] = [row[column] for row in heard]
    weight = found.weights[mine].mean(axis=1)
    for name in pooled.TOGETHER:
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
        "lean": pooled.leaned(found)[mine],
    }


def _grade(points: int) -> str:
    """Return the evidence grade of a number of comparable points."""
    return next(grade for least, grade in GRADES if points >= least)


def _heard(found: pooled.Fit, whole: Panel, at: int, named: int) -> dict[str, object]:
    """Return how many peers and analogues an area heard, and the areas whose past is most like its present."""
    donors = analogues.find_donors(found.prepared, 1)
    if donors is None:
        return {"peers": len(whole.areas) - 1 if found.prepared.pooled else 0, "peers_named": "", "analogues": 0.0}
    weight = analogues.weights_of(found.prepared, donors, at)
    by_area = pd.Series(weight).groupby(donors.row).sum()
    others = by_area.drop(at, errors="ignore").sort_values(ascending=False).index[:named]
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    names = ", ".join(whole.areas[row] for row in others)
    return {"peers": len(whole.areas) - 1, "peers_named": names, "analogues": effective}
