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

from typing import Any as _Any

__version__ = "0.1.0"
_VERBS = (
    "assess", "attainment", "explore", "forecast", "history", "judge", "measure", "place", "plot", "precedents", "read",
    "report", "show", "targets",
)
_ERRORS = ("Unclear",)
_ROOMS = ("analysis", "batch", "briefing", "delivery", "facts", "forecasting")
__all__ = ["__version__", *_ERRORS, *_VERBS]


def __getattr__(name: str) -> _Any:
    """Load a verb or a room when it is first used, so that importing the package costs nothing."""
    from importlib import import_module

    if name in _ERRORS:
        return getattr(import_module("dxanalysis.facts.understand.reading"), name)
    if name == "assess":
        return import_module("dxanalysis.assessing").assess
    if name in _VERBS:
        return getattr(import_module("dxanalysis.api"), name)
    if name in _ROOMS:
        return import_module(f"dxanalysis.{name}")
    raise AttributeError(f"dxanalysis has no {name!r}. It has: {', '.join(_VERBS)}; rooms: {_ROOMS}")


def __dir__() -> list[str]:
    """List the verbs and the error they raise: this is what completion shows; the rooms are there without it."""
    return sorted({*_ERRORS, *_VERBS})
