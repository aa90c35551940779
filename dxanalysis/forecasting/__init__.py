"""Forecasts of short annual indicators that deserve belief: borrowed strength, calibrated probabilities.

``forecast`` for one series, ``forecast_panel`` for many, ``simple_rules`` beside them, ``forecast_paths`` for simulated
futures, ``precedents`` for what others did from the same
level, ``explain`` for how forecasts came about, ``backtest`` for how good they would have been, ``archive`` and
``track_record`` for how good they were.
"""

from dxanalysis.forecasting.backtest import backtest, reliability, summarise
from dxanalysis.forecasting.explaining import explain
from dxanalysis.forecasting.levels import LEVELS, METHOD
from dxanalysis.forecasting.lookback import look_back
from dxanalysis.forecasting.reference_class import Precedents, precedents
from dxanalysis.forecasting.rules import simple_rules
from dxanalysis.forecasting.series import forecast, forecast_panel, forecast_paths
from dxanalysis.forecasting.track import archive, track_record

__all__ = [
    "LEVELS",
    "METHOD",
    "Precedents",
    "archive",
    "backtest",
    "explain",
    "forecast",
    "forecast_panel",
    "forecast_paths",
    "look_back",
    "precedents",
    "reliability",
    "simple_rules",
    "summarise",
    "track_record",
]
