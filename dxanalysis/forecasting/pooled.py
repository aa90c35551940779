"""The pooled forecaster: experts weighted by replayed origins, the trend shrunk, calibrated widths around it.

At past origins every expert forecasts what has been seen since. Errors are measured in units of each area's usual
yearly change, so that areas and panels can be compared.

*In a panel* the weight of an expert is its prior times exp(-`TRUST` · log error ratio to no change), the ratio pooled
over areas, the last years speaking more. Each yearly change is counted once: for the first year ahead errors of
one-year forecasts from the last six origins, for later years errors of three-year forecasts from origins three years
apart. (Windows that all end in the last year would count the same shock once each.) Then the trend is shrunk: the
weighted mixture, too, has one log ratio a year; areas share yearly shocks, so years, not areas, are the observations,
and the part of the mixture that is kept (the rest says no change) is

    shrinkage = 1 / (1 + exp(`SHARPNESS` · (mean + standard error + `MARGIN`))).

The mixture is the mean of the experts' values in points: the mean of their logits lay too low near 0 % and too high
near 100 %, families left out. With a panel of unbounded series, whose past has
little in common, weights are equal (the latest change has none: undamped it is the worst rule) and nothing is shrunk.

*A series alone* has too few years to replay. Slope, momentum and library share what the clearness of its own trend
allows: 1.3 t² / (t² + 8), t the mean yearly change over its standard error (empirical Bayes, Efron & Morris 1975).

No weight is learned: with families of panels left out, learned priors were never better than these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dxanalysis.forecasting import experts, widths
from dxanalysis.forecasting.distributions import Marginals, Scale, unfold
from dxanalysis.forecasting.experts import Prepared, prepare, usual_change
from dxanalysis.forecasting.histories import Panel
from dxanalysis.forecasting.widths import Record

#: Years before the last one at which the past is replayed, the farthest year replayed, and the most areas used.
BACK, REACH, AREAS = (1, 2, 3, 4, 5, 6), 5, 150
#: Years ahead of the windows that judge forecasts beyond the first year.
WINDOW_AHEAD = 3
#: Power of the error ratio; 8 to 20 did alike on panels left out.
TRUST = 12.0
#: Log error ratios beyond these say no more; weight of the one-year ratio beyond the first year ahead.
CLIP, NEAR = (-2.5, 1.5), 0.3
#: Prior of the experts that borrow from the panel against the others: 2 to 4 did alike.
PRIOR_OF_THE_PANEL = 3.0
#: Gain, in log error, by which the past must speak for movement to be half kept, and how sharply the shrinkage turns:
#: a change of evidence of .08 moves it from .27 to .73. Margins of 0 to .08 left resting panels unharmed alike.
MARGIN, SHARPNESS = 0.02, 25.0
#: What a year's evidence is worth against that of the year after it: what spreads changes its pace. Of .8 and .9 both
#: lowered the CRPS of what spreads (.667 to .660 and .663 of the best model's) and harmed no other class.
RECENCY = 0.85
#: Standard deviation of a year's log ratio expected beforehand, and the years that knowledge is worth.
YEARLY, YEARLY_WORTH = 0.1, 2.0
#: Usual size of a yearly change (in the working scale) where a series has one change only: shares, unbounded data.
TYPICAL = {"logit": 0.06, "plain": 0.7}
DOUBT, MOST = 8.0, 1.3


@dataclass(frozen=True)
class Origin:
    """One past origin: which areas were replayed, what the experts said, what came.

    Attributes
    ----------
    back : years before the last one
    rows : array (row,), the areas that could be replayed
    usual : array (row,), usual change
    moves : array (row, expert, year ahead), in the working scale
    said : array (row, expert, year ahead), the experts' values; actual : array (row, year ahead)
    past : the prepared panel as it stood
    """

    back: int
    rows: np.ndarray
    usual: np.ndarray
    moves: np.ndarray
    said: np.ndarray
    actual: np.ndarray
    past: Prepared

    @property
    def recency(self) -> float:
        """Return what this origin's evidence is worth against that of the last one."""
        return float(RECENCY ** (self.back - 1))

    def errors(self, said: np.ndarray) -> np.ndarray:
        """Return absolute errors (row, …, year ahead) of values, in usual changes."""
        actual = self.actual[:, : said.shape[-1]]
        actual = actual if said.ndim == 2 else actual[:, None, :]
        return np.abs(said - actual) / self.usual.reshape(-1, *[1] * (said.ndim - 1))

    def mixture(self, weights: np.ndarray) -> np.ndarray:
        """Return the values (row, year ahead) of the experts under weights (area or 1, h, expert)."""
        own = weights[:, : self.actual.shape[1]] if len(weights) == 1 else weights[self.rows, : self.actual.shape[1]]
        moves = self.moves[:, :, : own.shape[1]]
        return mix(self.past, np.broadcast_to(own, (len(self.rows), *own.shape[1:])), moves)


