"""Forecast the past from what was known before it, and say how a forecast came about: experts, borrowing, analogues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dxanalysis.forecasting import experts, forecasts, pooled, scoring
from dxanalysis.forecasting.distributions import LEVELS, METHOD, Bounds, check_horizon, read_bounds
from dxanalysis.forecasting.forecasts import MODELS, fitted
from dxanalysis.forecasting.histories import Panel, read_history
from dxanalysis.forecasting.widths import shipped

#: Steps of the default threshold of the event forecast, as a part of the range of the bounds.
STEP = 0.05


def backtest(
    history: pd.DataFrame,
    horizon: int = 3,
    *,
    bounds: Bounds = None,
    peers: pd.DataFrame | None = None,
    models: Sequence[str] = MODELS,
    origins: int = 4,
    least: int = 3,
    threshold: float | None = None,
) -> pd.DataFrame:
    """Stand at past origins, forecast with what was known then, and score against what came.

    Parameters
    ----------
    history, bounds, peers : as in `forecast`; the peers, too, are cut at each origin.
    horizon : years ahead.
    models : any of pooled, naive, drift, damped, theta (the last four through statsmodels).
    origins : number of past origins, the latest first.
    least : fewest points an area must have at an origin.
    threshold : value whose reaching is forecast as an event; by default the next step of 5 % of the bounds' range
        above the last value (the last value itself where there are no bounds).

    Returns
    -------
    DataFrame
        One row per area, model, origin and year: h, actual, median, error, crps, in80, in95, scale (mean absolute
        yearly change of the area's history up to the origin), threshold, probability, met. A model that cannot work
        with so few points has no row.

    Raises
    ------
    ValueError
        For an unknown model or a history that cannot be read.

    Examples
    --------
    >>> table = pd.DataFrame({"year": range(2016, 2026), "value": [9.0, 9.4, 10, 10.3, 11, 11.2, 11.9, 12.4, 13, 13.4]})
    >>> found = backtest(table, 2, bounds=(0, 100), models=["pooled", "naive"], origins=2)
    >>> found.groupby("model").size().to_dict()
    {'naive': 3, 'pooled': 3}
    """
    unknown = [model for model in models if model not in MODELS]
    if unknown:
        raise ValueError(f"Unknown model {unknown[0]!r}. Use any of: {', '.join(MODELS)}.")
    read_history(history, read_bounds(bounds))
    table = history if "area" in history.columns else history.assign(area="series")
    table = table[table["value"].notna()]
    frames = [
        _from_origin(table, peers, int(origin), horizon, bounds, models, least, threshold)
        for origin in sorted(table["year"].unique())[:-1][-origins:]
    ]
    return pd.concat(frames, ignore_index=True) if frames else _nothing()


def summarise(records: pd.DataFrame) -> pd.DataFrame:
    """Return one row per model over the forecasts all models made, the best first, and a warning where naive wins.

    Returns
    -------
    DataFrame
        model, n, mase, crps (both in units of the usual yearly change), cov80, cov95, brier, ece, warning.

    Examples
    --------
    >>> row = {"area": "a", "origin": 2024, "year": 2025, "scale": 0.5, "in80": 1.0, "in95": 1.0, "met": 1.0}
    >>> records = pd.DataFrame([row | {"model": "naive", "error": 0.1, "crps": 0.1, "probability": 0.5},
    ...                         row | {"model": "pooled", "error": 0.2, "crps": 0.1, "probability": 0.5}])
    >>> summarise(records)[["model", "mase", "warning"]].values.tolist()
    [['naive', 0.2, ''], ['pooled', 0.4, 'naive would have done better']]
    """
    if not len(records):
        return pd.DataFrame(columns=["model", "n", "mase", "crps", "cov80", "cov95", "brier", "ece", "warning"])
    models = records["model"].nunique()
    shared = records[records.groupby(["area", "origin", "year"])["model"].transform("nunique") == models]
    rows = [_summary(str(model), part) for model, part in shared.groupby("model")]
    table = pd.DataFrame(rows).sort_values("mase", kind="stable", ignore_index=True)
    naive = table.loc[table["model"] == "naive", "mase"]
    worse = table["mase"] > (naive.iloc[0] if len(naive) else np.inf)
    return table.assign(warning=np.where(worse, "naive would have done better", ""))


def _summary(model: str, part: pd.DataFrame) -> dict[str, object]:
    """Return the scores of one model."""
    chance = part["probability"] - part["met"]
    return {
        "model": model,
        "n": len(part),
        "mase": (part["error"] / part["scale"]).mean(),
        "crps": (part["crps"] / part["scale"]).mean(),
        "cov80": part["in80"].mean(),
        "cov95": part["in95"].mean(),
        "brier": (chance**2).mean(),
        "ece": scoring.calibration_error(part),
    }


def _from_origin(
    table: pd.DataFrame,
    peers: pd.DataFrame | None,
    origin: int,
    horizon: int,
    bounds: Bounds,
    models: Sequence[str],
    least: int,
    threshold: float | None,
) -> pd.DataFrame:
    """Return the scores of all models from one origin; nothing after it reaches them."""
    seen = _known_at(table, origin, least)
    if not len(seen):
        return _nothing()
    others = None if peers is None else peers[peers["year"] <= origin]
    frames = [_forecast(seen, model, horizon, bounds, others) for model in models]
    said = pd.concat(frames, ignore_index=True)
    found = scoring.score_quantiles(said, table)
    if not len(found):
        return _nothing()
    return _with_events(found, said, seen, bounds, threshold)


def _known_at(table: pd.DataFrame, origin: int, least: int) -> pd.DataFrame:
    """Return what was known at the end of a year, of areas that have a value in it and enough points."""
    seen = table[table["year"] <= origin]
    counts = seen.groupby("area")["year"].agg(["max", "size"])
    able = counts.index[(counts["max"] == origin) & (counts["size"] >= least)]
    return seen[seen["area"].isin(able)]


def _forecast(seen: pd.DataFrame, model: str, horizon: int, bounds: Bounds, peers: pd.DataFrame | None) -> pd.DataFrame:
    """Return the forecast table of one model (empty where it needs more points)."""
    if model != "pooled":
        enough = seen.groupby("area")["year"].transform("size") >= forecasts.LEAST[model]
        seen, peers = seen[enough], None
    return forecasts.forecast(seen, horizon, model=model, bounds=bounds, peers=peers, quantiles=LEVELS)


def _with_events(
    found: pd.DataFrame, said: pd.DataFrame, seen: pd.DataFrame, bounds: Bounds, threshold: float | None
) -> pd.DataFrame:
    """Add the scale of each area and the forecast of the event "the threshold is reached"."""
    ordered = seen.sort_values(["area", "year"])
    change = ordered.groupby("area")["value"].diff().abs().groupby(ordered["area"]).mean()
    last = ordered.groupby("area")["value"].last()
    found["scale"] = np.maximum(found["area"].map(change).to_numpy(float), 1e-9)
    limit = np.full(len(found), threshold) if threshold is not None else _next_step(found["area"].map(last), bounds)
    wide = said.pivot(index=scoring.KEYS, columns="quantile", values="value")
    rows = wide.loc[pd.MultiIndex.from_frame(found[scoring.KEYS])]
    chance = scoring.chance_above(wide.columns.to_numpy(float), rows.to_numpy(), limit)
    return found.assign(threshold=limit, probability=chance, met=(found["actual"].to_numpy() >= limit).astype(float))


def _next_step(last: pd.Series, bounds: Bounds) -> np.ndarray:
    """Return the next round threshold above the last value inside the bounds, else the last value."""
    scale = read_bounds(bounds)
    if scale.kind != "logit":
        return last.to_numpy(float)
    step = STEP * (scale.upper - scale.lower)
    return scale.lower + (np.floor((last.to_numpy(float) - scale.lower) / step) + 1) * step


def _nothing() -> pd.DataFrame:
    """Return an empty table of records."""
    columns = ["h", "actual", "median", "error", "crps", "in80", "in95", "scale", "threshold", "probability", "met"]
    return pd.DataFrame(columns=[*scoring.KEYS, *columns])


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
    said = forecasts.forecast(history, horizon, bounds=bounds, quantiles=list(_QUANTILES))
    wide = said.pivot_table(index=["origin", "year"], columns="quantile", values="value").rename(columns=_QUANTILES)
    about = said.groupby(["origin", "year"])[["points", "borrowed"]].first()
    came = outcome.drop_duplicates("year").set_index("year")["value"]
    table = wide.join(about).reset_index()
    table = table[table["year"] <= came.index.max()].assign(as_of=day, actual=lambda rows: rows["year"].map(came))
    inside = table["actual"].between(table["low"], table["high"]).astype("float64")
    return table.assign(inside=inside.where(table["actual"].notna()))[RECORD_COLUMNS]


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
    for name in dict.fromkeys((*experts.ALONE, *experts.TOGETHER)):
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
