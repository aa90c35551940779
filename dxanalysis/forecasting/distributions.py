"""The distribution of each area in each future year, inside its bounds, and simulated paths with these margins.

A path is a random walk with an uncertain drift, each year's shock turned into a value by the forecast distribution of
that year (a Gaussian copula), so that the paths of a year have exactly the quantiles of the forecast table. Part of
every shock is common to all areas: sister units are hit by the same crises and changes of method, and independence
would make joint statements far too sure. Common part and drift are learned from the errors of published panels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dxanalysis.forecasting.transforms import Scale


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
    >>> from dxanalysis.forecasting.transforms import read_bounds
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
    >>> from dxanalysis.forecasting.transforms import read_bounds
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
    number, horizon = m.centre.shape
    shared = _walks(np.random.default_rng(seed), (n_paths,), horizon, drift)
    normal = np.empty((number, n_paths, horizon))
    for at, area in enumerate(m.areas):
        own = _walks(np.random.default_rng([seed, _key(area)]), (n_paths,), horizon, drift)
        normal[at] = np.sqrt(common) * shared + np.sqrt(1 - common) * own
    return m.draw(normal_cdf(normal))


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


def normal_cdf(values: np.ndarray) -> np.ndarray:
    """Return the standard normal distribution function."""
    from scipy.special import ndtr

    return ndtr(values)


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
