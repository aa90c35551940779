"""The pooled forecaster: experts, their weights and error sizes put together for all areas of a panel at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dxanalysis.forecasting import evidence, experts, widths
from dxanalysis.forecasting.distributions import Marginals, Scale
from dxanalysis.forecasting.experts import Prepared, prepare
from dxanalysis.forecasting.histories import Panel

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
    record: evidence.Record


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
    outlook = outlook_of(p, max(horizon, evidence.REACH), constants.memory)
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
    past = evidence.replay(p, memory)
    moves = experts.moves(p, np.arange(1, horizon + 1), memory)
    weight, kept = evidence.weigh(p, past, horizon)
    record = evidence.record(p, past, weight)
    weight = np.broadcast_to(weight, (len(p.level), *weight.shape[1:]))
    return Outlook(weight, p.in_points(moves), evidence.mix(p, weight, moves), kept, record)


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
