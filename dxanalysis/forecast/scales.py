"""The scale a forecast works in: logit for shares, logarithm for what cannot fall below a bound, else as it is.

A share near 0 or 100 % cannot move freely; its logit can. `Scale` turns points into that scale and back, so that no
forecast of a share ever leaves its bounds (issue 2 point 4).
"""

from __future__ import annotations

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
    >>> read_bounds(None).kind, read_bounds((0, None)).kind, share.kind
    ('plain', 'log', 'logit')
    """

    lower: float
    upper: float

    @property
    def kind(self) -> str:
        """Name the transformation: logit, log, log-down or plain."""
        closed = np.isfinite(self.lower), np.isfinite(self.upper)
        return {(True, True): "logit", (True, False): "log", (False, True): "log-down", (False, False): "plain"}[closed]

    def to(self, values: np.ndarray | float) -> np.ndarray:
        """Turn points into the working scale (values at a bound are taken `EDGE` away from it)."""
        values = np.asarray(values, dtype=float)
        if self.kind == "logit":
            part = np.clip((values - self.lower) / (self.upper - self.lower), EDGE, 1 - EDGE)
            return np.log(part / (1 - part))
        if self.kind == "log":
            return np.log(np.maximum(values - self.lower, 1e-9))
        if self.kind == "log-down":
            return -np.log(np.maximum(self.upper - values, 1e-9))
        return values

    def back(self, scaled: np.ndarray) -> np.ndarray:
        """Turn the working scale back into points."""
        if self.kind == "logit":
            return self.lower + (self.upper - self.lower) / (1 + np.exp(-np.clip(scaled, -700, 700)))
        if self.kind == "log":
            return self.lower + np.exp(np.clip(scaled, -700, 700))
        if self.kind == "log-down":
            return self.upper - np.exp(np.clip(-np.asarray(scaled), -700, 700))
        return np.asarray(scaled, dtype=float)


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
