"""Public forecasting functions: quantiles of one series or a panel, textbook models beside them, simulated paths."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from dxanalysis.forecasting import pooled
from dxanalysis.forecasting.distributions import (
    LEVELS,
    METHOD,
    Bounds,
    Scale,
    check_horizon,
    check_levels,
    draw_paths,
    read_bounds,
    to_paths_table,
    to_table,
)
from dxanalysis.forecasting.experts import DAMPING, bridge
from dxanalysis.forecasting.histories import Panel, Revisions, errors_to_come, read_history, with_peers
from dxanalysis.forecasting.widths import Constants, shipped

MODELS = ("pooled", "naive", "drift", "damped", "theta")
COLUMNS = ["indicator", "definition", "area", "model", "origin", "year", "quantile", "value"]


def forecast_panel(
    history: pd.DataFrame,
    horizon: int,
    *,
    bounds: Bounds = None,
    quantiles: Sequence[float] | np.ndarray = LEVELS,
    constants: Constants | None = None,
) -> pd.DataFrame:
    """Forecast every area of one indicator, each helped by the others.

    With fewer than five areas each speaks for itself, helped only by what was learned from other data sets;
    `explain` and the column `note` of `forecast` say so.

    Parameters
    ----------
    history : DataFrame with area, year, value (annual; one indicator, one definition, one or many areas).
    horizon : years ahead of each area's own last year.
    bounds : (0, 100) for a share, (0, None) for a count, None for none.
    quantiles : probabilities wanted.
    constants : learned constants other than the shipped ones (to score families they have not seen).

    Returns
    -------
    DataFrame area, year, quantile, value, sorted by them; `attrs` name the method and the constants' version.

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
    levels, scale, learned = check_levels(quantiles), read_bounds(bounds), constants or shipped()
    panel = read_history(history, scale)
    table = to_table(pooled.fit(panel, check_horizon(horizon), scale, learned).marginals, levels)
    table.attrs = {"method": METHOD, "constants": learned.version}
    return table


