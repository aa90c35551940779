"""Transforms a forecast works in (logit for shares, else the unit itself), quantile levels and horizons.

A share near 0 or 100 % cannot move freely; its logit can. `Scale` turns points into that scale and back, so that no
forecast ever leaves its bounds (issue 2 point 4). With one bound only (a count cannot fall below 0) the models work in
the unit itself and what they say is held at the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Bounds = tuple[float | None, float | None] | None

#: Nearest a bound a share is taken to be, as a part of the whole range (0.05 points of a percentage).
EDGE = 0.0005


@dataclass(frozen=True)
class Scale:
    """A pair of bounds (infinite where open) and the transformation that belongs to it.

    Examples
    --------
    >>> share = read_bounds((0, 100))
    >>> float(share.back(share.to(50.0)))
    50.0
    >>> share.kind, read_bounds((0, None)).kind, read_bounds(None).kind
    ('logit', 'plain', 'plain')
    >>> read_bounds((0, None)).back(np.array([-3.0, 5.0])).tolist()
    [0.0, 5.0]
    """

    lower: float
    upper: float

    @property
    def kind(self) -> str:
        """Name the transformation: logit or plain."""
        return "logit" if np.isfinite(self.lower) and np.isfinite(self.upper) else "plain"

    def to(self, values: np.ndarray | float) -> np.ndarray:
        """Turn points into the working scale (a share at a bound is taken `EDGE` away from it)."""
        values = np.asarray(values, dtype=float)
        if self.kind == "plain":
            return values
        part = np.clip((values - self.lower) / (self.upper - self.lower), EDGE, 1 - EDGE)
        return np.log(part / (1 - part))

    def back(self, scaled: np.ndarray) -> np.ndarray:
        """Turn the working scale back into points, inside the bounds."""
        if self.kind == "plain":
            return np.clip(np.asarray(scaled, dtype=float), self.lower, self.upper)
        return self.lower + (self.upper - self.lower) / (1 + np.exp(-np.clip(scaled, -700, 700)))


def read_bounds(bounds: Bounds) -> Scale:
    """Return the scale for a pair of bounds; None means none, and so does None on either side.

    Raises
    ------
    ValueError
        When the bounds are not a pair in rising order.

    Examples
    --------
    >>> read_bounds((100, 0))
    Traceback (most recent call last):
        ...
    ValueError: Bounds (100, 0) are not a rising pair. Give (0, 100) for a share, (0, None) for a count, None for none.
    """
    if bounds is None:
        return Scale(-np.inf, np.inf)
    cure = "Give (0, 100) for a share, (0, None) for a count, None for none."
    if len(tuple(bounds)) != 2:
        raise ValueError(f"Bounds {bounds!r} are not a pair. {cure}")
    low = -np.inf if bounds[0] is None else float(bounds[0])
    high = np.inf if bounds[1] is None else float(bounds[1])
    if not low < high:
        raise ValueError(f"Bounds {bounds!r} are not a rising pair. {cure}")
    return Scale(low, high)


#: 21 levels: the median, the ends of the 50, 80, 90 and 95 % intervals, and steps of five points between.
LEVELS = np.array([0.025, *np.round(np.arange(0.05, 0.951, 0.05), 2), 0.975])

#: Version of the method (the constants it learned carry their own, see `learn`).
METHOD = "pooled-6"


def check_levels(quantiles: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return quantile levels as a sorted array.

    Raises
    ------
    ValueError
        When there is none, or one lies outside 0..1 (exclusive).

    Examples
    --------
    >>> check_levels([0.9, 0.1]).tolist()
    [0.1, 0.9]
    >>> check_levels([95])
    Traceback (most recent call last):
        ...
    ValueError: Quantile level 95.0 is not between 0 and 1. Write 95 % as 0.95.
    """
    levels = np.unique(np.asarray(quantiles, dtype=float).ravel())
    if levels.size == 0:
        raise ValueError("No quantile level was given. Name at least one, for instance [0.1, 0.5, 0.9].")
    bad = levels[~((levels > 0) & (levels < 1))]
    if bad.size:
        raise ValueError(f"Quantile level {bad[0]} is not between 0 and 1. Write 95 % as 0.95.")
    return levels


def check_horizon(horizon: int) -> int:
    """Return the number of years ahead as an int of at least 1.

    Examples
    --------
    >>> check_horizon(5)
    5
    >>> check_horizon(0)
    Traceback (most recent call last):
        ...
    ValueError: Horizon 0 is not a number of years from 1 to 60. Give the years ahead, for instance 5.
    """
    if isinstance(horizon, bool) or not isinstance(horizon, (int, np.integer)) or not 1 <= horizon <= 60:
        cure = "Give the years ahead, for instance 5."
        raise ValueError(f"Horizon {horizon!r} is not a number of years from 1 to 60. {cure}")
    return int(horizon)
