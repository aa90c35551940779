"""The pooled forecaster: experts, weights and error sizes put together for all areas of a panel at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dxanalysis.forecasting import analogues, belief, errors, experts, leaning, library, replays, tails, weights
from dxanalysis.forecasting.constants import Constants, Gate
from dxanalysis.forecasting.histories import Panel
from dxanalysis.forecasting.marginals import Marginals
from dxanalysis.forecasting.prepared import Prepared, prepare
from dxanalysis.forecasting.scales import Scale

#: Fewer areas than this do not inform each other.
FEWEST_PEERS = 5

#: Experts in the order of the weights; the last four need a panel.
ALONE = (*experts.OWN, "library")
TOGETHER = (*ALONE, *experts.BORROWING, "analogues", "walk")


@dataclass(frozen=True)
class Fit:
    """What the pooled forecaster found: the distributions and how it got there.

    Attributes
    ----------
    marginals : distribution of each area and year
    names : experts, in the order of `weights`
    weights : array (area, h, expert)
    prepared, past : the matrices the experts read, and their replayed errors
    lean : yearly correction for what the panel's replayed forecasts missed, in the working scale (`leaning`)
    """

    marginals: Marginals
    names: tuple[str, ...]
    weights: np.ndarray
    prepared: Prepared
    past: replays.Replay
    lean: float


def fit(panel: Panel, horizon: int, scale: Scale, constants: Constants, extra: np.ndarray | float = 0.0) -> Fit:
    """Return the pooled forecaster's distributions for every area of a panel.

    Parameters
    ----------
    panel : checked histories.
    horizon : years ahead.
    scale : bounds.
    constants : learned constants.
    extra : error in points of the last figure itself (revisions to come), added to every year's error.
    """
    pooled = len(panel.areas) >= FEWEST_PEERS
    p = prepare(panel.values, panel.trust, scale, pooled)
    # The tails are read off the years replayed, whatever horizon is asked for: the next year must not change.
    past, outlook = outlook_of(p, max(horizon, *replays.BACK), constants)
    error = constants.errors_together if pooled else constants.errors_alone
    own, terms = errors.size_terms(p, outlook)
    size = errors.sizes(own, terms, error)
    shape, kind = errors.shapes(p.span, errors.spikiness(p), size.shape[1], error)
    heavy = tails.tail(outlook.record.missed, size, shape, kind, error.levels)
    shape = shape * tails.stretch(error.levels, heavy, error.caution)
    size = np.sqrt(size**2 + np.square(np.broadcast_to(extra, len(size)))[:, None])
    years = slice(horizon)
    marginals = Marginals(
        panel.areas,
        panel.origin,
        outlook.centre[:, years],
        size[:, years],
        error.levels,
        shape[:, years],
        kind,
        scale,
    )
    return Fit(marginals, TOGETHER if pooled else ALONE, outlook.weights[:, years], p, past, outlook.lean)


def outlook_of(p: Prepared, horizon: int, constants: Constants) -> tuple[replays.Replay, errors.Outlook]:
    """Return the replayed past and the combined forecast."""
    moves = expert_moves(p, np.arange(1, horizon + 1), constants.memory)
    past = replayed(p, constants.memory)
    return past, combine(p, past, moves, constants.together if p.pooled else constants.alone)


def combine(p: Prepared, past: replays.Replay, moves: np.ndarray, gate: Gate) -> errors.Outlook:
    """Return the weighted mean of the experts' moves (area, expert, h), taken in the working scale."""
    horizon = moves.shape[2]
    # The past is judged over the same years whatever horizon is asked for: the next year's forecast must not change.
    weight = weights.weigh(p, past, gate, max(horizon, *replays.BACK))
    believed = belief.in_movement(p, past, weight)
    weight = belief.settle(p, past, weight, believed)
    record, lean = replays.record(p, past, weight), believed * leaning.lean(p, past, weight)
    weight = weight[:, :horizon]
    total = np.einsum("ahe,aeh->ah", weight, moves) + lean * leaning.faded(np.arange(1, horizon + 1))
    spoken = p.scale.back((p.level[:, None, None] + moves) * p.unit[:, None, None])
    return errors.Outlook(weight, spoken, p.scale.back((p.level[:, None] + total) * p.unit[:, None]), record, lean)


def replayed(p: Prepared, memory: dict[str, list[float]]) -> replays.Replay:
    """Return the past errors of every expert."""
    count = len(TOGETHER if p.pooled else ALONE)
    return replays.replay(p, lambda past, steps: expert_moves(past, steps, memory), count)


def expert_moves(p: Prepared, steps: np.ndarray, memory: dict[str, list[float]]) -> np.ndarray:
    """Return the moves (area, expert, h) of every expert, in the order of `TOGETHER` or `ALONE`."""
    moves = [expert(p, steps) for expert in experts.OWN.values()]
    moves.append(library.library(p, steps, memory))
    if p.pooled:
        moves += [expert(p, steps) for expert in experts.BORROWING.values()]
        donors = analogues.find_donors(p, len(steps))
        if donors is None:
            moves += [moves[-1], moves[-1]]
        else:
            moves += [analogues.analogues(p, donors, steps), analogues.walk(p, donors, steps)]
    return np.stack(moves, axis=1)


#: Experts that hear other series, and how far: wholly, or half (the own slope drawn to the panel's).
HEARS = {"library": 1.0, "panel_slope": 1.0, "shrunk_slope": 0.5, "analogues": 1.0, "walk": 1.0, "steady_trend": 0.25}


def borrowed(found: Fit) -> np.ndarray:
    """Return the part of each area's forecast that rests on other series (area,), 0..1.

    It is the weight of the experts that hear other series, averaged over the years ahead; with one point it is 1, for
    then even "nothing moves" is believed only because of others.
    """
    hears = HEARS if found.prepared.pooled else {"library": 1.0}
    part = np.array([hears.get(name, 0.0) for name in found.names])
    return np.where(found.prepared.span == 1, 1.0, (found.weights @ part).mean(axis=1))


def leaned(found: Fit) -> np.ndarray:
    """Return the points by which the lean of the panel moves the first year ahead of each area (area,)."""
    p, centre = found.prepared, found.marginals.centre[:, 0]
    return centre - p.scale.back(p.scale.to(centre) - found.lean * p.unit)


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
