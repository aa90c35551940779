"""What would have been forecast at each year's end with what was known then, beside what came."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from dxanalysis.forecasting.scales import Bounds
from dxanalysis.forecasting.series import forecast

RECORD_COLUMNS = ["as_of", "origin", "year", "low", "median", "high", "actual", "points", "borrowed", "inside"]
_QUANTILES = {0.1: "low", 0.5: "median", 0.9: "high"}


def look_back(
    stood: Mapping[str, pd.DataFrame], outcome: pd.DataFrame, *, bounds: Bounds = None, horizon: int = 3
) -> pd.DataFrame:
    """Forecast from each history as it stood on a day, and put the newest figure beside the forecast.

    Unlike a backtest on today's series, this uses the figures as they had been printed by then, so that later revisions
    help nobody. Peers are not used: their past releases are not all held.

    Parameters
    ----------
    stood : mapping of day to history
        What was known on each day (``facts.load_year_ends``); a history with fewer than two figures gives nothing.
    outcome : DataFrame
        The history as it stands now.
    bounds : pair, optional
        Natural bounds.
    horizon : int
        Years ahead.

    Returns
    -------
    DataFrame
        as_of, origin, year, low, median, high (80 % interval), actual (missing while unknown), points, borrowed,
        inside (1.0 or 0.0; missing while unknown); only years after the origin up to the last year observed. One origin
        that stood unchanged at two year-ends comes once, at the first.

    Examples
    --------
    >>> now = pd.DataFrame({"year": [2020, 2021, 2022, 2023], "value": [10.0, 10.5, 11.0, 11.5]})
    >>> found = look_back({"2022-12-31": now[:3]}, now, bounds=(0, 100), horizon=1)
    >>> found[["origin", "year", "actual", "inside"]].values.tolist()
    [[2022.0, 2023.0, 11.5, 1.0]]
    >>> len(look_back({}, now))
    0
    """
    parts, seen = [], []
    for day, history in stood.items():
        known = history[history["value"].notna()][["year", "value"]].values.tolist()
        if len(known) < 2 or known in seen or not len(outcome):
            continue
        seen.append(known)
        parts.append(_from(day, history, outcome, bounds, horizon))
    found = [part for part in parts if len(part)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=RECORD_COLUMNS)


def _from(day: str, history: pd.DataFrame, outcome: pd.DataFrame, bounds: Bounds, horizon: int) -> pd.DataFrame:
    said = forecast(history, horizon, bounds=bounds, quantiles=list(_QUANTILES))
    wide = said.pivot_table(index=["origin", "year"], columns="quantile", values="value").rename(columns=_QUANTILES)
    about = said.groupby(["origin", "year"])[["points", "borrowed"]].first()
    came = outcome.drop_duplicates("year").set_index("year")["value"]
    table = wide.join(about).reset_index()
    table = table[table["year"] <= came.index.max()].assign(as_of=day, actual=lambda rows: rows["year"].map(came))
    inside = table["actual"].between(table["low"], table["high"]).astype("float64")
    return table.assign(inside=inside.where(table["actual"].notna()))[RECORD_COLUMNS]
