"""Tables in, tables out: growth, pace, published verdict methods, shares, peers, scores and scenarios.

Pure pandas and numpy: no files, no pictures, no language. A status or a reason is a short code; `briefing` finds the
words. The methods themselves are in `analysis.verdicts`; `shares`, `peers`, `scores` and `scenarios` are modules of
their own.
"""

from . import peers, scenarios, scores, shares, verdicts
from .agenda import agenda_table, next_targets
from .attainment import attainment
from .changes import changes
from .growth import allows, change, evidence_grade
from .horizon import years_ahead
from .index_levels import index_totals, pillar_changes, pillar_levels, what_if_best
from .milestones import milestone_table, path_debt, rebased_path
from .needs import growth_grid, growth_needed, is_rising_share, share_effects
from .pace import required_pace, target_path
from .panel import agreement, judge
from .releases import Judgement, explain_change, verdicts_by_release
from .scenarios import draw_scenarios, scenario_table
from .sensitivity import robustness, specifications
from .standing import comparable_panel, national_goal, standing

__all__ = [
    "Judgement",
    "agenda_table",
    "agreement",
    "allows",
    "attainment",
    "change",
    "changes",
    "comparable_panel",
    "draw_scenarios",
    "evidence_grade",
    "explain_change",
    "growth_grid",
    "growth_needed",
    "index_totals",
    "is_rising_share",
    "judge",
    "milestone_table",
    "national_goal",
    "next_targets",
    "path_debt",
    "peers",
    "pillar_changes",
    "pillar_levels",
    "rebased_path",
    "required_pace",
    "robustness",
    "scenario_table",
    "scenarios",
    "scores",
    "share_effects",
    "shares",
    "specifications",
    "standing",
    "target_path",
    "verdicts",
    "verdicts_by_release",
    "what_if_best",
    "years_ahead",
]
