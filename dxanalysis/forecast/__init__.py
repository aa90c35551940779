"""Forecasts of short annual indicators that deserve belief: borrowed strength, calibrated probabilities.

``forecast`` for one series, ``forecast_panel`` for many, ``forecast_paths`` for simulated futures.
"""

from dxanalysis.forecast.levels import LEVELS, METHOD
from dxanalysis.forecast.rules import simple_rules
from dxanalysis.forecast.series import forecast, forecast_panel, forecast_paths

__all__ = ["LEVELS", "METHOD", "forecast", "forecast_panel", "forecast_paths", "simple_rules"]