def mix(p: Prepared, weights: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Return the values (area, h) that weights (area, h, expert) make of the experts' moves (area, expert, h).

    Weights of a series alone may extrapolate; taken in the working scale they cannot leave the bounds.
    """
    if p.pooled:
        return np.einsum("ahe,aeh->ah", weights, p.in_points(moves))
    return p.in_points(np.einsum("ahe,aeh->ah", weights, moves))


def replay(p: Prepared, memory: dict[str, list[float]]) -> tuple[Origin, ...]:
    """Return the past origins that could be replayed, the last first."""
    rows = np.arange(len(p.level))
    if p.pooled:
        rows = np.unique(np.linspace(0, len(rows) - 1, AREAS).astype(int))
    found = [_origin(p, rows, back, memory) for back in BACK if p.points.shape[1] - back >= 2]
    return tuple(origin for origin in found if origin is not None)


def _origin(p: Prepared, rows: np.ndarray, back: int, memory: dict[str, list[float]]) -> Origin | None:
    """Return what was said `back` years before the last one, None where too few areas had two points by then."""
    then = p.points.shape[1] - back
    seen = p.points[rows, :then]
    able = np.isfinite(seen[:, -2:]).all(axis=1)
    if able.sum() < (5 if p.pooled else 1):
        return None
    past = prepare(seen[able], p.scale, p.pooled)
    ahead = min(back, REACH)
    moves = experts.moves(past, np.arange(1, ahead + 1), memory)
    chosen = rows[able]
    actual = p.points[chosen, then : then + ahead]
    return Origin(back, chosen, usual_change(p)[chosen], moves, past.in_points(moves), actual, past)


def weigh(p: Prepared, past: tuple[Origin, ...], horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights (area or 1, h, expert), summing to 1 over the experts, and the part of the trend kept (area,).

    A series alone keeps as much as its trend is clear, a panel what its past speaks for.
    """
    if not p.pooled:
        return _alone(p, horizon), clearness(p)
    ones = np.ones(len(p.level))
    if p.scale.kind != "logit":
        equal = np.array([name != "latest" for name in experts.TOGETHER], dtype=float)
        return np.tile(equal / equal.sum(), (1, horizon, 1)), ones
    near, far = _log_ratios(past)
    found = np.repeat((NEAR * near + (1 - NEAR) * far)[None], horizon, axis=0)
    found[0] = near
    prior = np.array([PRIOR_OF_THE_PANEL if name in experts.BORROWING else 1.0 for name in experts.TOGETHER])
    weight = prior * np.exp(-TRUST * (found - found.min(axis=1, keepdims=True)))
    weight = (weight / weight.sum(axis=1, keepdims=True))[None]
    kept = shrinkage(yearly_ratios(past, weight), np.array([origin.recency for origin in past]))
    weight *= kept
    weight[:, :, 0] += 1 - kept
    return weight, kept * ones


def shrinkage(ratios: np.ndarray, recency: np.ndarray) -> float:
    """Return the part of a trend that is kept, 0..1, given each year's log error ratio to no change and its worth.

    Examples
    --------
    >>> alike = np.ones(4)
    >>> round(shrinkage(alike[:0], alike[:0]), 2), shrinkage(-0.5 * alike, alike) > 0.99, shrinkage(alike, alike) < 0.05
    (0.5, True, True)
    """
    if not len(ratios):
        return 0.5
    part = recency / recency.sum()
    years, mean = 1 / (part**2).sum(), part @ ratios  # as many years alike would be worth (Kish 1965)
    variance = (YEARLY_WORTH * YEARLY**2 + years * (part @ (ratios - mean) ** 2)) / (YEARLY_WORTH + years - 1)
    evidence = mean + np.sqrt(variance / years)
    return float(1 / (1 + np.exp(np.clip(SHARPNESS * (evidence + MARGIN), -50, 50))))


def yearly_ratios(past: tuple[Origin, ...], weight: np.ndarray) -> np.ndarray:
    """Return for each of the last years the log error ratio to no change of the mixture's one-year forecast."""
    found = []
    for origin in past:
        mixed, rest = origin.errors(origin.mixture(weight[:, :1])), origin.errors(origin.said[:, 0, :1])
        found.append(np.log((mixed.sum() + 1e-9) / (rest.sum() + 1e-9)))
    return np.array(found)


def _log_ratios(past: tuple[Origin, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the log error ratios (expert,) to no change, one year ahead and over disjoint longer windows."""
    def total(origins: Sequence[Origin], ahead: int) -> np.ndarray:
        parts = (origin.recency * origin.errors(origin.said)[:, :, ahead - 1].sum(axis=0) for origin in origins)
        errors = sum(parts, np.full(len(experts.TOGETHER), 1e-6))
        return np.clip(np.log(errors / errors[0]), *CLIP)  # the first expert is no change

    wide = [origin for origin in past if origin.back % WINDOW_AHEAD == 0]
    ahead = WINDOW_AHEAD
    if not wide:  # four or five points: two years ahead is the longest window
        wide, ahead = [origin for origin in past if origin.back % 2 == 0], 2
    return total(past, 1), total(wide, ahead) if wide else total(past, 1)


def _alone(p: Prepared, horizon: int) -> np.ndarray:
    """Return the weights (area, h, expert) of series that each stand alone."""
    weight = np.zeros((len(p.level), horizon, len(experts.ALONE)))
    weight[:, :, 1:] = (clearness(p) / (len(experts.ALONE) - 1))[:, None, None]
    weight[:, :, 0] = 1 - weight[:, :, 1:].sum(axis=2)
    return weight


def clearness(p: Prepared) -> np.ndarray:
    """Return how much of its own trend a series that stands alone is given (area,), 0..1.3; 1 where it has one point.

    More than 1 extrapolates: a trend that is clear tends to be followed a little further than its mean.
    """
    steps = np.maximum(p.span - 1, 1)
    spread = (p.noise * (steps - 1) + TYPICAL[p.scale.kind] ** 2) / steps
    square = p.drift**2 * steps / spread
    return np.where(p.span >= 2, MOST * square / (square + DOUBT), 1.0)


def record(p: Prepared, past: tuple[Origin, ...], weights: np.ndarray) -> Record:
    """Return the errors the experts would have made under these weights (area or 1, h, expert)."""
    number = len(p.level)
    total, cells = np.zeros((number, REACH)), np.zeros((number, REACH))
    own, counted, missed = np.zeros(number), np.zeros(number), []
    for origin in past:
        said = origin.mixture(weights)
        error = origin.errors(said)
        ahead = np.arange(1, error.shape[1] + 1)
        total[origin.rows, : len(ahead)] += error
        cells[origin.rows, : len(ahead)] += 1
        own[origin.rows] += error.sum(axis=1) / ahead.sum()
        counted[origin.rows] += 1
        missed.append((origin.rows, unfold(said, origin.actual[:, : said.shape[1]], p.scale)))
    if p.pooled:
        total, cells = total.sum(axis=0, keepdims=True), cells.sum(axis=0, keepdims=True)
    by_year = np.where(cells > 0, total / np.maximum(cells, 1), np.nan)
    own = np.where(counted > 0, own / np.maximum(counted, 1), np.nan)
    if p.pooled and counted.any():
        own = np.where(counted > 0, own, np.nanmedian(own))
    return Record(by_year, own, counted, tuple(missed) if p.pooled else ())


#: Fewer areas than this do not inform each other.
FEWEST_PEERS = 5


@dataclass(frozen=True)
class Outlook:
    """The combined forecast before its widths.

    Attributes
    ----------
    weights : array (area, h, expert)
    spoken : array (area, expert, h), the experts' values; centre : array (area, h)
    kept : array (area,), part of the trend that is kept; record : the errors the same weights would have made
    """

    weights: np.ndarray
    spoken: np.ndarray
    centre: np.ndarray
    kept: np.ndarray
    record: Record


@dataclass(frozen=True)
class Fit:
    """What the pooled forecaster found: the distribution of each area and year, and how it got there."""

    marginals: Marginals
    prepared: Prepared
    outlook: Outlook

    @property
    def names(self) -> tuple[str, ...]:
        """Name the experts in the order of the weights."""
        return experts.TOGETHER if self.prepared.pooled else experts.ALONE


def fit(panel: Panel, horizon: int, scale: Scale, constants: widths.Constants, extra: np.ndarray | float = 0.0) -> Fit:
    """Return the pooled forecaster's distributions for every area of a panel.

    Parameters
    ----------
    panel : checked histories.
    horizon : years ahead.
    scale : bounds.
    constants : learned constants.
    extra : error in points of the last figure itself (revisions to come), added to every year's error.
    """
    together = len(panel.areas) >= FEWEST_PEERS
    p = prepare(panel.values if together else _telling(panel.values), scale, together)
    # The scale is read off the years replayed, whatever horizon is asked for: the next year must not change.
    outlook = outlook_of(p, max(horizon, REACH), constants.memory)
    error = constants.together if p.pooled else constants.alone
    size, shape, kind = sized(p, outlook, error)
    size = np.sqrt(size**2 + np.square(np.broadcast_to(extra, len(size)))[:, None])
    years = slice(horizon)
    marginals = Marginals(
        panel.areas, panel.origin, outlook.centre[:, years], size[:, years], error.levels, shape[:, years], kind, scale
    )
    return Fit(marginals, p, outlook)


def _telling(values: np.ndarray) -> np.ndarray:
    """Return the figures (area, year) that tell of series alone: of one that never moved only its level.

    Of shares that had stood still for six years, 95 % intervals six years ahead covered 5 % from between 1 and 50 %,
    44 % from below 99 % and 75 % above; read as one figure 99, 95 and 89 %.
    """
    known = np.isfinite(values)
    lowest, highest = np.where(known, values, np.inf).min(axis=1), np.where(known, values, -np.inf).max(axis=1)
    earlier = np.arange(values.shape[1]) < values.shape[1] - 1
    return np.where((lowest == highest)[:, None] & earlier, np.nan, values)


def outlook_of(p: Prepared, horizon: int, memory: dict[str, list[float]]) -> Outlook:
    """Return the weighted mean of what the experts say, and its replayed errors."""
    past = replay(p, memory)
    moves = experts.moves(p, np.arange(1, horizon + 1), memory)
    weight, kept = weigh(p, past, horizon)
    errors = record(p, past, weight)
    weight = np.broadcast_to(weight, (len(p.level), *weight.shape[1:]))
    return Outlook(weight, p.in_points(moves), mix(p, weight, moves), kept, errors)


def sized(p: Prepared, outlook: Outlook, error: widths.Errors) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return error sizes (area, h), standardised quantiles (kind, h, level) and the kind of each area (area,)."""
    own, terms = widths.size_terms(p, outlook.record, outlook.centre, outlook.spoken)
    size = widths.sizes(own, terms, error)
    shape, kind = widths.shapes(p.span, widths.spikiness(p), size.shape[1], error)
    shape = widths.stretched(shape, error.levels, widths.CAUTION if p.pooled else widths.CAUTION_ALONE)
    factors = widths.panel_factors(outlook.record.missed, size, shape, kind, error.levels)
    size = size * widths.room_factors(p, outlook.centre, outlook.kept)
    return size, widths.stretched(shape, error.levels, factors), kind


def borrowed(found: Fit) -> np.ndarray:
    """Return the part of each area's forecast that rests on other series (area,), 0..1.

    It is the weight of the experts that use other series, averaged over the years ahead; with one point it is 1, for
    then even "no change" is believed only because of others.
    """
    part = np.array([experts.BORROWED.get(name, 0.0) for name in found.names])
    years = found.marginals.centre.shape[1]
    return np.where(found.prepared.span == 1, 1.0, (found.outlook.weights[:, :years] @ part).mean(axis=1))


def notes(found: Fit, panel: Panel) -> list[str]:
    """Return what the forecast of each area of a panel had to do without ("" where nothing)."""
    alone = "" if found.prepared.pooled else f"fewer than {FEWEST_PEERS} areas: no help from peers"
    moved = (found.prepared.noise + np.abs(found.prepared.drift)).max(initial=0) > 0
    still = "" if moved else "nothing ever moved: the interval is borrowed"
    said = []
    for count, cut in zip(panel.count, panel.cut, strict=True):
        short = "one point: level only, everything else borrowed" if count == 1 else still
        broken = f"{cut} {'point' if cut == 1 else 'points'} before a break left out" if cut else ""
        said.append("; ".join(filter(None, [short, alone, broken])))
    return said
