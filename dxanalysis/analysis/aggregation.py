"""Bring the verdicts on several series of one indicator to one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from statistics import fmean

from .open_sdg import EUSTAT, STATCAN
from .verdict import Verdict

_MAKERS = {"statcan": STATCAN, "eustat": EUSTAT}
_STEPS = {
    "target_achieved": "achieved",
    "substantial_progress": "on_track",
    "significant_progress": "on_track",
    "moderate_progress": "acceleration_needed",
    "limited_progress": "limited_progress",
    "no_progress": "limited_progress",
    "deterioration": "moving_away",
    "moderate_deterioration": "moving_away",
    "significant_deterioration": "moving_away",
}


def aggregate(verdicts: Sequence[Verdict], groups: Sequence[Hashable] | None = None) -> Verdict:
    """Bring several verdicts of one method to one by the mean of their scores, groups averaged first.

    Series without a score are left out; where none has one, or none is given, the verdict is not_available. "Target
    achieved" is given only if all series with a score have achieved theirs; otherwise the mean decides: for `statcan`
    from 2.5 substantial, from 0 moderate, from -2.5 limited progress, below deterioration; for `eustat` above 2.5
    significant, above 0.25 moderate, from -0.25 no progress, from -2.5 moderate, below significant deterioration
    (EUSTAT shows an indicator of one series by that series' own verdict, without averaging).

    Parameters
    ----------
    verdicts : sequence of Verdict
        All by `statcan`, or all by `eustat`.
    groups : sequence, optional
        One label per verdict. Verdicts with the same label are averaged first and then count as one; None stands
        alone. A tuple is a path of groups within groups, to any depth: ("education", "age 15").

    Returns
    -------
    Verdict
        `value` and `score` both the mean score; reason "aggregate", or "no_score" with status not_available.

    References
    ----------
    Open SDG, docs/progress-methodology.md, "Aggregated progress status" and "Sub-indicator grouping".

    Examples
    --------
    >>> three = [STATCAN.verdict(None, "", score) for score in (5, -1, -3)]
    >>> aggregate(three).status, aggregate(three, [None, "schools", "schools"]).score
    ('moderate_progress', 1.5)
    >>> aggregate([]).reason
    'no_series'
    """
    if not len(verdicts):
        return STATCAN.not_available("no_series")
    maker = _MAKERS[_one_method(verdicts)]
    labels = list(groups) if groups is not None else [None] * len(verdicts)
    if len(labels) != len(verdicts):
        raise ValueError(f"{len(verdicts)} verdicts were given with {len(labels)} groups. Give one label per verdict.")
    scored = [(_path(label), verdict) for label, verdict in zip(labels, verdicts, strict=True) if _has_score(verdict)]
    if not scored:
        return maker.not_available("no_score")
    score = _mean([(path, verdict.score) for path, verdict in scored])
    achieved = all(verdict.step == "achieved" for _, verdict in scored)
    status = _status(score, achieved, maker.name)
    step = "achieved" if achieved else _STEPS[status]
    cuts = (2.5, 0.0, -2.5) if maker is STATCAN else (2.5, 0.25, -0.25, -2.5)
    return maker.verdict(score, status, score, reason="aggregate", step=step, statistic="score", thresholds=cuts)


def _one_method(verdicts: Sequence[Verdict]) -> str:
    names = sorted({verdict.method for verdict in verdicts})
    if len(names) > 1 or names[0] not in _MAKERS:
        raise ValueError(
            f"Verdicts by {', '.join(names)} cannot be averaged. Give verdicts of one method that has scores: "
            f"{' or '.join(_MAKERS)}."
        )
    return names[0]


def _has_score(verdict: Verdict) -> bool:
    return verdict.score is not None


def _path(label: Hashable) -> tuple[Hashable, ...]:
    if label is None or label != label:
        return ()
    return label if isinstance(label, tuple) else (label,)


def _mean(scored: list[tuple[tuple[Hashable, ...], float]]) -> float:
    """Average the scores, each group first reduced to its own mean."""
    alone = [score for path, score in scored if not path]
    groups: dict[Hashable, list[tuple[tuple[Hashable, ...], float]]] = {}
    for path, score in scored:
        if path:
            groups.setdefault(path[0], []).append((path[1:], score))
    return fmean(alone + [_mean(members) for members in groups.values()])


def _status(score: float, achieved: bool, method: str) -> str:
    if method == "statcan":
        if achieved:
            return "target_achieved"
        cuts = ((2.5, "substantial_progress"), (0.0, "moderate_progress"), (-2.5, "limited_progress"))
        return next((status for least, status in cuts if score >= least), "deterioration")
    if achieved or score > 2.5:
        return "significant_progress"
    if score > 0.25:
        return "moderate_progress"
    if score >= -0.25:
        return "no_progress"
    return "moderate_deterioration" if score >= -2.5 else "significant_deterioration"
