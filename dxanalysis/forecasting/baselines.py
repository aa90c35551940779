"""Naive, drift, damped trend and theta through statsmodels, on the logit scale for shares.

These are the textbook models beside which the pooled forecaster is judged. They use one series only and their
intervals are too narrow for short ones (`backtest` shows by how much).
"""

from __future__ import annotations

import warnings

import numpy as np

from dxanalysis.forecasting.prepared import bridge
from dxanalysis.forecasting.scales import Scale

#: Fewest points each model needs.
NEEDS = {"naive": 2, "drift": 3, "damped": 4}
LEAST = NEEDS | {"theta": 4}  # theta is kept for backtests


def baseline(model: str, values: np.ndarray, horizon: int, levels: np.ndarray, scale: Scale) -> tuple[np.ndarray, str]:
    """Return quantiles (h, level) of one series under a textbook model, and a note.

    Parameters
    ----------
    model : "naive" (random walk), "drift" (random walk with drift) "damped" (additive damped trend, state
        space) or "theta" (Theta method, gaps bridged).
    values : the series year by year up to its last year; NaN where a year is missing (the Kalman filter skips it).
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
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mean, error = _estimate(model, scale.to(values), horizon)
    note = "statsmodels did not converge" if any("onverge" in str(w.message) for w in caught) else ""
    return scale.back(mean[:, None] + error[:, None] * normal_quantiles(levels)), note


def normal_quantiles(levels: np.ndarray) -> np.ndarray:
    """Return standard normal quantiles."""
    from scipy.special import ndtri

    return ndtri(levels)


def _estimate(model: str, working: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return forecast means and standard errors in the working scale."""
    if np.nanmax(working) - np.nanmin(working) < 1e-12:
        return np.full(horizon, working[-1]), np.zeros(horizon)
    if model == "theta":
        return _theta(working, horizon)
    from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    if model == "damped":
        engine = ExponentialSmoothing(working, trend=True, damped_trend=True)
    else:
        engine = SARIMAX(working, order=(0, 1, 0), trend="c" if model == "drift" else "n")
    forecast = engine.fit(disp=False).get_forecast(horizon)
    return np.asarray(forecast.predicted_mean), np.asarray(forecast.se_mean)


def _theta(working: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return means and standard errors of the Theta method (it takes no gaps: they are bridged)."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    bridged = bridge(working[None])[0][0]
    fitted = ThetaModel(bridged, period=1, deseasonalize=False).fit()
    mean = np.asarray(fitted.forecast(horizon))
    ends = np.asarray(fitted.prediction_intervals(horizon, alpha=0.05))
    return mean, (ends[:, 1] - ends[:, 0]) / (2 * 1.959963984540054)
