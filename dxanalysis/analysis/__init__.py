"""Tables in, tables out: growth, pace, published verdict methods, shares, peers, scores and scenarios.

Pure pandas and numpy: no files, no pictures, no language. A status or a reason is a short code; `briefing` finds the
words. The methods themselves are in `analysis.verdicts`; `shares`, `peers`, `scores` and `scenarios` are modules of
their own.
"""

from . import peers, scenarios, scores, shares, verdicts
from .attainment import attainment
from .growth import allows, change, evidence_grade
from .horizon import years_ahead
from .milestones import milestone_table, path_debt, rebased_path
from .pace import required_pace, target_path
from .panel import agreement, judge
from .releases import Judgement, explain_change, verdicts_by_release
from .scenarios import draw_scenarios, scenario_table
from .sensitivity import robustness, specifications

__all__ = [
    "Judgement",
    "agreement",
    "allows",
    "attainment",
    "change",
    "draw_scenarios",
    "evidence_grade",
    "explain_change",
    "judge",
    "milestone_table",
    "path_debt",
    "peers",
    "rebased_path",
    "required_pace",
    "robustness",
    "scenario_table",
    "scenarios",
    "scores",
    "shares",
    "specifications",
    "target_path",
    "verdicts",
    "verdicts_by_release",
    "years_ahead",
]
