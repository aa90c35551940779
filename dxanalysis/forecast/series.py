"""The functions everybody uses: forecast one series or a panel, and simulate its paths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dxanalysis.forecast import baselines, pooled
from dxanalysis.forecast.constants import shipped
from dxanalysis.forecast.histories import Panel, read_history
from dxanalysis.forecast.levels import LEVELS, METHOD, check_horizon, check_levels
from dxanalysis.forecast.marginals import to_table
from dxanalysis.forecast.paths import draw_paths, to_paths_table
from dxanalysis.forecast.scales import Bounds, Scale, read_bounds

MODELS = ("pooled", "naive", "drift", "damped")
COLUMNS = ["indicator", "definition", "area", "model", "origin", "year", "quantile", "value"]


def forecast_panel(
    history: pd.DataFrame,
    horizon: int,
    *,
    bounds: Bounds = None,
    quantiles: Sequence[float] | np.ndarray = LEVELS,
    seed: int = 0,
) -> pd.DataFrame:
    """Forecast every area of one indicator, each helped by the others.

    Parameters
    ----------
    history : DataFrame with area, year, value (annual; one indicator, one definition, one or many areas).
    horizon : years ahead of each area's own last year.
    bounds : (0, 100) for a share, (0, None) for a count, None for none.
    quantiles : probabilities wanted.
    seed : kept for the signature; the forecast itself draws nothing at random.

    Returns
    -------
    DataFrame area, year, quantile, value, sorted by them.

    Raises
    ------
    ValueError
        For a history that cannot be read without guessing; see `histories.read_history`.

    Examples
    --------
    >>> table = pd.DataFrame({"year": range(2020, 2026), "value": [12.66, 12.87, 12.83, 12.87, 13.17, 14.02]})
    >>> list(forecast_panel(table, 2, bounds=(0, 100), quantiles=[0.5]).columns)
    ['area', 'year', 'quantile', 'value']
    >>> forecast_panel(table.assign(value="14 %"), 2, bounds=(0, 100))
    Traceback (most recent call last):
        ...
    ValueError: The history of 'series' has the value '14 %' in 2020. Give a finite number.
    """
    levels, scale = check_levels(quantiles), read_bounds(bounds)
    panel = read_history(history, scale)
    return to_table(pooled.fit(panel, check_horizon(horizon), scale, shipped()).marginals, levels)


def forecast(
    history: pd.DataFrame,
    horizon: int,
    *,
    model: str = "pooled",
    bounds: Bounds = None,
    peers: pd.DataFrame | None = None,
    quantiles: Sequence[float] | np.ndarray = LEVELS,
    seed: int = 0,
) -> pd.DataFrame:
    """Forecast one series (or a few), with the strength of its peers where they are given.

    Parameters
    ----------
    history : history table; `year` and `value` are enough.
    horizon : years ahead of the last one.
    model : "pooled" (the house's own), or "naive", "drift", "damped" (statsmodels, one series at a time).
    bounds : (0, 100) for a share.
    peers : histories of other areas under the same definition; areas of `history` are left out of it.
    quantiles : probabilities wanted.
    seed : see `forecast_panel`.

    Returns
    -------
    DataFrame indicator, definition, area, model, origin, year, quantile, value and, after these, `points` (comparable
    points used), `borrowed` (part of the forecast that rests on other series, 0..1), `method` and `note`.

    Examples
    --------
    >>> one = pd.DataFrame({"year": [2024], "value": [7.1]})
    >>> forecast(one, 1, model="naive", bounds=(0, 100))
    Traceback (most recent call last):
        ...
    ValueError: Model 'naive' needs 2 points and the history has 1. Use model='pooled', which works from 1 point.
    """
    if model not in MODELS:
        raise ValueError(f"Unknown model {model!r}. Use one of: {', '.join(MODELS)}.")
    levels, scale, years = check_levels(quantiles), read_bounds(bounds), check_horizon(horizon)
    panel = read_history(history, scale)
    if model == "pooled":
        found = pooled.fit(_with_peers(history, peers, scale), years, scale, shipped())
        table = to_table(found.marginals, levels)
        table = table[table["area"].isin(set(panel.areas))].reset_index(drop=True)
        notes = dict.fromkeys(panel.areas, "")
    else:
        table, notes = _baseline_table(model, panel, years, levels, scale)
    return _house_table(table, panel, history, model, notes)


def forecast_paths(
    history: pd.DataFrame,
    horizon: int,
    *,
    n_paths: int = 2000,
    bounds: Bounds = None,
    peers: pd.DataFrame | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Simulate futures: whole paths, joint over areas.

    "Reached at any time by 2030" and "3 to 7 of 34 provinces" need paths; the quantiles of single years cannot give
    them (their maximum is several points too low).

    Returns
    -------
    DataFrame area, path, year, value; path 7 of one area belongs to path 7 of every other.
    """
    if n_paths < 1:
        raise ValueError(f"Number of paths {n_paths!r} is not at least 1. Ask for 1,000 or more.")
    scale = read_bounds(bounds)
    panel = read_history(history, scale)
    found = pooled.fit(_with_peers(history, peers, scale), check_horizon(horizon), scale, shipped())
    table = to_paths_table(found.marginals, draw_paths(found.marginals, n_paths, seed))
    return table[table["area"].isin(set(panel.areas))].reset_index(drop=True)


def _with_peers(history: pd.DataFrame, peers: pd.DataFrame | None, scale: Scale) -> Panel:
    """Return the panel of the history and its peers."""
    if peers is None or not len(peers):
        return read_history(history, scale)
    read_history(peers, scale, "peers' history")
    if "area" not in peers.columns:
        raise ValueError("The peers' history has no column 'area'. Name the area of every row.")
    own = history if "area" in history.columns else history.assign(area="series")
    both = [own, peers[~peers["area"].isin(own["area"].unique())]]
    return read_history(pd.concat(both, ignore_index=True), scale, "history with its peers")


def _baseline_table(
    model: str, panel: Panel, horizon: int, levels: np.ndarray, scale: Scale
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the table of a statsmodels forecast, one series after the other, and a note for each."""
    frames, notes = [pd.DataFrame({"area": [], "year": [], "quantile": [], "value": []})], {}
    for area, origin, values in zip(panel.areas, panel.origin, panel.values, strict=True):
        first = int(np.argmax(np.isfinite(values)))
        grid, notes[area] = baselines.baseline(model, values[first:], horizon, levels, scale)
        years = np.repeat(np.arange(origin + 1, origin + horizon + 1), len(levels))
        frames.append(
            pd.DataFrame({"area": area, "year": years, "quantile": np.tile(levels, horizon), "value": grid.ravel()})
        )
    return pd.concat(frames[1:] or frames, ignore_index=True), notes


def _house_table(
    table: pd.DataFrame, panel: Panel, history: pd.DataFrame, model: str, notes: dict[str, str]
) -> pd.DataFrame:
    """Return the forecast with the columns of the house, its evidence and its method."""
    place = np.searchsorted(panel.areas, table["area"].to_numpy(dtype=str))
    for column in ("indicator", "definition"):
        named = history[column].dropna() if column in history.columns else pd.Series(dtype="str")
        table[column] = str(named.iloc[0]) if len(named) else ""
    table["model"] = model
    table["origin"], table["points"] = panel.origin[place], panel.count[place]
    table["borrowed"] = 1 / (1 + panel.count[place]) if model == "pooled" else 0.0
    table["method"] = METHOD if model == "pooled" else "statsmodels"
    table["note"] = pd.array([notes[area] for area in panel.areas], dtype="str").take(place)
    return table[[*COLUMNS, "points", "borrowed", "method", "note"]]
