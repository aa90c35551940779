"""Learn the constants from published panels: python -m tests.benchmarks.forecast_learn PANELS.parquet …

The result is written to dxanalysis/forecasting/constants.json (or to --out). With --without FAMILY … families are left
out: constants for scoring those honestly. What is learned: size and shape of errors, what shares of other
data sets did next (`experts.library`), and how errors hang together (`distributions.draw_paths`). Weights are not
learned. Same data, same result: sums are taken by one thread, since several add the same numbers in another order, and
the last digits decide which error is a quantile.

A *cell* is one panel at one origin with histories cut to one length. The same rules as for scoring decide which series
count, so that constants are learned on the tasks they are meant for.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dxanalysis.forecasting import experts, pooled, widths
from dxanalysis.forecasting.distributions import Scale, read_bounds, unfold
from dxanalysis.forecasting.experts import Prepared, prepare
from dxanalysis.forecasting.widths import Errors

#: What the package ships.
CONSTANTS = Path(__file__).resolve().parents[2] / "dxanalysis" / "forecasting" / "constants.json"

#: Years ahead learned from, lengths the histories are cut to, and the most series and origins of one cell and panel.
AHEAD = widths.FARTHEST
LENGTHS = (1, 2, 3, 4, 6, 10, 25)
SERIES = 18
ORIGINS = 10

#: Nodes of the error shapes: points seen, years ahead; quantiles of spikiness used as nodes; probabilities kept.
POINTS = np.array([1, 2, 3, 4, 6, 10, 25])
YEARS = np.array([1, 2, 4, 10])
SPIKES = (0.15, 0.5, 0.85)
LEVELS = np.array([0.001, 0.01, 0.025, *np.round(np.arange(0.05, 0.951, 0.05), 2), 0.975, 0.99, 0.999])


def learn(tables: list[pd.DataFrame], without: Sequence[str] = ()) -> str:
    """Return the JSON text of the constants learned from tables of panels, some families left out if named.

    Parameters
    ----------
    tables : DataFrames dataset, panel, unit, series_id, year, value, and split for competitions.
    without : families (`dataset`) to leave out.

    Raises
    ------
    ValueError
        When a family to leave out is not there.
    """
    families = sorted({str(name) for table in tables for name in table["dataset"].unique()})
    unknown = [name for name in without if name not in families]
    if unknown:
        raise ValueError(f"Unknown family {unknown[0]!r}. Families: {', '.join(families[:15])}.")
    found = [task for table in tables for task in tasks(table[~table["dataset"].isin(list(without))])]
    memory = learn_memory(found)
    both = [residuals(cells(found, together, memory)) for together in (True, False)]
    together, alone = (learn_errors(one) for one in both)
    return widths.write(together, alone, memory, learn_shocks(both[0], together), without)


@dataclass(frozen=True)
class Task:
    """One panel at one origin: histories (area, 40), actual later values (area, AHEAD), usual change of each area."""

    family: str
    panel: str
    scale: Scale
    history: np.ndarray
    actual: np.ndarray
    usual: np.ndarray


@dataclass(frozen=True, eq=False)
class Cell:
    """A task at one length with its forecast: rows are the series kept for learning."""

    family: str
    panel: str
    length: int
    prepared: Prepared
    outlook: pooled.Outlook
    actual: np.ndarray
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
    p = prepare(values, task.scale, together)
    outlook = pooled.outlook_of(p, AHEAD, memory)
    return Cell(task.family, task.panel, length, p, outlook, task.actual[seen], rows)


@dataclass(frozen=True)
class Residuals:
    """Errors of the combined forecast, row by row: what they are measured with and what they are weighed by."""

    own: np.ndarray
    terms: np.ndarray
    error: np.ndarray
    spikes: np.ndarray
    length: np.ndarray
    panel: np.ndarray
    family: np.ndarray
    cell: np.ndarray

    def where(self, mask: np.ndarray) -> Residuals:
        """Return the rows under a mask."""
        return Residuals(*(values[mask] for values in vars(self).values()))

    def weight(self) -> np.ndarray:
        """Return row weights: panels of one length alike, a family of m panels like √m."""
        table = pd.DataFrame({"panel": self.panel, "family": self.family, "length": self.length})
        size = table.groupby(["panel", "length"])["panel"].transform("size")
        weight = 1 / (size * np.sqrt(table.groupby("family")["panel"].transform("nunique")))
        return (weight / weight.sum()).to_numpy()


def residuals(found: list[Cell]) -> Residuals:
    """Return the errors the combined forecast makes on these cells."""
    return Residuals(*(np.concatenate(column) for column in zip(*map(_residuals, found), strict=True)))


def _residuals(cell: Cell) -> tuple[np.ndarray, ...]:
    """Return of one cell's kept rows what `Residuals` holds."""
    p, keep, outlook = cell.prepared, cell.rows, cell.outlook
    own, terms = widths.size_terms(p, outlook.record, outlook.centre, outlook.spoken)
    # An error is measured where the bounds let it be as long as it is.
    error = unfold(outlook.centre[keep], cell.actual[keep], p.scale)
    count = len(keep)
    names = np.full(count, cell.length), np.full(count, cell.panel), np.full(count, cell.family)
    return own[keep], terms[keep], error, widths.spikiness(p)[keep], *names, np.full(count, cell, dtype=object)


