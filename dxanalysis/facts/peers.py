"""Load the sister units of a series: other areas of its kind, the same indicator, the same definition."""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.catalogue import find_area
from dxanalysis.facts.history import AsOf, load_panel

# Under these, each area or source counts in a way of its own, and names no method.
EACH_ITS_OWN = ("province", "other")


def load_peers(history: pd.DataFrame, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the histories of the other areas of the same code list under the definition of a history.

    Old provinces are compared with old ones and merged ones with merged ones, because a boundary that moved is another
    unit. The nation has no peers in the package. Under an area's own report (``province``) or an unnamed source
    (``other``) nobody has peers: the figures of two areas then differ by method as two definitions do.

    Parameters
    ----------
    history
        History of one area, from :func:`load_history`; it may be empty.
    as_of, through
        As in :func:`load_history`.

    Returns
    -------
    DataFrame
        History columns, sorted by area and year, without the area itself; empty where there are no peers.

    Raises
    ------
    ValueError
        Where the history holds several series.

    Examples
    --------
    >>> from dxanalysis.facts.history import load_history
    >>> own = load_history("digital_economy_share", "ha-noi", "mic")
    >>> "ha-noi" in set(load_peers(own)["area"]), load_peers(own)["definition"].unique().tolist()
    (False, ['mic'])
    """
    if not len(history):
        return history
    series = history[["indicator", "definition", "area"]].drop_duplicates()
    if len(series) > 1:
        raise ValueError(f"Peers belong to one series; received {len(series)}. Give the history of one area.")
    row = series.iloc[0]
    if row["definition"] in EACH_ITS_OWN:
        return history[:0]
    area = find_area(row["area"])
    if not area.parent:
        return history[:0]
    level = "vn63" if area.code_vn63 else "vn34" if area.code_vn34 else area.level
    panel = load_panel(row["indicator"], row["definition"], as_of, through=through, level=level)
    return panel[panel["area"] != area.id].reset_index(drop=True)
