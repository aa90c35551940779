"""Predictive errors: scale from a learned regression, shape from pooled errors, recalibrated on the panel's own.

The size of an error (mean absolute, in points) is

    log size = own + B · terms,

own being the log of the area's usual yearly change and the terms logarithms of things measured against it (recent
change, the panel's usual change, the error of the replayed past, the disagreement of the experts) and of years ahead
and points seen. Its quantiles are those of *other* data sets' errors divided by their size, by number of points, years
ahead and spikiness: with 4 to 10 points no series can teach its own tails.

A panel's own replayed errors then correct the 80 and the 95 % interval: the quantile of their ratio to the promised
end, shrunk by the origins replayed (split conformal prediction, Vovk et al. 2005, with few and dependent errors).
Weighing them by how alike the areas are (in usual change or in level) covered no better, families left out.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np

from dxanalysis.forecasting.experts import Prepared, usual_change

#: The most points whose number still matters, and the most years ahead learned from.
MOST_POINTS, FARTHEST = 25, 10
#: Origins whose errors correct an interval half-way, and the most of the correction either way (log). Fewer than 8
#: leave more panels below 90 %, more than 24 more above 98.5 %.
SCALE_WORTH, SCALE_MOST = 12.0, float(np.log(1.5))
#: Factors of the borrowed shape inside the 80 % interval and at the ends of the 95 % one, for panels and for series
#: alone, with which panels of families not learned from are covered as promised (.79 and .95 on 53 of them).
CAUTION, CAUTION_ALONE = (1.08, 1.25), (1.1, 1.25)

#: Power with which errors follow the room to move from the years seen to the year forecast, and the log ratios between
#: which they do. The 80 % intervals of internet use five years ahead covered 58 % from below 15 % and 94 % from above
#: 80 %; .4 made it 74 and 90 %, families left out; .3 to .6 gained alike, .6 lost above 80 %.
ROOM, ROOM_RANGE = 0.4, (-0.7, 1.5)


@dataclass(frozen=True)
class Record:
    """Errors the combined forecast would have made, in usual changes.

    Attributes
    ----------
    by_year : array (area or 1, year ahead), mean error; NaN where nothing could be replayed
    own : array (area,), each area's own mean error per year ahead; the panel's median where it has none, NaN where
        nobody has
    counted : array (area,), origins of each area
    missed : rows, origin's error in points (row, year ahead) of every origin of a panel
    """

    by_year: np.ndarray
    own: np.ndarray
    counted: np.ndarray
    missed: tuple[tuple[np.ndarray, np.ndarray], ...]


@dataclass(frozen=True)
class Errors:
    """Learned size and shape of forecast errors.

    Attributes
    ----------
    size : array (term,), regression of the log error size
    points, years, spikes : nodes of series length, years ahead and spikiness
    levels : array (level,), probabilities
    shape : array (point node, year node, spike node, level), quantiles of the error divided by its size
    """

    size: np.ndarray
    points: np.ndarray
    years: np.ndarray
    spikes: np.ndarray
    levels: np.ndarray
    shape: np.ndarray


@dataclass(frozen=True)
class Constants:
    """Everything learned: errors in panels (`together`) and of series without peers (`alone`).

    `memory` belongs to `experts.library`, `common` and `drift` to `distributions.draw_paths`; `without` names families
    left out of learning; `version` is the start of the text's SHA-256.
    """

    together: Errors
    alone: Errors
    memory: dict[str, list[float]]
    common: float
    drift: float
    without: tuple[str, ...]
    version: str


@functools.cache
def shipped() -> Constants:
    """Return the constants shipped with the package.

    Examples
    --------
    >>> len(shipped().version)
    8
    """
    return read(resources.files("dxanalysis.forecasting").joinpath("constants.json").read_text(encoding="utf-8"))


def read(text: str) -> Constants:
    """Return the constants of a JSON text."""
    raw = json.loads(text)
    errors = [Errors(**{k: np.array(v) for k, v in raw[name].items()}) for name in ("together", "alone")]
    version = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Constants(*errors, raw["memory"], raw["common"], raw["drift"], tuple(raw["without"]), version)


def write(
    together: Errors, alone: Errors, memory: dict[str, list[float]], shocks: tuple[float, float], without: Sequence[str]
) -> str:
    """Return the JSON text of learned constants, rounded so that machines agree."""
    raw = {
        "about": "Learned by python -m tests.benchmarks.forecast_learn from published panels of shares and from yearly "
        "series of the M1 and tourism competitions; no observation is in here. See widths.py.",
        "together": {k: np.round(v, 3).tolist() for k, v in vars(together).items()},
        "alone": {k: np.round(v, 3).tolist() for k, v in vars(alone).items()},
        "memory": {name: np.round(values, 4).tolist() for name, values in memory.items()},
        "common": round(shocks[0], 3),
        "drift": round(shocks[1], 3),
        "without": list(without),
    }
    return json.dumps(raw, indent=None, separators=(",", ":")).replace('},"', '},\n"').replace('],"', '],\n"') + "\n"


def size_terms(p: Prepared, record: Record, centre: np.ndarray, spoken: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the own log change (area,) and the terms of the regression (area, h, term).

    Parameters
    ----------
    p : the panel; record : its replayed errors.
    centre : array (area, h), the middle of the forecast; spoken : array (area, expert, h), the experts' values.
    """
    horizon = centre.shape[1]
    own = np.log(usual_change(p))
    years = np.log(np.minimum(np.arange(1, horizon + 1), FARTHEST) / 3)
    seen = np.log(np.clip(p.span, 1, MOST_POINTS) / 6)
    alike = p.pooled and p.scale.kind == "logit"  # the sizes of unbounded series cannot be compared
    common = (np.log(np.median(usual_change(p))) - own) if alike else np.zeros(len(own))
    replayed, beyond = _by_year(record, horizon)
    apart = np.abs(spoken - centre[:, None, :]).mean(axis=1)
    plain = float(p.scale.kind != "logit")
    level = np.full(len(own), 0.4) if plain else np.abs(p.level) / 4
    mine = np.where(np.isfinite(record.own), np.log(np.clip(record.own, 0.1, 10)), 0.0)
    ones = np.ones_like(centre)
    columns = [
        ones,
        ones * years,
        ones * years**2,
        ones * seen[:, None],
        seen[:, None] * years,
        ones * (np.log(_recent_change(p)) - own)[:, None],
        ones * common[:, None],
        ones * replayed,
        ones * beyond,
        ones * mine[:, None],
        ones * (mine * np.log(np.maximum(record.counted, 1)))[:, None],
        ones * level[:, None],
        np.log(np.clip(apart / np.exp(own)[:, None], 0.05, 50)),
        ones * (p.span == 1)[:, None],
        ones * (p.span == 2)[:, None],
        ones * plain * (p.span == 1)[:, None],
        ones * plain * (p.span == 2)[:, None],
    ]
    return own, np.stack(columns, axis=2)