def learn_errors(found: Residuals) -> Errors:
    """Return the size and shape of these errors."""
    weight = found.weight()
    size = _learn_size(found.own, found.terms, found.error, weight)
    standard = found.error / np.exp(found.own[:, None] + found.terms @ size)
    nodes = np.round(np.quantile(found.spikes, SPIKES), 2)
    shape = _learn_shape(standard, found.length, found.spikes, nodes, weight)
    return Errors(size, POINTS, YEARS, nodes, LEVELS, shape)


def _against_the_interval(tested: Residuals, learned: Errors, outside: float) -> np.ndarray:
    """Return every error as a part of its side of the interval with this tail (above 1: outside)."""
    ratio = np.full(tested.error.shape, np.nan)
    for cell in dict.fromkeys(tested.cell):
        rows, keep = tested.cell == cell, cell.rows
        size, shape, kind = pooled.sized(cell.prepared, cell.outlook, learned)
        low, high = (end[kind[keep]] for end in widths.ends(shape, learned.levels, outside))
        error = tested.error[rows] / size[keep]
        ratio[rows] = np.where(error > 0, error / high, error / low)
    return ratio


def learn_shocks(found: Residuals, learned: Errors) -> tuple[float, float]:
    """Return what joins errors: the correlation between areas of a panel, and the drift in a path."""
    signed = np.sign(found.error) * _against_the_interval(found, learned, 0.1)
    normal = np.clip(signed * 1.28, -3, 3)
    return _common(normal, found), _drift(normal)


def _common(normal: np.ndarray, found: Residuals) -> float:
    """Return the mean correlation between two areas of one panel at one origin."""
    cells = pd.Series([id(cell) for cell in found.cell])
    table = pd.DataFrame(normal[:, :6]).assign(family=found.family, cell=cells)
    groups = table.groupby(["family", "cell"])
    count, total, square = groups.count(), groups.sum(), (table.set_index(["family", "cell"]) ** 2)
    square = square.groupby(["family", "cell"]).sum()
    pairs = (total**2 - square) / (count * (count - 1)).where(count >= 5)
    by_family = pairs.groupby("family").mean().mean(axis=1)
    return float(np.clip(by_family.mean() / np.nanmean(normal[:, :6] ** 2), 0, 0.9))


def _drift(normal: np.ndarray) -> float:
    """Return the drift whose paths have the correlations between years 1, 3 and 6 that the errors have."""
    known = np.isfinite(normal[:, :6]).all(axis=1)
    seen = np.corrcoef(normal[known][:, [0, 2, 5]].T)
    years = np.array([1.0, 3.0, 6.0])

    def miss(drift: float) -> float:
        cov = np.minimum(years[:, None], years) + drift**2 * years[:, None] * years
        return float(np.abs(cov / np.sqrt(np.outer(np.diag(cov), np.diag(cov))) - seen).sum())

    return float(min(np.arange(0, 2.01, 0.05), key=miss))


