"""The distribution of each area in each future year, inside its bounds, and simulated paths with these margins.

A path is a random walk with an uncertain drift, each year's shock turned into a value by the forecast distribution of
that year (a Gaussian copula), so that the paths of a year have exactly the quantiles of the forecast table. Part of
every shock is common to all areas: sister units are hit by the same crises and changes of method, and independence
would make joint statements far too sure. Common part and drift are learned from the errors of published panels.

The transforms: a share near 0 or 100 % cannot move freely; its logit can. `Scale` turns points into that scale and
back, so that no forecast ever leaves its bounds. With one bound only (a count cannot fall below 0) the models work in
the unit itself and what they say is held at the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

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
METHOD = "pooled-8"


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


@dataclass(frozen=True)
class Marginals:
    """One distribution per area and year ahead.

    Attributes
    ----------
    areas, origin : names and last years
    centre : array (area, h), the middle of the forecast in points
    spread : array (area, h), the size of one standard error in points
    levels : array (level,), probabilities at which `errors` stands
    errors : array (kind, h, level), quantiles of the error divided by the spread
    kind : array (area,), which of them belongs to the area
    scale : bounds of the indicator
    """

    areas: np.ndarray
    origin: np.ndarray
    centre: np.ndarray
    spread: np.ndarray
    levels: np.ndarray
    errors: np.ndarray
    kind: np.ndarray
    scale: Scale

    def only(self, mask: np.ndarray) -> Marginals:
        """Return the areas under a mask."""
        rows = {name: getattr(self, name)[mask] for name in ("areas", "origin", "centre", "spread", "kind")}
        return replace(self, **rows)

    def quantiles(self, levels: np.ndarray) -> np.ndarray:
        """Return the values (area, h, level) that stand at these probabilities, sorted along the last axis."""
        z = np.zeros((*self.errors.shape[:2], len(levels)))
        for kind, h in np.ndindex(self.errors.shape[:2]):
            z[kind, h] = np.interp(levels, self.levels, self.errors[kind, h])
        return displace(self.centre[:, :, None], self.spread[:, :, None] * z[self.kind], self.scale)

    def chance_above(self, target: np.ndarray) -> np.ndarray:
        """Return the probability (area, h) of a value of at least the target (area,)."""
        error = unfold(self.centre, np.broadcast_to(target[:, None], self.centre.shape), self.scale) / self.spread
        chance = np.empty_like(error)
        for area, kind in enumerate(self.kind):
            for h, row in enumerate(self.errors[kind]):
                chance[area, h] = 1 - np.interp(error[area, h], row, self.levels)
        return chance

    def draw(self, uniform: np.ndarray) -> np.ndarray:
        """Return the values (area, path, h) at the probabilities `uniform` (same shape)."""
        z = np.empty_like(uniform)
        for area, kind in enumerate(self.kind):
            for h, row in enumerate(self.errors[kind]):
                z[area, :, h] = np.interp(uniform[area, :, h], self.levels, row)
        return displace(self.centre[:, None, :], self.spread[:, None, :] * z, self.scale)


def displace(centre: np.ndarray, error: np.ndarray, scale: Scale) -> np.ndarray:
    """Move a centre by an error in points without crossing a bound.

    An upward error shrinks the gap to the upper bound geometrically, a downward one the distance to the lower bound:
    ``upper - (upper - c) exp(-e / (upper - c))`` and ``lower + (c - lower) exp(-|e| / (c - lower))``; without a bound
    on that side it is simply added.

    Examples
    --------
    >>> from dxanalysis.forecasting.distributions import read_bounds
    >>> share = read_bounds((0, 100))
    >>> float(displace(np.array(50.0), np.array(0.0), share))
    50.0
    >>> bool(displace(np.array(99.0), np.array(30.0), share) < 100)
    True
    """
    up, down = np.maximum(error, 0), np.maximum(-error, 0)
    return centre + _rise(centre, up, scale.upper) - _rise(-centre, down, -scale.lower)


def unfold(centre: np.ndarray, actual: np.ndarray, scale: Scale) -> np.ndarray:
    """Return the error by which `displace` would have moved a centre to the actual value, its inverse.

    Examples
    --------
    >>> from dxanalysis.forecasting.distributions import read_bounds
    >>> share, centre = read_bounds((0, 100)), np.array(90.0)
    >>> round(float(unfold(centre, displace(centre, np.array(7.0), share), share)), 6)
    7.0
    """
    up, down = np.maximum(actual - centre, 0), np.maximum(centre - actual, 0)
    return _straight(up, scale.upper - centre) - _straight(down, centre - scale.lower)


def _straight(way: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Return the error that makes this way in this room (a hundredth of the room is never used up)."""
    if not np.isfinite(room).all():
        return way
    room = np.maximum(room, 1e-9)
    return -room * np.log(np.maximum(1 - way / room, 0.01))


