"""The published methods under one roof: each a pure function that returns a `Verdict` with its citation and version.

Offices judge "on track" by formulas that contradict each other on the same data. Here they stand side by side, exactly
as published; `panel.judge` applies them all to one series and shows where they disagree.

| function | question it asks |
|---|---|
| `statcan`, `eustat` | is compound growth since the base year as fast as the target needs? |
| `un_chart` | does that growth, carried on, cover the way to the target? |
| `destatis` | does the mean change of the last six points, carried on, reach the target? |
| `sdsn_normalise`, `sdsn_colour`, `sdsn_trend` | where on 0-100, which colour, which arrow? |
| `escap_anticipated` | does a time-weighted logit trend reach the target? |
| `world_bank_pace` | how fast compared with the typical path of the peers? |
| `aggregate` | several series of one indicator, one verdict |
"""

from .destatis import destatis
from .open_sdg import aggregate, eustat, limit_factor, statcan
from .sdsn import sdsn_colour, sdsn_goal, sdsn_goal_trend, sdsn_index, sdsn_normalise, sdsn_place, sdsn_trend
from .united_nations import binary, current_status, escap_anticipated, un_chart
from .verdict import STEPS, Method, Verdict, goldilocks
from .world_bank import TypicalPath, typical_path, world_bank_pace

__all__ = [
    "STEPS",
    "Method",
    "TypicalPath",
    "Verdict",
    "aggregate",
    "binary",
    "current_status",
    "destatis",
    "escap_anticipated",
    "eustat",
    "goldilocks",
    "limit_factor",
    "sdsn_colour",
    "sdsn_goal",
    "sdsn_goal_trend",
    "sdsn_index",
    "sdsn_normalise",
    "sdsn_place",
    "sdsn_trend",
    "statcan",
    "typical_path",
    "un_chart",
    "world_bank_pace",
]
