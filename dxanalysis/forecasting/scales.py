"""The scale a forecast works in: logit for shares between two bounds, else the unit itself.

A share near 0 or 100 % cannot move freely; its logit can. `Scale` turns points into that scale and back, so that no
forecast ever leaves its bounds (issue 2 point 4). With one bound only (a count cannot fall below 0) the models work in
the unit itself and what they say is held at the bound.
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
