"""How heavy the tails of this panel's own past errors are, against the shape borrowed from other data sets.

The replayed errors of the panel, divided by the sizes promised now, have a 95 % and an 80 % quantile. The logarithm of
their ratio, less that of the borrowed shape, averaged over the years stood at, is the tail; the ends of the
interval beyond 80 % are stretched by its exponential. A ratio of quantiles says nothing about the size of the
errors, which is learned elsewhere (`errors`), only about their shape, so that modelled series, whose errors are
all alike, get shorter tails than surveys that leap (a conformal correction, Vovk et al. 2005, of the tails alone).

Few errors cannot show their tails: the logarithm of such a ratio has a variance of about 1.3 / n where n areas were
replayed and errors are Laplace distributed (order statistics), and panels differ by about 0.15. So the tail is
taken n / (n + 60) times (empirical Bayes, Efron & Morris 1975), n over all years stood at.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: Replayed areas whose word is half believed.
DOUBT = 60.0

#: Least and most of a ratio to a borrowed quantile, and of the tail either way: a panel that hardly ever erred.
LEAST, MOST = 0.05, float(np.log(2))

#: Errors of one year stood at: the areas (row,) and what their forecasts missed (row, year ahead), in points.
Missed = tuple[np.ndarray, np.ndarray]


def tail(missed: Sequence[Missed], size: np.ndarray, shape: np.ndarray, kind: np.ndarray, levels: np.ndarray) -> float:
    """Return the logarithm by which the tails of a panel are longer than the shape borrowed (nothing replayed: 0).

    Parameters
    ----------
    missed : errors of the replayed past.
    size : array (area, year ahead), error sizes promised now.
    shape, kind, levels : borrowed quantiles of the standardised error, as `errors.shapes` returns them.
    """
    if not missed:
        return 0.0
    said = [_one_year(error / size[rows, : error.shape[1]], shape[kind[rows]], levels) for rows, error in missed]
    number = sum(len(rows) for rows, _ in missed)
    return float(np.clip(np.mean(said) * number / (number + DOUBT), -MOST, MOST))


def stretch(levels: np.ndarray, found: float, caution: np.ndarray) -> np.ndarray:
    """Return the factor of the borrowed shape at each probability: `caution` (inside, tails) times the tail found."""
    part = beyond(levels)
    return (caution[0] + part * (caution[1] - caution[0])) * np.exp(found * part)


def beyond(levels: np.ndarray) -> np.ndarray:
    """Return how far probabilities lie in the tails: 0 inside the 80 % interval, 1 from the ends of the 95 % one on."""
    return np.clip((np.abs(levels - 0.5) - 0.4) / 0.075, 0, 1)


def ends(shape: np.ndarray, levels: np.ndarray, outside: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper end of the standardised interval with this probability below and above it."""
    at = int(np.argmin(np.abs(levels - outside)))
    return shape[..., at], shape[..., len(levels) - 1 - at]


def against(standard: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return standardised errors as a part of their side of an interval (above 1: outside)."""
    return np.where(standard > 0, standard / high, standard / low)


def _one_year(standard: np.ndarray, shape: np.ndarray, levels: np.ndarray) -> float:
    """Return the log ratio of the 95 % and the 80 % quantile, each as a part of the borrowed one."""
    found = []
    for outside, share in ((0.025, 0.95), (0.1, 0.8)):
        interval = ends(shape[:, : standard.shape[1]], levels, outside)
        found.append(max(float(np.quantile(against(standard, *interval), share)), LEAST))
    return float(np.log(found[0] / found[1]))
