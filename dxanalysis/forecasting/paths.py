"""Simulated paths: the same distributions as the forecast table, joined over years and over areas.

A path is a walk of normal shocks z(1), z(2), … whose share of the year-to-year memory is that of a random walk with an
uncertain drift; each shock is turned into a value by the forecast distribution of its year, so that the paths of a
year have exactly the quantiles of the forecast table. Part of every shock is common to all areas: sister
units are hit by the same crises and the same changes of method, and independence would make joint statements far too
sure. Both the common part and the drift are learned from the errors of published panels (`learn_errors`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from dxanalysis.forecasting.marginals import Marginals


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
