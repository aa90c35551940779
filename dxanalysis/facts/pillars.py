"""Load an index with its pillars; each edition counts in its own way and stands apart."""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.catalogue import find_area, find_indicator
from dxanalysis.facts.fields import load_together
from dxanalysis.facts.history import AsOf, load_panel

# The pillars of each index, and the edition of a year: the DTI is recounted by new rules in some years, and the points
# of 800 that Quảng Ninh printed before its resolution belong to no edition of the DTI.
PILLARS = {
    "dti_total": {"government": "dti_government", "economy": "dti_economy", "society": "dti_society"},
    "dx_points_total": {
        "government": "dx_points_government", "economy": "dx_points_economy", "society": "dx_points_society",
    },
}  # fmt: skip
EDITIONS = {"dti_total": "DTI {year}", "dx_points_total": "DTI 800"}
RANKS = {"dti_total": ["dti_rank", "dti_government_rank", "dti_economy_rank", "dti_society_rank"]}
_COLUMNS = ["index", "edition", "area", "year", "pillar", "value", "status", "vintage", "source"]


def load_pillars(index: str, area: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the pillars of an index in one area, edition by edition.

    Parameters
    ----------
    index
        Id or name of the index (``dti_total``, ``dx_points_total``); an indicator that has no pillars gives no rows.
    area, as_of, through
        As in :func:`dxanalysis.facts.load_history`.

    Returns
    -------
    DataFrame
        ``index, edition, area, year, pillar, value, status, vintage, source``, sorted by year; the pillars in the
        order government, economy, society.

    Examples
    --------
    >>> load_pillars("dti_total", "quang-ninh", through=2020)[["edition", "pillar", "value"]].values.tolist()
    [['DTI 2020', 'government', 0.4513], ['DTI 2020', 'economy', 0.3019], ['DTI 2020', 'society', 0.3955]]
    >>> len(load_pillars("digital_economy_share", "quang-ninh"))
    0
    """
    found, place = find_indicator(index).id, find_area(area).id
    parts = PILLARS.get(found, {})
    if not parts:
        return pd.DataFrame(columns=_COLUMNS)
    return _as_pillars(load_together(list(parts.values()), place, as_of, through=through), found)


def load_scores(index: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the pillars of an index of every province that has them, in the columns of :func:`load_pillars`.

    Examples
    --------
    >>> scores = load_scores("dti_total", through=2020)
    >>> scores.groupby("edition")["area"].unique().to_dict()["DTI 2020"].tolist()
    ['bac-ninh', 'quang-ninh']
    """
    found = find_indicator(index).id
    panels = [load_panel(one, as_of=as_of, through=through) for one in PILLARS.get(found, {}).values()]
    held = [panel for panel in panels if len(panel)]
    return _as_pillars(pd.concat(held, ignore_index=True), found) if held else pd.DataFrame(columns=_COLUMNS)


def load_ranks(index: str, area: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the ranks published for an index and its pillars, in history columns.

    Examples
    --------
    >>> ranks = load_ranks("dti_total", "quang-ninh", through=2022)
    >>> ranks.loc[ranks["year"] == 2022, "indicator"].tolist()[:2]
    ['dti_rank', 'dti_government_rank']
    """
    return load_together(RANKS.get(find_indicator(index).id, []), find_area(area).id, as_of, through=through)


def _as_pillars(table: pd.DataFrame, index: str) -> pd.DataFrame:
    names = {indicator: pillar for pillar, indicator in PILLARS[index].items()}
    order = {pillar: place for place, pillar in enumerate(PILLARS[index])}
    years = table["year"].astype(str)
    edition = pd.Series([EDITIONS[index].format(year=year) for year in years], index=table.index, dtype="str")
    named = table.assign(index=index, pillar=table["indicator"].map(names), edition=edition)
    named = named.assign(_order=named["pillar"].map(order)).sort_values(["year", "area", "_order"], ignore_index=True)
    return named[_COLUMNS]
