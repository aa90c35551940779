"""The quantile levels every forecast table of the house carries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: 21 levels: the median, the ends of the 50, 80, 90 and 95 % intervals, and steps of five points between.
LEVELS = np.array([0.025, *np.round(np.arange(0.05, 0.951, 0.05), 2), 0.975])

#: Version of the method (the constants it learned carry their own, see `learn`).
METHOD = "pooled-4"


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
