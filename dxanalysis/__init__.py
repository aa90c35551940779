"""Is this digital-transformation target being met, how sure are we, and what would it take?

>>> import dxanalysis as dx
>>> history = dx.history("digital_economy_share", "Quảng Ninh")
>>> targets = dx.targets("digital_economy_share", "Quảng Ninh")
>>> history["value"].tolist(), targets["value"].tolist()
([3.0, 7.1], [20.0, 30.0])

Then ``dx.forecast(history)``, ``dx.attainment(history, targets)``, ``dx.judge(history, targets)``,
``dx.plot(history, targets)``; ``dx.show(table)`` says what a table is about. All of them take a table of your own with
the columns ``year, value``, too.
"""

import sys as _sys
from types import ModuleType as _ModuleType
from typing import Any as _Any

__version__ = "0.1.0"
_VERBS = ("attainment", "explore", "history", "judge", "measure", "place", "plot", "read", "report", "show", "targets")
_ROOMS = ("analysis", "batch", "briefing", "delivery", "facts", "forecast")
__all__ = ["__version__", *_VERBS, "forecast"]


class _Forecast(_ModuleType):
    """The room `forecast`, which is also the verb of that name."""

    def __call__(self, history: _Any, horizon: int | None = None, **options: _Any) -> _Any:
        """Forecast a series as quantiles per year.

        history: from `history`, a table of your own with year and value, or a Series of values over years.
        horizon: years ahead; by default five, or up to the last target of a catalogued series.
        options: indicator (a record of `measure` or a name), peers, model, quantiles, revisions.

        `help(dxanalysis.api.forecast)` tells all. As a room this name also holds forecast_paths, explain, backtest.
        """
        from dxanalysis.api import forecast

        return forecast(history, horizon, **options)


class _Package(_ModuleType):
    """This package: one name is both a room and a verb, and the import system must not make it one of them only."""

    def __setattr__(self, name: str, value: _Any) -> None:
        if name == "forecast" and type(value) is _ModuleType:
            value.__class__ = _Forecast
        super().__setattr__(name, value)


_sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> _Any:
    """Load a verb or a room when it is first used, so that importing the package costs nothing."""
    from importlib import import_module

    if name in _VERBS:
        return getattr(import_module("dxanalysis.api"), name)
    if name in _ROOMS:
        return import_module(f"dxanalysis.{name}")
    raise AttributeError(f"dxanalysis has no {name!r}. It has: {', '.join([*_VERBS, 'forecast'])}; rooms: {_ROOMS}")


def __dir__() -> list[str]:
    """List the verbs and the rooms, nothing else: this is what completion shows."""
    return sorted({*__all__, *_ROOMS})