def forecast(
    history: pd.DataFrame,
    horizon: int,
    *,
    model: str = "pooled",
    bounds: Bounds = None,
    peers: pd.DataFrame | None = None,
    quantiles: Sequence[float] | np.ndarray = LEVELS,
    revisions: Revisions = None,
    across_definitions: bool = False,
) -> pd.DataFrame:
    """Forecast one series (or a few), with the strength of its peers where they are given.

    Parameters
    ----------
    history : history table; `year` and `value` are enough. Rows before a break are left out;
        missing years are bridged only inside the models and counted in `bridged`.
    horizon : years ahead of the last one.
    model : "pooled" (the house's own), or "naive", "drift", "damped", "theta" (textbook models, one series at a time).
    bounds : (0, 100) for a share.
    peers : histories of other areas under the same definition; areas of `history` are left out of it.
    quantiles : probabilities wanted.
    revisions : standard deviation of the revision a figure still has to expect, in points, or past revisions; by
        default what the history knows of its releases (`facts.load_history`). It widens the pooled model's interval.
    across_definitions : let peers of another definition inform the forecast.

    Returns
    -------
    DataFrame indicator, definition, area, model, origin, year, quantile, value and, after these, `points` (comparable
    points used), `borrowed` (part of the forecast that rests on other series, 0..1), `bridged` (missing years inside),
    `method` and `note` (what the forecast had to do without).

    Raises
    ------
    ValueError
        For an unknown model, too few points for a textbook model, or a history that cannot be read.

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
    if model == "pooled":
        found, whole, panel = fitted(history, years, scale, peers, revisions, across=across_definitions)
        mine = np.isin(whole.areas, panel.areas)
        table, borrowed = to_table(found.marginals.only(mine), levels), pooled.borrowed(found)[mine]
        return _house_table(table, panel, history, model, borrowed, pooled.notes(found, panel))
    panel = read_history(history, scale)
    table, number = _baseline_table(model, panel, years, levels, scale), len(panel.areas)
    return _house_table(table, panel, history, model, np.zeros(number), [""] * number)


def forecast_paths(
    history: pd.DataFrame,
    horizon: int,
    *,
    n_paths: int = 2000,
    bounds: Bounds = None,
    peers: pd.DataFrame | None = None,
    seed: int = 0,
    revisions: Revisions = None,
    across_definitions: bool = False,
) -> pd.DataFrame:
    """Simulate futures: whole paths, joint over areas.

    "Reached at any time by 2030" and "3 to 7 of 34 provinces" need paths; the quantiles of single years cannot give
    them (their maximum is several points too low).

    Parameters
    ----------
    history, horizon, bounds, peers, revisions, across_definitions : see `forecast`.
    n_paths : number of paths.
    seed : same seed, same paths; an area's own shocks do not depend on which other areas are asked for.

    Returns
    -------
    DataFrame area, path, year, value; path 7 of one area belongs to path 7 of every other.

    Raises
    ------
    ValueError
        When fewer than one path is asked for, or the history cannot be read.
    """
    if n_paths < 1:
        raise ValueError(f"Number of paths {n_paths!r} is not at least 1. Ask for 1,000 or more.")
    scale, learned = read_bounds(bounds), shipped()
    found, whole, panel = fitted(history, check_horizon(horizon), scale, peers, revisions, across=across_definitions)
    mine = found.marginals.only(np.isin(whole.areas, panel.areas))
    return to_paths_table(mine, draw_paths(mine, n_paths, seed, learned.common, learned.drift))


#: Forecasts kept for the run, and the largest panel that is kept: what asks the same again reads the same.
KEPT, LARGEST_KEPT = 64, 1000
_kept: dict[tuple[object, ...], pooled.Fit] = {}


def fitted(
    history: pd.DataFrame, horizon: int, scale: Scale, peers: pd.DataFrame | None = None, revisions: Revisions = None,
    *, across: bool = False,
) -> tuple[pooled.Fit, Panel, Panel]:
    """Return the one forecast of a question, the panel it was made of, and the panel of the history alone.

    Quantiles, paths, explanation and precedents all come from here, so that no two of them tell two forecasts.
    """
    own = read_history(history, scale)
    whole = with_peers(history, peers, scale, across=across)
    extra = errors_to_come(history, own, whole, revisions)
    if len(whole.areas) > LARGEST_KEPT:
        return pooled.fit(whole, horizon, scale, shipped(), extra), whole, own
    held = (whole.areas, whole.origin, whole.values, extra)
    key = (horizon, scale, whole.values.shape, *(array.tobytes() for array in held))
    if key not in _kept:
        while len(_kept) >= KEPT:
            del _kept[next(iter(_kept))]
        _kept[key] = pooled.fit(whole, horizon, scale, shipped(), extra)
    return _kept[key], whole, own


def _baseline_table(model: str, panel: Panel, horizon: int, levels: np.ndarray, scale: Scale) -> pd.DataFrame:
    """Return the table of a textbook forecast, one series after the other."""
    frames = [pd.DataFrame({"area": pd.array([], dtype="str"), "year": [], "quantile": [], "value": []})]
    for area, origin, values in zip(panel.areas, panel.origin, panel.values, strict=True):
        first = int(np.argmax(np.isfinite(values)))
        grid = baseline(model, values[first:], horizon, levels, scale)
        years = np.repeat(np.arange(origin + 1, origin + horizon + 1), len(levels))
        part = {"area": area, "year": years, "quantile": np.tile(levels, horizon), "value": grid.ravel()}
        frames.append(pd.DataFrame(part))
    return pd.concat(frames[1:] or frames, ignore_index=True)


def _house_table(
    table: pd.DataFrame, panel: Panel, history: pd.DataFrame, model: str, borrowed: np.ndarray, notes: list[str]
) -> pd.DataFrame:
    """Return the forecast with the columns of the house, its evidence and its method."""
    place = np.searchsorted(panel.areas, table["area"].to_numpy(dtype=str))
    for column in ("indicator", "definition"):
        named = history[column].dropna() if column in history.columns else pd.Series(dtype="str")
        table[column] = str(named.iloc[0]) if len(named) else ""
    table["model"] = model
    table["origin"], table["points"] = panel.origin[place], panel.count[place]
    table["borrowed"], table["bridged"] = borrowed[place], panel.bridged[place]
    table["method"] = f"{METHOD}, constants {shipped().version}" if model == "pooled" else "textbook"
    table["note"] = pd.array(notes, dtype="str").take(place)
    return table[[*COLUMNS, "points", "borrowed", "bridged", "method", "note"]]


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


#: Fewest points each model needs.
NEEDS = {"naive": 2, "drift": 3, "damped": 4}
LEAST = NEEDS | {"theta": 4}  # theta is kept for backtests


def baseline(model: str, values: np.ndarray, horizon: int, levels: np.ndarray, scale: Scale) -> np.ndarray:
    """Return quantiles (h, level) of one series under a textbook model.

    Parameters
    ----------
    model : "naive" (random walk), "drift" (random walk with drift), "damped" (with a drift that fades) or "theta"
        (statsmodels, gaps bridged).
    values : the series year by year up to its last year; NaN where a year is missing.
    levels : probabilities.
    scale : bounds; the model is estimated on its working scale.

    Raises
    ------
    ValueError
        When the series has too few points for the model.
    """
    points = int(np.isfinite(values).sum())
    if points < LEAST[model]:
        raise ValueError(
            f"Model {model!r} needs {LEAST[model]} points and the history has {points}. "
            "Use model='pooled', which works from 1 point."
        )
    from scipy.special import ndtri

    mean, error = _estimate(model, scale.to(values), horizon)
    return scale.back(mean[:, None] + error[:, None] * ndtri(levels))


def _estimate(model: str, working: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return forecast means and standard errors in the working scale; all start at the last figure and widen.

    A random walk, a random walk with drift, and one whose drift fades by 0.9 a year: with four to ten points a fitted
    smoothing factor is nought or one by chance, so none is fitted. A gap of k years counts as one change of k steps.
    """
    if np.nanmax(working) - np.nanmin(working) < 1e-12:
        return np.full(horizon, working[-1]), np.zeros(horizon)
    if model == "theta":
        return _theta(working, horizon)
    known = np.flatnonzero(np.isfinite(working))
    gaps, changes = np.diff(known), np.diff(working[known])
    years = np.arange(1, horizon + 1)
    if model == "naive":
        return np.full(horizon, working[-1]), np.sqrt((changes**2 / gaps).mean() * years)
    drift = changes.sum() / gaps.sum()
    variance = ((changes - drift * gaps) ** 2 / gaps).sum() / (len(changes) - 1)
    ahead = years if model == "drift" else DAMPING * (1 - DAMPING**years) / (1 - DAMPING)
    return working[-1] + drift * ahead, np.sqrt(variance * (years + ahead**2 / gaps.sum()))


def _theta(working: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return means and standard errors of the Theta method (it takes no gaps: they are bridged)."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    bridged = bridge(working[None])[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # starting values of its optimiser; what it returns is what is compared
        fitted = ThetaModel(bridged, period=1, deseasonalize=False).fit()
        mean = np.asarray(fitted.forecast(horizon))
        ends = np.asarray(fitted.prediction_intervals(horizon, alpha=0.05))
    return mean, (ends[:, 1] - ends[:, 0]) / (2 * 1.959963984540054)
