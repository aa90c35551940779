"""Learn from what the forecast of this panel has lately got wrong on the whole: its lean.

Where something spreads faster than whatever was learned from, every replayed forecast comes out too low, for all areas
at once. The lean is the mean over the years stood at of the mean over the areas of

    (sum of the signed errors of the replayed years ahead) / (1 + 2 + … + years ahead),

in the working scale: what a year ahead was missing. Areas share yearly shocks, so it is shrunk by how much the years
stood at differ: lean³ / (lean² + its squared standard error) (Efron & Morris 1975); the word of a single year is half
believed. It moves the forecast as far as movement is believed (`belief`),
so that a panel at rest, where the last shock says nothing about the next, keeps its middle. It adds up over as many
years as are replayed and fades beyond them.
"""

from __future__ import annotations

import numpy as np

from dxanalysis.forecasting.prepared import Prepared
from dxanalysis.forecasting.replays import BACK, Replay, Standing

#: The most one area may say, a year and in the working scale: a leap from next to nothing must not lead a panel.
MOST = 0.25

#: Part of the yearly lean that is left a year later, beyond the years replayed (the damping of the experts' trends).
FADING = 0.9


def lean(p: Prepared, past: Replay, weight: np.ndarray) -> float:
    """Return what the replayed forecasts under these weights (area, h, expert) were missing a year (no panel: 0)."""
    if not p.pooled or not past.standings:
        return 0.0
    common = weight.mean(axis=0, keepdims=True)
    said = np.array([np.clip(_missing(standing, common), -MOST, MOST).mean() for standing in past.standings])
    middle = float(said.mean())
    error = said.var(ddof=1) / len(said) if len(said) > 1 else middle**2
    return float(middle**3 / (middle**2 + error)) if middle else 0.0


def faded(steps: np.ndarray) -> np.ndarray:
    """Return the sum of a lean of 1 over each number of years ahead."""
    full = np.minimum(steps, max(BACK))
    return full + FADING * (1 - FADING ** (steps - full)) / (1 - FADING)


def _missing(standing: Standing, weight: np.ndarray) -> np.ndarray:
    """Return the signed error (row,) of a past forecast per year ahead."""
    ahead = np.arange(1, standing.actual.shape[1] + 1)
    came = standing.scale.to(standing.actual) / standing.unit[:, None] - standing.level[:, None]
    return (came - standing.mixture(weight)).sum(axis=1) / ahead.sum()
