"""Learn the size and the shape of forecast errors, and what shares of other data sets did next."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dxanalysis.forecasting import analogues, errors, library, pooled, replays, tails
from dxanalysis.forecasting.constants import Errors, Gate
from dxanalysis.forecasting.marginals import unfold
from tests.benchmarks.forecast_training import AHEAD, Cell, Task

#: Nodes of the error shapes: points seen, years ahead; quantiles of spikiness used as nodes; probabilities kept.
POINTS = np.array([1, 2, 3, 4, 6, 10, 25])
YEARS = np.array([1, 2, 4, 10])
SPIKES = (0.15, 0.5, 0.85)
#: Groups of families left out in turn for an honest look at errors.
FOLDS = 3
LEVELS = np.array([0.001, 0.01, 0.025, *np.round(np.arange(0.05, 0.951, 0.05), 2), 0.975, 0.99, 0.999])


@dataclass(frozen=True, eq=False)
class Past:
    """What the tails of one cell are judged by (`tails`): all its areas in the years replayed, and what was missed."""

    own: np.ndarray
    terms: np.ndarray
    span: np.ndarray
    spikes: np.ndarray
    missed: tuple[tails.Missed, ...]


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
    past: np.ndarray
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


def residuals(cells: list[Cell], gate: Gate) -> Residuals:
    """Return the errors the combined forecast makes on these cells."""
    parts = [(*_residuals(cell, gate), np.full(len(cell.rows), number)) for number, cell in enumerate(cells)]
    return Residuals(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def join(parts: list[Residuals]) -> Residuals:
    """Return the residuals of several sets of cells as one."""
    return Residuals(*(np.concatenate(column) for column in zip(*(vars(part).values() for part in parts), strict=True)))


def learn_errors(found: Residuals) -> Errors:
    """Return the size and shape of these errors, widened until families left out are covered as promised."""
    return replace(_fit(found), caution=np.array(_caution(found)))


def _fit(found: Residuals) -> Errors:
    """Return the size and shape of these errors."""
    weight = found.weight()
    size = _learn_size(found.own, found.terms, found.error, weight)
    standard = found.error / np.exp(found.own[:, None] + found.terms @ size)
    nodes = np.round(np.quantile(found.spikes, SPIKES), 2)
    shape = _learn_shape(standard, found.length, found.spikes, nodes, weight)
    return Errors(size, POINTS, YEARS, nodes, LEVELS, shape, np.ones(2))


def _caution(found: Residuals) -> tuple[float, float]:
    """Return the factors (at least 1) with which 80 and 95 % intervals cover families not learned from as promised."""
    families, ratios = np.unique(found.family), np.zeros((2, *found.error.shape))
    for fold in range(min(FOLDS, len(families))):
        held = np.isin(found.family, families[fold::FOLDS])
        learned, tested = _fit(found.where(~held)), found.where(held)
        ratios[:, held] = [_against_the_interval(tested, learned, outside) for outside in (0.1, 0.025)]
    mass = np.where(np.isfinite(ratios[0]), found.weight()[:, None], 0).ravel()
    inside, far = (_share_below(ratio.ravel(), mass, level) for ratio, level in zip(ratios, (0.8, 0.95), strict=True))
    return max(1.0, inside), max(1.0, far)


def _share_below(values: np.ndarray, mass: np.ndarray, share: float) -> float:
    """Return the value with this share of the mass below it."""
    order = np.argsort(np.nan_to_num(values, nan=-1), kind="stable")
    heap = np.cumsum(mass[order])
    return float(values[order][np.searchsorted(heap, share * heap[-1])])


def _against_the_interval(tested: Residuals, learned: Errors, outside: float) -> np.ndarray:
    """Return every error as a part of its side of the interval with this tail (above 1: outside)."""
    standard = tested.error / errors.sizes(tested.own, tested.terms, learned)
    ratio = tails.against(standard, *_ends(tested, learned, outside))
    part = float(tails.beyond(np.array(outside)))
    return ratio / np.exp(part * _tails(tested.past, learned))[:, None] if part > 0 else ratio


def _tails(past: np.ndarray, learned: Errors) -> np.ndarray:
    """Return the tail of the cell of each row (row,)."""
    said = {cell: _tail(cell, learned) for cell in set(past)}
    return np.array([said[cell] for cell in past])


def _tail(past: Past, learned: Errors) -> float:
    """Return the tail of one cell as a forecast would read it."""
    size = errors.sizes(past.own, past.terms, learned)
    shape, kind = errors.shapes(past.span, past.spikes, size.shape[1], learned)
    return tails.tail(past.missed, size, shape, kind, LEVELS)


def _ends(found: Residuals, learned: Errors, outside: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper end (row, h) of the standardised interval with this tail."""
    shape, kind = errors.shapes(found.length, found.spikes, AHEAD, learned)
    return tails.ends(shape[kind], LEVELS, outside)


def learn_shocks(found: Residuals, learned: Errors) -> tuple[float, float]:
    """Return what joins errors: the correlation between areas of a panel, and the drift in a path (see `paths`)."""
    standard = found.error / errors.sizes(found.own, found.terms, learned)
    interval = (learned.caution[0] * end for end in _ends(found, learned, 0.1))
    normal = np.clip(np.where(standard > 0, 1, -1) * tails.against(standard, *interval) * 1.28, -3, 3)
    return _common(normal, found), _drift(normal)


def _common(normal: np.ndarray, found: Residuals) -> float:
    """Return the mean correlation between two areas of one panel at one origin."""
    table = pd.DataFrame(normal[:, :6]).assign(family=found.family, cell=found.cell)
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


def _residuals(cell: Cell, gate: Gate) -> tuple[np.ndarray, ...]:
    """Return of one cell's kept rows what `Residuals` holds."""
    p, keep = cell.prepared, cell.rows
    outlook = pooled.combine(p, cell.past, cell.moves, gate)
    own, terms = errors.size_terms(p, outlook)
    # An error is measured where the bounds let it be as long as it is.
    error = unfold(outlook.centre[keep], cell.actual[keep], p.scale)
    count = len(keep)
    names = np.full(count, cell.length), np.full(count, cell.panel), np.full(count, cell.family)
    spikes, years = errors.spikiness(p), max(replays.BACK)
    past = np.full(count, Past(own, terms[:, :years], p.span, spikes, outlook.record.missed), dtype=object)
    return own[keep], terms[keep], error, spikes[keep], *names, past


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
    with_speed = _least_absolute(library.terms(level, speed), change, 1 / counts)
    return {"speed": with_speed, "level": _least_absolute(library.terms_of_level(level), change, 1 / counts)}


def _steps(task: Task) -> tuple[np.ndarray, ...]:
    """Return level, speed and next change of the last year of every series of a task."""
    working = task.scale.to(task.history)
    speed = analogues.speeds(working)[:, -1]
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
