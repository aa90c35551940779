"""The record every published method returns, and the four-step scale on which they are compared."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pandas as pd

STEPS = ("achieved", "on_track", "acceleration_needed", "limited_progress", "moving_away", "not_available")
NEAR = 0.01  # within 1 % of a threshold a verdict is borderline


@dataclass(frozen=True)
class Verdict:
    """What one published method says about one series and one target.

    Attributes
    ----------
    method : str
        "statcan", "eustat", "un_chart", "destatis", "sdsn_colour", "sdsn_trend", "escap", "world_bank".
    value : float or None
        The statistic the method compares with its thresholds; None where it cannot be computed.
    status : str
        The method's own word; "not_available" where the method gives none.
    score : float or None
        The method's own score, where it has one.
    reason : str
        A short code for what is special about the case ("target_met", "one_point", "sign_change", ...).
    step : str
        The same verdict on the common scale (`STEPS`).
    statistic : str
        The name of `value` ("ratio", "growth", "share", "miss", ...).
    thresholds : tuple of float
        The thresholds `value` was compared with.
    projected : float or None
        The value the method expects in the target year (for "world_bank" the year of attainment).
    version, citation : str
        Which edition of the rule, and where it is published.

    Examples
    --------
    >>> verdict = Verdict("statcan", 0.9504, "substantial_progress", 2.5, step="on_track", thresholds=(0.95, 0.6, 0.0))
    >>> verdict.available, verdict.borderline
    (True, True)
    """

    method: str
    value: float | None
    status: str
    score: float | None
    reason: str = ""
    step: str = "not_available"
    statistic: str = ""
    thresholds: tuple[float, ...] = ()
    projected: float | None = None
    version: str = ""
    citation: str = ""

    @property
    def available(self) -> bool:
        """Tell whether the method reached a verdict."""
        return self.step != "not_available"

    @property
    def borderline(self) -> bool:
        """Tell whether the value lies within 1 % of a threshold, so that a rounding may turn the verdict."""
        return self.value is not None and is_near(self.value, self.thresholds)

    def with_reason(self, reason: str) -> Verdict:
        """Return the same verdict with another reason."""
        return replace(self, reason=reason)


@dataclass(frozen=True)
class Method:
    """Name, version and published source of a method; makes its verdicts."""

    name: str
    version: str
    citation: str

    def verdict(self, value: float | None, status: str, score: float | None, **more: object) -> Verdict:
        """Return a verdict of this method, a NaN value or score written as None.

        A value too large for a number is no verdict, unless the target is met, which needs no value.
        """
        value, projected = number(value), number(more.pop("projected", None))
        if value is not None and not math.isfinite(value):
            if more.get("step") != "achieved":
                return self.not_available("not_finite")
            value = None
        more["projected"] = projected if finite(projected) else None
        return Verdict(self.name, value, status, number(score), version=self.version, citation=self.citation, **more)

    def not_available(self, reason: str) -> Verdict:
        """Return the verdict that there is none, with the reason."""
        return self.verdict(None, "not_available", None, reason=reason)


def number(value: object) -> float | None:
    """Return a float, or None for None, NaN and NA, so that empty cells of a table may be passed on as they are.

    Examples
    --------
    >>> number(None), number(float("nan")), number(pd.NA), number(3)
    (None, None, None, 3.0)
    """
    return None if pd.isna(value) else float(value)


def is_near(value: float, thresholds: tuple[float, ...]) -> bool:
    """Tell whether a value lies within 1 % of one of the thresholds (for a threshold of 0: 1 % of the next one).

    Examples
    --------
    >>> is_near(0.9526, (0.95, 0.6, 0.0)), is_near(0.97, (0.95, 0.6, 0.0)), is_near(-0.005, (0.95, 0.6, 0.0))
    (True, False, True)
    """
    sizes = [abs(threshold) for threshold in thresholds if threshold]
    unit = min(sizes, default=1.0)
    return any(abs(value - limit) <= NEAR * (abs(limit) or unit) for limit in thresholds)


def finite(*values: float | None) -> bool:
    """Tell whether all values are there and finite."""
    return all(value is not None and math.isfinite(value) for value in values)
