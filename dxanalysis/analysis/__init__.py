"""Tables in, tables out: growth, pace, published verdict methods, shares, peers, scores and scenarios.

Pure pandas and numpy: no files, no pictures, no language. A status or a reason is a short code; `briefing` finds the
words. The methods themselves are in `analysis.verdicts`; `shares`, `peers`, `scores` and `scenarios` are modules of
their own.
"""

from . import index, peers, scenarios, shares, verdicts
from .assess import assess, assessment_of
from .attainment import attainment, attainment_of, flat, still_open
from .changes import changes
from .growth import change, years_ahead
from .index import index_totals, pillar_changes, pillar_levels, what_if_best
from .milestones import milestone_table, national_goal
from .pace import target_path
from .panel import agreement, judge
from .peers import comparable_panel, standing
from .releases import verdicts_by_release
from .scenarios import draw_scenarios, scenario_table
from .sensitivity import robustness
from .shares import growth_grid, growth_needed, share_effects

__all__ = [
    "agreement",
    "assess",
    "assessment_of",
    "attainment",
    "attainment_of",
    "change",
    "changes",
    "comparable_panel",
    "draw_scenarios",
    "flat",
    "growth_grid",
    "growth_needed",
    "index",
    "index_totals",
    "judge",
    "milestone_table",
    "national_goal",
    "peers",
    "pillar_changes",
    "pillar_levels",
    "robustness",
    "scenario_table",
    "scenarios",
    "share_effects",
    "shares",
    "standing",
    "still_open",
    "target_path",
    "verdicts",
    "verdicts_by_release",
    "what_if_best",
    "years_ahead",
]