def _learn_size(own: np.ndarray, terms: np.ndarray, error: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the regression of the log error size with the greatest Laplace likelihood (a little ridge)."""
    from scipy.optimize import minimize

    known = np.isfinite(error)
    mass = (weight[:, None] * known / known.sum(axis=1, keepdims=True))[known]
    design, scaled = terms[known], np.abs(error / np.exp(own)[:, None])[known]
    scaled = np.minimum(scaled, 30)

    def loss(size: np.ndarray) -> tuple[float, np.ndarray]:
        log = design @ size
        ratio = scaled * np.exp(-log)
        value = (mass * (ratio + log)).sum() + 1e-4 * (size[1:] ** 2).sum()
        return value, design.T @ (mass * (1 - ratio)) + 2e-4 * np.r_[0, size[1:]]

    return minimize(loss, np.zeros(terms.shape[2]), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x


def _learn_shape(
    standard: np.ndarray, length: np.ndarray, spikes: np.ndarray, nodes: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """Return the weighted quantiles of standardised errors at every node, from neighbours in length, years, spikes."""
    shape = np.zeros((len(POINTS), len(YEARS), len(nodes), len(LEVELS)))
    for i, points in enumerate(POINTS):
        by_points = weight * np.exp(-0.5 * (np.log(length / points) / 0.3) ** 2)
        for j, year in enumerate(YEARS):
            by_years = np.exp(-0.5 * (np.log(np.arange(1, AHEAD + 1) / year) / 0.4) ** 2)
            for k, node in enumerate(nodes):
                by_spikes = by_points * np.exp(-0.5 * ((spikes - node) / 0.08) ** 2)
                shape[i, j, k] = _weighted_quantiles(standard, by_spikes[:, None] * by_years)
    # The bias of other data sets is not this one's: the middle of the forecast stays what the experts said.
    return shape - shape[..., LEVELS == 0.5]


def _weighted_quantiles(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return weighted quantiles at `LEVELS`."""
    use = np.isfinite(values) & (weight > 1e-3 * weight.max())
    order = np.argsort(values[use], kind="stable")
    heap = np.cumsum(weight[use][order])
    return np.interp(LEVELS, (heap - 0.5 * weight[use][order]) / heap[-1], values[use][order])


def learn_memory(found: list[Task]) -> dict[str, list[float]]:
    """Return the regressions of `library`: next change of the logit on level and speed, families weighing alike."""
    rows = [_steps(task) for task in found if task.scale.kind == "logit"]
    level, speed, change, family = (np.concatenate(column) for column in zip(*rows, strict=True))
    counts = pd.Series(family).groupby(family).transform("size").to_numpy()
    with_speed = _least_absolute(experts.terms(level, speed), change, 1 / counts)
    return {"speed": with_speed, "level": _least_absolute(experts.terms_of_level(level), change, 1 / counts)}


def _steps(task: Task) -> tuple[np.ndarray, ...]:
    """Return level, speed and next change of the last year of every series of a task."""
    working = task.scale.to(task.history)
    speed = experts.speeds(working)[:, -1]
    change = task.scale.to(task.actual[:, 0]) - working[:, -1]
    good = np.isfinite(speed) & np.isfinite(change)
    return working[good, -1], speed[good], np.clip(change, -1, 1)[good], np.full(good.sum(), task.family)


def _least_absolute(design: np.ndarray, answer: np.ndarray, weight: np.ndarray) -> list[float]:
    """Return the coefficients of least absolute deviations (iteratively reweighted least squares, a little ridge)."""
    coefficients = np.zeros(design.shape[1])
    for _ in range(60):
        rough = weight / np.maximum(np.abs(answer - design @ coefficients), 0.01)
        ridge = 1e-4 * rough.sum() * np.eye(design.shape[1])
        coefficients = np.linalg.solve((design.T * rough) @ design + ridge, (design.T * rough) @ answer)
    return coefficients.tolist()


def one_thread() -> dict[str, str]:
    """Return an environment in which the libraries under numpy use one thread."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
    return {**os.environ, **dict.fromkeys(names, "1")}


def main(arguments: list[str] | None = None) -> None:
    """Learn and write; in a process of its own where the environment allows more than one thread."""
    if one_thread() != dict(os.environ):
        command = [
            sys.executable,
            "-m",
            "tests.benchmarks.forecast_learn",
            *(sys.argv[1:] if arguments is None else arguments),
        ]
        raise SystemExit(subprocess.call(command, env=one_thread()))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="+", type=Path, help="parquet files of panels")
    parser.add_argument("--without", nargs="*", default=[], help="families to leave out")
    parser.add_argument("--out", type=Path, default=CONSTANTS)
    given = parser.parse_args(arguments)
    text = learn([pd.read_parquet(path) for path in given.data], given.without)
    given.out.write_text(text, encoding="utf-8")
    print(f"{given.out}: {len(text):,} bytes, version {widths.read(text).version}")


if __name__ == "__main__":
    main()
