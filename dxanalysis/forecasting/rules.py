"""Put the simple rules side by side: no change, the average change so far, a trend that fades."""

from __future__ import annotations

import pandas as pd

from dxanalysis.forecasting.baselines import NEEDS
from dxanalysis.forecasting.histories import read_history
from dxanalysis.forecasting.scales import Bounds, read_bounds
from dxanalysis.forecasting.series import COLUMNS, forecast

QUANTILES = (0.1, 0.5, 0.9)


def simple_rules(history: pd.DataFrame, horizon: int, *, bounds: Bounds = None) -> pd.DataFrame:
    """Forecast one series by every simple rule that has enough points; the others are left out.

    Parameters
    ----------
    history : history table of one area; `year` and `value` are enough. It may be empty.
    horizon : years ahead of the last one.
    bounds : (0, 100) for a share.

    Returns
    -------
    DataFrame
        The forecast columns with the quantiles 0.1, 0.5 and 0.9: naive (from two points), drift (three), damped (four).

    Examples
    --------
    >>> share = pd.DataFrame({"year": range(2020, 2024), "value": [12.66, 12.87, 12.83, 12.87]})
    >>> simple_rules(share, 1, bounds=(0, 100))["model"].unique().tolist()
    ['naive', 'drift', 'damped']
    >>> len(simple_rules(share[:1], 1, bounds=(0, 100)))
    0
    """
    counts = read_history(history, read_bounds(bounds)).count
    points = int(counts.min()) if len(counts) else 0
    fitted = [
        forecast(history, horizon, model=model, bounds=bounds, quantiles=QUANTILES)[COLUMNS]
        for model, needed in NEEDS.items()
        if points >= needed
    ]
    return pd.concat(fitted, ignore_index=True) if fitted else pd.DataFrame(columns=COLUMNS)
