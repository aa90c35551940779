"""Turn published panels into training cells: what the forecaster saw, what its experts said, what came.

A *cell* is one panel at one origin with histories cut to one length. The same rules as for scoring decide which
series count, so that constants are learned on the tasks they are meant for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dxanalysis.forecasting import pooled, replays
from dxanalysis.forecasting.prepared import Prepared, prepare
from dxanalysis.forecasting.scales import Scale, read_bounds

#: Years ahead learned from, lengths the histories are cut to, and the most series and origins of one cell and panel.
AHEAD = 10  # = errors.FARTHEST
LENGTHS = (1, 2, 3, 4, 6, 10, 25)
SERIES = 18
ORIGINS = 10


@dataclass(frozen=True)
class Task:
    """One panel at one origin: histories (area, 40), actual later values (area, AHEAD), usual change of each area."""

    family: str
    panel: str
    scale: Scale
    history: np.ndarray
    actual: np.ndarray
    usual: np.ndarray


@dataclass(frozen=True)
class Cell:
    """A task at one length, with the experts' moves: rows are the series kept for learning."""

    family: str
    panel: str
    length: int
    prepared: Prepared
    past: replays.Replay
    moves: np.ndarray
    actual: np.ndarray
    usual: np.ndarray
    rows: np.ndarray


def tasks(table: pd.DataFrame) -> Iterator[Task]:
    """Yield the tasks of a table `dataset, panel, unit, year, value` (and `split` for competitions)."""
    for (family, panel), rows in table.groupby(["dataset", "panel"], sort=True):
        if "split" in rows.columns and rows["split"].notna().any():
            yield _competition(str(family), str(panel), rows)
        else:
            yield from _origins(str(family), str(panel), rows)


def _competition(family: str, panel: str, rows: pd.DataFrame) -> Task:
    """Return the one task of a competition: training parts as histories, test parts as what came."""
    history, actual, usual = [], [], []
    for _, series in rows.sort_values("year").groupby("series_id", sort=True):
        train = series.loc[series["split"] == "train", "value"].to_numpy(float)
        test = series.loc[series["split"] == "test", "value"].to_numpy(float)
        if len(train) >= 4:
            history.append(_right(train))
            actual.append(np.r_[test, np.full(AHEAD, np.nan)][:AHEAD])
            usual.append(np.abs(np.diff(train)).mean())
    return Task(family, panel, read_bounds(None), np.array(history), np.array(actual), np.array(usual))


def _right(values: np.ndarray) -> np.ndarray:
    """Return the last 40 values, right-aligned."""
    row = np.full(40, np.nan)
    row[40 - min(40, len(values)) :] = values[-40:]
    return row


def _origins(family: str, panel: str, rows: pd.DataFrame) -> Iterator[Task]:
    """Yield a panel of shares at every second origin that has three later years."""
    wide = rows.drop_duplicates(["unit", "year"]).pivot(index="year", columns="unit", values="value")
    wide = wide.reindex(range(int(wide.index.min()), int(wide.index.max()) + 1)).T.drop_duplicates()
    values = np.c_[wide.to_numpy(float), np.full((len(wide), AHEAD), np.nan)]
    years = wide.shape[1]
    for origin in list(range(years - 4, 3, -1 if years <= 12 else -2))[:ORIGINS]:
        chosen = [row for row in values if _counts(row, origin)]
        if len(chosen) >= 5:
            history = np.array([_right(_run(row, origin)) for row in chosen])
            actual = np.array([row[origin + 1 : origin + 1 + AHEAD] for row in chosen])
            usual = np.array([np.abs(np.diff(_run(row, origin))).mean() for row in chosen])
            yield Task(family, panel, read_bounds((0, 100)), history, actual, usual)


def _run(row: np.ndarray, origin: int) -> np.ndarray:
    """Return the unbroken values up to an origin, from the first that reaches 1 %."""
    seen = row[: origin + 1]
    gap = np.flatnonzero(~np.isfinite(seen))
    seen = seen[gap[-1] + 1 :] if len(gap) else seen
    begun = np.flatnonzero(seen >= 1)
    return seen[begun[0] :] if len(begun) else seen[:0]


def _counts(row: np.ndarray, origin: int) -> bool:
    """Tell whether a series has a history worth forecasting and three later years."""
    run = _run(row, origin)
    if len(run) < 4 or run[-1] < 0.5 or not np.isfinite(row[origin + 1 : origin + 4]).all():
        return False
    return bool((np.diff(run[-10:]) != 0).sum() >= min(3, len(run) - 1))


def cells(found: list[Task], together: bool, memory: dict[str, list[float]], seed: int = 0) -> list[Cell]:
    """Return the cells of tasks at every length, with or without the help of peers."""
    generator = np.random.default_rng(seed)
    return [
        cell
        for task in found
        for length in LENGTHS
        if (cell := _cell(task, length, together, memory, generator)) is not None
    ]


def _cell(
    task: Task, length: int, together: bool, memory: dict[str, list[float]], generator: np.random.Generator
) -> Cell | None:
    """Return a task cut to one length, or None where fewer than five series reach it."""
    part = task.history[:, -length:]
    long = np.isfinite(part).all(axis=1) if length < LENGTHS[-1] else np.full(len(part), True)
    least = 0.05 if task.scale.kind == "logit" else 1e-9
    moving = np.flatnonzero(task.usual[long] >= least)
    if long.sum() < 5 or len(moving) < 3:
        return None
    most = SERIES if task.scale.kind == "logit" else 8 * SERIES
    rows = moving if len(moving) <= most else np.sort(generator.choice(moving, most, replace=False))
    seen = np.flatnonzero(long) if together else np.flatnonzero(long)[rows]
    rows = rows if together else np.arange(len(rows))
    values = part[seen]
    p = prepare(values, np.ones_like(values), task.scale, together)
    past = pooled.replayed(p, memory)
    moves = pooled.expert_moves(p, np.arange(1, AHEAD + 1), memory)
    return Cell(task.family, task.panel, length, p, past, moves, task.actual[seen], task.usual[seen], rows)
