"""Forecasts of short annual indicators that deserve belief: borrowed strength, calibrated probabilities.

``forecast`` for one series, ``forecast_panel`` for many, ``simple_rules`` beside them, ``forecast_paths`` for simulated
futures, ``explain`` for how they came about, ``backtest`` for how good they would have been, ``archive`` and
``track_record`` for how good they were.
"""

from dxanalysis.forecast.backtest import backtest, reliability, summarise
from dxanalysis.forecast.explaining import explain
from dxanalysis.forecast.levels import LEVELS, METHOD
from dxanalysis.forecast.lookback import look_back
from dxanalysis.forecast.rules import simple_rules
from dxanalysis.forecast.series import forecast, forecast_panel, forecast_paths
from dxanalysis.forecast.track import archive, track_record

__all__ = [
    "LEVELS",
    "METHOD",
    "archive",
    "backtest",
    "explain",
    "forecast",
    "forecast_panel",
    "forecast_paths",
    "look_back",
    "reliability",
    "simple_rules",
    "summarise",
    "track_record",
]