def _rise(centre: np.ndarray, error: np.ndarray, bound: float) -> np.ndarray:
    """Return how far a centre rises by an error under an upper bound."""
    if not np.isfinite(bound):
        return error
    left = np.maximum(bound - centre, 0.0)
    room = np.maximum(left, 1e-9)  # never divide by the room of a value at its bound
    return np.minimum(-room * np.expm1(-error / room), left)


def to_table(m: Marginals, levels: np.ndarray) -> pd.DataFrame:
    """Return the quantiles as a table area, year, quantile, value (sorted by area, year, quantile)."""
    values = m.quantiles(levels)
    number, horizon, count = values.shape
    years = m.origin[:, None] + np.arange(1, horizon + 1)
    return pd.DataFrame(
        {
            "area": pd.array(m.areas, dtype="str").take(np.repeat(np.arange(number), horizon * count)),
            "year": np.repeat(years.ravel(), count),
            "quantile": np.tile(levels, number * horizon),
            "value": values.ravel(),
        }
    )


def draw_paths(m: Marginals, n_paths: int, seed: int, common: float, drift: float) -> np.ndarray:
    """Return simulated values (area, path, h).

    Parameters
    ----------
    m : distributions of every area and year.
    n_paths : number of paths; joint over areas: path 7 of one area belongs to path 7 of every other.
    seed : same seed, same paths.
    common : correlation between the shocks of two areas, 0..1.
    drift : standard deviation of a path's unknown drift relative to one year's shock.
    """
    from scipy.special import ndtr

    number, horizon = m.centre.shape
    shared = _walks(np.random.default_rng(seed), (n_paths,), horizon, drift)
    normal = np.empty((number, n_paths, horizon))
    for at, area in enumerate(m.areas):
        own = _walks(np.random.default_rng([seed, _key(area)]), (n_paths,), horizon, drift)
        normal[at] = np.sqrt(common) * shared + np.sqrt(1 - common) * own
    return m.draw(ndtr(normal))


def _key(area: str) -> int:
    """Return a number that depends on the area's name only, so that other areas do not change its paths."""
    return int.from_bytes(area.encode("utf-8")[-8:], "little") ^ (sum(area.encode("utf-8")) << 3)


def _walks(generator: np.random.Generator, shape: tuple[int, ...], horizon: int, drift: float) -> np.ndarray:
    """Return standard normal shocks per year with the memory of a random walk with uncertain drift."""
    steps = generator.standard_normal((*shape, horizon))
    slope = generator.standard_normal((*shape, 1))
    years = np.arange(1, horizon + 1)
    walk = np.cumsum(steps, axis=-1) + drift * slope * years
    return walk / np.sqrt(years + (drift * years) ** 2)


def to_paths_table(m: Marginals, values: np.ndarray) -> pd.DataFrame:
    """Return simulated values as a table area, path, year, value."""
    number, n_paths, horizon = values.shape
    years = m.origin[:, None, None] + np.arange(1, horizon + 1)
    return pd.DataFrame(
        {
            "area": pd.array(m.areas, dtype="str").take(np.repeat(np.arange(number), n_paths * horizon)),
            "path": np.tile(np.repeat(np.arange(n_paths), horizon), number),
            "year": np.broadcast_to(years, values.shape).ravel(),
            "value": values.ravel(),
        }
    )