def sizes(own: np.ndarray, terms: np.ndarray, constants: Errors) -> np.ndarray:
    """Return the error sizes (area, h) in points; beyond the years learned from they grow like a random walk's."""
    beyond = np.sqrt(np.maximum(np.arange(1, terms.shape[1] + 1) / FARTHEST, 1))
    return np.exp(own[:, None] + terms @ constants.size) * beyond


def room_factors(p: Prepared, centre: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return the factors (area, h) of error sizes where a panel moves: a share moves most half-way, least at a bound.

    The usual change is that of the years seen; the forecast leads to other levels, as far as the trend is kept.
    """
    if not p.pooled or p.scale.kind != "logit":
        return np.ones_like(centre)
    wide = p.scale.upper - p.scale.lower
    seen, ahead = (
        np.maximum((level - p.scale.lower) * (p.scale.upper - level) / wide, 0.002 * wide)
        for level in (p.points[:, -4:], centre)
    )
    known = np.isfinite(seen)
    usual = np.where(known, seen, 0).sum(axis=1) / known.sum(axis=1)
    return np.exp(ROOM * kept[:, None] * np.clip(np.log(ahead / usual[:, None]), *ROOM_RANGE))


def shapes(points: np.ndarray, spikes: np.ndarray, horizon: int, constants: Errors) -> tuple[np.ndarray, np.ndarray]:
    """Return the standardised error quantiles (kind, h, level) and which kind each area is (area,).

    A kind is a number of points together with a spikiness.
    """
    pairs = np.stack([np.clip(points, 1, MOST_POINTS), np.round(spikes, 1)], axis=1)
    kinds, kind = np.unique(pairs, axis=0, return_inverse=True)
    years = np.log(np.clip(np.arange(1, horizon + 1), 1, constants.years[-1]))
    by_year = _between(constants.shape, np.log(constants.years), years, axis=1)
    by_points = _between(by_year, np.log(constants.points), np.log(kinds[:, 0]), axis=0)
    found = np.zeros((len(kinds), horizon, len(constants.levels)))
    for at, spike in enumerate(kinds[:, 1]):
        found[at] = _between(by_points[at], constants.spikes, spike[None], axis=1)[:, 0]
    return found, kind.reshape(-1)


def stretched(shape: np.ndarray, levels: np.ndarray, factors: Sequence[float]) -> np.ndarray:
    """Return quantiles times one factor inside the 80 % interval and another from the ends of the 95 % one on."""
    tail = np.clip((np.abs(levels - 0.5) - 0.4) / 0.075, 0, 1)
    return np.sort(shape * (factors[0] + tail * (factors[1] - factors[0])), axis=-1)


def panel_factors(
    missed: Sequence[tuple[np.ndarray, np.ndarray]], size: np.ndarray, shape: np.ndarray, kind: np.ndarray,
    levels: np.ndarray,
) -> tuple[float, float]:
    """Return the factors by which a panel's replayed errors say that 80 and 95 % intervals are too narrow.

    Parameters
    ----------
    missed : rows and errors in points (row, year ahead) of every origin.
    size : array (area, year ahead), error sizes promised now.
    shape, kind, levels : quantiles of the standardised error, as `shapes` returns them.
    """
    part = len(missed) / (len(missed) + SCALE_WORTH)
    said = [_log_factor(missed, size, ends(shape, levels, outside), kind, share) for outside, share in INTERVALS]
    inside, tails = (float(np.exp(np.clip(value * part, -SCALE_MOST, SCALE_MOST))) for value in said)
    return inside, tails


#: Probability below and above an interval, and inside it.
INTERVALS = ((0.1, 0.8), (0.025, 0.95))


def _log_factor(
    missed: Sequence[tuple[np.ndarray, np.ndarray]], size: np.ndarray, interval: tuple[np.ndarray, np.ndarray],
    kind: np.ndarray, share: float,
) -> float:
    """Return the mean over origins of the log of the quantile of errors as a part of their side of an interval."""
    said = []
    for rows, error in missed:
        years = error.shape[1]
        low, high = (end[kind[rows], :years] for end in interval)
        ratio = error / size[rows, :years] / np.where(error > 0, high, low)
        said.append(np.log(max(float(np.quantile(ratio, share)), 0.05)))
    return float(np.mean(said)) if said else 0.0


def ends(shape: np.ndarray, levels: np.ndarray, outside: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper end of the standardised interval with this probability below and above it."""
    at = int(np.argmin(np.abs(levels - outside)))
    return shape[..., at], shape[..., len(levels) - 1 - at]


def spikiness(p: Prepared) -> np.ndarray:
    """Return how spiky the yearly changes are: log of root mean square over mean (area,).

    0.23 is normal noise, 0.35 a Laplace distribution; above that, long rest and sudden jumps. The panel's where there
    is one, else the series' own, drawn to 0.35 as far as it is short.
    """
    changes = np.abs(np.diff(p.points, axis=1)) / usual_change(p)[:, None]
    known = np.isfinite(changes)
    filled = np.where(known, changes, 0)
    axis = None if p.pooled else 1
    steps = known.sum(axis=axis)
    mean = filled.sum(axis=axis) / np.maximum(steps, 1)
    square = (filled**2).sum(axis=axis) / np.maximum(steps, 1)
    own = 0.5 * np.log(np.maximum(square, 1e-12)) - np.log(np.maximum(mean, 1e-6))
    steadied = np.where(mean > 0, (steps * own + 5 * 0.35) / (steps + 5), 0.35)
    return np.broadcast_to(np.clip(steadied, 0, 1.5), (len(p.level),)).copy()


def _between(table: np.ndarray, nodes: np.ndarray, at: np.ndarray, axis: int) -> np.ndarray:
    """Return a table interpolated linearly along one axis."""
    at = np.clip(at, nodes[0], nodes[-1])
    right = np.clip(np.searchsorted(nodes, at, side="right"), 1, len(nodes) - 1)
    part = (at - nodes[right - 1]) / (nodes[right] - nodes[right - 1])
    shape = [1] * table.ndim
    shape[axis] = len(part)
    part = part.reshape(shape)
    return (1 - part) * np.take(table, right - 1, axis) + part * np.take(table, right, axis)


def _recent_change(p: Prepared) -> np.ndarray:
    """Return the mean absolute change of the last three years, kept within a factor of ten of the usual one."""
    usual = usual_change(p)
    changes = np.abs(np.diff(p.points[:, -4:], axis=1))
    known = np.isfinite(changes)
    recent = np.where(known, changes, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.clip(np.where(known.any(axis=1), recent, usual), usual / 10, usual * 10)


def _by_year(record: Record, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the log of the replayed error (area or 1, h) and of how far beyond the years replayed h lies."""
    reach = np.isfinite(record.by_year).sum(axis=1)
    ahead = np.arange(1, horizon + 1)
    nearest = np.clip(np.minimum(ahead, reach[:, None]), 1, None)
    error = np.take_along_axis(record.by_year, nearest - 1, axis=1)
    found = np.where(np.isfinite(error), np.log(np.maximum(error, 0.1)), 0.0)
    return found, np.log(np.minimum(ahead, FARTHEST) / np.minimum(nearest, FARTHEST))
