"""The published methods counted by family of formula, and the one meaning of "robust"."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from .evidence import PACED, Evidence
from .panel import family_steps, judge, leading_step
from .question import IndicatorLike
from .sensitivity import specifications
from .series import comparable_run, one_series

#: The word "robust": the same step in nine of ten specifications, and no step turned by the noise of the releases.
ROBUST_SHARE = 0.9
_LEAST_FIGURES = 4


def said_by_families(
    history: pd.DataFrame, goal: Mapping[str, object], indicator: IndicatorLike, evidence: Evidence, noise: float
) -> dict[str, object]:
    """Return what the families of methods say of one open target, and whether it is robust.

    Parameters
    ----------
    history : DataFrame
        One series, up to the year at whose end one stands.
    goal : mapping
        year, value, comparator.
    indicator : object
        With direction, bounds and kind.
    evidence : Evidence
        Peers and earlier releases.
    noise : float
        Half the spread between releases of one year; NaN where it is not known.

    Returns
    -------
    dict
        step (of most families; of equal counts the worse; ``no_clear_change`` where the change is smaller than the
        noise), agree and judged (families), families (pairs of name and step), abstained (pairs of method and reason),
        sensitivity (share of specifications with the same step), robust, reason (why not).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(direction=1, lower=0.0, upper=100.0, kind="flow_share")
    >>> gso = pd.DataFrame({"year": range(2020, 2025), "value": [12.66, 12.87, 12.83, 12.87, 13.17]})
    >>> goal = {"year": 2030, "value": 30.0, "comparator": ">="}
    >>> said = said_by_families(gso, goal, share, Evidence(gso, 2024), 0.27)
    >>> said["step"], said["agree"], said["judged"], said["robust"]
    ('limited_progress', 3, 3, True)
    """
    if indicator.kind not in PACED:
        return {"reason": f"kind_{indicator.kind}"}
    history = one_series(history)
    targets = pd.DataFrame([{"year": int(goal["year"]), "value": float(goal["value"]),
                             "comparator": str(goal.get("comparator") or "")}])
    panel = judge(history, targets, indicator, peers=evidence.peers)
    families = family_steps(panel)
    said = {name: step for name, step in families.items() if step != "not_available"}
    step, agree = leading_step(pd.Series(list(families.values())))
    quiet = panel[panel["step"] == "not_available"]
    found = {
        "step": step if said else "", "agree": agree, "judged": len(said), "families": tuple(said.items()),
        "abstained": tuple(zip(quiet["method"], quiet["reason"], strict=True)),
    }
    if not said:
        return found | {"reason": "no_verdict"}
    run = comparable_run(history)
    if not clear_change(run, noise):
        return found | {"step": "no_clear_change", "agree": 0, "reason": "within_noise"}
    return found | _robustness(history, targets, indicator, evidence, step, noise, len(run), len(said))


def _robustness(
    history: pd.DataFrame, targets: pd.DataFrame, indicator: IndicatorLike, evidence: Evidence, step: str,
    noise: float, figures: int, judged: int,
) -> dict[str, object]:
    tried = specifications(history, targets, indicator, vintages=evidence.releases, peers=evidence.peers)
    tried = tried[tried["step"] != "not_available"]
    share = float((tried["step"] == step).mean()) if len(tried) else math.nan
    reason = (
        "few_points" if figures < _LEAST_FIGURES
        else "one_family" if judged < 2
        else "specifications" if not share >= ROBUST_SHARE
        else "noise" if turned_by_noise(history, targets, indicator, evidence, step, noise)
        else ""
    )
    return {"sensitivity": share, "robust": not reason, "reason": reason}


def turned_by_noise(
    history: pd.DataFrame, targets: pd.DataFrame, indicator: IndicatorLike, evidence: Evidence, step: str, noise: float
) -> bool:
    """Tell whether the latest figure moved by the noise of its releases would turn the step of most families."""
    if not noise > 0:
        return False
    for shift in (-noise, noise):
        moved = history.assign(value=history["value"].where(history.index != history.index[-1],
                                                            history["value"].iloc[-1] + shift))
        panel = judge(moved, targets, indicator, peers=evidence.peers)
        if leading_step(pd.Series(list(family_steps(panel).values())))[0] != step:
            return True
    return False


def clear_change(run: pd.DataFrame, noise: float) -> bool:
    """Tell whether the change over a run of comparable figures is larger than the noise of its releases.

    >>> clear_change(pd.DataFrame({"value": [12.66, 12.65]}), 0.27)
    False
    >>> clear_change(pd.DataFrame({"value": [3.0, 7.1]}), math.nan)
    True
    """
    change = abs(float(run["value"].iloc[-1] - run["value"].iloc[0]))
    return bool(math.isnan(noise) or change > noise)
