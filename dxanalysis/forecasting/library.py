"""What shares of other data sets did next from a given level and speed: the memory for series without peers.

One regression, learned over families of shares that have nothing to do with the series at hand (`learn`), gives the
next yearly change of the logit from the present level and recent speed; years ahead are reached by walking. A single
point has no speed: then the change expected from the level alone is used.
"""

from __future__ import annotations

import numpy as np

from dxanalysis.forecasting.prepared import Prepared

#: No yearly step of the logit beyond this is believed.
STEEPEST = 1.0


def terms(level: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """Return the regression's terms (series, 7): constant, speed, level, their squares and products."""
    low, fast = np.clip(level, -7, 7) / 4, np.clip(speed, -STEEPEST, STEEPEST)
    return np.stack([np.ones_like(low), fast, low, low**2, fast * low, fast * low**2, fast * np.abs(fast)], axis=-1)


def terms_of_level(level: np.ndarray) -> np.ndarray:
    """Return the terms (series, 3) where there is no speed."""
    low = np.clip(level, -7, 7) / 4
    return np.stack([np.ones_like(low), low, low**2], axis=-1)


def library(p: Prepared, steps: np.ndarray, memory: dict[str, list[float]]) -> np.ndarray:
    """Return the moves of the learned memory; for unbounded data the own speed fading by 0.8 a year."""
    if p.scale.kind != "logit":
        return p.speed[:, None] * 0.8 * (1 - 0.8**steps) / 0.2
    moves = np.empty((len(p.level), len(steps)))
    level, speed = p.level.copy(), p.speed.copy()
    with_speed, alone = np.array(memory["speed"]), np.array(memory["level"])
    for j in range(len(steps)):
        step = np.where(p.span >= 2, terms(level, speed) @ with_speed, terms_of_level(level) @ alone)
        step = np.clip(step, -STEEPEST, STEEPEST)
        level, speed = level + step, speed + (step - speed) / 3
        moves[:, j] = level - p.level
    return moves
