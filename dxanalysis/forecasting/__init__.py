"""Probabilistic forecasts of short annual series: pooled over panels, bounded, with calibrated quantiles.

``forecast`` for one series, ``forecast_panel`` for many, ``simple_rules`` beside them, ``forecast_paths`` for simulated
futures, ``precedents`` for what others did from the same level, ``explain`` for how forecasts came about, ``backtest``
for how good they would have been; ``scoring.archive`` and ``scoring.track_record`` for how good they were.
"""

from dxanalysis.forecasting.backtest import backtest, explain, look_back, summarise
from dxanalysis.forecasting.forecasts import forecast, forecast_panel, forecast_paths, simple_rules
from dxanalysis.forecasting.reference_class import Precedents, precedents

__all__ = [
    "Precedents",
    "backtest",
    "explain",
    "forecast",
    "forecast_panel",
    "forecast_paths",
    "look_back",
    "precedents",
    "simple_rules",
    "summarise",
]
